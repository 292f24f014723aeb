//! Steps that look at a proxy from several sides at once: sessions beside each other, and the canary.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer_proxy::{CanaryView, ParallelView};
use super::bind::Bind;
use super::claim::Claim;

/// Sessions at most, counted with their connections.
pub const MOST_CONNECTIONS: u32 = 16;

/// Requests at most over all connections.
pub const MOST_REQUESTS: u32 = 800;

/// One kind of session in a [`Parallel`] step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ParallelSession {
    /// The subscriber's name in the target file.
    #[serde(rename = "as")]
    pub subscriber: String,
    /// The host behind the proxy; the target's host unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<Bind<String>>,
    /// One X-3GPP-Intended-Identity in every request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intended_identity: Option<Bind<String>>,
}

/// Logs sessions in on connections of their own, sends their requests beside each other, and compares every answer and
/// everything that the origin received with the session it belongs to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Parallel {
    /// The sessions.
    pub sessions: Vec<ParallelSession>,
    /// Connections of each; 1 unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connections: Option<u32>,
    /// Requests of each connection, for the subscriber's own document; 1 unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests: Option<u32>,
    /// What is claimed.
    pub expect: Vec<Claim<ParallelView>>,
}

impl Parallel {
    /// Connections of each session.
    #[must_use]
    pub fn connections(&self) -> u32 {
        self.connections.unwrap_or(1)
    }

    /// Requests of each connection.
    #[must_use]
    pub fn requests(&self) -> u32 {
        self.requests.unwrap_or(1)
    }

    /// Whether it stays within [`MOST_CONNECTIONS`] and [`MOST_REQUESTS`], and does anything at all.
    #[must_use]
    pub fn is_bounded(&self) -> bool {
        let sessions = u32::try_from(self.sessions.len()).unwrap_or(u32::MAX);
        let connections = sessions.saturating_mul(self.connections());
        let requests = connections.saturating_mul(self.requests());
        (1..=MOST_CONNECTIONS).contains(&connections) && (1..=MOST_REQUESTS).contains(&requests)
    }
}

/// Looks whether anybody called the canary: an address of the tester that no request may lead to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Canary {
    /// What is claimed.
    pub expect: Vec<Claim<CanaryView>>,
}
