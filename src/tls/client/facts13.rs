//! What a handshake of TLS 1.3 showed beyond what every version shows.

/// What the server asked for by a HelloRetryRequest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HelloRetry {
    /// Another group for the key exchange.
    pub group: Option<u16>,
    /// Whether a cookie was to be sent back.
    pub cookie: bool,
}

/// The pre-shared key that the server selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SelectedPsk {
    /// That of a ticket; its place in `Tls13Config::resume`.
    Ticket(usize),
    /// One agreed outside TLS; its place in `Tls13Config::external_psks`.
    External(usize),
}

/// What became of the early data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EarlyData {
    /// None was sent.
    #[default]
    NotSent,
    /// It was sent; what the server makes of it is not known yet.
    Sent,
    /// The server said that it takes it.
    Accepted,
    /// The server went on without it: it has to be sent again.
    Rejected,
}

/// What a handshake of TLS 1.3 showed; nothing in here makes it fail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls13Facts {
    /// The HelloRetryRequest, if one came.
    pub hello_retry: Option<HelloRetry>,
    /// The group of the key exchange; `None` with `psk_ke`.
    pub group: Option<u16>,
    /// The pre-shared key selected, which the server's Finished proves that it knows.
    pub psk: Option<SelectedPsk>,
    /// What became of the early data.
    pub early_data: EarlyData,
    /// Code points of the EncryptedExtensions, in order.
    pub encrypted_extensions: Vec<u16>,
    /// NewSessionTickets that came, also those that were not kept.
    pub tickets: usize,
    /// KeyUpdates of the server.
    pub key_updates: usize,
    /// CertificateRequests after the handshake.
    pub post_handshake_requests: usize,
    /// ChangeCipherSpecs of the server, which mean nothing.
    pub change_cipher_specs: usize,
}
