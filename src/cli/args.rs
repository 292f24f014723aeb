//! The command line as typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::args_results::{
    CleanupArgs, CompletionsArgs, DiffArgs, ManArgs, MergeArgs, PipelineArgs, RerunArgs,
    ResumeArgs, WaiveArgs,
};
use super::evidence::EvidenceArgs;

/// Black-box conformance and security tester for the 3GPP Presence service (TS 33.141).
#[derive(Debug, Parser)]
#[command(name = "presec", version, max_term_width = 100)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Diagnostics on stderr, such as `presec=debug`.
    #[arg(long, global = true, value_name = "FILTER")]
    pub(crate) log: Option<String>,
    /// When to colour the terminal output; `NO_COLOR` is honoured.
    #[arg(long, global = true, default_value = "auto", value_name = "WHEN")]
    pub(crate) color: When,
}

/// When to do something that depends on the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Judge a target; without --target, the embedded reference target.
    Run(Box<RunArgs>),
    /// Show what would run, what would not, and why; sends nothing.
    Plan(PlanArgs),
    /// List scenarios.
    List(ListArgs),
    /// Explain one scenario so that nobody needs the specification at hand.
    Show(ShowArgs),
    /// Explain a clause, a requirement, a verdict, or `exit-codes`.
    Explain(ExplainArgs),
    /// Check scenario, target and waiver files; sends nothing.
    Lint(LintArgs),
    /// Print the JSON Schema of a file format.
    Schema(SchemaArgs),
    /// Write a commented target file with the strict policy.
    Init(InitArgs),
    /// Run again what failed or was undecided in an earlier run.
    Rerun(Box<RerunArgs>),
    /// Judge what an earlier run parked because a day had to pass.
    Resume(Box<ResumeArgs>),
    /// Compare two runs; exits with 1 when the newer one is worse.
    Diff(DiffArgs),
    /// Put the parts of a sharded run together.
    Merge(MergeArgs),
    /// Make documents as they were before a run that was killed.
    Cleanup(CleanupArgs),
    /// Write a waiver for a verdict of a run.
    Waive(WaiveArgs),
    /// Print a completion script for a shell.
    Completions(CompletionsArgs),
    /// Print or write the manual pages.
    Man(ManArgs),
    /// Check the way to a target before blaming it: reachability, certificate, clock, logins, observer.
    Doctor(DoctorArgs),
    /// Name the suites a target accepts in each version, and whose order counts.
    Suites(DoctorArgs),
    /// Run the embedded reference target until Ctrl-C, conforming or with defects.
    Serve(ServeArgs),
    /// Write reports from a results file, the same bytes as at the end of its run; without a flag, the terminal's table.
    Report(ReportArgs),
}

/// Which scenarios.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct SelectArgs {
    /// Ids, patterns (`TLSC-*`), expanded ids (`TLSS-06[mechanism=ticket]`) or clauses (`33.141/7.2`); all unless given.
    #[arg(value_name = "SELECT")]
    pub(crate) picks: Vec<String>,
    /// Only scenarios with one of these tags.
    #[arg(long = "tag", value_name = "TAG")]
    pub(crate) tags: Vec<String>,
    /// No scenario with one of these tags.
    #[arg(long = "not-tag", value_name = "TAG")]
    pub(crate) not_tags: Vec<String>,
    /// Only scenarios that can judge one of these roles; without a target file and with roles of a server alone, the
    /// embedded one is reached directly and is that.
    #[arg(long = "role", value_name = "ROLE")]
    pub(crate) roles: Vec<String>,
    /// Only scenarios that verify a requirement of one of these levels: shall, should, may, informative.
    #[arg(long = "level", value_name = "LEVEL")]
    pub(crate) levels: Vec<String>,
    /// Adds the scenarios of a folder to the embedded ones.
    #[arg(long, value_name = "DIR")]
    pub(crate) scenarios: Vec<PathBuf>,
}

