//! What a server sent where something went wrong, so that it can be looked at without a capture.

use super::tee::{MAX_COPY, WireCopy};

/// Most octets of a record that are shown.
const SHOWN: usize = 32;
/// Octets of the header of a record.
const HEADER: usize = 5;

/// The beginning of the last record that came, and how much came before it; in words that follow others.
pub(super) fn last_record(copy: &WireCopy) -> String {
    let received = copy.copied().received;
    if received.is_empty() {
        return "; nothing had come".to_owned();
    }
    let before = start_of_last(&received);
    let record = received.get(before..).unwrap_or_default();
    let shown = record.get(..SHOWN).unwrap_or(record);
    let more = if shown.len() < record.len() {
        "…"
    } else {
        ""
    };
    let least = if received.len() < MAX_COPY {
        ""
    } else {
        "at least "
    };
    format!(
        "; last came {}{more}, {} octets behind {least}{before}",
        hex::encode(shown),
        record.len()
    )
}

/// Where the last record begins; what does not follow a whole record counts as one.
fn start_of_last(received: &[u8]) -> usize {
    let mut start = 0;
    while let Some([_, _, _, high, low]) = received.get(start..start + HEADER) {
        let next = start + HEADER + usize::from(u16::from_be_bytes([*high, *low]));
        if next >= received.len() {
            break;
        }
        start = next;
    }
    start
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_record_is_found() {
        assert_eq!(start_of_last(&[]), 0);
        assert_eq!(start_of_last(b"HTTP"), 0);
        let records = [22, 3, 3, 0, 1, 9, 21, 3, 3, 0, 2, 2, 40];
        assert_eq!(start_of_last(&records), 6);
        assert_eq!(start_of_last(&records[..12]), 6);
        assert_eq!(start_of_last(&records[..7]), 6);
        assert_eq!(start_of_last(&records[..6]), 0);
    }
}
