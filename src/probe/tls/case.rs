//! The TLS steps of one case.

use std::collections::BTreeMap;
use std::sync::Arc;

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;

use super::connection::OpenConnection;
use super::probe::{Shared, TlsProbeSettings, random};
use super::session::SavedSession;
use crate::engine::limit::Limiter;
use crate::engine::ports::{CaseContext, Trouble};

/// The TLS steps of one case, with the sessions it saved.
#[derive(Debug)]
pub struct TlsCase {
    pub(super) shared: Arc<Shared>,
    pub(super) generator: ChaCha20Rng,
    pub(super) saved: BTreeMap<String, SavedSession>,
    /// Whether the sessions must outlive the process: then the lab engine makes them wherever it can.
    pub(super) may_be_parked: bool,
}

impl TlsCase {
    pub(super) fn new(shared: Arc<Shared>, context: &CaseContext) -> Self {
        Self {
            shared,
            generator: ChaCha20Rng::seed_from_u64(context.seed),
            saved: BTreeMap::new(),
            may_be_parked: context.may_be_parked,
        }
    }

    /// A new connection for HTTP, in the best version both sides have; nothing is sent over it yet.
    ///
    /// # Errors
    /// [`Trouble::NotProven`] when no connection came about.
    pub async fn open(&mut self, server_name: &str) -> Result<OpenConnection, Trouble> {
        self.shared.open(server_name).await
    }

    /// From now on connections count against this limiter.
    pub fn limit_by(&mut self, limiter: &Arc<Limiter>) {
        let settings = TlsProbeSettings {
            limiter: Arc::clone(limiter),
            ..self.shared.settings.clone()
        };
        self.shared = Arc::new(Shared {
            settings,
            accepted: Arc::clone(&self.shared.accepted),
            lab_needed: Arc::clone(&self.shared.lab_needed),
        });
    }

    pub(super) fn random(&mut self) -> [u8; 32] {
        random(&mut self.generator)
    }

    pub(super) fn saved(&self, name: &str) -> Result<&SavedSession, Trouble> {
        self.saved.get(name).ok_or_else(|| {
            Trouble::Fault(format!(
                "no step before this one saved a session as `{name}`"
            ))
        })
    }
}
