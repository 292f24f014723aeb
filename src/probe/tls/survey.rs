//! What the target accepts: asked once, then known to all cases.

use std::collections::BTreeMap;

use super::exchange::{Manner, Outcome, exchange};
use super::hello::Hello;
use super::probe::{Shared, TlsProbeSettings};
use crate::engine::ports::{Survey, Trouble};
use crate::model::record::TargetRecord;
use crate::model::suite::{Authentication, ProtocolVersion};
use crate::wire::tls::flight::FirstFlight;

/// Most attempts for one version of the survey.
const ATTEMPTS: usize = 4;

/// Most suites in one hello; some servers mind more than 128.
pub(super) const CHUNK: usize = 64;

/// The versions an offer in a TLS record can be made in, oldest first.
const VERSIONS: [ProtocolVersion; 5] = [
    ProtocolVersion::Ssl3,
    ProtocolVersion::Tls10,
    ProtocolVersion::Tls11,
    ProtocolVersion::Tls12,
    ProtocolVersion::Tls13,
];

/// The versions the target accepts, and the suite each selects from an ordinary offer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Accepted {
    suites: BTreeMap<ProtocolVersion, u16>,
    /// What came instead, by version, where nothing was accepted.
    refusals: BTreeMap<ProtocolVersion, String>,
    /// What happened, by version, where every attempt was lost: neither accepted nor refused.
    undecided: BTreeMap<ProtocolVersion, String>,
    /// Whether suites with an RSA and with an ECDSA certificate are selected, in the best version up to TLS 1.2.
    authentications: Vec<Authentication>,
    /// Leaf certificate seen in clear.
    leaf: Option<Vec<u8>>,
}

impl Accepted {
    /// The suite the target is known to select in `version`.
    pub(super) fn suite(&self, version: ProtocolVersion) -> Option<u16> {
        self.suites.get(&version).copied()
    }

    /// Whether `version` is accepted.
    pub(super) fn has(&self, version: ProtocolVersion) -> bool {
        self.suites.contains_key(&version)
    }

    /// The best version.
    pub(super) fn best(&self) -> Option<ProtocolVersion> {
        self.suites.keys().next_back().copied()
    }

    /// The best version that is not newer than `version`.
    pub(super) fn best_up_to(&self, version: ProtocolVersion) -> Option<ProtocolVersion> {
        self.suites.range(..=version).next_back().map(|(v, _)| *v)
    }

    /// The best version other than `version`; that one itself when it is the only one.
    pub(super) fn best_but(&self, version: ProtocolVersion) -> Option<ProtocolVersion> {
        let other = self.suites.keys().rev().find(|other| **other != version);
        other.copied().or_else(|| self.best())
    }

    fn unreachable(&self) -> Option<String> {
        if !self.suites.is_empty() {
            return None;
        }
        let mut reasons: Vec<&str> = self.refusals.values().map(String::as_str).collect();
        reasons.dedup();
        if let [only] = reasons.as_slice() {
            return Some((*only).to_owned());
        }
        let by_version: Vec<String> = self
            .refusals
            .iter()
            .map(|(version, reason)| format!("{version}: {reason}"))
            .collect();
        Some(format!(
            "no protocol version is accepted ({})",
            by_version.join("; ")
        ))
    }
}

impl TlsProbeSettings {
    /// The suites of an ordinary offer in `version`.
    pub(super) fn baseline_of(&self, version: ProtocolVersion) -> Vec<u16> {
        self.baseline
            .iter()
            .copied()
            .filter(|code| {
                let known = self.registry.by_code(*code);
                known.is_none_or(|record| record.versions.contains(version))
            })
            .collect()
    }
}

/// What one version came to.
pub(super) enum Answer {
    /// A ServerHello of this version.
    Selected(Box<FirstFlight>, u16),
    /// A refusal, in words.
    Refused(String),
    /// Every attempt was lost.
    Lost(String),
}

/// Asks the target for each version, and which kinds of certificate it serves.
pub(super) async fn ask(
    settings: &TlsProbeSettings,
    random: [u8; 32],
) -> Result<Accepted, Trouble> {
    let mut accepted = Accepted::default();
    for version in VERSIONS {
        let mut answer =
            ask_one(settings, random, (version, settings.baseline_of(version))).await?;
        if matches!(answer, Answer::Refused(_)) {
            answer = ask_all(settings, random, version).await?.unwrap_or(answer);
        }
        match answer {
            Answer::Selected(flight, suite) => {
                accepted.suites.insert(version, suite);
                if let Some(leaf) = flight.certificates.into_iter().next() {
                    accepted.leaf = Some(leaf);
                }
            }
            Answer::Refused(reason) => {
                accepted.refusals.insert(version, reason);
            }
            Answer::Lost(reason) => {
                accepted.undecided.insert(version, reason.clone());
                accepted.refusals.insert(version, reason);
            }
        }
    }
    if let Some(version) = accepted.best_up_to(ProtocolVersion::Tls12) {
        for kind in [Authentication::Ecdsa, Authentication::Rsa] {
            let suites = settings.baseline_of(version).into_iter().filter(|code| {
                settings
                    .registry
                    .by_code(*code)
                    .is_some_and(|record| record.authentication == kind)
            });
            let offer = (version, suites.collect());
            if let Answer::Selected(..) = ask_one(settings, random, offer).await? {
                accepted.authentications.push(kind);
            }
        }
    }
    Ok(accepted)
}

