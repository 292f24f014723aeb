//! A TCP relay that loses some connections, by a choice that follows from a seed and the number of the connection.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

/// How a connection is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// None is.
    Nothing,
    /// By a reset: at once, when the client has spoken, or in the middle of the first answer.
    Reset,
    /// The client is never answered.
    Silence,
}

#[derive(Debug, Default)]
struct Counts {
    connections: AtomicU64,
    lost: AtomicU64,
}

/// A running relay; it ends with this value.
pub struct Relay {
    address: SocketAddr,
    counts: Arc<Counts>,
    _runtime: Runtime,
}

impl Relay {
    /// Relays to `target` and loses `percent` of the connections.
    pub fn start(target: SocketAddr, loss: Loss, (seed, percent): (u64, u64)) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let listener = runtime
            .block_on(TcpListener::bind("127.0.0.1:0"))
            .expect("a port");
        let address = listener.local_addr().expect("an address");
        let counts = Arc::<Counts>::default();
        let counting = Arc::clone(&counts);
        runtime.spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let number = counting.connections.fetch_add(1, Ordering::SeqCst);
                let draw = mixed(seed.wrapping_mul(1_000_003).wrapping_add(number));
                let lost = loss != Loss::Nothing && draw % 100 < percent;
                if lost {
                    counting.lost.fetch_add(1, Ordering::SeqCst);
                }
                tokio::spawn(async move {
                    match loss {
                        Loss::Reset if lost => reset(client, target, draw >> 32).await,
                        Loss::Silence if lost => swallow(client).await,
                        _ => pass(client, target).await,
                    }
                });
            }
        });
        Self {
            address,
            counts,
            _runtime: runtime,
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Connections taken, and how many of them were lost.
    pub fn counts(&self) -> (u64, u64) {
        let of = |count: &AtomicU64| count.load(Ordering::SeqCst);
        (of(&self.counts.connections), of(&self.counts.lost))
    }
}

/// splitmix64.
fn mixed(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

async fn pass(mut client: TcpStream, target: SocketAddr) {
    if let Ok(mut server) = TcpStream::connect(target).await {
        let _ = client.set_nodelay(true);
        let _ = server.set_nodelay(true);
        let _ = copy_bidirectional(&mut client, &mut server).await;
    }
}

async fn reset(mut client: TcpStream, target: SocketAddr, when: u64) {
    client.set_zero_linger().expect("linger");
    let mut buffer = vec![0; 16 * 1024];
    if when.is_multiple_of(3) {
        return;
    }
    let count = client.read(&mut buffer).await.unwrap_or(0);
    if when % 3 == 1 {
        return;
    }
    let Ok(mut server) = TcpStream::connect(target).await else {
        return;
    };
    if server.write_all(&buffer[..count]).await.is_ok() {
        let count = server.read(&mut buffer).await.unwrap_or(0);
        // Not even a record header gets through whole.
        let _ = client.write_all(&buffer[..count.min(4)]).await;
        let _ = client.flush().await;
    }
}

async fn swallow(mut client: TcpStream) {
    let mut buffer = vec![0; 16 * 1024];
    while client.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
}
