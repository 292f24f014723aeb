//! The XCAP store: whole documents in users trees, and the list of applications (RFC 4825).

mod answer;
mod media;
mod server;
mod store;
mod xml;

pub(super) use answer::{Asker, StoreRequest};
pub use store::{Store, StoreUser};
