//! Cuts a stream of octets into records.

use crate::wire::tls::codec::Malformed;
use crate::wire::tls::record::{MAX_RECORD, RECORD_HEADER, RecordHeader, content_type};

/// A record as it came, not yet opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its header.
    pub header: RecordHeader,
    /// The octets behind the header.
    pub fragment: Vec<u8>,
}

/// The header of a record, as far as it is authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordHead {
    /// Content type.
    pub content_type: u8,
    /// Version.
    pub version: u16,
}

/// Collects octets until a record is complete; holds at most one record and what was fed with it.
#[derive(Debug, Default)]
pub struct Deframer {
    buffer: Vec<u8>,
    read: usize,
}

impl Deframer {
    /// Adds octets as they came.
    pub fn feed(&mut self, octets: &[u8]) {
        self.buffer.drain(..self.read.min(self.buffer.len()));
        self.read = 0;
        self.buffer.extend_from_slice(octets);
    }

    /// The next complete record; `None` when octets are missing.
    ///
    /// # Errors
    /// [`Malformed`] when what comes next is no record: an unknown content type, another protocol, too many octets.
    pub fn next_record(&mut self) -> Result<Option<Record>, Malformed> {
        let pending = self.buffer.get(self.read..).unwrap_or_default();
        let Some((header, rest)) = pending.split_first_chunk::<RECORD_HEADER>() else {
            return Ok(None);
        };
        let header = RecordHeader::parse(*header);
        let known = content_type::CHANGE_CIPHER_SPEC..=content_type::HEARTBEAT;
        if !known.contains(&header.content_type) || header.version >> 8 != 3 {
            return Err(Malformed(format!(
                "no TLS record: content type {}, version 0x{:04X}",
                header.content_type, header.version
            )));
        }
        let length = usize::from(header.length);
        if length > MAX_RECORD {
            return Err(Malformed(format!("record of {length} octets")));
        }
        let Some(fragment) = rest.get(..length) else {
            return Ok(None);
        };
        let fragment = fragment.to_vec();
        self.read += RECORD_HEADER + length;
        Ok(Some(Record { header, fragment }))
    }

    /// Octets that were fed and are not yet part of a record.
    #[must_use]
    pub fn unread(&self) -> usize {
        self.buffer.len().saturating_sub(self.read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_out_however_the_octets_come_in() {
        let stream = [22, 3, 1, 0, 2, 7, 8, 23, 3, 3, 0, 0, 21, 3, 3, 0, 1, 9];
        for size in 1..=stream.len() {
            let mut deframer = Deframer::default();
            let mut found = Vec::new();
            for piece in stream.chunks(size) {
                deframer.feed(piece);
                while let Some(record) = deframer.next_record().unwrap() {
                    found.push((record.header.content_type, record.fragment));
                }
            }
            assert_eq!(
                found,
                [(22, vec![7, 8]), (23, vec![]), (21, vec![9])],
                "{size}"
            );
            assert_eq!(deframer.unread(), 0);
        }
    }

    #[test]
    fn what_is_no_record_is_refused_at_its_header() {
        for (octets, why) in [
            (&b"HTTP/1.1 400"[..], "content type 72"),
            (&[22, 3, 3, 0x48, 1][..], "record of 18433 octets"),
            (&[23, 4, 0, 0, 1][..], "version 0x0400"),
        ] {
            let mut deframer = Deframer::default();
            deframer.feed(octets);
            let error = deframer.next_record().unwrap_err();
            assert!(error.to_string().contains(why), "{error}");
        }
    }
}
