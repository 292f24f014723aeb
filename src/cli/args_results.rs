//! The command line of everything that starts from results, and of what a run needs in a pipeline.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};

use super::args::RunArgs;
use super::parked::FileParking;

/// Flags of `run` for pipelines.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct PipelineArgs {
    /// Verdicts that somebody answers for until a date; what they cover does not gate.
    #[arg(long, value_name = "FILE")]
    pub(crate) waivers: Option<PathBuf>,
    /// Runs one part of the plan: `2/5`, or `auto` to ask the pipeline (`CI_NODE_INDEX` of `CI_NODE_TOTAL`, or `JOB_COMPLETION_INDEX` of `JOB_COMPLETIONS` or `PRESEC_SHARDS`). Every part needs the same --seed. `PRESEC_SHARD` says the same.
    #[arg(long, value_name = "PART")]
    pub(crate) shard: Option<String>,
    /// Streams what happens as JSON, one object a line; `-` is standard output, and the report then goes to standard error.
    #[arg(long, value_name = "FILE")]
    pub(crate) events: Option<PathBuf>,
    /// Parks cases in which a day must pass in this new file, which holds secrets, instead of moving the target's clock;
    /// `presec resume FILE` judges them in a later run.
    #[arg(long, value_name = "FILE")]
    pub(crate) checkpoint: Option<PathBuf>,
    /// The part, read.
    #[arg(skip)]
    pub(crate) part: Option<(u32, u32)>,
    /// The parked cases with which this run goes on.
    #[arg(skip)]
    pub(crate) parking: Option<Arc<FileParking>>,
}

/// Arguments of `resume`.
#[derive(Debug, Clone, Args)]
#[command(mut_arg("picks", |picks| picks.hide(true)), mut_arg("checkpoint", |flag| flag.hide(true)), mut_arg("shard", |flag| flag.hide(true)))]
pub(crate) struct ResumeArgs {
    /// The file in which `presec run --checkpoint` parked cases; what is judged is taken out of it.
    pub(crate) state: PathBuf,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

/// Arguments of `waive`.
#[derive(Debug, Clone, Args)]
pub(crate) struct WaiveArgs {
    /// A results file.
    pub(crate) results: PathBuf,
    /// A case, a scenario with all its cases, or a pattern with `*`.
    pub(crate) id: String,
    /// Why it is acceptable for now, in 20 characters or more.
    #[arg(long)]
    pub(crate) because: String,
    /// Who answers for it.
    #[arg(long)]
    pub(crate) owner: String,
    /// The last day on which it holds, such as 2027-03-31.
    #[arg(long, value_name = "DAY")]
    pub(crate) expires: String,
    /// Waives the verdict whatever is observed.
    #[arg(long)]
    pub(crate) any_observation: bool,
    /// Adds the entry to this waiver file instead of printing it; made if it does not exist.
    #[arg(long, value_name = "FILE")]
    pub(crate) append: Option<PathBuf>,
}

/// The form of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// For people.
    Text,
    /// One object.
    Json,
    /// For the page of a CI job.
    Markdown,
}

/// Arguments of `diff`.
#[derive(Debug, Clone, Args)]
pub(crate) struct DiffArgs {
    /// The results of the older run.
    pub(crate) old: PathBuf,
    /// The results of the newer run.
    pub(crate) new: PathBuf,
    /// The form.
    #[arg(long, default_value = "text")]
    pub(crate) format: DiffFormat,
    /// Leaves out cases that only one of the runs has.
    #[arg(long)]
    pub(crate) only_common: bool,
}

/// Arguments of `merge`.
#[derive(Debug, Clone, Args)]
pub(crate) struct MergeArgs {
    /// The results of all parts of one run, in any order.
    #[arg(required = true, value_name = "RESULTS")]
    pub(crate) parts: Vec<PathBuf>,
    /// Writes the results of the whole here.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: PathBuf,
    /// Also writes JUnit.
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Verdicts that make the exit code non-zero.
    #[arg(long, value_delimiter = ',', default_value = "fail,inconclusive,error")]
    pub(crate) fail_on: Vec<String>,
    /// Only the last line on stdout.
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// Also what passed as information and what was not applicable.
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

/// Arguments of `rerun`.
#[derive(Debug, Clone, Args)]
#[command(mut_arg("picks", |picks| picks.hide(true)))]
pub(crate) struct RerunArgs {
    /// A results file.
    pub(crate) results: PathBuf,
    /// What failed. Without this and --inconclusive: both.
    #[arg(long)]
    pub(crate) failed: bool,
    /// What was inconclusive or ended in an error.
    #[arg(long)]
    pub(crate) inconclusive: bool,
    #[command(flatten)]
    pub(crate) run: RunArgs,
}

/// Arguments of `completions`.
#[derive(Debug, Clone, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell.
    pub(crate) shell: clap_complete::Shell,
}

/// Arguments of `man`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ManArgs {
    /// Writes one page for presec and one for each command here; without it, the page of presec goes to standard output.
    pub(crate) folder: Option<PathBuf>,
}

/// Arguments of `cleanup`.
#[derive(Debug, Args)]
pub(crate) struct CleanupArgs {
    /// The undo journal that the run left, its folder, or the target file (then all journals below `reports/` that name it).
    #[arg(value_name = "JOURNAL|TARGET", required_unless_present = "target")]
    pub(crate) of: Option<PathBuf>,
    /// Another target file than the one that the journal names, for when it has moved; alone, the target file
    /// whose journals are meant.
    #[arg(long, value_name = "FILE")]
    pub(crate) target: Option<PathBuf>,
}
