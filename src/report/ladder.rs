//! The exchange of a case as a ladder: who sent what to whom, and which message decided.

use super::clean::clean;
use crate::model::record::{RunRecord, ScenarioRecord, StepRecord};
use crate::model::seen::Classification;

/// Who takes part, in the order in which they stand from left to right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lane {
    /// presec as the terminal.
    Ue,
    /// The server under test.
    Target,
    /// presec's observer behind the proxy.
    Origin,
}

/// How a message looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// Something arrived.
    Arrived,
    /// An answer, or something that presec tells of the far end.
    Answered,
    /// A refusal.
    Refused,
    /// Something that did not arrive.
    Missing,
}

/// A line of the ladder.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// From one lane to another.
    Message {
        /// Who sent it.
        from: Lane,
        /// To whom.
        to: Lane,
        /// How it looks.
        look: Look,
        /// What it was, in few words.
        label: String,
    },
    /// Something at one place, without a message.
    Note {
        /// Where.
        at: Lane,
        /// What.
        label: String,
    },
}

/// One step on the ladder.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rung {
    /// Which of the case's steps, from 0.
    pub(crate) step: usize,
    /// Whether the verdict was decided here.
    pub(crate) decisive: bool,
    /// What is drawn, from top to bottom.
    pub(crate) lines: Vec<Line>,
}

/// A ladder.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ladder {
    /// The lanes that are used, from left to right.
    pub(crate) lanes: Vec<Lane>,
    /// The steps in order.
    pub(crate) rungs: Vec<Rung>,
}

/// What the target is called on a ladder, from the policy's `topology`.
pub(crate) fn target_label(record: &RunRecord) -> &'static str {
    let topology = record.policy.get("topology");
    match topology
        .and_then(|entry| entry.values.first())
        .map(String::as_str)
    {
        Some("ap") => "AP",
        Some("direct") => "Presence server",
        _ => "Target",
    }
}

/// The ladder of a case; none when no step was performed.
pub(crate) fn ladder(case: &ScenarioRecord) -> Option<Ladder> {
    if case.steps.is_empty() {
        return None;
    }
    let decided = case.decisive_step();
    let rungs: Vec<Rung> = case
        .steps
        .iter()
        .enumerate()
        .map(|(index, step)| Rung {
            step: index,
            decisive: decided == Some(index),
            lines: lines(step),
        })
        .collect();
    let mut lanes = vec![Lane::Ue, Lane::Target];
    for line in rungs.iter().flat_map(|rung| &rung.lines) {
        let used: &[Lane] = match line {
            Line::Message { from, to, .. } => &[*from, *to],
            Line::Note { at, .. } => &[*at],
        };
        for lane in used {
            if !lanes.contains(lane) {
                lanes.push(*lane);
            }
        }
    }
    lanes.sort_unstable();
    Some(Ladder { lanes, rungs })
}

fn lines(step: &StepRecord) -> Vec<Line> {
    let mut lines: Vec<Line> = step
        .lost_attempts
        .iter()
        .map(|lost| Line::Message {
            from: Lane::Ue,
            to: Lane::Target,
            look: Look::Missing,
            label: format!("lost: {}", clean(lost)),
        })
        .collect();
    match step.step.as_str() {
        "origin" => lines.push(at_origin(step)),
        "answer" | "elapse" | "close" | "hook" => lines.push(Line::Note {
            at: match step.step.as_str() {
                "elapse" | "hook" => Lane::Target,
                _ => Lane::Ue,
            },
            label: clean(&step.observed),
        }),
        _ => exchange(step, &mut lines),
    }
    if let Some(note) = controls(step) {
        lines.push(note);
    }
    lines
}

fn exchange(step: &StepRecord, lines: &mut Vec<Line>) {
    lines.push(Line::Message {
        from: Lane::Ue,
        to: Lane::Target,
        look: Look::Arrived,
        label: request(step),
    });
    lines.push(Line::Message {
        from: Lane::Target,
        to: Lane::Ue,
        look: match step.classification {
            Classification::Accepted | Classification::Answered => Look::Answered,
            Classification::RefusedWithAlert
            | Classification::RefusedByClose
            | Classification::RefusedByReset => Look::Refused,
            Classification::Silent | Classification::Unclear => Look::Missing,
        },
        label: brief(&clean(&step.observed)),
    });
}

