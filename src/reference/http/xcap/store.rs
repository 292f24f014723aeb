//! Documents and their owners.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use crate::reference::http::defect::HttpDefect;
use crate::reference::http::path::DocumentSelector;

/// Documents that are kept; more are refused.
const MAX_DOCUMENTS: usize = 10_000;

/// A user of the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreUser {
    /// Name of the tree.
    pub xui: String,
    /// Identities in which its owner may be asserted: the IMPUs, and the B-TID where the proxy asserts that.
    pub identities: Vec<String>,
}

/// A document as it was put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Document {
    pub(super) body: Bytes,
    /// Entity tag with its quotes.
    pub(super) etag: String,
}

#[derive(Debug, Default)]
pub(super) struct Documents {
    list: BTreeMap<DocumentSelector, Document>,
    writes: u64,
}

/// An XCAP server without its sockets; shared by all connections to it.
#[derive(Debug)]
pub struct Store {
    pub(super) root: String,
    pub(super) users: Vec<StoreUser>,
    defects: BTreeSet<HttpDefect>,
    /// Whether the proxy tells nobody's identity and decides itself who gets at what.
    pub(super) outside_trust: bool,
    documents: Mutex<Documents>,
}

impl Store {
    /// A store without documents under an XCAP root that begins and ends with `/`.
    #[must_use]
    pub fn new(
        root: impl Into<String>,
        users: Vec<StoreUser>,
        defects: BTreeSet<HttpDefect>,
    ) -> Arc<Self> {
        Self::made(root.into(), users, defects, false)
    }

    /// The same outside the trust domain: whoever the proxy lets through gets at the tree that he asks for.
    #[must_use]
    pub fn outside_trust(
        root: impl Into<String>,
        users: Vec<StoreUser>,
        defects: BTreeSet<HttpDefect>,
    ) -> Arc<Self> {
        Self::made(root.into(), users, defects, true)
    }

    fn made(
        root: String,
        users: Vec<StoreUser>,
        defects: BTreeSet<HttpDefect>,
        outside_trust: bool,
    ) -> Arc<Self> {
        Arc::new(Self {
            root,
            users,
            defects,
            outside_trust,
            documents: Mutex::default(),
        })
    }

    /// Puts a document into a user's tree without asking who may; whether the path names a document of a known user.
    pub fn insert(&self, path: &str, body: impl Into<Bytes>) -> bool {
        let selector = DocumentSelector::parse(&self.root, path).filter(|selector| !selector.node);
        let known = selector.filter(|selector| {
            let xui = selector.xui.as_ref();
            self.users.iter().any(|user| Some(&user.xui) == xui)
        });
        known.is_some_and(|selector| self.documents().put(selector, body.into()).is_some())
    }

    pub(super) fn has(&self, defect: HttpDefect) -> bool {
        self.defects.contains(&defect)
    }

    pub(super) fn documents(&self) -> MutexGuard<'_, Documents> {
        self.documents
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Documents {
    pub(super) fn find(&self, selector: &DocumentSelector) -> Option<&Document> {
        self.list.get(selector)
    }

    /// Stores a document and gives its tag; `None` when the store is full.
    pub(super) fn put(&mut self, selector: DocumentSelector, body: Bytes) -> Option<String> {
        if self.list.len() >= MAX_DOCUMENTS && !self.list.contains_key(&selector) {
            return None;
        }
        self.writes = self.writes.saturating_add(1);
        // Every write has a tag of its own, also one of the same octets (RFC 4825, 7.11).
        let mut hash = Sha256::new();
        hash.update(self.writes.to_be_bytes());
        hash.update(&body);
        let etag: String = hex::encode(hash.finalize()).chars().take(16).collect();
        let etag = format!("\"{etag}\"");
        let document = Document {
            body,
            etag: etag.clone(),
        };
        self.list.insert(selector, document);
        Some(etag)
    }

    pub(super) fn remove(&mut self, selector: &DocumentSelector) {
        self.list.remove(selector);
    }
}
