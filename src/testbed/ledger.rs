//! What the origin received: a bounded ring of requests, found again by their marker.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hyper::HeaderMap;
use tokio::sync::watch;

use crate::model::evidence::{Endpoint, OriginRequest};
use crate::model::seen_http::OriginFacts;
use crate::model::target::IdentityHeaders;

/// Requests kept.
const REQUESTS: usize = 10_000;

/// Octets of header fields kept over all requests.
const OCTETS: usize = 64 * 1024 * 1024;

/// Longest marker.
const MARKER: usize = 256;

/// The header field that carries a marker.
const MARKER_HEADER: &str = "x-presec-marker";

/// The product that carries a marker past a proxy that drops unknown header fields.
const MARKER_PRODUCT: &str = "presec-marker/";

#[derive(Debug)]
struct Received {
    serial: u64,
    arrival: Arrival,
    marker: Option<String>,
    target: String,
    /// Names in lower case.
    fields: Vec<(String, String)>,
    octets: usize,
}

/// How a request arrived, for evidence.
#[derive(Debug, Clone)]
pub(super) struct Arrival {
    /// Microseconds of the monotonic clock, if there is one.
    pub(super) at_us: Option<u64>,
    /// The side that opened the connection.
    pub(super) from: Endpoint,
    /// The origin.
    pub(super) to: Endpoint,
    /// Method and request target.
    pub(super) line: String,
}

#[derive(Debug, Default)]
struct Ring {
    received: u64,
    requests: VecDeque<Received>,
    octets: usize,
}

/// The requests received so far.
#[derive(Debug)]
pub(super) struct Ledger {
    headers: IdentityHeaders,
    ring: Mutex<Ring>,
    arrivals: watch::Sender<u64>,
}

impl Ledger {
    pub(super) fn new(headers: IdentityHeaders) -> Self {
        Self {
            headers,
            ring: Mutex::new(Ring::default()),
            arrivals: watch::Sender::new(0),
        }
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a request down; the oldest go when there are too many.
    ///
    /// The marker it came under.
    pub(super) fn record(&self, arrival: Arrival, headers: &HeaderMap) -> Option<String> {
        let fields: Vec<(String, String)> = headers
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            })
            .collect();
        let found = marker(&fields);
        let length = |(name, value): &(String, String)| name.len() + value.len();
        let target = arrival
            .line
            .split(' ')
            .nth(1)
            .unwrap_or_default()
            .to_owned();
        let mut received = Received {
            serial: 0,
            marker: found.clone(),
            octets: target.len() + fields.iter().map(length).sum::<usize>(),
            target,
            arrival,
            fields,
        };
        {
            let mut ring = self.ring();
            ring.received += 1;
            received.serial = ring.received;
            ring.octets += received.octets;
            ring.requests.push_back(received);
            while ring.requests.len() > REQUESTS || ring.octets > OCTETS {
                match ring.requests.pop_front() {
                    Some(oldest) => ring.octets = ring.octets.saturating_sub(oldest.octets),
                    None => break,
                }
            }
        }
        self.arrivals.send_modify(|count| *count += 1);
        found
    }

    /// What was received under a marker; under none for `None`.
    pub(super) fn received(&self, marker: Option<&str>) -> OriginFacts {
        let ring = self.ring();
        let mut facts = OriginFacts::default();
        let mut names = BTreeSet::new();
        let wanted = ring
            .requests
            .iter()
            .filter(|received| received.marker.as_deref() == marker);
        for received in wanted {
            facts.requests = facts.requests.saturating_add(1);
            facts.header_values.push(received.target.clone());
            for (name, value) in &received.fields {
                if name.eq_ignore_ascii_case(&self.headers.asserted) {
                    facts.asserted_identities.extend(identities(value));
                } else if name.eq_ignore_ascii_case(&self.headers.intended) {
                    facts.intended_identities.extend(identities(value));
                }
                names.insert(name.clone());
                facts.header_values.push(value.clone());
            }
        }
        facts.header_names = names.into_iter().collect();
        facts
    }

    /// The requests received under a marker, as evidence keeps them.
    pub(super) fn requests(&self, marker: &str) -> Vec<OriginRequest> {
        let ring = self.ring();
        let under_marker = |received: &&Received| received.marker.as_deref() == Some(marker);
        let kept = |received: &Received| OriginRequest {
            serial: received.serial,
            at_us: received.arrival.at_us,
            from: received.arrival.from.clone(),
            to: received.arrival.to.clone(),
            line: received.arrival.line.clone(),
            fields: received.fields.clone(),
        };
        ring.requests
            .iter()
            .filter(under_marker)
            .map(kept)
            .collect()
    }

    /// Waits until something came under `marker`; whether it has.
    pub(super) async fn arrived(&self, marker: &str, within: Duration) -> bool {
        let mut arrivals = self.arrivals.subscribe();
        let has = || {
            let ring = self.ring();
            ring.requests
                .iter()
                .any(|received| received.marker.as_deref() == Some(marker))
        };
        let wait = arrivals.wait_for(|_| has());
        match tokio::time::timeout(within, wait).await {
            Ok(arrived) => arrived.is_ok(),
            Err(_) => has(),
        }
    }
}

