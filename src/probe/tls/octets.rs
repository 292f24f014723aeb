//! What a server sent where something went wrong, so that it can be looked at without a capture.

use super::tee::{MAX_COPY, WireCopy};

/// Most octets of a record that are shown.
const SHOWN: usize = 32;
/// More octets than a server sends for one hello, certificates aside.
const MUCH: usize = 4096;
/// Octets of the header of a record.
const HEADER: usize = 5;

/// The octets of what cannot be read, in words that follow others: of much that came the beginning, as how much more of it had
/// come by then is a matter of moments.
pub(super) fn unreadable(copy: &WireCopy) -> String {
    let received = copy.copied().received;
    if received.len() > MUCH {
        return format!("; what came began {}", cut(&received));
    }
    last_record(copy)
}

/// The first octets.
fn cut(octets: &[u8]) -> String {
    let shown = octets.get(..SHOWN).unwrap_or(octets);
    let more = if shown.len() < octets.len() {
        "…"
    } else {
        ""
    };
    format!("{}{more}", hex::encode(shown))
}

/// The beginning of the last record that came, and how much came before it; in words that follow others.
pub(super) fn last_record(copy: &WireCopy) -> String {
    let received = copy.copied().received;
    if received.is_empty() {
        return "; nothing had come".to_owned();
    }
    let before = start_of_last(&received);
    let record = received.get(before..).unwrap_or_default();
    let least = if received.len() < MAX_COPY {
        ""
    } else {
        "at least "
    };
    format!(
        "; last came {}, {} octets behind {least}{before}",
        cut(record),
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
