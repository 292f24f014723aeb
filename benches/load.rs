//! Loading and linting every scenario, register and set of the binary, beside the same texts only parsed into the same
//! types. Goal: below 60 ms of CPU.

use std::io::Write as _;

use include_dir::{Dir, include_dir};
use presec::load::Library;
use presec::model::profile::TlsProfiles;
use presec::model::requirement::Requirement;
use presec::model::scenario::Scenario;
use presec::model::suite::{SuiteRecord, SuiteRegistry, SuiteSetNames};
use serde::de::DeserializeOwned;

mod measure;

use measure::{Measured, compare, milliseconds, once};

static TEXTS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/scenarios");

/// Turns of ours and of the peer.
const ROUNDS: usize = 31;
/// Times in a turn.
const TIMES: u32 = 2;

fn main() -> Measured<()> {
    let found = compare(
        ROUNDS,
        || once(TIMES, load_and_lint),
        || once(TIMES, || parse_folder(&TEXTS)),
    )?;
    writeln!(
        std::io::stdout(),
        "load: {} scenarios, {} requirements and {} octets of YAML loaded and linted in {} of CPU (goal 60 ms); \
         serde_yaml alone {}, ratio {:.2}",
        Library::embedded()?.scenarios.len(),
        Library::embedded()?.register.len(),
        octets(&TEXTS),
        milliseconds(found.ours),
        milliseconds(found.peer),
        found.ratio,
    )?;
    Ok(())
}

fn load_and_lint() -> Measured<()> {
    std::hint::black_box(Library::embedded()?);
    Ok(())
}

/// The peer: typed values of every file, no bounds, no places, no lint.
fn parse_folder(folder: &Dir<'_>) -> Measured<()> {
    for file in folder.files() {
        let text = file.contents_utf8().ok_or("a file is no text")?;
        let path = file.path();
        if path.ends_with("suites.yaml") {
            SuiteRegistry::new(serde_yaml::from_str::<Vec<SuiteRecord>>(text)?)?;
        } else if path.ends_with("sets.yaml") {
            std::hint::black_box(serde_yaml::from_str::<SuiteSetNames>(text)?);
        } else if path.starts_with("profiles") {
            std::hint::black_box(serde_yaml::from_str::<TlsProfiles>(text)?);
        } else if path.starts_with("requirements") {
            parse::<Vec<Requirement>>(text)?;
        } else {
            parse::<Scenario>(text)?;
        }
    }
    folder.dirs().try_for_each(parse_folder)
}

fn parse<T: DeserializeOwned>(text: &str) -> Measured<T> {
    let deserializer = serde_yaml::Deserializer::from_str(text);
    let value = serde_yaml::with::singleton_map_recursive::deserialize(deserializer)?;
    Ok(std::hint::black_box(value))
}

fn octets(folder: &Dir<'_>) -> usize {
    let here: usize = folder.files().map(|file| file.contents().len()).sum();
    here + folder.dirs().map(octets).sum::<usize>()
}
