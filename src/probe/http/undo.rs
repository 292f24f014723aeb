//! Documents that exist when a scenario needs them, and that are afterwards as they were before.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::engine::ports::Trouble;
use crate::model::journal::{DocumentBefore, JournalEntry};
use crate::model::names::Names;
use crate::model::seen::{Classification, Facts, Seen};
use crate::model::step_http::Prepare;
use crate::wire::http::Response;

use super::case::HttpCase;
use super::connection::Dial;
use super::documents::{Document, document_path};
use super::login::AsUe;
use super::plan::RequestPlan;
use super::session::Session;

/// A document as it was before the first write of the case.
#[derive(Debug)]
pub(super) struct Remembered {
    path: String,
    /// Who sees and restores it.
    owner: Option<String>,
    before: Before,
    /// Whether the target took a write to it.
    written: bool,
}

#[derive(Debug, Clone)]
enum Before {
    Absent,
    Document(Document),
    /// Nobody we may be can see it.
    Unknown(String),
}

impl Before {
    fn for_journal(&self) -> DocumentBefore {
        match self {
            Self::Absent => DocumentBefore::Absent,
            Self::Document(document) => DocumentBefore::Document {
                content_type: document.content_type.clone(),
                body: STANDARD.encode(&document.body),
            },
            Self::Unknown(why) => DocumentBefore::Unknown(why.clone()),
        }
    }

    fn of_journal(before: &DocumentBefore) -> Self {
        match before {
            DocumentBefore::Absent => Self::Absent,
            DocumentBefore::Unknown(why) => Self::Unknown(why.clone()),
            DocumentBefore::Document { content_type, body } => STANDARD.decode(body).map_or_else(
                |_| Self::Unknown("the journal does not hold it".to_owned()),
                |body| {
                    Self::Document(Document {
                        content_type: content_type.clone(),
                        body,
                    })
                },
            ),
        }
    }
}

fn as_document(response: &Response) -> Document {
    Document {
        content_type: response
            .header("Content-Type")
            .unwrap_or("application/xml")
            .to_owned(),
        body: response.body.clone(),
    }
}

impl HttpCase {
    /// Makes sure, as its owner, that a document exists.
    ///
    /// # Errors
    /// [`Trouble::NotProven`] when it does not and cannot be created.
    pub async fn prepare(
        &mut self,
        step: &Prepare,
        names: &Names,
        dial: &mut dyn Dial,
    ) -> Result<Seen, Trouble> {
        self.subscriber(&step.subscriber)?;
        let path = self.path(&step.document, step.auid.as_ref(), names)?;
        let path = document_path(&path).to_owned();
        let owner = step.subscriber.as_str();
        let got = self.as_owner(owner, ("GET", &path), None, dial).await?;
        let Some(response) = got.response() else {
            return Err(not_prepared(&path, &got.describe()));
        };
        let observed = match response.status {
            200..=299 => {
                self.note_served(&path, &response.body, response);
                format!("{path} exists")
            }
            404 => {
                self.is_writable()?;
                let document = self.body_named("document", &path)?;
                self.remember(&path, Some(owner), Before::Absent)?;
                let put = self
                    .as_owner(owner, ("PUT", &path), Some(document.clone()), dial)
                    .await?;
                match put.response() {
                    Some(response) if (200..300).contains(&response.status) => {
                        self.mark_written(&path);
                        self.note_served(&path, &document.body, response);
                    }
                    _ => return Err(not_prepared(&path, &put.describe())),
                }
                format!("{path} created")
            }
            _ => return Err(not_prepared(&path, &got.describe())),
        };
        Ok(Seen::new(
            Classification::Answered,
            observed,
            Facts::Nothing,
        ))
    }

    /// Remembers the document at `target` as its owner sees it, before something may change it.
    pub(super) async fn before_write(
        &mut self,
        target: &str,
        subscriber: Option<&str>,
        names: &Names,
        dial: &mut dyn Dial,
    ) -> Result<(), Trouble> {
        self.is_writable()?;
        let path = document_path(target).to_owned();
        if self.writes.iter().any(|known| known.path == path) {
            return Ok(());
        }
        let owner = self.owner_of(&path, names);
        let owned = owner.is_some();
        let acting = owner.or_else(|| subscriber.map(str::to_owned));
        let Some(acting) = acting else {
            return self.remember(&path, None, Before::Unknown("nobody owns it".to_owned()));
        };
        let got = self.as_owner(&acting, ("GET", &path), None, dial).await?;
        let before = match got.response() {
            Some(response) if (200..300).contains(&response.status) => {
                self.note_served(&path, &response.body, response);
                Before::Document(as_document(response))
            }
            Some(response) if response.status == 404 => Before::Absent,
            _ if owned => {
                return Err(Trouble::NotProven(format!(
                    "nothing is written to {path}, {acting} could not undo it: {}",
                    got.describe()
                )));
            }
            _ => Before::Unknown(got.describe()),
        };
        self.remember(&path, Some(&acting), before)
    }

    fn is_writable(&self) -> Result<(), Trouble> {
        if self.target.writable {
            return Ok(());
        }
        Err(Trouble::NotProven(
            "documents may not be written (documents.writable in the target file)".to_owned(),
        ))
    }

