//! From a target file to a target that can be probed: names resolved, files read, secrets fetched.

use std::collections::BTreeMap;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::load::LoadedTarget;
use crate::model::secret::{Secret, SecretReference};
use crate::model::target::{
    Declared, Endpoint, OriginObserver, PreSharedCredentials, Subscriber, SubscriberCertificate,
    Target,
};
use crate::probe::target::{
    ClearEndpoint, ClientCertificateKind, ClientIdentity, ResolvedKey, ResolvedSubscriber,
    ResolvedTarget,
};
use crate::testbed::OriginTls;

use super::context::Context;

/// The longest PEM or secret file that is read, in octets.
const LONGEST_FILE: u64 = 1 << 20;

/// How long one answer may take unless the target file says otherwise.
const USUAL_TIMEOUT: Duration = Duration::from_secs(5);

/// Resolves everything a probe needs.
///
/// # Errors
/// One sentence naming the key of the target file, what is wrong with it and what to do.
pub(crate) fn resolve(loaded: &LoadedTarget, context: &Context) -> Result<ResolvedTarget, String> {
    let target = &loaded.target;
    let url = Url::read(&target.ut.url, "https", 443)?;
    let address = address(&target.ut, &url)?;
    let roots = match &target.ut.ca {
        Some(file) => certificates(&loaded.folder.join(file), "ut.ca")?,
        None => Vec::new(),
    };
    let documents = target.documents.as_ref();
    Ok(ResolvedTarget {
        name: target.name.clone(),
        url: target.ut.url.clone(),
        host: url.host,
        port: url.port,
        address,
        root: url.path,
        roots,
        verify: target.ut.verify,
        hosts: target.ut.hosts.clone(),
        clear: clear(&target.ut)?,
        documents: documents
            .map(|documents| documents.names.clone())
            .unwrap_or_default(),
        default_auid: documents.and_then(|documents| documents.default.clone()),
        writable: documents
            .and_then(|documents| documents.writable)
            .unwrap_or(false),
        subscribers: subscribers(target, &loaded.folder, context)?,
        presents_certificate: presents_certificate(target),
        certificate_authenticates: certificate_authenticates(target),
        client_certificates: client_certificates(target, &loaded.folder)?,
        identity_headers: target.identity_headers.clone(),
        hooks: target.hooks.clone(),
        timeout: timeout(target)?,
    })
}

/// Where policy requires a client certificate and a valid one is given, ordinary connections present it.
fn presents_certificate(target: &Target) -> bool {
    policy_says(target, "client_certificate", "required") && valid_certificate(target).is_some()
}

/// The subscriber of the certificate that ordinary connections present, where certificates authenticate.
fn certificate_authenticates(target: &Target) -> Option<String> {
    let presented = presents_certificate(target).then(|| valid_certificate(target))??;
    let authenticates = policy_says(target, "auth_modes", "certificate");
    // Scenarios present it as alice.
    let holder = presented.of.as_deref().unwrap_or("alice");
    authenticates.then(|| holder.to_owned())
}

fn policy_says(target: &Target, key: &str, word: &str) -> bool {
    let said = target.policy.get(key);
    said.is_some_and(|value| value.0.iter().any(|other| other == word))
}

fn valid_certificate(target: &Target) -> Option<&SubscriberCertificate> {
    let declared = target.client_certificates.as_ref();
    declared.and_then(Declared::given)?.valid.as_ref()
}

/// The parts of a URL that matter here.
struct Url {
    host: String,
    port: u16,
    path: String,
}

impl Url {
    fn read(text: &str, scheme: &str, usual_port: u16) -> Result<Self, String> {
        let refuse = |because: &str| format!("`{text}` is not a usable URL: {because}");
        let url = reqwest::Url::parse(text).map_err(|error| refuse(&error.to_string()))?;
        if url.scheme() != scheme {
            return Err(refuse(&format!("it must begin with {scheme}://")));
        }
        let host = url.host_str().ok_or_else(|| refuse("it names no host"))?;
        let host = host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .to_owned();
        let mut path = url.path().to_owned();
        if !path.ends_with('/') {
            path.push('/');
        }
        Ok(Self {
            host,
            port: url.port().unwrap_or(usual_port),
            path,
        })
    }
}

