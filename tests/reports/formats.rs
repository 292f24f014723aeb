//! HTML, SARIF, Markdown, the matrix and the lab form: valid, bounded, harmless, and the same from a file as from the run.

use std::path::Path;
use std::time::Instant;

use presec::model::record::{RunRecord, ScenarioRecord};
use presec::model::waiver::AppliedWaiver;
use presec::report::{coverage, html, json, junit, lab_form, markdown, sarif, table};
use serde_json::Value;

use super::fixture;

type Render = fn(&RunRecord) -> String;

const FORMATS: [(&str, Render); 8] = [
    ("html", html::render),
    ("sarif", sarif::render),
    ("markdown", markdown::render),
    ("coverage.csv", coverage::csv),
    ("coverage.md", coverage::markdown),
    ("lab form", lab_form::render),
    ("junit", |record| junit::render(record, super::RERUN)),
    ("table", |record| table::render(record, &super::options(80))),
];

/// 500 scenarios with three cases each, made from those of the fixture.
fn large() -> RunRecord {
    let mut run = fixture::run();
    let of_fixture = run.scenarios.clone();
    run.scenarios = (0..1500)
        .map(|number| {
            let mut case: ScenarioRecord = of_fixture[number / 3 % of_fixture.len()].clone();
            case.scenario = format!("{}-{:03}", case.scenario, number / 3);
            case.id = format!("{}[target=t{}]", case.scenario, number % 3);
            case
        })
        .collect();
    run.scenarios.sort_by(|one, other| one.id.cmp(&other.id));
    run.tally = run.scenarios.iter().map(|case| case.verdict).collect();
    run
}

/// A run in which every text field that a target, a file or a user can fill holds the worst of them.
fn poisoned() -> RunRecord {
    let invalid = String::from_utf8_lossy(b"\xff\xfe\x80 broken").into_owned();
    let poison = format!(
        "\u{1b}[2J\0<script>alert(1)</script><img src=x onerror=alert(1)>]]>--><!--\u{202e}\u{2066}\u{200b}\u{feff}\"'`|=@evil ```\r\n# forged\r\n::error::x {invalid} {}",
        "H".repeat(2000)
    );
    let long = format!("{poison}{}", "H".repeat(1024 * 1024));
    let mut run = fixture::run();
    let poison_it = |text: &mut String| text.clone_from(&poison);
    run.target.unreachable = Some(poison.clone());
    run.authorised_by = Some(poison.clone());
    run.interrupted = Some(poison.clone());
    for text in [
        &mut run.target.name,
        &mut run.target.url,
        &mut run.clock,
        &mut run.run_id,
    ] {
        poison_it(text);
    }
    run.target
        .accepted_versions
        .insert(poison.clone(), poison.clone());
    run.notes.push(poison.clone());
    for case in &mut run.scenarios {
        poison_it(&mut case.observed);
        poison_it(&mut case.expected);
        poison_it(&mut case.title);
        case.because = Some(poison.clone());
        case.remedy = Some(poison.clone());
        case.tags = vec![poison.clone()];
        case.file.clone_from(&poison);
        for entry in case.policy_used.values_mut() {
            entry.origin.clone_from(&poison);
        }
        for step in &mut case.steps {
            poison_it(&mut step.observed);
            step.action = Some(poison.clone());
            step.lost_attempts = vec![poison.clone()];
        }
    }
    let case = &mut run.scenarios[3];
    for text in [
        &mut case.observed,
        &mut case.expected,
        &mut case.steps[0].observed,
    ] {
        text.clone_from(&long);
    }
    case.because = Some(long.clone());
    run.notes.push(long);
    run.scenarios[0].id = format!("EVIL-01[x={}]", &poison[..200]);
    for row in &mut run.coverage {
        poison_it(&mut row.text);
    }
    run
}

#[test]
fn no_format_holds_what_could_fool_a_reader() {
    let run = poisoned();
    for (name, render) in FORMATS {
        let text = render(&run);
        let bad = text.chars().find(|c| {
            (c.is_control() && !matches!(c, '\n' | '\r'))
                || "\u{202e}\u{2066}\u{200b}\u{feff}".contains(*c)
        });
        assert_eq!(bad, None, "{name}");
        assert!(text.len() < 1024 * 1024, "{name}: {} octets", text.len());
        // The terminal's table wraps words, those of a scenario's tags from its first column on.
        assert!(
            name == "table" || !text.contains("\n# forged") && !text.contains("\n::error::"),
            "{name}"
        );
    }
}

