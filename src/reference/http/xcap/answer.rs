//! What the store answers (RFC 4825, 8).

use bytes::Bytes;
use hyper::header::{ALLOW, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH};
use hyper::{HeaderMap, Response, StatusCode};

use super::media::{self, CAPABILITIES, Usage};
use super::store::{Document, Store, StoreUser};
use super::xml;
use crate::reference::http::defect::HttpDefect;
use crate::reference::http::path::DocumentSelector;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::reference::http) enum Asker {
    /// Somebody in this asserted identity.
    Identity(String),
    /// Somebody whom the proxy let through without saying who it is.
    Unnamed,
    /// Nobody was asserted.
    Nobody,
}

/// A request to the store.
#[derive(Debug, Clone)]
pub(in crate::reference::http) struct StoreRequest<'a> {
    pub(in crate::reference::http) method: &'a str,
    /// Path of the request target as sent.
    pub(in crate::reference::http) path: &'a str,
    pub(in crate::reference::http) headers: &'a HeaderMap,
    pub(in crate::reference::http) body: &'a Bytes,
    pub(in crate::reference::http) asker: Asker,
}

/// Methods of a document.
const METHODS: &str = "DELETE, GET, HEAD, PUT";

impl Store {
    /// Answers one request.
    pub(in crate::reference::http) fn answer(&self, request: &StoreRequest<'_>) -> Response<Bytes> {
        let Some(selector) = DocumentSelector::parse(&self.root, request.path) else {
            return self
                .departing(request)
                .unwrap_or_else(|| status(StatusCode::NOT_FOUND));
        };
        if matches!(request.asker, Asker::Nobody) {
            return status(StatusCode::FORBIDDEN);
        }
        if selector.auid == CAPABILITIES.auid {
            return capabilities(request, &selector);
        }
        let Some(usage) = media::usage(&selector.auid) else {
            return status(StatusCode::NOT_FOUND);
        };
        if let Some(answer) = self.departing_node(request, &selector) {
            return answer;
        }
        if let Err(refusal) = self.admit(request, &selector) {
            return self.departing(request).unwrap_or_else(|| status(refusal));
        }
        if selector.node {
            return status(StatusCode::NOT_FOUND);
        }
        match request.method {
            "GET" | "HEAD" => self.get(request, &selector, usage),
            "PUT" => self.put(request, selector, usage),
            "DELETE" => self.delete(request, &selector),
            "POST" if self.has(HttpDefect::PostExecuted) => self.put(request, selector, usage),
            method if method.len() == 3 && self.has(HttpDefect::UnknownMethodServed) => {
                self.get(request, &selector, usage)
            }
            _ => not_allowed(METHODS),
        }
    }

    /// Only the owner of a tree gets at it; nobody writes into the global one (RFC 4825, 5.7).
    fn admit(
        &self,
        request: &StoreRequest<'_>,
        selector: &DocumentSelector,
    ) -> Result<(), StatusCode> {
        let Some(xui) = &selector.xui else {
            if request.method == "PUT" && self.has(HttpDefect::GlobalTreeWritable) {
                return Ok(());
            }
            return if matches!(request.method, "GET" | "HEAD") {
                Err(StatusCode::NOT_FOUND)
            } else {
                Err(StatusCode::FORBIDDEN)
            };
        };
        let Some(owner) = self.users.iter().find(|user| user.xui == *xui) else {
            return Err(StatusCode::NOT_FOUND);
        };
        match &request.asker {
            Asker::Unnamed => Ok(()),
            Asker::Identity(identity) if owner.identities.contains(identity) => Ok(()),
            Asker::Identity(_) | Asker::Nobody => Err(StatusCode::FORBIDDEN),
        }
    }

