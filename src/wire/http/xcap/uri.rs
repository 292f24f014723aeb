//! Builder and strict parser of XCAP URIs.

use std::fmt;
use thiserror::Error;

/// Path segment between document and node selector.
pub const NODE_SEPARATOR: &str = "~~";

/// Longest URI that is parsed.
const MAX_URI: usize = 16 * 1024;

/// Tree of an application (RFC 4825, 6.2).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tree {
    /// Documents of one user, named by the XCAP user identifier.
    Users(String),
    /// Documents of nobody in particular.
    Global,
}

/// An XCAP URI. Parts are held decoded; writing it percent-encodes what a path segment must not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct XcapUri {
    /// XCAP root without a slash at its end: an absolute URI, a path, or empty; written as it is.
    pub root: String,
    /// Application unique identifier.
    pub auid: String,
    /// Tree with its user.
    pub tree: Tree,
    /// Segments of the document name, most often one.
    pub document: Vec<String>,
    /// Node selector after `~~`, steps separated by `/`.
    pub node: Option<String>,
    /// Query without its `?`, as on the wire: namespace bindings (RFC 4825, 6.4).
    pub query: Option<String>,
}

/// Why a text is no XCAP URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum XcapUriError {
    /// Longer than 16 KiB.
    #[error("URI too long")]
    TooLong,
    /// Not below the root that was given.
    #[error("URI outside the XCAP root")]
    OutsideRoot,
    /// A `%` without two hex digits.
    #[error("malformed percent-encoding")]
    BadPercent,
    /// Decoded octets are not UTF-8.
    #[error("percent-encoding of something other than UTF-8")]
    NotUtf8,
    /// A control character, decoded or not.
    #[error("control character")]
    ControlCharacter,
    /// A segment `.` or `..`, decoded or not.
    #[error("dot segment")]
    DotSegment,
    /// A fragment.
    #[error("fragment")]
    Fragment,
    /// Neither `users` nor `global` after an application.
    #[error("no application with a tree")]
    NoTree,
    /// Nothing after `users`.
    #[error("no user")]
    NoUser,
    /// Nothing after the tree, or an empty segment in it.
    #[error("no document")]
    NoDocument,
    /// Nothing after `~~`.
    #[error("empty node selector")]
    EmptyNode,
}

impl XcapUri {
    /// URI of a document in the users tree.
    pub fn user(root: &str, auid: &str, xui: &str, document: &str) -> Self {
        Self::new(root, auid, Tree::Users(xui.to_owned()), document)
    }

    /// URI of a document in the global tree.
    pub fn global(root: &str, auid: &str, document: &str) -> Self {
        Self::new(root, auid, Tree::Global, document)
    }

    fn new(root: &str, auid: &str, tree: Tree, document: &str) -> Self {
        Self {
            root: root.trim_end_matches('/').to_owned(),
            auid: auid.to_owned(),
            tree,
            document: document.split('/').map(str::to_owned).collect(),
            node: None,
            query: None,
        }
    }

    /// Selects a node of the document.
    #[must_use]
    pub fn with_node(mut self, node: impl Into<String>) -> Self {
        self.node = Some(node.into());
        self
    }

    /// Sets the query, already encoded.
    #[must_use]
    pub fn with_query(mut self, query: impl Into<String>) -> Self {
        self.query = Some(query.into());
        self
    }

    /// The user of the users tree.
    pub fn xui(&self) -> Option<&str> {
        match &self.tree {
            Tree::Users(xui) => Some(xui),
            Tree::Global => None,
        }
    }

    /// Path and query for a request line: the URI without scheme and authority.
    pub fn request_target(&self) -> String {
        let whole = self.to_string();
        let path = whole
            .split_once("://")
            .and_then(|(_, rest)| rest.find('/').and_then(|at| rest.get(at..)));
        path.map(str::to_owned).unwrap_or(whole)
    }

    /// Parses a URI or path whose root is not known: it ends before the first application with a tree.
    ///
    /// # Errors
    /// What is not an XCAP URI of a document or node, in the strict reading a server should have.
    pub fn parse(uri: &str) -> Result<Self, XcapUriError> {
        let authority = uri.find("://").map_or(0, |at| at.saturating_add(3));
        let (scheme, rest) = uri
            .split_at_checked(authority)
            .ok_or(XcapUriError::NoTree)?;
        let path = rest.split(['?', '#']).next().unwrap_or_default();
        let segments: Vec<&str> = path.split('/').collect();
        // The first segment is what precedes the first slash: an authority, or nothing.
        let tree = segments
            .iter()
            .enumerate()
            .skip(2)
            .find(|(_, segment)| matches!(**segment, "users" | "global"));
        let (index, _) = tree.ok_or(XcapUriError::NoTree)?;
        let before: usize = segments
            .iter()
            .take(index.saturating_sub(1))
            .map(|segment| segment.len() + 1)
            .sum();
        let root = uri
            .get(..scheme.len() + before.saturating_sub(1))
            .ok_or(XcapUriError::NoTree)?;
        Self::parse_under(root, uri)
    }

