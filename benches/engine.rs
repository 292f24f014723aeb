//! The lab TLS engine: full handshakes of ECDHE-RSA-2048 against `openssl s_server`, the client's CPU beside that of
//! `openssl s_time` against the same server (goal: not above 1.5 times), and AES-GCM records (goal: 100 MB/s).

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use presec::load::Library;
use presec::model::secret::Secret;
use presec::model::suite::ProtocolVersion;
use presec::tls::client::{Client, ClientConfig};
use presec::tls::entropy::Entropy;
use presec::tls::keys::DirectionKeys;
use presec::tls::record::{Opener, RecordHead, Sealer};
use presec::tls::suite::Suite;
use presec::wire::tls::record::content_type;

mod children;
mod measure;

use children::children;
use measure::{Measured, compare, milliseconds, once};

/// The suite of both benches, as IANA and as OpenSSL name it.
const SUITE: (&str, &str) = (
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
);
/// Turns of ours and of the peer.
const ROUNDS: usize = 5;
/// Handshakes of ours in a turn.
const HANDSHAKES: u32 = 300;
/// Seconds of the peer in a turn.
const SECONDS: u32 = 2;
/// Octets of a record.
const RECORD: usize = 16 * 1024;
/// Records sealed and opened.
const RECORDS: u32 = 8192;

fn main() -> Measured<()> {
    let library = Library::embedded()?;
    let record = library.suites.by_name(SUITE.0).ok_or("no such suite")?;
    let suite = Suite::of(record).ok_or("the engine has no such suite")?;
    bulk(&suite)?;
    if Command::new("openssl").arg("version").output().is_err() {
        tell("engine: no openssl to make handshakes with")
    } else {
        handshakes(&suite)
    }
}

fn tell(line: &str) -> Measured<()> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}

fn handshakes(suite: &Suite) -> Measured<()> {
    let server = OpensslServer::start()?;
    let mut waited = Duration::ZERO;
    let ours = || {
        let began = Instant::now();
        let used = once(HANDSHAKES, || handshake(suite, server.address))?;
        waited = began.elapsed() / HANDSHAKES;
        Ok(used)
    };
    let found = compare(ROUNDS, ours, || peer_once(server.address))?;
    tell(&format!(
        "engine: a full ECDHE-RSA-2048 handshake takes the client {} of CPU (goal 1.5 times the peer's); \
         openssl s_time {}, ratio {:.2}; {:.0} a second one after the other, server included",
        milliseconds(found.ours),
        milliseconds(found.peer),
        found.ratio,
        1.0 / waited.as_secs_f64(),
    ))
}

fn handshake(suite: &Suite, address: SocketAddr) -> Measured<()> {
    let mut config = ClientConfig::new(vec![suite.clone()]);
    (config.minimum, config.maximum) = (ProtocolVersion::Tls12, ProtocolVersion::Tls12);
    config.tickets = false;
    let mut client = Client::new(config, Entropy::from_system()?);
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut buffer = vec![0; RECORD];
    loop {
        stream.write_all(&client.take_output())?;
        if client.is_open() {
            break;
        }
        match stream.read(&mut buffer)? {
            0 => return Err("the server closed".into()),
            count => client.receive(buffer.get(..count).unwrap_or_default())?,
        }
    }
    client.close();
    stream.write_all(&client.take_output())?;
    Ok(())
}

/// CPU of one handshake of `openssl s_time`.
fn peer_once(address: SocketAddr) -> Measured<Duration> {
    let before = children()?;
    let output = Command::new("openssl")
        .args(["s_time", "-new", "-tls1_2", "-cipher", SUITE.1])
        .args(["-time", &SECONDS.to_string()])
        .args(["-connect", &address.to_string()])
        .output()?;
    let used = children()?.saturating_sub(before);
    let text = String::from_utf8_lossy(&output.stdout);
    // `N connections in 1.23s; …` counts those of the time asked for.
    let made = text
        .lines()
        .find_map(|line| line.split_once(" connections in ")?.0.trim().parse().ok())
        .ok_or("openssl s_time says nothing of connections")?;
    used.checked_div(made)
        .ok_or_else(|| "openssl s_time made no connection".into())
}

/// `openssl s_server` with a key of RSA 2048.
struct OpensslServer {
    child: Child,
    address: SocketAddr,
    /// It ends when nobody can speak to it any more.
    _stdin: ChildStdin,
    _folder: tempfile::TempDir,
}

impl OpensslServer {
    fn start() -> Measured<Self> {
        let folder = tempfile::tempdir()?;
        certificate(folder.path())?;
        let mut child = Command::new("openssl")
            .args(["s_server", "-accept", "127.0.0.1:0", "-tls1_2"])
            .args(["-cert", "server.pem", "-key", "server.key"])
            .args(["-cipher", SUITE.1])
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let stdin = child.stdin.take().ok_or("no input")?;
        let mut lines = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
        let address = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("ACCEPT ")?.trim().parse().ok())
            .ok_or("openssl s_server does not listen")?;
        // Its output has to be read, or it would wait for us.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Ok(Self {
            child,
            address,
            _stdin: stdin,
            _folder: folder,
        })
    }
}

impl Drop for OpensslServer {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn certificate(folder: &Path) -> Measured<()> {
    let made = Command::new("openssl")
        .args([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1",
        ])
        .args(["-subj", "/CN=localhost"])
        .args(["-keyout", "server.key", "-out", "server.pem"])
        .current_dir(folder)
        .stderr(Stdio::null())
        .status()?;
    if made.success() {
        Ok(())
    } else {
        Err("openssl req makes no certificate".into())
    }
}

/// Seals and opens records of AES-128-GCM.
fn bulk(suite: &Suite) -> Measured<()> {
    let keys = DirectionKeys {
        mac: Secret::default(),
        cipher: Secret::new(vec![1; suite.cipher.key_length()]),
        iv: Secret::new(vec![
            2;
            suite.cipher.fixed_iv_length(ProtocolVersion::Tls12)
        ]),
    };
    let unfit = "the keys do not fit the suite";
    let version = ProtocolVersion::Tls12;
    let mut sealer = Sealer::new(suite, version, &keys, false).ok_or(unfit)?;
    let mut opener = Opener::new(suite, version, &keys, false).ok_or(unfit)?;
    let mut entropy = Entropy::from_seed([3; 32]);
    let head = RecordHead {
        content_type: content_type::APPLICATION_DATA,
        version: version.wire(),
    };
    let content = vec![7; RECORD];
    let mut sealed = Vec::new();
    let sealing = once(RECORDS, || {
        sealed.push(sealer.seal(head, &content, &mut entropy).ok_or(unfit)?);
        Ok(())
    })?;
    let mut records = sealed.iter();
    let opening = once(RECORDS, || {
        let record = records.next().ok_or("no record")?;
        std::hint::black_box(opener.open(head, record)?);
        Ok(())
    })?;
    let rate = |each: Duration| RECORD as f64 / 1e6 / each.as_secs_f64();
    tell(&format!(
        "engine: AES-128-GCM records of 16 KiB: sealed at {:.0} MB, opened at {:.0} MB a second of CPU (goal 100)",
        rate(sealing),
        rate(opening),
    ))
}
