//! Document selectors of XCAP (RFC 4825, 6), as the server reads them.

/// Longest path that is read.
const MAX_PATH: usize = 4 * 1024;

/// A place in the store.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct DocumentSelector {
    /// Application.
    pub(super) auid: String,
    /// User of the users tree; `None` is the global tree.
    pub(super) xui: Option<String>,
    /// Segments of the document name.
    pub(super) document: Vec<String>,
    /// Whether a node of the document is meant.
    pub(super) node: bool,
}

impl DocumentSelector {
    /// Reads the path of a request under an XCAP root that ends with `/`; `None` for everything that is no plain selector.
    pub(super) fn parse(root: &str, path: &str) -> Option<Self> {
        if path.len() > MAX_PATH {
            return None;
        }
        let below = path.strip_prefix(root)?;
        let segments: Vec<String> = below.split('/').map(decode).collect::<Option<_>>()?;
        let mut parts = segments.split(|segment| segment == "~~");
        let selector = parts.next()?;
        let node = parts.next().is_some();
        if selector
            .iter()
            .any(|segment| segment.is_empty() || segment == "." || segment == "..")
        {
            return None;
        }
        let (auid, xui, document) = match selector {
            [auid, tree, document @ ..] if tree == "global" => (auid, None, document),
            [auid, tree, xui, document @ ..] if tree == "users" => (auid, Some(xui), document),
            _ => return None,
        };
        (!document.is_empty()).then(|| Self {
            auid: auid.clone(),
            xui: xui.cloned(),
            document: document.to_vec(),
            node,
        })
    }
}

/// Decodes a segment once; `None` for broken encodings and control characters.
pub(super) fn decode(segment: &str) -> Option<String> {
    let mut octets = Vec::with_capacity(segment.len());
    let mut rest = segment.bytes();
    while let Some(octet) = rest.next() {
        if octet != b'%' {
            octets.push(octet);
            continue;
        }
        let digits = [rest.next()?, rest.next()?];
        octets.extend(hex::decode(digits).ok()?);
    }
    let text = String::from_utf8(octets).ok()?;
    (!text.contains(char::is_control)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(path: &str) -> Option<DocumentSelector> {
        DocumentSelector::parse("/xcap/", path)
    }

    #[test]
    fn users_and_global_trees() {
        let user = parse("/xcap/pres-rules/users/sip:a%40h/dir/index").unwrap();
        assert_eq!(user.xui.as_deref(), Some("sip:a@h"));
        assert_eq!(user.document, ["dir", "index"]);
        assert!(!user.node);
        let global = parse("/xcap/xcap-caps/global/index").unwrap();
        assert_eq!((global.auid.as_str(), global.xui), ("xcap-caps", None));
        assert!(parse("/xcap/a/users/u/d/~~/x").unwrap().node);
    }

    #[test]
    fn what_is_no_selector() {
        for path in [
            "",
            "/",
            "/xcap",
            "/xcap/",
            "/other/a/users/u/d",
            "/xcap/a/users/u",
            "/xcap/a/users/u/",
            "/xcap/a/users//d",
            "/xcap/a/users/u/../v/d",
            "/xcap/a/users/u/%2e%2e/v/d",
            "/xcap/a/users/u/d%0",
            "/xcap/a/users/u/d%zz",
            "/xcap/a/users/u/d%00",
            "/xcap/a/users/u/%ff",
            "/xcap/a/others/u/d",
        ] {
            assert_eq!(parse(path), None, "{path}");
        }
        assert_eq!(
            parse(&format!("/xcap/a/users/u/{}", "d".repeat(MAX_PATH))),
            None
        );
    }
}
