//! From a run to its SARIF log.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::log::{
    Artifact, ArtifactLocation, AutomationDetails, Configuration, Driver, Help, Invocation,
    Location, Log, LogicalLocation, Message, Notification, PhysicalLocation, Properties, Region,
    Rule, RuleReference, Run, SarifResult, Suppression, Tool,
};
use crate::model::record::{RunRecord, ScenarioRecord};
use crate::model::verdict::Verdict;
use crate::report::case_block::{cited, confidence, policy};
use crate::report::clean::clean;
use crate::report::gfm::words;
use crate::report::listing::{kind_name, risk_name};
use crate::report::uri::uri;

/// Where scenario files are found.
const SCENARIOS: &str = "SCENARIOS";

/// The scenarios of a run, each with its place among the rules, by id.
type Rules<'a> = BTreeMap<&'a str, (usize, &'a ScenarioRecord)>;

/// The run as SARIF 2.1.0. Fail is a result of kind `fail` and level `error`, warn one of level `warning`; pass,
/// informational, notApplicable and review (inconclusive and error) carry the level `none`, as the standard demands.
/// What went wrong on presec's side also stands among the notifications of the invocation.
#[must_use]
pub fn render(record: &RunRecord) -> String {
    let mut first: BTreeMap<&str, &ScenarioRecord> = BTreeMap::new();
    for case in &record.scenarios {
        first.entry(&case.scenario).or_insert(case);
    }
    let rules: Rules<'_> = first
        .into_iter()
        .enumerate()
        .map(|(index, (id, case))| (id, (index, case)))
        .collect();
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: vec![run(record, &rules)],
    };
    // Every key is text, so this writes; were it ever not so, a reader refuses what stands here.
    let mut text = serde_json::to_string_pretty(&log)
        .unwrap_or_else(|error| json!({ "error": error.to_string() }).to_string());
    text.push('\n');
    text
}

fn run(record: &RunRecord, rules: &Rules<'_>) -> Run {
    let base = ArtifactLocation {
        description: Some(Message::new(
            "The folder of scenarios; those of presec itself are part of the program.",
        )),
        ..ArtifactLocation::default()
    };
    Run {
        tool: Tool {
            driver: Driver {
                name: clean(&record.tool.name),
                semantic_version: clean(&record.tool.version),
                short_description: Message::new(
                    "Black-box conformance and security tester for the 3GPP Presence service (TS 33.141)",
                ),
                rules: rules.values().map(|(_, case)| rule(case)).collect(),
            },
        },
        automation_details: AutomationDetails {
            id: format!(
                "presec/{}/{}",
                segment(&record.target.name),
                segment(&record.run_id)
            ),
            description: Message::new(clean(&format!(
                "{} at {}",
                record.target.name, record.target.url
            ))),
        },
        invocations: vec![invocation(record, rules)],
        original_uri_base_ids: BTreeMap::from([(SCENARIOS, base)]),
        artifacts: artifacts(rules),
        results: record
            .scenarios
            .iter()
            .map(|case| result(record, case, rules))
            .collect(),
        column_kind: "unicodeCodePoints",
        properties: run_properties(record),
    }
}

fn run_properties(record: &RunRecord) -> Properties {
    let target = &record.target;
    let policy: BTreeMap<&str, Value> = record
        .policy
        .iter()
        .map(|(key, entry)| {
            let value = json!({ "values": entry.values, "origin": clean(&entry.origin) });
            (key.as_str(), value)
        })
        .collect();
    let optional = |text: &Option<String>| text.as_deref().map(clean);
    Properties::from([
        ("target", json!(clean(&target.name))),
        ("targetUrl", json!(clean(&target.url))),
        ("targetAddress", json!(optional(&target.address))),
        ("certificateSha256", json!(target.certificate_sha256)),
        ("targetFileSha256", json!(target.file_sha256)),
        ("seed", json!(record.seed.to_string())),
        ("clock", json!(clean(&record.clock))),
        ("authorisedBy", json!(optional(&record.authorised_by))),
        ("policy", json!(policy)),
    ])
}

