//! The HTTP steps of a case against a server that authenticates by Digest. It shares the digest computation with the client,
//! which is held against foreign vectors in `wire/http`.

mod absence;
mod hostile;
mod losses;
pub(in crate::probe) mod server;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;

use self::server::{HOST, Mishap, Server, State};
use super::HttpCase;
use crate::engine::ports::{CaseContext, Testbed, Trouble};
use crate::model::names::Names;
use crate::model::secret::Secret;
use crate::model::seen::{Classification, Facts, Seen};
use crate::model::seen_http::{HttpFacts, OriginFacts};
use crate::model::step::Step;
use crate::model::target::{Hooks, IdentityHeaders, Verify};
use crate::probe::target::{ResolvedSubscriber, ResolvedTarget};

pub(in crate::probe) const ALICE: &str = "/pres-rules/users/alice/index";
const BOB: &str = "/pres-rules/users/bob/index";
const LONG: &[u8] = b"<ruleset>a document long enough to be told from chance</ruleset>";

fn subscriber(name: &str, password: &str) -> (String, ResolvedSubscriber) {
    let subscriber = ResolvedSubscriber {
        pre_shared_key: None,
        name: name.to_owned(),
        username: format!("{name}@bsf"),
        password: Secret::new(password),
        impus: vec![format!("sip:{name}@example.test")],
        default_impu: None,
        xui: name.to_owned(),
    };
    (name.to_owned(), subscriber)
}

pub(in crate::probe) fn target(server: &Server) -> ResolvedTarget {
    ResolvedTarget {
        name: "test".to_owned(),
        url: format!("https://{HOST}/"),
        host: HOST.to_owned(),
        port: 443,
        address: server.address,
        root: "/".to_owned(),
        roots: Vec::new(),
        verify: Verify::Full,
        hosts: Vec::new(),
        clear: None,
        documents: BTreeMap::from([("pres-rules".to_owned(), "index".to_owned())]),
        default_auid: None,
        presents_certificate: false,
        certificate_authenticates: None,
        writable: true,
        subscribers: BTreeMap::from([
            subscriber("alice", "secret-a"),
            subscriber("bob", "secret-b"),
        ]),
        client_certificates: BTreeMap::new(),
        identity_headers: IdentityHeaders::default(),
        hooks: Hooks::default(),
        timeout: Duration::from_secs(5),
    }
}

/// A server, a case and the names of its scenario.
struct Bench {
    server: Server,
    case: HttpCase,
    names: Names,
}

impl Bench {
    async fn new() -> Self {
        Self::with(Server::start(false).await, |_| {})
    }

    fn with(server: Server, change: impl FnOnce(&mut ResolvedTarget)) -> Self {
        let mut target = target(&server);
        change(&mut target);
        let context = CaseContext {
            id: "T-01".to_owned(),
            run_id: "run".to_owned(),
            seed: 7,
            may_be_parked: false,
            trace: crate::engine::trace::Trace::none(),
        };
        let mut names = Names::default();
        names.set("alice.document", ALICE);
        names.set("own_document", ALICE);
        names.set("bob.document", BOB);
        server.state.lock().expect("state").documents.extend([
            (ALICE.to_owned(), LONG.to_vec()),
            (BOB.to_owned(), b"<b/>".to_vec()),
        ]);
        Self {
            server,
            case: HttpCase::new(Arc::new(target), context),
            names,
        }
    }

    fn state<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        change(&mut self.server.state.lock().expect("state"))
    }

    /// Performs a step as written in YAML.
    async fn step(&mut self, yaml: &str) -> Result<Seen, Trouble> {
        let (names, server) = (&self.names, &mut self.server);
        match step(yaml) {
            Step::Login(step) => self.case.login(&step, names, server).await,
            Step::Http(step) => self.case.request(&step, names, server).await,
            Step::Prepare(step) => self.case.prepare(&step, names, server).await,
            Step::Answer(step) => self.case.answer_again(&step),
            Step::Close(step) => self.case.close(&step.session).await,
            other => panic!("{}", other.keyword()),
        }
    }

    async fn login(&mut self) {
        self.step("login: { as: alice, session: s }")
            .await
            .expect("login");
    }

    async fn get(&mut self, rest: &str) -> Seen {
        let yaml = format!("http: {{ session: s, method: GET, document: $own_document{rest} }}");
        self.step(&yaml).await.expect("request")
    }
}

pub(in crate::probe) fn step(yaml: &str) -> Step {
    let deserializer = serde_yaml::Deserializer::from_str(yaml);
    serde_yaml::with::singleton_map_recursive::deserialize(deserializer).expect("step")
}

fn facts(seen: &Seen) -> &HttpFacts {
    match &seen.facts {
        Facts::Http(facts) => facts,
        other => panic!("{other:?}"),
    }
}

fn status(seen: &Seen) -> Option<u16> {
    facts(seen).status
}

