//! Applications that are served and the media types of their documents.

/// An application usage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Usage {
    /// Application unique identifier.
    pub(super) auid: &'static str,
    /// Media type of its documents.
    pub(super) media_type: &'static str,
}

/// The applications with documents of users (RFC 5025, 9; OMA Presence XDM; RFC 4826, 3 and 4; RFC 4827).
pub(super) const USAGES: [Usage; 5] = [
    Usage {
        auid: "org.openmobilealliance.pres-rules",
        media_type: "application/auth-policy+xml",
    },
    Usage {
        auid: "pidf-manipulation",
        media_type: "application/pidf+xml",
    },
    Usage {
        auid: "pres-rules",
        media_type: "application/auth-policy+xml",
    },
    Usage {
        auid: "resource-lists",
        media_type: "application/resource-lists+xml",
    },
    Usage {
        auid: "rls-services",
        media_type: "application/rls-services+xml",
    },
];

/// The application that lists the others (RFC 4825, 12).
pub(super) const CAPABILITIES: Usage = Usage {
    auid: "xcap-caps",
    media_type: "application/xcap-caps+xml",
};

/// The usage of an application with documents of users.
pub(super) fn usage(auid: &str) -> Option<&'static Usage> {
    USAGES.iter().find(|usage| usage.auid == auid)
}

/// The document `xcap-caps/global/index`.
pub(super) fn capabilities() -> String {
    let auids: String = USAGES
        .iter()
        .chain([&CAPABILITIES])
        .map(|usage| format!("<auid>{}</auid>", usage.auid))
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<xcap-caps xmlns=\"urn:ietf:params:xml:ns:xcap-caps\">\
         <auids>{auids}</auids><extensions/><namespaces/></xcap-caps>\n"
    )
}
