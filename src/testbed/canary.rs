//! The canary: a port of the tester that no request through the target may lead to. It counts who calls and says nothing.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::net::TcpListener;
use tokio::task::AbortHandle;

/// A listener beside the origin, at an address the proxy can reach as well as the origin itself.
#[derive(Debug)]
pub(super) struct Canary {
    address: SocketAddr,
    calls: Arc<AtomicU32>,
    task: AbortHandle,
}

impl Canary {
    /// Listens on a free port of the origin's address; `None` when the address is not one to call, or no port is free.
    pub(super) async fn start(origin: SocketAddr) -> Option<Self> {
        if origin.ip().is_unspecified() {
            return None;
        }
        let listener = TcpListener::bind((origin.ip(), 0)).await.ok()?;
        let address = listener.local_addr().ok()?;
        let calls = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&calls);
        let task = tokio::spawn(async move {
            // The connection is dropped at once: who calls has shown what there was to see. An error ends nothing but
            // the counting, and the listener with it.
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                drop(stream);
            }
        });
        Some(Self {
            address,
            calls,
            task: task.abort_handle(),
        })
    }

    /// Where it listens.
    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections came.
    pub(super) fn calls(&self) -> u32 {
        self.calls.load(Ordering::SeqCst)
    }

    /// Stops listening.
    pub(super) fn stop(&self) {
        self.task.abort();
    }
}

impl Drop for Canary {
    fn drop(&mut self) {
        self.stop();
    }
}
