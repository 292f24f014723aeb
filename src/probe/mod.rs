//! The ports of the engine, implemented with sockets: one folder per protocol, one case that dispatches steps to them.

mod beside;
pub mod case;
mod dialer;
pub mod hook;
pub mod reach;
pub mod tap;
pub mod target;

pub mod http;
pub mod tls;
