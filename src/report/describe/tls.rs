//! Offers and connections in words.

use std::fmt::Display;

use crate::model::bind::Bind;
use crate::model::step_tls::{
    ClientCertificate, DiffersBy, HelloForm, HelloQuirk, LeftOut, TlsConnect, TlsOffer,
};
use crate::model::tls_quirk::TlsQuirk;

pub(super) fn list<T: Display>(items: &[T]) -> String {
    items
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

/// A ClientHello and the first flight it gets.
pub(super) fn offer(offer: &TlsOffer) -> String {
    if let Some(compared) = &offer.enumerate {
        return enumeration(offer, compared);
    }
    let form = match offer.form {
        HelloForm::Tls => "a ClientHello",
        HelloForm::Ssl2 => "an SSLv2 CLIENT-HELLO",
    };
    let version = offer.version.as_ref().map_or_else(
        || "in the best version the target accepts up to TLS 1.2".to_owned(),
        |version| format!("up to {version}"),
    );
    let suites = if offer.suites.is_empty() {
        "the usual suites".to_owned()
    } else {
        format!("suites {}", list(&offer.suites))
    };
    let mut parts = vec![format!("Send {form} {version} that offers {suites}")];
    parts.extend(server_name(offer.server_name.as_ref()));
    if !offer.groups.is_empty() {
        parts.push(format!("groups {}", list(&offer.groups)));
    }
    if !offer.signature_schemes.is_empty() {
        parts.push(format!(
            "signature schemes {}",
            list(&offer.signature_schemes)
        ));
    }
    if let Some(version) = &offer.record_version {
        parts.push(format!("record version {version}"));
    }
    if let Some(version) = &offer.client_version {
        parts.push(format!("legacy version {version}"));
    }
    if offer.grease {
        parts.push("GREASE values added".to_owned());
    }
    if offer.compression {
        parts.push("compression by DEFLATE".to_owned());
    }
    if let Some(saved) = &offer.session_of {
        parts.push(format!("the session saved as `{saved}`"));
    }
    if let Some(saved) = &offer.session_id_of {
        parts.push(format!("the session id saved as `{saved}`"));
    }
    if offer.without_session_suite {
        parts.push("without its suite".to_owned());
    }
    parts.extend(offer.quirk.map(|quirk| quirk_text(quirk).to_owned()));
    format!(
        "{}; read the first flight and complete nothing (control: {})",
        parts.join(", "),
        differs(offer.differs_by)
    )
}

fn enumeration(offer: &TlsOffer, compared: &[Bind<String>]) -> String {
    let version = offer.version.as_ref().map_or_else(
        || "the best version the target accepts up to TLS 1.2".to_owned(),
        ToString::to_string,
    );
    let against = if compared.is_empty() {
        String::new()
    } else {
        format!("; name what is accepted beyond {}", list(compared))
    };
    format!(
        "Offer every registered suite in {version}, each time without what was selected before, until nothing is; then what was accepted in both orders{against}"
    )
}

fn server_name(name: Option<&Bind<String>>) -> Option<String> {
    name.map(|name| match name {
        Bind::Literal(text) if text == "none" => "without server_name".to_owned(),
        Bind::Literal(_) | Bind::Name(_) => format!("server_name {name}"),
    })
}

fn quirk_text(quirk: HelloQuirk) -> &'static str {
    match quirk {
        HelloQuirk::OddSuiteLength => "a suite vector of odd length",
        HelloQuirk::NoSuites => "an empty suite vector",
        HelloQuirk::OversizedSuiteList => "65,000 octets of unassigned suites in front",
        HelloQuirk::OverlongHandshakeLength => "a handshake length beyond what is sent",
        HelloQuirk::Truncated => "cut off in the middle of the random",
        HelloQuirk::Fragmented => "split over records of 16 octets",
        HelloQuirk::FragmentedSingly => "split over records of one octet",
        HelloQuirk::OversizedHello => "20,000 octets of padding in it",
        HelloQuirk::OversizedRecord => "20,000 octets of padding in it, in one record",
        HelloQuirk::GarbageFirst => "octets before it that are no TLS",
        HelloQuirk::Dripped => "one octet each second for 90 seconds and the rest then",
    }
}

