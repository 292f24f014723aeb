//! A run made by hand: every verdict, an expansion, open wording, unsure sentences, and a target that answers with hostile text.

use std::collections::BTreeMap;

use super::steps;

use presec::model::policy::PolicyEntry;
use presec::model::record::{
    CitedRequirement, EvidenceRecord, NotJudged, RunRecord, SCHEMA_VERSION, ScenarioRecord,
    StepRecord, TargetRecord, Tool,
};
use presec::model::requirement::{Confidence, Interpretation, Level, Role};
use presec::model::scenario::{Kind, Risk};
use presec::model::seen::{Classification, Control};
use presec::model::verdict::Verdict;

fn text(text: &str) -> String {
    text.to_owned()
}

fn entry(value: &str, line: u32) -> PolicyEntry {
    PolicyEntry {
        values: vec![text(value)],
        origin: format!("lab.yaml:{line}"),
    }
}

fn cited(id: &str, clause: &str, level: Level, words: &str) -> CitedRequirement {
    CitedRequirement {
        id: text(id),
        document: text("TS 33.141"),
        clause: text(clause),
        level,
        text: text(words),
        confidence: Confidence::Read,
    }
}

struct Case {
    record: ScenarioRecord,
}

impl Case {
    fn new(id: &str, title: &str, verdict: Verdict, requirement: CitedRequirement) -> Self {
        let scenario = text(id.split('[').next().unwrap());
        Self {
            record: ScenarioRecord {
                id: text(id),
                title: text(title),
                kind: Kind::Conformance,
                risk: Risk::Read,
                roles: vec![Role::AuthenticationProxy, Role::PresenceServer],
                tags: vec![text("tls"), text("suites")],
                file: format!("ut/{}.yaml", scenario.to_lowercase()),
                content_sha256: "5e".repeat(32),
                verdict,
                waiver: None,
                expected: String::new(),
                observed: String::new(),
                because: None,
                verifies: vec![requirement.id.clone()],
                requirements: vec![requirement],
                interpretation: None,
                remedy: None,
                policy_used: BTreeMap::new(),
                steps: Vec::new(),
                evidence: None,
                parked_until: None,
                duration_ms: 12,
                scenario,
            },
        }
    }

    fn seen(mut self, expected: &str, observed: &str) -> Self {
        self.record.expected = text(expected);
        self.record.observed = text(observed);
        self
    }

    fn because(mut self, because: &str) -> Self {
        self.record.because = Some(text(because));
        self
    }

    fn remedy(mut self, remedy: &str) -> Self {
        self.record.remedy = Some(text(remedy));
        self
    }

    fn tags(mut self, tags: &[&str]) -> Self {
        self.record.tags = tags.iter().map(|tag| text(tag)).collect();
        self
    }

    fn done(self) -> ScenarioRecord {
        self.record
    }
}

fn null_requirement() -> CitedRequirement {
    cited(
        "UT-7.2-03",
        "7.2",
        Level::Shall,
        "Answer an offer that holds only ciphersuites without encryption with a fatal error.",
    )
}

fn null_offer(version: &str, suite: Option<&str>) -> ScenarioRecord {
    let id = format!("TLSC-07[version={version}]");
    let verdict = if suite.is_some() {
        Verdict::Fail
    } else {
        Verdict::Pass
    };
    let observed = suite.map_or_else(
        || text("fatal alert handshake_failure (40)"),
        |suite| format!("ServerHello selects {suite} in {version}"),
    );
    let mut record = Case::new(
        &id,
        "Offer only ciphersuites that do not encrypt",
        verdict,
        null_requirement(),
    )
    .seen("a refused offer", &observed)
    .remedy("Remove NULL suites from the server's list; do not rely on the client's order.")
    .done();
    let refused = suite.is_none();
    record.steps = vec![StepRecord {
        step: text("tls-offer"),
        place: Some(1),
        action: Some(format!(
            "Send a ClientHello up to {version} that offers suites TLS_RSA_WITH_NULL_SHA, TLS_RSA_WITH_NULL_SHA256; read the first flight and complete nothing"
        )),
        observed,
        classification: if refused {
            Classification::RefusedWithAlert
        } else {
            Classification::Accepted
        },
        claim: Some(text("shall")),
        expected: Some(text("a refused offer")),
        controls: vec![
            Control {
                passed: true,
                observed: text("ServerHello selects TLS_RSA_WITH_AES_128_CBC_SHA"),
            };
            if refused { 2 } else { 0 }
        ],
        lost_attempts: if version == "tls1.2" {
            vec![text("connection reset before any byte")]
        } else {
            Vec::new()
        },
    }];
    record
}

