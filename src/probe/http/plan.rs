//! What a request is, before it is known over which connection and with which credentials it goes.

use crate::model::bind::resolve_all;
use crate::model::names::{NameError, Names};
use crate::model::step_http::Http;
use crate::model::step_http_form::SecondAuthorization;
use crate::probe::target::ResolvedTarget;
use crate::wire::http::{Authorization, Request};

use super::documents::Document;
use super::spelling;
use super::wrong::one_digit_off;

/// The header field that carries the marker.
const MARKER_HEADER: &str = "X-Presec-Marker";

/// The product token that carries the marker past a proxy that drops unknown header fields.
const MARKER_PRODUCT: &str = "presec-marker";

/// The token by which a UE says that it can bootstrap (TS 24.109, 5.2.1).
const BOOTSTRAPPING_PRODUCT: &str = "3gpp-gba";

/// A request without marker and credentials, which each try adds.
#[derive(Debug, Clone)]
pub(super) struct RequestPlan {
    /// The method.
    pub(super) method: String,
    /// The request target.
    pub(super) target: String,
    /// The Host field.
    pub(super) host: String,
    /// Products after `presec` in User-Agent.
    pub(super) products: Vec<String>,
    /// The marker on the wire, without the try's suffix.
    pub(super) marker: Option<String>,
    /// Identities and further fields, in order.
    pub(super) headers: Vec<(String, String)>,
    /// The request target on the wire, where it is not `target`.
    pub(super) wire_target: Option<String>,
    /// The Host fields, where they are not the one of `host`.
    pub(super) host_fields: Option<Vec<String>>,
    /// The field that carries the credentials.
    pub(super) credentials_field: String,
    /// A second Authorization field, one digit off.
    pub(super) second_authorization: Option<SecondAuthorization>,
    /// Fields of a trailer section, for a request in chunks.
    pub(super) trailers: Vec<(String, String)>,
    /// It may go over the connection that is open and over no other.
    pub(super) kept_connection: bool,
    /// The body with its media type.
    pub(super) body: Option<Document>,
}

impl RequestPlan {
    /// A request of a well-behaved UE.
    pub(super) fn new(method: &str, target: impl Into<String>, host: impl Into<String>) -> Self {
        Self {
            method: method.to_owned(),
            target: target.into(),
            host: host.into(),
            products: vec![BOOTSTRAPPING_PRODUCT.to_owned()],
            marker: None,
            headers: Vec::new(),
            wire_target: None,
            host_fields: None,
            credentials_field: "Authorization".to_owned(),
            second_authorization: None,
            trailers: Vec::new(),
            kept_connection: false,
            body: None,
        }
    }

    /// Takes products, identities and further fields from a step.
    pub(super) fn decorated(
        mut self,
        step: &Http,
        names: &Names,
        target: &ResolvedTarget,
    ) -> Result<Self, NameError> {
        if let Some(products) = &step.user_agent {
            self.products.clone_from(products);
        }
        let mut identities = resolve_all(&step.intended_identities, names)?;
        if let Some(identity) = &step.intended_identity {
            identities.push(identity.resolve(names)?);
        }
        let spelling = match &step.identity_spelling {
            Some(spelling) => Some(spelling.resolve(names)?),
            None => None,
        };
        let spell = |identity: &String| match spelling {
            Some(spelling) => spelling::identity(identity, spelling),
            None => format!("\"{identity}\""),
        };
        let intended = &target.identity_headers.intended;
        self.headers.extend(
            identities
                .iter()
                .map(|identity| (intended.clone(), spell(identity))),
        );
        let list = resolve_all(&step.intended_identity_list, names)?;
        if !list.is_empty() {
            let spelled: Vec<String> = list.iter().map(spell).collect();
            self.headers.push((intended.clone(), spelled.join(", ")));
        }
        for field in &step.headers {
            // Scenarios speak of TS 24.109's header; a target may have another one.
            let mut name = field.name.resolve(names)?;
            if name.eq_ignore_ascii_case("X-3GPP-Asserted-Identity") {
                name.clone_from(&target.identity_headers.asserted);
            }
            self.headers.push((name, field.value.resolve(names)?));
        }
        for field in &step.trailers {
            let (name, value) = (field.name.resolve(names)?, field.value.resolve(names)?);
            self.trailers.push((name, value));
        }
        Ok(self)
    }

    /// The request target as it goes into the request line.
    pub(super) fn request_target(&self) -> &str {
        self.wire_target.as_deref().unwrap_or(&self.target)
    }

    /// Whether it may be sent once more after a connection was lost (RFC 9110, 9.2.2).
    pub(super) fn is_repeatable(&self) -> bool {
        ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"].contains(&self.method.as_str())
    }

    /// Whether it may change a document.
    pub(super) fn writes(&self) -> bool {
        !["GET", "HEAD", "OPTIONS", "TRACE", "CONNECT"].contains(&self.method.as_str())
    }

    /// The octets that a digest over the body covers.
    pub(super) fn body_bytes(&self) -> &[u8] {
        self.body
            .as_ref()
            .map_or(&[], |document| document.body.as_slice())
    }

