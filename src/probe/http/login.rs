//! Logins: a challenge taken and answered, and requests as a UE repeats them.

use crate::engine::ports::Trouble;
use crate::model::names::Names;
use crate::model::seen::{Classification, Facts, Seen};
use crate::model::seen_http::HttpFacts;
use crate::model::step_http::Login;
use crate::model::step_tls::ClientCertificate;
use crate::wire::http::challenge::BootstrappingPrefix;
use crate::wire::http::{Challenge, DigestSession, Response, bootstrapping_realms};

use super::case::HttpCase;
use super::connection::{Dial, Recipe};
use super::credentials::Sending;
use super::exchange::{Exchanged, Outcome};
use super::facts::{challenges, observed};
use super::plan::RequestPlan;
use super::session::Session;

/// The Digest state that answers one of these challenges, if one can be answered.
///
/// A realm that asks for bootstrapped credentials of the ME goes before others, since that is what a subscriber of the
/// target file has; of a realm that lists several, only the chosen part is returned.
pub(super) fn answerable(challenges: &[Challenge]) -> Option<DigestSession> {
    let mut states: Vec<DigestSession> = challenges
        .iter()
        .filter_map(|challenge| DigestSession::from_challenge(challenge, None).ok())
        .collect();
    let bootstrapped = states
        .iter()
        .position(|state| me_realm(&state.realm).is_some());
    let chosen = bootstrapped.unwrap_or(0);
    (chosen < states.len()).then(|| {
        let mut state = states.swap_remove(chosen);
        if let Some(realm) = me_realm(&state.realm) {
            state.realm = realm;
        }
        state
    })
}

fn me_realm(realm: &str) -> Option<String> {
    bootstrapping_realms(realm)
        .into_iter()
        .find(|part| part.prefix == BootstrappingPrefix::Me)
        .map(|part| part.to_string())
}

/// Whether the only thing wrong with the credentials is the age of their nonce.
pub(super) fn is_stale(response: &Response) -> bool {
    challenges(response)
        .iter()
        .any(|challenge| challenge.is_digest() && challenge.stale() == Some(true))
}

/// An exchange of a UE, with the answers on the way in words.
pub(super) struct AsUe {
    /// The last exchange.
    pub(super) last: Exchanged,
    /// Observations before it.
    pub(super) before: Vec<String>,
}

impl AsUe {
    /// The answer, if there is one.
    pub(super) fn response(&self) -> Option<&Response> {
        match &self.last.outcome {
            Outcome::Answer(response, _) => Some(response),
            Outcome::Closed { .. } | Outcome::Unreadable(_) => None,
        }
    }

    /// The status of the answer, if there is one.
    fn status(&self) -> Option<u16> {
        self.response().map(|response| response.status)
    }

    /// What came, in words.
    pub(super) fn describe(&self) -> String {
        let mut text = match &self.last.outcome {
            Outcome::Answer(response, None) => observed(response),
            Outcome::Answer(response, Some(note)) => format!("{} ({note})", observed(response)),
            Outcome::Closed { how, .. } => how.clone(),
            Outcome::Unreadable(what) => format!("no HTTP answer: {what}"),
        };
        for before in self.before.iter().rev() {
            text.push_str(" after ");
            text.push_str(before);
        }
        text
    }
}

impl HttpCase {
    /// Holds that nobody acts as one subscriber over a connection that another one's certificate authenticates: whatever the
    /// target made of that would be judged against the wrong user.
    fn is_who_logs_in(&self, session: &Session) -> Result<(), Trouble> {
        let holder = self.target.certificate_authenticates.as_ref();
        let ordinary = match &session.recipe {
            Recipe::Tls { .. } => true,
            Recipe::TlsConnect(step) => step.client_certificate == ClientCertificate::Usual,
            Recipe::ClearOnTlsPort | Recipe::ClearEndpoint => false,
        };
        match (&session.subscriber, holder) {
            (Some(subscriber), Some(holder)) if ordinary && subscriber != holder => {
                Err(Trouble::NotProven(format!(
                    "the target requires a client certificate and takes whoever presents it for its holder: that of {holder} is \
                     all there is, so nobody can act as {subscriber}"
                )))
            }
            _ => Ok(()),
        }
    }

    /// Sends a request as a UE does: answers the first challenge, and once more one that says stale.
    pub(super) async fn as_ue(
        &mut self,
        session: &mut Session,
        dial: &mut dyn Dial,
        plan: &RequestPlan,
    ) -> Result<AsUe, Trouble> {
        self.is_who_logs_in(session)?;
        let mut before = Vec::new();
        let mut lost = Vec::new();
        let mut answers = 2;
        loop {
            let had_state = session.digest.is_some();
            let mut last = self
                .exchange(session, dial, plan, &Sending::Session)
                .await?;
            lost.append(&mut last.lost);
            let again = match &last.outcome {
                Outcome::Answer(response, _) => {
                    self.note_nonces(response);
                    self.follow_next_nonce(session, response, &last);
                    let state = answerable(&challenges(response));
                    // A challenge to right credentials that does not say stale is a refusal.
                    state.filter(|_| answers > 0 && (!had_state || is_stale(response)))
                }
                Outcome::Closed { .. } | Outcome::Unreadable(_) => None,
            };
            let mut done = AsUe { last, before };
            let Some(state) = again else {
                done.last.lost = lost;
                return Ok(done);
            };
            answers -= 1;
            session.digest = Some(state);
            before = std::mem::take(&mut done.before);
            before.extend(done.response().map(observed));
        }
    }