#[test]
fn html_runs_and_loads_nothing_but_its_own() {
    for run in [fixture::run(), poisoned(), fixture::empty()] {
        let text = html::render(&run);
        assert_eq!(text.matches("<script").count(), 1);
        assert_eq!(text.matches("<style").count(), 1);
        for bad in [
            "<img",
            "onerror=alert(1)>",
            "<!--",
            // As text it does nothing; as an address it would run.
            "\"javascript:",
            " style=\"",
            "@import",
        ] {
            assert!(!text.contains(bad), "{bad}");
        }
        assert!(!text.contains(" src=\"") && !text.contains("<link"));
        assert!(text.matches("http://").count() == 0);
        assert!(text.contains("default-src 'none'"));
    }
}

/// Every `id` once, every `#…` to one of them.
#[test]
fn anchors_of_the_page_lead_somewhere() {
    let text = html::render(&fixture::run());
    let values = |mark: &str| -> Vec<String> {
        text.split(mark)
            .skip(1)
            .filter_map(|rest| rest.split('"').next().map(str::to_owned))
            .collect()
    };
    let ids = values(" id=\"");
    let mut distinct = ids.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(ids.len(), distinct.len(), "an id stands twice");
    for target in values("href=\"#") {
        assert!(
            distinct.binary_search(&target).is_ok(),
            "#{target} leads nowhere"
        );
    }
}

#[test]
fn the_deciding_message_is_marked_once_in_list_and_ladder() {
    let text = html::render(&fixture::run());
    let start = text.find("id=\"s-ID-03\"").unwrap();
    let case = &text[start..start + text[start..].find("</svg>").unwrap()];
    assert_eq!(case.matches("class=\"dz\"").count(), 1);
    assert_eq!(case.matches(">decides<").count(), 1);
    assert!(case.contains("between UE, AP, Origin; step 5 decides"));
    assert!(case.contains("received 1 request with"));
}

#[test]
fn a_large_run_is_small_and_quick() {
    let run = large();
    let begin = Instant::now();
    let text = html::render(&run);
    let took = begin.elapsed();
    assert!(text.len() < 5 * 1024 * 1024, "{} octets", text.len());
    // The bound of a release build is 300 ms; a development build on a busy machine gets ten times that.
    let bound = if cfg!(debug_assertions) { 3000 } else { 300 };
    assert!(took.as_millis() < bound, "{took:?}");
    assert!(markdown::render(&run).len() < 1024 * 1024);
}

#[test]
fn every_format_is_the_same_from_the_results_file() {
    let run = fixture::run();
    let read = json::from_json(&json::to_json(&run)).unwrap();
    for (name, render) in FORMATS {
        assert_eq!(render(&run), render(&read), "{name}");
        render(&fixture::empty());
    }
}

#[test]
fn results_from_before_the_register_was_recorded_are_still_reported() {
    let mut value: Value = serde_json::from_str(&json::to_json(&fixture::run())).unwrap();
    let run = value.as_object_mut().unwrap();
    run.remove("coverage");
    run.remove("rerun");
    for case in run["scenarios"].as_array_mut().unwrap() {
        for step in case["steps"].as_array_mut().unwrap() {
            let step = step.as_object_mut().unwrap();
            step.remove("place");
            step.remove("action");
        }
    }
    let old = json::from_json(&value.to_string()).unwrap();
    assert!(coverage::csv(&old).contains("UT-7.2-03,TS 33.141,7.2,shall,read,violated"));
    for (_, render) in FORMATS {
        render(&old);
    }
}

fn sarif_of(run: &RunRecord) -> Value {
    serde_json::from_str(&sarif::render(run)).unwrap()
}

#[test]
fn sarif_keeps_to_the_schema_of_the_standard() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/schema/sarif-2.1.0.schema.json");
    let mut schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    // The published pattern has a bracket too many, which a strict reader of patterns refuses; presec writes no language.
    for owner in ["run", "toolComponent"] {
        let language = schema
            .pointer_mut(&format!("/definitions/{owner}/properties/language/pattern"))
            .unwrap();
        assert_eq!(*language, "^[a-zA-Z]{2}|^[a-zA-Z]{2}-[a-zA-Z]{2}]?$");
        *language = "^[a-zA-Z]{2}(-[a-zA-Z]{2})?$".into();
    }
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap();
    for run in [fixture::run(), fixture::empty(), poisoned()] {
        let log = sarif_of(&run);
        let errors: Vec<String> = validator
            .iter_errors(&log)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(errors, Vec::<String>::new());
    }
}

