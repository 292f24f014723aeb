//! The client in TLS 1.3 without a socket: against the traces of RFC 8448, against a server of a few lines, and against
//! what no server would send.

mod exchange;
mod hostile;
mod rfc8448;
mod server;
