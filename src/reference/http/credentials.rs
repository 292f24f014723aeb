//! The `Authorization` field, read as strictly as a server may (RFC 9110, 11.4; RFC 7616, 3.4).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Longest field value that is read.
const MAX_VALUE: usize = 8 * 1024;

/// Digest credentials whose obligatory fields are all there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DigestCredentials {
    pub(super) username: String,
    pub(super) realm: String,
    pub(super) nonce: String,
    pub(super) uri: String,
    pub(super) response: String,
    pub(super) algorithm: Option<String>,
    pub(super) cnonce: Option<String>,
    pub(super) opaque: Option<String>,
    pub(super) qop: Option<String>,
    pub(super) nc: Option<String>,
}

impl DigestCredentials {
    /// The nonce count, if it is eight hex digits.
    pub(super) fn count(&self) -> Option<u32> {
        let nc = self.nc.as_deref()?;
        (nc.len() == 8 && nc.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .then(|| u32::from_str_radix(nc, 16).ok())
            .flatten()
    }
}

/// What a request brings along; it may hold a password and has no `Debug`.
pub(super) enum Presented {
    /// No field.
    Nothing,
    /// Basic credentials.
    Basic { username: String, password: String },
    /// Digest credentials.
    Digest(Box<DigestCredentials>),
    /// Another scheme.
    OtherScheme,
    /// More than one field, or one that breaks the grammar.
    Malformed,
}

impl Presented {
    /// Reads the values of all `Authorization` fields of a request.
    pub(super) fn read(values: &[&[u8]]) -> Self {
        let value = match values {
            [] => return Self::Nothing,
            [value] if value.len() <= MAX_VALUE => value,
            _ => return Self::Malformed,
        };
        let Ok(value) = std::str::from_utf8(value) else {
            return Self::Malformed;
        };
        let value = value.trim();
        let (scheme, rest) = value.split_once(' ').unwrap_or((value, ""));
        if scheme.eq_ignore_ascii_case("Basic") {
            return basic(rest).unwrap_or(Self::Malformed);
        }
        if !scheme.eq_ignore_ascii_case("Digest") {
            return Self::OtherScheme;
        }
        parameters(rest)
            .and_then(digest)
            .map_or(Self::Malformed, |credentials| {
                Self::Digest(Box::new(credentials))
            })
    }
}

fn basic(token: &str) -> Option<Presented> {
    let text = String::from_utf8(STANDARD.decode(token.trim()).ok()?).ok()?;
    // A B-TID has no colon, and neither has any user name of Basic.
    let (username, password) = text.split_once(':')?;
    Some(Presented::Basic {
        username: username.to_owned(),
        password: password.to_owned(),
    })
}

fn digest(parameters: Vec<(String, String)>) -> Option<DigestCredentials> {
    let mut names: Vec<&str> = parameters.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    if names
        .iter()
        .zip(names.iter().skip(1))
        .any(|(one, next)| one == next)
    {
        return None;
    }
    let find = |wanted: &str| {
        parameters
            .iter()
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.clone())
    };
    Some(DigestCredentials {
        username: find("username")?,
        realm: find("realm")?,
        nonce: find("nonce")?,
        uri: find("uri")?,
        response: find("response")?,
        algorithm: find("algorithm"),
        cnonce: find("cnonce"),
        opaque: find("opaque"),
        qop: find("qop"),
        nc: find("nc"),
    })
}

/// Names in lower case and values of a comma-separated list; `None` when it breaks the grammar.
fn parameters(text: &str) -> Option<Vec<(String, String)>> {
    let mut list = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=')?;
        let name = name.trim();
        if name.is_empty() || !name.bytes().all(is_token) {
            return None;
        }
        let after = after.trim_start();
        let (value, after) = match after.strip_prefix('"') {
            Some(quoted) => quoted_string(quoted)?,
            None => {
                let (value, after) =
                    after.split_at_checked(after.find(',').unwrap_or(after.len()))?;
                let value = value.trim_end();
                if value.is_empty() || !value.bytes().all(is_token) {
                    return None;
                }
                (value.to_owned(), after)
            }
        };
        list.push((name.to_ascii_lowercase(), value));
        let after = after.trim_start();
        rest = match after.strip_prefix(',') {
            Some(next) => next.trim_start(),
            None if after.is_empty() => after,
            None => return None,
        };
    }
    Some(list)
}

/// Content of a quoted-string whose first quote is taken, and what follows it.
fn quoted_string(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.chars();
    loop {
        match characters.next()? {
            '"' => return Some((value, characters.as_str())),
            '\\' => value.push(characters.next()?),
            character if character.is_control() => return None,
            character => value.push(character),
        }
    }
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest_of(value: &str) -> Option<DigestCredentials> {
        match Presented::read(&[value.as_bytes()]) {
            Presented::Digest(credentials) => Some(*credentials),
            _ => None,
        }
    }

    /// Example of RFC 7616, 3.9.1.
    #[test]
    fn reads_the_example_of_rfc_7616() {
        let credentials = digest_of(
            "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", algorithm=MD5, \
             nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, \
             cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, \
             response=\"8ca523f5e9506fed4657c9700eebdbec\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"",
        )
        .unwrap();
        assert_eq!(credentials.username, "Mufasa");
        assert_eq!(credentials.count(), Some(1));
        assert_eq!(credentials.qop.as_deref(), Some("auth"));
    }

    #[test]
    fn quotes_and_escapes_end() {
        let credentials =
            digest_of("digest username=\"a\\\"b,c\",realm=r , nonce=n,uri=\"/\",response=x")
                .unwrap();
        assert_eq!(credentials.username, "a\"b,c");
        assert_eq!(credentials.realm, "r");
    }

    #[test]
    fn what_breaks_the_grammar_is_malformed() {
        for value in [
            "Digest",
            "Digest username=a",
            "Digest username=\"a, realm=r, nonce=n, uri=u, response=x",
            "Digest username=a realm=r, nonce=n, uri=u, response=x",
            "Digest username=a, username=b, realm=r, nonce=n, uri=u, response=x",
            "Digest =a",
            "Basic !",
            "Basic YQ==",
        ] {
            assert!(
                matches!(Presented::read(&[value.as_bytes()]), Presented::Malformed),
                "{value}"
            );
        }
        let long = vec![b'a'; MAX_VALUE + 1];
        assert!(matches!(Presented::read(&[&long]), Presented::Malformed));
        assert!(matches!(
            Presented::read(&[b"Basic YTpi", b"Basic YTpi"]),
            Presented::Malformed
        ));
        assert!(matches!(
            Presented::read(&[b"Bearer x"]),
            Presented::OtherScheme
        ));
        assert!(matches!(Presented::read(&[]), Presented::Nothing));
    }

    #[test]
    fn counts_are_eight_hex_digits() {
        let count = |nc: &str| {
            digest_of(&format!(
                "Digest username=a, realm=r, nonce=n, uri=u, response=x, nc={nc}"
            ))
            .unwrap()
            .count()
        };
        assert_eq!(count("0000001F"), Some(31));
        for wrong in ["1", "0000000g", "000000001", "+0000001"] {
            assert_eq!(count(wrong), None, "{wrong}");
        }
    }
}
