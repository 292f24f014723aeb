//! `presec suites`: every suite that a target accepts, version by version, and whose order counts.

use std::sync::Arc;

use crate::engine::gate::Exit;
use crate::engine::ports::{Case, CaseContext, Clock, Probe as _};
use crate::load::Library;
use crate::model::bind::Bind;
use crate::model::names::Names;
use crate::model::seen::Facts;
use crate::model::seen_tls::{SuiteList, SuiteOrder};
use crate::model::step::Step;
use crate::model::step_tls::TlsOffer;
use crate::report::listing::checks;

use super::args::DoctorArgs;
use super::clock::SystemClock;
use super::context::{Context, say};
use super::failure::Failure;
use super::place::Place;
use super::situation::situation;

/// The name of what a list is compared with.
const PROFILE: &str = "profile_suites";

/// Names the suites that a target accepts in each version; 3 when it accepts none or did not let itself be asked.
///
/// # Errors
/// A target file that cannot be used.
pub(crate) async fn suites(args: &DoctorArgs, context: &Context) -> Result<Exit, Failure> {
    let library = Arc::new(Library::embedded()?);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let place = Place::of_file(&args.target, &library, context, (clock, 1)).await?;
    let known =
        situation(&place.loaded, &place.target, &library, &[], &[]).map_err(Failure::usage)?;
    let survey = place.probe.survey().await;
    let mut case = place.probe.open(CaseContext {
        id: "suites".to_owned(),
        run_id: "suites".to_owned(),
        seed: 1,
        trace: crate::engine::trace::Trace::none(),
        may_be_parked: false,
    });
    let mut text = String::new();
    let mut exit = Exit::Met;
    if let Some(because) = survey.target.unreachable {
        let row = ("TROUBLE", format!("{}: {because}", place.target.address));
        text.push_str(&checks(&[row], context.width));
        exit = Exit::Undecided;
    }
    for version in survey.target.accepted_versions.keys() {
        match ask(case.as_mut(), version, &known.names).await {
            Ok(list) => text.push_str(&shown(version, &list, context.width)),
            Err(trouble) => {
                let row = ("TROUBLE", format!("{version}: {trouble}"));
                text.push_str(&checks(&[row], context.width));
                exit = Exit::Undecided;
            }
        }
    }
    case.finish().await;
    place.close().await;
    say(&text);
    Ok(exit)
}

async fn ask(case: &mut dyn Case, version: &str, names: &Names) -> Result<SuiteList, String> {
    let step = Step::TlsOffer(Box::new(TlsOffer {
        version: Some(Bind::Literal(version.to_owned())),
        enumerate: Some(vec![Bind::Name(PROFILE.to_owned())]),
        ..TlsOffer::default()
    }));
    let seen = case.perform(&step, names).await;
    let seen = seen.map_err(|trouble| trouble.to_string())?;
    match seen.facts {
        Facts::Flight(facts) => facts.list.map(|list| *list).ok_or(seen.observed),
        _ => Err(seen.observed),
    }
}

fn shown(version: &str, list: &SuiteList, width: u16) -> String {
    let order = match list.order {
        Some(SuiteOrder::Server) => ", the server's order counts",
        Some(SuiteOrder::Client) => ", the client's order counts",
        Some(SuiteOrder::Neither) => ", by no order that an offer and its reverse show",
        None => "",
    };
    let beyond = list.beyond.as_deref();
    let rows = list.names.iter().map(|name| {
        let mark = match beyond {
            Some(beyond) if beyond.contains(name) => "beyond",
            Some(_) => "profile",
            None => "",
        };
        (mark, name.clone())
    });
    let rows: Vec<(&str, String)> = rows.collect();
    let mut text = format!("{version}: {}{order}\n", list.names.len());
    text.push_str(&checks(&rows, width));
    if let Some(why) = &list.incomplete {
        text.push_str(&format!("  the list may be incomplete: {why}\n"));
    }
    text
}
