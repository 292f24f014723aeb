//! Every departure from conformance of the TLS front, with the scenarios that catch it.

use super::client_certificate::Laxity;
use super::effect::{
    Effect, Front, Lab, PreSharedLaxity, Refusal, Selection, SessionLaxity, Stack,
};
use super::suites::{ANONYMOUS, UNENCRYPTED};
use crate::model::suite::ProtocolVersion;
use crate::reference::certificates::ServerCertificate;
use crate::tls::server::Laxity as ServerLaxity;

macro_rules! tls_defects {
    ($($variant:ident $name:literal $point:literal [$($scenario:literal),+] $effect:expr;)+) => {
        /// One thing the TLS front does wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum TlsDefect {
            $(#[doc = $point] $variant,)+
        }

        impl TlsDefect {
            /// Every defect, in the order of the scenarios.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its name on the command line, kebab-case.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What it does, one sentence.
            #[must_use]
            pub const fn point(self) -> &'static str {
                match self { $(Self::$variant => $point,)+ }
            }

            /// The scenarios that see it.
            #[must_use]
            pub const fn scenarios(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($scenario),+],)+ }
            }

            pub(super) const fn effect(self) -> Effect {
                match self { $(Self::$variant => $effect,)+ }
            }
        }
    };
}

tls_defects! {
    SpeaksSsl2 "speaks-ssl2" "Answers an SSL 2.0 CLIENT-HELLO in SSL 2.0." ["TLSV-01"]
        Effect::Sslv2;
    SpeaksSsl3 "speaks-ssl3" "Negotiates SSL 3.0." ["TLSV-02", "TLSC-20", "TLSC-21"]
        Effect::Version(ProtocolVersion::Ssl3);
    SpeaksTls10 "speaks-tls10" "Negotiates TLS 1.0 where the release forbids it." ["TLSV-03", "TLSC-20", "TLSC-21"]
        Effect::Version(ProtocolVersion::Tls10);
    SpeaksTls11 "speaks-tls11" "Negotiates TLS 1.1 where the release forbids it." ["TLSV-04", "TLSC-20", "TLSC-21"]
        Effect::Version(ProtocolVersion::Tls11);
    RefusesTls12 "refuses-tls12" "Refuses offers of TLS 1.2." ["TLSV-05"]
        Effect::Refuse(Refusal::HighestVersion(ProtocolVersion::Tls12));
    RefusesTls13 "refuses-tls13" "Does not know TLS 1.3." ["TLSV-06", "TLSC-16"]
        Effect::Stack(Stack::NoTls13);
    IgnoresFallbackScsv "ignores-fallback-scsv" "Goes on with a fallen-back client although a higher version is supported." ["TLSV-07"]
        Effect::Front(Front::IgnoresFallback);
    NoDowngradeMarker "no-downgrade-marker" "Selects TLS 1.2 without the mark in its random." ["TLSV-08"]
        Effect::Stack(Stack::NoDowngradeMark);
    IntolerantOfReservedValues "intolerant-of-reserved-values" "Refuses hellos with reserved values or an unknown higher version." ["TLSV-09"]
        Effect::Refuse(Refusal::Reserved);
    IntolerantOfRecordVersion "intolerant-of-record-version" "Refuses hellos in a record of version 3.0." ["TLSV-10"]
        Effect::Refuse(Refusal::RecordVersion);

    SelectsAnonymous "selects-anonymous" "Selects an anonymous suite when several and nothing better is offered." ["TLSC-01", "TLSC-31", "TLSC-34"]
        Effect::Select(Selection::several(&[0x0034]).unless(&[0x0000]));
    SelectsOneAnonymous "selects-one-anonymous" "Selects TLS_DH_anon_WITH_AES_256_CBC_SHA when it is offered alone." ["TLSC-02"]
        Effect::Select(Selection::sole(&[0x003A]));
    SelectsEllipticAnonymous "selects-elliptic-anonymous" "Selects an anonymous elliptic-curve suite when only such are offered." ["TLSC-03"]
        Effect::Select(Selection::several(&[0xC018]).unless(&[0x0034]));
    PrefersAnonymous "prefers-anonymous" "Follows a client that lists an anonymous suite first, in long offers." ["TLSC-04"]
        Effect::Select(Selection::client_order(&ANONYMOUS).at_least(40));
    SelectsNullWithNull "selects-null-with-null" "Selects TLS_NULL_WITH_NULL_NULL when it is offered alone." ["TLSC-05"]
        Effect::Select(Selection::sole(&[0x0000]));
    SelectsAnonymousBesideNull "selects-anonymous-beside-null" "Selects an anonymous suite when TLS_NULL_WITH_NULL_NULL is offered too." ["TLSC-06"]
        Effect::Select(Selection::several(&[0x0034]).requiring(&[0x0000]));
    SelectsUnencrypted "selects-unencrypted" "Selects a suite without encryption when nothing better is offered." ["TLSC-07", "TLSC-27", "TLSC-31", "TLSC-33"]
        Effect::Select(Selection::several(&[0x003B]));
    SelectsOneUnencrypted "selects-one-unencrypted" "Selects TLS_ECDHE_ECDSA_WITH_NULL_SHA when it is offered alone." ["TLSC-08"]
        Effect::Select(Selection::sole(&[0xC006]));
    PrefersUnencrypted "prefers-unencrypted" "Follows a client that lists a suite without encryption first, in long offers." ["TLSC-09"]
        Effect::Select(Selection::client_order(&UNENCRYPTED).at_least(40));
    SelectsIntegrityOnly "selects-integrity-only" "Selects an integrity-only suite in TLS 1.3." ["TLSC-10"]
        Effect::Select(Selection::several(&[0xC0B4, 0xC0B5]).or_one().in_tls13());
    SelectsExport "selects-export" "Selects an export suite when nothing better is offered." ["TLSC-11"]
        Effect::Select(Selection::several(&[0x0003]).unless(&[0x0007, 0x0009]));
    SelectsDes "selects-des" "Selects single DES when nothing better is offered." ["TLSC-12"]
        Effect::Select(Selection::several(&[0x0009]).unless(&[0x0003]));
    Selects3des "selects-3des" "Selects triple DES when nothing better is offered." ["TLSC-13"]
        Effect::Select(Selection::several(&[0x000A]).or_one().unless(&[0x0005, 0x002F]));
    SelectsRc4 "selects-rc4" "Selects TLS_RSA_WITH_RC4_128_SHA when it is offered alone." ["TLSC-14"]
        Effect::Select(Selection::sole(&[0x0005]));
    SelectsExportOrDes "selects-export-or-des" "Selects single DES when it is offered with export suites." ["TLSC-15"]
        Effect::Select(Selection::several(&[0x0009]).requiring(&[0x0003]));
    RefusesMandatorySuite "refuses-mandatory-suite" "Refuses TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 when it is offered alone." ["TLSC-16"]
        Effect::Refuse(Refusal::Sole(0xC02B));
    RefusesLongOffers "refuses-long-offers" "Finds nothing to select in offers of a hundred suites or more." ["TLSC-17"]
        Effect::Refuse(Refusal::Long);
    WeakFirst "weak-first" "Follows a client that lists RC4 first." ["TLSC-19"]
        Effect::Select(Selection::client_order(&[0x0005, 0x0004]).requiring(&[0x000A]));
    SelectsStaticRsa "selects-static-rsa" "Selects RSA key exchange when nothing better is offered." ["TLSC-20"]
        Effect::Select(Selection::several(&[0x002F, 0x003C, 0x009C]).unless(&[0xC013, 0x000A]));
    SelectsCbc "selects-cbc" "Selects CBC with ephemeral keys when nothing better is offered." ["TLSC-21"]
        Effect::Select(Selection::several(&[0xC013, 0xC009]).or_one().unless(&[0x003C]));
    SelectsObscure "selects-obscure" "Selects IDEA when nothing better is offered." ["TLSC-22"]
        Effect::Select(Selection::several(&[0x0007, 0x0096]).or_one());
    SelectsBeyondProfile "selects-beyond-profile" "Selects TLS_ECDHE_ECDSA_WITH_AES_128_CCM when nothing better is offered." ["TLSC-26"]
        Effect::Select(Selection::several(&[0xC0AC]).or_one());
    SelectsUnknown "selects-unknown" "Selects a reserved suite when it is offered alone." ["TLSC-23"]
        Effect::Select(Selection::sole(&[0x0A0A]));
    SelectsSignalling "selects-signalling" "Selects the renegotiation signalling value as if it were a suite." ["TLSC-24"]
        Effect::Select(Selection::sole(&[0x00FF]));
    ShakenByMalformed "shaken-by-malformed" "Refuses the second hello after a malformed one." ["TLSC-25", "TLSM-13"]
        Effect::Front(Front::ShakenByMalformed);
    SmallPrime "small-prime" "Uses a 1024-bit prime for DHE." ["TLSC-28"]
        Effect::Select(Selection::several(&[0x009E, 0x009F, 0x0033, 0x0039]).or_one().unless(&[0xC013, 0x002F]).with_prime(1024));
    WeakCurve "weak-curve" "Uses a weak curve when no other is offered." ["TLSC-29"]
        Effect::WeakCurve;
    WeakSignature "weak-signature" "Signs its key exchange with MD5 or SHA-1 when nothing else is offered." ["TLSC-30"]
        Effect::WeakSignature;

    ResumesUnencrypted "resumes-unencrypted" "Selects a suite without encryption when nothing better is offered with a session." ["TLSC-31"]
        Effect::Select(Selection::several(&[0x003B, 0xC006]).with_session());
    RenegotiatesUnencrypted "renegotiates-unencrypted" "Renegotiates to a suite without encryption when nothing better is offered." ["TLSC-32"]
        Effect::Lab(Lab {
            afterwards: true,
            ..Lab::CONFORMING.with(&[0xC006]).renegotiating()
        });
    ServesUnencrypted "serves-unencrypted" "Completes handshakes without encryption when nothing better is offered, and serves." ["TLSC-07", "TLSC-08", "TLSC-27", "TLSC-31", "TLSC-33"]
        Effect::Lab(Lab::CONFORMING.with(&[0xC006]));
    ServesAnonymously "serves-anonymously" "Completes anonymous handshakes when nothing better is offered, and serves." ["TLSC-01", "TLSC-02", "TLSC-03", "TLSC-06", "TLSC-31", "TLSC-34"]
        Effect::Lab(Lab::CONFORMING.with(&[0xC018]));

    NoResumption "no-resumption" "Resumes no session by any mechanism." ["TLSS-01", "TLSS-02", "TLSS-03"]
        Effect::Stack(Stack::NoResumption);
    NoResumptionUpToTls12 "no-resumption-up-to-tls12" "Resumes no session up to TLS 1.2." ["TLSS-02"]
        Effect::Stack(Stack::NoResumptionUpToTls12);
    NoResumptionInTls13 "no-resumption-in-tls13" "Resumes no session in TLS 1.3." ["TLSS-03"]
        Effect::Stack(Stack::NoResumptionInTls13);
    NoDuplicateSessions "no-duplicate-sessions" "Resumes no session that an open connection has." ["TLSS-04"]
        Effect::Stack(Stack::NoDuplicates);
    ImmortalSessionIds "immortal-session-ids" "Resumes session ids older than their lifetime." ["TLSS-06", "TLSS-08"]
        Effect::Stack(Stack::ImmortalIds);
    ImmortalTickets "immortal-tickets" "Resumes tickets up to TLS 1.2 older than their lifetime." ["TLSS-06", "TLSS-18"]
        Effect::Stack(Stack::ImmortalTickets);
    ImmortalPresharedKeys "immortal-psks" "Resumes TLS 1.3 sessions older than their lifetime." ["TLSS-06", "TLSS-18"]
        Effect::Stack(Stack::ImmortalPresharedKeys);

    AdvertisesAWeek "advertises-a-week" "Says of its tickets that they live for a week." ["TLSS-05"]
        Effect::Sessions(SessionLaxity::AdvertisesWeek);
    ShortLivedSessions "short-lived-sessions" "Resumes no session that is older than half an hour." ["TLSS-07"]
        Effect::Sessions(SessionLaxity::ShortLived);
    ResumesAcrossNames "resumes-across-names" "Resumes a session whatever name the client sends." ["TLSS-09"]
        Effect::Sessions(SessionLaxity::AnyName);
    ResumesWithAnotherSuite "resumes-with-another-suite" "Resumes a session with a suite that it was not made with." ["TLSS-10"]
        Effect::Sessions(SessionLaxity::AnySuite);
    TakesDamagedTickets "takes-damaged-tickets" "Resumes by a ticket of which one bit was flipped." ["TLSS-11"]
        Effect::Sessions(SessionLaxity::DamagedTickets);
    ResumesAfterFatalAlert "resumes-after-fatal-alert" "Resumes a session whose connection a fatal alert ended." ["TLSS-20", "TLSS-21"]
        Effect::Sessions(SessionLaxity::KeepsFailed);
    TakesEarlyData "takes-early-data" "Acts on early data in TLS 1.3, however often the same comes." ["TLSS-15"]
        Effect::Sessions(SessionLaxity::EarlyData);
    IgnoresExtendedMasterSecret "ignores-extended-master-secret" "Does not know extended_master_secret." ["TLSS-17"]
        Effect::Lab(Lab {
            extended_master_secret: false,
            ..Lab::CONFORMING
        });
    RenewedTicketsAgeAnew "renewed-tickets-age-anew" "Counts the age of a renewed ticket from its renewal." ["TLSS-18"]
        Effect::Sessions(SessionLaxity::RenewsAge);

    ForeignCertificate "foreign-certificate" "Shows a certificate of an authority nobody was told of." ["CERT-01", "CERT-14"]
        Effect::Certificate(ServerCertificate::ForeignAuthority);
    WrongNameCertificate "wrong-name-certificate" "Shows a certificate for another host." ["CERT-02"]
        Effect::Certificate(ServerCertificate::WrongName);
    CommonNameCertificate "common-name-certificate" "Shows a certificate that names its host only in the subject." ["CERT-02"]
        Effect::Certificate(ServerCertificate::CommonNameOnly);
    ExpiredCertificate "expired-certificate" "Shows a certificate that has expired." ["CERT-03"]
        Effect::Certificate(ServerCertificate::Expired);
    EarlyCertificate "early-certificate" "Shows a certificate that is not valid yet." ["CERT-03"]
        Effect::Certificate(ServerCertificate::NotYetValid);
    LongLivedCertificate "long-lived-certificate" "Shows a certificate valid for 800 days." ["CERT-03"]
        Effect::Certificate(ServerCertificate::LongLived);
    ClientUsageCertificate "client-usage-certificate" "Shows a certificate for clients only." ["CERT-07"]
        Effect::Certificate(ServerCertificate::ClientAuthenticationOnly);
    UnfitUsageCertificate "unfit-usage-certificate" "Shows a certificate whose key may sign no handshake." ["CERT-07"]
        Effect::Certificate(ServerCertificate::UnfitKeyUsage);
    AuthorityCertificate "authority-certificate" "Shows a certificate that says it is an authority." ["CERT-01", "CERT-07"]
        Effect::Certificate(ServerCertificate::Authority);
    LongSerialCertificate "long-serial-certificate" "Shows a certificate with a serial number of 24 octets." ["CERT-04"]
        Effect::Certificate(ServerCertificate::LongSerial);
    ShortKeyCertificate "short-key-certificate" "Shows a certificate with an RSA key of 1024 bits, and signs with another." ["CERT-05"]
        Effect::Certificate(ServerCertificate::ShortKey);
    Sha1Certificate "sha1-certificate" "Shows a certificate that says it is signed over SHA-1." ["CERT-06"]
        Effect::Certificate(ServerCertificate::Sha1Signed);
    CriticalExtensionCertificate "critical-extension-certificate" "Shows a certificate with a critical extension that nobody knows." ["CERT-01", "CERT-08"]
        Effect::Certificate(ServerCertificate::UnknownCritical);
    FirstHostCertificate "first-host-certificate" "Shows every host the certificate of the first host." ["CERT-09", "CERT-10"]
        Effect::Certificate(ServerCertificate::FirstHostOnly);
    UnstapledCertificate "unstapled-certificate" "Shows a certificate that names an OCSP responder, without a response of it." ["CERT-13"]
        Effect::Certificate(ServerCertificate::OcspResponder);
    DisorderedChain "disordered-chain" "Sends a certificate that has nothing to do with the one before it." ["CERT-14"]
        Effect::Certificate(ServerCertificate::Disordered);
    PublishedKeyCertificate "published-key-certificate" "Shows a certificate with a key whose private part is published, and signs with another." ["CERT-15"]
        Effect::Certificate(ServerCertificate::PublishedKey);
    OtherHostsUncovered "other-hosts-uncovered" "Shows hosts behind it the certificate of the first host." ["CERT-10"]
        Effect::CertificateOfOtherHosts(ServerCertificate::FirstHostOnly);
    DemandsServerName "demands-server-name" "Refuses hellos without a server name." ["CERT-11"]
        Effect::Refuse(Refusal::NoServerName);

    ServesUnknownNames "serves-unknown-names" "Gives a document to whoever names an unknown host." ["CERT-12"]
        Effect::Front(Front::ServesUnknownNames);

    TakesAnyMac "takes-any-mac" "Takes records with a wrong MAC for right." ["TLSM-03"]
        Effect::Lab(Lab::lax(ServerLaxity::AnyMac));
    TakesAnyMacInCbc "takes-any-mac-in-cbc" "Takes records of a CBC suite with a wrong MAC for right." ["TLSM-03", "TLSM-08", "TLSC-21"]
        Effect::Lab(Lab::lax(ServerLaxity::AnyMac).with(&[0xC009]));
    RenegotiatesInsecurely "renegotiates-insecurely" "Renegotiates with a client that does not bind the new handshake to the old." ["TLSM-06"]
        Effect::Lab(Lab::lax(ServerLaxity::InsecureRenegotiation).renegotiating());
    AnswersHeartbeatInFull "answers-heartbeat-in-full" "Answers a heartbeat with as many octets as it says it has." ["TLSM-07"]
        Effect::Lab(Lab::lax(ServerLaxity::HeartbeatOverread));
    TellsPadding "tells-padding" "Tells wrong padding from a wrong MAC by its alert." ["TLSM-08", "TLSC-21"]
        Effect::Lab(Lab::lax(ServerLaxity::PaddingRevealed).with(&[0xC009]));
    TellsPremaster "tells-premaster" "Tells a premaster secret of the wrong form from others by its alert." ["TLSM-09", "TLSC-16", "TLSC-20", "TLSC-21"]
        Effect::Lab(Lab::lax(ServerLaxity::PremasterRevealed).with(&[0x002F]));
    Compresses "compresses" "Selects compression when it is offered." ["TLSM-04"]
        Effect::Lab(Lab::lax(ServerLaxity::Compression));
    NoRenegotiationInfo "no-renegotiation-info" "Leaves renegotiation_info out of its hello." ["TLSM-05"]
        Effect::Lab(Lab {
            secure_renegotiation: false,
            ..Lab::CONFORMING
        });
    IntolerantOfFragments "intolerant-of-fragments" "Refuses a short hello that comes in several records." ["TLSM-12"]
        Effect::Front(Front::IntolerantOfFragments);
    Patient "patient" "Waits for the rest of a hello as long as it takes." ["TLSM-11"]
        Effect::Front(Front::Patient);
    ShakenByGarbage "shaken-by-garbage" "Refuses the second hello after octets that are no TLS." ["TLSM-13"]
        Effect::Front(Front::ShakenByGarbage);

    EndsHandshake "ends-handshake" "Asks for no client certificate and ends the handshake all the same." ["CC-01", "TLSV-05", "TLSV-06"]
        Effect::Front(Front::EndsHandshake);
    DemandsClientCertificate "demands-client-certificate" "Ends the handshake when the client has no certificate." ["CC-02"]
        Effect::Stack(Stack::DemandsClientCertificate);
    ServesUncertified "serves-uncertified" "Gives a document to whoever has no client certificate although one is required." ["CC-02", "CC-03", "CC-09"]
        Effect::Front(Front::ServesUncertified);
    TakesSelfSignedCertificates "takes-self-signed-certificates" "Takes a client certificate that only itself has signed, and gives its holder a document." ["CC-04"]
        Effect::ClientCertificate(Laxity::SelfSigned);
    TakesExpiredCertificates "takes-expired-certificates" "Takes a client certificate that has expired, and gives its holder a document." ["CC-05"]
        Effect::ClientCertificate(Laxity::Expired);
    BelievesCertificateVerify "believes-certificate-verify" "Takes a client certificate without looking whether the signature in CertificateVerify is right." ["CC-06"]
        Effect::ClientCertificate(Laxity::Unproven);
    AsksForNoCertificate "asks-for-no-certificate" "Asks for no client certificate." ["CC-08"]
        Effect::Stack(Stack::AsksForNoCertificate);

    PreSharedKeysNotServed "pre-shared-keys-not-served" "Selects no suite with a pre-shared key." ["PSK-01", "PSK-03"]
        Effect::PreShared(PreSharedLaxity::NotServed);
    NoIdentityHint "no-identity-hint" "Gives no hint which identity of a pre-shared key it wants." ["PSK-02"]
        Effect::PreShared(PreSharedLaxity::NoHint);
    DigestOnTopOfPreSharedKey "digest-on-top-of-pre-shared-key" "Challenges a client that has authenticated by a pre-shared key." ["PSK-03"]
        Effect::PreShared(PreSharedLaxity::DigestOnTop);
    UnknownIdentityTaken "unknown-identity-taken" "Takes the first subscriber's key for the identity of a pre-shared key that nobody has." ["PSK-04", "PSK-07"]
        Effect::PreShared(PreSharedLaxity::UnknownIdentity);
    WrongPreSharedKeyTaken "wrong-pre-shared-key-taken" "Takes a pre-shared key whose last bit is wrong." ["PSK-05"]
        Effect::PreShared(PreSharedLaxity::LastBit);
    ExpiredPreSharedKeyTaken "expired-pre-shared-key-taken" "Takes a pre-shared key after its lifetime." ["PSK-06"]
        Effect::PreShared(PreSharedLaxity::Expired);
    IdentityWithoutNameSpaceTaken "identity-without-name-space-taken" "Takes a B-TID without its name space for the identity of a pre-shared key." ["PSK-07"]
        Effect::PreShared(PreSharedLaxity::AnyNameSpace);
    IdentityEndsAtNul "identity-ends-at-nul" "Reads the identity of a pre-shared key up to a NUL." ["PSK-07"]
        Effect::PreShared(PreSharedLaxity::StopsAtNul);
    SelectsUnencryptedPreSharedKey "selects-unencrypted-pre-shared-key" "Selects TLS_PSK_WITH_NULL_SHA when nothing but such suites is offered." ["PSK-08"]
        Effect::Select(Selection::several(&[0x002C]).unless(&[0x0001, 0x008C]));
    PreSharedKeyTakenAlone "pre-shared-key-taken-alone" "Takes a pre-shared key in TLS 1.3 without ephemeral keys." ["PSK-09"]
        Effect::PreShared(PreSharedLaxity::KeyAlone);
    DigestKeyTakenForTls "digest-key-taken-for-tls" "Takes the key of HTTP Digest for a pre-shared key of TLS." ["PSK-10"]
        Effect::PreShared(PreSharedLaxity::DigestKey);
    UnknownIdentityHidden "unknown-identity-hidden" "Answers the identity of a pre-shared key that nobody has like a wrong key." ["PSK-11"]
        Effect::PreShared(PreSharedLaxity::UnknownIsHidden);
}

impl TlsDefect {
    /// Whether it shows only in a target that takes pre-shared keys.
    pub(in crate::reference) fn is_about_pre_shared_keys(self) -> bool {
        matches!(self.effect(), Effect::PreShared(_))
            || self == Self::SelectsUnencryptedPreSharedKey
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_single_and_points_are_sentences() {
        let names: BTreeSet<_> = TlsDefect::ALL.iter().map(|defect| defect.name()).collect();
        assert_eq!(names.len(), TlsDefect::ALL.len());
        assert!(TlsDefect::ALL.iter().all(|defect| {
            let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            defect.name().chars().all(kebab) && defect.point().ends_with('.')
        }));
    }
}
