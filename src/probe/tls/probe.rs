//! The TLS side of a probe: what all its cases share.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use tokio::sync::OnceCell;

use super::case::TlsCase;
use super::survey::Accepted;
use crate::engine::limit::Limiter;
use crate::engine::ports::{CaseContext, Clock, Survey};
use crate::engine::trace::Trace;
use crate::model::suite::SuiteRegistry;
use crate::probe::reach::Reach;
use crate::probe::target::ResolvedTarget;

/// What a [`TlsProbe`] works with.
#[derive(Clone)]
pub struct TlsProbeSettings {
    /// The target.
    pub target: Arc<ResolvedTarget>,
    /// Names and properties of suites.
    pub registry: Arc<SuiteRegistry>,
    /// Suites of an ordinary offer, best first; those that a version does not have are left out there.
    pub baseline: Vec<u16>,
    /// How much may be asked of the target.
    pub limiter: Arc<Limiter>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Waits where a step takes its time on purpose; where the target shares this clock it may be moved instead.
    pub pace: Arc<dyn Clock>,
    /// Seeds the randomness of the survey; cases bring their own.
    pub seed: u64,
    /// Where connections leave what they see; cases bring their own.
    pub trace: Trace,
    /// Whether the target takes connections; cases bring their own.
    pub reach: Reach,
}

impl fmt::Debug for TlsProbeSettings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TlsProbeSettings")
            .field("target", &self.target.name)
            .field("baseline", &self.baseline)
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}

/// What the cases of one probe share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) settings: TlsProbeSettings,
    pub(super) accepted: Arc<OnceCell<Accepted>>,
    /// Whether it was found out that rustls has nothing in common with the target and the lab engine has.
    pub(super) lab_needed: Arc<AtomicBool>,
}

impl Shared {
    /// The random of the survey's hellos.
    pub(super) fn survey_random(&self) -> [u8; 32] {
        random(&mut ChaCha20Rng::seed_from_u64(self.settings.seed))
    }
}

/// The next 32 octets.
pub(super) fn random(generator: &mut ChaCha20Rng) -> [u8; 32] {
    let mut octets = [0; 32];
    generator.fill_bytes(&mut octets);
    octets
}

/// Probes the TLS side of one target.
#[derive(Debug, Clone)]
pub struct TlsProbe {
    shared: Arc<Shared>,
}

impl TlsProbe {
    /// A probe that has asked nothing yet.
    #[must_use]
    pub fn new(settings: TlsProbeSettings) -> Self {
        Self {
            shared: Arc::new(Shared {
                settings,
                accepted: Arc::default(),
                lab_needed: Arc::default(),
            }),
        }
    }

    /// Finds out which versions the target accepts and with what suite, and its certificate; asked once, then remembered.
    pub async fn survey(&self) -> Survey {
        self.shared.survey().await
    }

    /// Begins a case; its randomness, connections and saved sessions are its own.
    #[must_use]
    pub fn case(&self, context: &CaseContext) -> TlsCase {
        let settings = TlsProbeSettings {
            trace: context.trace.clone(),
            reach: self.shared.settings.reach.of(&context.id),
            ..self.shared.settings.clone()
        };
        let shared = Shared {
            settings,
            accepted: Arc::clone(&self.shared.accepted),
            lab_needed: Arc::clone(&self.shared.lab_needed),
        };
        TlsCase::new(Arc::new(shared), context)
    }
}