/// Arguments of `run`.
#[derive(Debug, Clone, Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) select: SelectArgs,
    /// The target file; more than one, or a folder of them, are judged one after the other, each with its own folder of reports.
    #[arg(short, long = "target", value_name = "FILE")]
    pub(crate) targets: Vec<PathBuf>,
    /// The target file of this one run.
    #[arg(skip)]
    pub(crate) target: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) pipeline: PipelineArgs,
    #[command(flatten)]
    pub(crate) evidence: EvidenceArgs,
    /// Also run scenarios of these risks: load, disruptive.
    #[arg(long = "risk", value_name = "RISK")]
    pub(crate) risks: Vec<String>,
    /// Set a policy key for this run, over the target file.
    #[arg(long = "policy", value_name = "KEY=VALUE")]
    pub(crate) policy: Vec<String>,
    /// Verdicts that make the exit code non-zero.
    #[arg(long, value_delimiter = ',', default_value = "fail,inconclusive,error")]
    pub(crate) fail_on: Vec<String>,
    /// Scenarios at a time, 1 to 64.
    #[arg(short = 'j', long, value_name = "N", value_parser = at_a_time)]
    pub(crate) concurrency: Option<usize>,
    /// Stop after this time, such as `10m`; what is undecided then stays inconclusive.
    #[arg(long, value_name = "DURATION")]
    pub(crate) deadline: Option<String>,
    /// Seeds everything random; drawn and printed unless given.
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Names the run and its folder; from the seed unless given.
    #[arg(long, value_name = "NAME")]
    pub(crate) run_id: Option<String>,
    /// Writes the results here instead of the run's folder.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Writes JUnit here instead of the run's folder.
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Writes the HTML report here instead of the run's folder.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Also writes SARIF 2.1.0.
    #[arg(long, value_name = "FILE")]
    pub(crate) sarif: Option<PathBuf>,
    /// Also writes a summary in GitHub-flavoured Markdown.
    #[arg(long, value_name = "FILE")]
    pub(crate) md: Option<PathBuf>,
    /// The folder for reports; `reports/run-<run id>` unless given.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Gives the embedded reference target a defect; `presec serve --list-defects` names them.
    #[arg(long = "defect", value_name = "NAME", conflicts_with = "targets")]
    pub(crate) defects: Vec<String>,
    /// How the embedded reference target stands: ap, ap-untrusted (before a server outside the trust domain), direct.
    #[arg(long, value_name = "TOPOLOGY", conflicts_with = "targets")]
    pub(crate) topology: Option<String>,
    /// Whether the embedded reference target asks for a client certificate: none, optional, required.
    #[arg(long, value_name = "WHETHER", conflicts_with = "targets")]
    pub(crate) client_certificate: Option<String>,
    /// How the embedded reference target authenticates: gba-digest; psk (by a pre-shared key of TLS, beside Digest); certificate (by a client certificate, beside Digest).
    #[arg(long, value_name = "MODE", conflicts_with = "targets")]
    pub(crate) auth_mode: Option<String>,
    /// Progress on stderr.
    #[arg(long, default_value = "auto", value_name = "HOW")]
    pub(crate) progress: ProgressMode,
    /// Only the last line on stdout.
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// Also what passed as information and what was not applicable.
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

fn at_a_time(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|number| (1..=64).contains(number))
        .ok_or_else(|| "write a number from 1 to 64".to_owned())
}

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProgressMode {
    /// A bar on a terminal, plain lines otherwise.
    Auto,
    /// Plain lines.
    Plain,
    /// Nothing.
    None,
}

/// Arguments of `plan`.
#[derive(Debug, Clone, Args)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    pub(crate) select: SelectArgs,
    /// The target file; the embedded reference target unless given.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) target: Option<PathBuf>,
    /// Also plan scenarios of these risks: load, disruptive.
    #[arg(long = "risk", value_name = "RISK")]
    pub(crate) risks: Vec<String>,
    /// Set a policy key, over the target file.
    #[arg(long = "policy", value_name = "KEY=VALUE")]
    pub(crate) policy: Vec<String>,
}

/// The form of a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// For people.
    Table,
    /// An array of objects.
    Json,
    /// A Markdown table.
    Markdown,
}

/// Arguments of `list`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) select: SelectArgs,
    /// The form.
    #[arg(long, default_value = "table")]
    pub(crate) format: ListFormat,
}

/// Arguments of `show`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ShowArgs {
    /// The scenario's id.
    pub(crate) id: String,
    /// Adds the scenarios of a folder to the embedded ones.
    #[arg(long, value_name = "DIR")]
    pub(crate) scenarios: Vec<PathBuf>,
}

/// Arguments of `explain`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ExplainArgs {
    /// A clause (`33.141/7.2`), a requirement (`UT-7.2-03`), a verdict (`inconclusive`), or `exit-codes`.
    pub(crate) what: String,
}

