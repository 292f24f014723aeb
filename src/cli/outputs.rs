//! Where reports go, and what is said on the terminal.

use std::path::{Path, PathBuf};

use crate::engine::gate::Exit;
use crate::model::record::RunRecord;
use crate::report::layout::shell_word;
use crate::report::table::TableOptions;
use crate::report::{html, json, junit, markdown, sarif, table};

use super::args::RunArgs;
use super::context::{Context, complain};
use super::failure::Failure;
use super::files::write_whole;

/// The files of one run.
pub(crate) struct Outputs {
    folder: PathBuf,
    json: PathBuf,
    junit: PathBuf,
    html: PathBuf,
    sarif: Option<PathBuf>,
    md: Option<PathBuf>,
    rerun: String,
    options: (bool, bool),
    context: Context,
}

impl Outputs {
    /// Decides where the files go, before anything is sent: an output that cannot be written must not cost a run.
    ///
    /// # Errors
    /// A folder that exists already and holds the results of another run, or one that cannot be made.
    pub(crate) fn of(args: &RunArgs, run_id: &str, context: &Context) -> Result<Self, Failure> {
        let folder = args
            .out
            .clone()
            .unwrap_or_else(|| PathBuf::from("reports").join(format!("run-{run_id}")));
        let json = args
            .json
            .clone()
            .unwrap_or_else(|| folder.join("results.json"));
        let junit = args
            .junit
            .clone()
            .unwrap_or_else(|| folder.join("junit.xml"));
        let html = args
            .html
            .clone()
            .unwrap_or_else(|| folder.join("report.html"));
        for path in [&json, &junit, &html]
            .into_iter()
            .chain(&args.sarif)
            .chain(&args.md)
        {
            probe_writable(path)?;
        }
        Ok(Self {
            folder,
            json,
            junit,
            html,
            sarif: args.sarif.clone(),
            md: args.md.clone(),
            rerun: rerun_command(args),
            options: (args.quiet, args.verbose),
            context: context.clone(),
        })
    }

    /// The folder of the run.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes the reports and returns what is said on standard output.
    ///
    /// # Errors
    /// A report that cannot be written; the others are written all the same.
    pub(crate) fn write(&self, record: &RunRecord, exit: Exit) -> Result<String, Failure> {
        let mut written = vec![
            write_whole(&self.json, &json::to_json(record)),
            write_whole(&self.junit, &junit::render(record, &self.rerun)),
            write_whole(&self.html, &html::render(record)),
        ];
        let sarif = self.sarif.iter().map(|path| (path, sarif::render(record)));
        let md = self.md.iter().map(|path| (path, markdown::render(record)));
        written.extend(sarif.chain(md).map(|(path, text)| write_whole(path, &text)));
        let problems: Vec<String> = written.into_iter().filter_map(Result::err).collect();
        let text = self.text(record, exit);
        if problems.is_empty() {
            return Ok(text);
        }
        complain(&text);
        Err(Failure::trouble(problems.join("\nerror: ")))
    }

    fn text(&self, record: &RunRecord, exit: Exit) -> String {
        let (quiet, verbose) = self.options;
        let outcome = format!("exit {}: {}", exit.code(), exit.meaning());
        let options = TableOptions {
            width: self.context.width,
            colour: self.context.colour,
            verbose,
            rerun: self.rerun.clone(),
            outcome: outcome.clone(),
        };
        let mut files = format!(
            "results {}\njunit   {}\nhtml    {}\n",
            self.json.display(),
            self.junit.display(),
            self.html.display()
        );
        for (label, path) in [("sarif", &self.sarif), ("md", &self.md)] {
            if let Some(path) = path {
                files.push_str(&format!("{label:<7} {}\n", path.display()));
            }
        }
        if let Some(evidence) = &record.evidence {
            let folder = self.folder.join(&evidence.folder);
            let secret = if evidence.captures {
                " (captures hold secrets)"
            } else {
                ""
            };
            files.push_str(&format!("evidence {}{secret}\n", folder.display()));
        }
        if quiet {
            return format!("{}; {outcome}\n", table::counted(record));
        }
        format!("{}{files}", table::render(record, &options))
    }
}

/// What to type to run a case of this run again, without the id.
pub(crate) fn rerun_command(args: &RunArgs) -> String {
    let mut command = String::from("presec run");
    let mut add = |flag: &str, value: &str| {
        command.push_str(&format!(" --{flag} {}", shell_word(value)));
    };
    match &args.target {
        Some(target) => add("target", &target.display().to_string()),
        None => {
            let shape = [
                ("topology", &args.topology),
                ("client-certificate", &args.client_certificate),
                ("auth-mode", &args.auth_mode),
            ];
            args.defects.iter().for_each(|name| add("defect", name));
            for (flag, value) in shape {
                if let Some(value) = value {
                    add(flag, value);
                }
            }
            // Without a target file the roles also choose what the embedded server is.
            args.select.roles.iter().for_each(|role| add("role", role));
        }
    }
    for folder in &args.select.scenarios {
        add("scenarios", &folder.display().to_string());
    }
    args.policy.iter().for_each(|pair| add("policy", pair));
    args.risks.iter().for_each(|risk| add("risk", risk));
    command
}

/// Makes the folder and checks that a file can be created in it.
pub(crate) fn probe_writable(path: &Path) -> Result<(), Failure> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    let refuse = |error: &dyn std::fmt::Display| {
        Failure::usage(format!("cannot write {}: {error}", path.display()))
    };
    if path.is_dir() {
        return Err(refuse(&"it is a folder"));
    }
    if let Some(file) = folder.ancestors().find(|above| above.is_file()) {
        return Err(refuse(&format!(
            "{} is a file, not a folder",
            file.display()
        )));
    }
    std::fs::create_dir_all(&folder).map_err(|error| refuse(&error))?;
    tempfile::NamedTempFile::new_in(&folder).map_err(|error| refuse(&error))?;
    Ok(())
}