    pub(super) fn follow_next_nonce(
        &self,
        session: &mut Session,
        response: &Response,
        exchanged: &Exchanged,
    ) {
        let info =
            self.authentication_info(response, &exchanged.sent, session.subscriber.as_deref());
        if let (Some(state), Some(info)) = (session.digest.as_mut(), info) {
            state.follow(&info);
        }
    }

    /// Authenticates a subscriber by answering the challenge of its own document.
    ///
    /// # Errors
    /// [`Trouble::NotProven`] when the login fails, with what came.
    pub async fn login(
        &mut self,
        step: &Login,
        names: &Names,
        dial: &mut dyn Dial,
    ) -> Result<Seen, Trouble> {
        self.subscriber(&step.subscriber)?;
        let host = match &step.host {
            Some(host) => Some(host.resolve(names)?),
            None => None,
        };
        let mut session = match self.sessions.remove(&step.session) {
            Some(session) if host.as_ref().is_none_or(|host| *host == session.host) => session,
            _ => Session::tls(host.as_deref().unwrap_or(&self.target.host)),
        };
        session.subscriber = Some(step.subscriber.clone());
        session.digest = None;
        let document = names.one(&format!("{}.document", step.subscriber));
        let path = document.unwrap_or(&self.target.root).to_owned();
        let plan = RequestPlan::new("GET", &path, self.target.host_field(&session.host));
        let done = self.as_ue(&mut session, dial, &plan).await;
        let challenged = session.digest.is_some();
        let subscriber = session.subscriber.clone();
        self.sessions.insert(step.session.clone(), session);
        let done = done?;
        if step.expect.is_empty() {
            // At another host behind the proxy the subscriber may have nothing to do: what was answered with 403 instead of
            // another challenge got past the authentication (RFC 9110, 15.5.4).
            let refused_behind = step.host.is_some()
                && challenged
                && done.status() == Some(403)
                && !done.before.is_empty();
            if refused_behind {
                return Ok(self.answer_to_login(&done, &path, subscriber.as_deref()));
            }
            self.logged_in(&done, &path, (challenged, subscriber.as_deref()))
        } else {
            Ok(self.answer_to_login(&done, &path, subscriber.as_deref()))
        }
    }

    /// Whatever came in answer to the right credentials, for a login that is judged.
    fn answer_to_login(&mut self, done: &AsUe, path: &str, subscriber: Option<&str>) -> Seen {
        let (classification, facts) = match &done.last.outcome {
            Outcome::Answer(response, _) => {
                let info = self.authentication_info(response, &done.last.sent, subscriber);
                if (200..300).contains(&response.status) {
                    self.note_served(path, &response.body, response);
                }
                (
                    Classification::Answered,
                    self.facts(response, path, info.as_ref()),
                )
            }
            Outcome::Closed { ended, .. } => {
                let facts = HttpFacts {
                    closed_instead: true,
                    ..HttpFacts::default()
                };
                (*ended, facts)
            }
            Outcome::Unreadable(_) => (Classification::Unclear, HttpFacts::default()),
        };
        let mut seen = Seen::new(classification, done.describe(), Facts::Http(facts));
        seen.lost_attempts.clone_from(&done.last.lost);
        seen
    }

    fn logged_in(
        &mut self,
        done: &AsUe,
        path: &str,
        (challenged, subscriber): (bool, Option<&str>),
    ) -> Result<Seen, Trouble> {
        let name = subscriber.unwrap_or_default();
        let described = done.describe();
        let Some(response) = done.response() else {
            return Err(Trouble::NotProven(format!(
                "login of {name} failed: {described}"
            )));
        };
        let status = response.status;
        if !(200..300).contains(&status) && status != 404 {
            let why = if status == 401 && !challenged {
                " (no challenge that can be answered)"
            } else {
                ""
            };
            return Err(Trouble::NotProven(format!(
                "login of {name} failed: {described}{why}"
            )));
        }
        if (200..300).contains(&status) {
            self.note_served(path, &response.body, response);
        }
        let observed = if challenged {
            described
        } else {
            format!("{described}, served without challenge")
        };
        let info = self.authentication_info(response, &done.last.sent, subscriber);
        let facts = self.facts(response, path, info.as_ref());
        let mut seen = Seen::new(Classification::Answered, observed, Facts::Http(facts));
        seen.lost_attempts.clone_from(&done.last.lost);
        Ok(seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::http::parse_challenges;

    #[test]
    fn of_several_realms_the_part_of_the_me_is_answered() {
        let value = "Digest realm=\"3GPP-bootstrapping-uicc@ps.example.test;3GPP-bootstrapping@ps.example.test\", nonce=\"n\", qop=\"auth-int,auth\"";
        let state = answerable(&parse_challenges([value]).list).expect("state");
        assert_eq!(state.realm, "3GPP-bootstrapping@ps.example.test");
    }

    #[test]
    fn the_first_usable_challenge_is_answered_and_others_are_passed_over() {
        let value = "Basic realm=\"b\", Digest realm=\"x\", nonce=\"1\", algorithm=FOO, Digest realm=\"plain\", nonce=\"2\"";
        let state = answerable(&parse_challenges([value]).list).expect("state");
        assert_eq!((state.realm.as_str(), state.nonce.as_str()), ("plain", "2"));
        assert_eq!(
            answerable(&parse_challenges(["Basic realm=\"b\""]).list),
            None
        );
    }
}
