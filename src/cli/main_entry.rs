//! From the process's arguments to its exit code.

use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;

use crate::engine::gate::Exit;

use super::args::{Cli, Command};
use super::bug::{guarded, or_bug, report_bugs};
use super::context::{Context, complain};
use super::failure::Failure;
use super::{
    catalogue, cleanup, diff, doctor, fleet, handbook, init, merge, report, rerun, resume, serve,
    suites, waive,
};

/// Runs presec with the arguments of the process.
#[must_use]
pub fn main() -> ExitCode {
    report_bugs();
    let cli = Cli::parse();
    let context = Context::of_process(cli.color);
    let outcome =
        start_log(cli.log.as_deref()).and_then(|()| guarded(|| dispatch(&cli.command, &context)));
    let exit = outcome.unwrap_or_else(|failure| {
        complain(failure.text.trim_end());
        failure.exit
    });
    ExitCode::from(or_bug(exit).code())
}

fn dispatch(command: &Command, context: &Context) -> Result<Exit, Failure> {
    match command {
        Command::Run(args) => on_runtime(fleet::run(args, context)),
        Command::Rerun(args) => on_runtime(rerun::rerun(args, context)),
        Command::Resume(args) => on_runtime(resume::resume(args, context)),
        Command::Diff(args) => diff::diff(args, context),
        Command::Merge(args) => merge::merge(args, context),
        Command::Cleanup(args) => on_runtime(cleanup::cleanup(args, context)),
        Command::Waive(args) => waive::waive(args),
        Command::Completions(args) => handbook::completions(args),
        Command::Man(args) => handbook::man(args),
        Command::Plan(args) => on_runtime(catalogue::plan(args, context)),
        Command::List(args) => catalogue::list(args, context),
        Command::Show(args) => catalogue::show(args, context),
        Command::Explain(args) => catalogue::explain(args, context),
        Command::Lint(args) => catalogue::lint(args),
        Command::Schema(args) => catalogue::schema(args),
        Command::Init(args) => init::init(args),
        Command::Doctor(args) => on_runtime(doctor::doctor(args, context)),
        Command::Suites(args) => on_runtime(suites::suites(args, context)),
        Command::Serve(args) => on_runtime(serve::serve(args)),
        Command::Report(args) => report::report(args, context),
    }
}

fn on_runtime(work: impl Future<Output = Result<Exit, Failure>>) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::trouble(format!("cannot start the runtime: {error}")))?;
    let outcome = runtime.block_on(work);
    // Servers of the embedded target may still hold connections; nobody waits for them.
    runtime.shutdown_background();
    outcome
}

fn start_log(filter: Option<&str>) -> Result<(), Failure> {
    let Some(filter) = filter else { return Ok(()) };
    let filter = EnvFilter::try_new(filter)
        .map_err(|error| Failure::usage(format!("--log {filter}: {error}")))?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .init();
    Ok(())
}
