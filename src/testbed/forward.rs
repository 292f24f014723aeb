//! The way on to the real application server: a plain HTTP client with bounds.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::settings::OriginError;
use super::stub::status;
use crate::wire::http::{Limits, Progress, Request, Response, ResponseReader};

/// How long the real server may take.
const TIME: Duration = Duration::from_secs(30);

/// Bounds of its answers.
const LIMITS: Limits = Limits {
    head_bytes: 64 * 1024,
    headers: 256,
    body_bytes: 8 * 1024 * 1024,
};

/// Fields that belong to one hop (RFC 9110, 7.6.1), and those that describe the framing of a hop.
const HOP_BY_HOP: &[&str] = &[
    "connection",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "content-length",
    "expect",
];

/// The field that stays, whatever Connection says of it.
const KEPT: &str = "x-presec-marker";

/// A server to forward to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Upstream {
    /// `host:port`.
    authority: String,
}

impl Upstream {
    /// Reads `http://HOST[:PORT]`, with nothing but `/` behind it.
    pub(super) fn parse(url: &str) -> Result<Self, OriginError> {
        let refuse = || OriginError::ForwardTo(url.to_owned());
        let rest = url.strip_prefix("http://").ok_or_else(refuse)?;
        let host = rest.strip_suffix('/').unwrap_or(rest);
        if host.is_empty() || host.contains(['/', '?', '#', '@', ' ']) {
            return Err(refuse());
        }
        let has_port = host
            .rsplit_once(':')
            .is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        Ok(Self {
            authority: if has_port {
                host.to_owned()
            } else {
                format!("{host}:80")
            },
        })
    }

    /// Sends a request on and brings the answer back; 502 and 504 where there is none.
    pub(super) async fn forward(&self, head: &Parts, body: &Bytes) -> hyper::Response<Full<Bytes>> {
        let request = onward(head, body).encode();
        let asked = self.ask(&request, head.method.as_str());
        match tokio::time::timeout(TIME, asked).await {
            Ok(Some(response)) if !response.truncated => back(*response, &head.method),
            Ok(_) => status(StatusCode::BAD_GATEWAY),
            Err(_) => status(StatusCode::GATEWAY_TIMEOUT),
        }
    }

    async fn ask(&self, request: &[u8], method: &str) -> Option<Box<Response>> {
        let mut stream = TcpStream::connect(&self.authority).await.ok()?;
        stream.write_all(request).await.ok()?;
        let mut reader = ResponseReader::new(LIMITS, method);
        let mut portion = vec![0; 16 * 1024];
        loop {
            let length = stream.read(&mut portion).await.ok()?;
            let progress = if length == 0 {
                reader.finish_eof()
            } else {
                reader.feed(portion.get(..length)?)
            };
            match progress {
                Progress::Incomplete if length == 0 => return None,
                Progress::Incomplete => {}
                Progress::Complete(response) => return Some(response),
                Progress::Malformed(_) => return None,
            }
        }
    }
}

/// The request of the next hop: the same fields but those of this hop.
fn onward(head: &Parts, body: &Bytes) -> Request {
    let target = head
        .uri
        .path_and_query()
        .map_or("/", |target| target.as_str());
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let listed: Vec<String> = head
        .headers
        .get_all("connection")
        .iter()
        .flat_map(|value| {
            let value = text(value).to_ascii_lowercase();
            value
                .split(',')
                .map(|name| name.trim().to_owned())
                .collect::<Vec<_>>()
        })
        .collect();
    let mut request = Request {
        method: head.method.as_str().to_owned(),
        target: target.to_owned(),
        version: "HTTP/1.1".to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
    };
    for (name, value) in &head.headers {
        let of_this_hop = HOP_BY_HOP.contains(&name.as_str())
            || (listed.iter().any(|listed| listed == name.as_str()) && name.as_str() != KEPT);
        if !of_this_hop {
            request = request.with_header(name.as_str(), text(value));
        }
    }
    let bodiless = body.is_empty() && !matches!(head.method, Method::PUT | Method::POST);
    let request = request.with_header("Connection", "close");
    if bodiless {
        request
    } else {
        request.with_body(body.to_vec())
    }
}

fn back(response: Response, method: &Method) -> hyper::Response<Full<Bytes>> {
    let mut answer = hyper::Response::new(Full::new(Bytes::from(response.body)));
    let code = StatusCode::from_u16(response.status).unwrap_or(StatusCode::BAD_GATEWAY);
    *answer.status_mut() = code;
    for (name, value) in &response.headers {
        let lower = name.to_ascii_lowercase();
        let length_of_head = method == Method::HEAD && lower == "content-length";
        if HOP_BY_HOP.contains(&lower.as_str()) && !length_of_head {
            continue;
        }
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(lower.as_bytes()),
            HeaderValue::from_str(value),
        ) {
            answer.headers_mut().append(name, value);
        }
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_servers_are_forwarded_to() {
        let authority = |url: &str| Upstream::parse(url).ok().map(|found| found.authority);
        assert_eq!(
            authority("http://127.0.0.1:9081/"),
            Some("127.0.0.1:9081".to_owned())
        );
        assert_eq!(
            authority("http://as.example.test"),
            Some("as.example.test:80".to_owned())
        );
        for wrong in ["https://h", "http://", "http://h/path", "h:80"] {
            assert_eq!(authority(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn fields_of_the_hop_stay_behind_but_never_the_marker() {
        let request = hyper::Request::builder()
            .uri("/a?b")
            .header("Connection", "close, X-Gone, X-Presec-Marker")
            .header("X-Gone", "1")
            .header("X-Presec-Marker", "m")
            .header("X-Stays", "2")
            .header("Transfer-Encoding", "chunked")
            .body(())
            .expect("request");
        let (head, ()) = request.into_parts();
        let onward = onward(&head, &Bytes::new());
        assert_eq!(onward.target, "/a?b");
        assert_eq!(onward.header("x-gone"), None);
        assert_eq!(onward.header("transfer-encoding"), None);
        assert_eq!(onward.header("x-presec-marker"), Some("m"));
        assert_eq!(onward.header("x-stays"), Some("2"));
        assert_eq!(onward.header("connection"), Some("close"));
    }
}
