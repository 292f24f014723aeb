//! What a server selects from an offer of TLS 1.3: mode, group, suite, and how it signs.

use crate::tls::failure::Cause;
use crate::tls::server::ServerConfig;
use crate::tls::signature::Scheme;
use crate::tls::suite::{Exchange, Suite};
use crate::wire::tls::codec::Reader;
use crate::wire::tls::extension::code;
use crate::wire::tls::extension13::{KeyShare, OfferedPsks};
use crate::wire::tls::hello::ClientHello;

/// What a hello says in the extensions of TLS 1.3.
#[derive(Default)]
pub(super) struct Offered {
    pub(super) shares: Vec<KeyShare>,
    pub(super) psks: OfferedPsks,
    pub(super) psk_modes: Vec<u8>,
}

impl Offered {
    pub(super) fn of(hello: &ClientHello) -> Result<Self, Cause> {
        let mut offered = Self::default();
        if let Some(body) = hello.extension(code::KEY_SHARE) {
            offered.shares = KeyShare::parse_offer(body)?;
        }
        if let Some(body) = hello.extension(code::PRE_SHARED_KEY) {
            offered.psks = OfferedPsks::parse(body)?;
        }
        if let Some(body) = hello.extension(code::PSK_KEY_EXCHANGE_MODES) {
            let mut reader = Reader::new(body, "psk_key_exchange_modes");
            offered.psk_modes = reader.vector8("modes")?.to_vec();
            reader.end()?;
        }
        Ok(offered)
    }

    /// The mode in which a pre-shared key may be used: the server's order decides.
    pub(super) fn psk_mode(&self, config: &ServerConfig) -> Option<u8> {
        let mut ours = config.tls13.psk_modes.iter().copied();
        ours.find(|mode| self.psk_modes.contains(mode))
    }

    /// The first group of the server of which a share came.
    pub(super) fn share(&self, config: &ServerConfig) -> Option<&KeyShare> {
        let share = |group: &u16| self.shares.iter().find(|share| share.group == *group);
        config.groups.iter().find_map(share)
    }
}

/// The suites of TLS 1.3 that both have, the server's best first.
pub(super) fn suites<'a>(config: &'a ServerConfig, hello: &ClientHello) -> Vec<&'a Suite> {
    let ours = config.suites.iter();
    ours.filter(|suite| suite.exchange == Exchange::Tls13 && hello.offers_suite(suite.code))
        .collect()
}

/// The first group that both have, of which no share came.
pub(super) fn group(config: &ServerConfig, hello: &ClientHello) -> Option<u16> {
    let theirs = hello.supported_groups();
    let mut ours = config.groups.iter().copied();
    ours.find(|group| theirs.contains(group))
}

/// The first identity that signs in a scheme of both, and that scheme.
pub(super) fn signer(config: &ServerConfig, hello: &ClientHello) -> Option<(usize, u16, Scheme)> {
    let theirs = hello.signature_algorithms();
    let mut ours = config.signature_schemes.clone();
    ours.retain(|scheme| theirs.contains(scheme));
    let mut identities = config.identities.iter().enumerate();
    identities.find_map(|(at, identity)| {
        let (code, scheme) = identity.key.choose_tls13(&ours)?;
        Some((at, code, scheme))
    })
}
