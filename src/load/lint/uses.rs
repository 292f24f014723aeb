//! Every place of a scenario that takes a value or a `$name`, with what is meant there.

use crate::model::answer::OriginView;
use crate::model::answer_challenge::ChallengeView;
use crate::model::answer_http::Answer;
use crate::model::answer_selection::Selection;
use crate::model::answer_tls::{Connection, Flight};
use crate::model::bind::{Bind, Literal};
use crate::model::claim::Claim;
use crate::model::scenario::Scenario;
use crate::model::step::Step;
use crate::model::step_http::{Credentials, Http};
use crate::model::step_tls::{TlsConnect, TlsOffer};

use super::super::place::Path;
use super::context::step_path;

/// What a value stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A protocol version.
    Version,
    /// A cipher suite.
    Suite,
    /// A supported group.
    Group,
    /// A signature scheme.
    Scheme,
    /// A resumption mechanism.
    Mechanism,
    /// A form of the identity of a pre-shared key.
    SharedIdentity,
    /// Two octets in hex.
    TwoOctets,
    /// A spelling of a path.
    PathSpelling,
    /// A form of the request target.
    TargetForm,
    /// A spelling of an identity.
    IdentitySpelling,
    /// A form of the bootstrapped key.
    KeyEncoding,
    /// A number.
    Number,
    /// Anything.
    Text,
}

/// One place.
#[derive(Debug, Clone)]
pub(super) struct Use {
    pub(super) path: Path,
    pub(super) meaning: Meaning,
    /// Whether a `$name` may stand for several values here.
    pub(super) list: bool,
    /// The name without `$`, if it is one.
    pub(super) name: Option<String>,
    /// The value as text, if it is not a name.
    pub(super) literal: Option<String>,
}

/// Collects the uses of one scenario.
struct Uses(Vec<Use>);

/// All uses in the steps, in order.
pub(super) fn of(scenario: &Scenario) -> Vec<Use> {
    let mut uses = Uses(Vec::new());
    for (index, step) in scenario.steps.iter().enumerate() {
        uses.step(&step_path(index, step), step);
    }
    uses.0
}

impl Uses {
    fn push<T: Literal + Clone>(
        &mut self,
        path: Path,
        bind: &Bind<T>,
        meaning: Meaning,
        list: bool,
    ) {
        let name = bind.name().map(ToOwned::to_owned);
        let literal = name.is_none().then(|| bind.to_string());
        self.0.push(Use {
            path,
            meaning,
            list,
            name,
            literal,
        });
    }

    fn one<T: Literal + Clone>(
        &mut self,
        at: &Path,
        key: &str,
        bind: Option<&Bind<T>>,
        meaning: Meaning,
    ) {
        if let Some(bind) = bind {
            self.push(at.key(key), bind, meaning, false);
        }
    }

    fn list(&mut self, at: &Path, key: &str, binds: &[Bind<String>], meaning: Meaning) {
        for (index, bind) in binds.iter().enumerate() {
            self.push(at.key(key).index(index), bind, meaning, true);
        }
    }

    fn step(&mut self, at: &Path, step: &Step) {
        match step {
            Step::TlsOffer(offer) => self.offer(at, offer),
            Step::TlsConnect(connect) => self.connect(at, connect),
            Step::TlsRenegotiate(again) => self.list(at, "suites", &again.suites, Meaning::Suite),
            Step::TlsCompare(compare) => {
                self.one(at, "version", compare.version.as_ref(), Meaning::Version);
                self.list(at, "suites", &compare.suites, Meaning::Suite);
            }
            Step::Login(login) => self.one(at, "host", login.host.as_ref(), Meaning::Text),
            Step::Http(http) => self.http(at, http),
            Step::Prepare(prepare) => {
                self.one(at, "document", Some(&prepare.document), Meaning::Text);
                self.one(at, "auid", prepare.auid.as_ref(), Meaning::Text);
            }
            Step::Answer(again) => self.claims(at, &again.expect, Self::answer),
            Step::Origin(origin) => self.claims(at, &origin.expect, Self::origin),
            Step::Parallel(parallel) => {
                for (index, session) in parallel.sessions.iter().enumerate() {
                    let at = at.key("sessions").index(index);
                    self.one(&at, "host", session.host.as_ref(), Meaning::Text);
                    let identity = session.intended_identity.as_ref();
                    self.one(&at, "intended_identity", identity, Meaning::Text);
                }
            }
            Step::TlsSend(_)
            | Step::TlsAlert(_)
            | Step::TlsPause(_)
            | Step::TlsClose(_)
            | Step::Control(_)
            | Step::Hook(_)
            | Step::Elapse(_)
            | Step::Close(_)
            | Step::Canary(_) => {}
        }
    }