#[tokio::test]
async fn login_answers_the_challenge_with_the_chosen_realm() {
    let mut bench = Bench::new().await;
    let seen = bench
        .step("login: { as: alice, session: s }")
        .await
        .expect("login");
    assert!(
        seen.observed.starts_with("200 OK after 401 Digest realm="),
        "{}",
        seen.observed
    );
    assert!(!seen.observed.contains("secret"));
    assert_eq!(status(&bench.get("").await), Some(200));
    assert_eq!(bench.server.dialed, 1);
    let got = bench.server.got();
    assert_eq!(got[0].field("authorization"), None);
    let agent = got[0].field("user-agent").expect("agent");
    assert!(agent.contains("3gpp-gba"));
}

#[tokio::test]
async fn failing_login_proves_nothing_and_tells_no_secret() {
    let mut bench = Bench::with(Server::start(false).await, |target| {
        target.subscribers.extend([subscriber("alice", "not-it")]);
    });
    let trouble = bench.step("login: { as: alice, session: s }").await;
    let Err(Trouble::NotProven(why)) = trouble else {
        panic!("{trouble:?}");
    };
    assert!(why.contains("401") && !why.contains("not-it"), "{why}");
}

#[tokio::test]
async fn server_without_challenge_is_noted() {
    let mut bench = Bench::new().await;
    bench.state(|state| state.open = true);
    let seen = bench
        .step("login: { as: alice, session: s }")
        .await
        .expect("login");
    assert!(
        seen.observed.contains("served without challenge"),
        "{}",
        seen.observed
    );
}

#[tokio::test]
async fn credentials_go_only_to_a_verified_chain_unless_observed() {
    for (verify, goes) in [(Verify::Full, false), (Verify::Observe, true)] {
        let mut server = Server::start(false).await;
        server.problem = Some("no path to a configured root".to_owned());
        let mut bench = Bench::with(server, |target| target.verify = verify);
        let login = bench.step("login: { as: alice, session: s }").await;
        assert_eq!(login.is_ok(), goes);
        let sent = bench.server.got();
        let sent = sent.iter().any(|got| got.field("authorization").is_some());
        assert_eq!(sent, goes);
        if let Err(trouble) = login {
            assert!(trouble.to_string().contains("no path to a configured root"));
        }
    }
}

#[tokio::test]
async fn stale_nonce_is_followed_unless_the_claim_is_about_the_challenge() {
    let mut bench = Bench::new().await;
    bench.login().await;
    bench.state(State::renew);
    let seen = bench.get("").await;
    assert_eq!(status(&seen), Some(200));
    assert!(seen.observed.contains("after 401 Digest") && seen.observed.contains("stale=true"));
    bench.state(State::renew);
    let seen = bench
        .get(", expect: [{ shall: { challenge: { fresh_nonce: true } } }]")
        .await;
    assert_eq!(status(&seen), Some(401));
    let challenge = &facts(&seen).challenges[0];
    assert!(challenge.fresh_nonce);
    assert_eq!(challenge.stale, Some(true));
    assert_eq!(status(&bench.get("").await), Some(200));
}

#[tokio::test]
async fn stale_nonce_is_followed_by_departures_that_are_not_about_the_nonce() {
    let mut bench = Bench::new().await;
    bench.login().await;
    bench.get(", save: first").await;
    for (departure, answered, followed) in [
        ("opaque: presec", 200, true),
        ("nonce: 'of:first'", 401, false),
        ("password: wrong", 401, false),
    ] {
        bench.state(State::renew);
        let rest = format!(", credentials: {{ digest: {{ {departure} }} }}");
        let seen = bench.get(&rest).await;
        assert_eq!(status(&seen), Some(answered), "{departure}");
        assert_eq!(
            seen.observed.contains(" after 401"),
            followed,
            "{departure}"
        );
    }
}

#[tokio::test]
async fn replay_is_byte_same_and_told_from_a_right_request() {
    let mut bench = Bench::new().await;
    bench.login().await;
    bench.get(", save: first").await;
    assert_eq!(
        status(&bench.get(", credentials: { replay: first }").await),
        Some(401)
    );
    let got = bench.server.got();
    let [.., first, second] = got.as_slice() else {
        panic!("{got:?}");
    };
    assert_eq!(first.field("authorization"), second.field("authorization"));
    bench.state(|state| state.forgets_counts = true);
    let seen = bench.get(", credentials: { replay: first }").await;
    assert_eq!(status(&seen), Some(200));
    assert_eq!(facts(&seen).equal_to_saved, [("first".to_owned(), true)]);
    let again = bench
        .step("answer: { of: first, expect: [{ shall: served }] }")
        .await
        .expect("answer");
    assert_eq!(status(&again), Some(200));
}

