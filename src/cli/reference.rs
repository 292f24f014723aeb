//! The embedded reference target: started with its store and presec's observer, and described by a target file like any other.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};

use crate::engine::ports::Clock;
use crate::load::Library;
use crate::model::secret::Secret;
use crate::reference::certificates::{ClientCertificate, FIRST_HOST, Identity, SECOND_HOST};
use crate::reference::defect::Defect;
use crate::reference::lab::{CERTIFICATE_HOLDER, TEST_DOCUMENT, test_auids};
use crate::reference::settings::{AuthMode, OriginPlace, ReferenceSettings, Topology};
use crate::reference::start::{Reference, ReferenceStore};
use crate::reference::tls::{ClientCertificatePolicy, PRE_SHARED_SUITE};
use crate::testbed::{OriginServer, OriginSettings};
use crate::tls::suite::Suite;

use super::clock::MovedClock;
use super::failure::Failure;
use super::files::write_whole;
use super::place::TimeAndSeed;

/// How the reference target is to be.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shape {
    /// Names of defects.
    pub(crate) defects: Vec<String>,
    /// `ap`, `ap-untrusted` or `direct`.
    pub(crate) topology: Option<String>,
    /// `none`, `optional` or `required`.
    pub(crate) client_certificate: Option<String>,
    /// `gba-digest`, `psk` or `certificate`.
    pub(crate) auth_mode: Option<String>,
    /// What it is judged as; the roles of its topology unless said.
    pub(crate) roles: Vec<String>,
}

/// Roles of a server that is reached directly.
const DIRECT: [&str; 2] = ["presence-server", "list-server"];

impl Shape {
    /// Whether it is to be a server without a proxy in front, because somebody judges one.
    fn is_direct_server(&self) -> bool {
        let direct = |role: &String| DIRECT.contains(&role.as_str());
        self.topology.is_none() && !self.roles.is_empty() && self.roles.iter().all(direct)
    }
}

/// Settings for a shape.
///
/// # Errors
/// A defect, topology or policy that does not exist.
pub(crate) fn settings(
    shape: &Shape,
    (clock, seed): &TimeAndSeed,
) -> Result<ReferenceSettings, Failure> {
    let clock: Arc<dyn Clock> = Arc::clone(clock);
    let mut settings = ReferenceSettings::new(Arc::new(move || clock.now()), *seed);
    let read = |name: &String| {
        name.parse::<Defect>().map_err(|error| {
            Failure::usage(format!(
                "--defect {name}: {error} (`presec serve --list-defects`)"
            ))
        })
    };
    settings.defects = shape
        .defects
        .iter()
        .map(read)
        .collect::<Result<BTreeSet<_>, _>>()?;
    settings.suites = lab_suites(&settings)?;
    settings.topology = match shape.topology.as_deref() {
        None if shape.is_direct_server() => Topology::Direct,
        None | Some("ap") => Topology::Ap,
        Some("ap-untrusted") => Topology::ApUntrusted,
        Some("direct") => Topology::Direct,
        Some(other) => {
            return Err(Failure::usage(format!(
                "--topology {other}: known are ap, ap-untrusted and direct"
            )));
        }
    };
    settings.client_certificate = match shape.client_certificate.as_deref() {
        None | Some("optional") => ClientCertificatePolicy::Optional,
        Some("none") => ClientCertificatePolicy::None,
        Some("required") => ClientCertificatePolicy::Required,
        Some(other) => {
            return Err(Failure::usage(format!(
                "--client-certificate {other}: known are none, optional and required"
            )));
        }
    };
    settings.auth_mode = auth_mode(shape, settings.client_certificate)?;
    Ok(settings)
}

fn auth_mode(shape: &Shape, policy: ClientCertificatePolicy) -> Result<AuthMode, Failure> {
    let Some(wanted) = shape.auth_mode.as_deref() else {
        return Ok(AuthMode::default());
    };
    let found = AuthMode::ALL.into_iter().find(|mode| mode.name() == wanted);
    match found {
        Some(AuthMode::Certificate) if policy == ClientCertificatePolicy::None => {
            Err(Failure::usage(
                "--auth-mode certificate: a target that asks for no certificate (--client-certificate none) knows nobody by one",
            ))
        }
        Some(mode) => Ok(mode),
        None => Err(Failure::usage(format!(
            "--auth-mode {wanted}: known are gba-digest, psk and certificate"
        ))),
    }
}