    fn claims<A>(&mut self, at: &Path, claims: &[Claim<A>], answer: fn(&mut Self, &Path, &A)) {
        for (index, claim) in claims.iter().enumerate() {
            let at = at.key("expect").index(index);
            for (key, stated) in [
                ("control", &claim.control),
                ("shall", &claim.shall),
                ("should", &claim.should),
                ("may", &claim.may),
            ] {
                if let Some(stated) = stated {
                    answer(self, &at.key(key), stated);
                }
            }
        }
    }

    fn offer(&mut self, at: &Path, offer: &TlsOffer) {
        self.one(at, "version", offer.version.as_ref(), Meaning::Version);
        self.list(at, "suites", &offer.suites, Meaning::Suite);
        self.one(at, "server_name", offer.server_name.as_ref(), Meaning::Text);
        let compared = offer.enumerate.as_deref().unwrap_or_default();
        self.list(at, "enumerate", compared, Meaning::Suite);
        self.list(at, "groups", &offer.groups, Meaning::Group);
        self.list(
            at,
            "signature_schemes",
            &offer.signature_schemes,
            Meaning::Scheme,
        );
        self.one(
            at,
            "record_version",
            offer.record_version.as_ref(),
            Meaning::TwoOctets,
        );
        self.one(
            at,
            "client_version",
            offer.client_version.as_ref(),
            Meaning::TwoOctets,
        );
        self.claims(at, &offer.expect, Self::flight);
    }

    fn connect(&mut self, at: &Path, connect: &TlsConnect) {
        self.one(
            at,
            "mechanism",
            connect.mechanism.as_ref(),
            Meaning::Mechanism,
        );
        self.one(at, "version", connect.version.as_ref(), Meaning::Version);
        self.one(
            at,
            "server_name",
            connect.server_name.as_ref(),
            Meaning::Text,
        );
        self.list(at, "suites", &connect.suites, Meaning::Suite);
        self.list(at, "groups", &connect.groups, Meaning::Group);
        let schemes = &connect.signature_schemes;
        self.list(at, "signature_schemes", schemes, Meaning::Scheme);
        let shared = connect.pre_shared_key.as_ref();
        let identity = shared.and_then(|shared| shared.identity.as_ref());
        let within = at.key("pre_shared_key");
        self.one(&within, "identity", identity, Meaning::SharedIdentity);
        self.claims(at, &connect.expect, Self::connection);
    }

    fn http(&mut self, at: &Path, http: &Http) {
        self.one(at, "document", Some(&http.document), Meaning::Text);
        self.one(at, "auid", http.auid.as_ref(), Meaning::Text);
        self.one(at, "host", http.host.as_ref(), Meaning::Text);
        self.list(
            at,
            "intended_identities",
            &http.intended_identities,
            Meaning::Text,
        );
        self.list(
            at,
            "intended_identity_list",
            &http.intended_identity_list,
            Meaning::Text,
        );
        self.one(
            at,
            "intended_identity",
            http.intended_identity.as_ref(),
            Meaning::Text,
        );
        self.form(at, http);
        for (key, fields) in [
            ("headers", &http.headers),
            ("origin_adds", &http.origin_adds),
        ] {
            for (index, header) in fields.iter().enumerate() {
                let at = at.key(key).index(index);
                self.one(&at, "name", Some(&header.name), Meaning::Text);
                self.one(&at, "value", Some(&header.value), Meaning::Text);
            }
        }
        if let Credentials::Digest(digest) = &http.credentials {
            let at = at.key("credentials").key("digest");
            self.one(
                &at,
                "key_encoding",
                digest.key_encoding.as_ref(),
                Meaning::KeyEncoding,
            );
            for (key, bind) in [
                ("username", &digest.username),
                ("password", &digest.password),
                ("realm", &digest.realm),
                ("nonce", &digest.nonce),
                ("qop", &digest.qop),
                ("algorithm", &digest.algorithm),
                ("uri", &digest.uri),
                ("nc_text", &digest.nc_text),
                ("cnonce", &digest.cnonce),
                ("opaque", &digest.opaque),
            ] {
                self.one(&at, key, bind.as_ref(), Meaning::Text);
            }
        }
        self.claims(at, &http.expect, Self::answer);
    }