fn address(endpoint: &Endpoint, url: &Url) -> Result<SocketAddr, String> {
    match &endpoint.address {
        Some(address) => look_up(address, "ut.address"),
        None => look_up(&host_port(&url.host, url.port), "ut.url"),
    }
}

fn host_port(host: &str, port: u16) -> String {
    if host.contains(':') {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    }
}

fn look_up(host_port: &str, key: &str) -> Result<SocketAddr, String> {
    host_port
        .to_socket_addrs()
        .map_err(|error| format!("{key}: `{host_port}` cannot be resolved: {error}"))?
        .next()
        .ok_or_else(|| format!("{key}: `{host_port}` resolves to no address"))
}

fn clear(endpoint: &Endpoint) -> Result<Option<ClearEndpoint>, String> {
    let Some(text) = endpoint.clear.as_deref().filter(|text| *text != "none") else {
        return Ok(None);
    };
    let url = Url::read(text, "http", 80)?;
    let pinned = endpoint
        .address
        .as_deref()
        .and_then(|address| address.rsplit_once(':'));
    let address = match pinned {
        // The pinned node answers in clear as well, at the port of the clear URL.
        Some((host, _)) => look_up(&format!("{host}:{}", url.port), "ut.clear")?,
        None => look_up(&host_port(&url.host, url.port), "ut.clear")?,
    };
    Ok(Some(ClearEndpoint {
        host: url.host,
        address,
    }))
}

fn read_file(path: &Path, key: &str) -> Result<Vec<u8>, String> {
    let refuse =
        |error: &dyn std::fmt::Display| format!("{key}: cannot read {}: {error}", path.display());
    let length = std::fs::metadata(path)
        .map_err(|error| refuse(&error))?
        .len();
    if length > LONGEST_FILE {
        return Err(refuse(&"it is larger than 1 MiB"));
    }
    std::fs::read(path).map_err(|error| refuse(&error))
}

fn certificates(path: &Path, key: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let bytes = read_file(path, key)?;
    let list: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    match list {
        Ok(list) if !list.is_empty() => Ok(list),
        Ok(_) => Err(format!(
            "{key}: {} holds no PEM certificate",
            path.display()
        )),
        Err(error) => Err(format!("{key}: {} is not PEM: {error}", path.display())),
    }
}

/// Certificate and key of the observer, as read from their files.
///
/// # Errors
/// A file that cannot be read.
pub(crate) fn origin_tls(
    observer: &OriginObserver,
    folder: &Path,
) -> Result<Option<OriginTls>, String> {
    let Some(files) = &observer.tls else {
        return Ok(None);
    };
    let read = |file: &str| read_file(&folder.join(file), "origin_observer.tls");
    Ok(Some(OriginTls {
        certificate: read(&files.certificate)?,
        key: read(&files.key)?,
    }))
}

fn client_identity(
    files: &SubscriberCertificate,
    folder: &Path,
    key: &str,
) -> Result<ClientIdentity, String> {
    let chain = certificates(&folder.join(&files.certificate), key)?;
    let path = folder.join(&files.key);
    let bytes = read_file(&path, key)?;
    let key = PrivateKeyDer::from_pem_slice(&bytes)
        .map_err(|error| format!("{key}: {} holds no usable key: {error}", path.display()))?;
    Ok(ClientIdentity { chain, key })
}

fn client_certificates(
    target: &Target,
    folder: &Path,
) -> Result<BTreeMap<ClientCertificateKind, ClientIdentity>, String> {
    let mut identities = BTreeMap::new();
    let Some(certificates) = target
        .client_certificates
        .as_ref()
        .and_then(Declared::given)
    else {
        return Ok(identities);
    };
    for (kind, key, files) in [
        (ClientCertificateKind::Valid, "valid", &certificates.valid),
        (
            ClientCertificateKind::WrongCa,
            "wrong_ca",
            &certificates.wrong_ca,
        ),
        (
            ClientCertificateKind::Expired,
            "expired",
            &certificates.expired,
        ),
    ] {
        if let Some(files) = files {
            let key = format!("client_certificates.{key}");
            identities.insert(kind, client_identity(files, folder, &key)?);
        }
    }
    Ok(identities)
}

