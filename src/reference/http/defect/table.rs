//! Name, hook point and scenarios of every defect.

use super::HttpDefect;

/// A defect with its name, its hook point and the scenarios it turns red.
pub(super) type Row = (
    HttpDefect,
    &'static str,
    &'static str,
    &'static [&'static str],
);

/// In order of name.
pub(super) const ROWS: [Row; 49] = {
    use HttpDefect as D;
    [
        (
            D::AnonymousDeleteExecuted,
            "anonymous-delete-executed",
            "request without credentials",
            &["XC-01"],
        ),
        (
            D::AnonymousHeadAnswered,
            "anonymous-head-answered",
            "request without credentials",
            &["CC-09", "XC-01", "AP-13", "AP-19"],
        ),
        (
            D::AuthIntBodyNotBound,
            "auth-int-body-not-bound",
            "digest comparison",
            &["DIG-08"],
        ),
        (
            D::BasicAccepted,
            "basic-accepted",
            "scheme of the credentials",
            &["DIG-16"],
        ),
        (
            D::BootstrappingRealmMissing,
            "bootstrapping-realm-missing",
            "realm of the challenge",
            &["GBA-01", "GBA-02"],
        ),
        (
            D::ClearPortServes,
            "clear-port-serves",
            "request in clear",
            &["TLSM-02"],
        ),
        (
            D::ClearUpgradeAccepted,
            "clear-upgrade-accepted",
            "request in clear",
            &["TLSV-11"],
        ),
        (
            D::ClientAssertedIdentityPassed,
            "client-asserted-identity-passed",
            "request towards the application server",
            &["ID-12", "ID-10"],
        ),
        (
            D::CrossDeleteExecuted,
            "cross-delete-executed",
            "acting identity",
            &["XC-05"],
        ),
        (
            D::CrossReadServed,
            "cross-read-served",
            "acting identity",
            &["XC-03", "XC-09"],
        ),
        (
            D::CrossWriteExecuted,
            "cross-write-executed",
            "acting identity",
            &["XC-04"],
        ),
        (
            D::DefaultImpuReplaced,
            "default-impu-replaced",
            "acting identity",
            &["ID-05", "ID-28"],
        ),
        (
            D::DeletedDocumentStays,
            "deleted-document-stays",
            "store",
            &["XC-02"],
        ),
        (
            D::DigestUriNotCompared,
            "digest-uri-not-compared",
            "form of the credentials",
            &["DIG-11"],
        ),
        (
            D::DirectForeignIdentityAccepted,
            "direct-foreign-identity-accepted",
            "intended identity",
            &["ID-27", "ID-23"],
        ),
        (
            D::ForeignIdentityAccepted,
            "foreign-identity-accepted",
            "intended identity",
            &["ID-03", "ID-08", "ID-21", "ID-25", "ID-29"],
        ),
        (
            D::GbaTokenDemanded,
            "gba-token-demanded",
            "request without credentials",
            &["GBA-04", "AP-19"],
        ),
        (
            D::IdentityBeforeAuthentication,
            "identity-before-authentication",
            "request without credentials",
            &["ID-22"],
        ),
        (
            D::IdentityListAccepted,
            "identity-list-accepted",
            "intended identity",
            &["ID-07"],
        ),
        (
            D::IdentityTakenFromPath,
            "identity-taken-from-path",
            "acting identity",
            &["ID-20"],
        ),
        (
            D::LastIdentityFieldWins,
            "last-identity-field-wins",
            "intended identity",
            &["ID-06"],
        ),
        (
            D::MalformedBTidServed,
            "malformed-b-tid-served",
            "user name of the credentials",
            &["GBA-08"],
        ),
        (
            D::MethodNotInDigest,
            "method-not-in-digest",
            "digest comparison",
            &["DIG-12"],
        ),
        (
            D::NonceCountReusedOnResumption,
            "nonce-count-reused-on-resumption",
            "nonce count",
            &["TLSS-14"],
        ),
        (
            D::NonceNeverIssuedAccepted,
            "nonce-never-issued-accepted",
            "nonce",
            &["DIG-07"],
        ),
        (
            D::OwnIdentityRefused,
            "own-identity-refused",
            "intended identity",
            &["ID-01"],
        ),
        (
            D::QopNotOffered,
            "qop-not-offered",
            "challenge",
            &["GBA-03", "TLSS-14", "DIG-01"],
        ),
        (
            D::QopOmissionAccepted,
            "qop-omission-accepted",
            "form of the credentials",
            &["DIG-10"],
        ),
        (
            D::RealmNamesAnotherHost,
            "realm-names-another-host",
            "realm of the challenge",
            &["GBA-02", "AP-07"],
        ),
        (
            D::RealmNotChecked,
            "realm-not-checked",
            "realm of the credentials",
            &["DIG-13"],
        ),
        (
            D::ReauthenticationAnswerRefused,
            "reauthentication-answer-refused",
            "end of a demand for re-authentication",
            &["RE-02"],
        ),
        (
            D::ReauthenticationDropsTlsSessions,
            "reauthentication-drops-tls-sessions",
            "demand for re-authentication",
            &["RE-05"],
        ),
        (
            D::ReauthenticationIgnored,
            "reauthentication-ignored",
            "revoked nonce",
            &["RE-01"],
        ),
        (
            D::ReauthenticationOldCredentialsServed,
            "reauthentication-old-credentials-served",
            "revoked nonce",
            &["RE-03", "RE-04"],
        ),
        (
            D::ReauthenticationOtherResourceServed,
            "reauthentication-other-resource-served",
            "request without credentials",
            &["RE-04"],
        ),
        (
            D::ResumedAnswerRefused,
            "resumed-answer-refused",
            "end of a demand for re-authentication",
            &["RE-07"],
        ),
        (
            D::ResumedConnectionAuthenticated,
            "resumed-connection-authenticated",
            "request without credentials",
            &["TLSS-13"],
        ),
        (
            D::ResumedOldCredentialsServed,
            "resumed-old-credentials-served",
            "revoked nonce",
            &["RE-06"],
        ),
        (
            D::ResumedRequestRefused,
            "resumed-request-refused",
            "right credentials",
            &["TLSS-19"],
        ),
        (
            D::SecondIdentityReplaced,
            "second-identity-replaced",
            "intended identity",
            &["ID-02", "AP-22"],
        ),
        (
            D::StaleNeverSaid,
            "stale-never-said",
            "old nonce",
            &["DIG-05"],
        ),
        (
            D::StaleOnWrongDigest,
            "stale-on-wrong-digest",
            "digest comparison",
            &["DIG-06"],
        ),
        (
            D::TlsPortServesClear,
            "tls-port-serves-clear",
            "request in clear",
            &["TLSM-01"],
        ),
        (
            D::UiccRealmOffered,
            "uicc-realm-offered",
            "realm of the challenge",
            &["GBA-05"],
        ),
        (
            D::UnknownBTidServed,
            "unknown-b-tid-served",
            "user name of the credentials",
            &["GBA-07"],
        ),
        (
            D::UnknownIdentityAccepted,
            "unknown-identity-accepted",
            "intended identity",
            &["ID-04", "ID-09", "ID-10", "ID-11"],
        ),
        (
            D::UnofferedQopAccepted,
            "unoffered-qop-accepted",
            "form of the credentials",
            &["DIG-09"],
        ),
        (
            D::ValidCredentialsRefused,
            "valid-credentials-refused",
            "right credentials",
            &["GBA-06"],
        ),
        (
            D::WrongPasswordServed,
            "wrong-password-served",
            "digest comparison",
            &["GBA-09", "DIG-25", "GBA-13", "GBA-17", "RE-10"],
        ),
    ]
};
