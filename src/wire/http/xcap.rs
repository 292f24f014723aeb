//! XCAP URIs (RFC 4825, 6): root, application, tree, document and node.

mod uri;

pub use uri::{NODE_SEPARATOR, Tree, XcapUri, XcapUriError};

/// Media type of an XCAP error body (RFC 4825, 15.2.2).
pub const ERROR_MEDIA_TYPE: &str = "application/xcap-error+xml";

/// Namespace of an XCAP error body (RFC 4825, 11.2).
pub const ERROR_NAMESPACE: &str = "urn:ietf:params:xml:ns:xcap-error";

/// Elements that name the error in an XCAP error body (RFC 4825, 11.2).
pub const ERROR_ELEMENTS: [&str; 11] = [
    "cannot-delete",
    "cannot-insert",
    "constraint-failure",
    "extension",
    "no-parent",
    "not-utf-8",
    "not-well-formed",
    "not-xml-att-value",
    "not-xml-frag",
    "schema-validation-error",
    "uniqueness-failure",
];
