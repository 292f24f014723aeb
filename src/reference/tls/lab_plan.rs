//! When the lab server takes a connection, and what it has then.

use std::collections::BTreeSet;

use super::answer::{applies, is_weak_scheme};
use super::defect::TlsDefect;
use super::effect::{Effect, Lab, Selection};
use super::suites::{EPHEMERAL, GOOD, OLD};
use crate::model::suite::ProtocolVersion;
use crate::tls::key_exchange::PrimeGroup;
use crate::wire::tls::hello::ClientHello;

/// Bits of a prime from which on it is not small.
const FIT_PRIME: u16 = 2048;

/// What a lab server of one connection has.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) version: ProtocolVersion,
    /// Best first.
    pub(super) suites: Vec<u16>,
    pub(super) prime_group: PrimeGroup,
    /// Signature schemes, where they are not a conforming server's.
    pub(super) schemes: Option<Vec<u16>>,
    pub(super) lab: Lab,
}

impl Plan {
    const fn new(version: ProtocolVersion, suites: Vec<u16>) -> Self {
        Self {
            version,
            suites,
            prime_group: PrimeGroup::FFDHE2048,
            schemes: None,
            lab: Lab::CONFORMING,
        }
    }

    /// The plan for a hello to which a defect gives an answer no conforming server gives.
    pub(super) fn of_departure(hello: &ClientHello, defects: &BTreeSet<TlsDefect>) -> Option<Self> {
        let effects = defects.iter().map(|defect| defect.effect());
        effects
            .into_iter()
            .find_map(|effect| departure(hello, effect))
    }

    /// The plan for every other hello up to TLS 1.2, when a defect is the lab server's own.
    pub(super) fn of_laxity(hello: &ClientHello, defects: &BTreeSet<TlsDefect>) -> Option<Self> {
        let lab = defects.iter().find_map(|defect| match defect.effect() {
            Effect::Lab(lab) => Some(lab),
            _ => None,
        })?;
        let tls12 = ProtocolVersion::Tls12;
        if hello.highest_version() != tls12.wire() {
            return None;
        }
        let mut suites = good(hello);
        if lab.afterwards && suites.is_empty() {
            return None;
        }
        suites.extend(lab.suites);
        Some(Self {
            lab,
            ..Self::new(tls12, suites)
        })
    }
}

fn departure(hello: &ClientHello, effect: Effect) -> Option<Plan> {
    let tls12 = ProtocolVersion::Tls12;
    match effect {
        Effect::Version(version) if hello.highest_version() == version.wire() => {
            Some(Plan::new(version, OLD.to_vec()))
        }
        Effect::Select(selection) if applies(&selection, hello) => {
            Some(selecting(hello, &selection))
        }
        Effect::WeakSignature if hello.highest_version() == tls12.wire() => {
            let schemes = hello.signature_algorithms();
            let weak = schemes.iter().all(is_weak_scheme);
            let mut plan = Plan::new(tls12, EPHEMERAL.to_vec());
            plan.schemes = Some(schemes);
            weak.then_some(plan)
        }
        _ => None,
    }
}

/// As rustls does, the client's order counts.
fn good(hello: &ClientHello) -> Vec<u16> {
    let offered = hello.suites.iter().copied();
    offered.filter(|suite| GOOD.contains(suite)).collect()
}

fn selecting(hello: &ClientHello, selection: &Selection) -> Plan {
    let picks = selection.picks.iter().copied();
    let pick = picks.filter(|pick| hello.offers_suite(*pick)).take(1);
    let version = if selection.tls13 {
        ProtocolVersion::Tls13
    } else {
        ProtocolVersion::Tls12
    };
    let mut plan = Plan::new(version, pick.collect());
    if selection.prime_bits < FIT_PRIME {
        plan.prime_group = PrimeGroup::OAKLEY2;
    }
    plan
}
