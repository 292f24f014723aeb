//! pcapng captures (draft-ietf-opsawg-pcapng) of connections of which only the octets are known: blocks, and TCP around octets.
//!
//! Written here because no crate writes the decryption secrets without which a capture of TLS shows nothing.

pub mod block;
pub mod conversation;
pub mod frame;

pub use block::{Interface, Packet};
pub use conversation::{Conversation, Frame};
pub use frame::{Address, Side};
