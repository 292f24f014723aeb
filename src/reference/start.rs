//! Starting and stopping the reference target.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

use thiserror::Error;
use tokio::net::TcpStream;

use super::associations::OfSubscribers;
use super::certificates::{CertificateError, Certificates, ClientCertificate, Identity};
use super::clock::VirtualClock;
use super::http::{
    Application, ApplicationSettings, ConnectionInfo, Control, HostSettings, HttpDefect, Levers,
    Origin, ProxyDefect, Store, SubscriberSettings, Transport,
};
use super::lab;
use super::listen::{Listeners, bind};
use super::settings::{AuthMode, ListenSettings, OriginPlace, ReferenceSettings, Topology};
use super::tls::{Accepted, TlsDefect, TlsFront, TlsFrontError, TlsFrontSettings};

/// The reference target cannot be started.
#[derive(Debug, Error)]
pub enum StartError {
    /// A port cannot be had.
    #[error("cannot listen on {address} for {purpose}: {source}")]
    Listen {
        /// What the port is for.
        purpose: &'static str,
        /// The address asked for.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// No certificates.
    #[error(transparent)]
    Certificates(#[from] CertificateError),
    /// No TLS.
    #[error(transparent)]
    Tls(#[from] TlsFrontError),
}

/// The store behind the proxy, started on its own so that its address is known before the proxy's origin is.
#[derive(Debug)]
pub struct ReferenceStore {
    address: SocketAddr,
    store: Arc<Store>,
    listeners: Listeners,
}

impl ReferenceStore {
    /// Starts a store with the subscribers' first documents on the store port; needs a tokio runtime.
    ///
    /// # Errors
    /// The port cannot be had.
    pub async fn start(settings: &ReferenceSettings) -> Result<Self, StartError> {
        let store = store_of(settings);
        let wanted = ListenSettings::loopback(settings.listen.store);
        let (listener, address) = listener(wanted, "the store").await?;
        let mut listeners = Listeners::new();
        let served = Arc::clone(&store);
        listeners.add(listener, move |stream, _| Arc::clone(&served).serve(stream));
        Ok(Self {
            address,
            store,
            listeners,
        })
    }

    /// Where it listens, for plain HTTP.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Puts a document into a user's tree without asking who may; whether its path is one of a known user.
    pub fn insert(&self, path: &str, body: impl Into<bytes::Bytes>) -> bool {
        self.store.insert(path, body)
    }

    /// Closes its port and connections.
    pub async fn stop(self) {
        self.listeners.stop().await;
    }
}

/// A running reference target.
#[derive(Debug)]
pub struct Reference {
    tls: SocketAddr,
    clear: SocketAddr,
    control: SocketAddr,
    certificates: Arc<Certificates>,
    clients: [(ClientCertificate, Identity); 3],
    clock: VirtualClock,
    patience: VirtualClock,
    subscribers: Vec<SubscriberSettings>,
    hosts: Vec<HostSettings>,
    own_store: Option<ReferenceStore>,
    listeners: Listeners,
}

impl Reference {
    /// Starts the target; needs a tokio runtime.
    ///
    /// # Errors
    /// A port cannot be had, or certificates cannot be made.
    pub async fn start(settings: ReferenceSettings) -> Result<Self, StartError> {
        let clock = settings.clock();
        let patience = settings.clock();
        let certificates = Arc::new(Certificates::new(clock.now())?);
        let front = Arc::new(TlsFront::new(&TlsFrontSettings {
            certificates: Arc::clone(&certificates),
            clock: clock.clone(),
            patience: patience.clone(),
            client_certificate: settings.client_certificate,
            pre_shared_keys: settings.auth_mode == AuthMode::Psk,
            defects: tls_defects(&settings),
            suites: settings.suites.clone(),
            seed: settings.wide_seed(),
        })?);
        let (origin, own_store) = origin(&settings).await?;
        let application = application(&settings, (&clock, &front), origin);
        let listen = settings.listen;
        let (tls_port, tls) = listener(listen.outside(listen.tls), "TLS").await?;
        let (clear_port, clear) = listener(listen.outside(listen.clear), "HTTP in clear").await?;
        let wanted = ListenSettings::loopback(listen.control);
        let (control_port, control) = listener(wanted, "the control port").await?;
        let mut listeners = Listeners::new();
        let behind = Arc::clone(&application);
        listeners.add(tls_port, move |stream, id| {
            serve_tls(Arc::clone(&front), Arc::clone(&behind), stream, id)
        });
        let behind = Arc::clone(&application);
        listeners.add(clear_port, move |stream, id| {
            let info = ConnectionInfo {
                transport: Transport::ClearPort,
                ..ConnectionInfo::tls(id)
            };
            Arc::clone(&behind).serve(stream, info)
        });
        let levers = Control::new(application);
        listeners.add(control_port, move |stream, _| {
            Arc::clone(&levers).serve(stream)
        });
        Ok(Self {
            tls,
            clear,
            control,
            clients: clients(&certificates)?,
            certificates,
            clock,
            patience,
            subscribers: lab::subscribers(),
            hosts: lab::hosts(settings.topology),
            own_store,
            listeners,
        })
    }

    /// Where it speaks TLS.
    #[must_use]
    pub const fn tls_address(&self) -> SocketAddr {
        self.tls
    }

    /// Where it speaks HTTP in clear, and serves nothing.
    #[must_use]
    pub const fn clear_address(&self) -> SocketAddr {
        self.clear
    }

    /// Where its levers are: `POST /force-reauth?subscriber=NAME`, `/expire-b-tid?subscriber=NAME`,
    /// `/advance-clock?seconds=N` and `/restart`.
    #[must_use]
    pub const fn control_address(&self) -> SocketAddr {
        self.control
    }

    /// Where the store that it started itself listens, if it did.
    #[must_use]
    pub fn store_address(&self) -> Option<SocketAddr> {
        self.own_store.as_ref().map(ReferenceStore::address)
    }

    /// The root its certificate leads to, as PEM.
    #[must_use]
    pub fn authority_pem(&self) -> &str {
        self.certificates.authority_pem()
    }

    /// A client certificate for alice with its key.
    #[must_use]
    pub fn client_certificate(&self, which: ClientCertificate) -> &Identity {
        let [first, rest @ ..] = &self.clients;
        let found = rest.iter().find(|(kind, _)| *kind == which);
        &found.unwrap_or(first).1
    }

    /// The subscribers, with their credentials.
    #[must_use]
    pub fn subscribers(&self) -> &[SubscriberSettings] {
        &self.subscribers
    }

    /// The application servers behind it; the first is the presence server.
    #[must_use]
    pub fn hosts(&self) -> &[HostSettings] {
        &self.hosts
    }

    /// Its virtual clock.
    #[must_use]
    pub const fn clock(&self) -> &VirtualClock {
        &self.clock
    }

    /// The clock by which it loses patience with who takes too long over a first message. It is not its virtual clock: a day
    /// that passes there would end every handshake that happens to be under way.
    #[must_use]
    pub const fn patience(&self) -> &VirtualClock {
        &self.patience
    }

    /// Closes its ports and connections.
    pub async fn stop(self) {
        self.listeners.stop().await;
        if let Some(store) = self.own_store {
            store.stop().await;
        }
    }
}

fn application(
    settings: &ReferenceSettings,
    (clock, front): (&VirtualClock, &Arc<TlsFront>),
    origin: Origin,
) -> Arc<Application> {
    let hosts = lab::hosts(settings.topology);
    Application::new(ApplicationSettings {
        http_defects: settings.http_defects(),
        seed: settings.wide_seed(),
        root: lab::XCAP_ROOT.to_owned(),
        levers: levers(clock, front),
        certificates_authenticate: settings.auth_mode == AuthMode::Certificate,
        ..ApplicationSettings::new(hosts, lab::subscribers(), origin, reading(clock))
    })
}

async fn serve_tls(
    front: Arc<TlsFront>,
    application: Arc<Application>,
    stream: TcpStream,
    id: u64,
) {
    let associations = Arc::new(OfSubscribers(Arc::clone(&application)));
    match front.accept(stream, (id, associations)).await {
        Some(Accepted::Tls(stream, info, holder)) => {
            application.serve(holder.watch(*stream), info).await;
        }
        Some(Accepted::Lab(stream, info)) => application.serve(*stream, info).await,
        Some(Accepted::PreShared(stream, info)) => application.serve(*stream, info).await,
        Some(Accepted::Early(pump, end, info)) => {
            tokio::join!(pump.run(), application.serve(end, info));
        }
        Some(Accepted::Clear(stream, info)) => application.serve(stream, info).await,
        None => {}
    }
}

async fn origin(
    settings: &ReferenceSettings,
) -> Result<(Origin, Option<ReferenceStore>), StartError> {
    match (settings.topology, settings.origin) {
        (Topology::Direct, _) => Ok((Origin::Local(store_of(settings)), None)),
        (Topology::Ap | Topology::ApUntrusted, OriginPlace::Forward(address)) => {
            Ok((Origin::Forward(address), None))
        }
        (Topology::Ap | Topology::ApUntrusted, OriginPlace::OwnStore) => {
            let store = ReferenceStore::start(settings).await?;
            Ok((Origin::Forward(store.address()), Some(store)))
        }
    }
}

fn store_of(settings: &ReferenceSettings) -> Arc<Store> {
    let subscribers = lab::subscribers();
    let users = lab::store_users(&subscribers);
    let defects = settings.http_defects();
    let store = if settings.topology == Topology::ApUntrusted {
        Store::outside_trust(lab::XCAP_ROOT, users, defects)
    } else {
        Store::new(lab::XCAP_ROOT, users, defects)
    };
    lab::fill(&store, &subscribers);
    store
}

/// The defects of the front, with those that others rest on.
fn tls_defects(settings: &ReferenceSettings) -> BTreeSet<TlsDefect> {
    let mut defects = settings.tls_defects();
    let trusting = HttpDefect::Proxy(ProxyDefect::SessionOfOtherHostTrusted);
    if settings.http_defects().contains(&trusting) {
        // A session that nobody resumes at another host is trusted nowhere.
        defects.insert(TlsDefect::ResumesAcrossNames);
    }
    defects
}

fn levers(clock: &VirtualClock, front: &Arc<TlsFront>) -> Levers {
    let (clock, restarted, forgetful) = (clock.clone(), Arc::clone(front), Arc::clone(front));
    Levers {
        advance_clock: Arc::new(move |by| clock.advance(by)),
        restart: Arc::new(move || restarted.forget_sessions()),
        forget_tls_sessions: Arc::new(move || forgetful.forget_sessions()),
    }
}

fn reading(clock: &VirtualClock) -> super::http::Clock {
    let clock = clock.clone();
    Arc::new(move || clock.now())
}

fn clients(
    certificates: &Certificates,
) -> Result<[(ClientCertificate, Identity); 3], CertificateError> {
    let make = |which| Ok::<_, CertificateError>((which, certificates.client(which)?));
    Ok([
        make(ClientCertificate::Valid)?,
        make(ClientCertificate::ForeignAuthority)?,
        make(ClientCertificate::Expired)?,
    ])
}

async fn listener(
    address: SocketAddr,
    purpose: &'static str,
) -> Result<(tokio::net::TcpListener, SocketAddr), StartError> {
    bind(address).await.map_err(|source| StartError::Listen {
        purpose,
        address,
        source,
    })
}

#[cfg(test)]
mod tests;
