//! A reference target in one process: clock, origin with a tap, and clients over duplex streams.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use time::OffsetDateTime;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::net::TcpListener;

use crate::model::secret::Secret;
use crate::reference::http::{
    Application, ApplicationSettings, ConnectionInfo, Control, HostSettings, HttpDefect, Origin,
    Store, StoreUser, SubscriberSettings, Transport,
};
use crate::wire::http::digest::SignedRequest;
use crate::wire::http::{
    Authorization, Credentials, DigestSession, Limits, Progress, Request, Response, ResponseReader,
    parse_challenges,
};

pub(super) const HOST: &str = "ps.example.test";
pub(super) const ALICE: &str = "/pres-rules/users/sip:alice@example.test/index";
pub(super) const ALICE_LISTS: &str = "/resource-lists/users/sip:alice@example.test/index";
pub(super) const BOB: &str = "/pres-rules/users/sip:bob@example.test/index";
pub(super) const RULES: &str = "<ruleset xmlns=\"urn:ietf:params:xml:ns:common-policy\"/>";
pub(super) const OTHER_RULES: &str =
    "<ruleset xmlns=\"urn:ietf:params:xml:ns:common-policy\"> </ruleset>";

pub(super) struct Bench {
    pub(super) app: Arc<Application>,
    pub(super) clock: Arc<AtomicI64>,
    pub(super) forgotten: Arc<AtomicU64>,
    connections: AtomicU64,
    seen: Arc<Mutex<Vec<u8>>>,
}

pub(super) fn subscriber(name: &str, key: &str) -> SubscriberSettings {
    SubscriberSettings {
        certificate_subject: format!("CN={name}"),
        ks_naf_of_tls: Secret::new(""),
        ks_naf_of_tls13: Secret::new(""),
        name: name.to_owned(),
        b_tid: format!("{key}@bsf.example.test"),
        ks_naf: Secret::new(format!("key of {name}")),
        impus: vec![
            format!("sip:{name}@example.test"),
            format!("sip:{name}.home@example.test"),
        ],
        default_impu: format!("sip:{name}@example.test"),
        xui: format!("sip:{name}@example.test"),
        key_expiry: None,
        allowed_hosts: None,
        superseded: false,
    }
}

impl Bench {
    pub(super) async fn start(defect: Option<HttpDefect>, direct: bool) -> Self {
        Self::with(defect, direct, |_| {}).await
    }

    pub(super) async fn with(
        defect: Option<HttpDefect>,
        direct: bool,
        change: impl FnOnce(&mut ApplicationSettings),
    ) -> Self {
        let defects: BTreeSet<HttpDefect> = defect.into_iter().collect();
        let subscribers = vec![
            subscriber("alice", "YWxpY2UncyBCLVRJRA=="),
            subscriber("bob", "Ym9iJ3MgQi1USUQ="),
        ];
        let users = subscribers.iter().map(|known| StoreUser {
            xui: known.xui.clone(),
            identities: [known.impus.clone(), vec![known.b_tid.clone()]].concat(),
        });
        let store = Store::new("/", users.collect(), defects.clone());
        for path in [ALICE, ALICE_LISTS, BOB] {
            assert!(store.insert(path, RULES));
        }
        let seen = Arc::new(Mutex::new(Vec::new()));
        let origin = if direct {
            Origin::Local(store)
        } else {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            tokio::spawn(tap(listener, store, Arc::clone(&seen)));
            Origin::Forward(address)
        };
        let clock = Arc::new(AtomicI64::new(1_800_000_000));
        let reading = Arc::clone(&clock);
        let now = Arc::new(move || {
            OffsetDateTime::from_unix_timestamp(reading.load(Ordering::SeqCst)).unwrap()
        });
        let hosts = vec![
            HostSettings::new(HOST),
            HostSettings::new("as2.example.test"),
        ];
        let mut settings = ApplicationSettings::new(hosts, subscribers, origin, now);
        settings.http_defects = defects;
        let (advancing, forgotten) = (Arc::clone(&clock), Arc::new(AtomicU64::new(0)));
        let forgets = Arc::clone(&forgotten);
        settings.levers.advance_clock = Arc::new(move |by: Duration| {
            advancing.fetch_add(i64::try_from(by.as_secs()).unwrap(), Ordering::SeqCst);
        });
        settings.levers.forget_tls_sessions = Arc::new(move || {
            forgets.fetch_add(1, Ordering::SeqCst);
        });
        change(&mut settings);
        Self {
            app: Application::new(settings),
            clock,
            forgotten,
            connections: AtomicU64::new(1),
            seen,
        }
    }

    pub(super) fn connect(&self) -> Client {
        self.client(|_| {})
    }

    pub(super) fn resumed(&self) -> Client {
        self.client(|info| info.resumed = true)
    }

    pub(super) fn clear(&self, transport: Transport) -> Client {
        self.client(|info| info.transport = transport)
    }

    pub(super) fn client(&self, change: impl FnOnce(&mut ConnectionInfo)) -> Client {
        let mut info = ConnectionInfo::tls(self.connections.fetch_add(1, Ordering::SeqCst));
        change(&mut info);
        let (near, far) = tokio::io::duplex(256 * 1024);
        tokio::spawn(Arc::clone(&self.app).serve(far, info));
        Client {
            stream: near,
            who: subscriber("alice", "YWxpY2UncyBCLVRJRA=="),
            session: None,
        }
    }

    pub(super) async fn lever(&self, target: &str) -> u16 {
        let (near, far) = tokio::io::duplex(4096);
        tokio::spawn(Control::new(Arc::clone(&self.app)).serve(far));
        let mut client = self.connect();
        client.stream = near;
        client
            .send(&Request::new("POST", target, "127.0.0.1"))
            .await
            .status
    }

