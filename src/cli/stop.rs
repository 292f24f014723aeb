//! What ends a run before its end: Ctrl-C, SIGTERM, or the deadline.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::engine::gate::Exit;
use crate::engine::gate::THE_DEADLINE;
use crate::engine::ports::Clock;

use super::context::complain;

/// Tells `stop` once, with who did it; the first signal leaves time to undo and to write reports, the second ends the process at once.
pub(crate) fn stop_on_signal_or_deadline(
    stop: watch::Sender<Option<String>>,
    deadline: Option<Duration>,
    clock: Arc<dyn Clock>,
) -> JoinHandle<()> {
    let mut signals = Signals::listen();
    tokio::spawn(async move {
        let by = tokio::select! {
            by = signals.next() => by,
            () = passed(deadline, clock.as_ref()) => THE_DEADLINE,
        };
        tracing::info!(by, "stopping");
        // Nobody listens only when the run is over already.
        let _ = stop.send(Some(by.to_owned()));
        if by == THE_DEADLINE {
            // From here a signal is the first one: what is written is still undone and reported.
            let by = signals.next().await;
            let _ = stop.send(Some(by.to_owned()));
        }
        signals.next().await;
        complain(
            "error: stopped at once; documents that were written may not be as they were, and no report was written",
        );
        std::process::exit(i32::from(Exit::Interrupted.code()));
    })
}

async fn passed(deadline: Option<Duration>, clock: &dyn Clock) {
    match deadline {
        Some(deadline) => clock.wait(deadline).await,
        None => std::future::pending().await,
    }
}

/// The signals that end a run, caught from the moment this exists.
pub(crate) struct Signals {
    #[cfg(unix)]
    caught: Option<(tokio::signal::unix::Signal, tokio::signal::unix::Signal)>,
}

impl Signals {
    /// Catches signals from now on; where that is not possible they do what the system does.
    pub(crate) fn listen() -> Self {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let interrupt = signal(SignalKind::interrupt()).ok();
            let terminate = signal(SignalKind::terminate()).ok();
            Self {
                caught: interrupt.zip(terminate),
            }
        }
        #[cfg(not(unix))]
        Self {}
    }

    /// Waits for the next one and names it.
    pub(crate) async fn next(&mut self) -> &'static str {
        #[cfg(unix)]
        {
            let Some((interrupt, terminate)) = &mut self.caught else {
                return std::future::pending().await;
            };
            tokio::select! {
                _ = interrupt.recv() => "Ctrl-C",
                _ = terminate.recv() => "SIGTERM",
            }
        }
        #[cfg(not(unix))]
        {
            if tokio::signal::ctrl_c().await.is_err() {
                return std::future::pending().await;
            }
            "Ctrl-C"
        }
    }
}
