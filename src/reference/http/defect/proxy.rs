//! Departures of a reverse proxy: what it passes on, to whom, and what comes back.

macro_rules! proxy_defects {
    ($($(#[$doc:meta])+ $variant:ident = $name:literal, $point:literal, $scenarios:expr;)+) => {
        /// A departure from conformance of the reverse proxy.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ProxyDefect {
            $($(#[$doc])+ $variant,)+
        }

        impl ProxyDefect {
            /// Every one, in order of name.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Name for command lines and tables.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Where in the application it takes effect.
            #[must_use]
            pub fn point(self) -> &'static str {
                match self { $(Self::$variant => $point,)+ }
            }

            /// The scenarios it turns red; for an informative one, whose observation it changes.
            #[must_use]
            pub fn scenarios(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &$scenarios,)+ }
            }
        }
    };
}

proxy_defects! {
    /// A cached answer is served to whoever asks for cached ones, authenticated or not.
    CachedAnswerServed = "cached-answer-served", "request without credentials", ["AP-13"];
    /// Who authenticated by a client certificate acts as whoever the intended identity is of.
    CertificateHolderUnbound = "certificate-holder-unbound", "client certificate", ["CC-07"];
    /// A HEAD without credentials gets a 401 without a challenge.
    ChallengeMissingOnHead = "challenge-missing-on-head", "challenge", ["AP-19"];
    /// CONNECT opens a connection to whatever host it names.
    ConnectTunneled = "connect-tunneled", "host of the request", ["AP-06"];
    /// Cookies of the UE do not go on to the application server.
    CookieDropped = "cookie-dropped", "request towards the application server", ["AP-01"];
    /// Digest credentials of one subscriber count on a connection whose client certificate is another one's.
    DigestOutranksCertificate = "digest-outranks-certificate", "client certificate", ["CC-10"];
    /// Of several Host fields the first counts.
    DuplicateHostTaken = "duplicate-host-taken", "host of the request", ["AP-08"];
    /// A key that has ended is served as long as its nonce lives.
    ExpiredKeyServed = "expired-key-served", "nonce", ["GBA-14", "RE-08"];
    /// Where Host names another host than server_name, credentials of the latter count.
    HostMismatchKeepsAuthentication = "host-mismatch-keeps-authentication", "host of the request", ["AP-07"];
    /// A subscriber who uses one host has to authenticate again at the other.
    HostSessionsExclusive = "host-sessions-exclusive", "requests under way", ["AP-02"];
    /// Of two users whose requests are under way at the same time one is asserted for both.
    IdentityMixed = "identity-mixed", "requests under way", ["AP-03"];
    /// The identity intended towards one host is asserted towards the other while both requests are under way.
    IdentityOfOtherHost = "identity-of-other-host", "requests under way", ["AP-22"];
    /// Location and Content-Location of the application server go to the UE as they are.
    LocationPassed = "location-passed", "answer towards the UE", ["AP-12"];
    /// A request without Host goes to the first host.
    MissingHostServed = "missing-host-served", "host of the request", ["AP-08"];
    /// A request in absolute form goes to whatever host it names.
    OtherHostsForwarded = "other-hosts-forwarded", "host of the request", ["AP-05"];
    /// A request without credentials passes when it has Expect, Range or Upgrade.
    PassedBeforeAuthentication = "passed-before-authentication", "request without credentials", ["AP-18"];
    /// Another spelling of a path is not protected and leads to the document.
    PathVariantServed = "path-variant-served", "request without credentials", ["AP-20"];
    /// A HEAD without credentials gets 407.
    ProxyConfigurationDemanded = "proxy-configuration-demanded", "challenge", ["AP-04", "AP-19"];
    /// A demand for re-authentication does not touch connections that a client certificate authenticates.
    ReauthenticationSparesCertificate = "reauthentication-spares-certificate", "client certificate", ["RE-15"];
    /// A demand for re-authentication does not touch connections that a pre-shared key authenticates.
    ReauthenticationSparesPreSharedKey = "reauthentication-spares-pre-shared-key", "pre-shared key", ["RE-13"];
    /// A nonce from before a restart gets 500.
    RestartBreaksNonces = "restart-breaks-nonces", "nonce", ["RE-11"];
    /// On a resumed TLS connection PUT and DELETE pass with credentials from before a demand for re-authentication.
    ResumedWritesServed = "resumed-writes-served", "nonce", ["RE-14"];
    /// Where Host names another host than server_name, the answer is 421.
    SecondHostMisdirected = "second-host-misdirected", "host of the request", ["AP-15"];
    /// Every answer names the product, its version and an inner host in Server.
    ServerNamed = "server-named", "answer towards the UE", ["AP-11"];
    /// A TLS session that was made at another host needs no credentials.
    SessionOfOtherHostTrusted = "session-of-other-host-trusted", "request without credentials", ["TLSS-12", "TLSS-09"];
    /// A session token in the query or in a field of its own does not go on to the application server.
    SessionTokenDropped = "session-token-dropped", "request towards the application server", ["AP-21"];
    /// On a resumed TLS connection the user who had the session first is asserted, whoever authenticates.
    SessionUserAsserted = "session-user-asserted", "identity towards the application server", ["TLSS-16"];
    /// Cookies of the application server do not go to the UE.
    SetCookieDropped = "set-cookie-dropped", "answer towards the UE", ["AP-01"];
    /// The 404 to a selector that cannot be read shows a stack trace.
    StackTraceShown = "stack-trace-shown", "answer towards the UE", ["AP-11"];
    /// After five wrong answers on a connection every further one gets 500.
    WrongAnswersBreak = "wrong-answers-break", "challenge", ["DIG-25", "RE-10"];
}

impl ProxyDefect {
    /// Whether it is about users whom a client certificate authenticates.
    #[must_use]
    pub fn is_about_certificates(self) -> bool {
        matches!(
            self,
            Self::CertificateHolderUnbound
                | Self::DigestOutranksCertificate
                | Self::ReauthenticationSparesCertificate
        )
    }

    /// Whether it is about users whom a pre-shared key authenticates.
    #[must_use]
    pub fn is_about_pre_shared_keys(self) -> bool {
        self == Self::ReauthenticationSparesPreSharedKey
    }

    /// Whether it shows in whatever is under way at the same time, so that scenarios have to run one after the other.
    #[must_use]
    pub fn needs_order(self) -> bool {
        matches!(
            self,
            Self::HostSessionsExclusive | Self::IdentityMixed | Self::IdentityOfOtherHost
        )
    }
}
