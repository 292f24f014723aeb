//! Values written out: suites, versions, groups, schemes, mechanisms, code points.

use crate::model::bind::{Bind, Literal as _};
use crate::model::step_http_form::{IdentitySpelling, KeyEncoding, PathSpelling, TargetForm};
use crate::model::step_pre_shared::IdentityForm;
use crate::model::step_tls::Mechanism;
use crate::model::suite::ProtocolVersion;

use super::super::place::Path;
use super::super::suggest;
use super::context::Lint;
use super::uses::{self, Meaning};

/// Names of the IANA registry "TLS Supported Groups".
const GROUPS: [&str; 37] = [
    "sect163k1",
    "sect163r1",
    "sect163r2",
    "sect193r1",
    "sect193r2",
    "sect233k1",
    "sect233r1",
    "sect239k1",
    "sect283k1",
    "sect283r1",
    "sect409k1",
    "sect409r1",
    "sect571k1",
    "sect571r1",
    "secp160k1",
    "secp160r1",
    "secp160r2",
    "secp192k1",
    "secp192r1",
    "secp224k1",
    "secp224r1",
    "secp256k1",
    "secp256r1",
    "secp384r1",
    "secp521r1",
    "brainpoolP256r1",
    "brainpoolP384r1",
    "brainpoolP512r1",
    "x25519",
    "x448",
    "ffdhe2048",
    "ffdhe3072",
    "ffdhe4096",
    "ffdhe6144",
    "ffdhe8192",
    "X25519MLKEM768",
    "SecP256r1MLKEM768",
];

/// Names of the IANA registry "TLS SignatureScheme", and those of TLS 1.2 pairs it has no name for.
const SCHEMES: [&str; 21] = [
    "rsa_pkcs1_md5",
    "rsa_pkcs1_sha1",
    "rsa_pkcs1_sha224",
    "rsa_pkcs1_sha256",
    "rsa_pkcs1_sha384",
    "rsa_pkcs1_sha512",
    "dsa_sha1",
    "ecdsa_sha1",
    "ecdsa_sha224",
    "ecdsa_secp256r1_sha256",
    "ecdsa_secp384r1_sha384",
    "ecdsa_secp521r1_sha512",
    "rsa_pss_rsae_sha256",
    "rsa_pss_rsae_sha384",
    "rsa_pss_rsae_sha512",
    "rsa_pss_pss_sha256",
    "rsa_pss_pss_sha384",
    "rsa_pss_pss_sha512",
    "ed25519",
    "ed448",
    "dsa_sha256",
];

/// Mechanisms by which a session is resumed.
const MECHANISMS: [&str; 4] = ["any", "session-id", "ticket", "tls13-psk"];

pub(super) fn check(lint: &mut Lint<'_>) {
    let scenario = lint.scenario;
    let uses = uses::of(scenario);
    for used in &uses {
        if let Some(literal) = &used.literal {
            value(lint, &used.path, used.meaning, literal);
        }
    }
    for (name, values) in &scenario.each {
        let mut meanings: Vec<Meaning> = Vec::new();
        for used in uses.iter().filter(|used| used.name.as_ref() == Some(name)) {
            if !meanings.contains(&used.meaning) {
                meanings.push(used.meaning);
            }
        }
        for (index, bind) in values.iter().enumerate() {
            if let Bind::Literal(literal) = bind {
                let at = Path::of("each").key(name).index(index);
                for meaning in &meanings {
                    value(lint, &at, *meaning, literal);
                }
            }
        }
    }
}

/// `0x` and four hex digits.
fn is_hex(text: &str) -> bool {
    text.strip_prefix("0x").is_some_and(|digits| {
        digits.len() == 4 && digits.bytes().all(|octet| octet.is_ascii_hexdigit())
    })
}

/// What stands in the file, if it was written without quotes and YAML reads it as a number.
fn unquoted_number(lint: &Lint<'_>, at: &Path, read: &str) -> Option<String> {
    let node = lint.source.positions.node(at).filter(|node| node.plain)?;
    let written = node.scalar.clone()?;
    let number = written.starts_with(|c: char| c.is_ascii_digit())
        && (written != read || read.bytes().all(|octet| octet.is_ascii_digit()));
    number.then_some(written)
}

