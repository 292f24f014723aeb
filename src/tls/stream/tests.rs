use tokio::io::{DuplexStream, duplex};
use tokio::task::JoinHandle;

use super::*;
use crate::model::suite::ProtocolVersion;
use crate::tls::failure::Cause;
use crate::tls::recorded::{Turn, client, conversations};
use crate::wire::tls::alert::Alert;

const NAME: &str = "TLS_RSA_WITH_NULL_SHA256";
const RECORDING: &str = include_str!("../../../fixtures/wire/tls/lab/openssl-tls12-null-by-id.txt");

fn turns() -> Vec<Turn> {
    conversations(RECORDING).remove(0)
}

/// A peer that says what the recorded one said in its first turns, and gives back its end.
fn peer(mut far: DuplexStream, count: usize) -> JoinHandle<DuplexStream> {
    tokio::spawn(async move {
        for turn in turns().into_iter().take(count) {
            if turn.ours {
                let mut heard = vec![0; turn.octets.len()];
                far.read_exact(&mut heard).await.unwrap();
                assert_eq!(heard, turn.octets);
            } else {
                far.write_all(&turn.octets).await.unwrap();
            }
        }
        far
    })
}

fn lab_client() -> Client {
    client(ProtocolVersion::Tls12, NAME, None)
}

fn failure(error: &io::Error) -> &Failure {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    inner.unwrap_or_else(|| panic!("{error}"))
}

#[tokio::test]
async fn data_goes_both_ways_through_a_narrow_pipe_and_a_bare_end_is_told() {
    let (near, far) = duplex(16);
    let peer = peer(far, 6);
    let mut stream = TlsStream::connect(near, lab_client()).await.unwrap();
    let sent = b"what is written comes back\n";
    stream.write_all(sent).await.unwrap();
    stream.flush().await.unwrap();
    let mut got = [0; 26];
    stream.read_exact(&mut got).await.unwrap();
    got.reverse();
    assert_eq!(got, sent[..26]);
    drop(peer.await.unwrap());
    let mut rest = Vec::new();
    let error = stream.read_to_end(&mut rest).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
}

#[tokio::test]
async fn a_peer_that_leaves_is_told_with_what_was_awaited() {
    let (near, far) = duplex(4096);
    let peer = peer(far, 3);
    let connecting = tokio::spawn(TlsStream::connect(near, lab_client()));
    drop(peer.await.unwrap());
    let unfinished = connecting.await.unwrap().unwrap_err();
    assert_eq!(unfinished.error.kind(), io::ErrorKind::UnexpectedEof);
    let text = unfinished.error.to_string();
    assert!(text.contains("the server's ChangeCipherSpec"), "{text}");
    assert!(!unfinished.connection.facts().certificates.is_empty());
}

#[tokio::test]
async fn an_alert_in_the_handshake_is_the_error() {
    let (near, mut far) = duplex(4096);
    let alert = Alert::HANDSHAKE_FAILURE;
    far.write_all(&alert.encode(0x0303)).await.unwrap();
    let unfinished = TlsStream::connect(near, lab_client()).await.unwrap_err();
    assert_eq!(failure(&unfinished.error).cause, Cause::Alert(alert));
}

#[tokio::test]
async fn a_wrong_record_is_an_error_that_stays_and_the_peer_is_told() {
    let (near, far) = duplex(4096);
    let peer = peer(far, 4);
    let mut stream = TlsStream::connect(near, lab_client()).await.unwrap();
    let mut far = peer.await.unwrap();
    far.write_all(&[23, 3, 3, 0, 4, 1, 2, 3, 4]).await.unwrap();
    for _ in 0..2 {
        let error = stream.read_u8().await.unwrap_err();
        assert!(matches!(failure(&error).cause, Cause::Record(_)), "{error}");
    }
    assert_eq!(far.read_u8().await.unwrap(), 21);
}

#[tokio::test]
async fn closing_says_so_once() {
    let (near, far) = duplex(4096);
    let peer = peer(far, 4);
    let mut stream = TlsStream::connect(near, lab_client()).await.unwrap();
    let mut far = peer.await.unwrap();
    stream.shutdown().await.unwrap();
    stream.shutdown().await.unwrap();
    drop(stream);
    let mut said = Vec::new();
    far.read_to_end(&mut said).await.unwrap();
    // close_notify in clear, as the suite has no cipher, with its MAC.
    assert_eq!(&said[..7], [21, 3, 3, 0, 34, 1, 0]);
    assert_eq!(said.len(), 5 + 34);
}
