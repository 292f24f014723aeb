//! What a reader saw: a response, what is odd about it, and why no more could be read.

use std::fmt;

/// Bounds of one read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Octets of one head (status line and header fields); trailers have the same bound again.
    pub head_bytes: usize,
    /// Header fields of one head; trailers have the same bound again.
    pub headers: usize,
    /// Octets of the decoded body; what comes after them is not read.
    pub body_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head_bytes: 64 * 1024,
            headers: 256,
            body_bytes: 1024 * 1024,
        }
    }
}

/// How far a read has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// More octets or the end of the connection are needed.
    Incomplete,
    /// The message has ended, or its body has reached the bound.
    Complete(Box<Response>),
    /// No message can be read from these octets.
    Malformed(Box<Unreadable>),
}

/// A final response with what came before it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Response {
    /// Version of the status line, `HTTP/1.0` or `HTTP/1.1`.
    pub version: String,
    /// Status code.
    pub status: u16,
    /// Reason phrase, cleaned.
    pub reason: String,
    /// Header fields in order, names and values cleaned, folded lines joined by a space.
    pub headers: Vec<(String, String)>,
    /// Octets of the head as received, for evidence.
    pub head: Vec<u8>,
    /// Body without chunked framing, other codings left in place.
    pub body: Vec<u8>,
    /// Trailer fields of a chunked body, cleaned like headers.
    pub trailers: Vec<(String, String)>,
    /// Interim (1xx) responses before this one.
    pub interim: Vec<Interim>,
    /// The body was longer than the bound; the rest was not read.
    pub truncated: bool,
    /// The connection may carry another request (RFC 9112, 9.3).
    pub keep_alive: bool,
    /// Octets after the message that came with its last octets.
    pub surplus: Vec<u8>,
    /// Deviations that did not stop the read, in order of appearance.
    pub flaws: Vec<Malformed>,
}

/// An interim (1xx) response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interim {
    /// Status code, 100 to 199 but 101.
    pub status: u16,
    /// Header fields in order, cleaned.
    pub headers: Vec<(String, String)>,
}

/// A deviation from HTTP and where it was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed {
    /// What deviates.
    pub what: Flaw,
    /// Octets between the first octet fed and the deviation, or the unit (head, line) that holds it.
    pub at: u64,
}

/// Why nothing (more) could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The deviation that stopped the read.
    pub malformed: Malformed,
    /// Interim responses, if no final head was seen.
    pub interim: Vec<Interim>,
    /// The response as far as it was read, if its status line was.
    pub partial: Option<Box<Response>>,
}

/// Kinds of deviation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flaw {
    /// The connection ended before the first octet.
    NoResponse,
    /// The first octets are not `HTTP/`.
    NotHttp,
    /// Empty lines before the status line.
    LeadingEmptyLine,
    /// The head is longer than the bound.
    HeadTooLarge,
    /// The head has more fields than the bound.
    TooManyHeaders,
    /// More interim responses than are read.
    TooManyInterim,
    /// The status line does not parse.
    BadStatusLine,
    /// The status code is below 100 or above 599.
    BadStatusCode,
    /// A header field does not parse.
    BadHeader,
    /// White space between field name and colon (RFC 9112, 5.1).
    SpaceBeforeColon,
    /// A line of the head or of chunked framing ends with LF alone (RFC 9112, 2.2).
    BareLf,
    /// A field value is folded over lines (RFC 9112, 5.2).
    ObsFold,
    /// `Content-Length` and `Transfer-Encoding` in one message (RFC 9112, 6.3); the latter was followed.
    ContentLengthAndTransferEncoding,
    /// The same `Content-Length` several times.
    RepeatedContentLength,
    /// `Content-Length` values that differ (RFC 9112, 6.3).
    ConflictingContentLength,
    /// `Content-Length` is not a number of octets.
    BadContentLength,
    /// `Content-Length` in a 204, or `Transfer-Encoding` in a 204 or a 1xx (RFC 9110, 8.6; RFC 9112, 6.1).
    LengthWithoutBody,
    /// A transfer coding other than chunked, or chunked not last or repeated (RFC 9112, 6.1).
    UnknownTransferCoding,
    /// `Transfer-Encoding` in a message older than HTTP/1.1 (RFC 9112, 6.1).
    TransferEncodingInOldVersion,
    /// A chunk size does not parse.
    BadChunkSize,
    /// A chunk is not followed by a line end.
    BadChunkEnd,
    /// A chunk size line with its extensions is longer than 4096 octets.
    ChunkLineTooLong,
    /// Chunk framing outweighs the body beyond reason.
    TooMuchChunkFraming,
    /// The trailer section is longer than the bound.
    TrailersTooLarge,
    /// A trailer field does not parse.
    BadTrailer,
    /// The connection ended inside the message.
    UnexpectedEof,
    /// Octets were fed after the end of the message.
    AfterEnd,
}

impl Flaw {
    /// Says the deviation in a few words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoResponse => "connection closed without a response",
            Self::NotHttp => "not an HTTP response",
            Self::LeadingEmptyLine => "empty line before the status line",
            Self::HeadTooLarge => "head too large",
            Self::TooManyHeaders => "too many header fields",
            Self::TooManyInterim => "too many interim responses",
            Self::BadStatusLine => "malformed status line",
            Self::BadStatusCode => "status code out of range",
            Self::BadHeader => "malformed header field",
            Self::SpaceBeforeColon => "white space before the colon of a header field",
            Self::BareLf => "line ended by LF alone",
            Self::ObsFold => "header field folded over lines",
            Self::ContentLengthAndTransferEncoding => "both Content-Length and Transfer-Encoding",
            Self::RepeatedContentLength => "Content-Length repeated",
            Self::ConflictingContentLength => "conflicting Content-Length values",
            Self::BadContentLength => "malformed Content-Length",
            Self::LengthWithoutBody => "body length in a response that has no body",
            Self::UnknownTransferCoding => "transfer coding other than a final chunked",
            Self::TransferEncodingInOldVersion => "Transfer-Encoding in a version before HTTP/1.1",
            Self::BadChunkSize => "malformed chunk size",
            Self::BadChunkEnd => "chunk without line end",
            Self::ChunkLineTooLong => "chunk size line too long",
            Self::TooMuchChunkFraming => "too much chunk framing",
            Self::TrailersTooLarge => "trailer section too large",
            Self::BadTrailer => "malformed trailer field",
            Self::UnexpectedEof => "connection closed inside the response",
            Self::AfterEnd => "octets after the end of the response",
        }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at octet {}", self.what.as_str(), self.at)
    }
}

impl Response {
    /// Value of the first header field of that name, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(existing, _)| existing.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Values of all header fields of that name in order, whatever its case.
    pub fn headers_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(existing, _)| existing.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Whether the read noted this deviation.
    pub fn has_flaw(&self, what: Flaw) -> bool {
        self.flaws.iter().any(|flaw| flaw.what == what)
    }
}
