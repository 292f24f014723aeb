//! The embedded reference target: a conforming Authentication Proxy in front of an XCAP store, with switchable defects.

mod associations;
pub mod certificates;
pub mod clock;
pub mod defect;
pub mod http;
pub mod lab;
mod listen;
pub mod settings;
pub mod start;
pub mod tls;

pub use defect::Defect;
pub use settings::{ListenSettings, OriginPlace, ReferenceSettings, Topology};
pub use start::{Reference, ReferenceStore, StartError};
