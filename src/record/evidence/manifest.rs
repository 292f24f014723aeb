//! What is in a folder of evidence, with the SHA-256 of each file, as `sha256sum -c` reads it.

use std::fmt::Write as _;
use std::io::{self, Write};

use sha2::{Digest, Sha256};

/// The name of the manifest.
pub const MANIFEST: &str = "manifest.sha256";

/// A file of evidence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    /// Its path in the folder.
    pub(super) path: String,
    /// SHA-256 in lower-case hex.
    pub(super) sha256: String,
    /// Whether it holds secrets.
    pub(super) secret: bool,
}

/// The manifest over `entries`; each line of `title` becomes a comment.
pub(super) fn manifest(title: &[String], entries: &[Entry]) -> String {
    let mut text = String::new();
    for line in title {
        let _ = writeln!(text, "# {line}");
    }
    let mut entries = entries.to_vec();
    entries.sort();
    for entry in entries.iter().filter(|entry| entry.secret) {
        let _ = writeln!(text, "# secret: {}", entry.path);
    }
    for entry in &entries {
        let _ = writeln!(text, "{}  {}", entry.sha256, entry.path);
    }
    text
}

/// SHA-256 in lower-case hex.
pub(super) fn sha256(octets: &[u8]) -> String {
    hex::encode(Sha256::digest(octets))
}

/// Passes octets on and hashes them.
pub(super) struct Hashing<W> {
    inner: W,
    hash: Sha256,
}

impl<W: Write> Hashing<W> {
    pub(super) fn new(inner: W) -> Self {
        Self {
            inner,
            hash: Sha256::new(),
        }
    }

    /// Flushes; the hash of everything that was written.
    pub(super) fn end(mut self) -> io::Result<String> {
        self.inner.flush()?;
        Ok(hex::encode(self.hash.finalize()))
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(octets)?;
        self.hash.update(octets.get(..count).unwrap_or_default());
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_is_sorted_and_names_what_is_secret() {
        let entry = |path: &str, secret| Entry {
            path: path.to_owned(),
            sha256: sha256(b""),
            secret,
        };
        let text = manifest(
            &["presec 1".to_owned()],
            &[entry("B/x", false), entry("A/y", true)],
        );
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(
            text,
            format!("# presec 1\n# secret: A/y\n{empty}  A/y\n{empty}  B/x\n")
        );
        let mut hashing = Hashing::new(Vec::new());
        hashing.write_all(b"abc").unwrap();
        assert_eq!(hashing.end().unwrap(), sha256(b"abc"));
    }
}
