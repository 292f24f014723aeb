//! Hellos that come octet by octet, in step with servers of little and of much patience.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;
use time::OffsetDateTime;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use super::servers::{StillClock, canned, case, healthy, names, probe, probe_at, target};
use crate::engine::ports::{Clock, Trouble};
use crate::model::seen::{Classification, Seen};
use crate::model::step_tls::TlsOffer;
use crate::wire::tls::alert::Alert;

/// Waits until the server has read what was sent: one octet a time, and not a moment passes.
struct InStep(Arc<Semaphore>);

#[async_trait]
impl Clock for InStep {
    fn now(&self) -> OffsetDateTime {
        StillClock.now()
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    async fn wait(&self, _: Duration) {
        self.0.acquire().await.unwrap().forget();
    }

    fn source(&self) -> String {
        "in step".to_owned()
    }
}

fn step() -> TlsOffer {
    let step =
        json!({ "quirk": "dripped", "differs_by": "quirk", "expect": [{ "should": "refused" }] });
    serde_json::from_value(step).unwrap()
}

fn passed(seen: &Seen) -> Vec<bool> {
    seen.controls.iter().map(|control| control.passed).collect()
}

/// Reads octet by octet; ends after `patience` of them, with an alert if there is one. A hello that comes at once is for `healthy`.
async fn serve(mut stream: TcpStream, read: Arc<Semaphore>, end: (usize, Option<Alert>)) {
    let (patience, alert) = end;
    let mut buffer = [0; 4096];
    let count = stream.read(&mut buffer).await.unwrap();
    if count > 1 {
        let usual = canned(|hello, _| healthy(hello)).await;
        let mut usual = TcpStream::connect(usual).await.unwrap();
        usual.write_all(&buffer[..count]).await.unwrap();
        let _ = tokio::io::copy_bidirectional(&mut stream, &mut usual).await;
        return;
    }
    for _ in 1..patience {
        read.add_permits(1);
        assert_eq!(stream.read(&mut buffer).await.unwrap(), 1);
    }
    if let Some(alert) = alert {
        stream.write_all(&alert.encode(0x0303)).await.unwrap();
    }
    stream.shutdown().await.unwrap();
    let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
}

async fn impatient(alert: Option<Alert>) -> Result<Seen, Trouble> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut target = target(listener.local_addr().unwrap());
    target.timeout = Duration::from_secs(2);
    let read = Arc::new(Semaphore::new(0));
    let pace = Arc::new(InStep(Arc::clone(&read)));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, Arc::clone(&read), (5, alert)));
        }
    });
    case(&probe_at(target, pace)).offer(&step(), &names()).await
}

#[tokio::test]
async fn an_alert_before_the_hello_is_whole_is_a_refusal() {
    let seen = impatient(Some(Alert::HANDSHAKE_FAILURE)).await.unwrap();
    assert_eq!(seen.classification, Classification::RefusedWithAlert);
    assert_eq!(passed(&seen), [true, true]);
}

#[tokio::test]
async fn a_close_in_every_attempt_is_a_refusal() {
    let seen = impatient(None).await.unwrap();
    assert_eq!(seen.classification, Classification::RefusedByClose);
    assert_eq!(seen.lost_attempts.len(), 2);
    assert!(passed(&seen).iter().all(|passed| *passed));
}

#[tokio::test]
async fn who_goes_on_in_the_end_has_accepted() {
    let address = canned(|hello, _| healthy(hello)).await;
    let seen = case(&probe(target(address)))
        .offer(&step(), &names())
        .await
        .unwrap();
    assert_eq!(seen.classification, Classification::Accepted);
}
