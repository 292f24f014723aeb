//! Logins, requests and the origin's view in words.

use crate::model::bind::Bind;

use crate::model::step_http::{
    Credentials, DigestQuirks, HeaderField, Http, Login, Origin, Prepare, Transport,
};
use crate::model::step_http_form::SecondAuthorization;
use crate::model::step_proxy::Parallel;

/// A login.
pub(super) fn login(login: &Login) -> String {
    let host = login
        .host
        .as_ref()
        .map_or_else(String::new, |host| format!(" at host {host}"));
    format!(
        "Log in as {}{host} by Digest, as session `{}`",
        login.subscriber, login.session
    )
}

/// Sessions beside each other.
pub(super) fn parallel(parallel: &Parallel) -> String {
    let sessions: Vec<String> = parallel
        .sessions
        .iter()
        .map(|session| {
            let mut text = session.subscriber.clone();
            if let Some(host) = &session.host {
                text.push_str(&format!(" at {host}"));
            }
            if let Some(identity) = &session.intended_identity {
                text.push_str(&format!(" intending {identity}"));
            }
            text
        })
        .collect();
    format!(
        "Beside each other send {} on {} of each of: {}",
        counted(parallel.requests(), "request"),
        counted(parallel.connections(), "connection"),
        sessions.join("; ")
    )
}

fn counted(count: u32, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        more => format!("{more} {what}s"),
    }
}

/// A document made to exist.
pub(super) fn prepare(prepare: &Prepare) -> String {
    format!(
        "Make sure, as {}, that {} exists; undone at the end",
        prepare.subscriber,
        document(&prepare.document, prepare.auid.as_ref())
    )
}

/// A look at the origin.
pub(super) fn origin(origin: &Origin) -> String {
    let within = origin
        .within
        .as_ref()
        .map_or_else(String::new, |within| format!(", waiting {within} at most"));
    format!(
        "Look at what the origin received under the marker `{}`{within}",
        origin.marker
    )
}

fn document(document: &Bind<String>, auid: Option<&Bind<String>>) -> String {
    match auid {
        Some(auid) => format!("{document} under the AUID {auid}"),
        None => document.to_string(),
    }
}

/// What is sent behind the body, and how often.
fn series(request: &Http) -> Vec<String> {
    let field =
        |field: &HeaderField| format!("in a trailer section {}: {}", field.name, field.value);
    let mut parts: Vec<String> = request.trailers.iter().map(field).collect();
    parts.extend(request.times.map(|times| format!("{times} times")));
    parts
}

/// A request.
pub(super) fn request(request: &Http) -> String {
    let transport = match request.transport {
        Transport::Tls => format!("in session `{}`", request.session),
        Transport::ClearOnTlsPort => "in clear to the TLS port".to_owned(),
        Transport::ClearEndpoint => "in clear to the `http` endpoint".to_owned(),
    };
    let mut parts = vec![
        format!(
            "Send {} {} {transport}",
            request.method,
            document(&request.document, request.auid.as_ref())
        ),
        credentials(&request.credentials),
    ];
    parts.extend(form(request));
    if let Some(host) = &request.host {
        parts.push(format!("Host {host}"));
    }
    parts.extend(identities(request));
    for field in &request.headers {
        parts.push(format!("{}: {}", field.name, field.value));
    }
    if let Some(status) = request.origin_status {
        parts.push(format!("the origin answers {status}"));
    }
    parts.extend(series(request));
    for field in &request.origin_adds {
        parts.push(format!("the origin adds {}: {}", field.name, field.value));
    }
    match request.user_agent.as_deref() {
        None => {}
        Some([]) => parts.push("without a product token in User-Agent".to_owned()),
        Some(tokens) => parts.push(format!("User-Agent token {}", tokens.join(", "))),
    }
    if let Some(body) = &request.body {
        parts.push(format!("body `{body}`"));
    }
    if let Some(marker) = &request.marker {
        parts.push(format!("marked `{marker}`"));
    }
    if let Some(save) = &request.save {
        parts.push(format!("saved as `{save}`"));
    }
    parts.join(", ")
}

