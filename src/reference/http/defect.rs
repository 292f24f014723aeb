//! Departures from conformance that a client can see over HTTP, each a switch at one hook point.
//!
//! Each is as narrow as it can be, so that it turns its own scenarios red and leaves the controls of others green.

mod associations;
mod breadth;
mod proxy;
mod table;

use std::fmt;
use std::str::FromStr;

pub use proxy::ProxyDefect;

use associations::ROWS as ROWS_OF_ASSOCIATIONS;
use breadth::ROWS as ROWS_IN_BREADTH;
use table::{ROWS, Row};

/// A departure from conformance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HttpDefect {
    /// A DELETE without credentials is executed.
    AnonymousDeleteExecuted,
    /// A HEAD without credentials is answered with length and entity tag of the document.
    AnonymousHeadAnswered,
    /// With auth-int, the digest of a PUT is not compared.
    AuthIntBodyNotBound,
    /// The B-TID and its key are accepted as Basic credentials.
    BasicAccepted,
    /// The challenge to a request without credentials has a realm without 3GPP-bootstrapping.
    BootstrappingRealmMissing,
    /// The port for clear requests serves documents without credentials.
    ClearPortServes,
    /// The port for clear requests answers an Upgrade to TLS with 101.
    ClearUpgradeAccepted,
    /// The asserted identity that the UE sends goes on to the application server in place of the right one.
    ClientAssertedIdentityPassed,
    /// A DELETE in the tree of another subscriber is executed as that of its owner, unless an identity is intended.
    CrossDeleteExecuted,
    /// A GET in the tree of another subscriber is served as that of its owner, unless an identity is intended.
    CrossReadServed,
    /// A PUT in the tree of another subscriber is executed as that of its owner, unless an identity is intended.
    CrossWriteExecuted,
    /// Without an intended identity the B-TID is asserted, not the default IMPU.
    DefaultImpuReplaced,
    /// A DELETE succeeds and leaves the document.
    DeletedDocumentStays,
    /// The uri of the credentials need not name the resource that is requested.
    DigestUriNotCompared,
    /// In the direct topology the IMPU of another subscriber may be intended.
    DirectForeignIdentityAccepted,
    /// Behind a proxy the IMPU of another subscriber may be intended, and is asserted.
    ForeignIdentityAccepted,
    /// A request without credentials and without a 3gpp-gba product token gets 403.
    GbaTokenDemanded,
    /// A request without credentials that intends a foreign identity gets 403.
    IdentityBeforeAuthentication,
    /// The last of several identities in one field is asserted without verification.
    IdentityListAccepted,
    /// A PUT or DELETE that intends a right identity acts as the owner of the tree.
    IdentityTakenFromPath,
    /// The last of several fields with an intended identity is asserted without verification.
    LastIdentityFieldWins,
    /// A user name without @ is served without a look at the digest.
    MalformedBTidServed,
    /// The digest of a GET is accepted for a DELETE.
    MethodNotInDigest,
    /// On a resumed TLS connection a nonce count may be used again.
    NonceCountReusedOnResumption,
    /// A nonce that was never issued is accepted with a right digest.
    NonceNeverIssuedAccepted,
    /// The default IMPU may not be intended.
    OwnIdentityRefused,
    /// The challenge has no qop, so that there is no nonce count either.
    QopNotOffered,
    /// Credentials without qop are accepted although it was offered.
    QopOmissionAccepted,
    /// The realm names another host than the one requested.
    RealmNamesAnotherHost,
    /// The digest is computed with whatever realm the client names.
    RealmNotChecked,
    /// The first right answer to a demand for re-authentication is refused on a connection by a full handshake.
    ReauthenticationAnswerRefused,
    /// A demand for re-authentication makes TLS sessions unusable.
    ReauthenticationDropsTlsSessions,
    /// The first request after a demand for re-authentication passes with running credentials.
    ReauthenticationIgnored,
    /// After the challenge that demands re-authentication, old credentials are served on a connection by a full handshake.
    ReauthenticationOldCredentialsServed,
    /// After the challenge that demands re-authentication, another resource is served without credentials on that connection.
    ReauthenticationOtherResourceServed,
    /// The first right answer to a demand for re-authentication is refused on a resumed TLS connection.
    ResumedAnswerRefused,
    /// A resumed TLS connection needs no credentials, unless re-authentication is demanded.
    ResumedConnectionAuthenticated,
    /// On a resumed TLS connection credentials from before a demand for re-authentication are served, but for writes.
    ResumedOldCredentialsServed,
    /// On a resumed TLS connection right credentials in the first request, or in answer to its challenge, get 403.
    ResumedRequestRefused,
    /// Whichever own IMPU is intended, the default one is asserted.
    SecondIdentityReplaced,
    /// A right digest with an old nonce gets no stale=true.
    StaleNeverSaid,
    /// A wrong digest with an old nonce gets stale=true.
    StaleOnWrongDigest,
    /// The TLS port serves documents to requests in clear.
    TlsPortServesClear,
    /// A UE that names 3gpp-gba-uicc is offered the realm for keys on the UICC beside the other.
    UiccRealmOffered,
    /// An unknown B-TID of the right form is served without a look at the digest.
    UnknownBTidServed,
    /// Behind a proxy an IMPU of nobody may be intended, and is asserted.
    UnknownIdentityAccepted,
    /// A qop that was not offered is accepted.
    UnofferedQopAccepted,
    /// Right credentials get 403.
    ValidCredentialsRefused,
    /// A GET with a live nonce is served whatever its digest.
    WrongPasswordServed,
    /// A uri directive in absolute form is answered with a new challenge.
    AbsoluteDigestUriRefused,
    /// The answer to right credentials has no Authentication-Info when it is a success.
    AuthenticationInfoMissing,
    /// Authorization flags that the UE sends go on to the application server.
    AuthorizationFlagsPassed,
    /// The credentials of the UE go on to the application server.
    AuthorizationPassed,
    /// The opaque of the credentials is not compared.
    ChangedOpaqueAccepted,
    /// Every document has the same entity tag.
    EntityTagConstant,
    /// The first request of a connection, if it intends an identity, reaches the application server without an asserted one.
    FirstIdentityLost,
    /// The first user of a connection is asserted for later ones.
    FirstUserAsserted,
    /// A PUT or DELETE in the own tree may intend the IMPU of another subscriber, which is asserted.
    ForeignIdentityWrites,
    /// A subscriber may PUT into the global tree.
    GlobalTreeWritable,
    /// A HEAD reaches the application server without an asserted identity.
    HeadNotAsserted,
    /// An intended identity that Connection names is asserted without verification.
    HopByHopIdentityUnverified,
    /// P-Asserted-Identity and X-Forwarded-User of the UE go on to the application server.
    IdentityAliasPassed,
    /// From its fifth request on a connection asserts another IMPU of the same subscriber.
    IdentityChangesOnConnection,
    /// An own identity in another spelling is asserted as it is spelled.
    IdentityForwardedAsSpelled,
    /// An identity once intended on a connection is asserted for later requests that intend none.
    IdentitySticks,
    /// After a second own identity, identities on the same connection are asserted without verification.
    IdentityVerifiedOnce,
    /// A PUT is executed although If-Match does not hold.
    IfMatchIgnored,
    /// A PUT is executed although If-None-Match does not hold.
    IfNoneMatchIgnored,
    /// The nonce count of the last request may be used once more.
    LastNonceCountRepeated,
    /// Full-width letters and Cyrillic look-alikes in an intended identity are mapped to Latin ones, and the result is asserted.
    LookAlikeIdentityMapped,
    /// A nonce count below the last one may be used once more, but for writes.
    LowerNonceCountAccepted,
    /// A single Authorization that does not parse gets 500.
    MalformedAuthorizationBreaks,
    /// A nonce count of another form than eight hex digits is not noticed.
    MalformedNonceCountAccepted,
    /// A DELETE of a node is executed on the document of any subscriber.
    NodeDeleteUnguarded,
    /// A nonce is stale on a connection that has one of its own.
    NonceBoundToConnection,
    /// A nonce count far above the last one is refused.
    NonceCountGapRefused,
    /// A nonce of another host is accepted in the own realm.
    NonceOfOtherHostAccepted,
    /// A POST replaces the document.
    PostExecuted,
    /// Credentials are taken from Proxy-Authorization where Authorization is missing.
    ProxyAuthorizationTaken,
    /// A PUT is executed whatever its nonce count.
    ReplayedWriteExecuted,
    /// rspauth is wrong.
    ResponseAuthenticationWrong,
    /// Of two Authorization fields the first counts.
    SecondAuthorizationIgnored,
    /// Dot segments behind a user identifier are resolved after its owner was let in.
    TraversalResolved,
    /// An identity of nobody gets 400 where a foreign one gets 403.
    UnknownIdentityToldApart,
    /// A method that is not known is served like GET.
    UnknownMethodServed,
    /// SHA-256 is accepted where MD5 was offered.
    UnofferedAlgorithmAccepted,
    /// An intended identity without proper quotes is asserted without verification.
    UnquotedIdentityUnverified,
    /// An application server outside the trust domain is told the asserted identity all the same.
    UntrustedServerTold,
    /// The tree of a user identifier in other letter case or encoding is open to everybody.
    XuiSpellingIgnored,
    /// The hex form of the key is accepted as password too.
    KeyEncodingAccepted,
    /// The key of any subscriber is accepted for each.
    KeyOfOtherSubscriberAccepted,
    /// What stands behind a NUL, a CR or a LF in an intended identity goes on as a field of its own.
    LineBreakInIdentityRead,
    /// From the twenty-first challenge on a connection the nonce repeats.
    NonceRepeats,
    /// After some wrong passwords right credentials get 403.
    OwnerLockedOut,
    /// A subscriber may reach every server, whatever the user security settings say.
    ServiceNotChecked,
    /// The B-TID from before a later bootstrapping is refused.
    SupersededBTidRefused,
    /// An intended identity in a trailer section is asserted without verification.
    TrailerIdentityTaken,
    /// One of the reverse proxy.
    Proxy(ProxyDefect),
}

