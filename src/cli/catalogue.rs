//! Commands that only read: list, show, explain, plan, lint, schema.

use std::path::Path;
use std::sync::Arc;

use crate::engine::gate::Exit;
use crate::engine::plan::plan as plan_cases;
use crate::engine::ports::Clock;
use crate::engine::situation::Applicability;
use crate::load::{Library, lint_paths, load_target, load_waivers, schema_for};
use crate::model::requirement::Requirement;
use crate::model::scenario::LoadedScenario;
use crate::report::listing;

use super::args::{
    ExplainArgs, LintArgs, ListArgs, ListFormat, PlanArgs, RunArgs, SchemaArgs, SchemaOf,
    SelectArgs, ShowArgs,
};
use super::clock::SystemClock;
use super::context::{Context, say};
use super::failure::Failure;
use super::place::Place;
use super::select::selected;
use super::situation::situation;

/// `presec list`.
///
/// # Errors
/// A broken scenario file or a selection that cannot be read.
pub(crate) fn list(args: &ListArgs, context: &Context) -> Result<Exit, Failure> {
    let (_, scenarios) = selected(&args.select)?;
    let scenarios: Vec<&LoadedScenario> = scenarios.iter().map(Arc::as_ref).collect();
    say(&match args.format {
        ListFormat::Table => listing::list_table(&scenarios, context.width),
        ListFormat::Json => listing::list_json(&scenarios),
        ListFormat::Markdown => listing::list_markdown(&scenarios),
    });
    Ok(if scenarios.is_empty() {
        Exit::NothingJudged
    } else {
        Exit::Met
    })
}

/// `presec show`.
///
/// # Errors
/// A broken scenario file, or an id that does not exist.
pub(crate) fn show(args: &ShowArgs, context: &Context) -> Result<Exit, Failure> {
    let select = SelectArgs {
        picks: vec![args.id.clone()],
        scenarios: args.scenarios.clone(),
        ..SelectArgs::default()
    };
    let (library, scenarios) = selected(&select)?;
    let register: Vec<&Requirement> = library.register.iter().collect();
    let texts: Vec<String> = scenarios
        .iter()
        .map(|loaded| listing::show(loaded, &register, context.width))
        .collect();
    say(&texts.join("\n"));
    Ok(Exit::Met)
}

/// `presec explain`.
///
/// # Errors
/// Nothing is known of what was asked.
pub(crate) fn explain(args: &ExplainArgs, context: &Context) -> Result<Exit, Failure> {
    if args.what == "exit-codes" {
        let codes: Vec<(u8, &str)> = Exit::ALL
            .into_iter()
            .map(|(exit, meaning)| (exit.code(), meaning))
            .collect();
        say(&listing::explain_exit_codes(&codes, context.width));
        return Ok(Exit::Met);
    }
    if let Some(text) = listing::explain_verdict(&args.what, context.width) {
        say(&text);
        return Ok(Exit::Met);
    }
    let library = Library::embedded()?;
    let register: Vec<&Requirement> = library.register.iter().collect();
    let scenarios: Vec<&LoadedScenario> = library.scenarios.iter().collect();
    let text = listing::explain_clause(&args.what, &register, &scenarios, context.width)
        .ok_or_else(|| {
            Failure::usage(format!(
                "`{}` is no clause (33.141/7.2), requirement (UT-7.2-03), verdict (inconclusive) or `exit-codes`",
                args.what
            ))
        })?;
    say(&text);
    Ok(Exit::Met)
}

/// `presec plan`.
///
/// # Errors
/// A broken file, or a selection that cannot be read.
pub(crate) async fn plan(args: &PlanArgs, context: &Context) -> Result<Exit, Failure> {
    let (library, scenarios) = selected(&args.select)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let run = RunArgs::planning(args);
    let place = Place::planned(&run, &library, context, (clock, 0)).await?;
    let mut known = situation(
        &place.loaded,
        &place.target,
        &library,
        &args.policy,
        &args.risks,
    )
    .map_err(Failure::usage)?;
    // Only the survey of a run knows which versions the target accepts, and with which certificates.
    for name in [
        "accepted_versions",
        "accepted_versions_up_to_1_2",
        "accepted_tls_versions_up_to_1_2",
        "mandatory_suites",
    ] {
        known.names.set_list(name, vec!["*".to_owned()]);
    }
    let rows: Vec<listing::PlanRow> = plan_cases(&scenarios, &known)
        .into_iter()
        .map(|case| listing::PlanRow {
            scenario: case.loaded.scenario.id.clone(),
            title: case.loaded.scenario.title.clone(),
            planned: match case.applicability {
                Applicability::Applies => listing::Planned::Runs,
                Applicability::NotApplicable(because) => listing::Planned::NotApplicable(because),
                Applicability::Unknown(because) => listing::Planned::Unknown(because),
            },
            policy_used: case.policy_used,
            id: case.id,
        })
        .collect();
    let runs = rows.iter().any(|row| row.planned == listing::Planned::Runs);
    say(&listing::plan(&rows, context.width));
    place.close().await;
    Ok(if runs { Exit::Met } else { Exit::NothingJudged })
}

/// `presec lint`.
///
/// # Errors
/// Everything wrong with the files.
pub(crate) fn lint(args: &LintArgs) -> Result<Exit, Failure> {
    let mut lines = Vec::new();
    if args.paths.is_empty() && args.target.is_none() && args.waivers.is_none() {
        let library = Library::embedded()?;
        lines.push(format!(
            "{} embedded scenarios are in order",
            library.scenarios.len()
        ));
    }
    if !args.paths.is_empty() {
        lines.push(match lint_paths(&args.paths)? {
            1 => "1 scenario is in order".to_owned(),
            many => format!("{many} scenarios are in order"),
        });
    }
    if let Some(target) = &args.target {
        load_target(Path::new(target))?;
        lines.push(format!("{} is in order", target.display()));
    }
    if let Some(waivers) = &args.waivers {
        let number = load_waivers(waivers)?.len();
        lines.push(format!(
            "{} is in order: {number} waivers",
            waivers.display()
        ));
    }
    say(&format!("{}\n", lines.join("\n")));
    Ok(Exit::Met)
}

/// `presec schema`.
///
/// # Errors
/// None of the user's making.
pub(crate) fn schema(args: &SchemaArgs) -> Result<Exit, Failure> {
    let name = match args.of {
        SchemaOf::Scenario => "scenario",
        SchemaOf::Target => "target",
        SchemaOf::Results => "results",
        SchemaOf::Waivers => "waivers",
    };
    let schema = schema_for(name).and_then(|schema| serde_json::to_string_pretty(&schema).ok());
    say(&format!("{}\n", schema.unwrap_or_default()));
    Ok(Exit::Met)
}
