//! What is known of a server: every case that is not a plain pass, with what was seen and why it is so.

use serde_json::Value;

use crate::support::Call;

/// One known deviation: cases, verdict, number of cases, a part of what was observed or of the reason given, and why it is so.
///
/// Cases are ids (`TLSC-20[version=tls1.2]`) or scenarios whose expansions are meant together (`XC-02`), with blanks between them.
pub(crate) type Pin = (
    &'static str,
    &'static str,
    usize,
    &'static str,
    &'static str,
);

/// What must be caught: cases, verdict, a part of what was observed.
pub(crate) type Catch = (&'static str, &'static str, &'static str);

/// Holds all verdicts but `pass` against the pins; a pin that nothing answers to is as wrong as a case without a pin.
pub(crate) fn hold(call: &Call, sets: &[&[Pin]]) {
    let pins: Vec<&Pin> = sets.iter().copied().flatten().collect();
    let mut met = vec![0; pins.len()];
    let mut wrong = Vec::new();
    for case in call.cases().iter().filter(|case| case["verdict"] != "pass") {
        let known = pins.iter().position(|pin| answers(case, pin));
        match known {
            Some(index) => met[index] += 1,
            None => wrong.push(format!("not pinned: {}", line(case))),
        }
    }
    for (pin, met) in pins.iter().zip(met) {
        if met != pin.2 {
            wrong.push(format!("pinned {} times, seen {met} times: {pin:?}", pin.2));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Holds that exactly these cases fail or warn beyond what is known, each with the evidence given.
pub(crate) fn caught(call: &Call, known: &[&[Pin]], expected: &[Catch]) {
    let usual = |case: &Value| {
        known
            .iter()
            .copied()
            .flatten()
            .any(|pin| answers(case, pin))
    };
    let is = |case: &Value, catch: &Catch| answers(case, &(catch.0, catch.1, 1, catch.2, ""));
    let mut wrong = Vec::new();
    for entry in expected {
        for id in entry.0.split(' ') {
            let of_it = |case: &&Value| case["id"] == id || case["scenario"] == id;
            if !call
                .cases()
                .iter()
                .filter(of_it)
                .any(|case| is(case, entry))
            {
                let seen = call.cases().iter().find(of_it);
                let seen = seen.map_or_else(|| "not run".to_owned(), line);
                wrong.push(format!("{id} not caught: {entry:?}, but {seen}"));
            }
        }
    }
    for case in call.cases() {
        let reddens =
            case["verdict"] == "fail" || case["verdict"] == "warn" || case["verdict"] == "error";
        if reddens && !usual(case) && !expected.iter().any(|entry| is(case, entry)) {
            wrong.push(format!("not expected: {}", line(case)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn answers(case: &Value, (id, verdict, _, seen, _): &Pin) -> bool {
    let says = |key: &str| case[key].as_str().is_some_and(|text| text.contains(seen));
    let meant = id
        .split(' ')
        .any(|id| case["id"] == id || case["scenario"] == id);
    meant && case["verdict"] == *verdict && (says("observed") || says("because"))
}

fn line(case: &Value) -> String {
    let text = |key: &str| case[key].as_str().unwrap_or_default().to_owned();
    format!(
        "(\"{}\", \"{}\", 1, \"{}\", \"{}\")",
        text("id"),
        text("verdict"),
        text("observed"),
        text("because")
    )
}
