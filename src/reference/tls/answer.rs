//! What the front itself says to a first message, before rustls sees it.

use std::collections::BTreeSet;

use super::canned::Material;
use super::defect::TlsDefect;
use super::effect::{Effect, Front, Refusal, Selection, Stack};
use super::first_bytes::First;
use super::suites::{FALLBACK_SCSV, GOOD, RENEGOTIATION_SCSV};
use crate::model::suite::ProtocolVersion;
use crate::wire::tls::alert::Alert;
use crate::wire::tls::hello::{ClientHello, is_grease};

/// Description of the alert `unexpected_message` (RFC 8446, 6).
const UNEXPECTED_MESSAGE: u8 = 10;
/// Fewest suites of an offer that counts as long.
const LONG_OFFER: usize = 100;
/// The curve from which on none is weak, secp256r1.
const FIRST_FIT_CURVE: u16 = 23;

/// What the front says itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reply {
    /// A fatal alert.
    Alert(Alert),
    /// A flight that leads nowhere; the connection stays open.
    Canned(Vec<u8>),
}

/// The front's own answer; `None` leaves it to rustls.
pub(super) fn answer(
    first: &First,
    defects: &BTreeSet<TlsDefect>,
    material: &Material,
) -> Option<Reply> {
    match first {
        First::Hello(hello) => defects
            .iter()
            .find_map(|defect| departure(hello, defect.effect(), material))
            .or_else(|| fallback(hello, defects).map(Reply::Alert))
            .or_else(|| too_old(hello).map(Reply::Alert)),
        First::Sslv2(hello) => {
            let ssl2 = hello.version == ProtocolVersion::Ssl2.wire();
            if ssl2 && defects.contains(&TlsDefect::SpeaksSsl2) {
                return Some(Reply::Canned(material.sslv2(hello)));
            }
            Some(Reply::Alert(Alert::PROTOCOL_VERSION))
        }
        First::Slow => Some(Reply::Alert(Alert::HANDSHAKE_FAILURE)),
        First::Garbage => Some(Reply::Alert(Alert::fatal(UNEXPECTED_MESSAGE))),
        First::Malformed | First::Clear | First::Nothing => None,
    }
}

/// RFC 7507: a client that fell back although both sides know better is refused.
fn fallback(hello: &ClientHello, defects: &BTreeSet<TlsDefect>) -> Option<Alert> {
    let has = |effect| defects.iter().any(|defect| defect.effect() == effect);
    let highest = if has(Effect::Stack(Stack::NoTls13)) {
        ProtocolVersion::Tls12
    } else {
        ProtocolVersion::Tls13
    };
    let fallen = hello.offers_suite(FALLBACK_SCSV) && hello.highest_version() < highest.wire();
    let ignored = has(Effect::Front(Front::IgnoresFallback));
    (fallen && !ignored).then_some(Alert::INAPPROPRIATE_FALLBACK)
}

/// Versions before TLS 1.2 are refused by name; rustls would complain of missing extensions first.
fn too_old(hello: &ClientHello) -> Option<Alert> {
    let old = hello.highest_version() < ProtocolVersion::Tls12.wire();
    old.then_some(Alert::PROTOCOL_VERSION)
}

fn departure(hello: &ClientHello, effect: Effect, material: &Material) -> Option<Reply> {
    let tls12 = hello.highest_version() == ProtocolVersion::Tls12.wire();
    match effect {
        Effect::Version(version) if hello.highest_version() == version.wire() => {
            material.old_version(hello, version).map(Reply::Canned)
        }
        Effect::Select(selection) if applies(&selection, hello) => {
            material.selecting(hello, &selection).map(Reply::Canned)
        }
        Effect::WeakCurve if tls12 => {
            let groups = hello.supported_groups();
            let first = *groups.first()?;
            let weak = groups.iter().all(|group| *group < FIRST_FIT_CURVE);
            let flight = weak.then(|| material.on_curve(hello, first))?;
            flight.map(Reply::Canned)
        }
        Effect::WeakSignature if tls12 => {
            let schemes = hello.signature_algorithms();
            let first = *schemes.first()?;
            let weak = schemes.iter().all(is_weak_scheme);
            let flight = weak.then(|| material.signed_with(hello, first))?;
            flight.map(Reply::Canned)
        }
        Effect::Refuse(refusal) => refuses(refusal, hello).map(Reply::Alert),
        _ => None,
    }
}

/// Whether a scheme hashes with MD5 or SHA-1: the hash is the high octet.
pub(super) const fn is_weak_scheme(scheme: &u16) -> bool {
    matches!(*scheme >> 8, 1 | 2)
}

pub(super) fn applies(selection: &Selection, hello: &ClientHello) -> bool {
    let version = if selection.tls13 {
        ProtocolVersion::Tls13
    } else {
        ProtocolVersion::Tls12
    };
    let signalling = |suite: &u16| {
        matches!(*suite, RENEGOTIATION_SCSV | FALLBACK_SCSV) && !selection.picks.contains(suite)
    };
    let mut real = hello.suites.iter().filter(|suite| !signalling(suite));
    let count = real.clone().count();
    let good = GOOD.iter().any(|suite| hello.offers_suite(*suite));
    let first = real
        .next()
        .is_some_and(|suite| selection.first.contains(suite));
    // One suite after the favoured ones has to be good, else there was no choice.
    let choice = if selection.despite_good { good } else { !good };
    let session = !hello.session_id.is_empty();
    hello.highest_version() == version.wire()
        && (session || !selection.with_session)
        && (selection.least..=selection.most).contains(&count)
        && choice
        && (selection.first.is_empty() || first)
        && selection
            .requires
            .iter()
            .all(|suite| hello.offers_suite(*suite))
        && !selection
            .unless
            .iter()
            .any(|suite| hello.offers_suite(*suite))
}

fn refuses(refusal: Refusal, hello: &ClientHello) -> Option<Alert> {
    let (refused, alert) = match refusal {
        Refusal::HighestVersion(version) => (
            hello.highest_version() == version.wire(),
            Alert::PROTOCOL_VERSION,
        ),
        Refusal::Reserved => (has_reserved(hello), Alert::HANDSHAKE_FAILURE),
        Refusal::RecordVersion => (
            hello.record_version == ProtocolVersion::Ssl3.wire()
                && hello.client_version > ProtocolVersion::Ssl3.wire(),
            Alert::PROTOCOL_VERSION,
        ),
        Refusal::Sole(suite) => {
            let mut real = hello
                .suites
                .iter()
                .filter(|suite| **suite != RENEGOTIATION_SCSV);
            let sole = real.next() == Some(&suite) && real.next().is_none();
            (sole, Alert::HANDSHAKE_FAILURE)
        }
        Refusal::Long => (hello.suites.len() >= LONG_OFFER, Alert::HANDSHAKE_FAILURE),
        Refusal::NoServerName => (hello.server_name().is_none(), Alert::fatal(112)),
    };
    refused.then_some(alert)
}

fn has_reserved(hello: &ClientHello) -> bool {
    let codes = hello.extensions.iter().map(|extension| extension.code);
    hello.client_version > ProtocolVersion::Tls12.wire()
        || hello
            .suites
            .iter()
            .copied()
            .chain(codes)
            .chain(hello.supported_versions())
            .chain(hello.supported_groups())
            .any(is_grease)
}
