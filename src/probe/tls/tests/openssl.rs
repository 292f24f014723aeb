use crate::engine::ports::Trouble;
use std::process::Stdio;

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use super::servers::{case, names, probe, target};
use crate::model::seen::{Classification, Facts};
use crate::model::step_tls::{TlsConnect, TlsOffer};

/// `openssl s_server`, an implementation that is not ours.
async fn s_server(arguments: &[&str]) -> (Child, std::net::SocketAddr, tempfile::TempDir) {
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
    (child, address, folder)
}

#[tokio::test]
#[ignore = "needs servers that are not ours: ci/test"]
async fn openssl_takes_null_suites_only_when_told_to() {
    for (ciphers, wanted) in [
        ("ALL:NULL:@SECLEVEL=0", Classification::Accepted),
        ("DEFAULT:@SECLEVEL=0", Classification::RefusedWithAlert),
    ] {
        let (_child, address, _folder) = s_server(&["-cipher", ciphers]).await;
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
#[ignore = "needs servers that are not ours: ci/test"]
async fn openssl_resumes_by_each_mechanism() {
    let (_child, address, _folder) = s_server(&[]).await;
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

/// A target that only takes suites rustls does not have, with its own certificate as root.
async fn lab_only(arguments: &[&str]) -> (super::super::TlsProbe, (Child, tempfile::TempDir)) {
    let (child, address, folder) = s_server(arguments).await;
    let pem = std::fs::read(folder.path().join("c.pem")).unwrap();
    let mut target = target(address);
    target.roots = vec![CertificateDer::from_pem_slice(&pem).unwrap()];
    (probe(target), (child, folder))
}

#[tokio::test]
#[ignore = "needs servers that are not ours: ci/test"]
async fn sessions_go_by_the_lab_engine_where_rustls_has_nothing_in_common() {
    for (arguments, version, suite) in [
        (
            ["-tls1_2", "-cipher", "AES128-SHA"],
            "tls1.2",
            "TLS_RSA_WITH_AES_128_CBC_SHA",
        ),
        (
            ["-tls1", "-cipher", "AES256-SHA:@SECLEVEL=0"],
            "tls1.0",
            "TLS_RSA_WITH_AES_256_CBC_SHA",
        ),
        (
            ["-tls1_1", "-cipher", "ECDHE-RSA-AES128-SHA:@SECLEVEL=0"],
            "tls1.1",
            "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
        ),
    ] {
        let (probe, _running) = lab_only(&arguments).await;
        let open = case(&probe).open("localhost").await.unwrap();
        // The still clock of these tests is not in the certificate's time; nothing else is wrong with the proof.
        let why = open.not_verified_because.as_deref();
        assert_eq!(why, Some("the server's certificate is not valid now"));
        assert_eq!(open.facts.version.as_deref(), Some(version));
        assert_eq!(open.facts.suite_name.as_deref(), Some(suite));
        open.end().await;
        for mechanism in ["session-id", "ticket"] {
            let mut case = case(&probe);
            for (step, resumed) in [
                (json!({ "save": "s", "mechanism": mechanism }), false),
                (json!({ "resume": "s", "mechanism": mechanism }), true),
                (json!({ "resume": "s", "mechanism": mechanism }), true),
            ] {
                let step: TlsConnect = serde_json::from_value(step).unwrap();
                let (seen, _) = case.connect(&step, &names()).await.unwrap();
                assert_eq!(seen.classification, Classification::Accepted);
                let Facts::Connection(facts) = &seen.facts else {
                    panic!("no connection");
                };
                assert_eq!(facts.resumed, resumed, "{mechanism}: {}", seen.observed);
                assert_eq!(facts.mechanism.as_deref(), resumed.then_some(mechanism));
                assert!(facts.resumable && facts.certificate.is_some());
            }
        }
    }
}

#[tokio::test]
#[ignore = "needs servers that are not ours: ci/test"]
async fn an_old_version_is_offered_by_the_lab_engine_and_its_refusal_counts() {
    let (probe, _running) = lab_only(&["-tls1_2", "-cipher", "AES128-SHA"]).await;
    for (version, expected) in [
        ("tls1.0", Classification::RefusedWithAlert),
        ("tls1.1", Classification::RefusedWithAlert),
        ("tls1.2", Classification::Accepted),
        ("tls1.3", Classification::RefusedWithAlert),
    ] {
        let step: TlsConnect = serde_json::from_value(json!({ "version": version })).unwrap();
        let (seen, _) = case(&probe).connect(&step, &names()).await.unwrap();
        assert_eq!(
            seen.classification, expected,
            "{version}: {}",
            seen.observed
        );
    }
    let step: TlsConnect = serde_json::from_value(json!({ "version": "ssl3.0" })).unwrap();
    let trouble = case(&probe).connect(&step, &names()).await.unwrap_err();
    assert!(trouble.to_string().contains("ssl3.0"), "{trouble}");
}

#[tokio::test]
#[ignore = "needs servers that are not ours: ci/test"]
async fn a_certificate_of_another_host_is_not_believed_by_the_lab_engine_either() {
    let (probe, _running) = lab_only(&["-tls1_2", "-cipher", "AES128-SHA"]).await;
    // A name that the certificate does not have: the connection lives, credentials would not go over it.
    let open = case(&probe).open("other.test").await.unwrap();
    assert!(!open.verified);
    let why = open.not_verified_because.unwrap();
    assert!(why.contains("names another host"), "{why}");
}

#[tokio::test]
#[ignore = "needs servers that are not ours: ci/test"]
async fn the_lab_engine_goes_on_where_a_library_would_not() {
    let (_child, address, _folder) = s_server(&["-cipher", "ALL:NULL:@SECLEVEL=0"]).await;
    let probe = probe(target(address));
    let mut case = case(&probe);
    for (step, suite, completed) in [
        (
            json!({ "suites": ["TLS_RSA_WITH_NULL_SHA256"] }),
            Some("TLS_RSA_WITH_NULL_SHA256"),
            true,
        ),
        (
            json!({ "suites": ["TLS_DH_anon_WITH_AES_128_CBC_SHA"], "without": ["encrypt-then-mac"] }),
            None,
            true,
        ),
        (
            json!({ "client": "lab", "version": "tls1.2", "groups": ["secp384r1"], "save": "s" }),
            None,
            true,
        ),
        (
            json!({ "resume": "s", "version": "tls1.2", "client": "lab" }),
            None,
            true,
        ),
        // The session has another suite, and the server does not take one that was not offered.
        (
            json!({ "resume": "s", "version": "tls1.2", "suites": ["TLS_RSA_WITH_NULL_SHA256"] }),
            None,
            false,
        ),
    ] {
        let step: TlsConnect = serde_json::from_value(step).unwrap();
        let (seen, _) = case.connect(&step, &names()).await.unwrap();
        let Facts::Connection(facts) = &seen.facts else {
            panic!("no connection");
        };
        assert_eq!(facts.completed, completed, "{}", seen.observed);
        if suite.is_some() {
            assert_eq!(facts.suite_name.as_deref(), suite);
        }
        assert_eq!(facts.resumed, step.resume.is_some() && completed);
    }
    // What cannot be offered shows nothing.
    let save = json!({ "client": "lab", "version": "tls1.3", "save": "t" });
    let save: TlsConnect = serde_json::from_value(save).unwrap();
    assert!(case.connect(&save, &names()).await.is_ok());
    let resume = json!({ "resume": "t", "suites": ["TLS_RSA_WITH_NULL_SHA256"] });
    let resume: TlsConnect = serde_json::from_value(resume).unwrap();
    let error = case.connect(&resume, &names()).await.unwrap_err();
    assert!(matches!(error, Trouble::NotProven(_)), "{error:?}");
}

#[tokio::test]
#[ignore = "needs servers that are not ours: ci/test"]
async fn a_client_certificate_can_be_wrong_in_every_way() {
    let pki = super::servers::pki(&["localhost"]);
    let config = pki.config(&[&rustls::version::TLS12, &rustls::version::TLS13], true);
    let mut target = target(super::servers::https(config).await);
    let (kind, identity) = pki.client();
    target.client_certificates.insert(kind, identity);
    let probe = probe(target);
    for (client_certificate, wanted) in [
        ("valid", None),
        ("self-signed", Some(vec![42, 43, 46, 48])),
        ("wrong-certificate-verify", Some(vec![42, 51])),
        ("no-certificate-verify", Some(vec![10])),
        ("omitted", Some(vec![10])),
        ("empty", Some(vec![40, 116])),
    ] {
        let step = json!({ "client_certificate": client_certificate });
        let step: TlsConnect = serde_json::from_value(step).unwrap();
        let (seen, _) = case(&probe).connect(&step, &names()).await.unwrap();
        let Facts::Connection(facts) = &seen.facts else {
            panic!("no connection");
        };
        let alert = facts.alert.map(|alert| alert.description);
        match wanted {
            None => assert!(facts.completed, "{client_certificate}: {}", seen.observed),
            Some(alerts) => assert!(
                alert.is_some_and(|alert| alerts.contains(&alert)),
                "{client_certificate}: {}",
                seen.observed
            ),
        }
        assert!(facts.certificate_requested, "{client_certificate}");
    }
}