impl HttpDefect {
    /// Every defect but those of the reverse proxy: in order of name those of the main job, then those of the scenarios in breadth, then those about associations.
    pub const ALL: [Self; 97] = [
        Self::AnonymousDeleteExecuted,
        Self::AnonymousHeadAnswered,
        Self::AuthIntBodyNotBound,
        Self::BasicAccepted,
        Self::BootstrappingRealmMissing,
        Self::ClearPortServes,
        Self::ClearUpgradeAccepted,
        Self::ClientAssertedIdentityPassed,
        Self::CrossDeleteExecuted,
        Self::CrossReadServed,
        Self::CrossWriteExecuted,
        Self::DefaultImpuReplaced,
        Self::DeletedDocumentStays,
        Self::DigestUriNotCompared,
        Self::DirectForeignIdentityAccepted,
        Self::ForeignIdentityAccepted,
        Self::GbaTokenDemanded,
        Self::IdentityBeforeAuthentication,
        Self::IdentityListAccepted,
        Self::IdentityTakenFromPath,
        Self::LastIdentityFieldWins,
        Self::MalformedBTidServed,
        Self::MethodNotInDigest,
        Self::NonceCountReusedOnResumption,
        Self::NonceNeverIssuedAccepted,
        Self::OwnIdentityRefused,
        Self::QopNotOffered,
        Self::QopOmissionAccepted,
        Self::RealmNamesAnotherHost,
        Self::RealmNotChecked,
        Self::ReauthenticationAnswerRefused,
        Self::ReauthenticationDropsTlsSessions,
        Self::ReauthenticationIgnored,
        Self::ReauthenticationOldCredentialsServed,
        Self::ReauthenticationOtherResourceServed,
        Self::ResumedAnswerRefused,
        Self::ResumedConnectionAuthenticated,
        Self::ResumedOldCredentialsServed,
        Self::ResumedRequestRefused,
        Self::SecondIdentityReplaced,
        Self::StaleNeverSaid,
        Self::StaleOnWrongDigest,
        Self::TlsPortServesClear,
        Self::UiccRealmOffered,
        Self::UnknownBTidServed,
        Self::UnknownIdentityAccepted,
        Self::UnofferedQopAccepted,
        Self::ValidCredentialsRefused,
        Self::WrongPasswordServed,
        Self::AbsoluteDigestUriRefused,
        Self::AuthenticationInfoMissing,
        Self::AuthorizationFlagsPassed,
        Self::AuthorizationPassed,
        Self::ChangedOpaqueAccepted,
        Self::EntityTagConstant,
        Self::FirstIdentityLost,
        Self::FirstUserAsserted,
        Self::ForeignIdentityWrites,
        Self::GlobalTreeWritable,
        Self::HeadNotAsserted,
        Self::HopByHopIdentityUnverified,
        Self::IdentityAliasPassed,
        Self::IdentityChangesOnConnection,
        Self::IdentityForwardedAsSpelled,
        Self::IdentitySticks,
        Self::IdentityVerifiedOnce,
        Self::IfMatchIgnored,
        Self::IfNoneMatchIgnored,
        Self::LastNonceCountRepeated,
        Self::LookAlikeIdentityMapped,
        Self::LowerNonceCountAccepted,
        Self::MalformedAuthorizationBreaks,
        Self::MalformedNonceCountAccepted,
        Self::NodeDeleteUnguarded,
        Self::NonceBoundToConnection,
        Self::NonceCountGapRefused,
        Self::NonceOfOtherHostAccepted,
        Self::PostExecuted,
        Self::ProxyAuthorizationTaken,
        Self::ReplayedWriteExecuted,
        Self::ResponseAuthenticationWrong,
        Self::SecondAuthorizationIgnored,
        Self::TraversalResolved,
        Self::UnknownIdentityToldApart,
        Self::UnknownMethodServed,
        Self::UnofferedAlgorithmAccepted,
        Self::UnquotedIdentityUnverified,
        Self::UntrustedServerTold,
        Self::XuiSpellingIgnored,
        Self::KeyEncodingAccepted,
        Self::KeyOfOtherSubscriberAccepted,
        Self::LineBreakInIdentityRead,
        Self::NonceRepeats,
        Self::OwnerLockedOut,
        Self::ServiceNotChecked,
        Self::SupersededBTidRefused,
        Self::TrailerIdentityTaken,
    ];

