//! Operator policy: the keys, their values, and what is known of them for one target.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A guard or an applicability condition: policy key to admitted values. All keys must hold.
pub type Guard = BTreeMap<String, Vec<String>>;

/// A policy key that scenarios may depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PolicyKey {
    /// Its name in target files, guards and reports.
    pub name: &'static str,
    /// Its values.
    pub values: &'static [&'static str],
    /// The value of the strict reading, which `presec init` writes.
    pub strict: &'static str,
    /// What it decides, for `init` and the documentation.
    pub meaning: &'static str,
    /// Whether the operator writes it under `policy:`; otherwise presec derives it from the rest of the target file.
    pub written: bool,
}

const fn written(
    name: &'static str,
    values: &'static [&'static str],
    strict: &'static str,
    meaning: &'static str,
) -> PolicyKey {
    PolicyKey {
        name,
        values,
        strict,
        meaning,
        written: true,
    }
}

const fn derived(
    name: &'static str,
    values: &'static [&'static str],
    strict: &'static str,
    meaning: &'static str,
) -> PolicyKey {
    PolicyKey {
        name,
        values,
        strict,
        meaning,
        written: false,
    }
}

/// Every policy key, in the order `init` writes them; the last ones are derived from other parts of the target file.
pub const POLICY_KEYS: &[PolicyKey] = &[
    written(
        "auth_modes",
        &["gba-digest", "digest", "psk", "certificate", "implicit"],
        "gba-digest",
        "How the UE is authenticated over Ut; a list. gba-digest: HTTP Digest with B-TID and Ks_NAF; digest: other HTTP Digest credentials; implicit: the network already did it.",
    ),
    written(
        "authentication_at",
        &["ap", "ps"],
        "ap",
        "Who challenges the UE: the authentication proxy or the server behind it.",
    ),
    written(
        "require_encryption",
        &["true", "false"],
        "true",
        "Whether operator policy stipulates encryption (TS 33.141 7.2, fourth case).",
    ),
    written(
        "client_certificate",
        &["none", "optional", "required"],
        "none",
        "Whether the server asks for a client certificate, and whether it insists.",
    ),
    written(
        "intended_identity_check",
        &["ap", "ps", "none"],
        "ap",
        "Who verifies the preferred identity in X-3GPP-Intended-Identity (TS 33.141 6.1.3).",
    ),
    written(
        "identity_transfer",
        &["on", "off"],
        "on",
        "Whether the asserted identity is sent to the first application server (TS 33.141 5.1.4).",
    ),
    written(
        "application_server_trust",
        &["trusted", "untrusted"],
        "trusted",
        "Whether the first application server belongs to the trust domain.",
    ),
    written(
        "withhold_for_untrusted",
        &["true", "false"],
        "true",
        "Whether identities are withheld from an application server outside the trust domain.",
    ),
    written(
        "allow_cross_read",
        &["true", "false"],
        "false",
        "Whether one subscriber may read another one's documents.",
    ),
    derived(
        "release",
        &[
            "rel6", "rel7", "rel8", "rel9", "rel10", "rel11", "rel12", "rel13", "rel14", "rel15",
            "rel16", "rel17", "rel18",
        ],
        "rel6",
        "The 3GPP release whose TLS profile binds the target; `release:` in the target file.",
    ),
    derived(
        "topology",
        &["ap", "direct"],
        "ap",
        "Whether an authentication proxy stands in front; `topology:` in the target file.",
    ),
    derived(
        "origin",
        &["stub", "tap", "real"],
        "stub",
        "What answers behind the proxy: presec's observer alone, the observer forwarding to the real server, or the real server.",
    ),
];

/// Looks a key up by name.
#[must_use]
pub fn policy_key(name: &str) -> Option<&'static PolicyKey> {
    POLICY_KEYS.iter().find(|key| key.name == name)
}

/// A policy value and where it was set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyEntry {
    /// The values; one, except for `auth_modes`.
    pub values: Vec<String>,
    /// Where it was set, such as `target.yaml:14` or `--policy`.
    pub origin: String,
}

/// What is known of the policy; a key that is absent is unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct PolicyFacts(pub BTreeMap<String, PolicyEntry>);

/// Whether a guard holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holds {
    /// Every key has only admitted values.
    Yes,
    /// A key has a value that is not admitted.
    No {
        /// The key that decided.
        key: String,
        /// Its values.
        values: Vec<String>,
        /// Where it was set.
        origin: String,
    },
    /// A key has no value, so nothing can be said.
    Unknown {
        /// The key to set.
        key: String,
    },
}

impl PolicyFacts {
    /// Sets a key.
    pub fn set(&mut self, key: &str, values: Vec<String>, origin: impl Into<String>) {
        self.0.insert(
            key.to_owned(),
            PolicyEntry {
                values,
                origin: origin.into(),
            },
        );
    }

    /// The first value of `key`, if known.
    #[must_use]
    pub fn value(&self, key: &str) -> Option<&str> {
        self.0
            .get(key)
            .and_then(|entry| entry.values.first())
            .map(String::as_str)
    }

    /// Whether `guard` holds. A key that refutes it decides even when another one is unknown.
    #[must_use]
    pub fn holds(&self, guard: &Guard) -> Holds {
        let mut unknown = None;
        for (key, admitted) in guard {
            match self.0.get(key) {
                None => unknown = unknown.or_else(|| Some(key.clone())),
                Some(entry) if entry.values.iter().all(|value| admitted.contains(value)) => {}
                Some(entry) => {
                    return Holds::No {
                        key: key.clone(),
                        values: entry.values.clone(),
                        origin: entry.origin.clone(),
                    };
                }
            }
        }
        unknown.map_or(Holds::Yes, |key| Holds::Unknown { key })
    }
}
