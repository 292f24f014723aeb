//! The forms in which a secret could turn up again.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

use crate::wire::http::clean;

/// Shorter ones are not looked for: their occurrences say nothing, and their absence would say everything.
pub(super) const SHORTEST: usize = 4;
/// Shorter pieces of an encoding are not looked for.
const SHORTEST_PIECE: usize = 8;

/// All forms of a secret: raw, base64, hex and percent-encoded; what it encodes itself, if it is base64 or hex, likewise.
pub(super) fn forms(secret: &[u8]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    if secret.len() < SHORTEST {
        return all;
    }
    add_forms(&mut all, secret);
    for decoded in [STANDARD.decode(secret).ok(), hex::decode(secret).ok()]
        .into_iter()
        .flatten()
    {
        if decoded.len() >= SHORTEST_PIECE {
            add_forms(&mut all, &decoded);
        }
    }
    all.sort();
    all.dedup();
    all
}

fn add_forms(all: &mut Vec<Vec<u8>>, secret: &[u8]) {
    all.push(secret.to_vec());
    // As texts of the target are shown.
    all.push(clean(secret, usize::MAX).into_bytes());
    let hex = hex::encode(secret);
    all.push(hex.to_uppercase().into_bytes());
    all.push(hex.into_bytes());
    for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
        all.push(engine.encode(secret).into_bytes());
    }
    for engine in [&STANDARD, &URL_SAFE] {
        all.extend(inner_pieces(secret, engine));
    }
    for keep in ["", "-._~", "-._~/+=:@!$&'()*,;"] {
        let percent = percent(secret, keep);
        all.push(percent.to_lowercase().into_bytes());
        all.push(percent.into_bytes());
    }
}

/// What stands for the secret within the base64 of something longer: the characters that depend on it alone, wherever it begins.
fn inner_pieces(secret: &[u8], engine: &impl base64::Engine) -> Vec<Vec<u8>> {
    (0..=2)
        .filter_map(|before| {
            let mut padded = vec![0; before];
            padded.extend_from_slice(secret);
            let whole = padded.len() - padded.len() % 3;
            let encoded = engine.encode(padded.get(..whole)?);
            // The first group holds octets of what stands before, if anything does.
            let piece = encoded.get(if before == 0 { 0 } else { 4 }..)?;
            (piece.len() >= SHORTEST_PIECE).then(|| piece.as_bytes().to_vec())
        })
        .collect()
}

fn percent(secret: &[u8], keep: &str) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F',
    ];
    let digit = |value: u8| DIGITS.get(usize::from(value)).copied().unwrap_or('0');
    let mut text = String::with_capacity(secret.len() * 3);
    for byte in secret {
        let c = char::from(*byte);
        if c.is_ascii_alphanumeric() || (keep.contains(c) && c.is_ascii()) {
            text.push(c);
        } else {
            text.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(secret: &[u8], form: &str) -> bool {
        forms(secret).iter().any(|known| known == form.as_bytes())
    }

    #[test]
    fn a_password_is_known_in_every_form() {
        for form in [
            "pa/ss +wörd",
            "70612f7373202b77c3b67264",
            "70612F7373202B77C3B67264",
            "cGEvc3MgK3fDtnJk",
            "cGEvc3MgK3fDtnJk",
            "pa%2Fss%20%2Bw%C3%B6rd",
            "pa%2fss%20%2bw%c3%b6rd",
            "pa/ss%20+w%C3%B6rd",
        ] {
            assert!(has("pa/ss +wörd".as_bytes(), form), "{form}");
        }
    }

    #[test]
    fn a_key_in_base64_is_known_raw_as_well() {
        let raw: Vec<u8> = (200..232).collect();
        let text = STANDARD.encode(&raw);
        assert!(forms(text.as_bytes()).contains(&raw));
        assert!(has(text.as_bytes(), &hex::encode(&raw)));
    }

    #[test]
    fn within_longer_base64_the_secret_is_found_wherever_it_begins() {
        for before in ["", "u", "us", "user:"] {
            let encoded = STANDARD.encode(format!("{before}open sesame!"));
            let known = forms(b"open sesame!");
            let found = known
                .iter()
                .any(|form| encoded.contains(&*String::from_utf8_lossy(form)));
            assert!(found, "{before}");
        }
        assert!(forms(b"abc").is_empty());
    }
}
