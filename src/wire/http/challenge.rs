//! `WWW-Authenticate`, `Authorization` and `Authentication-Info` values, and the realms of 3GPP bootstrapping.

mod parser;
mod realm;
#[cfg(test)]
mod tests;

pub use parser::{
    ChallengeFlaw, Challenges, MAX_CHALLENGES, MAX_PARAMS, parse_challenges, parse_params,
};
pub use realm::{BootstrappingPrefix, BootstrappingRealm, bootstrapping_realms};

/// A parameter of a challenge, of credentials or of `Authentication-Info` (RFC 9110, 11.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Param {
    /// Name as spelled.
    pub name: String,
    /// Value without quotes and escapes.
    pub value: String,
    /// Whether the value was, or is to be, a quoted-string.
    pub quoted: bool,
}

/// One challenge, or the credentials that answer one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Challenge {
    /// Authentication scheme as spelled.
    pub scheme: String,
    /// Credentials or challenge in the token68 form.
    pub token68: Option<String>,
    /// Parameters in order, repeated ones included.
    pub params: Vec<Param>,
}

impl Challenge {
    /// Whether the scheme is Digest.
    pub fn is_digest(&self) -> bool {
        self.scheme.eq_ignore_ascii_case("Digest")
    }

    /// Value of the first parameter of that name, whatever its case.
    pub fn param(&self, name: &str) -> Option<&str> {
        param(&self.params, name)
    }

    /// The protection space.
    pub fn realm(&self) -> Option<&str> {
        self.param("realm")
    }

    /// The server nonce.
    pub fn nonce(&self) -> Option<&str> {
        self.param("nonce")
    }

    /// What the client shall return unchanged.
    pub fn opaque(&self) -> Option<&str> {
        self.param("opaque")
    }

    /// Qualities of protection on offer in order; empty when the parameter is absent.
    pub fn qop(&self) -> Vec<&str> {
        let list = self.param("qop").unwrap_or_default();
        list.split(|character: char| character == ',' || character.is_ascii_whitespace())
            .filter(|quality| !quality.is_empty())
            .collect()
    }

    /// The algorithm as spelled; absent means MD5 (RFC 7616, 3.3).
    pub fn algorithm(&self) -> Option<&str> {
        self.param("algorithm")
    }

    /// Whether the server says that only the nonce was wrong; any value but `true` means false (RFC 7616, 3.3).
    pub fn stale(&self) -> Option<bool> {
        self.param("stale")
            .map(|value| value.eq_ignore_ascii_case("true"))
    }

    /// Names of parameters that occur more than once, in lower case, each once.
    pub fn duplicate_params(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .params
            .iter()
            .map(|param| param.name.to_ascii_lowercase())
            .collect();
        names.sort();
        let mut duplicates: Vec<String> = names
            .iter()
            .zip(names.iter().skip(1))
            .filter(|(name, next)| name == next)
            .map(|(name, _)| name.clone())
            .collect();
        duplicates.dedup();
        duplicates
    }
}

/// Value of the first parameter of that name, whatever its case.
pub(super) fn param<'a>(params: &'a [Param], name: &str) -> Option<&'a str> {
    params
        .iter()
        .find(|param| param.name.eq_ignore_ascii_case(name))
        .map(|param| param.value.as_str())
}
