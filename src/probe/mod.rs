//! The ports of the engine, implemented with sockets: one folder per protocol, one case that dispatches steps to them.

pub mod case;
pub mod hook;
pub mod tap;
pub mod target;

pub mod http;
pub mod tls;
