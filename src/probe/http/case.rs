//! What one case remembers of its HTTP steps.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

use crate::engine::ports::{CaseContext, Journal, NoJournal, Trouble};
use crate::model::seen::{Classification, Facts, Seen};
use crate::model::seen_http::HttpFacts;
use crate::model::step_http::AnswerAgain;
use crate::probe::target::{ResolvedSubscriber, ResolvedTarget};

use super::connection::{Connection, Dial, Recipe};
use super::marker::Marked;
use super::session::{SavedExchange, ServedDocument, Session};
use super::undo::Remembered;

/// The HTTP steps of one case: its sessions, saved exchanges, marks and writes.
pub struct HttpCase {
    pub(super) target: Arc<ResolvedTarget>,
    pub(super) context: CaseContext,
    random: ChaCha20Rng,
    pub(super) sessions: BTreeMap<String, Session>,
    /// Sessions in which presec itself acts as the owner of a document.
    pub(super) owners: BTreeMap<String, Session>,
    pub(super) saved: BTreeMap<String, SavedExchange>,
    pub(super) nonces: BTreeSet<String>,
    /// Highest count sent, by username and nonce.
    pub(super) nonce_counts: BTreeMap<(String, String), u32>,
    pub(super) served: BTreeMap<String, ServedDocument>,
    pub(super) marked: Vec<Marked>,
    pub(super) writes: Vec<Remembered>,
    pub(super) journal: Arc<dyn Journal>,
    /// A request that may change a document was sent and is not answered yet.
    pub(super) writing: bool,
    /// Sessions whose handshake the target refused, and how.
    refused: BTreeMap<String, (Classification, String)>,
}

impl fmt::Debug for HttpCase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("HttpCase")
            .field("context", &self.context)
            .field("sessions", &self.sessions.keys())
            .finish_non_exhaustive()
    }
}

impl HttpCase {
    /// A case that has done nothing yet.
    #[must_use]
    pub fn new(target: Arc<ResolvedTarget>, context: CaseContext) -> Self {
        Self {
            random: ChaCha20Rng::seed_from_u64(context.seed),
            target,
            context,
            sessions: BTreeMap::new(),
            owners: BTreeMap::new(),
            saved: BTreeMap::new(),
            nonces: BTreeSet::new(),
            nonce_counts: BTreeMap::new(),
            served: BTreeMap::new(),
            marked: Vec::new(),
            writes: Vec::new(),
            refused: BTreeMap::new(),
            journal: Arc::new(NoJournal),
            writing: false,
        }
    }

    /// The same case, keeping this journal of what it writes.
    #[must_use]
    pub fn with_journal(mut self, journal: Arc<dyn Journal>) -> Self {
        self.journal = journal;
        self
    }

    /// Whether it was ended while a write was under way.
    #[must_use]
    pub const fn was_writing(&self) -> bool {
        self.writing
    }

    /// Takes a connection that another step opened into the session of that name; a login there stays.
    pub fn adopt(&mut self, session: &str, connection: Connection, recipe: Recipe) {
        let host = &self.target.host;
        self.refused.remove(session);
        let session = self
            .sessions
            .entry(session.to_owned())
            .or_insert_with(|| Session::tls(host));
        session.recipe = recipe;
        session.connection = Some(connection);
    }

    /// Notes that the target refused the handshake of a session: requests in it get no answer but that.
    pub fn refuse(&mut self, session: &str, seen: &Seen) {
        let how = (seen.classification, seen.observed.clone());
        self.refused.insert(session.to_owned(), how);
    }

    /// What a request in a refused session sees; saved under `save`, for a second look.
    pub(super) fn refused(&mut self, session: &str, save: Option<&String>) -> Option<Seen> {
        let (classification, how) = self.refused.get(session)?;
        let facts = HttpFacts {
            closed_instead: true,
            ..HttpFacts::default()
        };
        let observed = format!("the handshake was refused: {how}");
        let seen = Seen::new(
            *classification,
            observed.clone(),
            Facts::Http(facts.clone()),
        );
        if let Some(name) = save {
            let exchange = SavedExchange {
                authorization: None,
                digest: None,
                facts,
                body: None,
                observed,
            };
            self.saved.insert(name.clone(), exchange);
        }
        Some(seen)
    }

    /// Closes the connection of a session; its Digest state stays.
    ///
    /// # Errors
    /// [`Trouble::Fault`] when there is no session of that name.
    pub async fn close(&mut self, session: &str) -> Result<Seen, Trouble> {
        let found = self
            .sessions
            .get_mut(session)
            .ok_or_else(|| Trouble::Fault(format!("there is no session `{session}` to close")))?;
        if let Some(connection) = found.connection.take() {
            connection.close().await;
        }
        Ok(Seen::new(
            Classification::Answered,
            format!("session {session} closed"),
            Facts::Nothing,
        ))
    }

    /// What the connection of a session really is; it is made again in the same way when it is gone.
    ///
    /// # Errors
    /// [`Trouble::Fault`] when there is no session of that name, [`Trouble::NotProven`] when no connection comes about.
    pub async fn stream(
        &mut self,
        session: &str,
        dial: &mut dyn Dial,
    ) -> Result<&mut dyn Any, Trouble> {
        if let Some((_, how)) = self.refused.get(session) {
            let what = format!("the handshake of session `{session}` was refused: {how}");
            return Err(Trouble::NotProven(what));
        }
        let found = self
            .sessions
            .get_mut(session)
            .ok_or_else(|| Trouble::Fault(format!("there is no session `{session}`")))?;
        let connection = match found.connection.take() {
            Some(connection) => connection,
            None => dial.dial(&found.recipe).await?,
        };
        let connection = found.connection.insert(connection);
        connection.used = true;
        // Through the box: what is in it is meant.
        Ok((*connection.stream).as_any_mut())
    }

    /// Looks once more at a saved answer.
    ///
    /// # Errors
    /// [`Trouble::Fault`] when nothing was saved under that name.
    pub fn answer_again(&self, step: &AnswerAgain) -> Result<Seen, Trouble> {
        let saved = self.saved_exchange(&step.of)?;
        Ok(Seen::new(
            Classification::Answered,
            saved.observed.clone(),
            Facts::Http(saved.facts.clone()),
        ))
    }

    pub(super) fn saved_exchange(&self, name: &str) -> Result<&SavedExchange, Trouble> {
        self.saved
            .get(name)
            .ok_or_else(|| Trouble::Fault(format!("nothing was saved as `{name}`")))
    }

    pub(super) fn subscriber(&self, name: &str) -> Result<&ResolvedSubscriber, Trouble> {
        self.target.subscribers.get(name).ok_or_else(|| {
            Trouble::NotProven(format!("the target file has no subscriber `{name}`"))
        })
    }

    /// 16 random octets in hex, for client nonces and nonces that nobody issued.
    pub(super) fn random_hex(&mut self) -> String {
        let mut bytes = [0; 16];
        self.random.fill_bytes(&mut bytes);
        hex::encode(bytes)
    }

    /// Closes every connection.
    pub(super) async fn close_all(&mut self) {
        let sessions = self.sessions.values_mut().chain(self.owners.values_mut());
        for connection in sessions.filter_map(|session| session.connection.take()) {
            connection.close().await;
        }
    }
}