    /// Name for command lines and tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Proxy(defect) => defect.name(),
            _ => self.row().map_or("", |row| row.1),
        }
    }

    /// Where in the application it takes effect.
    #[must_use]
    pub fn point(self) -> &'static str {
        match self {
            Self::Proxy(defect) => defect.point(),
            _ => self.row().map_or("", |row| row.2),
        }
    }

    /// The scenarios it turns red; for an informative one, whose observation it changes.
    #[must_use]
    pub fn scenarios(self) -> &'static [&'static str] {
        match self {
            Self::Proxy(defect) => defect.scenarios(),
            _ => self.row().map_or(&[], |row| row.3),
        }
    }

    /// Whether it takes effect in the direct topology only.
    #[must_use]
    pub fn needs_direct_topology(self) -> bool {
        self == Self::DirectForeignIdentityAccepted
    }

    /// Whether the defect shows only before an application server outside the trust domain.
    #[must_use]
    pub fn needs_untrusted_server(self) -> bool {
        self == Self::UntrustedServerTold
    }

    fn row(self) -> Option<&'static Row> {
        rows().find(|row| row.0 == self)
    }
}

/// The rows of all tables.
fn rows() -> impl Iterator<Item = &'static Row> {
    ROWS.iter()
        .chain(&ROWS_IN_BREADTH)
        .chain(&ROWS_OF_ASSOCIATIONS)
}

