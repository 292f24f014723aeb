//! Requests without credentials: every one is challenged, unless a defect says otherwise.

use super::authentication::{Authenticator, Decision, Incoming};
use super::defect::{HttpDefect, ProxyDefect};
use super::identity::{Intended, intended};

impl Authenticator {
    /// What to do with a request that brings no credentials.
    pub(super) fn without_credentials(&self, incoming: &Incoming<'_>) -> Decision {
        let settings = &self.settings;
        if let Some(subscriber) = self.authenticated_in_tls(incoming) {
            return Decision::Granted {
                subscriber,
                proof: None,
            };
        }
        let method = incoming.method;
        let resumed = incoming.connection.info.resumed;
        if settings.has(HttpDefect::GbaTokenDemanded)
            && !incoming.challenged.user_agent.contains("3gpp-gba")
        {
            return Decision::Forbidden;
        }
        if settings.has(HttpDefect::IdentityBeforeAuthentication)
            && self.intends_foreign_identity(incoming)
        {
            return Decision::Forbidden;
        }
        let demanded = incoming.owner.is_some_and(|owner| self.is_demanded(owner));
        let served =
            (settings.has(HttpDefect::ResumedConnectionAuthenticated) && resumed && !demanded)
                || (settings.has_proxy(ProxyDefect::SessionOfOtherHostTrusted)
                    && incoming.connection.info.made_elsewhere)
                || (settings.has(HttpDefect::AnonymousHeadAnswered) && method == "HEAD")
                || (settings.has(HttpDefect::AnonymousDeleteExecuted) && method == "DELETE")
                || (settings.has(HttpDefect::ReauthenticationOtherResourceServed)
                    && demanded
                    && !resumed
                    && is_challenged_elsewhere(incoming));
        if served {
            self.as_owner(incoming)
        } else {
            Decision::Challenge { stale: false }
        }
    }

    fn intends_foreign_identity(&self, incoming: &Incoming<'_>) -> bool {
        match intended(incoming.headers) {
            Intended::Absent => false,
            Intended::Unreadable => true,
            Intended::Given(values) => {
                let owner = incoming
                    .owner
                    .and_then(|owner| self.settings.subscribers.get(owner));
                let own = |value: &String| owner.is_some_and(|owner| owner.impus.contains(value));
                !values.iter().flatten().all(own)
            }
        }
    }
}

fn is_challenged_elsewhere(incoming: &Incoming<'_>) -> bool {
    incoming
        .connection
        .reauthentication_challenged
        .as_deref()
        .is_some_and(|target| target != incoming.target)
}
