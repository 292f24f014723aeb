//! Facts of HTTP steps and of the origin observer.

/// One challenge of a 401.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChallengeFacts {
    /// The scheme in lower case, such as `digest`.
    pub scheme: String,
    /// The realm as sent.
    pub realm: Option<String>,
    /// Offered qop values.
    pub qop: Vec<String>,
    /// The algorithm, `MD5` when not named.
    pub algorithm: Option<String>,
    /// The stale directive, if present.
    pub stale: Option<bool>,
    /// Whether the nonce differs from every nonce this scenario saw before.
    pub fresh_nonce: bool,
    /// Whether there is an opaque.
    pub opaque: bool,
}

/// What several requests of one kind were answered, taken together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeriesFacts {
    /// How many were answered.
    pub answers: usize,
    /// Nonces seen in challenges.
    pub nonces: usize,
    /// Different ones among them.
    pub distinct_nonces: usize,
    /// Bits that differ from nonce to nonce about as often as chance has it: an upper bound of what there is to guess.
    pub varying_bits: u32,
    /// Whether the target answered 429, 403 or 503, or closed, where it had answered otherwise before.
    pub throttled: bool,
}

/// An HTTP answer, or what came instead.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HttpFacts {
    /// The status; `None` when no answer could be read.
    pub status: Option<u16>,
    /// Whether the target asked for another TLS handshake on the connection meanwhile, as far as that can be seen.
    pub handshake_demanded: bool,
    /// Whether early data was taken; `None` when none was sent.
    pub early_data_accepted: Option<bool>,
    /// The challenges.
    pub challenges: Vec<ChallengeFacts>,
    /// Every header field in order, names in lower case, values cleaned.
    pub headers: Vec<(String, String)>,
    /// SHA-256 of the body in lower-case hex, when there is one.
    pub body_sha256: Option<String>,
    /// Length of the body in octets.
    pub body_length: usize,
    /// Whether something protected stands in the answer although it is not a 2xx: the document's own text or entity tag.
    pub leaks_document: bool,
    /// Whether an Authentication-Info with a right rspauth came; `None` when there was none to check.
    pub response_authentication: Option<bool>,
    /// Whether the target closed the connection, with FIN or a TLS alert, instead of answering.
    pub closed_instead: bool,
    /// The series it ends, if it ends one.
    pub series: Option<SeriesFacts>,
    /// For each earlier answer saved under a name: whether the bodies are equal.
    pub equal_to_saved: Vec<(String, bool)>,
    /// For each earlier answer saved under a name: whether the statuses are equal.
    pub same_status_as_saved: Vec<(String, bool)>,
    /// For each earlier answer saved under a name, where both have an entity tag: whether the tags differ.
    pub other_tag_than_saved: Vec<(String, bool)>,
    /// Whether something in the body reads like a stack trace.
    pub shows_stack_trace: bool,
}

impl HttpFacts {
    /// Whether the status is 2xx.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.status
            .is_some_and(|status| (200..300).contains(&status))
    }

    /// Whether a header field of that name is there, whatever its case.
    #[must_use]
    pub fn has_header(&self, name: &str) -> bool {
        self.headers
            .iter()
            .any(|(field, _)| field.eq_ignore_ascii_case(name))
    }

    /// Whether Server or X-Powered-By names a product with a version (RFC 9110, 10.2.4): a slash and a digit.
    #[must_use]
    pub fn names_product_version(&self) -> bool {
        let versioned = |value: &str| {
            value
                .split('/')
                .skip(1)
                .any(|version| version.starts_with(|first: char| first.is_ascii_digit()))
        };
        self.headers.iter().any(|(field, value)| {
            ["server", "x-powered-by"].contains(&field.as_str()) && versioned(value)
        })
    }
}

/// What the origin received under one marker.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OriginFacts {
    /// How many requests carried the marker.
    pub requests: u32,
    /// Whether a later marker (or the answer itself) proves that nothing more is under way.
    pub settled: bool,
    /// Values of the asserted identity header, split at commas and unquoted, over all requests.
    pub asserted_identities: Vec<String>,
    /// Values of the intended identity header, likewise.
    pub intended_identities: Vec<String>,
    /// Names in lower case of all header fields received.
    pub header_names: Vec<String>,
    /// Values of all header fields received, and the request targets, for search only.
    pub header_values: Vec<String>,
}

/// What came of sessions beside each other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ParallelFacts {
    /// Requests sent, logins not counted.
    pub requests: u32,
    /// Requests answered from behind the authentication.
    pub served: u32,
    /// Requests without an answer, or with a server error.
    pub unclear: u32,
    /// Requests that the origin received.
    pub arrived: u32,
    /// Requests whose answer or whose record at the origin showed whose they are.
    pub told: u32,
    /// Answers that belong to another request, and records under the identity of another session, in words.
    pub mixed: Vec<String>,
}

/// Who called the canary.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CanaryFacts {
    /// Connections since the scenario began.
    pub calls: u32,
}