/// Arguments of `lint`.
#[derive(Debug, Clone, Args)]
pub(crate) struct LintArgs {
    /// Scenario files or folders; the embedded scenarios unless given.
    pub(crate) paths: Vec<PathBuf>,
    /// Also check a target file.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) target: Option<PathBuf>,
    /// Also check a waiver file.
    #[arg(long, value_name = "FILE")]
    pub(crate) waivers: Option<PathBuf>,
}

/// The formats with a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaOf {
    /// Scenario files.
    Scenario,
    /// Target files.
    Target,
    /// Results files.
    Results,
    /// Waiver files.
    Waivers,
}

/// Arguments of `schema`.
#[derive(Debug, Clone, Args)]
pub(crate) struct SchemaArgs {
    /// Which format.
    pub(crate) of: SchemaOf,
}

/// Arguments of `init`.
#[derive(Debug, Clone, Args)]
pub(crate) struct InitArgs {
    /// Where to write it; an existing file is not overwritten.
    #[arg(default_value = "target.yaml")]
    pub(crate) file: PathBuf,
    /// The service's URL.
    #[arg(long, default_value = "https://ps.example.test:8443/")]
    pub(crate) url: String,
}

/// Arguments of `doctor` and `suites`.
#[derive(Debug, Clone, Args)]
pub(crate) struct DoctorArgs {
    /// The target file.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) target: PathBuf,
}

/// Arguments of `report`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ReportArgs {
    /// The results file of a run, `results.json`.
    #[arg(value_name = "RESULTS")]
    pub(crate) results: PathBuf,
    /// Writes the HTML report: one file that needs no network and no script.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Writes SARIF 2.1.0.
    #[arg(long, value_name = "FILE")]
    pub(crate) sarif: Option<PathBuf>,
    /// Writes JUnit XML.
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Writes a summary in GitHub-flavoured Markdown, for the page of a CI job.
    #[arg(long, value_name = "FILE")]
    pub(crate) md: Option<PathBuf>,
    /// Writes the matrix of requirements and scenarios, as CSV or Markdown by the file's ending (.csv, .md).
    #[arg(long, value_name = "FILE")]
    pub(crate) coverage: Option<PathBuf>,
    /// Writes a test report in the shape of a 3GPP security assurance (SCAS) test report, in Markdown.
    #[arg(long, value_name = "FILE")]
    pub(crate) lab_form: Option<PathBuf>,
    /// Also what passed as information and what was not applicable, in the terminal's table.
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

/// Arguments of `serve`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ServeArgs {
    /// The first of four ports (proxy, clear endpoint, store, control); free ones unless given.
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// Defects to have.
    #[arg(long = "defect", value_name = "NAME")]
    pub(crate) defects: Vec<String>,
    /// Shows every defect with the scenarios it turns red, and exits.
    #[arg(long)]
    pub(crate) list_defects: bool,
    /// `ap` (a proxy in front), `ap-untrusted` (in front of a server outside the trust domain) or `direct`.
    #[arg(long, default_value = "ap")]
    pub(crate) topology: String,
    /// Whether it asks for a client certificate: none, optional, required.
    #[arg(long, default_value = "optional")]
    pub(crate) client_certificate: String,
    /// How it authenticates: gba-digest; psk (by a pre-shared key of TLS, beside Digest); certificate (by a client certificate, beside Digest).
    #[arg(long, value_name = "MODE", default_value = "gba-digest")]
    pub(crate) auth_mode: String,
    /// Forwards to this address (presec's observer) instead of its own store.
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) origin: Option<String>,
    /// Writes a target file for this server, with its certificates beside it.
    #[arg(long, value_name = "DIR")]
    pub(crate) write_target: Option<PathBuf>,
}

impl RunArgs {
    /// The run that `plan` plans.
    pub(crate) fn planning(plan: &PlanArgs) -> Self {
        Self {
            select: plan.select.clone(),
            targets: Vec::new(),
            target: plan.target.clone(),
            pipeline: PipelineArgs::default(),
            evidence: EvidenceArgs::default(),
            risks: plan.risks.clone(),
            policy: plan.policy.clone(),
            fail_on: Vec::new(),
            concurrency: None,
            deadline: None,
            seed: Some(0),
            run_id: None,
            json: None,
            junit: None,
            html: None,
            sarif: None,
            md: None,
            out: None,
            defects: Vec::new(),
            topology: None,
            client_certificate: None,
            auth_mode: None,
            progress: ProgressMode::None,
            quiet: true,
            verbose: false,
        }
    }
}
