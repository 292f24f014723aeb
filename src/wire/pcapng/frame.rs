//! One TCP segment in IPv4 or IPv6 in Ethernet, with right checksums.

use crate::wire::tls::codec::put_u16;

/// FIN.
pub const FIN: u8 = 0x01;
/// SYN.
pub const SYN: u8 = 0x02;
/// RST.
pub const RST: u8 = 0x04;
/// PSH.
pub const PSH: u8 = 0x08;
/// ACK.
pub const ACK: u8 = 0x10;

/// Octets of a TCP header without options.
const TCP_HEADER: usize = 20;
/// The protocol number of TCP.
const TCP: u8 = 6;
/// The receive window that every segment announces.
const WINDOW: u16 = 65_535;

/// An IP address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Address {
    /// IPv4.
    V4([u8; 4]),
    /// IPv6.
    V6([u8; 16]),
}

impl Address {
    /// The address of 4 or 16 octets; anything else is the unspecified IPv6 address.
    #[must_use]
    pub fn of(octets: &[u8]) -> Self {
        if let Ok(octets) = <[u8; 4]>::try_from(octets) {
            return Self::V4(octets);
        }
        Self::V6(octets.try_into().unwrap_or_default())
    }

    /// The same as 16 octets, an IPv4 address mapped (RFC 4291 clause 2.5.5.2).
    #[must_use]
    pub fn mapped(self) -> [u8; 16] {
        match self {
            Self::V4([a, b, c, d]) => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d],
            Self::V6(octets) => octets,
        }
    }
}

/// One end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Side {
    /// Where.
    pub address: Address,
    /// The port.
    pub port: u16,
    /// Last octet of its made-up hardware address.
    pub station: u8,
}

/// A segment from one side to the other.
#[derive(Debug, Clone, Copy)]
pub struct Segment<'a> {
    /// Whom it is from.
    pub from: &'a Side,
    /// Whom it is to.
    pub to: &'a Side,
    /// Sequence and acknowledgement number.
    pub numbers: (u32, u32),
    /// Any of the flags of this module.
    pub flags: u8,
    /// Options, a multiple of four octets.
    pub options: &'a [u8],
    /// What it carries.
    pub payload: &'a [u8],
}

impl Segment<'_> {
    /// The Ethernet frame; `identification` is of the IPv4 packet. Of two addresses of different families the IPv4 one is mapped.
    #[must_use]
    pub fn encode(&self, identification: u16) -> Vec<u8> {
        let length = TCP_HEADER + self.options.len() + self.payload.len();
        let mut out = Vec::with_capacity(length + 54);
        for station in [self.to.station, self.from.station] {
            out.extend([2, 0, 0, 0, 0, station]);
        }
        let pseudo = match (self.from.address, self.to.address) {
            (Address::V4(from), Address::V4(to)) => {
                put_u16(&mut out, 0x0800);
                put_ipv4(&mut out, (from, to), length, identification);
                Pseudo::new(&from, &to, length)
            }
            (from, to) => {
                put_u16(&mut out, 0x86DD);
                let (from, to) = (from.mapped(), to.mapped());
                put_ipv6(&mut out, (from, to), length);
                Pseudo::new(&from, &to, length)
            }
        };
        self.put_tcp(&mut out, pseudo);
        out
    }

    fn put_tcp(&self, out: &mut Vec<u8>, pseudo: Pseudo) {
        let mut header = Vec::with_capacity(TCP_HEADER + self.options.len());
        put_u16(&mut header, self.from.port);
        put_u16(&mut header, self.to.port);
        header.extend(self.numbers.0.to_be_bytes());
        header.extend(self.numbers.1.to_be_bytes());
        let words = (TCP_HEADER + self.options.len()) / 4;
        header.push(u8::try_from(words << 4).unwrap_or(0x50));
        header.push(self.flags);
        put_u16(&mut header, WINDOW);
        let checksum_at = header.len();
        put_u16(&mut header, 0);
        put_u16(&mut header, 0);
        header.extend_from_slice(self.options);
        // The header has an even number of octets, so the sums of its parts add up.
        let sum = pseudo.0 + sum(&header) + sum(self.payload);
        let checksum = folded(sum).to_be_bytes();
        for (octet, value) in header.iter_mut().skip(checksum_at).zip(checksum) {
            *octet = value;
        }
        out.extend_from_slice(&header);
        out.extend_from_slice(self.payload);
    }
}

