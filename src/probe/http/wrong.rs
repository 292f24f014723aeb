//! Wrong values on purpose: padding, other encodings of a key, a response that is one digit off.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::model::secret::Secret;
use crate::model::step_http_form::KeyEncoding;
use crate::wire::http::challenge::Param;

/// Longest padding.
const PADDING: usize = 1024 * 1024;

/// A parameter that nobody asked for, as long as wanted.
pub(super) fn padding(octets: u32) -> Param {
    Param {
        name: "presec".to_owned(),
        value: "p".repeat(usize::try_from(octets).unwrap_or(usize::MAX).min(PADDING)),
        quoted: true,
    }
}

/// The octets behind a password in base64, in another form; a password that is none stays as it is.
pub(super) fn in_encoding(password: &Secret, encoding: KeyEncoding) -> Secret {
    match (STANDARD.decode(password.expose()), encoding) {
        (Ok(octets), KeyEncoding::Raw) => Secret::new(octets),
        (Ok(octets), KeyEncoding::Hex) => Secret::new(hex::encode(octets)),
        (Err(_), _) => password.clone(),
    }
}

/// Whether the algorithm hashes a session key.
pub(super) fn is_session_algorithm(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with("-sess")
}

/// The same hex digits but for the last.
pub(super) fn one_digit_off(response: &str) -> String {
    let mut text = response.to_owned();
    let last = text.pop();
    text.push(if last == Some('0') { '1' } else { '0' });
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_digit_off_differs_and_keeps_its_length() {
        assert_eq!(one_digit_off("abc0"), "abc1");
        assert_eq!(one_digit_off("abcf"), "abc0");
    }
}
