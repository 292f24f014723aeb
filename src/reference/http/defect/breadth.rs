//! Name, hook point and scenarios of the defects that the scenarios in breadth see.

use super::HttpDefect;
use super::table::Row;

/// In order of name.
pub(super) const ROWS: [Row; 40] = {
    use HttpDefect as D;
    [
        (
            D::AbsoluteDigestUriRefused,
            "absolute-digest-uri-refused",
            "form of the credentials",
            &["DIG-27", "AP-05"],
        ),
        (
            D::AuthenticationInfoMissing,
            "authentication-info-missing",
            "answer towards the UE",
            &["DIG-21"],
        ),
        (
            D::AuthorizationFlagsPassed,
            "authorization-flags-passed",
            "request towards the application server",
            &["ID-14"],
        ),
        (
            D::AuthorizationPassed,
            "authorization-passed",
            "request towards the application server",
            &["ID-15"],
        ),
        (
            D::ChangedOpaqueAccepted,
            "changed-opaque-accepted",
            "form of the credentials",
            &["DIG-14"],
        ),
        (
            D::EntityTagConstant,
            "entity-tag-constant",
            "store",
            &["XC-21"],
        ),
        (
            D::FirstIdentityLost,
            "first-identity-lost",
            "asserted identity",
            &["ID-18"],
        ),
        (
            D::FirstUserAsserted,
            "first-user-asserted",
            "asserted identity",
            &["ID-30"],
        ),
        (
            D::ForeignIdentityWrites,
            "foreign-identity-writes",
            "asserted identity",
            &["ID-29"],
        ),
        (
            D::GlobalTreeWritable,
            "global-tree-writable",
            "store",
            &["XC-07"],
        ),
        (
            D::HeadNotAsserted,
            "head-not-asserted",
            "asserted identity",
            &["ID-17"],
        ),
        (
            D::HopByHopIdentityUnverified,
            "hop-by-hop-identity-unverified",
            "asserted identity",
            &["ID-25"],
        ),
        (
            D::IdentityAliasPassed,
            "identity-alias-passed",
            "request towards the application server",
            &["ID-13"],
        ),
        (
            D::IdentityChangesOnConnection,
            "identity-changes-on-connection",
            "asserted identity",
            &["ID-19"],
        ),
        (
            D::IdentityForwardedAsSpelled,
            "identity-forwarded-as-spelled",
            "intended identity",
            &["ID-07", "ID-09", "ID-10"],
        ),
        (
            D::IdentitySticks,
            "identity-sticks",
            "asserted identity",
            &["ID-28", "ID-30"],
        ),
        (
            D::IdentityVerifiedOnce,
            "identity-verified-once",
            "asserted identity",
            &["ID-21"],
        ),
        (D::IfMatchIgnored, "if-match-ignored", "store", &["XC-22"]),
        (
            D::IfNoneMatchIgnored,
            "if-none-match-ignored",
            "store",
            &["XC-23"],
        ),
        (
            D::LastNonceCountRepeated,
            "last-nonce-count-repeated",
            "nonce count",
            &["DIG-02"],
        ),
        (
            D::LookAlikeIdentityMapped,
            "look-alike-identity-mapped",
            "intended identity",
            &["ID-11"],
        ),
        (
            D::LowerNonceCountAccepted,
            "lower-nonce-count-accepted",
            "nonce count",
            &["DIG-03"],
        ),
        (
            D::MalformedAuthorizationBreaks,
            "malformed-authorization-breaks",
            "scheme of the credentials",
            &["DIG-19"],
        ),
        (
            D::MalformedNonceCountAccepted,
            "malformed-nonce-count-accepted",
            "form of the credentials",
            &["DIG-18"],
        ),
        (
            D::NodeDeleteUnguarded,
            "node-delete-unguarded",
            "store",
            &["XC-06"],
        ),
        (
            D::NonceBoundToConnection,
            "nonce-bound-to-connection",
            "nonce",
            &["DIG-24"],
        ),
        (
            D::NonceCountGapRefused,
            "nonce-count-gap-refused",
            "nonce count",
            &["DIG-04"],
        ),
        (
            D::NonceOfOtherHostAccepted,
            "nonce-of-other-host-accepted",
            "nonce",
            &["DIG-23"],
        ),
        (D::PostExecuted, "post-executed", "store", &["XC-12"]),
        (
            D::ProxyAuthorizationTaken,
            "proxy-authorization-taken",
            "scheme of the credentials",
            &["DIG-26"],
        ),
        (
            D::ReplayedWriteExecuted,
            "replayed-write-executed",
            "nonce count",
            &["DIG-01"],
        ),
        (
            D::ResponseAuthenticationWrong,
            "response-authentication-wrong",
            "answer towards the UE",
            &["DIG-20"],
        ),
        (
            D::SecondAuthorizationIgnored,
            "second-authorization-ignored",
            "scheme of the credentials",
            &["DIG-17"],
        ),
        (
            D::TraversalResolved,
            "traversal-resolved",
            "store",
            &["XC-08"],
        ),
        (
            D::UnknownIdentityToldApart,
            "unknown-identity-told-apart",
            "intended identity",
            &["ID-23"],
        ),
        (
            D::UnknownMethodServed,
            "unknown-method-served",
            "store",
            &["XC-13"],
        ),
        (
            D::UnofferedAlgorithmAccepted,
            "unoffered-algorithm-accepted",
            "form of the credentials",
            &["DIG-15"],
        ),
        (
            D::UnquotedIdentityUnverified,
            "unquoted-identity-unverified",
            "intended identity",
            &["ID-08"],
        ),
        (
            D::UntrustedServerTold,
            "untrusted-server-told",
            "asserted identity",
            &["ID-16", "ID-17"],
        ),
        (
            D::XuiSpellingIgnored,
            "xui-spelling-ignored",
            "store",
            &["XC-09"],
        ),
    ]
};
