//! What a server selects from an offer: version, suite, group, scheme.

use super::config::ServerConfig;
use crate::model::suite::ProtocolVersion;
use crate::tls::signature::{Algorithm, Scheme};
use crate::tls::suite::{Exchange, Suite};
use crate::wire::tls::extension::code;
use crate::wire::tls::hello::ClientHello;

/// What a client without signature_algorithms is taken to know (RFC 5246 7.4.1.4.1).
const IMPLIED_SCHEMES: [u16; 2] = [0x0201, 0x0203];

/// An offer with the server it is made to.
pub(super) struct Choice<'a> {
    pub(super) config: &'a ServerConfig,
    pub(super) hello: &'a ClientHello,
}

impl Choice<'_> {
    /// The highest version both have; `None` without any.
    pub(super) fn version(&self) -> Option<ProtocolVersion> {
        let wanted = self.config.minimum..=self.config.maximum;
        let listed = self.hello.supported_versions();
        if self.hello.has_extension(code::SUPPORTED_VERSIONS) {
            let known = listed
                .iter()
                .filter_map(|version| ProtocolVersion::from_wire(*version));
            return known.filter(|version| wanted.contains(version)).max();
        }
        // Without the extension TLS 1.3 cannot be meant, and unknown higher versions are the highest of ours.
        let highest = self.hello.client_version.min(ProtocolVersion::Tls12.wire());
        let highest = ProtocolVersion::from_wire(highest)?.min(self.config.maximum);
        wanted.contains(&highest).then_some(highest)
    }

    /// The first suite of the server that the client offers too and that can be completed, with the identity for it.
    pub(super) fn suite(&self, version: ProtocolVersion) -> Option<(&Suite, Option<usize>)> {
        self.config.suites.iter().find_map(|suite| {
            if !self.hello.offers_suite(suite.code) {
                return None;
            }
            Some((suite, self.completes(suite, version)?))
        })
    }

    /// Whether the server can complete a handshake with a suite, and with which of its identities.
    #[expect(clippy::option_option, reason = "a suite may need no identity")]
    fn completes(&self, suite: &Suite, version: ProtocolVersion) -> Option<Option<usize>> {
        let tls12 = version >= ProtocolVersion::Tls12;
        // Some stacks complete suites of TLS 1.2 with a record MAC in older versions too.
        let defined = tls12 || !suite.cipher.is_aead();
        let keyed = !suite.has_pre_shared_key() || self.config.pre_shared_keys.is_some();
        let grouped = suite.exchange != Exchange::Ecdhe || self.group().is_some();
        // What came with TLS 1.0 Java completes in SSL 3.0 too.
        let since = suite.versions.minimum > version.max(ProtocolVersion::Tls10);
        let above = since || suite.exchange == Exchange::Tls13;
        if !defined || !keyed || !grouped || above {
            return None;
        }
        if !suite.has_certificate() {
            return Some(None);
        }
        let mut identities = self.config.identities.iter().enumerate();
        let (at, _) = identities.find(|(_, identity)| {
            let signs = suite.is_signed();
            let scheme = || self.scheme(&identity.key, version);
            identity.fits(suite) && (!signs || scheme().is_some())
        })?;
        Some(Some(at))
    }

    /// The first group of the server that the client has too; a client that names none takes any.
    pub(super) fn group(&self) -> Option<u16> {
        let groups = self.hello.supported_groups();
        let mut ours = self.config.groups.iter();
        let group = ours.find(|group| groups.is_empty() || groups.contains(group));
        group.copied()
    }

    /// How a key signs for this client; before TLS 1.2 as the version implies.
    pub(super) fn scheme(
        &self,
        key: &crate::tls::signature::PrivateKey,
        version: ProtocolVersion,
    ) -> Option<(Option<u16>, Scheme)> {
        if version < ProtocolVersion::Tls12 {
            return key.choose(None);
        }
        let theirs = self.hello.signature_algorithms();
        let theirs = if self.hello.has_extension(code::SIGNATURE_ALGORITHMS) {
            theirs.as_slice()
        } else {
            &IMPLIED_SCHEMES
        };
        let mut ours = self.config.signature_schemes.clone();
        ours.retain(|scheme| theirs.contains(scheme));
        key.choose(Some(&ours))
    }
}

/// Certificate types for the schemes a server takes (RFC 5246 7.4.4, RFC 8422 5.5).
pub(super) fn certificate_types(schemes: &[u16]) -> Vec<u8> {
    const RSA_SIGN: u8 = 1;
    const DSS_SIGN: u8 = 2;
    const ECDSA_SIGN: u8 = 64;
    let known = schemes.iter().filter_map(|scheme| Scheme::of(*scheme));
    let kinds: Vec<u8> = known
        .map(|scheme| match scheme.algorithm() {
            Algorithm::RsaPkcs1 | Algorithm::RsaPss => RSA_SIGN,
            Algorithm::Dss => DSS_SIGN,
            Algorithm::Ecdsa | Algorithm::Ed25519 => ECDSA_SIGN,
        })
        .collect();
    let mut types = vec![RSA_SIGN, DSS_SIGN, ECDSA_SIGN];
    types.retain(|kind| kinds.contains(kind));
    types
}