/// A part of an automation id: `/` separates such parts.
fn segment(text: &str) -> String {
    clean(text).replace('/', "-")
}

fn rule(case: &ScenarioRecord) -> Rule {
    let sentences: Vec<String> = case
        .requirements
        .iter()
        .map(|requirement| clean(&cited(requirement)))
        .collect();
    let full = if sentences.is_empty() {
        clean(&case.title)
    } else {
        sentences.join("\n")
    };
    let mut text = vec![full.clone()];
    let mut markdown: Vec<String> = sentences
        .iter()
        .map(|sentence| format!("- {}", words(sentence)))
        .collect();
    if let Some(reading) = &case.interpretation {
        text.push(format!("How presec reads it: {}", clean(&reading.text)));
        markdown.push(format!(
            "\n**How presec reads it**: {}",
            words(&reading.text)
        ));
    }
    if let Some(remedy) = &case.remedy {
        text.push(format!("Remedy: {}", clean(remedy)));
        markdown.push(format!("\n**Remedy**: {}", words(remedy)));
    }
    let mut properties = Properties::from([
        ("tags", json!(tags(case))),
        ("kind", json!(kind_name(case.kind))),
        ("risk", json!(risk_name(case.risk))),
        ("precision", json!("very-high")),
    ]);
    if let Some(text) = confidence(case) {
        properties.insert("confidence", json!(text));
    }
    Rule {
        id: clean(&case.scenario),
        short_description: Message::new(clean(&case.title)),
        full_description: Message::new(full),
        help: Help {
            text: text.join("\n"),
            markdown: markdown.join("\n"),
        },
        default_configuration: Configuration {
            level: match kind_name(case.kind) {
                "conformance" => "error",
                "hardening" => "warning",
                _ => "note",
            },
        },
        properties,
    }
}

fn tags(case: &ScenarioRecord) -> Vec<String> {
    let mut tags: Vec<String> = case.tags.iter().map(|tag| clean(tag)).collect();
    if !tags.iter().any(|tag| tag == "security") {
        tags.push("security".to_owned());
    }
    tags
}

/// Every scenario file once.
fn artifacts(rules: &Rules<'_>) -> Vec<Artifact> {
    let files: BTreeMap<&str, &ScenarioRecord> = rules
        .values()
        .map(|(_, case)| (case.file.as_str(), *case))
        .collect();
    files.into_values().map(artifact).collect()
}

fn artifact(case: &ScenarioRecord) -> Artifact {
    Artifact {
        location: ArtifactLocation {
            uri: Some(uri(&case.file)),
            uri_base_id: Some(SCENARIOS),
            ..ArtifactLocation::default()
        },
        hashes: BTreeMap::from([("sha-256", clean(&case.content_sha256))]),
    }
}

fn invocation(record: &RunRecord, rules: &Rules<'_>) -> Invocation {
    let mut notifications = Vec::new();
    let mut add = |level, text: &str, case: Option<&ScenarioRecord>| {
        let associated_rule = case.and_then(|case| {
            let (index, _) = rules.get(case.scenario.as_str())?;
            Some(RuleReference {
                id: clean(&case.scenario),
                index: *index,
            })
        });
        notifications.push(Notification {
            level,
            message: Message::new(clean(text)),
            associated_rule,
        });
    };
    if let Some(reason) = &record.target.unreachable {
        add(
            "error",
            &format!("the target could not be surveyed: {reason}"),
            None,
        );
    }
    if let Some(by) = &record.interrupted {
        add("error", &format!("interrupted by {by}"), None);
    }
    for case in record
        .scenarios
        .iter()
        .filter(|case| case.verdict == Verdict::Error)
    {
        let because = case.because.as_ref().unwrap_or(&case.observed);
        add("error", &format!("{}: {because}", case.id), Some(case));
    }
    for problem in &record.waiver_problems {
        let text = format!(
            "{} waiver {}: {}",
            problem.kind.name(),
            problem.id,
            problem.because
        );
        add("warning", &text, None);
    }
    for note in &record.notes {
        add("warning", note, None);
    }
    let start = OffsetDateTime::parse(&record.started, &Rfc3339).ok();
    let end = start.and_then(|start| {
        let millis = i64::try_from(record.duration_ms).ok()?;
        start.checked_add(time::Duration::milliseconds(millis))
    });
    let text = |moment: Option<OffsetDateTime>| moment.and_then(|it| it.format(&Rfc3339).ok());
    Invocation {
        execution_successful: record.interrupted.is_none() && record.target.unreachable.is_none(),
        start_time_utc: text(start),
        end_time_utc: text(end),
        tool_execution_notifications: notifications,
        properties: Properties::from([("runId", json!(clean(&record.run_id)))]),
    }
}