fn identity() -> CitedRequirement {
    cited(
        "UT-6.1.3-05",
        "6.1.3",
        Level::Shall,
        "Drop a request whose preferred identity does not belong to the authenticated subscriber.",
    )
}

fn forged_identity() -> ScenarioRecord {
    let mut record = Case::new(
        "ID-03",
        "AP drops a request whose preferred identity belongs to another subscriber",
        Verdict::Fail,
        identity(),
    )
    .seen(
        "the origin received nothing",
        "the origin received 1 request with X-3GPP-Asserted-Identity \"sip:bob@ims.example.test\"",
    )
    .remedy("Compare X-3GPP-Intended-Identity with the IMPUs bound to the B-TID before passing the request on.")
    .tags(&["identity", "origin"])
    .done();
    record.interpretation = Some(Interpretation {
        slug: text("dropped-means-origin-never-saw-it"),
        text: text(
            "Dropped has no meaning on the wire; a request counts as dropped when the origin never receives it.",
        ),
    });
    record.steps = steps::forged_identity();
    record.policy_used = BTreeMap::from([
        (text("intended_identity_check"), entry("ap", 11)),
        (text("origin"), entry("stub", 31)),
    ]);
    record.evidence = Some(text("evidence/ID-03"));
    record
}

fn hostile() -> ScenarioRecord {
    let observed = format!(
        "401 with Server: \u{1b}[2J\u{1b}[31mowned\0 <script>alert(1)</script> ]]> \u{202e}txt.exe\u{2066}\u{200b} & \"quoted\" {}",
        "A".repeat(10_240)
    );
    let mut record = Case::new(
        "DIG-05",
        "Send a response that is one digit off",
        Verdict::Inconclusive,
        cited(
            "UT-6.1.1-02",
            "6.1.1",
            Level::Shall,
            "Authenticate the UE by HTTP Digest.",
        ),
    )
    .seen("not 2xx, nothing protected in the answer", &observed)
    .because("the control expected 2xx, seen: 503 with Server: \u{1b}]0;title\u{7}")
    .tags(&["digest"])
    .done();
    record.requirements[0].confidence = Confidence::MemorySure;
    record.steps = steps::hostile(&record.observed);
    // A results file may come from anywhere.
    record.evidence = Some(text("javascript:alert(1)/\u{202e}<script>\0]]>"));
    record
}

fn hardening() -> ScenarioRecord {
    let mut record = Case::new(
        "TLSC-16",
        "Offer weak suites first and strong ones behind",
        Verdict::Warn,
        CitedRequirement {
            id: text("HARD-weak-first-order"),
            document: text("presec hardening"),
            clause: text("weak-first-order"),
            level: Level::Should,
            text: text("Prefer a strong suite although the client lists weak ones first."),
            confidence: Confidence::Read,
        },
    )
    .seen(
        "selects one of the strong suites",
        "ServerHello selects TLS_RSA_WITH_3DES_EDE_CBC_SHA in tls1.2",
    )
    .remedy("Let the server's own order decide.")
    .done();
    record.kind = Kind::Hardening;
    record
}

fn permitted_by_release() -> ScenarioRecord {
    let mut record = Case::new(
        "TLSC-14[suite=TLS_RSA_WITH_RC4_128_SHA]",
        "Offer only RC4",
        Verdict::Info,
        cited(
            "UT-6-01",
            "6",
            Level::Shall,
            "Support the TLS profile of the release.",
        ),
    )
    .seen(
        "may: selects TLS_RSA_WITH_RC4_128_SHA",
        "ServerHello selects TLS_RSA_WITH_RC4_128_SHA in tls1.0",
    )
    .done();
    record.kind = Kind::Informative;
    record.policy_used = BTreeMap::from([(text("release"), entry("rel6", 4))]);
    record
}

fn others() -> Vec<ScenarioRecord> {
    let certificate = || {
        cited(
            "UT-5.2.1-01",
            "5.2.1",
            Level::May,
            "Client certificates may be used to authenticate the UE.",
        )
    };
    let without = |id: &str, title: &str| {
        Case::new(id, title, Verdict::NotApplicable, certificate())
            .because("client_certificate is none (lab.yaml:14)")
            .tags(&["tls", "client-certificate"])
            .done()
    };
    vec![
        without("CC-02", "Connect without a client certificate"),
        without("CC-03", "Connect with a certificate of a foreign CA"),
        Case::new(
            "RE-01",
            "Leave a demand to re-authenticate unanswered",
            Verdict::Inconclusive,
            cited(
                "UT-5.1.1-07",
                "5.1.1",
                Level::Shall,
                "Re-authenticate the UE when policy demands it.",
            ),
        )
        .because("`hooks.force_reauth` is not set in the target file")
        .tags(&["re-authentication"])
        .done(),
        permitted_by_release(),
        hardening(),
        Case::new(
            "XC-02",
            "Write a document of another subscriber",
            Verdict::Error,
            cited(
                "UT-6.1.2-01",
                "6.1.2",
                Level::Shall,
                "Authorise every manipulation.",
            ),
        )
        .because("`$bob.document` has no value for this target")
        .tags(&["xcap"])
        .done(),
    ]
}