fn value(lint: &mut Lint<'_>, at: &Path, meaning: Meaning, literal: &str) {
    match meaning {
        Meaning::Suite | Meaning::Group | Meaning::Scheme | Meaning::TwoOctets => {
            code_point(lint, at, meaning, literal);
        }
        Meaning::Version => {
            if literal.parse::<ProtocolVersion>().is_err() {
                let names = ProtocolVersion::ALL.map(ProtocolVersion::name);
                let help = suggest::help(literal, names, "versions");
                lint.tell(at, format!("`{literal}` is not a version"), help);
            }
        }
        Meaning::SharedIdentity => {
            if IdentityForm::read(literal).is_err() {
                let forms = IdentityForm::ALL.map(|(_, name)| name);
                let help = suggest::help(literal, forms, "forms");
                lint.tell(at, format!("`{literal}` is no form of an identity"), help);
            }
        }
        Meaning::Mechanism => {
            if Mechanism::read(literal).is_err() {
                let help = suggest::help(literal, MECHANISMS, "mechanisms");
                lint.tell(at, format!("`{literal}` is not a mechanism"), help);
            }
        }
        Meaning::PathSpelling => spelling(lint, at, (literal, "path"), PathSpelling::NAMES),
        Meaning::TargetForm => {
            spelling(lint, at, (literal, "request target"), TargetForm::NAMES);
        }
        Meaning::IdentitySpelling => {
            spelling(lint, at, (literal, "identity"), IdentitySpelling::NAMES);
        }
        Meaning::KeyEncoding => spelling(lint, at, (literal, "key"), KeyEncoding::NAMES),
        Meaning::Number => {
            if literal.parse::<u32>().is_err() {
                lint.tell(
                    at,
                    format!("`{literal}` is not a number"),
                    "write digits only",
                );
            }
        }
        Meaning::Text => {}
    }
}

/// A value of `each` that stands for another form of something.
fn spelling(lint: &mut Lint<'_>, at: &Path, (literal, of): (&str, &str), names: &[&'static str]) {
    if !names.contains(&literal) {
        let help = suggest::help(literal, names.iter().copied(), "there are");
        lint.tell(at, format!("`{literal}` is no spelling of a {of}"), help);
    }
}

fn code_point(lint: &mut Lint<'_>, at: &Path, meaning: Meaning, literal: &str) {
    if let Some(written) = unquoted_number(lint, at, literal) {
        let message = format!("`{written}` without quotes is a number to YAML, not a code point");
        let help = if is_hex(&written) {
            format!("write it in quotes: `\"{written}\"`")
        } else {
            "write four hex digits in quotes, such as `\"0x0002\"`".to_owned()
        };
        lint.tell(at, message, help);
        return;
    }
    if is_hex(literal) {
        return;
    }
    if literal.starts_with(|c: char| c.is_ascii_digit()) {
        let message = format!("`{literal}` is not a code point");
        lint.tell(
            at,
            message,
            "write `0x` and four hex digits in quotes, such as `\"0x0002\"`",
        );
        return;
    }
    let (kind, near, known) = match meaning {
        Meaning::Suite => {
            let suites = &lint.vocabulary.suites;
            let known = suites.by_name(literal).is_some();
            let near = (!known)
                .then(|| suggest::nearest(literal, suites.iter().map(|suite| suite.name.as_str())))
                .flatten();
            ("cipher suite of the IANA registry", near, known)
        }
        Meaning::Group => (
            "supported group",
            suggest::nearest(literal, GROUPS),
            GROUPS.contains(&literal),
        ),
        Meaning::Scheme => (
            "signature scheme",
            suggest::nearest(literal, SCHEMES),
            SCHEMES.contains(&literal),
        ),
        _ => ("code point", None, false),
    };
    if !known {
        let help = near.map_or_else(
            || {
                "write a name of the IANA registry, or `0x` and four hex digits in quotes"
                    .to_owned()
            },
            |near| format!("did you mean `{near}`?"),
        );
        lint.tell(at, format!("`{literal}` is no {kind}"), help);
    }
}
