//! Did you mean?

/// The candidate nearest to what was written, if it is near enough to be a slip of the pen.
pub(super) fn nearest<'a>(
    written: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let length = written.chars().count();
    if length > 100 {
        return None;
    }
    let folded = written.to_lowercase().replace('-', "_");
    candidates
        .into_iter()
        .map(|candidate| {
            let other = candidate.to_lowercase().replace('-', "_");
            (strsim::damerau_levenshtein(&folded, &other), candidate)
        })
        .filter(|(distance, candidate)| {
            *distance <= (length.max(candidate.chars().count()) / 3).min(6)
        })
        .min()
        .map(|(_, candidate)| candidate)
}

/// "did you mean `x`?", or the list of what is known when nothing is near.
pub(super) fn help<'a>(
    written: &str,
    candidates: impl IntoIterator<Item = &'a str> + Clone,
    known: &str,
) -> String {
    nearest(written, candidates.clone()).map_or_else(
        || format!("{known}: {}", list(candidates)),
        |near| format!("did you mean `{near}`?"),
    )
}

/// The first of the candidates, and how many more there are.
fn list<'a>(candidates: impl IntoIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 24;
    let all: Vec<&str> = candidates.into_iter().collect();
    let mut text = all
        .iter()
        .take(SHOWN)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    if all.len() > SHOWN {
        text.push_str(&format!(" and {} more", all.len() - SHOWN));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised_and_strangers_are_not() {
        let known = ["session", "save", "resume", "tls-offer"];
        assert_eq!(nearest("sesion", known), Some("session"));
        assert_eq!(nearest("tls_ofer", known), Some("tls-offer"));
        assert_eq!(nearest("elephant", known), None);
        assert_eq!(nearest(&"x".repeat(10_000), known), None);
    }

    #[test]
    fn without_a_near_one_the_known_ones_are_listed() {
        assert_eq!(help("zzz", ["a", "b"], "known"), "known: a, b");
    }
}
