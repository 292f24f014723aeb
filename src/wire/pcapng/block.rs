//! Blocks, little-endian, each at the end of the file so far.

/// Section Header Block.
const SECTION_HEADER: u32 = 0x0A0D_0D0A;
/// Interface Description Block.
const INTERFACE_DESCRIPTION: u32 = 1;
/// Enhanced Packet Block.
const ENHANCED_PACKET: u32 = 6;
/// Decryption Secrets Block.
const DECRYPTION_SECRETS: u32 = 10;
/// Byte-order magic of a section header.
const MAGIC: u32 = 0x1A2B_3C4D;
/// Secrets of TLS in NSS key log format.
const TLS_KEY_LOG: u32 = 0x544C_534B;
/// Ethernet.
const LINK_TYPE: u16 = 1;
/// Any block: a comment.
const OPT_COMMENT: u16 = 1;
/// Section header: the application.
const SHB_USER_APPLICATION: u16 = 4;
/// Interface: its name.
const IF_NAME: u16 = 2;
/// Interface: what it is.
const IF_DESCRIPTION: u16 = 3;
/// Interface: the unit of time stamps.
const IF_TSRESOL: u16 = 9;
/// Packet: direction and more.
const EPB_FLAGS: u16 = 2;
/// Microseconds, as a power of ten.
const MICROSECONDS: u8 = 6;
/// Most octets of one option; a longer text is cut.
const LONGEST_OPTION: usize = 60_000;

/// A point at which packets were taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interface<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it is, in words.
    pub description: &'a str,
}

/// A packet as it stands in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet<'a> {
    /// The interface, counted from 0 in the order they were described.
    pub interface: u32,
    /// Microseconds since 1970-01-01 UTC.
    pub at_us: u64,
    /// Whether it left the side that captures.
    pub outbound: bool,
    /// What to know about it.
    pub comment: Option<&'a str>,
    /// The frame.
    pub frame: &'a [u8],
}

/// Begins a file: the section header with the application and a comment.
pub fn section_header(out: &mut Vec<u8>, application: &str, comment: &str) {
    let mut body = Vec::new();
    body.extend(MAGIC.to_le_bytes());
    body.extend(1_u16.to_le_bytes());
    body.extend(0_u16.to_le_bytes());
    // The length of the section is not told.
    body.extend(u64::MAX.to_le_bytes());
    put_text(&mut body, OPT_COMMENT, comment);
    put_text(&mut body, SHB_USER_APPLICATION, application);
    put_end_of_options(&mut body);
    put_block(out, SECTION_HEADER, &body);
}

/// Describes the next interface.
pub fn interface(out: &mut Vec<u8>, interface: Interface<'_>) {
    let mut body = Vec::new();
    body.extend(LINK_TYPE.to_le_bytes());
    body.extend(0_u16.to_le_bytes());
    // No limit on the length of packets.
    body.extend(0_u32.to_le_bytes());
    put_text(&mut body, IF_NAME, interface.name);
    put_text(&mut body, IF_DESCRIPTION, interface.description);
    put_option(&mut body, IF_TSRESOL, &[MICROSECONDS]);
    put_end_of_options(&mut body);
    put_block(out, INTERFACE_DESCRIPTION, &body);
}

/// Gives the secrets of TLS sessions, a key log in NSS format; before the packets they decrypt.
pub fn tls_secrets(out: &mut Vec<u8>, key_log: &[u8]) {
    let mut body = Vec::with_capacity(key_log.len() + 12);
    body.extend(TLS_KEY_LOG.to_le_bytes());
    body.extend(length_u32(key_log.len()).to_le_bytes());
    body.extend_from_slice(key_log);
    pad(&mut body);
    put_block(out, DECRYPTION_SECRETS, &body);
}

/// Adds a packet.
pub fn packet(out: &mut Vec<u8>, packet: Packet<'_>) {
    let length = length_u32(packet.frame.len());
    let [low, high] = halves(packet.at_us);
    let mut body = Vec::with_capacity(packet.frame.len() + 64);
    body.extend(packet.interface.to_le_bytes());
    body.extend(high.to_le_bytes());
    body.extend(low.to_le_bytes());
    body.extend(length.to_le_bytes());
    body.extend(length.to_le_bytes());
    body.extend_from_slice(packet.frame);
    pad(&mut body);
    if let Some(comment) = packet.comment {
        put_text(&mut body, OPT_COMMENT, comment);
    }
    let direction: u32 = if packet.outbound { 2 } else { 1 };
    put_option(&mut body, EPB_FLAGS, &direction.to_le_bytes());
    put_end_of_options(&mut body);
    put_block(out, ENHANCED_PACKET, &body);
}

