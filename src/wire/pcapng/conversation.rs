//! A TCP connection around octets that went over one: handshake, segments, end.

use super::frame::{ACK, Address, FIN, PSH, RST, SYN, Segment, Side};

/// Most octets of a segment over IPv4 in Ethernet.
const MSS_IPV4: u16 = 1460;
/// Most octets of a segment over IPv6 in Ethernet.
const MSS_IPV6: u16 = 1440;

/// A frame and who sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Whether the side that opened the connection sent it.
    pub from_opener: bool,
    /// The Ethernet frame.
    pub bytes: Vec<u8>,
}

/// A connection as it goes on. Numbers count from a start that depends on the connection's number alone.
#[derive(Debug, Clone)]
pub struct Conversation {
    opener: End,
    other: End,
    mss: u16,
    /// Whether a reset ended it: nothing can follow.
    reset: bool,
}

#[derive(Debug, Clone)]
struct End {
    side: Side,
    next: u32,
    identification: u16,
    finished: bool,
}

impl End {
    fn new((octets, port): (&[u8], u16), station: u8, start: u32) -> Self {
        Self {
            side: Side {
                address: Address::of(octets),
                port,
                station,
            },
            next: start,
            identification: 1,
            finished: false,
        }
    }
}

impl Conversation {
    /// A connection between the side that opens it and the other, each the octets of an address and a port; nothing is sent yet.
    #[must_use]
    pub fn new(opener: (&[u8], u16), other: (&[u8], u16), number: u32) -> Self {
        let start = number.wrapping_mul(0x0100_0000);
        let opener = End::new(opener, 1, start.wrapping_add(0x1000));
        let other = End::new(other, 2, start.wrapping_add(0x0080_1000));
        let both_ipv4 = matches!(
            (opener.side.address, other.side.address),
            (Address::V4(_), Address::V4(_))
        );
        Self {
            opener,
            other,
            mss: if both_ipv4 { MSS_IPV4 } else { MSS_IPV6 },
            reset: false,
        }
    }

    /// The most octets in one segment.
    #[must_use]
    pub fn segment_size(&self) -> usize {
        self.mss.into()
    }

    /// The three segments of the handshake.
    pub fn open(&mut self) -> Vec<Frame> {
        let [high, low] = self.mss.to_be_bytes();
        let options = [2, 4, high, low];
        vec![
            self.segment(true, SYN, &options, &[]),
            self.segment(false, SYN | ACK, &options, &[]),
            self.segment(true, ACK, &[], &[]),
        ]
    }

    /// Octets from one side, in as many segments as they need.
    pub fn data(&mut self, from_opener: bool, octets: &[u8]) -> Vec<Frame> {
        let mss = self.segment_size();
        let last = octets.len().div_ceil(mss).saturating_sub(1);
        octets
            .chunks(mss)
            .enumerate()
            .map(|(index, chunk)| {
                let flags = if index == last { PSH | ACK } else { ACK };
                self.segment(from_opener, flags, &[], chunk)
            })
            .collect()
    }

    /// One side sends its FIN, the other acknowledges it; nothing when it did before or a reset ended the connection.
    pub fn finish(&mut self, from_opener: bool) -> Vec<Frame> {
        if self.reset || std::mem::replace(&mut self.end(from_opener).finished, true) {
            return Vec::new();
        }
        vec![
            self.segment(from_opener, FIN | ACK, &[], &[]),
            self.segment(!from_opener, ACK, &[], &[]),
        ]
    }

    /// One side resets the connection; nothing when that happened before.
    pub fn reset(&mut self, from_opener: bool) -> Vec<Frame> {
        if std::mem::replace(&mut self.reset, true) {
            return Vec::new();
        }
        vec![self.segment(from_opener, RST | ACK, &[], &[])]
    }

    fn end(&mut self, opener: bool) -> &mut End {
        if opener {
            &mut self.opener
        } else {
            &mut self.other
        }
    }

    fn segment(&mut self, from_opener: bool, flags: u8, options: &[u8], payload: &[u8]) -> Frame {
        let (from, to) = if from_opener {
            (&mut self.opener, &self.other)
        } else {
            (&mut self.other, &self.opener)
        };
        let acknowledged = if flags & ACK == 0 { 0 } else { to.next };
        let segment = Segment {
            from: &from.side,
            to: &to.side,
            numbers: (from.next, acknowledged),
            flags,
            options,
            payload,
        };
        let bytes = segment.encode(from.identification);
        // SYN and FIN count as one octet each.
        let counted = u32::try_from(payload.len()).unwrap_or(u32::MAX);
        let counted = counted.saturating_add(u32::from(flags & (SYN | FIN) != 0));
        from.next = from.next.wrapping_add(counted);
        from.identification = from.identification.wrapping_add(1);
        Frame { from_opener, bytes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sequence number, acknowledgement, flags and payload of an IPv4 frame.
    fn read(frame: &Frame) -> (u32, u32, u8, Vec<u8>) {
        let tcp = &frame.bytes[34..];
        let word = |at: usize| u32::from_be_bytes(tcp[at..at + 4].try_into().unwrap());
        let payload = tcp[usize::from(tcp[12] >> 4) * 4..].to_vec();
        (word(4), word(8), tcp[13], payload)
    }

    #[test]
    fn a_connection_counts_as_tcp_does() {
        let mut conversation = Conversation::new((&[127, 0, 0, 1], 5), (&[127, 0, 0, 1], 6), 0);
        let mut frames = conversation.open();
        frames.extend(conversation.data(true, b"ask"));
        frames.extend(conversation.data(false, &[7; 1461]));
        frames.extend(conversation.finish(true));
        frames.extend(conversation.finish(true));
        frames.extend(conversation.finish(false));
        frames.extend(conversation.reset(false));
        frames.extend(conversation.reset(false));
        let read: Vec<_> = frames.iter().map(read).collect();
        let (ours, theirs) = (0x1000, 0x80_1000);
        let numbers: Vec<_> = read
            .iter()
            .map(|(a, b, c, d)| (*a, *b, *c, d.len()))
            .collect();
        assert_eq!(
            numbers,
            [
                (ours, 0, SYN, 0),
                (theirs, ours + 1, SYN | ACK, 0),
                (ours + 1, theirs + 1, ACK, 0),
                (ours + 1, theirs + 1, PSH | ACK, 3),
                (theirs + 1, ours + 4, ACK, 1460),
                (theirs + 1461, ours + 4, PSH | ACK, 1),
                (ours + 4, theirs + 1462, FIN | ACK, 0),
                (theirs + 1462, ours + 5, ACK, 0),
                (theirs + 1462, ours + 5, FIN | ACK, 0),
                (ours + 5, theirs + 1463, ACK, 0),
                (theirs + 1463, ours + 5, RST | ACK, 0),
            ]
        );
    }

    proptest::proptest! {
        #[test]
        fn segments_carry_exactly_the_octets(octets: Vec<u8>, pieces in 1_usize..4000) {
            let mut conversation = Conversation::new((&[10, 0, 0, 1], 1), (&[10, 0, 0, 2], 2), 9);
            conversation.open();
            let long = octets.repeat(pieces / octets.len().max(1) + 1);
            let frames = conversation.data(false, &long);
            let carried: Vec<u8> = frames.iter().flat_map(|frame| read(frame).3).collect();
            proptest::prop_assert_eq!(carried, long);
            proptest::prop_assert!(frames.iter().all(|frame| frame.bytes.len() <= 1514));
        }
    }
}
