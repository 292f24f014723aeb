//! SARIF 2.1.0 (OASIS): what code scanning and result viewers read. A rule for each scenario, a result for each case.

mod build;
mod log;

pub use build::render;
