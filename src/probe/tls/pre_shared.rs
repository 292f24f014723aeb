//! Handshakes with a subscriber's pre-shared key (TS 33.222 clause 5.4, RFC 4279).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::case::TlsCase;
use super::lab::VERSIONS;
use crate::engine::ports::Trouble;
use crate::model::names::Names;
use crate::model::secret::Secret;
use crate::model::step_pre_shared::{IdentityForm, KeyForm, KeyMode};
use crate::model::step_tls::TlsConnect;
use crate::model::suite::ProtocolVersion;
use crate::probe::target::{ResolvedKey, ResolvedSubscriber};
use crate::tls::client::{ClientConfig, ExternalPsk, Facts, PSK_DHE_KE, PSK_KE};
use crate::tls::hash::HashFunction;
use crate::tls::key_exchange::PreSharedKey;
use crate::tls::suite::Suite;

/// By this an identity is told from those of other name spaces (TS 24.109 clause 5.3.3).
const NAME_SPACE: &str = "3GPP-bootstrapping";
/// What stands before the `@` of a B-TID that nobody has: base64 of 16 octets that are no RAND of a bootstrapping.
const NOBODY: &str = "cHJlc2VjLXVua25vd24tdWU=";
/// The hash of a key for TLS 1.3 where nothing says another (RFC 8446 4.2.11), and the suites with it.
const HASH_13: HashFunction = HashFunction::Sha256;
const SUITES_13: [u16; 2] = [0x1301, 0x1303];
/// Octets of the longest identity (RFC 4279 clause 2).
const LONGEST: usize = 65_535;

/// What a client holds for a handshake with a pre-shared key.
#[derive(Debug, Clone)]
pub(super) struct Held {
    /// The suite that the key is for; in TLS 1.3 those with its hash.
    pub(super) suites: Vec<Suite>,
    /// In TLS 1.3, the mode in which the key is offered.
    mode: Option<KeyMode>,
    /// Identity and key as they are used.
    pub(super) key: PreSharedKey,
    /// Whether both are the subscriber's own, so that whoever completes the handshake has the key too.
    pub(super) right: bool,
}

impl Held {
    /// The versions of the engine that the suite exists in.
    pub(super) fn versions(&self) -> Vec<ProtocolVersion> {
        let exists = |version: &ProtocolVersion| {
            let mut suites = self.suites.iter();
            VERSIONS.contains(version) && suites.any(|suite| suite.versions.contains(*version))
        };
        ProtocolVersion::ALL.into_iter().filter(exists).collect()
    }

    /// Makes a client hold it.
    pub(super) fn apply(&self, config: &mut ClientConfig) {
        let Some(mode) = self.mode else {
            config.pre_shared_key = Some(self.key.clone());
            return;
        };
        config.tls13.external_psks = vec![ExternalPsk {
            key: self.key.clone(),
            hash: HASH_13,
        }];
        // No certificate may stand in for the key, and without shares nothing but the key is left.
        config.signature_schemes = Vec::new();
        config.tls13.psk_modes = match mode {
            KeyMode::PskDheKe => vec![PSK_DHE_KE],
            KeyMode::PskKe => {
                config.groups = Vec::new();
                vec![PSK_KE]
            }
        };
    }

    /// Whether a handshake that is complete was made with it.
    pub(super) fn was_taken(&self, facts: &Facts) -> bool {
        self.mode.is_none() || facts.tls13.psk.is_some()
    }
}

impl TlsCase {
    /// The pre-shared key that a step asks for, if it does.
    ///
    /// # Errors
    /// [`Trouble::NotProven`] when the target file does not give what is needed, naming the key to set;
    /// [`Trouble::Fault`] for names without a value.
    pub(super) fn pre_shared(
        &self,
        step: &TlsConnect,
        names: &Names,
    ) -> Result<Option<Held>, Trouble> {
        let Some(wanted) = &step.pre_shared_key else {
            return Ok(None);
        };
        let target = &self.shared.settings.target;
        let place = format!("`subscribers.{}.credentials.pre_shared_key`", wanted.of);
        let missing = || Trouble::NotProven(format!("{place} is not set in the target file"));
        let subscriber = target.subscribers.get(&wanted.of).ok_or_else(missing)?;
        let given = subscriber.pre_shared_key.as_ref().ok_or_else(missing)?;
        let (suites, right) = match wanted.mode {
            None => (self.suite_of(given, &place)?, given.key.clone()),
            Some(_) => {
                let missing = || {
                    let what = "has no `ks_naf_tls13` in the target file";
                    Trouble::NotProven(format!("{place} {what}"))
                };
                (
                    self.suites_13(),
                    given.of_tls13.clone().ok_or_else(missing)?,
                )
            }
        };
        let form = match &wanted.identity {
            Some(bind) => bind.resolve(names)?,
            None => IdentityForm::BTid,
        };
        Ok(Some(Held {
            suites,
            mode: wanted.mode,
            right: form == IdentityForm::BTid && wanted.key == KeyForm::Right,
            key: PreSharedKey {
                identity: identity(&subscriber.username, form),
                key: key((subscriber, &right), wanted.key)?,
            },
        }))
    }

