//! A server of a few lines, which says what a test wants it to say.

use crate::model::secret::Secret;
use crate::tls::client::{Client, ClientConfig};
use crate::tls::entropy::Entropy;
use crate::tls::failure::Failure;
use crate::tls::key_exchange::EphemeralKey;
use crate::tls::keys::Sender;
use crate::tls::record::{Deframer, Opener13, Sealer13};
use crate::tls::schedule::{EarlySecret, HandshakeSecret, MasterSecret, TrafficSecret};
use crate::tls::suite::Suite;
use crate::tls::suite::tests::suite;
use crate::wire::tls::codec::{put_u16, put_vector16};
use crate::wire::tls::extension::{Extension, code};
use crate::wire::tls::extension13::KeyShare;
use crate::wire::tls::handshake::Message;
use crate::wire::tls::hello::ClientHello;
use crate::wire::tls::record::{content_type, encode_records, handshake_type};
use crate::wire::tls::server_hello::ServerHello;

/// A client of one suite in TLS 1.3.
pub(super) fn config(name: &str) -> ClientConfig {
    let mut config = ClientConfig::new(vec![suite(name)]);
    let version = crate::model::suite::ProtocolVersion::Tls13;
    (config.minimum, config.maximum) = (version, version);
    config
}

/// A server and its client.
pub(super) struct Pair {
    pub(super) client: Client,
    pub(super) hello: ClientHello,
    pub(super) suite: Suite,
    transcript: Vec<u8>,
    /// What the server sends with; nothing yet before its hello.
    sealer: Option<Sealer13>,
    server: Option<TrafficSecret>,
    handshake: Option<HandshakeSecret>,
    pub(super) master: Option<MasterSecret>,
    deframer: Deframer,
}

pub(super) fn message(kind: u8, body: &[u8]) -> Message {
    Message {
        kind,
        body: body.to_vec(),
    }
}

impl Pair {
    /// Nothing is said yet but the client's hello.
    pub(super) fn new(config: ClientConfig) -> Self {
        let suite = config.suites[0].clone();
        let mut client = Client::new(config, Entropy::from_seed([4; 32]));
        let transcript = client.handshake.transcript.clone();
        client.take_output();
        Self {
            hello: client.handshake.hello.clone(),
            client,
            suite,
            transcript,
            sealer: None,
            server: None,
            handshake: None,
            master: None,
            deframer: Deframer::default(),
        }
    }

    /// A ServerHello that answers, with these extensions besides the version.
    pub(super) fn server_hello(&self, more: Vec<Extension>) -> ServerHello {
        let mut extensions = vec![Extension::new(code::SUPPORTED_VERSIONS, vec![3, 4])];
        extensions.extend(more);
        ServerHello {
            version: 0x0304,
            legacy_version: 0x0303,
            random: [9; 32],
            session_id: self.hello.session_id.clone(),
            suite: self.suite.code,
            compression: 0,
            extensions,
        }
    }

    /// Sends the ServerHello with a share, or with the selection of a key alone, and takes the keys.
    pub(super) fn greet(&mut self, psk: Option<&Secret>, share: bool) -> Result<(), Failure> {
        let mut more = Vec::new();
        if psk.is_some() {
            more.push(Extension::new(code::PRE_SHARED_KEY, vec![0, 0]));
        }
        let offered = self.hello.extension(code::KEY_SHARE).unwrap();
        let offered = KeyShare::parse_offer(offered).unwrap();
        let mut shared = None;
        if share {
            let key = EphemeralKey::new(offered[0].group, &mut Entropy::from_seed([5; 32]));
            let key = key.unwrap();
            shared = Some(key.agree(&offered[0].public).unwrap());
            let ours = KeyShare {
                group: offered[0].group,
                public: key.public(),
            };
            more.push(ours.answer());
        }
        let hello = self.server_hello(more).encode_body();
        let said = self.say(&message(handshake_type::SERVER_HELLO, &hello));
        let handshake = EarlySecret::new(self.suite.hash, psk).handshake(shared.as_ref());
        let hash = self.hash();
        let server = handshake.traffic(Sender::Server, &hash);
        self.use_secret(server);
        self.handshake = Some(handshake);
        said
    }

    fn use_secret(&mut self, secret: TrafficSecret) {
        self.sealer = Sealer13::new(&self.suite, &secret.keys(&self.suite));
        self.server = Some(secret);
    }

    fn hash(&self) -> Vec<u8> {
        self.suite.hash.digest(&[&self.transcript])
    }

    /// Says a message, in clear or protected as it is due, and counts it.
    pub(super) fn say(&mut self, message: &Message) -> Result<(), Failure> {
        let octets = message.encode();
        self.transcript.extend(&octets);
        self.say_content(content_type::HANDSHAKE, &octets)
    }

    /// Says any content.
    pub(super) fn say_content(&mut self, kind: u8, content: &[u8]) -> Result<(), Failure> {
        let Some(sealer) = &mut self.sealer else {
            let records = encode_records(kind, 0x0303, content, 16_384);
            return self.client.receive(&records);
        };
        let sealed = sealer.seal(kind, content, 0).unwrap();
        let mut record = vec![content_type::APPLICATION_DATA];
        put_u16(&mut record, 0x0303);
        put_vector16(&mut record, &sealed);
        self.client.receive(&record)
    }

    /// Says EncryptedExtensions with these extensions.
    pub(super) fn say_extensions(&mut self, extensions: &[Extension]) -> Result<(), Failure> {
        let body = crate::wire::tls::handshake13::encode_encrypted_extensions(extensions);
        self.say(&message(handshake_type::ENCRYPTED_EXTENSIONS, &body))
    }

    /// Says a right Finished, and takes the keys of application data.
    pub(super) fn finish(&mut self) -> Result<(), Failure> {
        let verify = self.server.as_ref().unwrap().verify_data(&self.hash());
        let said = self.say(&message(handshake_type::FINISHED, &verify));
        let master = self.handshake.as_ref().unwrap().master();
        let server = master.traffic(Sender::Server, &self.hash());
        self.use_secret(server);
        self.master = Some(master);
        said
    }

    /// What the client protects its application data with, as the server knows it.
    pub(super) fn client_traffic(&self) -> TrafficSecret {
        let master = self.master.as_ref().unwrap();
        master.traffic(Sender::Client, &self.hash())
    }

    /// Opens what the client sent with this secret: the contents of its protected records.
    pub(super) fn heard(&mut self, secret: &TrafficSecret) -> Vec<(u8, Vec<u8>)> {
        let mut opener = Opener13::new(&self.suite, &secret.keys(&self.suite)).unwrap();
        self.deframer.feed(&self.client.take_output());
        let mut heard = Vec::new();
        while let Some(record) = self.deframer.next_record().unwrap() {
            if record.header.content_type == content_type::APPLICATION_DATA {
                heard.push(opener.open(&record.fragment).unwrap());
            }
        }
        heard
    }

    /// A complete handshake by a key agreed outside TLS, which needs no certificate.
    pub(super) fn complete(mut config: ClientConfig) -> Self {
        let key = Secret::new([6; 32]);
        config.tls13.external_psks = vec![crate::tls::client::ExternalPsk {
            key: crate::tls::key_exchange::PreSharedKey {
                identity: b"3GPP-bootstrapping;b-tid".to_vec(),
                key: key.clone(),
            },
            hash: config.suites[0].hash,
        }];
        let mut pair = Self::new(config);
        pair.greet(Some(&key), true).unwrap();
        pair.say_extensions(&[]).unwrap();
        pair.finish().unwrap();
        assert!(pair.client.is_open());
        pair.client.take_output();
        pair
    }
}
