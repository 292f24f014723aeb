//! Binders: each proves that the client knows a pre-shared key, and ties it to this hello (RFC 8446 4.2.11.2).

use super::offer::OfferedPsk;
use crate::tls::schedule::binder;
use crate::wire::tls::extension::code;
use crate::wire::tls::extension13::OfferedPsks;
use crate::wire::tls::hello::ClientHello;

/// Offers the keys as the last extension of a hello; `before` are the messages that came before the hello.
pub(super) fn bind(hello: &mut ClientHello, psks: &[OfferedPsk], before: &[u8]) {
    let others =
        |extension: &crate::wire::tls::extension::Extension| extension.code != code::PRE_SHARED_KEY;
    hello.extensions.retain(others);
    if psks.is_empty() {
        return;
    }
    let mut offered = OfferedPsks {
        identities: psks
            .iter()
            .map(|psk| (psk.identity.clone(), psk.age))
            .collect(),
        binders: psks.iter().map(|psk| vec![0; psk.hash.length()]).collect(),
    };
    let mut unbound = hello.clone();
    unbound.extensions.push(offered.extension());
    let message = unbound.encode_message();
    let length = message.len().saturating_sub(offered.encode_binders().len());
    let partial = message.get(..length).unwrap_or_default();
    offered.binders = psks
        .iter()
        .map(|psk| binder(psk.hash, &psk.key, psk.origin, &[before, partial]))
        .collect();
    hello.extensions.push(offered.extension());
}
