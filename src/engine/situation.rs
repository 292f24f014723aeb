//! What is known of a target before anything is sent, and whether a scenario can judge it.

use std::collections::BTreeMap;

use crate::model::names::Names;
use crate::model::policy::{Holds, PolicyEntry, PolicyFacts};
use crate::model::requirement::Role;
use crate::model::scenario::{Need, Risk, Scenario};

/// Whether something a scenario needs is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lever {
    /// It is.
    Given,
    /// The operator says it is not.
    Absent(String),
    /// Nobody said; the text names what to set.
    Unknown(String),
}

/// What is known of a target before anything is sent.
#[derive(Debug, Clone, Default)]
pub struct Situation {
    /// What the target is.
    pub roles: Vec<Role>,
    /// Operator policy and derived facts.
    pub policy: PolicyFacts,
    /// What scenarios may need.
    pub levers: BTreeMap<Need, Lever>,
    /// Risks opted into.
    pub risks: Vec<Risk>,
    /// Values of names.
    pub names: Names,
    /// Whether cases are parked where they let time pass, so that those that can be need no lever for it.
    pub parks: bool,
}

/// Whether a scenario can judge the target, and what decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applicability {
    /// It can.
    Applies,
    /// A declared fact rules it out.
    NotApplicable(String),
    /// Something that must be known is not; the text names it.
    Unknown(String),
}

/// Applicability with the policy entries that were looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What was decided.
    pub applicability: Applicability,
    /// Policy keys that were looked at, with their values.
    pub policy_used: BTreeMap<String, PolicyEntry>,
}

impl Situation {
    /// Whether `scenario` can judge this target. A declared fact that rules it out wins over an unknown one.
    #[must_use]
    pub fn decide(&self, scenario: &Scenario) -> Decision {
        let policy_used = scenario
            .applies
            .keys()
            .filter_map(|key| {
                self.policy
                    .0
                    .get(key)
                    .map(|entry| (key.clone(), entry.clone()))
            })
            .collect();
        let checks = [
            self.role_check(scenario),
            self.risk_check(scenario),
            self.policy_check(scenario),
            self.need_check(scenario),
        ];
        let mut applicability = Applicability::Applies;
        for check in checks {
            match check {
                Applicability::NotApplicable(_) => {
                    applicability = check;
                    break;
                }
                Applicability::Unknown(_) if applicability == Applicability::Applies => {
                    applicability = check;
                }
                Applicability::Unknown(_) | Applicability::Applies => {}
            }
        }
        Decision {
            applicability,
            policy_used,
        }
    }

    fn role_check(&self, scenario: &Scenario) -> Applicability {
        if self.roles.iter().any(|role| scenario.roles.contains(role)) {
            return Applicability::Applies;
        }
        Applicability::NotApplicable(
            "it judges other roles than the target declares under `roles`".to_owned(),
        )
    }

    fn risk_check(&self, scenario: &Scenario) -> Applicability {
        if self.risks.contains(&scenario.risk) {
            return Applicability::Applies;
        }
        let risk = match scenario.risk {
            Risk::Read => "read",
            Risk::Write => "write",
            Risk::Load => "load",
            Risk::Disruptive => "disruptive",
        };
        Applicability::NotApplicable(format!(
            "its risk `{risk}` is not opted into (--risk {risk})"
        ))
    }

    fn policy_check(&self, scenario: &Scenario) -> Applicability {
        match self.policy.holds(&scenario.applies) {
            Holds::Yes => Applicability::Applies,
            Holds::No {
                key,
                values,
                origin,
            } => Applicability::NotApplicable(format!("{key} is {} ({origin})", values.join(", "))),
            Holds::Unknown { key } => Applicability::Unknown(unknown_policy(&key)),
        }
    }

    fn need_check(&self, scenario: &Scenario) -> Applicability {
        let mut found = Applicability::Applies;
        let can_wait = scenario.can_be_parked();
        let waits = self.parks && can_wait;
        let or_wait = |need: Need, because: &String| match need == Need::ElapsedTime && can_wait {
            true => format!("{because}, and nothing is parked (--checkpoint FILE)"),
            false => because.clone(),
        };
        for need in &scenario.needs {
            match self.levers.get(need) {
                _ if waits && *need == Need::ElapsedTime => {}
                Some(Lever::Given) => {}
                Some(Lever::Absent(because)) => {
                    return Applicability::NotApplicable(or_wait(*need, because));
                }
                Some(Lever::Unknown(what)) if found == Applicability::Applies => {
                    found = Applicability::Unknown(or_wait(*need, what));
                }
                Some(Lever::Unknown(_)) => {}
                None => found = Applicability::Unknown(format!("nothing is known of {need:?}")),
            }
        }
        found
    }
}

/// The text for a policy key without value.
#[must_use]
pub fn unknown_policy(key: &str) -> String {
    let place = match key {
        "release" | "topology" => format!("`{key}`"),
        "origin" => "`origin_observer`".to_owned(),
        _ => format!("`policy.{key}`"),
    };
    format!("{place} is not set in the target file")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::scenario::Kind;

    fn scenario() -> Scenario {
        Scenario {
            id: "X-01".into(),
            title: "t".into(),
            verifies: vec!["UT-1".into()],
            kind: Kind::Conformance,
            risk: Risk::Read,
            roles: vec![Role::AuthenticationProxy],
            tags: vec![],
            applies: BTreeMap::from([("topology".to_owned(), vec!["ap".to_owned()])]),
            each: BTreeMap::new(),
            needs: vec![Need::OriginObserver],
            interpretation: None,
            steps: vec![],
            remedy: None,
        }
    }

    fn situation(topology: Option<&str>, observer: Lever) -> Situation {
        let mut policy = PolicyFacts::default();
        if let Some(topology) = topology {
            policy.set("topology", vec![topology.to_owned()], "target.yaml:3");
        }
        Situation {
            roles: vec![Role::AuthenticationProxy],
            policy,
            levers: BTreeMap::from([(Need::OriginObserver, observer)]),
            risks: vec![Risk::Read],
            names: Names::default(),
            parks: false,
        }
    }

    #[test]
    fn an_unknown_policy_is_never_guessed() {
        let decision = situation(None, Lever::Given).decide(&scenario());
        assert!(
            matches!(decision.applicability, Applicability::Unknown(text) if text.contains("topology"))
        );
    }

    #[test]
    fn a_declared_absence_wins_over_an_unknown_policy() {
        let decision =
            situation(None, Lever::Absent("origin_observer: none".into())).decide(&scenario());
        assert!(matches!(
            decision.applicability,
            Applicability::NotApplicable(_)
        ));
    }

    #[test]
    fn the_policy_that_ruled_it_out_is_named_with_its_place() {
        let decision = situation(Some("direct"), Lever::Given).decide(&scenario());
        let Applicability::NotApplicable(text) = decision.applicability else {
            panic!("applies")
        };
        assert_eq!(text, "topology is direct (target.yaml:3)");
    }
}
