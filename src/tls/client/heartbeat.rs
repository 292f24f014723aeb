//! Heartbeats of the server: RFC 6520. The engine sends one only where a quirk says so, and answers none.

use super::connection::Client;
use super::facts::Heartbeat;
use crate::tls::failure::Cause;
use crate::wire::tls::codec::Reader;
use crate::wire::tls::extension::code;

/// Most heartbeats that are taken.
const MAX_HEARTBEATS: usize = 32;

impl Client {
    /// Whether heartbeats were agreed: offered, answered, and the handshake is complete.
    pub(super) fn takes_heartbeats(&self) -> bool {
        let offered = self.handshake.hello.has_extension(code::HEARTBEAT);
        offered && self.is_open() && self.facts().heartbeat.is_some()
    }

    pub(super) fn heartbeat(&mut self, content: &[u8]) -> Result<(), Cause> {
        let mut reader = Reader::new(content, "heartbeat");
        let kind = reader.u8("type")?;
        let declared = reader.u16("payload length")?.into();
        let received = reader.rest().len();
        if self.facts.heartbeats.len() >= MAX_HEARTBEATS {
            let what = format!("more than {MAX_HEARTBEATS} heartbeats");
            return Err(Cause::Misbehaved(what));
        }
        self.facts.heartbeats.push(Heartbeat {
            kind,
            declared,
            received,
        });
        Ok(())
    }
}
