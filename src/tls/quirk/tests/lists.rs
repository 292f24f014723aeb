use super::super::*;
use crate::model::secret::Secret;
use crate::model::suite::ProtocolVersion;
use crate::tls::client::{Client, ClientConfig, ExternalPsk};
use crate::tls::entropy::Entropy;
use crate::tls::hash::HashFunction;
use crate::tls::key_exchange::PreSharedKey;
use crate::tls::recorded::conversations;
use crate::tls::server::{PreSharedKeys, Server, ServerConfig};
use crate::tls::suite::tests::suite;
use crate::wire::tls::alert::Alert;
use crate::wire::tls::extension::Extension;
use crate::wire::tls::handshake::Message;

/// A server's octets: `openssl s_server` with RSA key transport, TLS 1.0, CBC.
const RECORDING: &str = include_str!("../../../../fixtures/wire/tls/lab/openssl-tls10-rsa-cbc.txt");
/// Most octets that any list may make of a conversation.
const MOST: usize = 64 << 20;

/// Draws quirks of every kind.
struct Draw(Entropy);

impl Draw {
    fn below(&mut self, count: u32) -> u32 {
        u32::from_be_bytes(self.0.array()) % count
    }

    fn octet(&mut self) -> u8 {
        self.0.array::<1>()[0]
    }

    fn small(&mut self) -> u16 {
        u16::from(self.octet() % 40)
    }

    fn delta(&mut self) -> i32 {
        match self.below(4) {
            0 => i32::MIN,
            1 => i32::MAX,
            _ => i32::from(self.octet()) - 128,
        }
    }

    fn kind(&mut self) -> u8 {
        [1, 11, 16, 15, 20, 4, 2, 8, 12][self.below(9) as usize]
    }

    fn which(&mut self) -> Which {
        match self.below(3) {
            0 => Which::Every,
            _ => Which::Nth(self.small() % 4),
        }
    }

    fn at(&mut self) -> MessageAt {
        MessageAt {
            kind: self.kind(),
            which: self.which(),
        }
    }

    fn point(&mut self) -> Point {
        match self.below(7) {
            0 => Point::Before(self.at()),
            1 => Point::After(self.at()),
            2 => Point::BeforeChangeCipherSpec,
            3 => Point::AfterChangeCipherSpec,
            4 => Point::HandshakeDone,
            5 => Point::BeforeData(self.which()),
            _ => Point::BeforeClose,
        }
    }

    fn offset(&mut self) -> Offset {
        match self.below(3) {
            0 => Offset::Start(self.small()),
            1 => Offset::End(self.small()),
            _ => Offset::Start(u16::MAX),
        }
    }

    fn field(&mut self) -> Field {
        use Field as F;
        let code = self.small();
        let all = [
            F::Version,
            F::Random,
            F::SessionId,
            F::CipherSuites,
            F::CompressionMethods,
            F::Extensions,
            F::Extension(code),
            F::CertificateList,
            F::PskIdentity,
            F::Exchange,
            F::SignatureScheme,
            F::Signature,
            F::Ticket,
            F::VerifyData,
        ];
        all[self.below(14) as usize]
    }

    fn octets(&mut self) -> Vec<u8> {
        let length = match self.below(12) {
            0 => 70_000,
            _ => self.small().into(),
        };
        self.0.octets(length)
    }

    fn message_change(&mut self) -> MessageChange {
        use MessageChange as M;
        let (field, code) = (self.field(), self.small());
        match self.below(14) {
            0 | 1 => M::Field {
                field,
                value: self.octets(),
            },
            2 => M::FieldLength {
                field,
                delta: self.delta(),
            },
            3 => M::AddExtension(Extension::new(code, self.octets())),
            4 => M::RemoveExtension(code),
            5 => M::DuplicateExtension(code),
            6 => M::EmptyExtension(code),
            7 => M::Kind(self.octet()),
            8 => M::Xor {
                offset: self.offset(),
                mask: self.octet(),
            },
            9 => M::Truncate(self.small()),
            10 => M::Pad {
                count: self.small() * 100,
                octet: 0,
            },
            11 => M::Length(self.delta()),
            12 => M::Repeat(self.octet()),
            _ => match self.below(2) {
                0 => M::Omit,
                _ => M::After(self.kind()),
            },
        }
    }