    /// Parses a URI or path below a known root.
    ///
    /// # Errors
    /// What is not an XCAP URI of a document or node below that root.
    pub fn parse_under(root: &str, uri: &str) -> Result<Self, XcapUriError> {
        if uri.len() > MAX_URI {
            return Err(XcapUriError::TooLong);
        }
        if uri.contains('#') {
            return Err(XcapUriError::Fragment);
        }
        if uri.contains(char::is_control) {
            return Err(XcapUriError::ControlCharacter);
        }
        let root = root.trim_end_matches('/');
        let below = uri
            .strip_prefix(root)
            .and_then(|rest| rest.strip_prefix('/'));
        let below = below.ok_or(XcapUriError::OutsideRoot)?;
        let (path, query) = match below.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (below, None),
        };
        let decoded: Vec<String> = path.split('/').map(decode).collect::<Result<_, _>>()?;
        let node_at = decoded.iter().position(|segment| segment == NODE_SEPARATOR);
        let (selector, node) = match node_at.and_then(|at| decoded.split_at_checked(at)) {
            Some((selector, node)) => (
                selector,
                Some(node.iter().skip(1).cloned().collect::<Vec<_>>().join("/")),
            ),
            None => (decoded.as_slice(), None),
        };
        if selector
            .iter()
            .any(|segment| matches!(segment.as_str(), "." | ".."))
        {
            return Err(XcapUriError::DotSegment);
        }
        if node.as_ref().is_some_and(String::is_empty) {
            return Err(XcapUriError::EmptyNode);
        }
        let (auid, tree, document) = document_selector(selector)?;
        Ok(Self {
            root: root.to_owned(),
            auid,
            tree,
            document,
            node,
            query,
        })
    }
}

fn document_selector(segments: &[String]) -> Result<(String, Tree, Vec<String>), XcapUriError> {
    let [auid, tree, rest @ ..] = segments else {
        return Err(XcapUriError::NoTree);
    };
    if auid.is_empty() {
        return Err(XcapUriError::NoTree);
    }
    let (tree, document) = match (tree.as_str(), rest) {
        ("global", document) => (Tree::Global, document),
        ("users", [xui, document @ ..]) if !xui.is_empty() => (Tree::Users(xui.clone()), document),
        ("users", _) => return Err(XcapUriError::NoUser),
        _ => return Err(XcapUriError::NoTree),
    };
    if document.is_empty() || document.iter().any(String::is_empty) {
        return Err(XcapUriError::NoDocument);
    }
    Ok((auid.clone(), tree, document.to_vec()))
}

impl fmt::Display for XcapUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/", self.root)?;
        encode(&self.auid, "", f)?;
        match &self.tree {
            Tree::Users(xui) => {
                f.write_str("/users/")?;
                encode(xui, "", f)?;
            }
            Tree::Global => f.write_str("/global")?,
        }
        for segment in &self.document {
            f.write_str("/")?;
            encode(segment, "", f)?;
        }
        if let Some(node) = &self.node {
            write!(f, "/{NODE_SEPARATOR}/")?;
            encode(node, "/", f)?;
        }
        self.query
            .iter()
            .try_for_each(|query| write!(f, "?{query}"))
    }
}

/// Writes a segment; `pchar` of RFC 3986, 3.3 and what is in `also` stay.
fn encode(segment: &str, also: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for byte in segment.bytes() {
        let character = char::from(byte);
        if byte.is_ascii_alphanumeric()
            || "-._~!$&'()*+,;=:@".contains(character)
            || also.contains(character)
        {
            write!(f, "{character}")?;
        } else {
            write!(f, "%{byte:02X}")?;
        }
    }
    Ok(())
}

