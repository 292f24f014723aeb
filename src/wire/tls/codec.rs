//! Reading and writing the presentation language of RFC 8446 clause 3.

use thiserror::Error;

/// Bytes that do not have the form they must have; the text says what and where.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct Malformed(pub String);

impl Malformed {
    pub(crate) fn new(what: &str) -> Self {
        Self(what.to_owned())
    }
}

/// A cursor over bytes that never reads past their end.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    what: &'static str,
}

impl<'a> Reader<'a> {
    /// A reader over `bytes`; `what` names the structure in errors.
    #[must_use]
    pub const fn new(bytes: &'a [u8], what: &'static str) -> Self {
        Self { rest: bytes, what }
    }

    /// What has not been read yet.
    #[must_use]
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Whether everything has been read.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next `count` octets.
    ///
    /// # Errors
    /// [`Malformed`] naming `field` when fewer are left.
    pub fn take(&mut self, count: usize, field: &str) -> Result<&'a [u8], Malformed> {
        let (head, tail) = self.rest.split_at_checked(count).ok_or_else(|| {
            let left = self.rest.len();
            Malformed(format!(
                "{}: {field} needs {count} octets, {left} left",
                self.what
            ))
        })?;
        self.rest = tail;
        Ok(head)
    }

    /// The next `N` octets as an array.
    ///
    /// # Errors
    /// [`Malformed`] naming `field` when fewer are left.
    pub fn array<const N: usize>(&mut self, field: &str) -> Result<[u8; N], Malformed> {
        let mut out = [0; N];
        out.copy_from_slice(self.take(N, field)?);
        Ok(out)
    }

    /// One octet.
    ///
    /// # Errors
    /// [`Malformed`] naming `field` when nothing is left.
    pub fn u8(&mut self, field: &str) -> Result<u8, Malformed> {
        self.array::<1>(field).map(|[octet]| octet)
    }

    /// Two octets, big-endian.
    ///
    /// # Errors
    /// [`Malformed`] naming `field` when fewer are left.
    pub fn u16(&mut self, field: &str) -> Result<u16, Malformed> {
        self.array(field).map(u16::from_be_bytes)
    }

    /// Three octets, big-endian.
    ///
    /// # Errors
    /// [`Malformed`] naming `field` when fewer are left.
    pub fn u24(&mut self, field: &str) -> Result<u32, Malformed> {
        self.array(field)
            .map(|[high, middle, low]| u32::from_be_bytes([0, high, middle, low]))
    }

    /// A vector whose length stands before it in one octet.
    ///
    /// # Errors
    /// [`Malformed`] naming `field` when the vector is longer than what is left.
    pub fn vector8(&mut self, field: &str) -> Result<&'a [u8], Malformed> {
        let length = self.u8(field)?;
        self.take(length.into(), field)
    }

    /// A vector whose length stands before it in two octets.
    ///
    /// # Errors
    /// [`Malformed`] naming `field` when the vector is longer than what is left.
    pub fn vector16(&mut self, field: &str) -> Result<&'a [u8], Malformed> {
        let length = self.u16(field)?;
        self.take(length.into(), field)
    }

    /// A vector whose length stands before it in three octets.
    ///
    /// # Errors
    /// [`Malformed`] naming `field` when the vector is longer than what is left.
    pub fn vector24(&mut self, field: &str) -> Result<&'a [u8], Malformed> {
        let length = self.u24(field)?;
        self.take(usize::try_from(length).unwrap_or(usize::MAX), field)
    }

    /// A vector of two-octet values whose length in octets stands before it.
    ///
    /// # Errors
    /// [`Malformed`] naming `field` when the vector is too long or of odd length.
    pub fn u16_list(&mut self, field: &str) -> Result<Vec<u16>, Malformed> {
        let octets = self.vector16(field)?;
        let (pairs, odd) = octets.as_chunks::<2>();
        if odd.is_empty() {
            Ok(pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect())
        } else {
            Err(Malformed(format!(
                "{}: {field} has an odd length",
                self.what
            )))
        }
    }

    /// Nothing may be left.
    ///
    /// # Errors
    /// [`Malformed`] when octets are left over.
    pub fn end(&self) -> Result<(), Malformed> {
        if self.is_empty() {
            Ok(())
        } else {
            Err(Malformed(format!(
                "{}: {} octets left over",
                self.what,
                self.rest.len()
            )))
        }
    }
}

/// Appends two octets, big-endian.
pub(crate) fn put_u16(out: &mut Vec<u8>, value: u16) {
    out.extend_from_slice(&value.to_be_bytes());
}

/// Appends the low three octets of `value`, big-endian.
pub(crate) fn put_u24(out: &mut Vec<u8>, value: usize) {
    let value = u32::try_from(value.min(0x00FF_FFFF)).unwrap_or(0x00FF_FFFF);
    out.extend(value.to_be_bytes().into_iter().skip(1));
}

/// Appends a vector with a one-octet length; what exceeds 255 octets is cut.
pub(crate) fn put_vector8(out: &mut Vec<u8>, body: &[u8]) {
    let length = u8::try_from(body.len()).unwrap_or(u8::MAX);
    out.push(length);
    out.extend(body.iter().take(length.into()));
}

/// Appends a vector with a two-octet length; what exceeds 65,535 octets is cut.
pub(crate) fn put_vector16(out: &mut Vec<u8>, body: &[u8]) {
    let length = u16::try_from(body.len()).unwrap_or(u16::MAX);
    put_u16(out, length);
    out.extend(body.iter().take(length.into()));
}

/// Appends a vector with a three-octet length; what exceeds 16 MiB is cut.
pub(crate) fn put_vector24(out: &mut Vec<u8>, body: &[u8]) {
    let length = body.len().min(0x00FF_FFFF);
    put_u24(out, length);
    out.extend(body.iter().take(length));
}

/// The octets of two-octet values, big-endian, without a length.
pub(crate) fn u16_octets(values: &[u16]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_be_bytes())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_round_trip_and_are_cut_at_their_limit() {
        let mut out = Vec::new();
        put_vector8(&mut out, &[7; 300]);
        put_vector16(&mut out, &[8; 70_000]);
        put_vector24(&mut out, &[9; 70_000]);
        let mut reader = Reader::new(&out, "test");
        assert_eq!(reader.vector8("a").unwrap().len(), 255);
        assert_eq!(reader.vector16("b").unwrap().len(), 65_535);
        assert_eq!(reader.vector24("c").unwrap().len(), 70_000);
        reader.end().unwrap();
    }

    #[test]
    fn errors_name_structure_and_field() {
        let mut reader = Reader::new(&[0, 3, 1, 2], "ClientHello");
        let error = reader.u16_list("cipher suites").unwrap_err();
        assert_eq!(
            error.to_string(),
            "ClientHello: cipher suites needs 3 octets, 2 left"
        );
        let mut reader = Reader::new(&[0, 3, 1, 2, 3], "ClientHello");
        assert!(
            reader
                .u16_list("cipher suites")
                .unwrap_err()
                .0
                .contains("odd")
        );
    }
}
