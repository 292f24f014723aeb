//! Servers the tester plays around the target: the origin behind the proxy, observer and canary in one.

mod arranged;
mod canary;
mod forward;
mod ledger;
mod origin;
mod settings;
mod stub;

#[cfg(test)]
mod tests;

pub use origin::OriginServer;
pub use settings::{OriginError, OriginSettings, OriginTls};
