//! The server's handshake of TLS 1.3: RFC 8446 clauses 2 and 4.
//!
//! It shares the hello's first look, the transcript and the record layer with the versions before it and begins where the
//! client's hello lets the server select TLS 1.3:
//!
//! | what | where |
//! |---|---|
//! | the form of a hello, the second hello, what is selected from it | `hello`, `choice` |
//! | pre-shared keys: tickets, keys agreed outside TLS, binders; whether early data is taken | `psk` |
//! | HelloRetryRequest | `retry` |
//! | from ServerHello to Finished | `flight` |
//! | the state of a handshake, and the secrets | `state` |
//! | what the client answers, also after the handshake | `answer` |
//! | tickets, KeyUpdate and CertificateRequest after the handshake | `after` |

mod after;
mod answer;
mod choice;
mod flight;
mod hello;
mod psk;
mod retry;
mod state;

pub(super) use state::Tls13;

#[cfg(test)]
mod tests;
