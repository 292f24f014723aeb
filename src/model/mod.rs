//! What the words mean: requirements, scenarios, steps, claims, policy, targets, verdicts and run records.
//!
//! Types only: serde and schemars, no input or output, no clock, no async. Everything above speaks in these words.

pub mod answer;
pub mod answer_certificate;
pub mod answer_challenge;
pub mod answer_http;
pub mod answer_open;
pub mod answer_proxy;
pub mod answer_selection;
pub mod answer_tls;
pub mod bind;
pub mod claim;
pub mod declared;
pub mod evidence;
pub mod identity;
pub mod journal;
pub mod names;
pub mod parked;
pub mod policy;
pub mod profile;
pub mod record;
pub mod requirement;
pub mod scenario;
pub mod secret;
pub mod seen;
pub mod seen_http;
pub mod seen_open;
pub mod seen_tls;
pub mod shard;
pub mod step;
pub mod step_http;
pub mod step_http_form;
pub mod step_open;
pub mod step_pre_shared;
pub mod step_proxy;
pub mod step_tls;
pub mod suite;
pub mod target;
pub mod tls_quirk;
pub mod verdict;
pub mod waiver;
