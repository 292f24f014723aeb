//! HelloRetryRequest: RFC 8446 clause 4.1.4.

use super::state::{Awaiting, Tls13};
use crate::model::suite::ProtocolVersion;
use crate::tls::failure::Cause;
use crate::tls::server::{EarlyData, Server};
use crate::tls::suite::Suite;
use crate::wire::tls::codec::put_vector16;
use crate::wire::tls::extension::{Extension, code};
use crate::wire::tls::handshake::Message;
use crate::wire::tls::handshake13::message_hash;
use crate::wire::tls::hello::ClientHello;
use crate::wire::tls::record::handshake_type;
use crate::wire::tls::server_hello::{HELLO_RETRY_REQUEST_RANDOM, ServerHello};

/// Octets of a cookie.
const COOKIE: usize = 32;
/// Most octets of early data that are passed over, with their records.
pub(super) const MAX_PASSED_OVER: usize = 64 * 1024;

/// supported_versions of a server that selects TLS 1.3.
pub(super) fn selected_version() -> Extension {
    let version = ProtocolVersion::Tls13.wire().to_be_bytes();
    Extension::new(code::SUPPORTED_VERSIONS, version.to_vec())
}

impl Server {
    /// Asks for a second hello: with a share of this group, or with a cookie, or both.
    pub(super) fn hello_retry_request(
        &mut self,
        message: &Message,
        (hello, suite): (ClientHello, Suite),
        group: Option<u16>,
    ) -> Result<(), Cause> {
        // What follows is hashed as if the first hello had been its hash.
        let first = suite.hash.digest(&[&message.encode()]);
        self.handshake.transcript = message_hash(&first);
        let mut extensions = Vec::new();
        if let Some(group) = group {
            let group = group.to_be_bytes().to_vec();
            extensions.push(Extension::new(code::KEY_SHARE, group));
        }
        let cookie = self
            .config
            .tls13
            .cookie
            .then(|| self.entropy.octets(COOKIE));
        if let Some(cookie) = &cookie {
            let mut body = Vec::new();
            put_vector16(&mut body, cookie);
            extensions.push(Extension::new(code::COOKIE, body));
        }
        extensions.push(selected_version());
        let retry = ServerHello {
            version: ProtocolVersion::Tls13.wire(),
            legacy_version: ProtocolVersion::Tls12.wire(),
            random: HELLO_RETRY_REQUEST_RANDOM,
            session_id: hello.session_id.clone(),
            suite: suite.code,
            compression: 0,
            extensions,
        };
        self.facts.tls13.hello_retry = true;
        if hello.has_extension(code::EARLY_DATA) {
            self.pass_over_early_data();
        }
        let mut tls13 = Tls13::new(hello, suite);
        (tls13.retried_group, tls13.cookie) = (group, cookie);
        tls13.awaiting = Awaiting::SecondClientHello;
        self.tls13 = Some(Box::new(tls13));
        self.say(handshake_type::SERVER_HELLO, retry.encode_body());
        self.end_flight();
        self.send_compatibility_change_cipher_spec();
        Ok(())
    }

    /// Early data was announced and is not taken: what cannot be opened is it.
    pub(super) fn pass_over_early_data(&mut self) {
        self.facts.tls13.early_data = EarlyData::Rejected;
        self.records.pass_over_early_data(MAX_PASSED_OVER);
    }
}
