//! State files of parked cases, made older than they are.
#![allow(dead_code, reason = "each test crate uses its own part")]

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// Makes what was parked so many seconds older, as if it had been parked then.
pub(crate) fn make_older(path: &Path, seconds: i64) {
    rewrite(path, |state| shift(state, -seconds));
}

/// Changes a state file as its writer would have written it.
pub(crate) fn rewrite(path: &Path, change: impl FnOnce(&mut Value)) {
    let text = fs::read_to_string(path).expect("a state");
    let (head, body) = text.split_once('\n').expect("two lines");
    let mut head: Value = serde_json::from_str(head).expect("a head");
    let mut body: Value = serde_json::from_str(body).expect("a state");
    change(&mut body);
    let body = body.to_string();
    head["sha256"] = json!(hex::encode(Sha256::digest(&body)));
    fs::write(path, format!("{head}\n{body}\n")).expect("written");
}

/// Moves every time in a state.
fn shift(value: &mut Value, by: i64) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match name.as_str() {
                    "since" | "created" | "parked_at" => {
                        *field = json!(field.as_i64().expect("seconds") + by);
                    }
                    "received" => {
                        *field = json!(field.as_i64().expect("milliseconds") + by * 1000);
                    }
                    _ => shift(field, by),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|one| shift(one, by)),
        _ => {}
    }
}
