//! One handshake with one suite, some data, and the same again resumed.

use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::time::Duration;

use presec::model::secret::Secret;
use presec::model::suite::{ProtocolVersion, SuiteRecord};
use presec::tls::client::{Client, ClientConfig, ServerSignature, Tls13Facts};
use presec::tls::entropy::Entropy;
use presec::tls::key_exchange::PreSharedKey;
use presec::tls::session::{Mechanism, Session, Tls13Offer, Tls13Session};
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
    pub(crate) extended_master_secret: bool,
    pub(crate) encrypt_then_mac: bool,
    pub(crate) secure_renegotiation: bool,
    pub(crate) resumed: Option<Mechanism>,
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

/// Completes a handshake, exchanges data, and resumes.
pub(crate) fn attempt(
    peer: &Peer,
    version: ProtocolVersion,
    suite: &Suite,
) -> Result<Attempt, String> {
    attempt_with(peer, config(version, suite))
}

/// The same with a client of another kind.
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
    let resumed = if config.resume.is_some() || !config.tls13.resume.is_empty() {
        talk(config)
            .map_err(|why| format!("to be resumed: {why}"))?
            .0
            .resumed
    } else {
        None
    };
    Ok(Attempt { resumed, ..first })
}

/// A handshake, and data both ways.
pub(crate) async fn converse(
    peer: &Peer,
    config: ClientConfig,
) -> Result<(Attempt, Given), String> {
    let stream = TcpStream::connect(peer.address)
        .await
        .map_err(|error| error.to_string())?;
    let client = Client::new(config, Entropy::from_system().expect("randomness"));
    let mut stream = TlsStream::connect(stream, client)
        .await
        .map_err(|unfinished| unfinished.error.to_string())?;
    let text = "what is written comes back";
    let (sent, expected) = match peer.answer {
        Answer::Same => (format!("{text}\n"), text.to_owned()),
        Answer::Reversed => (format!("{text}\n"), text.chars().rev().collect()),
        Answer::Http => (
            "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(),
            "HTTP/1.1 ".to_owned(),
        ),
    };
    let text = |error: std::io::Error| format!("after the handshake: {error}");
    stream.write_all(sent.as_bytes()).await.map_err(text)?;
    stream.flush().await.map_err(text)?;
    let mut got = vec![0; expected.len()];
    stream.read_exact(&mut got).await.map_err(text)?;
    if got != expected.as_bytes() {
        return Err(format!("{:?} came back", String::from_utf8_lossy(&got)));
    }
    let facts = stream.client().facts().clone();
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
        extended_master_secret: facts.extended_master_secret,
        encrypt_then_mac: facts.encrypt_then_mac,
        secure_renegotiation: facts.secure_renegotiation,
        resumed: facts.resumed,
        tls13: facts.tls13,
    };
    stream.shutdown().await.map_err(text)?;
    Ok((attempt, given))
}