fn open() -> Vec<NotJudged> {
    let row = |requirement: &str, clause: &str, because: &str| NotJudged {
        requirement: text(requirement),
        clause: format!("TS 33.141 {clause}"),
        because: text(because),
    };
    vec![
        row(
            "UT-5.1.1-07",
            "5.1.1",
            "RE-01: `hooks.force_reauth` is not set in the target file",
        ),
        row(
            "UT-5.1.1-08",
            "5.1.1",
            "RE-01: `hooks.force_reauth` is not set in the target file",
        ),
        row(
            "UT-6.1.1-02",
            "6.1.1",
            "DIG-05: the control expected 2xx, seen: 503",
        ),
        row("UT-7.1-05", "7.1", "planned: waits for the lab TLS engine"),
        row(
            "UT-A-02",
            "A",
            "not testable from outside: lies between BSF and HSS",
        ),
    ]
}

/// The run.
pub(crate) fn run() -> RunRecord {
    let null = "TLS_RSA_WITH_NULL_SHA";
    let mut scenarios = vec![
        null_offer("tls1.0", Some(null)),
        null_offer("tls1.1", Some(null)),
        null_offer("tls1.2", Some("TLS_RSA_WITH_NULL_SHA256")),
        null_offer("tls1.3", None),
        forged_identity(),
        hostile(),
    ];
    scenarios.extend(others());
    scenarios.sort_by(|one, other| one.id.cmp(&other.id));
    RunRecord {
        run_id: text("20260212-7f3a"),
        tally: scenarios.iter().map(|case| case.verdict).collect(),
        scenarios,
        not_judged: open(),
        coverage: steps::register(),
        evidence: Some(EvidenceRecord {
            folder: text("evidence"),
            captures: true,
            manifest_sha256: Some("ab".repeat(32)),
        }),
        notes: vec![text(
            "DIG-05: the document pres-rules/users/sip:alice@ims.example.test/presec-test.xml could not be put back: 503",
        )],
        duration_ms: 4_210,
        ..empty()
    }
}

/// A run in which nothing was selected.
pub(crate) fn empty() -> RunRecord {
    RunRecord {
        schema_version: SCHEMA_VERSION,
        tool: Tool {
            name: text("presec"),
            version: text("0.1.0"),
            sha256: Some("ef".repeat(32)),
        },
        run_id: text("empty"),
        seed: 42,
        started: text("2026-02-12T09:30:00Z"),
        duration_ms: 0,
        clock: text("system clock"),
        authorised_by: Some(text("Network security, ticket 4711")),
        rerun: Some(text("presec run --target lab.yaml")),
        interrupted: None,
        target: TargetRecord {
            name: text("lab-ap"),
            url: text("https://ap.ims.example.test/services/"),
            address: Some(text("192.0.2.17:443")),
            certificate_sha256: Some("ab".repeat(32)),
            file_sha256: Some("cd".repeat(32)),
            accepted_versions: BTreeMap::from([
                (text("tls1.0"), text("TLS_RSA_WITH_AES_128_CBC_SHA")),
                (
                    text("tls1.2"),
                    text("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
                ),
                (text("tls1.3"), text("TLS_AES_256_GCM_SHA384")),
            ]),
            undecided_versions: BTreeMap::new(),
            unreachable: None,
        },
        policy: BTreeMap::from([
            (text("release"), entry("rel6", 4)),
            (text("topology"), entry("ap", 5)),
            (text("origin"), entry("stub", 31)),
            (text("client_certificate"), entry("none", 14)),
            (text("intended_identity_check"), entry("ap", 11)),
        ]),
        tally: std::iter::empty().collect(),
        waived: 0,
        waivers: Vec::new(),
        waiver_problems: Vec::new(),
        shard: None,
        scenarios: Vec::new(),
        not_judged: Vec::new(),
        coverage: Vec::new(),
        evidence: None,
        notes: Vec::new(),
    }
}