#[test]
fn sarif_says_what_the_tally_says() {
    let run = fixture::run();
    let log = sarif_of(&run);
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), run.scenarios.len());
    for (case, result) in run.scenarios.iter().zip(results) {
        let expected = match case.verdict.name() {
            "pass" => ("pass", "none"),
            "info" => ("informational", "none"),
            "warn" => ("fail", "warning"),
            "fail" => ("fail", "error"),
            "not-applicable" => ("notApplicable", "none"),
            _ => ("review", "none"),
        };
        assert_eq!(
            (
                result["kind"].as_str().unwrap(),
                result["level"].as_str().unwrap()
            ),
            expected
        );
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        let rule = &log["runs"][0]["tool"]["driver"]["rules"][index];
        assert_eq!(rule["id"], case.scenario.as_str());
        assert_eq!(result["ruleId"], rule["id"]);
    }
    let notes = &log["runs"][0]["invocations"][0]["toolExecutionNotifications"];
    assert_eq!(notes[0]["associatedRule"]["id"], "XC-02");
}

#[test]
fn a_waiver_is_laid_over_the_verdict_everywhere() {
    let mut run = fixture::run();
    let case = run
        .scenarios
        .iter_mut()
        .find(|case| case.id == "ID-03")
        .unwrap();
    case.waiver = Some(AppliedWaiver {
        id: "ID-03".to_owned(),
        because: "the proxy is replaced <b>next</b> month".to_owned(),
        owner: "core-team".to_owned(),
        expires: "2026-03-31".to_owned(),
        place: "waivers.yaml:3".to_owned(),
    });
    run.waived = 1;
    let log = sarif_of(&run);
    let results = log["runs"][0]["results"].as_array().unwrap();
    let waived: Vec<&Value> = results
        .iter()
        .filter(|result| result.get("suppressions").is_some())
        .collect();
    assert_eq!(waived.len(), 1);
    assert_eq!(waived[0]["kind"], "fail");
    assert_eq!(waived[0]["suppressions"][0]["status"], "accepted");
    let page = html::render(&run);
    let attention = page.split("id=\"results\"").next().unwrap();
    assert!(
        !attention.contains("#s-ID-03"),
        "a waived case wants no attention"
    );
    assert!(page.contains("waived by core-team until 2026-03-31"));
    let summary = markdown::render(&run);
    assert!(summary.contains("## Failed: 3\n") && summary.contains("## Waivers\n"));
    assert!(lab_form::render(&run).contains("waived by core-team"));
}

#[test]
fn fingerprints_follow_the_case_and_not_what_was_seen() {
    let run = fixture::run();
    let mut other = run.clone();
    for case in &mut other.scenarios {
        case.observed.push_str(", differently");
    }
    let prints = |run: &RunRecord| -> Vec<String> {
        let log = sarif_of(run);
        let results = log["runs"][0]["results"].as_array().unwrap().clone();
        results
            .iter()
            .map(|one| one["partialFingerprints"]["presecCase/v1"].to_string())
            .collect()
    };
    assert_eq!(prints(&run), prints(&other));
    let mut distinct = prints(&run);
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), run.scenarios.len());
}

/// A reader of CSV that knows nothing of the writer: every line has the columns of the first.
#[test]
fn the_matrix_is_read_back_in_full() {
    for run in [fixture::run(), poisoned()] {
        let text = coverage::csv(&run);
        let lines: Vec<&str> = text.split_terminator("\r\n").collect();
        let columns = fields(lines[0]).len();
        for line in &lines {
            assert_eq!(fields(line).len(), columns, "{line}");
            assert!(
                !fields(line)
                    .iter()
                    .any(|field| field.starts_with(['=', '@', '+']))
            );
        }
    }
    let text = coverage::csv(&fixture::run());
    assert!(text.contains("UT-5.1.1-08,TS 33.141,5.1.1,shall,read,not selected,"));
    assert!(text.contains(",not testable,Fetch key material over Zh.,lies between BSF and HSS,"));
}

fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            _ => fields.last_mut().unwrap().push(c),
        }
    }
    fields
}