    /// The request as it goes on the wire.
    pub(super) fn request(&self, marker: Option<&str>, authorization: Option<&str>) -> Request {
        let mut agent = format!("presec/{}", env!("CARGO_PKG_VERSION"));
        for product in &self.products {
            agent.push(' ');
            agent.push_str(product);
        }
        if let Some(marker) = marker {
            agent.push_str(&format!(" {MARKER_PRODUCT}/{marker}"));
        }
        let mut request = Request::new(&self.method, self.request_target(), &self.host);
        if let Some(fields) = &self.host_fields {
            request = request.without_header("Host");
            for host in fields {
                request = request.with_header("Host", host);
            }
        }
        request = request.with_header("User-Agent", agent);
        if let Some(marker) = marker {
            request = request.with_header(MARKER_HEADER, marker);
        }
        for (name, value) in &self.headers {
            request = request.with_header(name, value);
        }
        if let Some(authorization) = authorization {
            request = self.with_credentials(request, authorization);
        }
        match &self.body {
            body if !self.trailers.is_empty() => self.in_chunks(request, body.as_ref()),
            Some(document) => {
                if request.header("Content-Type").is_none() {
                    request = request.with_header("Content-Type", &document.content_type);
                }
                self.framed(request, &document.body)
            }
            None if matches!(self.method.as_str(), "PUT" | "POST" | "PATCH") => {
                self.framed(request, &[])
            }
            None => request,
        }
    }

    /// With the body in one chunk, and a trailer section (RFC 9112, 7.1).
    fn in_chunks(&self, mut request: Request, document: Option<&Document>) -> Request {
        let names: Vec<&str> = self
            .trailers
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        request = request
            .with_header("Transfer-Encoding", "chunked")
            .with_header("Trailer", names.join(", "));
        let mut octets = Vec::new();
        if let Some(document) = document {
            request = request.with_header("Content-Type", &document.content_type);
            octets.extend(format!("{:x}\r\n", document.body.len()).into_bytes());
            octets.extend_from_slice(&document.body);
            octets.extend_from_slice(b"\r\n");
        }
        octets.extend_from_slice(b"0\r\n");
        for (name, value) in &self.trailers {
            octets.extend(format!("{name}: {value}\r\n").into_bytes());
        }
        octets.extend_from_slice(b"\r\n");
        request.body = octets;
        request
    }

    fn with_credentials(&self, request: Request, authorization: &str) -> Request {
        let field = self.credentials_field.as_str();
        let wrong = || one_response_off(authorization);
        match self.second_authorization {
            None => request.with_header(field, authorization),
            Some(SecondAuthorization::First) => request
                .with_header(field, wrong())
                .with_header(field, authorization),
            Some(SecondAuthorization::Last) => request
                .with_header(field, authorization)
                .with_header(field, wrong()),
        }
    }

    /// With the body, and its length unless the step frames it by itself.
    fn framed(&self, mut request: Request, body: &[u8]) -> Request {
        let by_itself = self.headers.iter().any(|(name, _)| {
            ["content-length", "transfer-encoding"].contains(&name.to_ascii_lowercase().as_str())
        });
        if !by_itself {
            return request.with_body(body);
        }
        request.body = body.to_vec();
        request
    }
}

/// The same Digest credentials with a response that is one digit off; other ones as they are.
fn one_response_off(authorization: &str) -> String {
    let Ok(mut digest) = Authorization::parse(authorization) else {
        return authorization.to_owned();
    };
    digest.response = digest.response.as_deref().map(one_digit_off);
    digest.encode()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marker_travels_twice_and_credentials_once() {
        let plan = RequestPlan::new("GET", "/x", "ps.example.test");
        let request = plan.request(Some("r-1-own"), Some("Digest a"));
        let agent = request.header("user-agent").expect("agent");
        assert!(agent.starts_with("presec/") && agent.contains(" 3gpp-gba presec-marker/r-1-own"));
        assert_eq!(request.header("x-presec-marker"), Some("r-1-own"));
        assert_eq!(request.header("authorization"), Some("Digest a"));
        assert_eq!(plan.request(None, None).header("x-presec-marker"), None);
    }

    #[test]
    fn body_brings_its_type_unless_the_step_names_one() {
        let mut plan = RequestPlan::new("PUT", "/x", "h");
        plan.body = Some(Document {
            content_type: "application/pidf+xml".to_owned(),
            body: b"<x/>".to_vec(),
        });
        assert_eq!(
            plan.request(None, None).header("content-type"),
            Some("application/pidf+xml")
        );
        plan.headers
            .push(("Content-Type".to_owned(), "text/xml".to_owned()));
        let request = plan.request(None, None);
        assert_eq!(request.header("content-type"), Some("text/xml"));
        assert_eq!(request.header("content-length"), Some("4"));
        plan.headers
            .push(("Content-Length".to_owned(), "0".to_owned()));
        let request = plan.request(None, None);
        assert_eq!(request.header("content-length"), Some("0"));
        assert_eq!(request.body, b"<x/>");
    }
}
