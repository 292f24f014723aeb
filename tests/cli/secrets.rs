//! No secret leaves presec but in the one header it is meant for.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::served::Served;
use crate::support::{presec_in, run_in};

/// Every form in which a secret could be recognised.
pub fn forms(secret: &str) -> Vec<String> {
    let raw = STANDARD.decode(secret).unwrap_or_default();
    let percent: String = secret
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_string()
            } else {
                format!("%{:02X}", u32::from(c))
            }
        })
        .collect();
    let mut forms = vec![
        secret.to_owned(),
        hex::encode(secret),
        hex::encode(secret).to_uppercase(),
        STANDARD.encode(secret),
        percent.clone(),
        percent.to_lowercase(),
    ];
    if !raw.is_empty() {
        forms.extend([
            String::from_utf8_lossy(&raw).into_owned(),
            hex::encode(&raw),
        ]);
    }
    forms
}

#[test]
fn no_output_holds_a_secret() {
    let served = Served::start(&["--defect", "wrong-password-served"]);
    let mut secrets = Vec::new();
    let wrong = "not the right key/+".to_owned();
    served.target("copy.yaml", |target| {
        for (_, subscriber) in target["subscribers"].as_object().unwrap() {
            let reference = subscriber["credentials"]["ks_naf"].as_str().unwrap();
            secrets.push(reference.trim_start_matches("lab:").to_owned());
        }
    });
    secrets.push(wrong.clone());
    let misled = served.target("wrong.yaml", |target| {
        target["subscribers"]["bob"]["credentials"]["ks_naf"] = format!("lab:{wrong}").into();
    });
    let good = served.folder().join("target.yaml").display().to_string();
    for target in [&good, &misled] {
        let folder = tempfile::tempdir().unwrap();
        let call = run_in(
            folder.path(),
            &["--target", target, "--log", "presec=trace", "-v"],
        );
        assert!(call.stderr.contains("case ended"), "the log is on");
        let mut outputs = vec![("stdout", call.stdout), ("stderr", call.stderr)];
        for file in ["results.json", "junit.xml"] {
            outputs.push((file, fs::read_to_string(folder.path().join(file)).unwrap()));
        }
        let doctor = presec_in(
            folder.path(),
            &["doctor", "--target", target, "--log", "presec=trace"],
        );
        outputs.extend([("doctor", doctor.stdout), ("doctor's log", doctor.stderr)]);
        for (name, text) in &outputs {
            for form in secrets.iter().flat_map(|secret| forms(secret)) {
                assert!(!text.contains(&form), "{name} holds {form}");
            }
            // Malformed values that a scenario writes out itself are told as they stand; they have neither.
            for header in ["response=\"", "response=\\\"", "cnonce="] {
                assert!(!text.contains(header), "{name} holds a Digest response");
            }
        }
    }
}