/// Low and high half.
fn halves(value: u64) -> [u32; 2] {
    let [a, b, c, d, e, f, g, h] = value.to_le_bytes();
    [
        u32::from_le_bytes([a, b, c, d]),
        u32::from_le_bytes([e, f, g, h]),
    ]
}

fn length_u32(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn pad(out: &mut Vec<u8>) {
    out.resize(out.len().next_multiple_of(4), 0);
}

fn put_block(out: &mut Vec<u8>, kind: u32, body: &[u8]) {
    let length = length_u32(body.len() + 12);
    out.extend(kind.to_le_bytes());
    out.extend(length.to_le_bytes());
    out.extend_from_slice(body);
    out.extend(length.to_le_bytes());
}

fn put_option(out: &mut Vec<u8>, code: u16, value: &[u8]) {
    let value = value.get(..LONGEST_OPTION).unwrap_or(value);
    out.extend(code.to_le_bytes());
    out.extend(u16::try_from(value.len()).unwrap_or(u16::MAX).to_le_bytes());
    out.extend_from_slice(value);
    pad(out);
}

fn put_text(out: &mut Vec<u8>, code: u16, text: &str) {
    let cut = text.floor_char_boundary(LONGEST_OPTION);
    put_option(out, code, text.get(..cut).unwrap_or_default().as_bytes());
}

fn put_end_of_options(out: &mut Vec<u8>) {
    out.extend([0; 4]);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Types and bodies of the blocks of a file; their two lengths agree and are multiples of 4.
    fn blocks(mut file: &[u8]) -> Vec<(u32, Vec<u8>)> {
        let mut found = Vec::new();
        while !file.is_empty() {
            let word = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap());
            let length = word(4) as usize;
            assert_eq!(length % 4, 0);
            assert_eq!(word(length - 4) as usize, length);
            found.push((word(0), file[8..length - 4].to_vec()));
            file = &file[length..];
        }
        found
    }

    #[test]
    fn a_file_is_the_octets_the_draft_demands() {
        let mut file = Vec::new();
        section_header(&mut file, "p", "c");
        interface(
            &mut file,
            Interface {
                name: "ue",
                description: "d",
            },
        );
        tls_secrets(&mut file, b"KEY 1");
        packet(
            &mut file,
            Packet {
                interface: 0,
                at_us: 0x1_0000_0002,
                outbound: true,
                comment: Some("here"),
                frame: &[1, 2, 3, 4, 5],
            },
        );
        assert_eq!(
            hex::encode(&file),
            concat!(
                "0a0d0d0a30000000",
                "4d3c2b1a01000000ffffffffffffffff",
                "0100010063000000",
                "0400010070000000",
                "00000000",
                "30000000",
                "0100000030000000",
                "0100000000000000",
                "0200020075650000",
                "0300010064000000",
                "0900010006000000",
                "00000000",
                "30000000",
                "0a0000001c000000",
                "4b534c5405000000",
                "4b45592031000000",
                "1c000000",
                "060000003c000000",
                "000000000100000002000000",
                "0500000005000000",
                "0102030405000000",
                "0100040068657265",
                "0200040002000000",
                "00000000",
                "3c000000",
            )
        );
    }

    proptest::proptest! {
        #[test]
        fn blocks_of_any_content_are_well_formed(frame: Vec<u8>, comment: String, keys: Vec<u8>, at_us: u64) {
            let mut file = Vec::new();
            section_header(&mut file, &comment, &comment);
            interface(&mut file, Interface { name: &comment, description: &comment });
            tls_secrets(&mut file, &keys);
            packet(&mut file, Packet { interface: 0, at_us, outbound: false, comment: Some(&comment), frame: &frame });
            let blocks = blocks(&file);
            let kinds: Vec<u32> = blocks.iter().map(|(kind, _)| *kind).collect();
            proptest::prop_assert_eq!(kinds, [SECTION_HEADER, INTERFACE_DESCRIPTION, DECRYPTION_SECRETS, ENHANCED_PACKET]);
            proptest::prop_assert_eq!(&blocks[2].1[8..8 + keys.len()], &keys[..]);
            proptest::prop_assert_eq!(&blocks[3].1[20..20 + frame.len()], &frame[..]);
        }
    }

    #[test]
    fn an_endless_comment_is_cut_at_a_character() {
        let mut file = Vec::new();
        section_header(&mut file, "p", &"ä€".repeat(40_000));
        let body = &blocks(&file)[0].1;
        let length = usize::from(u16::from_le_bytes([body[18], body[19]]));
        assert!((LONGEST_OPTION - 4..=LONGEST_OPTION).contains(&length));
        assert!(std::str::from_utf8(&body[20..20 + length]).is_ok());
    }
}
