//! Accept loops of the reference target: bounded, and gone when it stops.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};

/// Most connections served at a time by one listener; more wait.
const MAX_CONNECTIONS: usize = 512;

/// Every listener of one reference target.
#[derive(Debug)]
pub(super) struct Listeners {
    stop: watch::Sender<bool>,
    loops: Vec<JoinHandle<()>>,
}

impl Listeners {
    pub(super) fn new() -> Self {
        Self {
            stop: watch::Sender::new(false),
            loops: Vec::new(),
        }
    }

    /// Serves every connection by `serve`, numbered from 1.
    pub(super) fn add<F, S>(&mut self, listener: TcpListener, serve: F)
    where
        F: Fn(TcpStream, u64) -> S + Send + 'static,
        S: Future<Output = ()> + Send + 'static,
    {
        let stopped = self.stop.subscribe();
        self.loops.push(tokio::spawn(run(listener, stopped, serve)));
    }

    /// Ends every loop and every connection, and waits until they are gone.
    pub(super) async fn stop(mut self) {
        // Loops that ended by themselves do not listen any more.
        let _ = self.stop.send(true);
        for task in self.loops.drain(..) {
            let _ = task.await;
        }
    }
}

/// Binds a listener; port 0 takes any.
///
/// # Errors
/// The address is not ours or in use.
pub(super) async fn bind(address: SocketAddr) -> std::io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

async fn run<F, S>(listener: TcpListener, mut stopped: watch::Receiver<bool>, serve: F)
where
    F: Fn(TcpStream, u64) -> S,
    S: Future<Output = ()> + Send + 'static,
{
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut connections = JoinSet::new();
    let mut number = 0;
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        while connections.try_join_next().is_some() {}
        tokio::select! {
            // An error means that the sender is gone, and with it the reference target.
            _ = stopped.changed() => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    // Without it the parts of an answer wait for each other.
                    let _ = stream.set_nodelay(true);
                    number += 1;
                    let served = serve(stream, number);
                    connections.spawn(async move {
                        served.await;
                        drop(place);
                    });
                }
                // Mostly a lack of descriptors, which passes.
                Err(error) => {
                    tracing::warn!(%error, "cannot accept");
                    drop(place);
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                }
            },
        }
    }
}
