//! Connections that the lab server takes over from rustls.

use std::collections::BTreeSet;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

use super::defect::TlsDefect;
use super::ending::{close, give_document};
use super::first_bytes::First;
use super::front::{Accepted, HANDSHAKE_LIMIT, LabStream, TlsFront, info, subject};
use super::lab_plan::Plan;
use crate::reference::http::{ConnectionInfo, Transport};
use crate::tls::server::{Facts, Server};
use crate::wire::tls::hello::ClientHello;

impl TlsFront {
    /// The lab server, when it has a plan for this hello and can answer it.
    pub(super) fn lab_server(
        &self,
        first: &First,
        octets: &[u8],
        plan: fn(&ClientHello, &BTreeSet<TlsDefect>) -> Option<Plan>,
    ) -> Option<Server> {
        let First::Hello(hello) = first else {
            return None;
        };
        let plan = plan(hello, &self.defects)?;
        self.stack.lab().answer(&plan, octets)
    }

    pub(super) async fn lab_handshake<S>(
        &self,
        stream: S,
        server: Server,
        id: u64,
    ) -> Option<Accepted<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        match timeout(HANDSHAKE_LIMIT, LabStream::connect(stream, server)).await {
            Ok(Ok(mut stream)) => {
                let info = describe(stream.get_ref().1.facts(), id);
                if self.gives_to_anybody(&info) {
                    give_document(&mut stream).await;
                    return None;
                }
                Some(Accepted::Lab(Box::new(stream), info))
            }
            Ok(Err(unfinished)) => {
                let error = unfinished.error;
                tracing::debug!(%error, connection = id, "handshake ended");
                close(unfinished.stream).await;
                None
            }
            Err(_) => None,
        }
    }
}

/// A connection as the lab server knows it.
fn describe(facts: &Facts, id: u64) -> ConnectionInfo {
    ConnectionInfo {
        server_name: facts.server_name.clone(),
        resumed: facts.resumed.is_some(),
        full_handshake: id,
        made_elsewhere: false,
        client_certificate_subject: facts.certificates.first().and_then(|der| subject(der)),
        certificate_requested_and_empty: facts.certificate_requested
            && facts.certificates.is_empty(),
        ..info(id, Transport::Tls)
    }
}
