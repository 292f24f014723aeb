use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use super::servers::{case, names, probe, target};
use crate::model::seen::{Classification, Facts};
use crate::model::step_tls::{TlsConnect, TlsOffer};

/// `openssl s_server`, an implementation that is not ours; only with `PRESEC_REAL_SERVERS=1`.
async fn s_server(arguments: &[&str]) -> Option<(Child, std::net::SocketAddr, tempfile::TempDir)> {
    if std::env::var("PRESEC_REAL_SERVERS").as_deref() != Ok("1") {
        println!("not run: set PRESEC_REAL_SERVERS=1 to test against openssl s_server");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = (folder.path().join("c.pem"), folder.path().join("k.pem"));
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-subj",
            "/CN=localhost",
        ])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .stderr(Stdio::null())
        .status()
        .await
        .unwrap();
    assert!(made.success());
    let mut child = Command::new("openssl")
        .args(["s_server", "-accept", "127.0.0.1:0", "-www", "-cert"])
        .arg(&certificate)
        .arg("-key")
        .arg(&key)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let address = loop {
        let line = lines.next_line().await.unwrap().expect("ACCEPT line");
        if let Some(address) = line.strip_prefix("ACCEPT ") {
            break address.trim().parse().unwrap();
        }
    };
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    Some((child, address, folder))
}

#[tokio::test]
async fn openssl_takes_null_suites_only_when_told_to() {
    for (ciphers, wanted) in [
        ("ALL:NULL:@SECLEVEL=0", Classification::Accepted),
        ("DEFAULT:@SECLEVEL=0", Classification::RefusedWithAlert),
    ] {
        let Some((_child, address, _folder)) = s_server(&["-cipher", ciphers]).await else {
            return;
        };
        let probe = probe(target(address));
        let step = json!({ "suites": ["$null_enc"], "expect": [{ "shall": "refused" }] });
        let step: TlsOffer = serde_json::from_value(step).unwrap();
        let seen = case(&probe).offer(&step, &names()).await.unwrap();
        assert_eq!(seen.classification, wanted, "{}", seen.observed);
        assert!(
            seen.controls
                .iter()
                .all(|control| control.passed || wanted == Classification::Accepted)
        );
    }
}

#[tokio::test]
async fn openssl_resumes_by_each_mechanism() {
    let Some((_child, address, _folder)) = s_server(&[]).await else {
        return;
    };
    let probe = probe(target(address));
    for mechanism in ["session-id", "ticket", "tls13-psk"] {
        let mut case = case(&probe);
        for (step, resumed) in [
            (json!({ "save": "s", "mechanism": mechanism }), false),
            (json!({ "resume": "s", "mechanism": mechanism }), true),
            (json!({ "resume": "s", "mechanism": mechanism }), true),
        ] {
            let step: TlsConnect =
                serde_json::from_value::<TlsConnect>(Value::clone(&step)).unwrap();
            let (seen, _) = case.connect(&step, &names()).await.unwrap();
            let Facts::Connection(facts) = &seen.facts else {
                panic!("no connection");
            };
            assert!(
                facts.completed && facts.resumable,
                "{mechanism}: {}",
                seen.observed
            );
            assert_eq!(facts.resumed, resumed, "{mechanism}: {}", seen.observed);
            assert_eq!(facts.mechanism.as_deref(), resumed.then_some(mechanism));
        }
    }
}
