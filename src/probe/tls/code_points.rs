//! Names of groups and signature schemes as in the IANA registries "TLS Supported Groups" and "TLS SignatureScheme".

const GROUPS: [(u16, &str); 51] = [
    (1, "sect163k1"),
    (2, "sect163r1"),
    (3, "sect163r2"),
    (4, "sect193r1"),
    (5, "sect193r2"),
    (6, "sect233k1"),
    (7, "sect233r1"),
    (8, "sect239k1"),
    (9, "sect283k1"),
    (10, "sect283r1"),
    (11, "sect409k1"),
    (12, "sect409r1"),
    (13, "sect571k1"),
    (14, "sect571r1"),
    (15, "secp160k1"),
    (16, "secp160r1"),
    (17, "secp160r2"),
    (18, "secp192k1"),
    (19, "secp192r1"),
    (20, "secp224k1"),
    (21, "secp224r1"),
    (22, "secp256k1"),
    (23, "secp256r1"),
    (24, "secp384r1"),
    (25, "secp521r1"),
    (26, "brainpoolP256r1"),
    (27, "brainpoolP384r1"),
    (28, "brainpoolP512r1"),
    (29, "x25519"),
    (30, "x448"),
    (31, "brainpoolP256r1tls13"),
    (32, "brainpoolP384r1tls13"),
    (33, "brainpoolP512r1tls13"),
    (34, "GC256A"),
    (35, "GC256B"),
    (36, "GC256C"),
    (37, "GC256D"),
    (38, "GC512A"),
    (39, "GC512B"),
    (40, "GC512C"),
    (41, "curveSM2"),
    (256, "ffdhe2048"),
    (257, "ffdhe3072"),
    (258, "ffdhe4096"),
    (259, "ffdhe6144"),
    (260, "ffdhe8192"),
    (512, "MLKEM512"),
    (513, "MLKEM768"),
    (514, "MLKEM1024"),
    (4587, "SecP256r1MLKEM768"),
    (4588, "X25519MLKEM768"),
];

const SCHEMES: [(u16, &str, &str); 24] = [
    (0x0101, "rsa_pkcs1_md5", "md5"),
    (0x0201, "rsa_pkcs1_sha1", "sha1"),
    (0x0202, "dsa_sha1", "sha1"),
    (0x0203, "ecdsa_sha1", "sha1"),
    (0x0301, "rsa_pkcs1_sha224", "sha224"),
    (0x0302, "dsa_sha224", "sha224"),
    (0x0303, "ecdsa_sha224", "sha224"),
    (0x0401, "rsa_pkcs1_sha256", "sha256"),
    (0x0402, "dsa_sha256", "sha256"),
    (0x0403, "ecdsa_secp256r1_sha256", "sha256"),
    (0x0501, "rsa_pkcs1_sha384", "sha384"),
    (0x0502, "dsa_sha384", "sha384"),
    (0x0503, "ecdsa_secp384r1_sha384", "sha384"),
    (0x0601, "rsa_pkcs1_sha512", "sha512"),
    (0x0602, "dsa_sha512", "sha512"),
    (0x0603, "ecdsa_secp521r1_sha512", "sha512"),
    (0x0804, "rsa_pss_rsae_sha256", "sha256"),
    (0x0805, "rsa_pss_rsae_sha384", "sha384"),
    (0x0806, "rsa_pss_rsae_sha512", "sha512"),
    (0x0807, "ed25519", "sha512"),
    (0x0808, "ed448", "shake256"),
    (0x0809, "rsa_pss_pss_sha256", "sha256"),
    (0x080A, "rsa_pss_pss_sha384", "sha384"),
    (0x080B, "rsa_pss_pss_sha512", "sha512"),
];

/// Four hex digits, with or without `0x`.
pub(super) fn hex_u16(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    (digits.len() == 4)
        .then(|| u16::from_str_radix(digits, 16).ok())
        .flatten()
}

/// The code point of a group by its IANA name or hex.
pub(super) fn group(text: &str) -> Option<u16> {
    let named = GROUPS
        .iter()
        .find(|(_, name)| name.eq_ignore_ascii_case(text));
    named.map(|(code, _)| *code).or_else(|| hex_u16(text))
}

/// The IANA name of a group, else its hex form.
pub(super) fn group_name(code: u16) -> String {
    let known = GROUPS.iter().find(|(known, _)| *known == code);
    known.map_or_else(|| format!("0x{code:04X}"), |(_, name)| (*name).to_owned())
}

/// The code point of a signature scheme by its IANA name or hex.
pub(super) fn signature_scheme(text: &str) -> Option<u16> {
    let named = SCHEMES
        .iter()
        .find(|(_, name, _)| name.eq_ignore_ascii_case(text));
    named.map(|(code, _, _)| *code).or_else(|| hex_u16(text))
}

/// The hash of a signature scheme; of one without a name, what its first octet meant in TLS 1.2.
pub(super) fn signature_hash(code: u16) -> Option<String> {
    if let Some((_, _, hash)) = SCHEMES.iter().find(|(known, _, _)| *known == code) {
        return Some((*hash).to_owned());
    }
    let [hash, _] = code.to_be_bytes();
    let name = match hash {
        1 => "md5",
        2 => "sha1",
        3 => "sha224",
        4 => "sha256",
        5 => "sha384",
        6 => "sha512",
        _ => return None,
    };
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_hex_lead_to_code_points() {
        assert_eq!(group("secp256r1"), Some(23));
        assert_eq!(group("X25519"), Some(29));
        assert_eq!(group("0xFE30"), Some(0xFE30));
        assert_eq!(group("secp256"), None);
        assert_eq!(signature_scheme("rsa_pkcs1_sha1"), Some(0x0201));
        assert_eq!(group_name(0x1234), "0x1234");
    }

    #[test]
    fn hashes_of_registered_and_of_odd_schemes() {
        assert_eq!(signature_hash(0x0804).as_deref(), Some("sha256"));
        assert_eq!(signature_hash(0x0103).as_deref(), Some("md5"));
        assert_eq!(signature_hash(0x0901), None);
    }

    #[test]
    fn tables_are_sorted_and_single() {
        assert!(GROUPS.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(SCHEMES.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
