//! The client's handshake of TLS 1.3: RFC 8446 clauses 2 and 4.
//!
//! It shares the hello, the transcript and the record layer with the versions before it and begins where the server's
//! hello selects TLS 1.3:
//!
//! | what | where |
//! |---|---|
//! | what is offered: shares, pre-shared keys, early data; the second hello | `offer` |
//! | binders of pre-shared keys | `binder` |
//! | the state of a handshake, and the secrets | `state` |
//! | ServerHello and HelloRetryRequest | `server_hello` |
//! | from EncryptedExtensions to the server's Finished | `flight` |
//! | what the client answers, also after the handshake | `answer` |
//! | tickets, KeyUpdate and CertificateRequest after the handshake | `after` |

mod after;
mod answer;
mod binder;
mod flight;
mod offer;
mod server_hello;
mod state;

pub(super) use state::Tls13;

#[cfg(test)]
mod tests;
