//! What the cases of the fixture did step by step, and the register they are held against.

use presec::model::record::{CoverageRow, StepRecord};
use presec::model::requirement::{Confidence, Level, State};
use presec::model::seen::Classification;

fn step(place: u32, keyword: &str, action: &str, observed: &str) -> StepRecord {
    StepRecord {
        step: keyword.to_owned(),
        place: Some(place),
        action: Some(action.to_owned()),
        observed: observed.to_owned(),
        classification: Classification::Answered,
        claim: None,
        expected: None,
        controls: Vec::new(),
        lost_attempts: Vec::new(),
    }
}

fn claims(mut step: StepRecord, claim: &str, expected: &str) -> StepRecord {
    step.claim = Some(claim.to_owned());
    step.expected = Some(expected.to_owned());
    step
}

/// A forged identity that reaches the origin.
pub(crate) fn forged_identity() -> Vec<StepRecord> {
    vec![
        step(
            1,
            "login",
            "Log in as alice by Digest, as session `s`",
            "200 OK after 401 Digest realm=\"3GPP-bootstrapping@ap.ims.example.test\"",
        ),
        claims(
            step(
                2,
                "http",
                "Send GET $own_document in session `s`, with the session's own credentials, X-3GPP-Intended-Identity \"$alice.impu\", marked `own`",
                "200 OK",
            ),
            "control",
            "an answer from behind the authentication",
        ),
        claims(
            step(
                3,
                "origin",
                "Look at what the origin received under the marker `own`",
                "the origin received 1 request with X-3GPP-Asserted-Identity \"sip:alice@ims.example.test\"",
            ),
            "control",
            "the origin received 1 request",
        ),
        claims(
            step(
                4,
                "http",
                "Send GET $own_document in session `s`, with the session's own credentials, X-3GPP-Intended-Identity \"$bob.impu\", marked `forged`",
                "403 Forbidden",
            ),
            "shall",
            "no 2xx and no protected content",
        ),
        claims(
            step(
                5,
                "origin",
                "Look at what the origin received under the marker `forged`, waiting 3s at most",
                "the origin received 1 request with X-3GPP-Asserted-Identity \"sip:bob@ims.example.test\"",
            ),
            "shall",
            "the origin received nothing",
        ),
        step(
            6,
            "close",
            "Close the connection of session `s`; what was negotiated is kept",
            "session s closed",
        ),
    ]
}

/// An exchange in which the target says what would fool a reader.
pub(crate) fn hostile(observed: &str) -> Vec<StepRecord> {
    let mut silent = step(
        2,
        "http",
        "Send GET $own_document in session `s`, by Digest with a response that is one digit off",
        observed,
    );
    silent.classification = Classification::Unclear;
    silent.lost_attempts = vec!["<img src=x onerror=alert(1)> reset\u{1b}[2J".to_owned()];
    vec![
        step(
            1,
            "login",
            "Log in as alice by Digest, as session `s`",
            "200 OK after 401 Digest realm=\"</text></svg><script>alert(2)</script>\"",
        ),
        claims(silent, "shall", "not 2xx, nothing protected in the answer"),
    ]
}

/// The part of the register that the run has to do with, and one sentence of each kind that it has not.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(crate) fn register() -> Vec<CoverageRow> {
    let tested = [
        (
            "HARD-weak-first-order",
            "weak-first-order",
            Level::Should,
            "Prefer a strong suite although the client lists weak ones first.",
            &["TLSC-16"][..],
        ),
        (
            "UT-5.1.1-07",
            "5.1.1",
            Level::Shall,
            "Re-authenticate the UE when policy demands it.",
            &["RE-01"],
        ),
        (
            "UT-5.1.1-08",
            "5.1.1",
            Level::Shall,
            "Serve nothing while re-authentication is outstanding.",
            &["RE-02"],
        ),
        (
            "UT-5.2.1-01",
            "5.2.1",
            Level::May,
            "Client certificates may be used to authenticate the UE.",
            &["CC-02", "CC-03"],
        ),
        (
            "UT-6-01",
            "6",
            Level::Shall,
            "Support the TLS profile of the release.",
            &["TLSC-14"],
        ),
        (
            "UT-6.1.1-02",
            "6.1.1",
            Level::Shall,
            "Authenticate the UE by HTTP Digest.",
            &["DIG-05"],
        ),
        (
            "UT-6.1.2-01",
            "6.1.2",
            Level::Shall,
            "Authorise every manipulation.",
            &["XC-02"],
        ),
        (
            "UT-6.1.3-05",
            "6.1.3",
            Level::Shall,
            "Drop a request whose preferred identity does not belong to the authenticated subscriber.",
            &["ID-03"],
        ),
        (
            "UT-7.2-03",
            "7.2",
            Level::Shall,
            "Answer an offer that holds only ciphersuites without encryption with a fatal error.",
            &["TLSC-07"],
        ),
    ];
    let untested = [
        (
            "UT-4-01",
            "4",
            Level::Informative,
            "Ut lies between the UE and the servers it manages.",
            State::Informative("describes the architecture".to_owned()),
        ),
        (
            "UT-6.2-01",
            "6.2",
            Level::Shall,
            "Protect what crosses Ut.",
            State::CoveredBy(vec!["UT-7.2-03".to_owned()]),
        ),
        (
            "UT-7.1-05",
            "7.1",
            Level::Shall,
            "End sessions after their lifetime.",
            State::Planned("waits for the lab TLS engine".to_owned()),
        ),
        (
            "UT-A-02",
            "A",
            Level::Shall,
            "Fetch key material over Zh.",
            State::NotTestable("lies between BSF and HSS".to_owned()),
        ),
        (
            "UT-B-01",
            "B",
            Level::Shall,
            "Keep audit records.",
            State::OutOfScope("a matter of the operator".to_owned()),
        ),
    ];
    let row = |id: &str, clause: &str, level, text: &str, state, scenarios: &[&str]| CoverageRow {
        requirement: id.to_owned(),
        document: if id.starts_with("HARD") {
            "presec hardening"
        } else {
            "TS 33.141"
        }
        .to_owned(),
        clause: clause.to_owned(),
        level,
        text: text.to_owned(),
        confidence: Confidence::Read,
        state,
        scenarios: scenarios.iter().map(|id| (*id).to_owned()).collect(),
    };
    let mut rows: Vec<CoverageRow> = tested
        .into_iter()
        .map(|(id, clause, level, text, scenarios)| {
            row(id, clause, level, text, State::Tested, scenarios)
        })
        .collect();
    rows.extend(
        untested
            .into_iter()
            .map(|(id, clause, level, text, state)| row(id, clause, level, text, state, &[])),
    );
    rows.sort_by(|one, other| one.requirement.cmp(&other.requirement));
    rows
}
