//! Answers of the origin observer, and what all answer types share.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bind::{Bind, resolve_all};
use super::identity::is_same_identity;
use super::names::{NameError, Names};
use super::seen::{Expected, Facts, Fit, Seen};
use super::seen_http::OriginFacts;

/// What the origin received under a marker; every field given must hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OriginView {
    /// Exactly this many requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests: Option<Bind<u32>>,
    /// The asserted identity header carries this identity and no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asserted_identity: Option<Bind<String>>,
    /// The asserted or, without one, the intended identity header carries this identity and no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Bind<String>>,
    /// The asserted identity header does not carry this identity and, without one, the intended header does not carry it alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub never_identity: Option<Bind<String>>,
    /// The asserted identity header does not carry this identity, alone or among others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub never_asserted_identity: Option<Bind<String>>,
    /// The asserted identity header was received, or was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asserted: Option<bool>,
    /// The asserted identity header carries nothing but these; nothing at all is right too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asserted_among: Vec<Bind<String>>,
    /// Some header field, or the request target, holds this text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carries: Option<Bind<String>>,
    /// No header field, and no request target, holds this text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub never_carries: Option<Bind<String>>,
    /// No header field with one of these names was received.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers_absent: Vec<String>,
}

impl OriginView {
    fn identity_fit(&self, facts: &OriginFacts, names: &Names) -> Result<Fit, NameError> {
        if self.wants_arrival() && facts.requests == 0 && !facts.settled {
            return Ok(Fit::Undecided(
                "the origin may still receive the request".to_owned(),
            ));
        }
        let mut fit = Fit::Met;
        if let Some(wanted) = &self.asserted_identity {
            fit = fit.and(Fit::when(only(
                &facts.asserted_identities,
                &wanted.resolve(names)?,
            )));
        }
        if let Some(wanted) = &self.identity {
            let wanted = wanted.resolve(names)?;
            let carried = if facts.asserted_identities.is_empty() {
                &facts.intended_identities
            } else {
                &facts.asserted_identities
            };
            fit = fit.and(Fit::when(only(carried, &wanted)));
        }
        if let Some(foreign) = &self.never_identity {
            let foreign = foreign.resolve(names)?;
            let is_foreign = |value: &String| is_same_identity(value, &foreign);
            let asserted = facts.asserted_identities.iter().any(is_foreign);
            let alone = facts.asserted_identities.is_empty()
                && !facts.intended_identities.is_empty()
                && facts.intended_identities.iter().all(is_foreign);
            fit = fit.and(Fit::when(!asserted && !alone));
        }
        if let Some(foreign) = &self.never_asserted_identity {
            let foreign = foreign.resolve(names)?;
            let is_foreign = |value: &String| is_same_identity(value, &foreign);
            fit = fit.and(Fit::when(!facts.asserted_identities.iter().any(is_foreign)));
        }
        Ok(fit)
    }
}

impl OriginView {
    /// What is said of the asserted header as a whole and of any field.
    fn content_fit(&self, facts: &OriginFacts, names: &Names) -> Result<Fit, NameError> {
        let mut fit = Fit::Met;
        if let Some(wanted) = self.asserted {
            fit = fit.and(Fit::when(facts.asserted_identities.is_empty() != wanted));
        }
        if !self.asserted_among.is_empty() {
            let among = resolve_all(&self.asserted_among, names)?;
            let all = |value: &String| among.contains(value);
            fit = fit.and(Fit::when(facts.asserted_identities.iter().all(all)));
        }
        let holds = |text: &Bind<String>| -> Result<bool, NameError> {
            let text = text.resolve(names)?;
            Ok(facts
                .header_values
                .iter()
                .any(|value| value.contains(&text)))
        };
        if let Some(text) = &self.carries {
            fit = fit.and(Fit::when(holds(text)?));
        }
        if let Some(text) = &self.never_carries {
            fit = fit.and(Fit::when(!holds(text)?));
        }
        Ok(fit)
    }

    /// Whether only a request that arrived can satisfy it.
    #[must_use]
    pub fn wants_arrival(&self) -> bool {
        self.asserted_identity.is_some()
            || self.identity.is_some()
            || self.carries.is_some()
            || self.asserted == Some(true)
    }

    /// Whether more that arrives later could break it.
    #[must_use]
    pub fn is_about_absence(&self) -> bool {
        self.never_identity.is_some()
            || self.never_asserted_identity.is_some()
            || self.never_carries.is_some()
            || self.asserted == Some(false)
            || !self.asserted_among.is_empty()
            || !self.headers_absent.is_empty()
    }
}

fn only(values: &[String], wanted: &str) -> bool {
    !values.is_empty() && values.iter().all(|value| value == wanted)
}

impl Expected for OriginView {
    fn fit(&self, seen: &Seen, names: &Names) -> Result<Fit, NameError> {
        let Facts::Origin(facts) = &seen.facts else {
            return Ok(Fit::Undecided(seen.observed.clone()));
        };
        let mut fit = Fit::Met;
        if let Some(requests) = &self.requests {
            let requests = requests.resolve(names)?;
            fit = if facts.requests == requests && (facts.settled || requests > 0) {
                fit
            } else if facts.requests <= requests && !facts.settled {
                Fit::Undecided("the origin may still receive the request".to_owned())
            } else {
                Fit::Unmet
            };
        }
        let absent = !self
            .headers_absent
            .iter()
            .any(|name| facts.header_names.contains(&name.to_ascii_lowercase()));
        Ok(fit
            .and(Fit::when(absent))
            .and(self.identity_fit(facts, names)?)
            .and(self.content_fit(facts, names)?))
    }

    fn is_negative(&self) -> bool {
        self.is_about_absence() || self.requests == Some(Bind::Literal(0))
    }

    fn describe(&self) -> String {
        let mut text = String::from("the origin received");
        match &self.requests {
            Some(Bind::Literal(0)) => text.push_str(" nothing"),
            Some(Bind::Literal(1)) => text.push_str(" 1 request"),
            Some(requests) => {
                let _ = write!(text, " {requests} requests");
            }
            None => text.push_str(" what it may"),
        }
        for (label, identity) in [
            ("asserted identity", &self.asserted_identity),
            ("identity", &self.identity),
            ("never the identity", &self.never_identity),
            ("never the asserted identity", &self.never_asserted_identity),
        ] {
            if let Some(identity) = identity {
                let _ = write!(text, ", {label} {identity}");
            }
        }
        match self.asserted {
            Some(true) => text.push_str(", with an asserted identity"),
            Some(false) => text.push_str(", without an asserted identity"),
            None => {}
        }
        if !self.asserted_among.is_empty() {
            let list: Vec<String> = self
                .asserted_among
                .iter()
                .map(ToString::to_string)
                .collect();
            let _ = write!(text, ", asserted identity none but {}", list.join(" or "));
        }
        for (label, held) in [
            ("holding", &self.carries),
            ("never holding", &self.never_carries),
        ] {
            if let Some(held) = held {
                let _ = write!(text, ", {label} {held}");
            }
        }
        if !self.headers_absent.is_empty() {
            let _ = write!(text, ", without {}", self.headers_absent.join(", "));
        }
        text
    }
}
