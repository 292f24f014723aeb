//! Which part of a plan this process runs: said by a flag, or by the pipeline when asked to look there.

use super::args::RunArgs;
use super::context::Context;
use super::failure::Failure;

/// Most parts of one plan.
const MOST_PARTS: u32 = 1000;

/// The part as index (from 1) and number of parts; `None` for the whole plan. Variables of a pipeline are looked at only when
/// `--shard auto` asks for it: a matrix of targets sets them too, and a run must not shrink silently.
///
/// # Errors
/// A part that does not exist, a pipeline that says nothing, or no seed: parts with different seeds are not parts of one run.
pub(crate) fn part(args: &RunArgs, context: &Context) -> Result<Option<(u32, u32)>, Failure> {
    let variable = |name: &str| context.environment(name).filter(|value| !value.is_empty());
    let Some(said) = args
        .pipeline
        .shard
        .clone()
        .or_else(|| variable("PRESEC_SHARD"))
    else {
        return Ok(None);
    };
    let part = match said.as_str() {
        "auto" => of_pipeline(variable).map_err(Failure::usage)?,
        said => read(said).map_err(Failure::usage)?,
    };
    if args.seed.is_none() {
        return Err(Failure::usage(
            "--shard needs --seed, the same for every part, such as the number of the pipeline; only such parts can be merged",
        ));
    }
    Ok(Some(part))
}

fn read(said: &str) -> Result<(u32, u32), String> {
    let numbers = said
        .split_once('/')
        .and_then(|(index, total)| Some((index.parse().ok()?, total.parse().ok()?)));
    numbers
        .ok_or_else(|| format!("--shard {said}: write a part such as `2/5`, or `auto`"))
        .and_then(|(index, total)| checked(index, total))
}

fn checked(index: u32, total: u32) -> Result<(u32, u32), String> {
    if index == 0 || index > total || total > MOST_PARTS {
        return Err(format!(
            "part {index} of {total}: parts are counted from 1, and there are at most {MOST_PARTS}"
        ));
    }
    Ok((index, total))
}

fn of_pipeline(variable: impl Fn(&str) -> Option<String>) -> Result<(u32, u32), String> {
    let number = |name: &str, text: String| {
        text.trim()
            .parse::<u32>()
            .map_err(|error| format!("{name}={text}: {error}"))
    };
    if let Some(index) = variable("CI_NODE_INDEX") {
        let total =
            variable("CI_NODE_TOTAL").ok_or("CI_NODE_INDEX is set, CI_NODE_TOTAL is not")?;
        return checked(
            number("CI_NODE_INDEX", index)?,
            number("CI_NODE_TOTAL", total)?,
        );
    }
    if let Some(index) = variable("JOB_COMPLETION_INDEX") {
        let total = variable("JOB_COMPLETIONS")
            .or_else(|| variable("PRESEC_SHARDS"))
            .ok_or("JOB_COMPLETION_INDEX is set, but neither JOB_COMPLETIONS nor PRESEC_SHARDS says how many there are")?;
        let from_zero = number("JOB_COMPLETION_INDEX", index)?;
        return checked(
            from_zero.saturating_add(1),
            number("JOB_COMPLETIONS", total)?,
        );
    }
    Err("--shard auto: neither CI_NODE_INDEX nor JOB_COMPLETION_INDEX is set; write the part, such as `2/5`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pipeline(variables: &[(&str, &str)]) -> Result<(u32, u32), String> {
        of_pipeline(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn parts_are_counted_from_one() {
        assert_eq!(read("1/1"), Ok((1, 1)));
        assert_eq!(read("3/7"), Ok((3, 7)));
        for wrong in ["0/3", "4/3", "1/0", "1", "a/b", "1/1001", "-1/3", ""] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn each_pipeline_counts_in_its_own_way() {
        assert_eq!(
            pipeline(&[("CI_NODE_INDEX", "1"), ("CI_NODE_TOTAL", "3")]),
            Ok((1, 3))
        );
        assert_eq!(
            pipeline(&[("JOB_COMPLETION_INDEX", "0"), ("JOB_COMPLETIONS", "3")]),
            Ok((1, 3))
        );
        assert_eq!(
            pipeline(&[("JOB_COMPLETION_INDEX", "2"), ("PRESEC_SHARDS", "3")]),
            Ok((3, 3))
        );
        assert!(pipeline(&[("JOB_COMPLETION_INDEX", "3"), ("PRESEC_SHARDS", "3")]).is_err());
        assert!(pipeline(&[("CI_NODE_INDEX", "1")]).is_err());
        assert!(pipeline(&[("JOB_COMPLETION_INDEX", "1")]).is_err());
        assert!(pipeline(&[]).is_err());
    }
}