    fn record_change(&mut self) -> RecordChange {
        use RecordChange as R;
        let parts = [
            RecordPart::Header,
            RecordPart::Content,
            RecordPart::Mac,
            RecordPart::Iv,
            RecordPart::Padding,
            RecordPart::Ciphertext,
        ];
        let forms = [
            PaddingForm::Longest,
            PaddingForm::Filled(7),
            PaddingForm::FirstOctetWrong,
            PaddingForm::Overlong,
            PaddingForm::Whole,
        ];
        match self.below(11) {
            0 => R::ContentType(self.octet()),
            1 => R::Version(self.small()),
            2 => R::Length(self.delta()),
            3 => R::Xor {
                part: parts[self.below(6) as usize],
                offset: self.offset(),
                mask: self.octet(),
            },
            4 => R::Padding(forms[self.below(5) as usize]),
            5 => R::SequenceNumber(self.delta()),
            6 => R::Grow(u16::MAX),
            7 => R::Split(self.small()),
            8 => R::EmptyBefore,
            9 => R::Omit,
            _ => R::Repeat,
        }
    }

    fn inserted(&mut self) -> Inserted {
        match self.below(6) {
            0 => Inserted::Alert(Alert::fatal(self.octet())),
            1 => Inserted::Message(Message {
                kind: self.octet(),
                body: self.octets(),
            }),
            2 => Inserted::ChangeCipherSpec,
            3 => Inserted::Record {
                content_type: self.octet(),
                content: self.octets(),
            },
            4 => Inserted::Heartbeat {
                declared: u16::MAX,
                payload: self.octets(),
            },
            _ => Inserted::Raw(self.octets()),
        }
    }

    fn change_cipher_spec(&mut self) -> ChangeCipherSpecChange {
        use ChangeCipherSpecChange as C;
        match self.below(6) {
            0 => C::Omitted,
            1 => C::Early(self.point()),
            2 => C::Late,
            3 => C::Twice,
            4 => C::Octet(self.octet()),
            _ => C::Overlong,
        }
    }

    fn premaster(&mut self) -> PremasterForm {
        match self.below(5) {
            0 => PremasterForm::Version(self.small()),
            1 => PremasterForm::FirstOctets([self.octet(), self.octet()]),
            2 => PremasterForm::NoZero,
            3 => PremasterForm::ZeroInPadding,
            _ => PremasterForm::SecretLength(self.octet()),
        }
    }

    fn quirk(&mut self) -> Quirk {
        match self.below(12) {
            0..4 => Quirk::Message {
                at: self.at(),
                change: self.message_change(),
            },
            4..7 => {
                let states = [RecordState::Any, RecordState::Clear, RecordState::Protected];
                let at = RecordAt {
                    content_type: 20 + self.octet() % 5,
                    state: states[self.below(3) as usize],
                    which: self.which(),
                };
                let change = self.record_change();
                Quirk::Record { at, change }
            }
            7 => Quirk::ChangeCipherSpec(self.change_cipher_spec()),
            8 => Quirk::Premaster(self.premaster()),
            9 => Quirk::Insert {
                at: self.point(),
                what: self.inserted(),
                protection: [Protection::Due, Protection::Clear, Protection::Next]
                    [self.below(3) as usize],
            },
            10 => Quirk::Pause(self.point()),
            _ => match self.below(2) {
                0 => Quirk::NoCloseNotify,
                _ => Quirk::Close {
                    at: self.point(),
                    how: [Closing::Notify, Closing::Fin, Closing::Reset][self.below(3) as usize],
                },
            },
        }
    }
}

