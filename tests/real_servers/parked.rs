//! Sessions that were in a file meanwhile, offered to servers that others wrote.

use crate::parked_state::make_older;
use crate::server::Server;

/// A day and an hour.
const LONG_AGO: i64 = 90_000;

/// The servers' clocks stand where they were, so that each takes its sessions up: by every mechanism that was parked presec
/// has to find a session that is resumed, and because the file says that it is a day old, to call that a failure.
#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn sessions_from_a_file_are_taken_up_by_servers_that_others_wrote() {
    for (kind, mechanisms) in [
        ("openssl", ["ticket", "tls13-psk"].as_slice()),
        ("nginx", &["ticket", "tls13-psk"]),
        ("gnutls", &["ticket", "tls13-psk"]),
        ("apache-ap", &["ticket", "tls13-psk"]),
    ] {
        let server = Server::start(kind, "default");
        let parked = server.judge_with(&[], &["TLSS-06", "--checkpoint", "state"]);
        let waiting = parked.with_verdict("inconclusive");
        for mechanism in mechanisms {
            let id = format!("TLSS-06[mechanism={mechanism}]");
            assert!(waiting.contains(&id), "{kind}: {id} of {}", parked.stdout);
        }
        make_older(&server.file("state"), LONG_AGO);
        let judged = server.resume("state");
        assert_eq!(judged.cases().len(), waiting.len(), "{kind}");
        for case in judged.cases() {
            let id = case["id"].as_str().expect("an id");
            let mechanism = id.trim_start_matches("TLSS-06[mechanism=");
            let resumed = format!("resumed by {}", mechanism.trim_end_matches(']'));
            let observed = case["observed"].as_str().expect("text");
            if kind == "gnutls" && id.contains("tls13-psk") {
                // GnuTLS compares the age that the client says with its own clock.
                assert!(observed.contains("full handshake"), "{observed}");
                continue;
            }
            assert!(
                case["verdict"] == "fail" && observed.contains(&resumed),
                "{kind}: {id} {}: {observed} ({})",
                case["verdict"],
                case["because"]
            );
        }
    }
}
