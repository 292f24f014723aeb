//! One handshake with one suite, some data, and the same again resumed.

use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::time::Duration;

use presec::model::secret::Secret;
use presec::model::suite::{ProtocolVersion, SuiteRecord};
use presec::tls::client::{
    CertificateVerify, Client, ClientConfig, Identity, ServerSignature, Tls13Facts,
};
use presec::tls::entropy::Entropy;
use presec::tls::key_exchange::PreSharedKey;
use presec::tls::session::{Mechanism, Session, Tls13Offer, Tls13Session};
use presec::tls::signature::PrivateKey;
use presec::tls::stream::TlsStream;
use presec::tls::suite::{Exchange, Suite};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::time::timeout;

use crate::peer::{Answer, Peer};
use crate::stacks::{IDENTITY, KEY};

/// The longest a conversation may take.
const LIMIT: Duration = Duration::from_secs(20);

static REGISTRY: LazyLock<Vec<SuiteRecord>> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("../../scenarios/sets/suites.yaml")).expect("the registry")
});

/// What was seen in a handshake that completed, and in the one that resumed it.
#[derive(Debug)]
pub(crate) struct Attempt {
    pub(crate) signature: ServerSignature,
    pub(crate) certificate_requested: bool,
    /// Whether it was asked for a certificate, had one, and the peer went on.
    pub(crate) certified: bool,
    pub(crate) extended_master_secret: bool,
    pub(crate) encrypt_then_mac: bool,
    pub(crate) secure_renegotiation: bool,
    pub(crate) resumed: Option<Mechanism>,
    /// What our certificate was worth to a peer that says so, in each of the two handshakes.
    pub(crate) verified: Vec<String>,
    pub(crate) tls13: Tls13Facts,
}

/// What a connection gave to be resumed by.
pub(crate) struct Given {
    session: Option<Session>,
    pub(crate) tickets: Vec<Tls13Offer>,
}

/// The IANA name of a code point.
pub(crate) fn name(code: u16) -> String {
    REGISTRY
        .iter()
        .find(|record| record.code.0 == code)
        .map_or_else(|| format!("0x{code:04X}"), |record| record.name.clone())
}

/// A suite by its IANA name.
pub(crate) fn suite(name: &str) -> Suite {
    let record = REGISTRY.iter().find(|record| record.name == name);
    Suite::of(record.expect("a registered name")).expect("a suite the engine has")
}

/// The suites of the engine that the peer lists too.
pub(crate) fn both(listed: &BTreeSet<u16>, version: ProtocolVersion) -> Vec<Suite> {
    REGISTRY
        .iter()
        .filter_map(Suite::of)
        .filter(|suite| listed.contains(&suite.code))
        // What a peer lists for a version is also in the next, up to TLS 1.2.
        .filter(|suite| (version == ProtocolVersion::Tls13) == (suite.exchange == Exchange::Tls13))
        .filter(|suite| version >= ProtocolVersion::Tls12 || !suite.cipher.is_aead())
        .collect()
}

/// A client of one version and one suite.
pub(crate) fn config(version: ProtocolVersion, suite: &Suite) -> ClientConfig {
    let mut config = ClientConfig::new(vec![suite.clone()]);
    (config.minimum, config.maximum) = (version, version);
    config.pre_shared_key = Some(PreSharedKey {
        identity: IDENTITY.as_bytes().to_vec(),
        key: Secret::new(KEY),
    });
    config
}

/// One of our certificates.
pub(crate) fn chain(peer: &Peer, own: &str, verify: CertificateVerify) -> Identity {
    Identity::Chain {
        certificates: peer.certificates(own),
        key: Box::new(PrivateKey::from_der(&peer.key(own)).expect("a key")),
        verify,
    }
}

