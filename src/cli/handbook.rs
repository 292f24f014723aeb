//! `presec completions` and `presec man`, from the same command line that is parsed.

use clap::CommandFactory;
use clap_mangen::Man;

use crate::engine::gate::Exit;

use super::args::Cli;
use super::args_results::{CompletionsArgs, ManArgs};
use super::context::say;
use super::failure::Failure;
use super::files::write_whole;

/// Prints a completion script.
///
/// # Errors
/// None of the user's making.
pub(crate) fn completions(args: &CompletionsArgs) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "presec", &mut script);
    say(&String::from_utf8_lossy(&script));
    Ok(Exit::Met)
}

/// Prints the page of presec, or writes it and the page of each command.
///
/// # Errors
/// A folder that cannot be written.
pub(crate) fn man(args: &ManArgs) -> Result<Exit, Failure> {
    let mut command = Cli::command();
    command.build();
    let Some(folder) = &args.folder else {
        say(&page(&command)?);
        return Ok(Exit::Met);
    };
    let commands = command
        .get_subcommands()
        .filter(|below| below.get_name() != "help");
    let mut written = 0;
    for command in std::iter::once(&command).chain(commands) {
        let name = command
            .get_display_name()
            .unwrap_or_else(|| command.get_name());
        let path = folder.join(format!("{name}.1"));
        write_whole(&path, &page(command)?).map_err(Failure::usage)?;
        written += 1;
    }
    say(&format!("{written} pages in {}\n", folder.display()));
    Ok(Exit::Met)
}

fn page(command: &clap::Command) -> Result<String, Failure> {
    let mut page = Vec::new();
    Man::new(command.clone())
        .render(&mut page)
        .map_err(|error| Failure::trouble(error.to_string()))?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}
