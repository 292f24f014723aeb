//! Where evidence is put; the files themselves are the command line's.

use std::io::{self, Write};

/// A place for the evidence of a run.
pub trait Storage: Send + Sync {
    /// Begins the evidence of one case where nobody takes it for finished.
    ///
    /// # Errors
    /// What the place says.
    fn begin(&self) -> io::Result<Box<dyn Parcel>>;

    /// Puts a file there that appears whole or not at all.
    ///
    /// # Errors
    /// What the place says.
    fn whole(&self, name: &str, bytes: &[u8]) -> io::Result<()>;
}

/// The evidence of one case while it is written; forgotten without a trace unless it is kept.
pub trait Parcel {
    /// Adds a file; one with secrets is for its owner alone.
    ///
    /// # Errors
    /// What the place says.
    fn file(&mut self, name: &str, secret: bool) -> io::Result<Box<dyn Write>>;

    /// Makes everything that was added appear at once under this name.
    ///
    /// # Errors
    /// What the place says.
    fn keep(self: Box<Self>, name: &str) -> io::Result<()>;
}