    /// The subscriber whose document this is.
    fn owner_of(&self, path: &str, names: &Names) -> Option<String> {
        let auids: BTreeSet<&String> = self.target.documents.keys().collect();
        self.target
            .subscribers
            .keys()
            .find(|subscriber| {
                let default = format!("{subscriber}.document");
                let is_path = |name: &str| names.one(name).is_ok_and(|known| known == path);
                is_path(&default)
                    || auids
                        .iter()
                        .any(|auid| is_path(&format!("{default}.{auid}")))
            })
            .cloned()
    }

    fn remember(&mut self, path: &str, owner: Option<&str>, before: Before) -> Result<(), Trouble> {
        if self.writes.iter().any(|known| known.path == path) {
            return Ok(());
        }
        self.journal.begin(&JournalEntry {
            case: self.context.id.clone(),
            path: path.to_owned(),
            owner: owner.map(str::to_owned),
            before: before.for_journal(),
        })?;
        self.writes.push(Remembered {
            path: path.to_owned(),
            owner: owner.map(str::to_owned),
            before,
            written: false,
        });
        Ok(())
    }

    /// Remembers what a journal of an earlier run says; whether it was written is not known, so that it counts as written.
    pub fn remember_all(&mut self, entries: &[JournalEntry]) {
        self.writes.extend(entries.iter().map(|entry| Remembered {
            path: entry.path.clone(),
            owner: entry.owner.clone(),
            before: Before::of_journal(&entry.before),
            written: true,
        }));
    }

    fn mark_written(&mut self, path: &str) {
        for known in self.writes.iter_mut().filter(|known| known.path == path) {
            tracing::debug!(case = self.context.id, path, "written");
            known.written = true;
        }
    }

    /// Notes what a request that succeeded did: a document served, stored or changed.
    pub(super) fn note_effect(&mut self, plan: &RequestPlan, response: &Response) {
        let path = document_path(&plan.target).to_owned();
        let whole = path == plan.target;
        match plan.method.as_str() {
            "GET" if whole => self.note_served(&path, &response.body, response),
            "PUT" if whole => self.note_served(&path, plan.body_bytes(), response),
            "PUT" | "DELETE" | "POST" | "PATCH" => {
                self.served.remove(&path);
            }
            _ => {}
        }
        // A GET changes nothing: a document that was only read is not ours to put back.
        if plan.writes() {
            self.mark_written(&path);
        }
    }

    /// A request in the session in which presec acts as the owner.
    async fn as_owner(
        &mut self,
        owner: &str,
        (method, path): (&str, &str),
        document: Option<Document>,
        dial: &mut dyn Dial,
    ) -> Result<AsUe, Trouble> {
        let mut session = match self.owners.remove(owner) {
            Some(session) => session,
            None => {
                let mut session = Session::tls(&self.target.host);
                session.subscriber = Some(owner.to_owned());
                session
            }
        };
        let mut plan = RequestPlan::new(method, path, self.target.host_field(&session.host));
        plan.body = document;
        let done = self.as_ue(&mut session, dial, &plan).await;
        self.owners.insert(owner.to_owned(), session);
        done
    }

    /// Makes every document as it was, closes every connection; one line for each document that is not as it was.
    pub async fn finish(&mut self, dial: &mut dyn Dial) -> Vec<String> {
        let mut not_undone = Vec::new();
        while let Some(remembered) = self.writes.pop() {
            let path = remembered.path.clone();
            tracing::debug!(case = self.context.id, path, "putting back");
            if let Err(why) = self.restore(remembered, dial).await {
                not_undone.push(format!("{path} could not be put back: {why}"));
            } else {
                self.journal.settled(&self.context.id, &path);
            }
        }
        self.close_all().await;
        not_undone
    }

    async fn restore(&mut self, remembered: Remembered, dial: &mut dyn Dial) -> Result<(), String> {
        let path = remembered.path.as_str();
        let (owner, before) = match (&remembered.owner, &remembered.before) {
            (_, Before::Unknown(_)) | (None, _) if !remembered.written => return Ok(()),
            (_, Before::Unknown(why)) => return Err(format!("what it was is unknown ({why})")),
            (None, _) => return Err("nobody owns it".to_owned()),
            (Some(owner), before) => (owner, before),
        };
        if self.is_as_before(owner, path, before, dial).await? {
            return Ok(());
        }
        let (method, document) = match before {
            Before::Document(document) => ("PUT", Some(document.clone())),
            Before::Absent | Before::Unknown(_) => ("DELETE", None),
        };
        let done = self
            .as_owner(owner, (method, path), document, dial)
            .await
            .map_err(|trouble| trouble.to_string())?;
        if self.is_as_before(owner, path, before, dial).await? {
            return Ok(());
        }
        Err(format!("{method} by {owner} brought {}", done.describe()))
    }

    async fn is_as_before(
        &mut self,
        owner: &str,
        path: &str,
        before: &Before,
        dial: &mut dyn Dial,
    ) -> Result<bool, String> {
        let got = self
            .as_owner(owner, ("GET", path), None, dial)
            .await
            .map_err(|trouble| trouble.to_string())?;
        let status = got.response().map(|response| response.status);
        Ok(match (before, got.response()) {
            (Before::Document(document), Some(response)) => {
                (200..300).contains(&response.status) && response.body == document.body
            }
            (Before::Absent, _) => status == Some(404),
            (Before::Document(_) | Before::Unknown(_), _) => false,
        })
    }
}

fn not_prepared(path: &str, what: &str) -> Trouble {
    Trouble::NotProven(format!("{path} could not be prepared: {what}"))
}
