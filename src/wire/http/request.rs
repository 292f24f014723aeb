//! Requests as exact bytes: what is asked for is what is sent, well-formed or not.

use std::fmt;

/// A request; [`Request::encode`] writes its fields and adds nothing.
///
/// Fields may hold anything, also what HTTP forbids: order, spelling and repetition of headers are kept, and a CR or LF in
/// a value goes out as it is. Octets that are not UTF-8 in the head need [`RawRequest`].
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// Method, case as sent.
    pub method: String,
    /// Request target as it goes into the request line (RFC 9112, 3.2).
    pub target: String,
    /// Protocol version as it goes into the request line, `HTTP/1.1` by default.
    pub version: String,
    /// Header fields in the order in which they are sent.
    pub headers: Vec<(String, String)>,
    /// Octets after the head.
    pub body: Vec<u8>,
}

/// Octets sent as they are, for requests that [`Request`] cannot say.
#[derive(Clone, PartialEq, Eq)]
pub struct RawRequest(pub Vec<u8>);

/// Headers whose value may hold a credential.
const CREDENTIAL_HEADERS: [&str; 3] = ["authorization", "proxy-authorization", "cookie"];

impl Request {
    /// A request over HTTP/1.1 with a `Host` header and no body.
    pub fn new(
        method: impl Into<String>,
        target: impl Into<String>,
        host: impl Into<String>,
    ) -> Self {
        Self {
            method: method.into(),
            target: target.into(),
            version: "HTTP/1.1".to_owned(),
            headers: vec![("Host".to_owned(), host.into())],
            body: Vec::new(),
        }
    }

    /// Appends a header field, beside those of the same name.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Removes every header field of that name, whatever its case.
    #[must_use]
    pub fn without_header(mut self, name: &str) -> Self {
        self.headers
            .retain(|(existing, _)| !existing.eq_ignore_ascii_case(name));
        self
    }

    /// Sets the body and the one `Content-Length` that fits it.
    #[must_use]
    pub fn with_body(self, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        let length = body.len().to_string();
        let mut request = self
            .without_header("Content-Length")
            .with_header("Content-Length", length);
        request.body = body;
        request
    }

    /// Value of the first header field of that name, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(existing, _)| existing.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Octets as they go on the wire.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = format!("{} {} {}\r\n", self.method, self.target, self.version).into_bytes();
        for (name, value) in &self.headers {
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(b": ");
            out.extend_from_slice(value.as_bytes());
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(&self.body);
        out
    }
}

impl From<&Request> for RawRequest {
    fn from(request: &Request) -> Self {
        Self(request.encode())
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<(&str, &str)> = self
            .headers
            .iter()
            .map(|(name, value)| {
                let secret = CREDENTIAL_HEADERS
                    .iter()
                    .any(|header| name.eq_ignore_ascii_case(header));
                (name.as_str(), if secret { "***" } else { value.as_str() })
            })
            .collect();
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("target", &self.target)
            .field("version", &self.version)
            .field("headers", &headers)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

impl fmt::Debug for RawRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawRequest({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_what_curl_wrote() {
        let golden =
            include_bytes!("../../../fixtures/wire/http/apache-2.4.71/put-authorized-request.bin");
        let text = std::str::from_utf8(golden).unwrap();
        let authorization = text
            .lines()
            .find_map(|line| line.strip_prefix("Authorization: "))
            .unwrap();
        let request = Request::new(
            "PUT",
            "/services/pres-rules/users/sip:alice@example.test/index",
            "ps.example.test:23840",
        )
        .with_header("Authorization", authorization)
        .with_header("User-Agent", "curl/7.88.1")
        .with_header("Accept", "*/*")
        .with_header("Content-Type", "application/auth-policy+xml")
        .with_body(
            "<?xml version=\"1.0\"?>\n<ruleset xmlns=\"urn:ietf:params:xml:ns:common-policy\"/>\n",
        );
        assert_eq!(request.encode(), golden);
    }

    #[test]
    fn order_spelling_and_repetition_stay() {
        let request = Request {
            method: "gEt".into(),
            target: "*".into(),
            version: "HTTP/9".into(),
            headers: vec![
                ("X".into(), "1".into()),
                ("x".into(), "2\r\n3".into()),
                (String::new(), String::new()),
            ],
            body: vec![0, 255],
        };
        assert_eq!(
            request.encode(),
            b"gEt * HTTP/9\r\nX: 1\r\nx: 2\r\n3\r\n: \r\n\r\n\0\xff"
        );
    }

    #[test]
    fn body_sets_its_length_once() {
        let request = Request::new("PUT", "/", "h")
            .with_body("abc")
            .with_body("abcd");
        assert_eq!(request.headers.len(), 2);
        assert_eq!(request.header("content-length"), Some("4"));
    }

    #[test]
    fn debug_hides_credentials() {
        let request = Request::new("GET", "/", "h").with_header("authorization", "Basic c2VjcmV0");
        assert!(!format!("{request:?}").contains("c2VjcmV0"));
        assert!(!format!("{:?}", RawRequest::from(&request)).contains("c2VjcmV0"));
    }
}
