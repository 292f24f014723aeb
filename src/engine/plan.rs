//! The plan: every selected scenario, expanded into cases, each with whether it can judge the target.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::bind::Bind;
use crate::model::names::Names;
use crate::model::policy::PolicyEntry;
use crate::model::scenario::LoadedScenario;

use super::parking::ParkedCase;
use super::situation::{Applicability, Situation};

/// A scenario with one combination of its `each` values.
#[derive(Debug, Clone)]
pub struct PlannedCase {
    /// The id with its expansion, such as `TLSS-06[mechanism=ticket]`.
    pub id: String,
    /// The scenario.
    pub loaded: Arc<LoadedScenario>,
    /// The values of `each`.
    pub bindings: Names,
    /// Whether it can judge the target.
    pub applicability: Applicability,
    /// Policy that was looked at.
    pub policy_used: BTreeMap<String, PolicyEntry>,
    /// Where an earlier run has left it.
    pub parked: Option<Arc<ParkedCase>>,
}

/// Plans `scenarios` against what is known of the target, in the order given.
#[must_use]
pub fn plan(scenarios: &[Arc<LoadedScenario>], situation: &Situation) -> Vec<PlannedCase> {
    scenarios
        .iter()
        .flat_map(|loaded| plan_one(loaded, situation))
        .collect()
}

fn plan_one(loaded: &Arc<LoadedScenario>, situation: &Situation) -> Vec<PlannedCase> {
    let scenario = &loaded.scenario;
    let decision = situation.decide(scenario);
    let case = |id: String, bindings: Names, applicability: Applicability| PlannedCase {
        id,
        loaded: Arc::clone(loaded),
        bindings,
        applicability,
        policy_used: decision.policy_used.clone(),
        parked: None,
    };
    if decision.applicability != Applicability::Applies {
        return vec![case(
            scenario.id.clone(),
            Names::default(),
            decision.applicability.clone(),
        )];
    }
    match expand(&scenario.each, &situation.names) {
        Ok(combinations) => combinations
            .into_iter()
            .map(|combination| {
                let mut bindings = Names::default();
                for (name, value) in &combination {
                    bindings.set(name.clone(), value.clone());
                }
                case(
                    case_id(&scenario.id, &combination),
                    bindings,
                    Applicability::Applies,
                )
            })
            .collect(),
        Err(applicability) => vec![case(scenario.id.clone(), Names::default(), applicability)],
    }
}

type Combination = Vec<(String, String)>;

fn expand(
    each: &BTreeMap<String, Vec<Bind<String>>>,
    names: &Names,
) -> Result<Vec<Combination>, Applicability> {
    let mut combinations: Vec<Combination> = vec![Vec::new()];
    for (name, binds) in each {
        let mut values: Vec<String> = Vec::new();
        for bind in binds {
            match bind {
                Bind::Literal(value) => values.push(value.clone()),
                Bind::Name(from) => match names.list(from) {
                    Ok(list) => values.extend_from_slice(list),
                    Err(error) => return Err(Applicability::Unknown(error.to_string())),
                },
            }
        }
        if values.is_empty() {
            let from: Vec<String> = binds.iter().map(ToString::to_string).collect();
            return Err(Applicability::NotApplicable(format!(
                "{} is empty for this target, so there is no {name} to try",
                from.join(", ")
            )));
        }
        combinations = combinations
            .iter()
            .flat_map(|combination| {
                values.iter().map(|value| {
                    let mut longer = combination.clone();
                    longer.push((name.clone(), value.clone()));
                    longer
                })
            })
            .collect();
    }
    Ok(combinations)
}

fn case_id(id: &str, combination: &Combination) -> String {
    if combination.is_empty() {
        return id.to_owned();
    }
    let values: Vec<String> = combination
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    format!("{id}[{}]", values.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn combinations_follow_the_order_of_names_and_values() {
        let each = BTreeMap::from([
            (
                "b".to_owned(),
                vec![Bind::Literal("1".to_owned()), Bind::Literal("2".to_owned())],
            ),
            ("a".to_owned(), vec![Bind::Name("versions".to_owned())]),
        ]);
        let mut names = Names::default();
        names.set_list("versions", vec!["tls1.0".into(), "tls1.2".into()]);
        let ids: Vec<String> = expand(&each, &names)
            .unwrap()
            .iter()
            .map(|combination| case_id("X-01", combination))
            .collect();
        assert_eq!(
            ids,
            [
                "X-01[a=tls1.0,b=1]",
                "X-01[a=tls1.0,b=2]",
                "X-01[a=tls1.2,b=1]",
                "X-01[a=tls1.2,b=2]"
            ]
        );
    }

    #[test]
    fn an_empty_list_is_not_applicable_and_an_unknown_name_is_unknown() {
        let each = BTreeMap::from([("v".to_owned(), vec![Bind::Name("versions".to_owned())])]);
        assert!(matches!(
            expand(&each, &Names::default()),
            Err(Applicability::Unknown(_))
        ));
        let mut names = Names::default();
        names.set_list("versions", vec![]);
        assert!(matches!(
            expand(&each, &names),
            Err(Applicability::NotApplicable(_))
        ));
    }
}
