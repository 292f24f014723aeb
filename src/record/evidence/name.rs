//! Case ids as names of folders.

use sha2::{Digest, Sha256};

/// Most characters of a name before its hash.
const LONGEST: usize = 96;

/// The folder for the evidence of a case: the id itself where it is harmless in file systems, shells and addresses, otherwise
/// with `-` for what is not and six digits of the id's SHA-256, so that two ids never share a folder.
#[must_use]
pub fn folder_name(id: &str) -> String {
    let harmless = |c: char| c.is_ascii_alphanumeric() || "-_.=".contains(c);
    let begins_well = id.starts_with(|c: char| c.is_ascii_alphanumeric());
    if begins_well && id.len() <= LONGEST && id.chars().all(harmless) {
        return id.to_owned();
    }
    let mut name = String::new();
    for c in id.chars().take(LONGEST) {
        if harmless(c) && (!name.is_empty() || c.is_ascii_alphanumeric()) {
            name.push(c);
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    let hash = hex::encode(Sha256::digest(id));
    let hash = hash.get(..6).unwrap_or_default();
    if name.is_empty() {
        return format!("case-{hash}");
    }
    format!("{}-{hash}", name.trim_end_matches('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_become_names_that_every_place_takes() {
        assert_eq!(folder_name("TLSC-07"), "TLSC-07");
        let expanded = folder_name("TLSS-06[mechanism=ticket]");
        assert!(
            expanded.starts_with("TLSS-06-mechanism=ticket-"),
            "{expanded}"
        );
        assert_ne!(folder_name("A[b]"), folder_name("A(b)"));
        assert!(folder_name(&"x/".repeat(500)).len() < 110);
    }

    proptest::proptest! {
        #[test]
        fn no_id_leaves_its_folder(id: String) {
            let name = folder_name(&id);
            proptest::prop_assert!(name.starts_with(|c: char| c.is_ascii_alphanumeric()), "{}", name);
            proptest::prop_assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.=".contains(c)), "{}", name);
        }
    }
}
