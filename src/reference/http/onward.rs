//! What goes on to the origin, and what comes back from it.

use bytes::Bytes;
use hyper::header::{HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode};

use super::application::{Application, Received, plain};
use super::challenge::Proof;
use super::connection::Connection;
use super::defect::HttpDefect;
use super::departure::{Departure, intends_nobody};
use super::forward::{Outgoing, forward};
use super::headers;
use super::identity::{Acting, acting_identity};
use super::settings::Origin;
use super::xcap::{Asker, StoreRequest};

const AUTHENTICATION_INFO: HeaderName = HeaderName::from_static("authentication-info");

/// Fields of the UE that a defect lets pass to the application server.
const PASSED: [(HttpDefect, &[&str]); 3] = [
    (HttpDefect::AuthorizationPassed, &["authorization"]),
    (
        HttpDefect::AuthorizationFlagsPassed,
        &["x-3gpp-authorization-flags"],
    ),
    (
        HttpDefect::IdentityAliasPassed,
        &["p-asserted-identity", "x-forwarded-user"],
    ),
];

impl Application {
    /// Serves a request of a subscriber who is authenticated, in an identity that is verified.
    pub(super) async fn pass_on(
        &self,
        received: &Received,
        (subscriber, departure): (usize, Departure),
    ) -> Response<Bytes> {
        let parts = &received.parts;
        let acting = Acting {
            subscriber,
            owner: received.owner,
            method: parts.method.as_str(),
            headers: &parts.headers,
        };
        let identity = match &departure {
            Departure::Identity(identity) => Some(identity.clone()),
            Departure::None | Departure::Withheld => acting_identity(&self.settings, acting),
        };
        let Some(identity) = identity else {
            let told_apart = self.settings.has(HttpDefect::UnknownIdentityToldApart);
            return plain(
                match told_apart && intends_nobody(&self.settings, &parts.headers) {
                    true => StatusCode::BAD_REQUEST,
                    false => StatusCode::FORBIDDEN,
                },
            );
        };
        match &self.settings.origin {
            Origin::Local(store) => store.answer(&StoreRequest {
                method: parts.method.as_str(),
                path: parts.uri.path(),
                headers: &parts.headers,
                body: &received.body,
                asker: Asker::Identity(identity),
            }),
            Origin::Forward(_)
                if !self.transfers(parts) && self.is_foreign(received, subscriber) =>
            {
                plain(StatusCode::FORBIDDEN)
            }
            Origin::Forward(address) => {
                let mut outgoing = self.outgoing(received, &identity);
                if departure == Departure::Withheld {
                    outgoing.headers.remove(headers::ASSERTED);
                }
                let response = forward(*address, outgoing).await;
                let (mut answer, body) = response.into_parts();
                answer.headers = headers::for_client(&answer.headers, parts.method == Method::HEAD);
                self.for_outside(&mut answer.headers, (*address, parts));
                Response::from_parts(answer, body)
            }
        }
    }

    fn outgoing(&self, received: &Received, identity: &str) -> Outgoing {
        let parts = &received.parts;
        let mut kept = headers::for_origin(&parts.headers);
        let transfers = self.transfers(parts) || self.settings.has(HttpDefect::UntrustedServerTold);
        let forged = parts.headers.get(headers::ASSERTED);
        let asserted = match forged {
            Some(forged) if self.settings.has(HttpDefect::ClientAssertedIdentityPassed) => {
                Some(forged.clone())
            }
            Some(_) | None => headers::asserted(identity),
        };
        if let Some(asserted) = asserted.filter(|_| transfers) {
            kept.insert(HeaderName::from_static(headers::ASSERTED), asserted);
        }
        for (defect, names) in PASSED {
            for name in names.iter().filter(|_| self.settings.has(defect)) {
                if let Some(value) = parts.headers.get(*name) {
                    kept.insert(HeaderName::from_static(name), value.clone());
                }
            }
        }
        let target = self.for_inside(&mut kept, &received.target);
        Outgoing {
            method: parts.method.clone(),
            target,
            headers: kept,
            body: received.body.clone(),
        }
    }

    /// Whether the application server that a request is for is told who asks.
    fn transfers(&self, parts: &Parts) -> bool {
        self.host_of(parts).is_none_or(|name| {
            let host = self.settings.hosts.iter().find(|host| host.name == name);
            host.is_none_or(|host| host.identity_transfer)
        })
    }

    /// Whether the target of a request lies in the tree of another subscriber.
    fn is_foreign(&self, received: &Received, subscriber: usize) -> bool {
        let xui = |position: usize| {
            let subscriber = self.settings.subscribers.get(position);
            subscriber.map(|subscriber| subscriber.xui.as_str())
        };
        received
            .owner
            .is_some_and(|owner| xui(owner) != xui(subscriber))
    }

    /// What a defect makes of the identity of a request that is granted.
    pub(super) fn departure(
        &self,
        received: &Received,
        subscriber: usize,
        connection: &mut Connection,
    ) -> Departure {
        let acting = Acting {
            subscriber,
            owner: received.owner,
            method: received.parts.method.as_str(),
            headers: &received.parts.headers,
        };
        let of_session = self.of_session(subscriber, &connection.info);
        of_session.unwrap_or_else(|| Departure::of(&self.settings, acting, connection))
    }

    pub(super) fn with_proof(
        &self,
        mut response: Response<Bytes>,
        proof: Option<&Proof>,
    ) -> Response<Bytes> {
        let missing = self.settings.has(HttpDefect::AuthenticationInfoMissing);
        if missing && response.status().is_success() {
            return response;
        }
        let wrong = self.settings.has(HttpDefect::ResponseAuthenticationWrong);
        let body = if wrong {
            &Bytes::new()
        } else {
            response.body()
        };
        let info = proof.map(|proof| proof.authentication_info(body, wrong));
        if let Some(Ok(value)) = info.map(|info| HeaderValue::from_str(&info)) {
            response.headers_mut().insert(AUTHENTICATION_INFO, value);
        }
        response
    }
}
