//! The block of an RSASSA-PSS signature with a salt as long as the hash, RFC 8017 clause 9.1.

use crate::tls::hash::HashFunction;

/// The block to sign for a modulus of `bits` bits; `None` when the key is too short for it.
pub(super) fn block(hash: HashFunction, digest: &[u8], salt: &[u8], bits: u64) -> Option<Vec<u8>> {
    let length = usize::try_from(bits.checked_sub(1)?.div_ceil(8)).ok()?;
    let zeros = length.checked_sub(hash.length() + salt.len() + 2)?;
    let h = hash.digest(&[&[0; 8], digest, salt]);
    let mut masked = vec![0; zeros];
    masked.push(1);
    masked.extend(salt);
    mask(hash, &h, &mut masked);
    clear_unused(&mut masked, bits);
    masked.extend(h);
    masked.push(0xBC);
    Some(masked)
}

/// Whether `block` is the block of a signature over `digest`.
pub(super) fn is_block_of(hash: HashFunction, digest: &[u8], block: &[u8], bits: u64) -> bool {
    salt_of(hash, block, bits)
        .and_then(|salt| super::pss::block(hash, digest, &salt, bits))
        .is_some_and(|expected| expected == block)
}

fn salt_of(hash: HashFunction, block: &[u8], bits: u64) -> Option<Vec<u8>> {
    let masked = block.len().checked_sub(hash.length() + 1)?;
    let (masked, rest) = block.split_at_checked(masked)?;
    let h = rest.get(..hash.length())?;
    let mut data = masked.to_vec();
    mask(hash, h, &mut data);
    clear_unused(&mut data, bits);
    let salt = data.len().checked_sub(hash.length())?;
    data.get(salt..).map(<[u8]>::to_vec)
}

/// Clears the bits that would make the block larger than the modulus.
fn clear_unused(block: &mut [u8], bits: u64) {
    let unused = (8 - (bits.saturating_sub(1) % 8)) % 8;
    if let Some(first) = block.first_mut() {
        *first &= 0xFF_u8 >> unused;
    }
}

/// Exclusive-or with MGF1, RFC 8017 appendix B.2.1.
fn mask(hash: HashFunction, seed: &[u8], data: &mut [u8]) {
    for (counter, chunk) in (0_u32..).zip(data.chunks_mut(hash.length())) {
        let stream = hash.digest(&[seed, &counter.to_be_bytes()]);
        for (octet, with) in chunk.iter_mut().zip(stream) {
            *octet ^= with;
        }
    }
}
