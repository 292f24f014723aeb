//! What a TLS defect changes, as data.

use super::client_certificate::Laxity;
use crate::model::suite::ProtocolVersion;
use crate::reference::certificates::ServerCertificate;
use crate::tls::server::Laxity as ServerLaxity;

/// What a defect changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Answers SSL 2.0 in SSL 2.0.
    Sslv2,
    /// Answers an offer of at most this version in it.
    Version(ProtocolVersion),
    /// Selects a suite it should not.
    Select(Selection),
    /// Uses a weak curve when no other is offered.
    WeakCurve,
    /// Signs with MD5 or SHA-1 when nothing else is offered.
    WeakSignature,
    /// Every connection up to TLS 1.2 is served by the lab server, which breaks this rule.
    Lab(Lab),
    /// Refuses what a conforming server takes.
    Refuse(Refusal),
    /// Uses another server certificate.
    Certificate(ServerCertificate),
    /// Uses this certificate for hosts other than the first.
    CertificateOfOtherHosts(ServerCertificate),
    /// Takes client certificates it should not.
    ClientCertificate(Laxity),
    /// Takes pre-shared keys it should not, or not those it should.
    PreShared(PreSharedLaxity),
    /// Changes what rustls does.
    Stack(Stack),
    /// Changes what happens before or after rustls.
    Front(Front),
    /// Takes sessions less seriously.
    Sessions(SessionLaxity),
}

/// What the lab server does otherwise than a conforming one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lab {
    /// The rule it does not hold.
    pub(super) laxity: Option<ServerLaxity>,
    /// Suites it has behind those of a conforming server, best first.
    pub(super) suites: &'static [u16],
    /// Whether it has those only in renegotiations.
    pub(super) afterwards: bool,
    /// Whether it renegotiates when the client wants to.
    pub(super) renegotiation: bool,
    /// Seconds its tickets say they live.
    pub(super) ticket_lifetime: u32,
    /// Whether it knows extended_master_secret.
    pub(super) extended_master_secret: bool,
    /// Whether it answers renegotiation_info.
    pub(super) secure_renegotiation: bool,
}

impl Lab {
    /// Nothing otherwise.
    pub(super) const CONFORMING: Self = Self {
        laxity: None,
        suites: &[],
        afterwards: false,
        renegotiation: false,
        ticket_lifetime: 86_400,
        extended_master_secret: true,
        secure_renegotiation: true,
    };

    /// One rule is not held.
    pub(super) const fn lax(laxity: ServerLaxity) -> Self {
        Self {
            laxity: Some(laxity),
            ..Self::CONFORMING
        }
    }

    /// The same with these suites too.
    pub(super) const fn with(mut self, suites: &'static [u16]) -> Self {
        self.suites = suites;
        self
    }

    /// The same, renegotiating when the client wants to.
    pub(super) const fn renegotiating(mut self) -> Self {
        self.renegotiation = true;
        self
    }
}

/// When a suite is selected that should not be, TLS 1.2 unless `tls13`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Selection {
    /// The first of these that is offered is selected.
    pub(super) picks: &'static [u16],
    /// All of these have to be offered too.
    pub(super) requires: &'static [u16],
    /// None of these may be offered.
    pub(super) unless: &'static [u16],
    /// The first suite offered has to be one of these; empty is no condition.
    pub(super) first: &'static [u16],
    /// Fewest suites offered, signalling values not counted.
    pub(super) least: usize,
    /// Most suites offered.
    pub(super) most: usize,
    /// Whether it happens even if a suite is offered that a conforming server selects.
    pub(super) despite_good: bool,
    /// Whether it is about TLS 1.3.
    pub(super) tls13: bool,
    /// Bits of the prime where the suite has one.
    pub(super) prime_bits: u16,
    /// Whether a session has to be offered too.
    pub(super) with_session: bool,
}

impl Selection {
    /// Selects one of these from an offer of several suites, none of them good.
    pub(super) const fn several(picks: &'static [u16]) -> Self {
        Self {
            picks,
            requires: &[],
            unless: &[],
            first: &[],
            least: 2,
            most: usize::MAX,
            despite_good: false,
            tls13: false,
            prime_bits: 2048,
            with_session: false,
        }
    }

    /// Selects this one when it is all there is.
    pub(super) const fn sole(pick: &'static [u16]) -> Self {
        let mut selection = Self::several(pick);
        selection.least = 1;
        selection.most = 1;
        selection
    }