fn decode(segment: &str) -> Result<String, XcapUriError> {
    let mut octets = Vec::with_capacity(segment.len());
    let mut bytes = segment.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            octets.push(byte);
            continue;
        }
        let mut digit = || {
            bytes
                .next()
                .and_then(|digit| char::from(digit).to_digit(16))
        };
        let octet = digit()
            .zip(digit())
            .and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
        octets.push(octet.ok_or(XcapUriError::BadPercent)?);
    }
    let text = String::from_utf8(octets).map_err(|_| XcapUriError::NotUtf8)?;
    if text.contains(char::is_control) {
        Err(XcapUriError::ControlCharacter)
    } else {
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop_assert_eq, proptest};

    #[test]
    fn examples_of_the_rfc() {
        // RFC 4825, 6.2 and 6.3.
        let uri = XcapUri::parse(
            "http://xcap.example.com/resource-lists/users/sip:joe@example.com/index",
        )
        .unwrap();
        assert_eq!(uri.root, "http://xcap.example.com");
        assert_eq!(uri.auid, "resource-lists");
        assert_eq!(uri.xui(), Some("sip:joe@example.com"));
        assert_eq!(uri.document, ["index"]);
        assert_eq!(
            uri.request_target(),
            "/resource-lists/users/sip:joe@example.com/index"
        );
        let text = "http://xcap.example.com/resource-lists/users/sip:joe@example.com/index/~~/resource-lists/list%5B@name=%22l1%22%5D";
        let uri = XcapUri::parse(text).unwrap();
        assert_eq!(
            uri.node.as_deref(),
            Some("resource-lists/list[@name=\"l1\"]")
        );
        assert_eq!(uri.to_string(), text);
    }

    #[test]
    fn root_with_a_path_and_global_tree() {
        let text =
            "https://ps.example.test:8443/services/rls-services/global/a/index?xmlns(a=urn:b)";
        let uri = XcapUri::parse(text).unwrap();
        assert_eq!(uri.root, "https://ps.example.test:8443/services");
        assert_eq!(
            (uri.auid.as_str(), &uri.tree),
            ("rls-services", &Tree::Global)
        );
        assert_eq!(uri.document, ["a", "index"]);
        assert_eq!(uri.query.as_deref(), Some("xmlns(a=urn:b)"));
        assert_eq!(uri.to_string(), text);
        assert_eq!(
            XcapUri::parse_under("/services", &uri.request_target())
                .unwrap()
                .root,
            "/services"
        );
        assert_eq!(XcapUri::parse("/pres-rules/users/u/d").unwrap().root, "");
    }

    #[test]
    fn user_that_needs_encoding() {
        let uri = XcapUri::user("/x/", "pres-rules", "sip:a/b%c ä@h", "index");
        assert_eq!(
            uri.to_string(),
            "/x/pres-rules/users/sip:a%2Fb%25c%20%C3%A4@h/index"
        );
        assert_eq!(XcapUri::parse(&uri.to_string()).unwrap(), uri);
    }

    #[test]
    fn what_is_no_xcap_uri() {
        let error = |uri: &str| XcapUri::parse(uri).unwrap_err();
        assert_eq!(error(""), XcapUriError::NoTree);
        assert_eq!(error("/users/u/d"), XcapUriError::NoTree);
        assert_eq!(error("/a/users"), XcapUriError::NoUser);
        assert_eq!(error("/a/users//d"), XcapUriError::NoUser);
        assert_eq!(error("/a/users/u"), XcapUriError::NoDocument);
        assert_eq!(error("/a/users/u/d/"), XcapUriError::NoDocument);
        assert_eq!(error("/a/global/"), XcapUriError::NoDocument);
        assert_eq!(error("/a/global/d/~~/"), XcapUriError::EmptyNode);
        assert_eq!(error("/a/global/d/%7e%7E"), XcapUriError::EmptyNode);
        assert_eq!(error("/a/users/u/../bob/d"), XcapUriError::DotSegment);
        assert_eq!(error("/a/users/u/%2e%2E/bob/d"), XcapUriError::DotSegment);
        assert_eq!(error("/a/global/d%00"), XcapUriError::ControlCharacter);
        assert_eq!(error("/a/global/d%0"), XcapUriError::BadPercent);
        assert_eq!(error("/a/global/d%zz"), XcapUriError::BadPercent);
        assert_eq!(error("/a/global/d%ff"), XcapUriError::NotUtf8);
        assert_eq!(error("/a/global/d#x"), XcapUriError::Fragment);
        assert_eq!(
            XcapUri::parse_under("/x", "/y/a/global/d"),
            Err(XcapUriError::OutsideRoot)
        );
        assert_eq!(
            XcapUri::parse_under("/x", "/xy/a/global/d"),
            Err(XcapUriError::OutsideRoot)
        );
        // Decoded once: what is encoded twice is a name.
        assert_eq!(
            XcapUri::parse("/a/users/%252e%252e/d").unwrap().xui(),
            Some("%2e%2e")
        );
    }

    proptest! {
        #[test]
        fn any_text_is_parsed_or_refused(text in "(/|users|global|~~|%|2e|\\?|#|.){0,40}") {
            if let Ok(uri) = XcapUri::parse(&text) {
                prop_assert_eq!(XcapUri::parse_under(&uri.root, &uri.to_string()), Ok(uri));
            }
        }

        #[test]
        fn what_is_built_is_parsed(xui in "[^\\p{C}]{1,20}", node in "[^\\p{C}]{1,20}") {
            if !matches!(xui.as_str(), "." | ".." | "~~") {
                let uri = XcapUri::user("https://h/r", "pres-rules", &xui, "index").with_node(node);
                prop_assert_eq!(XcapUri::parse_under("https://h/r", &uri.to_string()), Ok(uri));
            }
        }
    }
}
