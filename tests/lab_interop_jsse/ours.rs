//! One suite in both directions: a full handshake with data, and the same resumed.

use std::net::SocketAddr;
use std::sync::LazyLock;
use std::time::Duration;

use presec::model::suite::{ProtocolVersion, SuiteRecord};
use presec::tls::client::{
    CertificateVerify, Client, ClientConfig, Facts, Identity, ServerSignature,
};
use presec::tls::entropy::Entropy;
use presec::tls::server::{ClientCertificates, Possession, ServerConfig, ServerIdentity};
use presec::tls::session::{Mechanism, Session, Tls13Offer, Tls13Session};
use presec::tls::stream::TlsStream;
use presec::tls::suite::{Exchange, Proof, Suite};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::time::timeout;

use crate::jvm::{Jvm, SERVERS};
use crate::server::LabServer;

/// The longest a conversation may take.
const LIMIT: Duration = Duration::from_secs(20);
/// What both say.
const LINE: &[u8] = b"what is written comes back\n";

static REGISTRY: LazyLock<Vec<SuiteRecord>> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("../../scenarios/sets/suites.yaml")).expect("the registry")
});

/// The IANA name of a code point.
pub(crate) fn name(code: u16) -> String {
    let record = REGISTRY.iter().find(|record| record.code.0 == code);
    record.map_or_else(|| format!("0x{code:04X}"), |record| record.name.clone())
}

/// A suite by its IANA name.
pub(crate) fn suite(wanted: &str) -> Suite {
    let record = REGISTRY.iter().find(|record| record.name == wanted);
    Suite::of(record.expect("a registered name")).expect("a suite the engine has")
}

/// The suites the engine has, in the order of their code points.
pub(crate) fn suites() -> Vec<Suite> {
    REGISTRY.iter().filter_map(Suite::of).collect()
}

/// Whether the server is known by a certificate, so that it may ask for one too.
fn may_ask(suite: &Suite) -> bool {
    suite.proof == Proof::Certificate || suite.exchange == Exchange::Tls13
}

/// A client of one version and one suite.
pub(crate) fn client(version: ProtocolVersion, suite: &Suite) -> ClientConfig {
    let mut config = ClientConfig::new(vec![suite.clone()]);
    (config.minimum, config.maximum) = (version, version);
    config
}

/// A client that shows a certificate.
pub(crate) fn certified(jvm: &Jvm, mut config: ClientConfig, own: &str) -> ClientConfig {
    config.identity = Identity::Chain {
        certificates: vec![jvm.certificate(own)],
        key: Box::new(jvm.key(own)),
        verify: CertificateVerify::Right,
    };
    config
}

/// A server with one certificate.
pub(crate) fn only(jvm: &Jvm, mut config: ServerConfig, own: &str) -> ServerConfig {
    config.identities = vec![ServerIdentity {
        certificates: vec![jvm.certificate(own)],
        key: jvm.key(own),
    }];
    config
}

/// What the two handshakes of our client showed.
pub(crate) struct Called {
    pub(crate) signed: bool,
    pub(crate) resumed: Option<Mechanism>,
    pub(crate) certified: bool,
}

/// Our client, their server: every second suite asks for a ticket, every other for a session id.
pub(crate) fn call(
    jvm: &Jvm,
    (version, suite): (ProtocolVersion, &Suite),
    tickets: bool,
) -> Result<Called, String> {
    let mut config = certified(jvm, client(version, suite), "client-rsa");
    config.tickets = tickets;
    let (facts, given) = talk(jvm.everything, config.clone())?;
    if may_ask(suite) && facts.certificate_request.is_none() {
        return Err("no certificate was asked for".to_owned());
    }
    (config.resume, config.tls13.resume) = given;
    let resumed = if config.resume.is_some() || !config.tls13.resume.is_empty() {
        let again = talk(jvm.everything, config);
        again
            .map_err(|why| format!("to be resumed: {why}"))?
            .0
            .resumed
    } else {
        None
    };
    let signed = facts.signature == ServerSignature::Right;
    Ok(Called {
        signed,
        resumed,
        certified: facts.certificate_request.is_some(),
    })
}

type Given = (Option<Session>, Vec<Tls13Offer>);

/// A handshake, and a line both ways.
pub(crate) fn talk(address: SocketAddr, config: ClientConfig) -> Result<(Facts, Given), String> {
    let runtime = Runtime::new().expect("a runtime");
    let conversation = async { timeout(LIMIT, converse(address, config)).await };
    let late = |_| Err("no end within the time".to_owned());
    runtime.block_on(conversation).unwrap_or_else(late)
}

async fn converse(address: SocketAddr, config: ClientConfig) -> Result<(Facts, Given), String> {
    let text = |error: std::io::Error| error.to_string();
    let stream = TcpStream::connect(address).await.map_err(text)?;
    // Records of one flight must not wait for each other's acknowledgement.
    stream.set_nodelay(true).map_err(text)?;
    let client = Client::new(config, Entropy::from_system().expect("randomness"));
    let connected = TlsStream::connect(stream, client).await;
    let mut stream = connected.map_err(|unfinished| unfinished.error.to_string())?;
    stream.write_all(LINE).await.map_err(text)?;
    stream.flush().await.map_err(text)?;
    let mut got = vec![0; LINE.len()];
    stream.read_exact(&mut got).await.map_err(text)?;
    if got != LINE {
        return Err(format!("{:?} came back", String::from_utf8_lossy(&got)));
    }
    let client = stream.client();
    let session = client.session().cloned().filter(Session::is_resumable);
    let offer = |session: &Tls13Session| Tls13Offer {
        session: session.clone(),
        age: Duration::from_millis(1),
    };
    let tickets = client.tickets().iter().map(offer).collect();
    let facts = client.facts().clone();
    stream.shutdown().await.map_err(text)?;
    Ok((facts, (session, tickets)))
}

/// A server of one version and one suite with every certificate, which demands one wherever the suite lets it ask.
pub(crate) fn server(jvm: &Jvm, version: ProtocolVersion, suite: &Suite) -> ServerConfig {
    let identity = |name: &str| ServerIdentity {
        certificates: vec![jvm.certificate(name)],
        key: jvm.key(name),
    };
    let mut config = ServerConfig::new(vec![suite.clone()], SERVERS.map(identity).to_vec());
    (config.minimum, config.maximum, config.highest) = (version, version, version);
    if may_ask(suite) {
        config.client_certificates = ClientCertificates::Required;
    }
    config
}

/// Their client, our server: a full handshake and, where there is a mechanism, one that resumes it. Says whether the client
/// showed a certificate.
pub(crate) fn serve(
    jvm: &mut Jvm,
    (version, suite): (ProtocolVersion, &Suite),
    mechanism: Option<Mechanism>,
) -> Result<bool, String> {
    let mut config = server(jvm, version, suite);
    config.tickets = mechanism != Some(Mechanism::SessionId);
    let asked = config.client_certificates != ClientCertificates::None;
    let server = LabServer::start(config);
    let times = 1 + usize::from(mechanism.is_some());
    let called = jvm.call(
        server.address,
        (version, &name(suite.code)),
        "client-rsa",
        times,
    );
    let full = server.outcome();
    called.map_err(|why| format!("{why}: {full:?}"))?;
    let full = full?;
    if mechanism.is_some() {
        let resumed = server.outcome()?.resumed;
        if resumed != mechanism {
            return Err(format!("resumed by {resumed:?}"));
        }
    }
    let certified = full.possession == Possession::Right;
    if asked != certified {
        return Err(format!("the client's certificate: {:?}", full.possession));
    }
    Ok(certified)
}
