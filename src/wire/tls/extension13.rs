//! Extensions of hellos that TLS 1.3 brought, for both sides: RFC 8446 clauses 4.2.8 and 4.2.11.

use super::codec::{Malformed, Reader, put_u16, put_vector8, put_vector16};
use super::extension::{Extension, code};

/// Key exchange with a pre-shared key alone, RFC 8446 clause 4.2.9.
pub const PSK_KE: u8 = 0;
/// Key exchange with a pre-shared key and ephemeral shares.
pub const PSK_DHE_KE: u8 = 1;

/// A key share: group and public value, RFC 8446 clause 4.2.8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyShare {
    /// Named group.
    pub group: u16,
    /// Public value.
    pub public: Vec<u8>,
}

impl KeyShare {
    /// key_share of a ClientHello.
    #[must_use]
    pub fn offer(shares: &[Self]) -> Extension {
        let mut list = Vec::new();
        for share in shares {
            put_u16(&mut list, share.group);
            put_vector16(&mut list, &share.public);
        }
        let mut body = Vec::new();
        put_vector16(&mut body, &list);
        Extension::new(code::KEY_SHARE, body)
    }

    /// The shares of a ClientHello's extension.
    ///
    /// # Errors
    /// [`Malformed`] saying what and where.
    pub fn parse_offer(body: &[u8]) -> Result<Vec<Self>, Malformed> {
        let mut reader = Reader::new(body, "key_share");
        let mut list = Reader::new(reader.vector16("list")?, "key_share");
        reader.end()?;
        let mut shares = Vec::new();
        while !list.is_empty() {
            shares.push(Self::one(&mut list)?);
        }
        Ok(shares)
    }

    /// key_share of a ServerHello.
    #[must_use]
    pub fn answer(&self) -> Extension {
        let mut body = Vec::new();
        put_u16(&mut body, self.group);
        put_vector16(&mut body, &self.public);
        Extension::new(code::KEY_SHARE, body)
    }

    /// The share of a ServerHello's extension.
    ///
    /// # Errors
    /// [`Malformed`] saying what and where.
    pub fn parse_answer(body: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(body, "key_share");
        let share = Self::one(&mut reader)?;
        reader.end()?;
        Ok(share)
    }

    fn one(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let group = reader.u16("group")?;
        let public = reader.vector16("public value")?.to_vec();
        Ok(Self { group, public })
    }
}

/// The pre-shared keys of a ClientHello, RFC 8446 clause 4.2.11.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OfferedPsks {
    /// Identities with their obfuscated ages in milliseconds; 0 for external keys.
    pub identities: Vec<(Vec<u8>, u32)>,
    /// A binder for each.
    pub binders: Vec<Vec<u8>>,
}

impl OfferedPsks {
    /// The extension.
    #[must_use]
    pub fn extension(&self) -> Extension {
        let mut identities = Vec::new();
        for (identity, age) in &self.identities {
            put_vector16(&mut identities, identity);
            identities.extend(age.to_be_bytes());
        }
        let mut body = Vec::new();
        put_vector16(&mut body, &identities);
        body.extend(self.encode_binders());
        Extension::new(code::PRE_SHARED_KEY, body)
    }

    /// The list of binders with its length: what is left out of the hello that a binder is made of.
    #[must_use]
    pub fn encode_binders(&self) -> Vec<u8> {
        let mut binders = Vec::new();
        for binder in &self.binders {
            put_vector8(&mut binders, binder);
        }
        let mut out = Vec::new();
        put_vector16(&mut out, &binders);
        out
    }

    /// Reads the data of the extension.
    ///
    /// # Errors
    /// [`Malformed`] saying what and where, also when there are none, or identities and binders are not equally many.
    pub fn parse(body: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(body, "pre_shared_key");
        let mut list = Reader::new(reader.vector16("identities")?, "pre_shared_key");
        let mut binders = Reader::new(reader.vector16("binders")?, "pre_shared_key");
        reader.end()?;
        let mut parsed = Self::default();
        while !list.is_empty() {
            let identity = list.vector16("identity")?.to_vec();
            let age = list.array("obfuscated age").map(u32::from_be_bytes)?;
            parsed.identities.push((identity, age));
        }
        while !binders.is_empty() {
            parsed.binders.push(binders.vector8("binder")?.to_vec());
        }
        if parsed.identities.is_empty() {
            return Err(Malformed::new("pre_shared_key: no identity"));
        }
        if parsed.identities.len() != parsed.binders.len() {
            return Err(Malformed::new("pre_shared_key: not a binder for each"));
        }
        Ok(parsed)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use super::*;

    /// What was written is read back, and nothing that is cut is read.
    fn holds<T: PartialEq + Debug>(
        value: &T,
        body: &[u8],
        parse: impl Fn(&[u8]) -> Result<T, Malformed>,
    ) {
        assert_eq!(parse(body).as_ref(), Ok(value));
        for cut in 0..body.len() {
            assert!(parse(&body[..cut]).is_err(), "cut at {cut}");
        }
        let more = [body, &[0]].concat();
        assert!(parse(&more).is_err());
    }

    #[test]
    fn extensions_of_hellos_round_trip_and_are_not_read_when_cut() {
        let share = |group, length| KeyShare {
            group,
            public: vec![5; length],
        };
        let offered = vec![share(29, 32), share(23, 65)];
        holds(
            &offered,
            &KeyShare::offer(&offered).body,
            KeyShare::parse_offer,
        );
        let answer = share(24, 97);
        holds(&answer, &answer.answer().body, KeyShare::parse_answer);

        let keys = OfferedPsks {
            identities: vec![(b"ticket".to_vec(), 77), (b"3GPP".to_vec(), 0)],
            binders: vec![vec![1; 32], vec![2; 48]],
        };
        let body = keys.extension().body;
        holds(&keys, &body, OfferedPsks::parse);
        assert!(body.ends_with(&keys.encode_binders()));
        let fewer = OfferedPsks {
            binders: vec![vec![1; 32]],
            ..keys
        };
        assert!(OfferedPsks::parse(&fewer.extension().body).is_err());
        let none = OfferedPsks::default();
        assert!(OfferedPsks::parse(&none.extension().body).is_err());
    }
}
