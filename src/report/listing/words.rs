//! The model's words as they are written, and what they mean to an operator.

use crate::model::requirement::Role;
use crate::model::scenario::{Kind, Need, Risk};

/// The kind as written in YAML.
#[must_use]
pub fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Conformance => "conformance",
        Kind::Hardening => "hardening",
        Kind::Informative => "informative",
    }
}

/// The risk as written in YAML.
#[must_use]
pub fn risk_name(risk: Risk) -> &'static str {
    match risk {
        Risk::Read => "read",
        Risk::Write => "write",
        Risk::Load => "load",
        Risk::Disruptive => "disruptive",
    }
}

/// The role as written in YAML.
#[must_use]
pub fn role_name(role: Role) -> &'static str {
    match role {
        Role::Ue => "ue",
        Role::AuthenticationProxy => "authentication-proxy",
        Role::PresenceServer => "presence-server",
        Role::ListServer => "list-server",
        Role::ApplicationServer => "application-server",
        Role::Operator => "operator",
        Role::Bsf => "bsf",
    }
}

/// What a need asks of the target file.
#[must_use]
pub fn need_text(need: Need) -> &'static str {
    match need {
        Need::OriginAddress => "`origin_observer.listen` with an address that the proxy can call",
        Need::SubscriberAlice => "`subscribers.alice` with credentials",
        Need::SubscriberBob => "`subscribers.bob` with credentials",
        Need::SubscriberThrowAway => "`subscribers.throw_away`, whose credentials may be lost",
        Need::SubscriberAliceBefore => {
            "`subscribers.alice_before`, alice with the credentials of an earlier bootstrapping"
        }
        Need::SubscriberNoService => "`subscribers.no_service`, who may not use the service",
        Need::SecondImpu => "a second entry in `subscribers.alice.impus`",
        Need::DefaultImpu => "`subscribers.alice.default_impu`",
        Need::OriginObserver => "`origin_observer`, presec's own server behind the proxy",
        Need::ElapsedTime => {
            "`hooks.advance_clock`, or `run --checkpoint` where nothing but TLS sessions is to age"
        }
        Need::ForceReauth => "`hooks.force_reauth`",
        Need::ExpireBTid => "`hooks.expire_b_tid`",
        Need::Restart => "`hooks.restart`",
        Need::WritableDocument => "`documents.writable: true`",
        Need::ClearEndpoint => "`ut.clear`, the same service in clear",
        Need::SecondHost => "`ut.hosts`, a second host behind the proxy",
        Need::ClientCertificate => "`client_certificates.valid`",
        Need::SubscriberCertificate => "`client_certificates.valid.of: alice`",
        Need::PreSharedKey => "`subscribers.alice.credentials.pre_shared_key`",
    }
}
