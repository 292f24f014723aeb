//! Bytes to meaning and back, without IO.

pub mod http;
pub mod pcapng;
pub mod tls;
