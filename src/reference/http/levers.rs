//! What the control port pulls: re-authentication, expiry, restart.

use std::sync::atomic::Ordering;

use super::application::Application;
use super::standing::{AuthenticationState, Standing};

impl Application {
    /// Makes every nonce of a subscriber invalid and demands re-authentication; whether the subscriber is known.
    pub fn force_reauth(&self, subscriber: &str) -> bool {
        let Some(position) = self.position(subscriber) else {
            return false;
        };
        let now = self.authenticator.now();
        let mut memory = self.authenticator.memory();
        let serial = memory.nonces.last_serial();
        let newest = self.newest_connection.load(Ordering::SeqCst);
        if let Some(standing) = memory.standings.get_mut(position) {
            standing.demand(now, (serial, newest));
        }
        true
    }

    /// Ends the bootstrapped key of a subscriber, until [`Application::restart`]; whether the subscriber is known.
    pub fn expire_b_tid(&self, subscriber: &str) -> bool {
        let Some(position) = self.position(subscriber) else {
            return false;
        };
        let mut memory = self.authenticator.memory();
        let standing = memory.standings.get_mut(position);
        standing.map(Standing::expire).is_some()
    }

    /// Forgets nonces, demands and expiries, as a restart does.
    pub fn restart(&self) {
        let mut memory = self.authenticator.memory();
        memory.nonces.clear();
        memory.standings.fill(Standing::default());
    }

    /// How far a subscriber's re-authentication is; `None` for an unknown one.
    #[must_use]
    pub fn authentication_state(&self, subscriber: &str) -> Option<AuthenticationState> {
        let position = self.position(subscriber)?;
        let memory = self.authenticator.memory();
        let standing = memory.standings.get(position)?;
        Some(standing.state(self.settings.reauthentication, self.authenticator.now()))
    }

    /// Position of a subscriber by name or transaction identifier.
    fn position(&self, subscriber: &str) -> Option<usize> {
        let settings = &self.settings;
        settings
            .subscribers
            .iter()
            .position(|known| known.name == subscriber || known.b_tid == subscriber)
    }
}