    /// What departs from the usual form of a request.
    fn form(&mut self, at: &Path, http: &Http) {
        self.one(
            at,
            "path_spelling",
            http.path_spelling.as_ref(),
            Meaning::PathSpelling,
        );
        self.one(
            at,
            "identity_spelling",
            http.identity_spelling.as_ref(),
            Meaning::IdentitySpelling,
        );
        self.one(
            at,
            "target_form",
            http.target_form.as_ref(),
            Meaning::TargetForm,
        );
        self.one(at, "suffix", http.suffix.as_ref(), Meaning::Text);
        self.one(at, "authority", http.authority.as_ref(), Meaning::Text);
        let hosts = http.host_fields.as_deref().unwrap_or_default();
        self.list(at, "host_fields", hosts, Meaning::Text);
        for (index, field) in http.trailers.iter().enumerate() {
            let at = at.key("trailers").index(index);
            self.one(&at, "value", Some(&field.value), Meaning::Text);
        }
    }

    fn flight(&mut self, at: &Path, flight: &Flight) {
        match flight {
            Flight::Selected(selection) => self.selection(&at.key("selected"), selection),
            Flight::AnyOf(several) => {
                for (index, flight) in several.iter().enumerate() {
                    self.flight(&at.key("any-of").index(index), flight);
                }
            }
            _ => {}
        }
    }

    fn connection(&mut self, at: &Path, connection: &Connection) {
        match connection {
            Connection::Negotiated(selection) => self.selection(&at.key("negotiated"), selection),
            Connection::AnyOf(several) => {
                for (index, connection) in several.iter().enumerate() {
                    self.connection(&at.key("any-of").index(index), connection);
                }
            }
            _ => {}
        }
    }

    fn selection(&mut self, at: &Path, selection: &Selection) {
        self.list(at, "suite", &selection.suite, Meaning::Suite);
        self.list(at, "not_suite", &selection.not_suite, Meaning::Suite);
        self.one(at, "version", selection.version.as_ref(), Meaning::Version);
    }

    fn answer(&mut self, at: &Path, answer: &Answer) {
        match answer {
            Answer::Challenge(view) => self.challenge(&at.key("challenge"), view),
            Answer::ChallengeAbsent(view) => self.challenge(&at.key("challenge-absent"), view),
            Answer::WithoutText(text) => {
                self.one(at, "without-text", Some(text), Meaning::Text);
            }
            Answer::AnyOf(several) => {
                for (index, answer) in several.iter().enumerate() {
                    self.answer(&at.key("any-of").index(index), answer);
                }
            }
            _ => {}
        }
    }

    fn challenge(&mut self, at: &Path, view: &ChallengeView) {
        self.one(
            at,
            "realm_prefix",
            view.realm_prefix.as_ref(),
            Meaning::Text,
        );
        self.one(at, "realm_host", view.realm_host.as_ref(), Meaning::Text);
        self.list(at, "algorithm", &view.algorithm, Meaning::Text);
    }

    fn origin(&mut self, at: &Path, view: &OriginView) {
        self.one(at, "requests", view.requests.as_ref(), Meaning::Number);
        for (key, bind) in [
            ("asserted_identity", &view.asserted_identity),
            ("identity", &view.identity),
            ("never_identity", &view.never_identity),
            ("never_asserted_identity", &view.never_asserted_identity),
            ("carries", &view.carries),
            ("never_carries", &view.never_carries),
        ] {
            self.one(at, key, bind.as_ref(), Meaning::Text);
        }
        self.list(at, "asserted_among", &view.asserted_among, Meaning::Text);
    }
}