#[tokio::test]
async fn every_departure_is_refused_and_the_session_lives_on() {
    let mut bench = Bench::new().await;
    bench.login().await;
    bench.get(", save: first").await;
    let departures = [
        "username: nobody@bsf",
        "password: wrong",
        "realm: 3GPP-bootstrapping@other.test",
        "nonce: never-issued",
        "qop: none",
        "algorithm: SHA-256-sess, wrong_response: true",
        "uri: $bob.document",
        "method: DELETE",
        "qop: auth-int, body: document",
        "nc: 1",
        "wrong_response: true",
    ];
    let mut sent = BTreeSet::new();
    for departure in departures {
        let rest = format!(", credentials: {{ digest: {{ {departure} }} }}");
        assert_eq!(status(&bench.get(&rest).await), Some(401), "{departure}");
        let got = bench.server.got();
        let value = got.last().and_then(|got| got.field("authorization"));
        sent.insert(value.expect("credentials").to_owned());
        assert_eq!(status(&bench.get("").await), Some(200), "after {departure}");
    }
    assert_eq!(sent.len(), departures.len());
    bench.state(State::renew);
    let old = bench
        .get(", credentials: { digest: { nonce: 'of:first' } }")
        .await;
    assert_eq!(facts(&old).challenges[0].stale, Some(true));
    let basic = bench.get(", credentials: basic").await;
    assert_eq!(status(&basic), Some(401));
}

#[tokio::test]
async fn protected_content_in_a_refusal_is_seen() {
    let mut bench = Bench::new().await;
    bench.login().await;
    bench.get("").await;
    assert!(!facts(&bench.get(", credentials: none").await).leaks_document);
    bench.state(|state| state.leaks = true);
    assert!(facts(&bench.get(", credentials: none").await).leaks_document);
}

#[tokio::test]
async fn writes_are_undone_as_the_owner() {
    let mut bench = Bench::new().await;
    bench.state(|state| state.documents.remove(BOB));
    bench.login().await;
    let put = "http: { session: s, method: PUT, document: $own_document, body: other-document }";
    assert_eq!(status(&bench.step(put).await.expect("put")), Some(200));
    let foreign = put.replace("$own_document", "$bob.document");
    assert_eq!(status(&bench.step(&foreign).await.expect("put")), Some(403));
    let prepare = "prepare: { as: bob, document: $bob.document }";
    bench.step(prepare).await.expect("prepared");
    let written = bench.state(|state| state.documents.clone());
    assert_ne!(written.get(ALICE).map(Vec::as_slice), Some(LONG));
    assert!(written.contains_key(BOB));
    let left = bench.case.finish(&mut bench.server).await;
    assert_eq!(left, Vec::<String>::new());
    let after = bench.state(|state| state.documents.clone());
    assert_eq!(after.get(ALICE).map(Vec::as_slice), Some(LONG));
    assert!(!after.contains_key(BOB));
}

#[tokio::test]
async fn what_cannot_be_undone_is_told_and_what_may_not_be_written_is_not() {
    let mut bench = Bench::new().await;
    bench.login().await;
    let put = "http: { session: s, method: PUT, document: $own_document, body: other-document }";
    bench.step(put).await.expect("put");
    bench.state(|state| state.mishaps.extend([Mishap::Reset; 8]));
    let left = bench.case.finish(&mut bench.server).await;
    assert_eq!(left.len(), 1);
    assert!(left[0].contains(ALICE), "{left:?}");
    let mut bench = Bench::with(Server::start(false).await, |target| target.writable = false);
    bench.login().await;
    let refused = bench.step(put).await;
    assert!(matches!(refused, Err(Trouble::NotProven(_))), "{refused:?}");
    assert!(bench.server.got().iter().all(|got| got.method == "GET"));
}

#[tokio::test]
async fn identities_and_fields_go_out_in_order() {
    let mut bench = Bench::new().await;
    let yaml = "http: { session: x, method: GET, document: /, credentials: none, intended_identities: ['sip:a@x', 'sip:b@x'], headers: [{ name: X-One, value: '1' }], user_agent: [other] }";
    bench.step(yaml).await.expect("seen");
    let got = bench.server.got();
    let identities: Vec<&str> = got[0]
        .fields
        .iter()
        .filter(|(name, _)| name == "X-3GPP-Intended-Identity")
        .map(|(_, value)| value.as_str())
        .collect();
    assert_eq!(identities, ["\"sip:a@x\"", "\"sip:b@x\""]);
    assert_eq!(got[0].field("x-one"), Some("1"));
    assert!(
        got[0]
            .field("user-agent")
            .expect("agent")
            .ends_with(" other")
    );
}

#[tokio::test]
async fn baseline_wants_any_answer() {
    let mut bench = Bench::new().await;
    let seen = bench.case.baseline(&mut bench.server).await.expect("seen");
    assert_eq!(status(&seen), Some(401));
    bench.state(|state| state.mishaps.push_back(Mishap::AnswerAndClose));
    assert!(bench.case.baseline(&mut bench.server).await.is_ok());
}