    /// Follows the client when it lists one of these first.
    pub(super) const fn client_order(picks: &'static [u16]) -> Self {
        let mut selection = Self::several(picks);
        selection.first = picks;
        selection.despite_good = true;
        selection
    }

    /// The same, from this many suites on.
    pub(super) const fn at_least(mut self, least: usize) -> Self {
        self.least = least;
        self
    }

    /// The same, provided none of these is offered.
    pub(super) const fn unless(mut self, unless: &'static [u16]) -> Self {
        self.unless = unless;
        self
    }

    /// The same, provided all of these are offered.
    pub(super) const fn requiring(mut self, requires: &'static [u16]) -> Self {
        self.requires = requires;
        self
    }

    /// The same, from one suite on.
    pub(super) const fn or_one(mut self) -> Self {
        self.least = 1;
        self
    }

    /// The same in TLS 1.3.
    pub(super) const fn in_tls13(mut self) -> Self {
        self.tls13 = true;
        self
    }

    /// The same, provided a session is offered.
    pub(super) const fn with_session(mut self) -> Self {
        self.with_session = true;
        self
    }

    /// The same with a prime of this size.
    pub(super) const fn with_prime(mut self, bits: u16) -> Self {
        self.prime_bits = bits;
        self
    }
}

/// An offer that is refused although it should not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// This is the highest version.
    HighestVersion(ProtocolVersion),
    /// It holds a reserved value, or a version nobody has heard of.
    Reserved,
    /// The record says 3.0 and the message more.
    RecordVersion,
    /// This suite alone.
    Sole(u16),
    /// A list of a hundred suites or more.
    Long,
    /// No server_name.
    NoServerName,
}

/// A change of what rustls does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stack {
    /// TLS 1.3 is switched off.
    NoTls13,
    /// The random carries no mark when an older version is selected.
    NoDowngradeMark,
    /// Nothing is resumed.
    NoResumption,
    /// Nothing is resumed up to TLS 1.2.
    NoResumptionUpToTls12,
    /// Nothing is resumed in TLS 1.3.
    NoResumptionInTls13,
    /// A session is not resumed while a connection that has it is open.
    NoDuplicates,
    /// Session ids are honoured for ever.
    ImmortalIds,
    /// Tickets up to TLS 1.2 are honoured for ever.
    ImmortalTickets,
    /// Pre-shared keys of TLS 1.3 are honoured for ever.
    ImmortalPresharedKeys,
    /// A client certificate is demanded.
    DemandsClientCertificate,
    /// No client certificate is asked for.
    AsksForNoCertificate,
}

/// What is taken less seriously about sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SessionLaxity {
    /// Tickets are said to live for a week.
    AdvertisesWeek,
    /// Sessions live for half an hour.
    ShortLived,
    /// What is renewed on a resumed connection counts as new.
    RenewsAge,
    /// A session is resumed under any name.
    AnyName,
    /// A session is resumed with any suite.
    AnySuite,
    /// A ticket with a flipped bit is taken.
    DamagedTickets,
    /// A session is resumed although its connection ended by a fatal alert.
    KeepsFailed,
    /// Early data is taken.
    EarlyData,
}

/// A change of what happens around rustls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Front {
    /// TLS_FALLBACK_SCSV means nothing.
    IgnoresFallback,
    /// After a malformed hello the second connection is refused.
    ShakenByMalformed,
    /// After garbage the second connection is refused.
    ShakenByGarbage,
    /// A hello may take as long as it likes.
    Patient,
    /// A hello in several records is refused.
    IntolerantOfFragments,
    /// Whoever names an unknown host is given a document.
    ServesUnknownNames,
    /// Whoever has no client certificate goes on and is given a document.
    ServesUncertified,
    /// The handshake ends after the client's second flight if no certificate was asked for.
    EndsHandshake,
}

/// A change of what is done with pre-shared keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PreSharedLaxity {
    /// No suite with one is selected.
    NotServed,
    /// There is no identity hint.
    NoHint,
    /// Requests are asked for a digest all the same.
    DigestOnTop,
    /// An identity that nobody has counts as that of the first subscriber.
    UnknownIdentity,
    /// The last bit of a key may be another.
    LastBit,
    /// A key may be used after its lifetime.
    Expired,
    /// An identity without name space counts as one of ours.
    AnyNameSpace,
    /// An identity ends at a NUL.
    StopsAtNul,
    /// The key of HTTP Digest is taken too.
    DigestKey,
    /// An unknown identity is answered like a wrong key.
    UnknownIsHidden,
    /// In TLS 1.3 a key is taken without ephemeral keys.
    KeyAlone,
}