    fn suite_of(&self, given: &ResolvedKey, place: &str) -> Result<Vec<Suite>, Trouble> {
        let registry = &self.shared.settings.registry;
        let suite = registry.by_name(&given.suite).and_then(Suite::of);
        let suite = suite.filter(Suite::has_pre_shared_key).ok_or_else(|| {
            let what = "names no suite of a pre-shared key that the lab TLS engine has";
            Trouble::NotProven(format!("{place} {what}"))
        })?;
        Ok(vec![suite])
    }

    /// The suites of TLS 1.3 for the hash of an external key (RFC 8446 4.2.11).
    fn suites_13(&self) -> Vec<Suite> {
        let suites = SUITES_13.iter();
        let registry = &self.shared.settings.registry;
        suites
            .filter_map(|code| Suite::of(registry.by_code(*code)?))
            .collect()
    }
}

fn identity(b_tid: &str, form: IdentityForm) -> Vec<u8> {
    let host = b_tid.rsplit_once('@').map_or("", |(_, host)| host);
    let mut identity = match form {
        IdentityForm::Unknown => format!("{NAME_SPACE};{NOBODY}@{host}"),
        IdentityForm::WithoutPrefix => b_tid.to_owned(),
        IdentityForm::BTid | IdentityForm::Nul | IdentityForm::Oversized => {
            format!("{NAME_SPACE};{b_tid}")
        }
    }
    .into_bytes();
    match form {
        IdentityForm::Nul => identity.extend(b"\0presec"),
        IdentityForm::Oversized => identity.resize(LONGEST, b'A'),
        IdentityForm::BTid | IdentityForm::Unknown | IdentityForm::WithoutPrefix => {}
    }
    identity
}

fn key(
    (subscriber, right): (&ResolvedSubscriber, &Secret),
    form: KeyForm,
) -> Result<Secret, Trouble> {
    match form {
        KeyForm::Right => Ok(right.clone()),
        KeyForm::Wrong => {
            let mut octets = right.expose().to_vec();
            if let Some(last) = octets.last_mut() {
                *last ^= 1;
            }
            Ok(Secret::new(octets))
        }
        KeyForm::OfDigest => {
            let other = STANDARD.decode(subscriber.password.expose()).ok();
            let other = other.filter(|key| key != right.expose());
            other.map(Secret::new).ok_or_else(|| {
                let what = "is no base64 of another key than that of `pre_shared_key`";
                let name = &subscriber.name;
                Trouble::NotProven(format!("`subscribers.{name}.credentials.ks_naf` {what}"))
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const B_TID: &str = "bGFiLXJhbmQtYWxpY2UuLg==@bsf.example.test";

    fn text(form: IdentityForm) -> String {
        String::from_utf8(identity(B_TID, form)).unwrap()
    }

    #[test]
    fn identities_are_what_they_are_called() {
        let right = format!("3GPP-bootstrapping;{B_TID}");
        assert_eq!(text(IdentityForm::BTid), right);
        assert_eq!(text(IdentityForm::WithoutPrefix), B_TID);
        assert_eq!(text(IdentityForm::Nul), format!("{right}\0presec"));
        let unknown = text(IdentityForm::Unknown);
        assert!(unknown.starts_with("3GPP-bootstrapping;") && unknown != right);
        assert!(unknown.ends_with("@bsf.example.test"));
        let oversized = text(IdentityForm::Oversized);
        assert!(oversized.starts_with(&right));
        assert_eq!(oversized.len(), usize::from(u16::MAX));
    }

    #[test]
    fn keys_differ_from_the_right_one() {
        let subscriber = |password: &str| ResolvedSubscriber {
            name: "alice".to_owned(),
            username: B_TID.to_owned(),
            password: Secret::new(password),
            pre_shared_key: None,
            impus: Vec::new(),
            default_impu: None,
            xui: String::new(),
        };
        let right = Secret::new([7; 32]);
        let of = |password: &str, form| key((&subscriber(password), &right), form);
        let other = STANDARD.encode([8; 32]);
        assert_eq!(of(&other, KeyForm::Right).unwrap().expose(), [7; 32]);
        let wrong = of(&other, KeyForm::Wrong).unwrap();
        assert_eq!(wrong.expose().last(), Some(&6));
        assert_eq!(wrong.expose().len(), 32);
        assert_eq!(of(&other, KeyForm::OfDigest).unwrap().expose(), [8; 32]);
        // A key that is the same shows nothing about the other identifier.
        for same in [STANDARD.encode([7; 32]), "no base64!".to_owned()] {
            let refused = of(&same, KeyForm::OfDigest);
            assert!(matches!(refused, Err(Trouble::NotProven(_))));
        }
    }
}
