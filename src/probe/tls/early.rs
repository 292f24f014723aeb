//! Early data without a handshake behind it: the first flight goes out with a request in it, and nothing follows. So whoever
//! has seen it on the wire can send it too, and what takes effect then takes effect for anybody (RFC 8446 8, RFC 8470 3).

use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use super::case::TlsCase;
use super::exchange::{Dialed, dial};
use super::handshake::Handshake;
use super::tee::Tee;
use crate::engine::ports::Trouble;
use crate::probe::tap::KeyTap;
use crate::tls::client::{Client, ClientConfig, EarlyData};
use crate::tls::entropy::Entropy;
use crate::tls::failure::Failure;

/// Most octets of an answer that are kept.
const MAX_ANSWER: usize = 64 * 1024;

/// A first flight that can be sent any number of times, octet for octet the same.
#[derive(Clone)]
pub struct EarlyFlight {
    config: ClientConfig,
    seed: [u8; 32],
}

/// What came back for a first flight.
#[derive(Debug, Default)]
pub struct EarlyAnswer {
    /// Whether the target took the early data; a refusal of the handshake refuses it too.
    pub accepted: bool,
    /// What the target sent under its keys without waiting for the end of the handshake.
    pub octets: Vec<u8>,
    /// What happened to the handshake, in words.
    pub how: String,
}

impl TlsCase {
    /// A first flight that resumes the TLS session saved under this name, with this request as early data; and why the server
    /// of that session did not prove to be who it should be, if it did not.
    ///
    /// # Errors
    /// [`Trouble::NotProven`] when the session has no ticket of TLS 1.3 any more, [`Trouble::Fault`] when the lab engine did not
    /// make it.
    pub fn early_flight(
        &self,
        name: &str,
        request: Vec<u8>,
    ) -> Result<(EarlyFlight, Option<String>), Trouble> {
        let saved = self.saved(name)?;
        let mut handshake = Handshake::fresh(&self.shared.settings, &saved.server_name);
        handshake.verifier = Arc::clone(&saved.verifier);
        let lab = saved.lab.as_ref().ok_or_else(|| {
            Trouble::Fault(format!("the lab TLS engine did not make session `{name}`"))
        })?;
        let ticket = saved.store().and_then(|store| store.ticket_for_lab());
        let ticket = ticket.ok_or_else(|| {
            Trouble::NotProven(format!(
                "every ticket of the session saved as `{name}` has been offered already"
            ))
        })?;
        let mut config = handshake.lab_config(lab)?;
        config.tls13.resume = vec![super::lab::aged(ticket, self.shared.settings.clock.now())];
        config.tls13.early_data = request;
        let mut entropy =
            Entropy::from_system().map_err(|error| Trouble::Fault(error.to_string()))?;
        let flight = EarlyFlight {
            config,
            seed: entropy.array(),
        };
        Ok((flight, self.shared.doubts(&handshake)))
    }

    /// Sends a first flight and nothing after it, and reads what comes back until the early data is refused, an answer has
    /// come, or the time is over.
    ///
    /// # Errors
    /// [`Trouble::NotProven`] when no connection came about, or it was lost before the target said anything.
    pub async fn send_early(
        &self,
        flight: &EarlyFlight,
        is_answered: impl Fn(&[u8]) -> bool,
    ) -> Result<EarlyAnswer, Trouble> {
        let settings = &self.shared.settings;
        let (mut stream, trace) = match dial(settings).await? {
            Dialed::Open(stream, trace) => (Tee::traced(stream, trace.clone()), trace),
            Dialed::Lost(how) => return Err(Trouble::NotProven(how)),
        };
        let mut config = flight.config.clone();
        config.key_log = Some(Arc::new(KeyTap(trace)));
        let mut client = Client::new(config, Entropy::from_seed(flight.seed));
        let mut answer = EarlyAnswer::default();
        let mut failure: Option<Failure> = None;
        let conversation = async {
            stream.write_all(&client.take_output()).await?;
            stream.flush().await?;
            let mut buffer = vec![0; 16 * 1024];
            loop {
                let count = stream.read(&mut buffer).await?;
                failure = client
                    .receive(buffer.get(..count).unwrap_or_default())
                    .err();
                let ended = count == 0 || failure.is_some();
                // What the client would go on with is not sent.
                drop(client.take_output());
                answer.octets.extend(client.take_plaintext());
                answer.octets.truncate(MAX_ANSWER);
                let refused = client.facts().tls13.early_data == EarlyData::Rejected;
                if ended || refused || is_answered(&answer.octets) {
                    return std::io::Result::Ok(());
                }
            }
        };
        let _ = timeout(settings.target.timeout, conversation).await;
        answer.accepted = client.facts().tls13.early_data == EarlyData::Accepted;
        // Silence, a reset and a close alike: whether the flight arrived is not known.
        if client.facts().version.is_none() && failure.is_none() {
            return Err(Trouble::NotProven(
                "the connection of the early data was lost before anything came back".to_owned(),
            ));
        }
        answer.how = told(answer.accepted, failure.as_ref());
        Ok(answer)
    }
}

fn told(accepted: bool, failure: Option<&Failure>) -> String {
    match (accepted, failure) {
        (true, _) => "early data taken".to_owned(),
        (false, Some(failure)) => format!("early data not taken: {failure}"),
        (false, None) => "early data not taken".to_owned(),
    }
}