/// Suites of the lab TLS engine, where a defect may want one.
fn lab_suites(settings: &ReferenceSettings) -> Result<Vec<Suite>, Failure> {
    let is_tls = |defect: &Defect| matches!(defect, Defect::Tls(_));
    if !settings.defects.iter().any(is_tls) {
        return Ok(Vec::new());
    }
    let library = Library::embedded()?;
    Ok(library.suites.iter().filter_map(Suite::of).collect())
}

/// The reference target of one run, with its files.
pub(crate) struct Embedded {
    reference: Reference,
    store: Option<ReferenceStore>,
    observer: Option<Arc<OriginServer>>,
    folder: tempfile::TempDir,
}

impl Embedded {
    /// Starts store, observer and target, and writes the target file.
    ///
    /// # Errors
    /// Settings that do not exist, or something that cannot start.
    pub(crate) async fn start(shape: &Shape, time_and_seed: &TimeAndSeed) -> Result<Self, Failure> {
        let mut settings = settings(shape, time_and_seed)?;
        let (mut store, mut observer) = (None, None);
        if settings.topology != Topology::Direct {
            let started = ReferenceStore::start(&settings)
                .await
                .map_err(cannot_start)?;
            let behind = Arc::new(
                observe(
                    &format!("http://{}", started.address()),
                    Arc::clone(&time_and_seed.0),
                )
                .await?,
            );
            settings.origin = OriginPlace::Forward(behind.address());
            (store, observer) = (Some(started), Some(behind));
        }
        let topology = settings.topology;
        let policy = settings.client_certificate;
        let auth_mode = settings.auth_mode;
        let reference = Reference::start(settings).await.map_err(cannot_start)?;
        let folder = tempfile::tempdir().map_err(|error| {
            Failure::trouble(format!("no folder for the embedded target: {error}"))
        })?;
        let origin = observer.as_ref().zip(store.as_ref()).map(|(observer, store)| {
            json!({ "listen": observer.address().to_string(), "forward_to": format!("http://{}", store.address()) })
        });
        let description = Description {
            reference: &reference,
            topology,
            policy,
            auth_mode,
            origin,
            roles: if shape.is_direct_server() {
                &shape.roles
            } else {
                &[]
            },
        };
        description.write(folder.path())?;
        Ok(Self {
            reference,
            store,
            observer,
            folder,
        })
    }

    /// The target file.
    pub(crate) fn target_file(&self) -> PathBuf {
        self.folder.path().join("target.yaml")
    }

    /// The observer behind the proxy.
    pub(crate) fn observer(&self) -> Option<Arc<OriginServer>> {
        self.observer.clone()
    }

    /// A clock on which a tester who takes his time need not wait: what the target's patience is measured by moves on instead.
    pub(crate) fn pace(&self, clock: &Arc<dyn Clock>) -> MovedClock {
        MovedClock {
            clock: Arc::clone(clock),
            moved: self.reference.patience().clone(),
        }
    }

    /// Stops everything that was started.
    pub(crate) async fn stop(self) {
        self.reference.stop().await;
        if let Some(store) = self.store {
            store.stop().await;
        }
    }
}

async fn observe(forward_to: &str, clock: Arc<dyn Clock>) -> Result<OriginServer, Failure> {
    let settings = OriginSettings {
        listen: "127.0.0.1:0".to_owned(),
        forward_to: Some(forward_to.to_owned()),
        ..OriginSettings::default()
    };
    OriginServer::start_at(settings, Some(clock))
        .await
        .map_err(|error| Failure::trouble(format!("the observer of the embedded target: {error}")))
}

fn cannot_start(error: impl std::fmt::Display) -> Failure {
    Failure::trouble(format!(
        "the embedded reference target cannot start: {error}"
    ))
}

/// A running reference target, to be described as a target file.
pub(crate) struct Description<'a> {
    /// The target.
    pub(crate) reference: &'a Reference,
    /// What stands in front.
    pub(crate) topology: Topology,
    /// What it does about client certificates.
    pub(crate) policy: ClientCertificatePolicy,
    /// How it authenticates subscribers.
    pub(crate) auth_mode: AuthMode,
    /// The `origin_observer` entry, if there is one.
    pub(crate) origin: Option<Value>,
    /// What it is judged as; the roles of its topology when empty.
    pub(crate) roles: &'a [String],
}

