//! One request many times: what the answers show together.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::engine::ports::Trouble;
use crate::model::seen::{Facts, Seen};
use crate::model::seen_http::SeriesFacts;
use crate::model::step_http::Http;

use super::case::HttpCase;
use super::connection::Dial;
use super::credentials::Sending;
use super::exchange::Outcome;
use super::facts::challenges;
use super::login::AsUe;
use super::plan::RequestPlan;
use super::session::Session;

/// Most requests of a series.
const MOST: u16 = 200;
/// Octets of a nonce that are looked at.
const NONCE_OCTETS: usize = 256;
/// Share of ones in a bit that counts as chance, in percent; of fifty fair throws hardly one series in ten thousand is beyond.
const CHANCE: std::ops::RangeInclusive<usize> = 25..=75;

impl HttpCase {
    /// Sends a request again and again until the target stops answering as before.
    pub(super) async fn series(
        &mut self,
        session: &mut Session,
        dial: &mut dyn Dial,
        (step, plan, times): (&Http, &RequestPlan, u16),
        sending: &Sending,
    ) -> Result<Seen, Trouble> {
        let mut facts = SeriesFacts::default();
        let mut nonces = Vec::new();
        let mut first_status = None;
        let mut last: Option<AsUe> = None;
        for _ in 0..times.clamp(1, MOST) {
            let done = AsUe {
                last: self.exchange(session, dial, plan, sending).await?,
                before: Vec::new(),
            };
            let status = match &done.last.outcome {
                Outcome::Answer(response, _) => {
                    nonces.extend(
                        challenges(response)
                            .iter()
                            .filter_map(|challenge| challenge.nonce().map(str::to_owned)),
                    );
                    facts.answers += 1;
                    Some(response.status)
                }
                Outcome::Closed { .. } | Outcome::Unreadable(_) => None,
            };
            last = Some(done);
            let first = *first_status.get_or_insert(status);
            if status != first {
                facts.throttled = matches!(status, None | Some(429 | 403 | 503));
                break;
            }
            if status.is_none() {
                break;
            }
        }
        let Some(done) = last else {
            return Err(Trouble::Fault("a series of no request".to_owned()));
        };
        facts.nonces = nonces.len();
        facts.distinct_nonces = nonces.iter().collect::<BTreeSet<_>>().len();
        facts.varying_bits = varying_bits(&nonces);
        let mut seen = self.seen(plan, &done, session.subscriber.as_deref());
        seen.observed = told(&seen.observed, &facts);
        if let Facts::Http(http) = &mut seen.facts {
            http.series = Some(facts);
        }
        if let Some(name) = &step.save {
            self.save(name, &seen, &done);
        }
        Ok(seen)
    }
}

fn told(last: &str, facts: &SeriesFacts) -> String {
    let mut text = format!("{} answers, the last {last}", facts.answers);
    if facts.nonces > 0 {
        text.push_str(&format!(
            "; {} nonces, {} different, at most {} bits to guess",
            facts.nonces, facts.distinct_nonces, facts.varying_bits
        ));
    }
    if facts.throttled {
        text.push_str("; the target no longer answers as before");
    }
    text
}

/// How many bits differ from nonce to nonce as chance has it.
///
/// Base64 and hex are undone first, so that a letter counts as what it stands for. The number bounds what there is to guess
/// from above: a hash over a counter varies in every bit and can still be guessed by who knows how it is made.
fn varying_bits(nonces: &[String]) -> u32 {
    let octets: Vec<Vec<u8>> = nonces.iter().map(|nonce| decoded(nonce)).collect();
    let Some(length) = octets.iter().map(Vec::len).min() else {
        return 0;
    };
    let mut varying = 0;
    for position in 0..length.min(NONCE_OCTETS) {
        for bit in 0..8 {
            let ones = octets
                .iter()
                .filter(|octets| {
                    octets
                        .get(position)
                        .is_some_and(|octet| octet >> bit & 1 == 1)
                })
                .count();
            if CHANCE.contains(&(ones * 100 / octets.len().max(1))) {
                varying += 1;
            }
        }
    }
    varying
}

fn decoded(nonce: &str) -> Vec<u8> {
    hex::decode(nonce)
        .or_else(|_| STANDARD.decode(nonce))
        .unwrap_or_else(|_| nonce.as_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::*;

    fn nonces(make: impl Fn(u32) -> String) -> Vec<String> {
        (0..100).map(make).collect()
    }

    #[test]
    fn random_octets_vary_in_every_bit() {
        let hash = |number: u32| Sha256::digest(number.to_be_bytes());
        let hex = nonces(|number| hex::encode(&hash(number)[..16]));
        assert_eq!(varying_bits(&hex), 128);
        let base64 = nonces(|number| STANDARD.encode(&hash(number)[..16]));
        assert_eq!(varying_bits(&base64), 128);
    }

    #[test]
    fn a_counter_or_a_constant_hardly_varies() {
        assert!(varying_bits(&nonces(|number| format!("{number:016x}"))) < 8);
        assert!(varying_bits(&nonces(|number| format!("nonce-{number:06}"))) < 16);
        assert_eq!(varying_bits(&nonces(|_| "same".to_owned())), 0);
        assert_eq!(varying_bits(&[]), 0);
    }
}