/// Completes a handshake, exchanges data, and resumes.
pub(crate) fn attempt_with(peer: &Peer, mut config: ClientConfig) -> Result<Attempt, String> {
    let runtime = Runtime::new().expect("a runtime");
    let talk = |config: ClientConfig| {
        runtime
            .block_on(async { timeout(LIMIT, converse(peer, config)).await })
            .unwrap_or_else(|_| Err("no end within the time".to_owned()))
    };
    let (first, given) = talk(config.clone())?;
    config.resume = given.session;
    config.tls13.resume = given.tickets;
    if config.resume.is_none() && config.tls13.resume.is_empty() {
        return Ok(first);
    }
    let (again, _) = talk(config).map_err(|why| format!("to be resumed: {why}"))?;
    Ok(Attempt {
        resumed: again.resumed,
        verified: [first.verified, again.verified].concat(),
        ..first
    })
}

async fn connect(peer: &Peer, config: &ClientConfig) -> std::io::Result<TcpStream> {
    let suite = config.suites.first();
    let address = suite.map_or(peer.address, |suite| peer.address_for(suite));
    let stream = TcpStream::connect(address).await?;
    // What is written behind a flight is not to wait for an acknowledgement.
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// A handshake, and data both ways.
pub(crate) async fn converse(
    peer: &Peer,
    config: ClientConfig,
) -> Result<(Attempt, Given), String> {
    let stream = connect(peer, &config)
        .await
        .map_err(|error| error.to_string())?;
    let client = Client::new(config.clone(), Entropy::from_system().expect("randomness"));
    let mut stream = TlsStream::connect(stream, client)
        .await
        .map_err(|unfinished| unfinished.error.to_string())?;
    let after = |error: std::io::Error| format!("after the handshake: {error}");
    let text = "what is written comes back";
    let verified = match peer.answer {
        Answer::Http => {
            let head = get(&mut stream, "/").await.map_err(after)?;
            let [status, verified] = head;
            ["200", "403", "404"]
                .contains(&&*status)
                .then_some(vec![verified])
                .ok_or(status)?
        }
        _ => {
            let lines = format!("{text}\n");
            stream.write_all(lines.as_bytes()).await.map_err(after)?;
            stream.flush().await.map_err(after)?;
            let mut got = vec![0; text.len()];
            stream.read_exact(&mut got).await.map_err(after)?;
            if peer.answer == Answer::Reversed {
                got.reverse();
            }
            if got != text.as_bytes() {
                return Err(format!("{:?} came back", String::from_utf8_lossy(&got)));
            }
            Vec::new()
        }
    };
    let facts = stream.client().facts().clone();
    let has_chain = matches!(config.identity, Identity::Chain { .. });
    let session = stream.client().session().cloned();
    let offer = |session: &Tls13Session| Tls13Offer {
        session: session.clone(),
        age: Duration::from_millis(1),
    };
    let given = Given {
        session: session.filter(Session::is_resumable),
        tickets: stream.client().tickets().iter().map(offer).collect(),
    };
    let attempt = Attempt {
        signature: facts.signature,
        certificate_requested: facts.certificate_request.is_some(),
        certified: has_chain && facts.certificate_request.is_some(),
        extended_master_secret: facts.extended_master_secret,
        encrypt_then_mac: facts.encrypt_then_mac,
        secure_renegotiation: facts.secure_renegotiation,
        resumed: facts.resumed,
        verified,
        tls13: facts.tls13,
    };
    stream.shutdown().await.map_err(after)?;
    Ok((attempt, given))
}

/// Asks for a document; gives the status and what the server says our certificate was worth.
pub(crate) async fn get(
    stream: &mut TlsStream<TcpStream, Client>,
    path: &str,
) -> std::io::Result<[String; 2]> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: ps.example.test\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    stream.flush().await?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let field = |name: &str| {
        let line = head.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_default().to_owned()
    };
    let length = field("Content-Length: ").parse().unwrap_or(0);
    stream.read_exact(&mut vec![0; length]).await?;
    let status = head.split(' ').nth(1).unwrap_or_default().to_owned();
    Ok([status, field("X-Client-Verify: ")])
}
