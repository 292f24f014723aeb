//! Alerts, RFC 8446 clause 6 and the IANA registry "TLS Alerts".

use std::fmt;

use super::record::{content_type, encode_records};

/// One alert as sent; every pair of octets is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Alert {
    /// 1 warning, 2 fatal.
    pub level: u8,
    /// Description code, e.g. 40.
    pub description: u8,
}

impl Alert {
    /// handshake_failure, fatal.
    pub const HANDSHAKE_FAILURE: Self = Self::fatal(40);
    /// protocol_version, fatal.
    pub const PROTOCOL_VERSION: Self = Self::fatal(70);
    /// inappropriate_fallback, fatal; RFC 7507.
    pub const INAPPROPRIATE_FALLBACK: Self = Self::fatal(86);

    /// A fatal alert.
    #[must_use]
    pub const fn fatal(description: u8) -> Self {
        Self {
            level: 2,
            description,
        }
    }

    /// A warning alert.
    #[must_use]
    pub const fn warning(description: u8) -> Self {
        Self {
            level: 1,
            description,
        }
    }

    /// Whether it ends the connection.
    #[must_use]
    pub const fn is_fatal(self) -> bool {
        self.level == 2
    }

    /// The registered name of the description, `None` when unassigned.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        NAMES
            .iter()
            .find(|(code, _)| *code == self.description)
            .map(|(_, name)| *name)
    }

    /// The alert in a plaintext record of this version.
    #[must_use]
    pub fn encode(self, record_version: u16) -> Vec<u8> {
        let body = [self.level, self.description];
        encode_records(content_type::ALERT, record_version, &body, body.len())
    }
}

impl fmt::Display for Alert {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.level {
            1 => formatter.write_str("warning ")?,
            2 => formatter.write_str("fatal ")?,
            other => write!(formatter, "level-{other} ")?,
        }
        write!(
            formatter,
            "{} ({})",
            self.name().unwrap_or("unassigned"),
            self.description
        )
    }
}

const NAMES: [(u8, &str); 36] = [
    (0, "close_notify"),
    (10, "unexpected_message"),
    (20, "bad_record_mac"),
    (21, "decryption_failed"),
    (22, "record_overflow"),
    (30, "decompression_failure"),
    (40, "handshake_failure"),
    (41, "no_certificate"),
    (42, "bad_certificate"),
    (43, "unsupported_certificate"),
    (44, "certificate_revoked"),
    (45, "certificate_expired"),
    (46, "certificate_unknown"),
    (47, "illegal_parameter"),
    (48, "unknown_ca"),
    (49, "access_denied"),
    (50, "decode_error"),
    (51, "decrypt_error"),
    (52, "too_many_cids_requested"),
    (60, "export_restriction"),
    (70, "protocol_version"),
    (71, "insufficient_security"),
    (80, "internal_error"),
    (86, "inappropriate_fallback"),
    (90, "user_canceled"),
    (100, "no_renegotiation"),
    (109, "missing_extension"),
    (110, "unsupported_extension"),
    (111, "certificate_unobtainable"),
    (112, "unrecognized_name"),
    (113, "bad_certificate_status_response"),
    (114, "bad_certificate_hash_value"),
    (115, "unknown_psk_identity"),
    (116, "certificate_required"),
    (120, "no_application_protocol"),
    (121, "ech_required"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_print_as_people_say_them() {
        assert_eq!(
            Alert::HANDSHAKE_FAILURE.to_string(),
            "fatal handshake_failure (40)"
        );
        assert_eq!(
            Alert::warning(112).to_string(),
            "warning unrecognized_name (112)"
        );
        assert_eq!(
            Alert {
                level: 7,
                description: 200
            }
            .to_string(),
            "level-7 unassigned (200)"
        );
        assert_eq!(
            Alert::PROTOCOL_VERSION.encode(0x0301),
            [21, 3, 1, 0, 2, 2, 70]
        );
    }

    #[test]
    fn names_are_sorted_and_single() {
        assert!(NAMES.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