impl Description<'_> {
    /// Writes `target.yaml` and the certificates it names into `folder`.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub(crate) fn write(&self, folder: &Path) -> Result<(), Failure> {
        let write = |name: &str, text: &str| {
            write_whole(&folder.join(name), text).map_err(Failure::trouble)
        };
        write("ca.pem", self.reference.authority_pem())?;
        for (name, which) in [
            ("valid", ClientCertificate::Valid),
            ("wrong-ca", ClientCertificate::ForeignAuthority),
            ("expired", ClientCertificate::Expired),
        ] {
            let identity: &Identity = self.reference.client_certificate(which);
            write(&format!("client-{name}.pem"), identity.certificate_pem())?;
            write(&format!("client-{name}.key"), &text_of(identity.key_pem()))?;
        }
        // JSON is YAML; the keys and their order are those of docs/target-file.md.
        let text = serde_json::to_string_pretty(&self.target()).unwrap_or_default();
        write("target.yaml", &format!("{text}\n"))
    }

    fn target(&self) -> Value {
        let hook = |path: &str| json!({ "http": { "url": format!("http://{}/{path}", self.reference.control_address()) } });
        let certificate = |name: &str| json!({ "certificate": format!("client-{name}.pem"), "key": format!("client-{name}.key"), "of": CERTIFICATE_HOLDER });
        let tls = self.reference.tls_address();
        let direct = self.topology == Topology::Direct;
        let trusted = self.topology != Topology::ApUntrusted;
        json!({
            "name": "reference",
            "roles": match (self.roles, direct) {
                ([], true) => json!(DIRECT),
                ([], false) => json!(["authentication-proxy"]),
                (roles, _) => json!(roles),
            },
            "release": "rel17",
            "topology": if direct { "direct" } else { "ap" },
            "ut": {
                "url": format!("https://{FIRST_HOST}:{}/", tls.port()),
                "address": tls.to_string(),
                "ca": "ca.pem",
                "hosts": [SECOND_HOST],
                "clear": format!("http://{FIRST_HOST}:{}/", self.reference.clear_address().port()),
            },
            "documents": {
                "names": test_auids().map(|auid| (auid.to_owned(), json!(TEST_DOCUMENT))).collect::<serde_json::Map<_, _>>(),
                "default": if self.roles == ["list-server"] { "rls-services" } else { "pres-rules" },
                "writable": true,
            },
            "policy": {
                "auth_modes": [self.auth_mode.name()],
                "authentication_at": if direct { "ps" } else { "ap" },
                "require_encryption": "true",
                "client_certificate": match self.policy {
                    ClientCertificatePolicy::None => "none",
                    ClientCertificatePolicy::Optional => "optional",
                    ClientCertificatePolicy::Required => "required",
                },
                "intended_identity_check": if direct { "ps" } else { "ap" },
                "identity_transfer": if trusted { "on" } else { "off" },
                "application_server_trust": if trusted { "trusted" } else { "untrusted" },
                "withhold_for_untrusted": "true",
                "allow_cross_read": "false",
            },
            "subscribers": self.subscribers(),
            "client_certificates": {
                "valid": certificate("valid"), "wrong_ca": certificate("wrong-ca"), "expired": certificate("expired"),
            },
            "origin_observer": self.origin.clone().unwrap_or_else(|| json!("none")),
            "hooks": {
                "force_reauth": hook("force-reauth?subscriber={subscriber}"),
                "expire_b_tid": hook("expire-b-tid?subscriber={subscriber}"),
                "advance_clock": hook("advance-clock?seconds={seconds}"),
                "restart": hook("restart"),
            },
            "limits": { "concurrency": 4, "timeout": "3s" },
        })
    }

    fn subscribers(&self) -> Value {
        let subscribers = self.reference.subscribers().iter().map(|subscriber| {
            let mut credentials = json!({
                "b_tid": subscriber.b_tid,
                "ks_naf": format!("lab:{}", text_of(&subscriber.ks_naf)),
            });
            if let Some(credentials) = credentials.as_object_mut()
                && self.auth_mode == AuthMode::Psk
            {
                let of_tls = text_of(&subscriber.ks_naf_of_tls);
                let of_tls13 = text_of(&subscriber.ks_naf_of_tls13);
                let key = json!({
                    "suite": PRE_SHARED_SUITE,
                    "ks_naf": format!("lab:{of_tls}"),
                    "ks_naf_tls13": format!("lab:{of_tls13}"),
                });
                credentials.insert("pre_shared_key".to_owned(), key);
            }
            let entry = json!({
                "impus": subscriber.impus,
                "default_impu": subscriber.default_impu,
                "xui": subscriber.xui,
                "credentials": credentials,
            });
            (subscriber.name.clone(), entry)
        });
        Value::Object(subscribers.collect())
    }
}

fn text_of(secret: &Secret) -> String {
    String::from_utf8_lossy(secret.expose()).into_owned()
}
