//! Name, hook point and scenarios of the defects about bootstrapped associations, guessing, and what a reader must refuse.

use super::HttpDefect;
use super::table::Row;

/// In order of name.
pub(super) const ROWS: [Row; 8] = {
    use HttpDefect as D;
    [
        (
            D::KeyEncodingAccepted,
            "key-encoding-accepted",
            "digest",
            &["GBA-13"],
        ),
        (
            D::KeyOfOtherSubscriberAccepted,
            "key-of-other-subscriber-accepted",
            "digest",
            &["GBA-17"],
        ),
        (
            D::LineBreakInIdentityRead,
            "line-break-in-identity-read",
            "reading of requests",
            &["ID-10"],
        ),
        (D::NonceRepeats, "nonce-repeats", "challenge", &["DIG-22"]),
        (D::OwnerLockedOut, "owner-locked-out", "digest", &["DIG-25"]),
        (
            D::ServiceNotChecked,
            "service-not-checked",
            "user security settings",
            &["ID-24"],
        ),
        (
            D::SupersededBTidRefused,
            "superseded-b-tid-refused",
            "credentials",
            &["GBA-16"],
        ),
        (
            D::TrailerIdentityTaken,
            "trailer-identity-taken",
            "asserted identity",
            &["ID-26"],
        ),
    ]
};
