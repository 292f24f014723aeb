//! What a server does wrong, by name.

/// One rule a server does not hold. Everything else it holds, so that each is seen alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Laxity {
    /// Any CertificateVerify is taken for right (RFC 5246 7.4.8).
    AnyCertificateVerify,
    /// A chain without CertificateVerify is taken for one with.
    NoCertificateVerify,
    /// Whoever has no certificate goes on although one is demanded: the Certificate is empty.
    EmptyCertificate,
    /// The same without any Certificate message.
    NoCertificate,
    /// Any chain is taken: whoever is asked for trust is not.
    AnyChain,
    /// Records with a wrong MAC or tag are taken for right (RFC 5246 6.2.3).
    AnyMac,
    /// Any Finished is taken for right (RFC 5246 7.4.9).
    AnyFinished,
    /// Any binder of a pre-shared key is taken for right (RFC 8446 4.2.11.2).
    AnyBinder,
    /// Renegotiation without the binding of RFC 5746 is taken up.
    InsecureRenegotiation,
    /// A heartbeat is answered with as many octets as it says it has (CVE-2014-0160).
    HeartbeatOverread,
    /// DEFLATE is selected when it is offered (RFC 3749); records are not compressed, so that it ends with the hello.
    Compression,
    /// A premaster secret of the wrong form ends the handshake at once, with an alert that says which (RFC 5246 7.4.7.1).
    PremasterRevealed,
    /// Wrong padding gives another alert than a wrong MAC (RFC 5246 6.2.3.2).
    PaddingRevealed,
    /// A session is resumed with another suite than its own.
    ResumesWithAnotherSuite,
    /// A ticket is taken with one bit changed.
    ResumesChangedTicket,
    /// A session is resumed for another host than its own (RFC 6066 3).
    ResumesAcrossHosts,
    /// A session is resumed after its lifetime.
    ResumesExpired,
    /// Tickets of TLS 1.3 say whatever lifetime the configuration has, also one of more than seven days (RFC 8446 4.6.1).
    LongTicketLifetime,
    /// Early data is taken however old the ticket is, and whatever its client says of that (RFC 8446 8.3).
    StaleEarlyData,
    /// Early data is taken as often as it comes: its ticket is not used up (RFC 8446 8.1).
    RepeatedEarlyData,
    /// A session is resumed although its connection ended with a fatal alert (RFC 5246 7.2.2).
    ResumesAfterFatalAlert,
}
