//! Pauses and ends of connections, as the one at the other end of the socket sees them.

use std::future::ready;
use std::io::ErrorKind;

use presec::model::suite::ProtocolVersion;
use presec::tls::client::{Client, ClientConfig};
use presec::tls::entropy::Entropy;
use presec::tls::quirk::{Closing, MessageAt, Point, Quirk};
use presec::tls::stream::TlsStream;
use presec::wire::tls::record::handshake_type;
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream};

use crate::peer::Peer;

fn config(quirk: Quirk) -> ClientConfig {
    let suite = crate::matrix::suite("TLS_RSA_WITH_AES_128_CBC_SHA");
    let mut config = crate::matrix::config(ProtocolVersion::Tls12, &suite);
    config.quirks = vec![quirk];
    config
}

fn client(quirk: Quirk) -> Client {
    Client::new(config(quirk), Entropy::from_system().expect("randomness"))
}

const HELLO: MessageAt = MessageAt::first(handshake_type::CLIENT_HELLO);

#[tokio::test]
async fn the_other_end_sees_fin_or_rst() {
    for (how, seen) in [
        (Closing::Fin, Ok(())),
        (Closing::Notify, Ok(())),
        (Closing::Reset, Err(ErrorKind::ConnectionReset)),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let stream = TcpStream::connect(address).await.expect("it listens");
        let (mut far, _) = listener.accept().await.expect("a connection");
        if how == Closing::Reset {
            stream.set_zero_linger().expect("an option of the socket");
        }
        let at = Point::After(HELLO);
        let client = client(Quirk::Close { at, how });
        let connecting = tokio::spawn(async move {
            let unfinished = TlsStream::connect(stream, client).await;
            let unfinished = unfinished.expect_err("no handshake");
            // The stream is dropped here.
            (unfinished.error.kind(), unfinished.connection)
        });
        let mut said = Vec::new();
        let mut buffer = [0; 1024];
        let end = loop {
            match far.read(&mut buffer).await {
                Ok(0) => break Ok(()),
                Ok(count) => said.extend(&buffer[..count]),
                Err(error) => break Err(error.kind()),
            }
        };
        assert_eq!(end, seen);
        if how != Closing::Reset {
            assert_eq!(said.first(), Some(&22));
            let notified = said.ends_with(&[21, 3, 1, 0, 2, 1, 0]);
            assert_eq!(notified, how == Closing::Notify);
        }
        drop(far);
        let (error, client) = connecting.await.expect("an end");
        assert_eq!(error, ErrorKind::ConnectionAborted);
        assert_eq!(client.closing(), Some(how));
        assert_eq!(client.facts().quirks, [1]);
    }
}

#[tokio::test]
#[ignore = "needs servers that are not ours: ci/test"]
async fn a_handshake_goes_on_after_its_pauses() {
    let peer = Peer::openssl(&[]);
    let stream = TcpStream::connect(peer.address).await.expect("it listens");
    let paused = Quirk::Pause(Point::BeforeChangeCipherSpec);
    let mut config = config(paused);
    config.quirks.push(Quirk::Pause(Point::Before(HELLO)));
    let client = Client::new(config, Entropy::from_system().expect("randomness"));
    let mut pauses = 0;
    let stream = TlsStream::connect_pausing(stream, client, || {
        pauses += 1;
        ready(())
    });
    let stream = stream.await.expect("a handshake");
    assert_eq!(stream.client().facts().quirks, [1, 1]);
    assert_eq!(pauses, 2);
}
