//! An application server that answers like XCAP and keeps little.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{ALLOW, CONTENT_TYPE, ETAG, HeaderValue};
use hyper::{Method, Response, StatusCode};
use sha2::{Digest as _, Sha256};

/// Documents kept after a write.
const DOCUMENTS: usize = 256;

/// The small document of an application, by AUID: media type and text.
const DOCUMENTS_BY_AUID: &[(&str, &str, &str)] = &[
    (
        "pres-rules",
        "application/auth-policy+xml",
        "<cr:ruleset xmlns:cr=\"urn:ietf:params:xml:ns:common-policy\"/>",
    ),
    (
        "org.openmobilealliance.pres-rules",
        "application/auth-policy+xml",
        "<cr:ruleset xmlns:cr=\"urn:ietf:params:xml:ns:common-policy\"/>",
    ),
    (
        "resource-lists",
        "application/resource-lists+xml",
        "<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\"/>",
    ),
    (
        "rls-services",
        "application/rls-services+xml",
        "<rls-services xmlns=\"urn:ietf:params:xml:ns:rls-services\"/>",
    ),
    (
        "pidf-manipulation",
        "application/pidf+xml",
        "<presence xmlns=\"urn:ietf:params:xml:ns:pidf\" entity=\"sip:stub@example.test\"/>",
    ),
    (
        "xcap-caps",
        "application/xcap-caps+xml",
        "<xcap-caps xmlns=\"urn:ietf:params:xml:ns:xcap-caps\"><auids><auid>pres-rules</auid><auid>resource-lists</auid><auid>rls-services</auid><auid>pidf-manipulation</auid></auids><namespaces/></xcap-caps>",
    ),
];

/// Documents written since the start; one that was deleted is `None`. Every other document exists.
#[derive(Debug, Default)]
pub(super) struct Stub {
    written: Mutex<BTreeMap<String, Option<Bytes>>>,
}

impl Stub {
    /// Answers a request for `path`.
    pub(super) fn answer(
        &self,
        method: &Method,
        path: &str,
        body: &Bytes,
    ) -> Response<Full<Bytes>> {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let known = written.get(path).cloned();
        let exists = !matches!(known, Some(None));
        let room = written.len() < DOCUMENTS || known.is_some();
        match *method {
            Method::GET | Method::HEAD if !exists => status(StatusCode::NOT_FOUND),
            Method::GET | Method::HEAD => {
                let (media_type, initial) = initial(path);
                served(known.flatten().unwrap_or(initial), media_type)
            }
            Method::PUT | Method::DELETE if !room => status(StatusCode::INSUFFICIENT_STORAGE),
            Method::PUT => {
                written.insert(path.to_owned(), Some(body.clone()));
                let mut answer = status(if exists {
                    StatusCode::OK
                } else {
                    StatusCode::CREATED
                });
                tag(&mut answer, body);
                answer
            }
            Method::DELETE if !exists => status(StatusCode::NOT_FOUND),
            Method::DELETE => {
                written.insert(path.to_owned(), None);
                status(StatusCode::OK)
            }
            _ => {
                let mut answer = status(StatusCode::METHOD_NOT_ALLOWED);
                let allowed = HeaderValue::from_static("GET, HEAD, PUT, DELETE");
                answer.headers_mut().insert(ALLOW, allowed);
                answer
            }
        }
    }
}

/// An answer without a body.
pub(super) fn status(code: StatusCode) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = code;
    answer
}

fn served(body: Bytes, media_type: &'static str) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::new(body.clone()));
    let media_type = HeaderValue::from_static(media_type);
    answer.headers_mut().insert(CONTENT_TYPE, media_type);
    tag(&mut answer, &body);
    answer
}

fn tag(answer: &mut Response<Full<Bytes>>, body: &[u8]) {
    let hash = short_hash(body);
    if let Ok(value) = HeaderValue::from_str(&format!("\"{hash}\"")) {
        answer.headers_mut().insert(ETAG, value);
    }
}

fn short_hash(bytes: &[u8]) -> String {
    let mut hash = hex::encode(Sha256::digest(bytes).as_slice());
    hash.truncate(16);
    hash
}

/// The document of a path that nobody has written; no two paths have the same one.
fn initial(path: &str) -> (&'static str, Bytes) {
    let (media_type, text) = path
        .split('/')
        .find_map(|segment| {
            DOCUMENTS_BY_AUID
                .iter()
                .find(|(auid, _, _)| *auid == segment)
                .map(|(_, media_type, text)| (*media_type, *text))
        })
        .unwrap_or(("application/xml", "<document/>"));
    let hash = short_hash(path.as_bytes());
    let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- {hash} -->\n{text}\n");
    (media_type, Bytes::from(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_exist_until_deleted_and_writes_are_kept() {
        let stub = Stub::default();
        let path = "/pres-rules/users/sip:alice@example.test/index";
        let ask = |method: &Method, body: &'static str| {
            stub.answer(method, path, &Bytes::from_static(body.as_bytes()))
        };
        let first = ask(&Method::GET, "");
        assert_eq!(first.status(), StatusCode::OK);
        let etag = first.headers().get(ETAG).cloned();
        assert_eq!(ask(&Method::PUT, "<x/>").status(), StatusCode::OK);
        assert_ne!(ask(&Method::GET, "").headers().get(ETAG).cloned(), etag);
        assert_eq!(ask(&Method::DELETE, "").status(), StatusCode::OK);
        assert_eq!(ask(&Method::GET, "").status(), StatusCode::NOT_FOUND);
        assert_eq!(ask(&Method::PUT, "<x/>").status(), StatusCode::CREATED);
        let post = ask(&Method::POST, "");
        assert_eq!(post.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert!(post.headers().contains_key(ALLOW));
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let stub = Stub::default();
        let put = |number: usize| {
            let body = Bytes::from_static(b"<x/>");
            stub.answer(&Method::PUT, &format!("/{number}"), &body)
                .status()
        };
        assert!((0..DOCUMENTS).all(|number| put(number) == StatusCode::OK));
        assert_eq!(put(DOCUMENTS), StatusCode::INSUFFICIENT_STORAGE);
    }
}