    /// Octets that the origin received, in lower case.
    pub(super) fn seen(&self) -> String {
        String::from_utf8_lossy(&self.seen.lock().unwrap()).to_lowercase()
    }
}

async fn tap(listener: TcpListener, store: Arc<Store>, seen: Arc<Mutex<Vec<u8>>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (near, far) = tokio::io::duplex(256 * 1024);
        tokio::spawn(Arc::clone(&store).serve(far));
        let seen = Arc::clone(&seen);
        tokio::spawn(async move {
            let (mut from_proxy, mut to_proxy) = stream.into_split();
            let (mut from_store, mut to_store) = tokio::io::split(near);
            let up = async move {
                let mut buffer = vec![0; 16 * 1024];
                while let Ok(count @ 1..) = from_proxy.read(&mut buffer).await {
                    seen.lock().unwrap().extend_from_slice(&buffer[..count]);
                    to_store.write_all(&buffer[..count]).await.unwrap();
                }
                let _ = to_store.shutdown().await;
            };
            let down = async move {
                let _ = tokio::io::copy(&mut from_store, &mut to_proxy).await;
            };
            tokio::join!(up, down);
        });
    }
}

/// What credentials are computed from where it is not the request and the client's own key.
pub(super) struct Signing {
    pub(super) password: Option<&'static str>,
    pub(super) method: Option<&'static str>,
    pub(super) body: Option<&'static str>,
    pub(super) edit: fn(&mut Authorization),
}

impl Default for Signing {
    fn default() -> Self {
        Self {
            password: None,
            method: None,
            body: None,
            edit: |_| {},
        }
    }
}

pub(super) struct Client {
    pub(super) stream: DuplexStream,
    pub(super) who: SubscriberSettings,
    pub(super) session: Option<DigestSession>,
}

impl Client {
    pub(super) async fn send(&mut self, request: &Request) -> Response {
        self.stream.write_all(&request.encode()).await.unwrap();
        let mut reader = ResponseReader::new(Limits::default(), request.method.clone());
        let mut buffer = vec![0; 16 * 1024];
        loop {
            let count = self.stream.read(&mut buffer).await.unwrap();
            let progress = if count == 0 {
                reader.finish_eof()
            } else {
                reader.feed(&buffer[..count])
            };
            match progress {
                Progress::Complete(response) => return *response,
                Progress::Incomplete if count > 0 => {}
                other => panic!("no answer to {request:?}: {other:?}"),
            }
        }
    }

    /// Sends a request as it is and starts a Digest session where it is challenged.
    pub(super) async fn anonymous(&mut self, request: Request) -> Response {
        let response = self.send(&request).await;
        if response.status == 401 {
            let challenges = parse_challenges(response.headers_named("WWW-Authenticate"));
            self.session = challenges
                .digest()
                .and_then(|challenge| DigestSession::from_challenge(challenge, None).ok());
        }
        response
    }

    /// Authenticates over the own document; `None` when that fails.
    pub(super) async fn login(&mut self) -> Option<()> {
        let path = format!("/pres-rules/users/{}/index", self.who.xui);
        let response = self.anonymous(get(&path)).await;
        if response.status != 401 {
            return None;
        }
        let response = self.signed(get(&path)).await;
        (response.status == 200).then_some(())
    }

    pub(super) async fn signed(&mut self, request: Request) -> Response {
        self.signed_as(request, Signing::default()).await
    }

    pub(super) async fn signed_as(&mut self, request: Request, signing: Signing) -> Response {
        let request = self.sign(request, signing);
        self.send(&request).await
    }

    pub(super) fn sign(&mut self, request: Request, signing: Signing) -> Request {
        let session = self.session.as_mut().expect("a challenge came before");
        let password = signing
            .password
            .map_or_else(|| self.who.ks_naf.expose().to_vec(), |text| text.into());
        let body = signing
            .body
            .map_or_else(|| request.body.clone(), |text| text.into());
        let method = signing.method.unwrap_or(&request.method).to_owned();
        let credentials = Credentials {
            username: &self.who.b_tid,
            password: &password,
        };
        let signed = SignedRequest {
            method: &method,
            uri: &request.target,
            body: &body,
            cnonce: "0a4f113b",
        };
        let mut authorization = session.authorize(credentials, signed);
        (signing.edit)(&mut authorization);
        let authorization = authorization.signed(&password, &method, &body);
        request.with_header("Authorization", authorization.encode())
    }
}

pub(super) fn request(method: &str, path: &str) -> Request {
    Request::new(method, path, HOST).with_header("User-Agent", "presec 3gpp-gba")
}

pub(super) fn get(path: &str) -> Request {
    request("GET", path)
}

pub(super) fn put(path: &str) -> Request {
    request("PUT", path)
        .with_header("Content-Type", "application/auth-policy+xml")
        .with_body(OTHER_RULES)
}

pub(super) fn is_2xx(response: &Response) -> bool {
    (200..300).contains(&response.status)
}

/// Whether an answer gives away anything of a document.
pub(super) fn leaks(response: &Response) -> bool {
    is_2xx(response)
        || response.header("ETag").is_some()
        || String::from_utf8_lossy(&response.body).contains("ruleset")
}

pub(super) fn challenge(response: &Response) -> Option<crate::wire::http::Challenge> {
    let challenges = parse_challenges(response.headers_named("WWW-Authenticate"));
    challenges
        .digest()
        .filter(|_| response.status == 401)
        .cloned()
}

pub(super) fn stale(response: &Response) -> bool {
    challenge(response).is_some_and(|challenge| challenge.stale() == Some(true))
}