fn differs(by: DiffersBy) -> &'static str {
    match by {
        DiffersBy::Suites => "the same bytes plus one suite the target is known to select",
        DiffersBy::Groups => "the same with groups the target is known to accept",
        DiffersBy::SignatureSchemes => "the same with all signature schemes",
        DiffersBy::Version => "the same suites in an accepted version",
        DiffersBy::ServerName => "the same with the target's host as server_name",
        DiffersBy::Quirk => "the same hello, well-formed",
        DiffersBy::FallbackScsv => "the same hello without TLS_FALLBACK_SCSV",
    }
}

/// What is offered otherwise than usual.
fn asked(connect: &TlsConnect) -> Vec<String> {
    let mut parts = Vec::new();
    for (what, binds) in [
        ("suites", &connect.suites),
        ("groups", &connect.groups),
        ("signature schemes", &connect.signature_schemes),
    ] {
        if !binds.is_empty() {
            parts.push(format!("offering {what} {}", list(binds)));
        }
    }
    parts.extend(connect.without.iter().map(without));
    if connect.early_data {
        parts.push("with a request as early data".to_owned());
    }
    parts.extend(wrong(&connect.quirks));
    if connect.flip_ticket_bit {
        parts.push("with one bit of the ticket flipped".to_owned());
    }
    parts
}

/// An extension that is left out.
pub(super) fn without(extension: &LeftOut) -> String {
    let name = match extension {
        LeftOut::ExtendedMasterSecret => "extended_master_secret",
        LeftOut::EncryptThenMac => "encrypt_then_mac",
        LeftOut::SessionTicket => "session_ticket",
        LeftOut::ServerName => "server_name",
    };
    format!("without {name}")
}

/// What is wrong in a handshake or with a request.
pub(super) fn wrong(quirks: &[TlsQuirk]) -> Vec<String> {
    let with = |quirk: &TlsQuirk| format!("with {}", quirk.describe());
    quirks.iter().map(with).collect()
}

/// A handshake of a well-behaved client, or one with everything as asked for.
pub(super) fn connect(connect: &TlsConnect) -> String {
    let whom = if connect.needs_lab() {
        "Make a handshake by the lab TLS engine"
    } else {
        "Complete a handshake as a well-behaved client"
    };
    let mut parts = vec![whom.to_owned()];
    if let Some(version) = &connect.version {
        parts.push(format!("offering only {version}"));
    }
    parts.extend(server_name(connect.server_name.as_ref()));
    if let Some(saved) = &connect.resume {
        parts.push(format!(
            "offering to resume the TLS session saved as `{saved}`"
        ));
    }
    if let Some(mechanism) = &connect.mechanism {
        parts.push(format!("by mechanism {mechanism}"));
    }
    parts.push(
        match connect.client_certificate {
            ClientCertificate::Usual => "with the client certificate this target requires, if any",
            ClientCertificate::Empty => "without a client certificate",
            ClientCertificate::Valid => "with the valid client certificate",
            ClientCertificate::WrongCa => "with a client certificate of a foreign CA",
            ClientCertificate::Expired => "with an expired client certificate",
            ClientCertificate::SelfSigned => "with a client certificate signed by itself",
            ClientCertificate::WrongCertificateVerify => {
                "with the valid client certificate and a wrong CertificateVerify"
            }
            ClientCertificate::NoCertificateVerify => {
                "with the valid client certificate and no CertificateVerify"
            }
            ClientCertificate::Omitted => "without any Certificate message",
        }
        .to_owned(),
    );
    parts.extend(asked(connect));
    if let Some(session) = &connect.session {
        parts.push(format!("and keep the connection as session `{session}`"));
    }
    if let Some(save) = &connect.save {
        parts.push(format!("and save the TLS session as `{save}`"));
    }
    parts.join(", ")
}