/// A whole recorded conversation with any list: it ends, in bounds, whatever the list.
#[test]
fn no_list_of_quirks_panics_or_loops() {
    let turns = conversations(RECORDING).remove(0);
    for round in 0..300_u16 {
        let mut seed = [0; 32];
        seed[..2].copy_from_slice(&round.to_be_bytes());
        let mut draw = Draw(Entropy::from_seed(seed));
        let mut config = ClientConfig::new(vec![suite("TLS_RSA_WITH_AES_128_CBC_SHA")]);
        (config.minimum, config.maximum) = (ProtocolVersion::Tls10, ProtocolVersion::Tls10);
        config.coalesce = round % 2 == 0;
        config.quirks = (0..1 + round % 12).map(|_| draw.quirk()).collect();
        let quirks = config.quirks.clone();
        // The entropy of the recording: what is not changed is answered as recorded.
        let mut client = Client::new(config, Entropy::from_seed([7; 32]));
        let mut output = client.take_output().len();
        for turn in turns.iter().filter(|turn| !turn.ours) {
            let _ = client.receive(&turn.octets);
            client.write(b"some data");
            output += client.take_output().len();
        }
        client.renegotiate();
        client.close();
        for _ in 0..=quirks.len() * 100 {
            output += client.take_output().len();
            client.go_on();
        }
        assert!(!client.is_paused() && client.take_output().is_empty());
        assert!(output < MOST, "{output} octets by {quirks:?}");
        assert_eq!(client.facts().quirks.len(), quirks.len());
    }
}

struct OneKey;

impl PreSharedKeys for OneKey {
    fn key(&self, _: &[u8]) -> Option<Secret> {
        Some(Secret::new([5; 32]))
    }
}

/// The same of a server, whose client says what an ordinary one does, in TLS 1.2 and 1.3.
#[test]
fn no_list_of_quirks_of_a_server_panics_or_loops() {
    let key = PreSharedKey {
        identity: b"presec".to_vec(),
        key: Secret::new([5; 32]),
    };
    for round in 0..300_u16 {
        let mut seed = [1; 32];
        seed[..2].copy_from_slice(&round.to_be_bytes());
        let mut draw = Draw(Entropy::from_seed(seed));
        let (version, name) = if round % 2 == 0 {
            (ProtocolVersion::Tls12, "TLS_PSK_WITH_AES_128_CBC_SHA")
        } else {
            (ProtocolVersion::Tls13, "TLS_AES_128_GCM_SHA256")
        };
        let mut config = ServerConfig::new(vec![suite(name)], Vec::new());
        config.maximum = version;
        config.pre_shared_keys = Some(std::sync::Arc::new(OneKey));
        config.coalesce = round % 4 < 2;
        config.quirks = (0..1 + round % 12).map(|_| draw.quirk()).collect();
        let quirks = config.quirks.clone();
        let mut client = ClientConfig::new(vec![suite(name)]);
        (client.minimum, client.maximum) = (version, version);
        client.pre_shared_key = Some(key.clone());
        client.tls13.external_psks = vec![ExternalPsk {
            key: key.clone(),
            hash: HashFunction::Sha256,
        }];
        let mut client = Client::new(client, Entropy::from_seed([7; 32]));
        let mut server = Server::new(std::sync::Arc::new(config), Entropy::from_seed([8; 32]));
        let mut output = 0;
        for _ in 0..8 {
            let _ = server.receive(&client.take_output());
            server.write(b"some data");
            let said = server.take_output();
            output += said.len();
            let _ = client.receive(&said);
        }
        server.update_keys(true);
        server.close();
        for _ in 0..=quirks.len() * 100 {
            output += server.take_output().len();
            server.go_on();
        }
        assert!(!server.is_paused() && server.take_output().is_empty());
        assert!(output < MOST, "{output} octets by {quirks:?}");
        assert_eq!(server.facts().quirks.len(), quirks.len());
    }
}
