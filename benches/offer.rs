//! One refused offer on loopback: presec's own CPU, beside a bare client that connects, writes the same octets, reads
//! the alert and closes. Goal: below 0.5 ms. With `openssl` at hand, also one process of `openssl s_client` per offer.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use presec::engine::limit::Limiter;
use presec::engine::ports::{CaseContext, Clock};
use presec::engine::trace::Trace;
use presec::load::Library;
use presec::model::names::Names;
use presec::model::seen::Classification;
use presec::model::step_tls::TlsOffer;
use presec::model::suite::ProtocolVersion;
use presec::model::target::{Hooks, IdentityHeaders, Verify};
use presec::probe::target::ResolvedTarget;
use presec::probe::tls::{TlsCase, TlsProbe, TlsProbeSettings};
use presec::wire::tls::alert::Alert;
use presec::wire::tls::canned::CannedFlight;
use presec::wire::tls::client::{FirstMessage, parse_client_records};
use time::OffsetDateTime;
use tokio::runtime::Runtime;

mod children;
mod measure;

use children::children;
use measure::{Compared, Measured, compare, milliseconds, once};

/// What the server selects where it may: TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256.
const ACCEPTED: u16 = 0xC02F;
/// Processes of `openssl`.
const PROCESSES: u32 = 20;
/// Turns of ours and of the peer.
const ROUNDS: usize = 21;
/// Offers in a turn.
const TIMES: u32 = 100;

/// The last refused hello, as it came.
type Refused = Arc<Mutex<Vec<u8>>>;

fn main() -> Measured<()> {
    let refused = Refused::default();
    let address = serve(Arc::clone(&refused))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let library = Library::embedded()?;
    let probe = probe(address, &library)?;
    let mut names = Names::default();
    names.set_list(
        "null_enc",
        library.set_members("null_enc").ok_or("no NULL suites")?,
    );
    let case = probe.case(&CaseContext {
        may_be_parked: false,
        id: "BENCH".to_owned(),
        run_id: "bench".to_owned(),
        seed: 11,
        trace: Trace::none(),
    });
    let mut bench = Bench {
        runtime,
        case,
        names,
    };
    let alone: TlsOffer = serde_json::from_str(r#"{ "suites": ["$null_enc"] }"#)?;
    let claimed: TlsOffer =
        serde_json::from_str(r#"{ "suites": ["$null_enc"], "expect": [{ "shall": "refused" }] }"#)?;
    bench.offer(&alone)?;
    let hello = refused
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    let bare = || once(TIMES, || exchange(address, &hello));
    let found = compare(ROUNDS, || once(TIMES, || bench.offer(&alone)), bare)?;
    tell("one refused offer (goal 0.5 ms)", &found)?;
    let found = compare(ROUNDS, || once(TIMES, || bench.offer(&claimed)), bare)?;
    tell("one refused offer with its two controls", &found)?;
    if let Some(each) = openssl(address)? {
        writeln!(
            std::io::stdout(),
            "offer: one process of openssl s_client {}",
            milliseconds(each)
        )?;
    }
    Ok(())
}

fn tell(what: &str, found: &Compared) -> Measured<()> {
    writeln!(
        std::io::stdout(),
        "offer: {what} {} of CPU; bare client {}, ratio {:.2}",
        milliseconds(found.ours),
        milliseconds(found.peer),
        found.ratio
    )?;
    Ok(())
}

/// presec's side, all in this thread.
struct Bench {
    runtime: Runtime,
    case: TlsCase,
    names: Names,
}

impl Bench {
    fn offer(&mut self, step: &TlsOffer) -> Measured<()> {
        let seen = self.runtime.block_on(self.case.offer(step, &self.names))?;
        if seen.classification == Classification::RefusedWithAlert
            && seen.controls.iter().all(|control| control.passed)
        {
            Ok(())
        } else {
            Err(format!("not refused as expected: {}", seen.observed).into())
        }
    }
}

/// The bare client.
fn exchange(address: SocketAddr, hello: &[u8]) -> Measured<()> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.write_all(hello)?;
    let mut alert = [0; 7];
    stream.read_exact(&mut alert)?;
    if alert == [21, 3, 3, 0, 2, 2, 40] {
        Ok(())
    } else {
        Err("another answer than alert 40".into())
    }
}

/// Serves TLS 1.2 with one suite, one connection after the other.
fn serve(refused: Refused) -> Measured<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    std::thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            // A client that breaks off is seen on its own side.
            let _ = answer(stream, &refused);
        }
    });
    Ok(address)
}

