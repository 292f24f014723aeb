//! Suites the TLS front tells apart.

/// Signalling values: renegotiation (RFC 5746) and fallback (RFC 7507).
pub(super) const RENEGOTIATION_SCSV: u16 = 0x00FF;
/// See [`RENEGOTIATION_SCSV`].
pub(super) const FALLBACK_SCSV: u16 = 0x5600;

/// Suites the conforming target selects: what rustls does with an ECDSA key.
pub(super) const GOOD: [u16; 6] = [0x1301, 0x1302, 0x1303, 0xC02B, 0xC02C, 0xCCA9];

/// Suites without authentication of the server.
pub(super) const ANONYMOUS: [u16; 27] = [
    0x0017, 0x0018, 0x0019, 0x001A, 0x001B, 0x0034, 0x003A, 0x0046, 0x006C, 0x006D, 0x0089, 0x009B,
    0x00A6, 0x00A7, 0x00BF, 0x00C5, 0xC015, 0xC016, 0xC017, 0xC018, 0xC019, 0xC046, 0xC047, 0xC05A,
    0xC05B, 0xC084, 0xC085,
];

/// Suites without encryption but with integrity, TLS 1.2 and below.
pub(super) const UNENCRYPTED: [u16; 20] = [
    0x0001, 0x0002, 0x002C, 0x002D, 0x002E, 0x003B, 0x00B0, 0x00B1, 0x00B4, 0x00B5, 0x00B8, 0x00B9,
    0xC001, 0xC006, 0xC00B, 0xC010, 0xC015, 0xC039, 0xC03A, 0xC03B,
];

/// The suites of old servers, best first; what a server that speaks an old version selects.
pub(super) const OLD: [u16; 8] = [
    0xC009, 0xC00A, 0xC013, 0xC014, 0x0033, 0x0039, 0x002F, 0x0035,
];

/// Suites with ephemeral elliptic-curve keys and a signature.
pub(super) const ECDHE: [u16; 14] = [
    0xC02B, 0xC02C, 0xCCA9, 0xC02F, 0xC030, 0xCCA8, 0xC009, 0xC00A, 0xC013, 0xC014, 0xC023, 0xC024,
    0xC027, 0xC028,
];

/// Suites with ephemeral keys and a signature.
pub(super) const EPHEMERAL: [u16; 22] = [
    0xC02B, 0xC02C, 0xCCA9, 0xC02F, 0xC030, 0xCCA8, 0xC009, 0xC00A, 0xC013, 0xC014, 0xC023, 0xC024,
    0xC027, 0xC028, 0x009E, 0x009F, 0xCCAA, 0x0033, 0x0039, 0x0067, 0x006B, 0x0016,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::suite::{SuiteRecord, SuiteRegistry, SuiteSetNames, SuiteSets};

    fn sets() -> SuiteSets {
        let suites = include_str!("../../../scenarios/sets/suites.yaml");
        let names = include_str!("../../../scenarios/sets/sets.yaml");
        let records: Vec<SuiteRecord> = serde_yaml::from_str(suites).unwrap();
        let registry = SuiteRegistry::new(records).unwrap();
        let names: SuiteSetNames = serde_yaml::from_str(names).unwrap();
        names.resolve(&registry).unwrap()
    }

    #[test]
    fn the_lists_are_those_scenarios_offer() {
        let sets = sets();
        let codes = |name: &str| -> Vec<u16> {
            sets.get(name)
                .unwrap()
                .iter()
                .map(|suite| suite.0)
                .collect()
        };
        assert_eq!(codes("anon"), ANONYMOUS);
        assert_eq!(codes("null_enc"), UNENCRYPTED);
        assert!(GOOD.iter().all(|suite| codes("aead_pfs").contains(suite)));
    }
}
