//! Heartbeats, RFC 6520: answered only by a server that is lax about their length.

use super::connection::Server;
use super::laxity::Laxity;
use crate::tls::failure::Cause;
use crate::wire::tls::codec::{Reader, put_u16};
use crate::wire::tls::record::content_type;

const REQUEST: u8 = 1;
const RESPONSE: u8 = 2;
/// Octets of padding in an answer.
const PADDING: usize = 16;
/// Most heartbeats that are answered on one connection.
const MAX_ANSWERS: usize = 32;
/// What stands behind the request in the memory of the server, so to speak.
const MEMORY: &[u8] = b"whatever-else-the-server-had-in-memory;";

impl Server {
    pub(super) fn heartbeat(&mut self, content: &[u8]) -> Result<(), Cause> {
        if !self.facts.completed || !self.config.is_lax(Laxity::HeartbeatOverread) {
            return Err(Cause::Unexpected("a heartbeat".to_owned()));
        }
        let mut reader = Reader::new(content, "heartbeat");
        let kind = reader.u8("type")?;
        let length = usize::from(reader.u16("payload length")?);
        if kind != REQUEST || self.facts.heartbeats >= MAX_ANSWERS {
            return Ok(());
        }
        let memory = reader.rest().iter().chain(MEMORY.iter().cycle());
        let mut answer = vec![RESPONSE];
        put_u16(&mut answer, u16::try_from(length).unwrap_or(u16::MAX));
        answer.extend(memory.take(length));
        answer.extend(self.entropy.octets(PADDING));
        self.facts.heartbeats += 1;
        self.send(content_type::HEARTBEAT, &answer);
        Ok(())
    }
}