fn answer(mut stream: TcpStream, refused: &Refused) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    let hello = loop {
        let count = stream.read(&mut buffer)?;
        bytes.extend_from_slice(buffer.get(..count).unwrap_or_default());
        match parse_client_records(&bytes).map(|parsed| parsed.message) {
            Ok(FirstMessage::Tls(hello)) => break hello,
            Ok(FirstMessage::Sslv2(_)) => return Ok(()),
            Err(_) if count == 0 => return Ok(()),
            Err(_) => {}
        }
    };
    let version = ProtocolVersion::Tls12;
    let reply = if hello.highest_version() != version.wire() {
        Alert::PROTOCOL_VERSION.encode(0x0301)
    } else if hello.offers_suite(ACCEPTED) {
        CannedFlight::new(version, ACCEPTED, [3; 32]).encode()
    } else {
        *refused.lock().unwrap_or_else(PoisonError::into_inner) = bytes;
        Alert::HANDSHAKE_FAILURE.encode(0x0303)
    };
    stream.write_all(&reply)?;
    // The client closes first, or it would find every port of its own still waiting.
    stream.read(&mut buffer).map(|_| ())
}

/// CPU of one process of `openssl s_client` that offers NULL suites; `None` without openssl.
fn openssl(address: SocketAddr) -> Measured<Option<Duration>> {
    let before = children()?;
    for _ in 0..PROCESSES {
        let address = address.to_string();
        let client = Command::new("openssl")
            .args(["s_client", "-tls1_2", "-cipher", "eNULL:@SECLEVEL=0"])
            .args(["-connect", &address])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if client.is_err() {
            return Ok(None);
        }
    }
    Ok(Some(children()?.saturating_sub(before) / PROCESSES))
}

struct StillClock;

#[async_trait]
impl Clock for StillClock {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    async fn wait(&self, _: Duration) {}

    fn source(&self) -> String {
        "still".to_owned()
    }
}

fn probe(address: SocketAddr, library: &Library) -> Measured<TlsProbe> {
    let clock: Arc<dyn Clock> = Arc::new(StillClock);
    let baseline = library.sets.get("baseline").ok_or("no baseline suites")?;
    Ok(TlsProbe::new(TlsProbeSettings {
        target: Arc::new(target(address)),
        registry: Arc::new(library.suites.clone()),
        baseline: baseline.iter().map(|suite| suite.0).collect(),
        limiter: Arc::new(Limiter::new(Arc::clone(&clock), u32::MAX, None)),
        pace: Arc::clone(&clock),
        clock,
        seed: 7,
        trace: Trace::none(),
        reach: presec::probe::reach::Reach::default(),
    }))
}

fn target(address: SocketAddr) -> ResolvedTarget {
    ResolvedTarget {
        name: "bench".to_owned(),
        url: "https://localhost/".to_owned(),
        host: "localhost".to_owned(),
        port: 443,
        address,
        root: "/".to_owned(),
        roots: Vec::new(),
        verify: Verify::Full,
        hosts: Vec::new(),
        clear: None,
        documents: BTreeMap::new(),
        default_auid: None,
        writable: false,
        subscribers: BTreeMap::new(),
        client_certificates: BTreeMap::new(),
        presents_certificate: false,
        certificate_authenticates: None,
        identity_headers: IdentityHeaders::default(),
        hooks: Hooks::default(),
        timeout: Duration::from_secs(5),
    }
}