/// The sum over the pseudo header (RFC 9293 clause 3.1).
struct Pseudo(u64);

impl Pseudo {
    fn new(from: &[u8], to: &[u8], length: usize) -> Self {
        let length = u64::try_from(length).unwrap_or(u64::MAX);
        Self(sum(from) + sum(to) + u64::from(TCP) + length)
    }
}

fn put_ipv4(out: &mut Vec<u8>, (from, to): ([u8; 4], [u8; 4]), length: usize, identification: u16) {
    let mut header = vec![0x45, 0];
    put_u16(&mut header, u16::try_from(length + 20).unwrap_or(u16::MAX));
    put_u16(&mut header, identification);
    // Do not fragment; the payload is cut to fit.
    put_u16(&mut header, 0x4000);
    header.extend([64, TCP]);
    let checksum = folded(sum(&header) + sum(&from) + sum(&to));
    put_u16(&mut header, checksum);
    header.extend(from);
    header.extend(to);
    out.extend(header);
}

fn put_ipv6(out: &mut Vec<u8>, (from, to): ([u8; 16], [u8; 16]), length: usize) {
    out.extend([0x60, 0, 0, 0]);
    put_u16(out, u16::try_from(length).unwrap_or(u16::MAX));
    out.extend([TCP, 64]);
    out.extend(from);
    out.extend(to);
}

/// The sum of big-endian words (RFC 1071), an odd last octet padded with zero.
fn sum(octets: &[u8]) -> u64 {
    octets
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => u64::from(u16::from_be_bytes([*high, *low])),
            [high] => u64::from(*high) << 8,
            _ => 0,
        })
        .sum()
}

/// The checksum of a sum.
fn folded(mut sum: u64) -> u16 {
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(address: Address, port: u16, station: u8) -> Side {
        Side {
            address,
            port,
            station,
        }
    }

    fn segment<'a>(from: &'a Side, to: &'a Side, payload: &'a [u8]) -> Segment<'a> {
        Segment {
            from,
            to,
            numbers: (1, 2),
            flags: PSH | ACK,
            options: &[],
            payload,
        }
    }

    #[test]
    fn an_ipv4_header_has_the_checksum_of_rfc_1071() {
        // A receiver sums up everything, the checksum as well, and must get all ones.
        let from = side(Address::V4([192, 0, 2, 1]), 1, 1);
        let to = side(Address::V4([198, 51, 100, 2]), 2, 2);
        let frame = segment(&from, &to, b"odd").encode(7);
        assert_eq!(&frame[..14], [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0]);
        assert_eq!(folded(sum(&frame[14..34])), 0);
        assert_eq!(frame.len(), 14 + 20 + 20 + 3);
        let pseudo = Pseudo::new(&frame[26..30], &frame[30..34], 23).0;
        assert_eq!(folded(pseudo + sum(&frame[34..])), 0);
    }

    #[test]
    fn one_ipv6_address_makes_an_ipv6_packet() {
        let from = side(Address::of(&[0; 16]), 1, 1);
        let to = side(Address::of(&[127, 0, 0, 1]), 2, 2);
        let frame = segment(&from, &to, &[]).encode(7);
        assert_eq!(&frame[12..14], [0x86, 0xDD]);
        assert_eq!(&frame[48..54], [0xff, 0xff, 127, 0, 0, 1]);
        assert_eq!(Address::of(&[1, 2, 3]), Address::V6([0; 16]));
    }
}
