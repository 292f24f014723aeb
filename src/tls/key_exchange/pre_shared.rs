//! Pre-shared keys: RFC 4279; as used by a NAF, TS 33.222 clause 5.4.

use std::fmt;

use crate::model::secret::Secret;
use crate::wire::tls::codec::put_vector16;

/// A key and the name both sides know it by.
#[derive(Clone, PartialEq, Eq)]
pub struct PreSharedKey {
    /// The identity sent in clear; towards a NAF `3GPP-bootstrapping;` and the B-TID.
    pub identity: Vec<u8>,
    /// The key; towards a NAF `Ks_NAF`.
    pub key: Secret,
}

impl fmt::Debug for PreSharedKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PreSharedKey")
            .field("identity", &String::from_utf8_lossy(&self.identity))
            .field("key", &self.key)
            .finish()
    }
}

/// The premaster secret of RFC 4279 clauses 2 to 4; `other` is the secret of the key exchange beside the key, if any.
#[must_use]
pub fn combine(other: Option<&Secret>, key: &Secret) -> Secret {
    let zeros = vec![0; key.expose().len()];
    let mut out = Vec::new();
    put_vector16(&mut out, other.map_or(zeros.as_slice(), Secret::expose));
    put_vector16(&mut out, key.expose());
    Secret::new(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_premaster_secret_has_the_form_of_rfc_4279() {
        let key = Secret::new([1, 2, 3]);
        assert_eq!(combine(None, &key).expose(), [0, 3, 0, 0, 0, 0, 3, 1, 2, 3]);
        let other = Secret::new([9]);
        assert_eq!(
            combine(Some(&other), &key).expose(),
            [0, 1, 9, 0, 3, 1, 2, 3]
        );
        let debug = format!(
            "{:?}",
            PreSharedKey {
                identity: b"b-tid".to_vec(),
                key
            }
        );
        assert!(debug.contains("b-tid") && debug.contains("***"));
    }
}
