//! Valid documents to write, two of each application, and how a path names its application.

use sha2::{Digest as _, Sha256};

/// A body with its media type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Document {
    /// The media type of the application (RFC 4825, 5.4).
    pub(super) content_type: String,
    /// The octets.
    pub(super) body: Vec<u8>,
}

/// The names by which scenarios call bodies.
pub(super) const BODIES: [&str; 2] = ["document", "other-document"];

struct Application {
    auid: &'static str,
    content_type: &'static str,
    document: &'static str,
    other: &'static str,
}

/// Applications whose documents a subscriber writes; `xcap-caps` is read-only and has none.
const APPLICATIONS: &[Application] = &[
    Application {
        auid: "pres-rules",
        content_type: "application/auth-policy+xml",
        document: include_str!("../../../fixtures/xcap/pres-rules.xml"),
        other: include_str!("../../../fixtures/xcap/pres-rules-other.xml"),
    },
    Application {
        auid: "org.openmobilealliance.pres-rules",
        content_type: "application/auth-policy+xml",
        document: include_str!("../../../fixtures/xcap/oma-pres-rules.xml"),
        other: include_str!("../../../fixtures/xcap/oma-pres-rules-other.xml"),
    },
    Application {
        auid: "resource-lists",
        content_type: "application/resource-lists+xml",
        document: include_str!("../../../fixtures/xcap/resource-lists.xml"),
        other: include_str!("../../../fixtures/xcap/resource-lists-other.xml"),
    },
    Application {
        auid: "rls-services",
        content_type: "application/rls-services+xml",
        document: include_str!("../../../fixtures/xcap/rls-services.xml"),
        other: include_str!("../../../fixtures/xcap/rls-services-other.xml"),
    },
    Application {
        auid: "pidf-manipulation",
        content_type: "application/pidf+xml",
        document: include_str!("../../../fixtures/xcap/pidf.xml"),
        other: include_str!("../../../fixtures/xcap/pidf-other.xml"),
    },
];

/// The AUID of a path: its first segment below the XCAP root.
pub(super) fn auid_of<'a>(path: &'a str, root: &str) -> &'a str {
    let below = path.strip_prefix(root).unwrap_or(path);
    below
        .trim_start_matches('/')
        .split(['/', '?'])
        .next()
        .unwrap_or_default()
}

/// The document that holds what a path names: the path without node selector and query.
pub(super) fn document_path(path: &str) -> &str {
    let path = path.split('?').next().unwrap_or_default();
    path.split_once("/~~")
        .map_or(path, |(document, _)| document)
}

/// The body that a scenario calls `document` or `other-document`, for the document at `path`.
/// `None` for another name, or an application without documents to write.
pub(super) fn document(name: &str, auid: &str, path: &str) -> Option<Document> {
    let application = APPLICATIONS.iter().find(|known| known.auid == auid)?;
    let template = match name {
        "document" => application.document,
        "other-document" => application.other,
        _ => return None,
    };
    let hash = hex::encode(Sha256::digest(path.as_bytes()).as_slice());
    let tag = hash.get(..12).unwrap_or_default();
    let entity = owner_in(path).unwrap_or_else(|| "sip:presec@example.test".to_owned());
    let body = template
        .replace("{tag}", tag)
        .replace("{entity}", &escape(&entity));
    Some(Document {
        content_type: application.content_type.to_owned(),
        body: body.into_bytes(),
    })
}

/// The XUI of a path, percent-decoded: the presentity of a PIDF document (RFC 4827, 3).
fn owner_in(path: &str) -> Option<String> {
    let (_, rest) = path.split_once("/users/")?;
    let segment = rest.split('/').next().filter(|xui| !xui.is_empty())?;
    let mut bytes = Vec::new();
    let mut rest = segment.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            bytes.extend(hex::decode(digits).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_application_has_two_different_documents() {
        for application in APPLICATIONS {
            let path = format!("/{}/users/sip:alice@example.test/index", application.auid);
            let one = document("document", application.auid, &path).expect("document");
            let other = document("other-document", application.auid, &path).expect("other");
            assert_ne!(one.body, other.body);
            for body in [&one.body, &other.body] {
                let text = std::str::from_utf8(body).expect("UTF-8");
                assert!(text.starts_with("<?xml"), "{text}");
                assert!(!text.contains('{'), "{text}");
            }
        }
        assert_eq!(
            document("document", "xcap-caps", "/xcap-caps/global/index"),
            None
        );
        assert_eq!(document("third", "pres-rules", "/p"), None);
    }

    #[test]
    fn pidf_speaks_of_the_owner() {
        let path = "/pidf-manipulation/users/sip%3Aalice%40example.test/index";
        let pidf = document("document", "pidf-manipulation", path).expect("document");
        let text = String::from_utf8(pidf.body).expect("UTF-8");
        assert!(text.contains("entity=\"sip:alice@example.test\""), "{text}");
    }

    #[test]
    fn paths_name_application_and_document() {
        assert_eq!(
            auid_of("/xcap/pres-rules/users/a/index", "/xcap/"),
            "pres-rules"
        );
        assert_eq!(auid_of("/pres-rules", "/"), "pres-rules");
        assert_eq!(
            document_path("/pres-rules/users/a/index/~~/ruleset?xmlns(a=b)"),
            "/pres-rules/users/a/index"
        );
        assert_eq!(document_path("/a?b"), "/a");
    }
}