/// A version in which no ordinary suite is selected may still live with others, weak ones only: every suite is offered.
async fn ask_all(
    settings: &TlsProbeSettings,
    random: [u8; 32],
    version: ProtocolVersion,
) -> Result<Option<Answer>, Trouble> {
    let every: Vec<u16> = settings
        .registry
        .iter()
        .filter(|record| record.versions.contains(version))
        .filter(|record| {
            record.authentication != Authentication::None
                && !settings.baseline.contains(&record.code.0)
        })
        .map(|record| record.code.0)
        .collect();
    for suites in every.chunks(CHUNK) {
        let answer = ask_one(settings, random, (version, suites.to_vec())).await?;
        if let Answer::Selected(..) = answer {
            return Ok(Some(answer));
        }
    }
    Ok(None)
}

/// Sends an ordinary offer of these suites in this version alone, again where it was lost.
pub(super) async fn ask_one(
    settings: &TlsProbeSettings,
    random: [u8; 32],
    (version, suites): (ProtocolVersion, Vec<u16>),
) -> Result<Answer, Trouble> {
    let hello = Hello::ordinary(version, suites, &settings.target.host);
    let bytes = hello.offer.encode(random);
    let mut lost = String::new();
    for _ in 0..ATTEMPTS {
        match exchange(settings, &bytes, Manner::Whole).await? {
            Outcome::Hello(flight) => {
                let selected = flight.server_hello.as_ref();
                let wanted = selected.filter(|hello| hello.version == version.wire());
                return Ok(match wanted.map(|hello| hello.suite) {
                    Some(suite) => Answer::Selected(Box::new(*flight), suite),
                    None => Answer::Refused("another version was selected".to_owned()),
                });
            }
            Outcome::Alert(_, text) | Outcome::NotTls(text) | Outcome::Unclear(text) => {
                return Ok(Answer::Refused(text));
            }
            Outcome::Lost(_, text) => lost = text,
        }
    }
    Ok(Answer::Lost(lost))
}

impl Shared {
    /// What the target accepts, asked at the first call.
    ///
    /// # Errors
    /// [`Trouble::NotProven`] when the budget of connections is used up.
    pub(super) async fn accepted(&self) -> Result<&Accepted, Trouble> {
        self.accepted
            .get_or_try_init(|| ask(&self.settings, self.survey_random()))
            .await
    }

    /// The survey as the engine needs it.
    pub(super) async fn survey(&self) -> Survey {
        let target = &self.settings.target;
        let mut survey = Survey {
            target: TargetRecord {
                name: target.name.clone(),
                url: target.url.clone(),
                address: Some(target.address.to_string()),
                ..TargetRecord::default()
            },
            ..Survey::default()
        };
        survey.names.set_list("accepted_versions", Vec::new());
        let accepted = match self.accepted().await {
            Ok(accepted) => accepted,
            Err(trouble) => {
                survey.target.unreachable = Some(trouble.to_string());
                return survey;
            }
        };
        survey.target.unreachable = accepted.unreachable();
        tracing::info!(versions = ?accepted.suites.keys(), unreachable = survey.target.unreachable, "surveyed");
        let registry = &self.settings.registry;
        for (version, suite) in &accepted.suites {
            let name = version.name().to_owned();
            survey
                .target
                .accepted_versions
                .insert(name, registry.label(*suite));
        }
        let versions = accepted.suites.keys();
        survey.names.set_list(
            "accepted_versions",
            versions.map(|version| version.name().to_owned()).collect(),
        );
        let mut kinds = Vec::new();
        for kind in &accepted.authentications {
            kinds.push(
                if *kind == Authentication::Rsa {
                    "rsa"
                } else {
                    "ecdsa"
                }
                .to_owned(),
            );
        }
        survey.names.set_list("served_authentications", kinds);
        if survey.target.unreachable.is_none() {
            for (version, reason) in &accepted.undecided {
                survey
                    .target
                    .undecided_versions
                    .insert(version.name().to_owned(), reason.clone());
            }
        }
        survey.target.certificate_sha256 = self.leaf_fingerprint(accepted).await;
        survey
    }

    /// Of the certificate in clear, else (TLS 1.3 hides it) of a completed handshake.
    async fn leaf_fingerprint(&self, accepted: &Accepted) -> Option<String> {
        if let Some(leaf) = &accepted.leaf {
            return Some(super::certificate::fingerprint(leaf));
        }
        if accepted.suites.is_empty() {
            return None;
        }
        let connection = self.open(&self.settings.target.host).await.ok()?;
        connection
            .facts
            .certificate
            .map(|certificate| certificate.fingerprint)
    }
}
