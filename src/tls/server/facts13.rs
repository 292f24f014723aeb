//! What a handshake of TLS 1.3 showed the server beyond what every version shows.

/// The pre-shared key that was selected; its binder was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SelectedPsk {
    /// That of a ticket.
    Ticket,
    /// One agreed outside TLS; `Facts::psk_identity` is its identity.
    External,
}

/// What became of the client's early data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EarlyData {
    /// None was announced.
    #[default]
    NotSent,
    /// It is taken.
    Accepted,
    /// It is passed over.
    Rejected,
}

/// What a handshake of TLS 1.3 showed; the group of the key exchange is `Facts::group`, `None` with `psk_ke`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls13Facts {
    /// Whether a second hello was asked for.
    pub hello_retry: bool,
    /// The pre-shared key selected.
    pub psk: Option<SelectedPsk>,
    /// What became of the early data.
    pub early_data: EarlyData,
    /// Octets of early data that were taken; they are the first of the application data.
    pub early_octets: usize,
    /// Tickets that were given.
    pub tickets: usize,
    /// KeyUpdates of the client.
    pub key_updates: usize,
    /// Answers to a CertificateRequest after the handshake.
    pub post_handshake_answers: usize,
    /// ChangeCipherSpecs of the client, which mean nothing.
    pub change_cipher_specs: usize,
}