fn marker(fields: &[(String, String)]) -> Option<String> {
    let named = |wanted: &'static str| {
        fields
            .iter()
            .filter(move |(name, _)| name == wanted)
            .map(|(_, value)| value.as_str())
    };
    let in_agent = named("user-agent")
        .flat_map(str::split_ascii_whitespace)
        .find_map(|product| product.strip_prefix(MARKER_PRODUCT));
    named(MARKER_HEADER)
        .next()
        .map(str::trim)
        .or(in_agent)
        .filter(|marker| !marker.is_empty() && marker.len() <= MARKER)
        .map(str::to_owned)
}

/// Identities of one field: split at commas outside quotes, quotes and escapes removed.
fn identities(value: &str) -> Vec<String> {
    let mut list = Vec::new();
    let mut current = String::new();
    let mut quoted = false;
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => quoted = !quoted,
            '\\' if quoted => current.extend(characters.next()),
            ',' if !quoted => list.push(std::mem::take(&mut current)),
            other => current.push(other),
        }
    }
    list.push(current);
    list.into_iter()
        .map(|identity| identity.trim().to_owned())
        .filter(|identity| !identity.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use hyper::header::{HeaderName, HeaderValue};

    use super::*;

    fn headers(fields: &[(&'static str, &'static str)]) -> HeaderMap {
        fields
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect()
    }

    fn from_proxy() -> Arrival {
        let endpoint = Endpoint {
            octets: vec![127, 0, 0, 1],
            port: 1,
            text: "127.0.0.1:1".to_owned(),
        };
        Arrival {
            at_us: Some(5),
            from: endpoint.clone(),
            to: endpoint,
            line: "GET /x".to_owned(),
        }
    }

    #[test]
    fn requests_are_kept_for_evidence_in_their_order() {
        let ledger = Ledger::new(IdentityHeaders::default());
        for value in ["m-1", "m-2", "m-1"] {
            ledger.record(from_proxy(), &headers(&[("x-presec-marker", value)]));
        }
        let requests = ledger.requests("m-1");
        let serials: Vec<u64> = requests.iter().map(|request| request.serial).collect();
        assert_eq!(serials, [1, 3]);
        assert_eq!(requests[0].line, "GET /x");
    }

    #[test]
    fn identities_are_split_and_unquoted() {
        assert_eq!(
            identities("\"sip:a@x\", \"sip:b,c@x\" , tel:+1,"),
            ["sip:a@x", "sip:b,c@x", "tel:+1"]
        );
        assert!(identities(" ").is_empty());
    }

    #[test]
    fn requests_are_found_by_header_then_by_product() {
        let ledger = Ledger::new(IdentityHeaders::default());
        let agent = "presec/0.1.0 3gpp-gba presec-marker/m-2";
        ledger.record(
            from_proxy(),
            &headers(&[
                ("x-presec-marker", "m-1"),
                ("x-3gpp-asserted-identity", "\"sip:a@x\", \"sip:b@x\""),
            ]),
        );
        ledger.record(from_proxy(), &headers(&[("user-agent", agent)]));
        ledger.record(
            from_proxy(),
            &headers(&[("x-3gpp-intended-identity", "\"sip:c@x\"")]),
        );
        let first = ledger.received(Some("m-1"));
        assert_eq!(first.requests, 1);
        assert_eq!(first.asserted_identities, ["sip:a@x", "sip:b@x"]);
        assert_eq!(ledger.received(Some("m-2")).requests, 1);
        let unmarked = ledger.received(None);
        assert_eq!(unmarked.intended_identities, ["sip:c@x"]);
        assert_eq!(ledger.received(Some("m-3")).requests, 0);
    }

    #[test]
    fn the_ring_is_bounded() {
        let ledger = Ledger::new(IdentityHeaders::default());
        for _ in 0..REQUESTS + 5 {
            ledger.record(from_proxy(), &headers(&[("x-presec-marker", "m")]));
        }
        let received = ledger.received(Some("m")).requests;
        assert_eq!(usize::try_from(received).expect("count"), REQUESTS);
    }

    #[tokio::test]
    async fn arrival_ends_the_wait() {
        let ledger = Ledger::new(IdentityHeaders::default());
        assert!(!ledger.arrived("m", Duration::ZERO).await);
        let arrival = ledger.arrived("m", Duration::from_secs(60));
        let record = async { ledger.record(from_proxy(), &headers(&[("x-presec-marker", "m")])) };
        let (arrived, _) = tokio::join!(arrival, record);
        assert!(arrived);
    }
}
