//! Where randomness comes from.

use std::fmt;

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

/// A stream of random octets: cryptographic in use, repeatable in tests.
pub struct Entropy {
    stream: ChaCha20Rng,
    /// Octets that come first, for traces that say theirs.
    #[cfg(test)]
    script: std::collections::VecDeque<u8>,
}

impl Entropy {
    /// Expands a seed; equal seeds give equal octets, so whoever knows the seed can read the connection.
    #[must_use]
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self {
            stream: ChaCha20Rng::from_seed(seed),
            #[cfg(test)]
            script: std::collections::VecDeque::new(),
        }
    }

    /// These octets, then random ones.
    #[cfg(test)]
    pub(crate) fn scripted(octets: &[u8]) -> Self {
        Self {
            script: octets.iter().copied().collect(),
            ..Self::from_seed([0; 32])
        }
    }

    fn fill(&mut self, octets: &mut [u8]) {
        self.stream.fill_bytes(octets);
        #[cfg(test)]
        for octet in octets {
            *octet = self.script.pop_front().unwrap_or(*octet);
        }
    }

    /// Expands a seed of the operating system.
    ///
    /// # Errors
    /// When the operating system has none.
    pub fn from_system() -> Result<Self, getrandom::Error> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)?;
        Ok(Self::from_seed(seed))
    }

    /// The next `N` octets.
    pub fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut octets = [0; N];
        self.fill(&mut octets);
        octets
    }

    /// The next octets.
    pub fn octets(&mut self, count: usize) -> Vec<u8> {
        let mut octets = vec![0; count];
        self.fill(&mut octets);
        octets
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Entropy(***)")
    }
}