fn result(record: &RunRecord, case: &ScenarioRecord, rules: &Rules<'_>) -> SarifResult {
    let (kind, level) = match case.verdict {
        Verdict::Fail => ("fail", "error"),
        Verdict::Warn => ("fail", "warning"),
        Verdict::Pass => ("pass", "none"),
        Verdict::Info => ("informational", "none"),
        Verdict::NotApplicable => ("notApplicable", "none"),
        Verdict::Inconclusive | Verdict::Error => ("review", "none"),
    };
    let index = rules
        .get(case.scenario.as_str())
        .map_or(0, |(index, _)| *index);
    SarifResult {
        rule_id: clean(&case.scenario),
        rule_index: index,
        kind,
        level,
        message: Message::new(message(case)),
        locations: vec![location(case)],
        partial_fingerprints: BTreeMap::from([("presecCase/v1", fingerprint(record, case))]),
        suppressions: suppressions(case),
        properties: properties(case),
    }
}

fn message(case: &ScenarioRecord) -> String {
    let mut text = format!("{}: {}", clean(&case.id), clean(&case.title));
    let mut add = |label: &str, part: &str| {
        if !part.is_empty() {
            text.push_str(&format!("\n{label}: {}", clean(part)));
        }
    };
    add("expected", &case.expected);
    add("observed", &case.observed);
    add("because", case.because.as_deref().unwrap_or_default());
    text
}

fn location(case: &ScenarioRecord) -> Location {
    Location {
        physical_location: PhysicalLocation {
            artifact_location: ArtifactLocation {
                uri: Some(uri(&case.file)),
                uri_base_id: Some(SCENARIOS),
                description: None,
            },
            region: Region { start_line: 1 },
        },
        logical_locations: case
            .requirements
            .iter()
            .map(|requirement| LogicalLocation {
                name: clean(&requirement.id),
                fully_qualified_name: clean(&format!(
                    "{}/{}/{}",
                    requirement.document, requirement.clause, requirement.id
                )),
                kind: "clause",
            })
            .collect(),
    }
}

/// The same for the same case against the same target, whatever was observed, so that a finding keeps its history.
fn fingerprint(record: &RunRecord, case: &ScenarioRecord) -> String {
    let mut hash = Sha256::new();
    for part in [&record.target.name, &case.id] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hex::encode(hash.finalize())
}

fn suppressions(case: &ScenarioRecord) -> Vec<Suppression> {
    let waiver = case.waiver.iter();
    waiver
        .map(|waiver| Suppression {
            kind: "external",
            status: "accepted",
            justification: clean(&waiver.told()),
        })
        .collect()
}

fn properties(case: &ScenarioRecord) -> Properties {
    let mut properties = Properties::from([
        ("case", json!(clean(&case.id))),
        ("verdict", json!(case.verdict.name())),
        ("expected", json!(clean(&case.expected))),
        ("observed", json!(clean(&case.observed))),
        ("durationMs", json!(case.duration_ms)),
    ]);
    let optional = [
        ("because", case.because.clone()),
        ("policy", policy(&case.policy_used)),
        ("confidence", confidence(case)),
        ("evidence", case.evidence.clone()),
        (
            "interpretation",
            case.interpretation.as_ref().map(|it| it.slug.clone()),
        ),
    ];
    for (name, text) in optional {
        properties.extend(text.map(|text| (name, json!(clean(&text)))));
    }
    properties
}
