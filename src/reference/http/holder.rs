//! Who authenticated in the TLS handshake: by the key of a bootstrapping (TS 33.222, 5.4) or by a certificate (5.5).

use super::authentication::{Authenticator, Decision, Incoming};
use super::connection::ConnectionInfo;
use super::defect::ProxyDefect;
use super::identity::{Intended, intended};

/// How a subscriber authenticated in TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    PreSharedKey,
    Certificate,
}

impl Authenticator {
    /// Position of the subscriber who authenticated in TLS, as long as no other proof is demanded.
    pub(super) fn authenticated_in_tls(&self, incoming: &Incoming<'_>) -> Option<usize> {
        let info = &incoming.connection.info;
        let (subscriber, by) = self.holder(info)?;
        if !self.is_proof_enough((subscriber, by), info) {
            return None;
        }
        Some(self.intended_instead(incoming, by).unwrap_or(subscriber))
    }

    /// Refuses credentials of one subscriber on a connection whose client certificate is another one's.
    pub(super) fn as_holder(&self, incoming: &Incoming<'_>, decision: Decision) -> Decision {
        let taken = self
            .settings
            .has_proxy(ProxyDefect::DigestOutranksCertificate);
        match (&decision, self.by_certificate(&incoming.connection.info)) {
            (Decision::Granted { subscriber, .. }, Some(holder)) if !taken => {
                if self.is_same_person(*subscriber, holder) {
                    decision
                } else {
                    Decision::Forbidden
                }
            }
            _ => decision,
        }
    }

    fn holder(&self, info: &ConnectionInfo) -> Option<(usize, By)> {
        if let Some(b_tid) = info.pre_shared_b_tid.as_deref() {
            let subscriber = self.subscriber_of(b_tid)?;
            return (!self.is_expired(subscriber)).then_some((subscriber, By::PreSharedKey));
        }
        Some((self.by_certificate(info)?, By::Certificate))
    }

    /// Position of the subscriber of the client certificate, where certificates authenticate. Its subject counts because the
    /// front takes certificates of the subscribers' own authority only.
    fn by_certificate(&self, info: &ConnectionInfo) -> Option<usize> {
        let subject = info.client_certificate_subject.as_deref();
        let subject = subject.filter(|_| self.settings.certificates_authenticate)?;
        let mut subscribers = self.settings.subscribers.iter();
        subscribers.position(|subscriber| subscriber.certificate_subject == subject)
    }

    /// A demand for re-authentication is answered by a full handshake after it (TS 33.141, 6.1.1): a connection from before
    /// it, or of a session from before it, proves nothing any more.
    fn is_proof_enough(&self, (subscriber, by): (usize, By), info: &ConnectionInfo) -> bool {
        let mut memory = self.memory();
        let Some(standing) = memory.standings.get_mut(subscriber) else {
            return false;
        };
        if standing.is_later(info) {
            standing.demand = None;
            return true;
        }
        self.settings.has_proxy(match by {
            By::PreSharedKey => ProxyDefect::ReauthenticationSparesPreSharedKey,
            By::Certificate => ProxyDefect::ReauthenticationSparesCertificate,
        })
    }

    /// A defect lets the holder of a certificate be whomever a request names.
    fn intended_instead(&self, incoming: &Incoming<'_>, by: By) -> Option<usize> {
        let unbound = self
            .settings
            .has_proxy(ProxyDefect::CertificateHolderUnbound);
        if !unbound || by != By::Certificate {
            return None;
        }
        let Intended::Given(fields) = intended(incoming.headers) else {
            return None;
        };
        let value = fields.first()?.first()?;
        let mut subscribers = self.settings.subscribers.iter();
        subscribers.position(|subscriber| subscriber.impus.contains(value))
    }

    /// Two bootstrappings of one subscriber are the same person.
    fn is_same_person(&self, one: usize, other: usize) -> bool {
        let xui = |position: usize| {
            let subscriber = self.settings.subscribers.get(position);
            subscriber.map(|subscriber| subscriber.xui.as_str())
        };
        xui(one) == xui(other)
    }
}
