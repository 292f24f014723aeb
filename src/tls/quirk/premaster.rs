//! The block that is encrypted in RSA key transport, in forms that RFC 8017 clause 7.2.1 does not have.

use super::vocabulary::PremasterForm;
use crate::tls::entropy::Entropy;

/// Octets before the padding.
const HEAD: usize = 2;
/// Fewest octets of padding.
const PADDING: usize = 8;

impl PremasterForm {
    /// The secret of this form, made from a right one.
    pub(crate) fn secret(self, right: &[u8], entropy: &mut Entropy) -> Vec<u8> {
        let mut secret = right.to_vec();
        match self {
            Self::Version(version) => {
                for (octet, said) in secret.iter_mut().zip(version.to_be_bytes()) {
                    *octet = said;
                }
            }
            Self::SecretLength(length) => {
                secret.truncate(length.into());
                let missing = usize::from(length) - secret.len();
                secret.extend(entropy.octets(missing));
            }
            Self::FirstOctets(_) | Self::NoZero | Self::ZeroInPadding => {}
        }
        secret
    }

    /// Spoils a right block, `length` octets of which are the secret; whether that was possible.
    pub(crate) fn spoil(self, block: &mut [u8], length: usize) -> bool {
        let end = block.len().saturating_sub(length + 1);
        match self {
            Self::Version(_) | Self::SecretLength(_) => true,
            Self::FirstOctets(octets) => {
                for (octet, said) in block.iter_mut().zip(octets) {
                    *octet = said;
                }
                true
            }
            Self::NoZero => {
                for octet in block.iter_mut().skip(HEAD) {
                    *octet = (*octet).max(1);
                }
                end > HEAD
            }
            Self::ZeroInPadding => block.get_mut(HEAD + PADDING / 2).is_some_and(|octet| {
                *octet = 0;
                end > HEAD + PADDING
            }),
        }
    }
}
