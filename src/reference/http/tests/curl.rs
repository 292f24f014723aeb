//! A client we did not write, curl, logs in over plain TCP.

use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::process::Command;

use super::bench::{ALICE, Bench, RULES};
use crate::reference::http::{ConnectionInfo, DigestAlgorithm};

async fn curl(bench: &Bench, password: &str) -> (String, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let app = Arc::clone(&bench.app);
    let server = tokio::spawn(async move {
        let mut id = 1000;
        while let Ok((stream, _)) = listener.accept().await {
            id += 1;
            tokio::spawn(Arc::clone(&app).serve(stream, ConnectionInfo::tls(id)));
        }
    });
    let user = format!("{}:{password}", bench.app.settings().subscribers[0].b_tid);
    let output = Command::new("curl")
        .args(["--silent", "--max-time", "10", "--digest", "--user", &user])
        .args(["--resolve", &format!("ps.example.test:{port}:127.0.0.1")])
        .args(["--write-out", "\n%{http_code}"])
        .arg(format!("http://ps.example.test:{port}{ALICE}"))
        .output()
        .await
        .expect("curl runs");
    server.abort();
    let text = String::from_utf8(output.stdout).unwrap();
    let (body, status) = text.rsplit_once('\n').unwrap();
    (body.to_owned(), status.to_owned())
}

#[tokio::test]
#[ignore = "needs servers that are not ours: ci/test"]
async fn curl_logs_in() {
    for algorithm in [DigestAlgorithm::Md5, DigestAlgorithm::Sha256] {
        let bench = Bench::with(None, false, |settings| {
            settings.algorithms = vec![algorithm];
        })
        .await;
        let served = (RULES.to_owned(), "200".to_owned());
        assert_eq!(curl(&bench, "key of alice").await, served, "{algorithm:?}");
        assert_eq!(
            curl(&bench, "wrong").await,
            (String::new(), "401".to_owned())
        );
    }
}
