//! In whatever pieces it comes and whatever is changed on the way: no panic, and nothing is believed that was not sent.

use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::Index;

use super::super::Server;
use super::parties::{Talk, client_config, client_config_13, server_config_13};
use crate::model::suite::ProtocolVersion;
use crate::tls::client::{Client, ClientConfig};
use crate::tls::entropy::Entropy;

/// What each side sends once the handshake is done.
const UP: &[u8] = b"GET / HTTP/1.1\r\n\r\n";
const DOWN: &[u8] = b"HTTP/1.1 200 OK\r\n\r\n";

/// Each kind of key exchange and of protection, in each version.
fn clients() -> Vec<ClientConfig> {
    let old = [
        (ProtocolVersion::Tls10, "TLS_RSA_WITH_RC4_128_SHA"),
        (ProtocolVersion::Tls10, "TLS_RSA_WITH_3DES_EDE_CBC_SHA"),
        (ProtocolVersion::Tls11, "TLS_DH_anon_WITH_AES_128_CBC_SHA"),
        (ProtocolVersion::Tls12, "TLS_RSA_WITH_NULL_SHA256"),
        (ProtocolVersion::Tls12, "TLS_PSK_WITH_AES_128_CCM_8"),
        (
            ProtocolVersion::Tls12,
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        ),
        (
            ProtocolVersion::Tls12,
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
        ),
    ];
    let of_old = old.map(|(version, name)| {
        let mut config = client_config(&[name]);
        (config.minimum, config.maximum) = (version, version);
        config
    });
    let new = ["TLS_AES_128_GCM_SHA256", "TLS_SHA256_SHA256"];
    let of_new = new.map(|name| client_config_13(&[name]));
    of_old.into_iter().chain(of_new).collect()
}

/// Octets on their way to one side.
#[derive(Default)]
struct Way {
    /// How many went before.
    gone: usize,
    /// The octet that is changed, and by which mask.
    damage: Option<(usize, u8)>,
}

impl Way {
    fn pass(&mut self, mut octets: Vec<u8>) -> Vec<u8> {
        if let Some((at, mask)) = self.damage
            && let Some(octet) = at.checked_sub(self.gone).and_then(|at| octets.get_mut(at))
        {
            *octet ^= mask;
        }
        self.gone += octets.len();
        octets
    }
}

/// What both sides had of each other, and how many octets went up and down.
struct Heard {
    talk: Talk,
    up: Vec<u8>,
    down: Vec<u8>,
    octets: [usize; 2],
}

/// One conversation with data both ways, in pieces of `size` octets.
fn converse(client: ClientConfig, size: usize, mut ways: [Way; 2]) -> Heard {
    let mut talk = Talk {
        client: Client::new(client, Entropy::from_seed([1; 32])),
        server: Server::new(Arc::new(server_config_13()), Entropy::from_seed([2; 32])),
        client_said: Ok(()),
        server_said: Ok(()),
    };
    let [upwards, downwards] = &mut ways;
    let (mut up, mut down) = (Vec::new(), Vec::new());
    let mut wrote = false;
    loop {
        let sent = upwards.pass(talk.client.take_output());
        for piece in sent.chunks(size) {
            if talk.server_said.is_ok() {
                talk.server_said = talk.server.receive(piece);
            }
        }
        up.extend(talk.server.take_plaintext());
        let answered = downwards.pass(talk.server.take_output());
        for piece in answered.chunks(size) {
            if talk.client_said.is_ok() {
                talk.client_said = talk.client.receive(piece);
            }
        }
        down.extend(talk.client.take_plaintext());
        if !(sent.is_empty() && answered.is_empty()) {
            continue;
        }
        if wrote || !talk.is_open() {
            break;
        }
        talk.client.write(UP);
        talk.server.write(DOWN);
        wrote = true;
    }
    let octets = ways.map(|way| way.gone);
    Heard {
        talk,
        up,
        down,
        octets,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn pieces_do_not_matter(client in prop::sample::select(clients()), size in 1usize..700) {
        let heard = converse(client, size, Default::default());
        prop_assert!(heard.talk.is_open(), "{:?} {:?}", heard.talk.client_said, heard.talk.server_said);
        prop_assert_eq!((&heard.up[..], &heard.down[..]), (UP, DOWN));
    }

    #[test]
    fn nothing_is_believed_that_was_not_sent(
        client in prop::sample::select(clients()),
        (downwards, at, mask) in (any::<bool>(), any::<Index>(), 1u8..),
        size in 1usize..700,
    ) {
        let [up, down] = converse(client.clone(), 16_384, Default::default()).octets;
        let mut ways = [Way::default(), Way::default()];
        let (way, octets) = if downwards { (&mut ways[1], down) } else { (&mut ways[0], up) };
        way.damage = Some((at.index(octets), mask));
        let heard = converse(client, size, ways);
        prop_assert!(UP.starts_with(&heard.up), "{:?}", heard.up);
        prop_assert!(DOWN.starts_with(&heard.down), "{:?}", heard.down);
        for said in [&heard.talk.client_said, &heard.talk.server_said] {
            if let Err(failure) = said {
                prop_assert!(!failure.to_string().is_empty());
            }
        }
    }
}