/// The preferred identities it carries.
fn identities(request: &Http) -> Vec<String> {
    let mut parts = Vec::new();
    for identity in request
        .intended_identity
        .iter()
        .chain(&request.intended_identities)
    {
        parts.push(format!("X-3GPP-Intended-Identity \"{identity}\""));
    }
    if !request.intended_identity_list.is_empty() {
        let list: Vec<String> = request
            .intended_identity_list
            .iter()
            .map(|identity| format!("\"{identity}\""))
            .collect();
        parts.push(format!("X-3GPP-Intended-Identity {}", list.join(", ")));
    }
    if let Some(spelling) = &request.identity_spelling {
        parts.push(format!("spelled {spelling}"));
    }
    parts
}

/// What departs from the usual form of a request.
fn form(request: &Http) -> Vec<String> {
    let mut parts = Vec::new();
    if let Some(spelling) = &request.path_spelling {
        parts.push(format!("the path spelled {spelling}"));
    }
    if let Some(suffix) = &request.suffix {
        parts.push(format!("{suffix} behind the path"));
    }
    if let Some(form) = &request.target_form {
        let authority = request.authority.as_ref();
        let of = authority.map_or_else(String::new, |authority| format!(" of {authority}"));
        parts.push(format!("the target in {form} form{of}"));
    }
    match request.host_fields.as_deref() {
        None => {}
        Some([]) => parts.push("without a Host field".to_owned()),
        Some(hosts) => {
            let hosts: Vec<String> = hosts.iter().map(ToString::to_string).collect();
            parts.push(format!("Host fields {}", hosts.join(", ")));
        }
    }
    if let Some(saved) = &request.if_match {
        parts.push(format!("If-Match with the entity tag of `{saved}`"));
    }
    if request.cookies {
        parts.push("with the cookies of the session".to_owned());
    }
    if let Some(field) = &request.credentials_field {
        parts.push(format!("the credentials in {field}"));
    }
    match request.second_authorization {
        None => {}
        Some(SecondAuthorization::First) => parts.push("a wrong Authorization before".to_owned()),
        Some(SecondAuthorization::Last) => parts.push("a wrong Authorization behind".to_owned()),
    }
    parts
}

fn credentials(credentials: &Credentials) -> String {
    match credentials {
        Credentials::Session => "with the session's own credentials".to_owned(),
        Credentials::None => "without credentials".to_owned(),
        Credentials::Basic => "with Basic instead of Digest".to_owned(),
        Credentials::Replay(saved) => {
            format!("with the byte-same Authorization of the request saved as `{saved}`")
        }
        Credentials::Digest(quirks) => format!("by Digest with {}", departures(quirks)),
    }
}

fn departures(quirks: &DigestQuirks) -> String {
    let binds = [
        ("username", &quirks.username),
        ("password", &quirks.password),
        ("realm", &quirks.realm),
        ("nonce", &quirks.nonce),
        ("qop", &quirks.qop),
        ("algorithm", &quirks.algorithm),
        ("uri", &quirks.uri),
        ("nc", &quirks.nc_text),
        ("cnonce", &quirks.cnonce),
        ("opaque", &quirks.opaque),
    ];
    let mut parts: Vec<String> = binds
        .into_iter()
        .filter_map(|(label, bind)| bind.as_ref().map(|bind| format!("{label} {bind}")))
        .collect();
    let texts = [
        ("the response computed for method", &quirks.method),
        ("the response computed for body", &quirks.body),
    ];
    parts.extend(
        texts
            .into_iter()
            .filter_map(|(label, text)| text.as_ref().map(|text| format!("{label} {text}"))),
    );
    parts.extend(quirks.nc.map(|nc| format!("nc {nc:08x}")));
    if quirks.absolute_uri {
        parts.push("uri in absolute form".to_owned());
    }
    if let Some(encoding) = &quirks.key_encoding {
        parts.push(format!("the key as {encoding} instead of base64"));
    }
    if let Some(octets) = quirks.padding {
        parts.push(format!("a parameter of {octets} octets"));
    }
    if quirks.wrong_response {
        parts.push("a response that is one digit off".to_owned());
    }
    if parts.is_empty() {
        return "every field right".to_owned();
    }
    parts.join(", ")
}
