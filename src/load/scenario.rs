//! One scenario: read, then looked at for sense.

use crate::model::scenario::Scenario;

use super::diagnostic::Diagnostics;
use super::lint::{self, Provenance};
use super::position::WRITTEN;
use super::source::Source;
use super::vocabulary::Vocabulary;
use super::yaml;

/// Reads and lints one scenario against the register and the suite sets of this binary. Total: no text makes it panic.
///
/// # Errors
/// Everything wrong with the text, each at its place.
pub fn scenario_from_text(file_name: &str, text: &str) -> Result<Scenario, Diagnostics> {
    read(file_name, text, Vocabulary::shared()?, Provenance::User)
}

/// Reads and lints one scenario.
///
/// # Errors
/// As [`scenario_from_text`].
pub(super) fn read(
    file: &str,
    text: &str,
    vocabulary: &Vocabulary,
    provenance: Provenance,
) -> Result<Scenario, Diagnostics> {
    let source = Source::new(file, text, WRITTEN)?;
    let scenario: Scenario = yaml::parse(&source)?;
    Diagnostics::none_of(lint::problems(&scenario, &source, vocabulary, provenance))?;
    Ok(scenario)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WHOLE: &str = "id: LAB-01\ntitle: T\nverifies: [UT-7.2-03]\nkind: conformance\nrisk: read\nroles: [authentication-proxy]\neach: { version: [$accepted_versions] }\nsteps:\n  - tls-offer: { version: $version, suites: [$null_enc], expect: [{ shall: refused }] }\n";

    #[test]
    fn the_form_of_the_architecture_is_accepted() {
        scenario_from_text("lab-01-offer.yaml", WHOLE).unwrap_or_else(|error| panic!("{error}"));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,200}") {
            let _ = scenario_from_text("a.yaml", &text).map_err(|error| error.to_string());
        }

        #[test]
        fn no_damage_makes_it_panic(at in 0..WHOLE.len(), length in 0..40usize, put in "[-:{}\\[\\],&*!|>'\"#%@`$ \n\ta-z0-9]{0,12}") {
            let before = &WHOLE[..at];
            let after = WHOLE.get(at + length..).unwrap_or("");
            let text = format!("{before}{put}{after}");
            let _ = scenario_from_text("lab-01-offer.yaml", &text).map_err(|error| error.to_string());
        }
    }
}