fn subscribers(
    target: &Target,
    folder: &Path,
    context: &Context,
) -> Result<BTreeMap<String, ResolvedSubscriber>, String> {
    let resolve = |(name, subscriber): (&String, &Subscriber)| {
        Ok((
            name.clone(),
            one_subscriber(name, subscriber, folder, context)?,
        ))
    };
    match &target.subscribers {
        Some(Declared::Given(subscribers)) => subscribers.iter().map(resolve).collect(),
        Some(Declared::None) | None => Ok(BTreeMap::new()),
    }
}

fn one_subscriber(
    name: &str,
    subscriber: &Subscriber,
    folder: &Path,
    context: &Context,
) -> Result<ResolvedSubscriber, String> {
    let credentials = &subscriber.credentials;
    let pair = match (&credentials.b_tid, &credentials.ks_naf) {
        (Some(b_tid), Some(ks_naf)) => Some((b_tid, ks_naf)),
        _ => credentials
            .username
            .as_ref()
            .zip(credentials.password.as_ref()),
    };
    let (username, reference) = pair.ok_or_else(|| {
        format!("subscribers.{name}.credentials: give b_tid and ks_naf, or username and password")
    })?;
    let first = subscriber.impus.first().cloned().unwrap_or_default();
    let shared = credentials.pre_shared_key.as_ref();
    let shared = shared.map(|given| pre_shared_key(given, folder, context));
    Ok(ResolvedSubscriber {
        pre_shared_key: shared.transpose().map_err(|because| {
            format!("subscribers.{name}.credentials.pre_shared_key: {because}")
        })?,
        name: name.to_owned(),
        username: username.clone(),
        password: secret(reference, folder, context)
            .map_err(|because| format!("subscribers.{name}.credentials: {because}"))?,
        impus: subscriber.impus.clone(),
        default_impu: subscriber.default_impu.clone(),
        xui: subscriber.xui.clone().unwrap_or(first),
    })
}

fn pre_shared_key(
    given: &PreSharedCredentials,
    folder: &Path,
    context: &Context,
) -> Result<ResolvedKey, String> {
    let octets = |reference: &SecretReference, name: &str| {
        let text = secret(reference, folder, context)?;
        let key = STANDARD.decode(text.expose());
        let key = key.ok().filter(|key| !key.is_empty());
        let key = key.ok_or_else(|| format!("`{name}` is not the base64 of a key"))?;
        Ok::<_, String>(Secret::new(key))
    };
    let of_tls13 = given.ks_naf_tls13.as_ref();
    let of_tls13 = of_tls13.map(|reference| octets(reference, "ks_naf_tls13"));
    Ok(ResolvedKey {
        suite: given.suite.clone(),
        key: octets(&given.ks_naf, "ks_naf")?,
        of_tls13: of_tls13.transpose()?,
    })
}

fn secret(reference: &SecretReference, folder: &Path, context: &Context) -> Result<Secret, String> {
    match reference {
        SecretReference::Lab(secret) => Ok(secret.clone()),
        SecretReference::Environment(name) => {
            context.environment(name).map(Secret::new).ok_or_else(|| {
                format!(
                    "the environment variable {name} is not set; export it, or write `file:PATH`"
                )
            })
        }
        SecretReference::File(file) => {
            let bytes = read_file(&folder.join(file), "file")?;
            let line = bytes
                .split(|byte| *byte == b'\n')
                .next()
                .unwrap_or_default();
            Ok(Secret::new(line.strip_suffix(b"\r").unwrap_or(line)))
        }
    }
}

fn timeout(target: &Target) -> Result<Duration, String> {
    match &target.limits.timeout {
        None => Ok(USUAL_TIMEOUT),
        Some(text) => humantime::parse_duration(text)
            .map_err(|error| format!("limits.timeout: `{text}` is not a duration: {error}")),
    }
}
