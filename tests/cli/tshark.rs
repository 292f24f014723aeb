//! Captures as tshark reads them, from the file alone: what it says is not ours.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use presec::wire::pcapng::{Conversation, Interface, Packet, block};

use crate::evidence::{run_out, sinks};

/// Fields of the packets that a filter leaves; fields of one packet are separated by `|`, values of one field by `;`.
fn tshark(capture: &Path, filter: &str, fields: &[&str]) -> Vec<String> {
    let mut command = Command::new("tshark");
    // Neither preferences of the user nor files of keys have a part in it, and checksums are looked at.
    command.env("HOME", capture.parent().unwrap());
    command.args([
        "-o",
        "tcp.check_checksum:TRUE",
        "-o",
        "ip.check_checksum:TRUE",
    ]);
    // An ephemeral port may be registered for another protocol; what the octets look like counts first.
    command.args(["-o", "tcp.try_heuristic_first:TRUE"]);
    command.args(["-T", "fields", "-E", "separator=|", "-E", "aggregator=;"]);
    command.arg("-r").arg(capture).args(["-Y", filter]);
    for field in fields {
        command.args(["-e", field]);
    }
    let output = command.output().expect("tshark runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().map(str::to_owned).collect()
}

/// The capture of the only case whose folder begins so.
fn capture_of(folder: &Path, case: &str) -> PathBuf {
    let entries = fs::read_dir(folder.join("out/evidence")).unwrap();
    let found = entries.map(|entry| entry.unwrap().path()).find(|path| {
        path.file_name()
            .unwrap()
            .to_string_lossy()
            .starts_with(case)
    });
    found.expect("evidence of the case").join("capture.pcapng")
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn the_server_hello_that_selected_a_null_suite_is_the_decisive_packet() {
    let folder = tempfile::tempdir().unwrap();
    let args = ["TLSC-07[version=tls1.2]", "--defect", "selects-unencrypted"];
    assert_eq!(run_out(folder.path(), &args).code, 1);
    let capture = capture_of(folder.path(), "TLSC-07");
    let fields = [
        "tls.handshake.type",
        "tls.handshake.ciphersuite",
        "frame.interface_name",
        "frame.comment",
    ];
    let decisive = tshark(&capture, "frame.comment", &fields);
    let [decisive] = &decisive[..] else {
        panic!("{decisive:?}");
    };
    let fields: Vec<&str> = decisive.split('|').collect();
    assert!(fields[0].starts_with('2'), "a ServerHello: {decisive}");
    // TLS_RSA_WITH_NULL_*, TLS_ECDHE_*_WITH_NULL_SHA and the others, by the IANA registry.
    let code = u16::from_str_radix(fields[1].trim_start_matches("0x"), 16).unwrap();
    let null = [
        1, 2, 0x3b, 0x2c, 0x2d, 0x2e, 0xc001, 0xc006, 0xc00b, 0xc010, 0xc015,
    ];
    assert!(null.contains(&code), "{decisive}");
    assert_eq!(fields[2], "ue-target");
    assert!(fields[3].starts_with("decisive: fail TLSC-07[version=tls1.2]: "));
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn a_forged_identity_is_read_in_decrypted_http_and_where_the_origin_received_it() {
    let folder = tempfile::tempdir().unwrap();
    let args = ["ID-03", "--defect", "foreign-identity-accepted"];
    assert_eq!(run_out(folder.path(), &args).code, 1);
    let capture = capture_of(folder.path(), "ID-03");
    let forged =
        "tls && http.request && http.request.line contains \"Intended-Identity: \\\"sip:bob@\"";
    let fields = ["frame.interface_name", "http.request.method", "tcp.stream"];
    let asked = tshark(&capture, forged, &fields);
    assert!(
        asked.iter().any(|line| line.starts_with("ue-target|GET|")),
        "{asked:?}"
    );
    let fields = ["frame.interface_name", "http.request.line", "frame.comment"];
    let decisive = tshark(&capture, "frame.comment && http", &fields);
    let [decisive] = &decisive[..] else {
        panic!("{decisive:?}");
    };
    assert!(decisive.starts_with("target-origin|"), "{decisive}");
    assert!(decisive.contains("x-3gpp-asserted-identity: \"sip:bob@example.test\""));
    assert!(decisive.contains("decisive: fail ID-03: the origin received the request"));
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn sessions_of_tls_12_and_13_are_decrypted_and_every_checksum_is_right() {
    let folder = tempfile::tempdir().unwrap();
    let picks = ["TLSS-0*", "TLSC-01", "XC-01", "DIG-01", "ID-03", "CERT-01"];
    let mut args = picks.to_vec();
    args.extend(["--evidence", "all"]);
    let call = run_out(folder.path(), &args);
    assert_eq!(call.code, 0, "{}", call.stderr);
    let mut versions = BTreeSet::new();
    let mut captures = 0;
    for entry in fs::read_dir(folder.path().join("out/evidence")).unwrap() {
        let capture = entry.unwrap().path().join("capture.pcapng");
        if !capture.exists() {
            continue;
        }
        captures += 1;
        let bad = "tcp.checksum.status == \"Bad\" || ip.checksum.status == \"Bad\" || tcp.analysis.flags || _ws.malformed";
        let bad = tshark(&capture, bad, &["frame.number", "_ws.col.Info"]);
        assert!(bad.is_empty(), "{}: {bad:?}", capture.display());
        // HTTP under TLS is seen only by who decrypts; the version of its session is in the ServerHello.
        let filter = "tls && (http.response || tls.handshake.type == 2)";
        let fields = [
            "tls.handshake.extensions.supported_version",
            "http.response.code",
        ];
        let seen = tshark(&capture, filter, &fields);
        if seen.iter().any(|line| !line.ends_with('|')) {
            let hellos = seen.iter().filter(|line| line.ends_with('|'));
            versions.extend(hellos.map(|line| line.contains("0x0304")));
        }
    }
    assert!(captures > 5, "{captures}");
    assert_eq!(versions, BTreeSet::from([false, true]), "TLS 1.2 and 1.3");
    let session = capture_of(folder.path(), "TLSS-01");
    let finished = tshark(&session, "tls.handshake.type == 20", &["frame.number"]);
    assert!(!finished.is_empty(), "Finished is read");
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn no_sink_holds_a_digest_response_or_a_ticket_that_went_over_the_wire() {
    let folder = tempfile::tempdir().unwrap();
    let picks = ["TLSS-0*", "DIG-01", "DIG-05", "ID-03"];
    let mut args = picks.to_vec();
    args.extend(["--evidence", "all", "-v", "--log", "presec=trace"]);
    let call = run_out(folder.path(), &args);
    let mut secrets = BTreeSet::new();
    for entry in fs::read_dir(folder.path().join("out/evidence")).unwrap() {
        let capture = entry.unwrap().path().join("capture.pcapng");
        if capture.exists() {
            let fields = [
                "http.authorization",
                "tls.handshake.session_ticket",
                "tls.handshake.extensions.psk.identity.identity",
            ];
            for line in tshark(&capture, "http.authorization || tls.handshake", &fields) {
                let response = line.split("response=\"").nth(1);
                let response = response.and_then(|rest| rest.split('"').next());
                secrets.extend(response.map(str::to_owned));
                let tickets = line.split(['|', ';', ',']).skip(1);
                let hex = |word: &&str| word.chars().all(|c| c.is_ascii_hexdigit() || c == ':');
                secrets.extend(tickets.filter(hex).map(|word| word.replace(':', "")));
            }
        }
    }
    secrets.retain(|secret| secret.len() >= 16);
    assert!(secrets.len() > 10, "the run had secrets: {}", secrets.len());
    let sinks = sinks(folder.path(), call);
    for secret in &secrets {
        let mut known = vec![secret.clone()];
        known.extend(hex::decode(secret).iter().map(|raw| base64(raw)));
        for (name, text) in &sinks {
            for form in &known {
                assert!(!text.contains(form.as_str()), "{name} holds {form}");
            }
        }
    }
}

fn base64(raw: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(raw)
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn ipv6_and_comments_in_any_script_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("six.pcapng");
    let local = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    let mut conversation = Conversation::new((&local, 40_000), (&[127, 0, 0, 1], 80), 7);
    let mut frames = conversation.open();
    frames.extend(conversation.data(true, b"GET /six HTTP/1.1\r\nHost: x\r\n\r\n"));
    frames.extend(conversation.finish(true));
    frames.extend(conversation.reset(false));
    let mut file = Vec::new();
    block::section_header(&mut file, "presec", "six");
    let interface = Interface {
        name: "ue-target",
        description: "d",
    };
    block::interface(&mut file, interface);
    for frame in &frames {
        let packet = Packet {
            interface: 0,
            at_us: 1_700_000_000_000_001,
            outbound: frame.from_opener,
            comment: Some("größer 東京"),
            frame: &frame.bytes,
        };
        block::packet(&mut file, packet);
    }
    fs::write(&path, file).unwrap();
    let bad = "tcp.checksum.status == \"Bad\" || tcp.analysis.flags || _ws.malformed";
    assert!(tshark(&path, bad, &["frame.number"]).is_empty());
    let fields = [
        "ipv6.src",
        "ipv6.dst",
        "http.request.uri",
        "frame.comment",
        "frame.time_epoch",
    ];
    let read = tshark(&path, "http", &fields);
    assert_eq!(
        read,
        ["::1|::ffff:127.0.0.1|/six|größer 東京|1700000000.000001000"]
    );
}