impl fmt::Display for HttpDefect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for HttpDefect {
    type Err = String;

    /// # Errors
    /// A name that no defect has.
    fn from_str(name: &str) -> Result<Self, String> {
        let of_proxy = || ProxyDefect::ALL.iter().find(|defect| defect.name() == name);
        rows()
            .find(|row| row.1 == name)
            .map(|row| row.0)
            .or_else(|| of_proxy().copied().map(Self::Proxy))
            .ok_or_else(|| format!("no HTTP defect is called `{name}`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn table_and_list_agree_in_order_of_name() {
        let in_rows: Vec<HttpDefect> = rows().map(|row| row.0).collect();
        assert_eq!(in_rows, HttpDefect::ALL);
        for table in [&ROWS[..], &ROWS_IN_BREADTH[..], &ROWS_OF_ASSOCIATIONS[..]] {
            for (one, next) in table.iter().zip(table.iter().skip(1)) {
                assert!(one.1 < next.1, "{} before {}", one.1, next.1);
            }
        }
        for defect in HttpDefect::ALL {
            assert_eq!(defect.name().parse(), Ok(defect));
            assert!(!defect.point().is_empty() && !defect.scenarios().is_empty());
        }
        assert!("none".parse::<HttpDefect>().is_err());
    }

    #[test]
    fn those_of_the_proxy_are_found_by_their_names_in_order() {
        for (one, next) in ProxyDefect::ALL.iter().zip(ProxyDefect::ALL.iter().skip(1)) {
            assert!(
                one.name() < next.name(),
                "{} before {}",
                one.name(),
                next.name()
            );
        }
        for defect in ProxyDefect::ALL {
            let defect = HttpDefect::Proxy(*defect);
            assert_eq!(defect.name().parse(), Ok(defect));
            assert!(!defect.point().is_empty() && !defect.scenarios().is_empty());
        }
    }
}