/// What the observer says it received came from the target; where it received nothing, nothing is drawn as sent.
fn at_origin(step: &StepRecord) -> Line {
    let label = clean(&step.observed);
    let received = label.starts_with("the origin received ") && !label.contains("received nothing");
    if received {
        Line::Message {
            from: Lane::Target,
            to: Lane::Origin,
            look: Look::Arrived,
            label: brief(&label.replacen("the origin received ", "received ", 1)),
        }
    } else {
        Line::Message {
            from: Lane::Target,
            to: Lane::Origin,
            look: Look::Missing,
            label: label.replacen("the origin ", "", 1),
        }
    }
}

fn controls(step: &StepRecord) -> Option<Line> {
    let passed = step
        .controls
        .iter()
        .filter(|control| control.passed)
        .count();
    let label = match (passed, step.controls.len()) {
        (_, 0) => return None,
        (1, 1) => "control around it holds".to_owned(),
        (passed, all) if passed == all => format!("{all} controls around it hold"),
        (passed, all) => format!("{} of {all} controls fail", all - passed),
    };
    Some(Line::Note {
        at: Lane::Ue,
        label,
    })
}

/// How long openings of actions are said in short.
const SHORT: [(&str, &str); 8] = [
    (
        "Complete a handshake as a well-behaved client",
        "TLS handshake",
    ),
    ("Send a ClientHello up to ", "ClientHello "),
    ("Send a ClientHello", "ClientHello"),
    ("Send an SSLv2 CLIENT-HELLO", "SSLv2 CLIENT-HELLO"),
    (
        "Check that the target accepts an ordinary offer",
        "control: ordinary offer",
    ),
    (
        "Check that the target answers HTTP over a fresh connection",
        "control: HTTP, fresh connection",
    ),
    ("Log in as ", "login as "),
    ("Send ", ""),
];

fn request(step: &StepRecord) -> String {
    let action = clean(step.action.as_deref().unwrap_or(&step.step));
    let short = SHORT.iter().find_map(|(long, short)| {
        let rest = action.strip_prefix(long)?;
        Some(format!("{short}{rest}"))
    });
    let Some(text) = short else {
        return brief(&action);
    };
    let text = text.replacen(" that offers suites ", ": ", 1).replacen(
        ", with the session's own credentials",
        "",
        1,
    );
    // Which session it was stands in the list; the picture has room for what matters.
    let text = match text.split_once(" in session `") {
        Some((before, rest)) => match rest.split_once('`') {
            Some((_, after)) => format!("{before}{after}"),
            None => text,
        },
        None => text,
    };
    brief(&text)
}

/// The same with the longest header names in short.
fn brief(text: &str) -> String {
    text.replace("X-3GPP-Intended-Identity", "intended")
        .replace("X-3GPP-Asserted-Identity", "asserted")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(keyword: &str, action: &str, observed: &str) -> StepRecord {
        StepRecord {
            step: keyword.to_owned(),
            place: Some(1),
            action: Some(action.to_owned()),
            observed: observed.to_owned(),
            classification: Classification::Answered,
            claim: None,
            expected: None,
            controls: Vec::new(),
            lost_attempts: Vec::new(),
        }
    }

    fn look(line: &Line) -> Option<Look> {
        match line {
            Line::Message { look, .. } => Some(*look),
            Line::Note { .. } => None,
        }
    }

    #[test]
    fn what_never_reached_the_origin_is_not_drawn_as_if_it_had() {
        let seen = |text| look(&at_origin(&step("origin", "Look", text)));
        assert_eq!(
            seen("the origin received the request, asserted identity sip:a@b"),
            Some(Look::Arrived)
        );
        assert_eq!(
            seen("the origin received 1 request with X-3GPP-Asserted-Identity \"x\""),
            Some(Look::Arrived)
        );
        assert_eq!(seen("the origin received nothing"), Some(Look::Missing));
        assert_eq!(
            seen("the origin has received nothing yet"),
            Some(Look::Missing)
        );
        assert_eq!(seen("the observer is gone"), Some(Look::Missing));
    }

    #[test]
    fn requests_are_said_in_short() {
        let short = |text| request(&step("http", text, ""));
        assert_eq!(
            short(
                "Send GET $own_document in session `s`, with the session's own credentials, marked `own`"
            ),
            "GET $own_document, marked `own`"
        );
        assert_eq!(
            short("Send a ClientHello up to tls1.2 that offers suites A, B; read"),
            "ClientHello tls1.2: A, B; read"
        );
    }
}