    /// The entity tag as it is told; a defect tells the same of every document.
    fn shown<'a>(&self, etag: &'a str) -> &'a str {
        if self.has(HttpDefect::EntityTagConstant) {
            "\"1\""
        } else {
            etag
        }
    }

    /// Defects that find a document behind a path of another spelling and serve it to everybody.
    fn departing(&self, request: &StoreRequest<'_>) -> Option<Response<Bytes>> {
        let resolved = match request.path.split_once("/../") {
            Some((before, after)) if self.has(HttpDefect::TraversalResolved) => {
                let (parent, _) = before.rsplit_once('/')?;
                format!("{parent}/{after}")
            }
            _ if self.has(HttpDefect::XuiSpellingIgnored) => request.path.to_owned(),
            _ => return None,
        };
        let mut selector = DocumentSelector::parse(&self.root, &resolved)?;
        let wanted = selector.xui.clone()?;
        let known = |user: &&StoreUser| user.xui.eq_ignore_ascii_case(&wanted);
        let user = self.users.iter().find(known)?;
        let spelled_otherwise = user.xui != wanted || resolved != request.path;
        selector.xui = Some(user.xui.clone());
        let usage = media::usage(&selector.auid)?;
        (spelled_otherwise && request.method == "GET").then(|| self.get(request, &selector, usage))
    }

    /// A defect that executes the DELETE of a node on the document, whoever asks.
    fn departing_node(
        &self,
        request: &StoreRequest<'_>,
        selector: &DocumentSelector,
    ) -> Option<Response<Bytes>> {
        let unguarded = self.has(HttpDefect::NodeDeleteUnguarded)
            && selector.node
            && request.method == "DELETE";
        unguarded.then(|| {
            let document = DocumentSelector {
                node: false,
                ..selector.clone()
            };
            self.delete(request, &document)
        })
    }

    fn get(
        &self,
        request: &StoreRequest<'_>,
        selector: &DocumentSelector,
        usage: &Usage,
    ) -> Response<Bytes> {
        let documents = self.documents();
        let Some(document) = documents.find(selector) else {
            return status(StatusCode::NOT_FOUND);
        };
        if !matches_tag(request.headers, &IF_MATCH, Some(document)).unwrap_or(true) {
            return status(StatusCode::PRECONDITION_FAILED);
        }
        if matches_tag(request.headers, &IF_NONE_MATCH, Some(document)).unwrap_or(false) {
            return tagged(StatusCode::NOT_MODIFIED, &document.etag);
        }
        let mut response = tagged(StatusCode::OK, self.shown(&document.etag));
        let media_type = HeaderValue::from_static(usage.media_type);
        response.headers_mut().insert(CONTENT_TYPE, media_type);
        *response.body_mut() = document.body.clone();
        response
    }

    fn put(
        &self,
        request: &StoreRequest<'_>,
        selector: DocumentSelector,
        usage: &Usage,
    ) -> Response<Bytes> {
        let media_type = request
            .headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .unwrap_or_default();
        if !media_type.trim().eq_ignore_ascii_case(usage.media_type) {
            return status(StatusCode::UNSUPPORTED_MEDIA_TYPE);
        }
        if let Err(fault) = xml::check(request.body) {
            return xml_error(fault.element());
        }
        let mut documents = self.documents();
        let existing = documents.find(&selector);
        let ignored = (self.has(HttpDefect::IfMatchIgnored)
            && request.headers.contains_key(IF_MATCH))
            || (self.has(HttpDefect::IfNoneMatchIgnored)
                && request.headers.contains_key(IF_NONE_MATCH));
        if !ignored && !holds(request.headers, existing) {
            return status(StatusCode::PRECONDITION_FAILED);
        }
        let code = if existing.is_some() {
            StatusCode::OK
        } else {
            StatusCode::CREATED
        };
        match documents.put(selector, request.body.clone()) {
            Some(etag) => tagged(code, self.shown(&etag)),
            None => status(StatusCode::INSUFFICIENT_STORAGE),
        }
    }

    fn delete(&self, request: &StoreRequest<'_>, selector: &DocumentSelector) -> Response<Bytes> {
        let mut documents = self.documents();
        let existing = documents.find(selector);
        if !holds(request.headers, existing) {
            return status(StatusCode::PRECONDITION_FAILED);
        }
        if existing.is_none() {
            return status(StatusCode::NOT_FOUND);
        }
        if !self.has(HttpDefect::DeletedDocumentStays) {
            documents.remove(selector);
        }
        status(StatusCode::OK)
    }
}

/// The list of applications is for everybody to read and for nobody to write.
fn capabilities(request: &StoreRequest<'_>, selector: &DocumentSelector) -> Response<Bytes> {
    if selector.xui.is_some() || selector.node || selector.document != ["index"] {
        return status(StatusCode::NOT_FOUND);
    }
    if !matches!(request.method, "GET" | "HEAD") {
        return not_allowed("GET, HEAD");
    }
    let mut response = tagged(StatusCode::OK, "\"capabilities\"");
    let media_type = HeaderValue::from_static(CAPABILITIES.media_type);
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    *response.body_mut() = Bytes::from(media::capabilities());
    response
}

/// Whether the conditions of a write hold (RFC 4825, 7.11; RFC 9110, 13.1).
fn holds(headers: &HeaderMap, existing: Option<&Document>) -> bool {
    matches_tag(headers, &IF_MATCH, existing).unwrap_or(true)
        && !matches_tag(headers, &IF_NONE_MATCH, existing).unwrap_or(false)
}

/// Whether a list of entity tags has that of a document; `None` when the field is absent.
fn matches_tag(
    headers: &HeaderMap,
    field: &HeaderName,
    document: Option<&Document>,
) -> Option<bool> {
    let mut values = headers.get_all(field).iter().peekable();
    values.peek()?;
    let found = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|tag| tag.trim().trim_start_matches("W/"))
        .any(|tag| document.is_some_and(|document| tag == "*" || tag == document.etag));
    Some(found)
}

fn status(code: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = code;
    response
}

fn tagged(code: StatusCode, etag: &str) -> Response<Bytes> {
    let mut response = status(code);
    if let Ok(value) = HeaderValue::from_str(etag) {
        response.headers_mut().insert(ETAG, value);
    }
    response
}

fn not_allowed(methods: &'static str) -> Response<Bytes> {
    let mut response = status(StatusCode::METHOD_NOT_ALLOWED);
    response
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static(methods));
    response
}

/// 409 with the element that names the fault (RFC 4825, 11).
fn xml_error(element: &str) -> Response<Bytes> {
    let mut response = status(StatusCode::CONFLICT);
    let media_type = HeaderValue::from_static("application/xcap-error+xml");
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    *response.body_mut() = Bytes::from(format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <xcap-error xmlns=\"urn:ietf:params:xml:ns:xcap-error\"><{element}/></xcap-error>\n"
    ));
    response
}
