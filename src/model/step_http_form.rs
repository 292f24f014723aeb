//! Forms in which a request departs from the usual one: its target, its path, its identities, its credentials.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bind::Literal;

macro_rules! spellings {
    ($(#[$doc:meta])+ $name:ident { $($(#[$of:meta])+ $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name {
            $($(#[$of])+ $variant,)+
        }

        impl $name {
            /// The values as written in YAML.
            pub const NAMES: &'static [&'static str] = &[$($text),+];
        }

        impl Literal for $name {
            const WANTED: &'static str = concat!("one of", $(" ", $text),+);

            fn read(text: &str) -> Result<Self, String> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err(format!("expected {}, found `{text}`", Self::WANTED)),
                }
            }

            fn write(&self) -> String {
                match self { $(Self::$variant => $text,)+ }.to_owned()
            }
        }
    };
}

spellings! {
    /// Another spelling of a document's path; `OWN` is the XUI of the session's subscriber, `XUI` that of the document.
    PathSpelling {
        /// `/./` behind the XCAP root.
        DotSegment = "dot-segment",
        /// `//` behind the XCAP root.
        DoubleSlash = "double-slash",
        /// The first letter of the AUID percent-encoded.
        EncodedLetter = "encoded-letter",
        /// `;x=1` behind the AUID.
        MatrixParameter = "matrix-parameter",
        /// The AUID in capital letters.
        UpperCase = "upper-case",
        /// `public/../` behind the XCAP root.
        PublicPrefix = "public-prefix",
        /// The global tree in place of the user's.
        GlobalTree = "global-tree",
        /// `users/OWN/../XUI`.
        ThroughOwnTree = "through-own-tree",
        /// `users/OWN/%2e%2e/XUI`.
        ThroughOwnTreeEncoded = "through-own-tree-encoded",
        /// `users/OWN/%252e%252e/XUI`.
        ThroughOwnTreeTwiceEncoded = "through-own-tree-twice-encoded",
        /// `users/OWN/..%2fXUI`.
        ThroughOwnTreeEncodedSlash = "through-own-tree-encoded-slash",
        /// `users/OWN/..;/XUI`.
        ThroughOwnTreeMatrix = "through-own-tree-matrix",
        /// The scheme of the XUI in capital letters.
        XuiSchemeUpperCase = "xui-scheme-upper-case",
        /// The domain of the XUI in capital letters.
        XuiDomainUpperCase = "xui-domain-upper-case",
        /// The `@` of the XUI percent-encoded.
        XuiAtEncoded = "xui-at-encoded",
    }
}

spellings! {
    /// Another spelling of an intended identity.
    IdentitySpelling {
        /// Without quotes.
        Unquoted = "unquoted",
        /// In single quotes.
        SingleQuoted = "single-quoted",
        /// With an opening quote only.
        Unterminated = "unterminated",
        /// With the scheme in capital letters.
        SchemeUpperCase = "scheme-upper-case",
        /// With the domain in capital letters.
        DomainUpperCase = "domain-upper-case",
        /// With the first letter of the user part percent-encoded.
        PercentEncoded = "percent-encoded",
        /// With `;user=phone` behind it.
        WithParameter = "with-parameter",
        /// With port 5060.
        WithPort = "with-port",
        /// With letters of the user part replaced by Cyrillic ones that look alike.
        LookAlike = "look-alike",
        /// With the user part in full-width letters, which compatibility normalisation maps back (NFKC).
        FullWidth = "full-width",
        /// Behind a line break and a space (obs-fold, RFC 9112 5.2).
        Folded = "folded",
        /// With a NUL behind it, inside the quotes.
        Nul = "nul",
        /// With a CR and the name of the asserted header behind it, whose value is `presec-injected`.
        CarriageReturn = "carriage-return",
        /// With a LF and the same behind it.
        LineFeed = "line-feed",
        /// With a percent-encoded CR LF and the same behind it, inside the quotes.
        EncodedLineBreak = "encoded-line-break",
    }
}

spellings! {
    /// A form of the bootstrapped key that is not the password (TS 24.109 takes its base64 form).
    KeyEncoding {
        /// The octets themselves.
        Raw = "raw",
        /// Their lower-case hex digits.
        Hex = "hex",
    }
}

spellings! {
    /// The form of the request target (RFC 9112, 3.2).
    TargetForm {
        /// `https://AUTHORITY/path`.
        Absolute = "absolute",
        /// `http://AUTHORITY/path`.
        AbsoluteInClear = "absolute-in-clear",
        /// `AUTHORITY:443`, as CONNECT has it; an authority with a port as it is.
        Authority = "authority",
    }
}

/// Where a second Authorization field stands, whose response is one digit off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SecondAuthorization {
    /// Before the right one.
    First,
    /// Behind the right one.
    Last,
}
