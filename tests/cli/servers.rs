//! Small hostile servers: each does one rude thing to every connection, until its test is over.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread::spawn;

/// What a server does to its clients.
#[derive(Debug, Clone, Copy)]
pub enum Rude {
    /// Answers HTTP in clear.
    PlainHttp,
    /// Accepts and never says anything.
    Hangs,
    /// Sends octets that are no TLS, without end.
    FloodsOctets,
    /// Sends TLS warning alerts without end.
    FloodsAlerts,
    /// Begins a handshake message that never ends, in well-formed records.
    FloodsHandshake,
    /// Sends one piece of garbage and closes.
    Garbage,
    /// Says at once that nothing will follow, and keeps reading.
    HalfCloses,
    /// Resets as soon as something has arrived.
    Resets,
}

impl Rude {
    pub const ALL: [Self; 8] = [
        Self::PlainHttp,
        Self::Hangs,
        Self::FloodsOctets,
        Self::FloodsAlerts,
        Self::FloodsHandshake,
        Self::Garbage,
        Self::HalfCloses,
        Self::Resets,
    ];

    /// Starts it; its threads end with the process of the tests.
    pub fn start(self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                spawn(move || self.treat(stream));
            }
        });
        address
    }

    fn treat(self, mut stream: TcpStream) {
        match self {
            Self::PlainHttp => {
                let _ = stream.read(&mut [0; 1024]);
                let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
            }
            Self::Hangs => drain(stream),
            Self::FloodsOctets => flood(stream, &[], &[b'x'; 16384]),
            Self::FloodsAlerts => flood(stream, &[], &[21, 3, 3, 0, 2, 1, 0].repeat(1000)),
            Self::FloodsHandshake => {
                let mut record = vec![22, 3, 3, 0x40, 0];
                record.resize(5 + 0x4000, 0);
                let mut first = record.clone();
                // A ServerHello of 16 MiB less one octet.
                first[5..9].copy_from_slice(&[2, 0xff, 0xff, 0xff]);
                flood(stream, &first, &record);
            }
            Self::Garbage => {
                let _ = stream.write_all(&[0, 255, 27, b'[', b'2', b'J', 7, 13, 10, 0xc3, 0x28]);
            }
            Self::HalfCloses => {
                let _ = stream.shutdown(Shutdown::Write);
                drain(stream);
            }
            // Closing with unread octets in the buffer is a reset.
            Self::Resets => {
                let _ = stream.peek(&mut [0; 1]);
            }
        }
    }
}

fn drain(mut stream: TcpStream) {
    let mut buffer = [0; 4096];
    while stream.read(&mut buffer).is_ok_and(|count| count > 0) {}
}

fn flood(mut stream: TcpStream, first: &[u8], then: &[u8]) {
    let mut sent = stream.write_all(first);
    while sent.is_ok() {
        sent = stream.write_all(then);
    }
}

/// Passes so many connections on, and then is gone like a server that has crashed.
pub fn gone_after(connections: usize, upstream: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    spawn(move || {
        for client in listener.incoming().take(connections) {
            let (Ok(client), Ok(server)) = (client, TcpStream::connect(upstream)) else {
                continue;
            };
            for (from, to) in [(&client, &server), (&server, &client)] {
                let ends = (from.try_clone(), to.try_clone());
                if let (Ok(mut from), Ok(mut to)) = ends {
                    spawn(move || {
                        let _ = std::io::copy(&mut from, &mut to);
                        let _ = to.shutdown(Shutdown::Write);
                    });
                }
            }
        }
    });
    address
}

/// An address where nothing listens.
pub fn nobody() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address")
}

/// A GET over HTTP in clear; the status.
pub fn answer_of(address: SocketAddr, path: &str, header: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).expect("a connection");
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: ps.example.test\r\n{header}Connection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let status = answer
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    let status = status.unwrap_or_else(|| panic!("no status: {answer}"));
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    (status, body.to_owned())
}
