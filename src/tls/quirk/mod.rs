//! Wrongness as data: [`Quirk`] says in what the engine departs from the RFCs in what it sends.
//!
//! A list of them stands in the configuration of either side. There is no second way through the handshake for a wrong
//! client or server: every handshake message passes `RecordLayer::emit` and every record `RecordLayer::send`, and these do
//! to it what the list says, in its order. What is really sent counts for the hash of the handshake, so that nothing is
//! wrong but what was asked for. `Facts::quirks` says how often each was done; one that was never done has shown nothing.
//! [`PremasterForm`] is the client's alone.
//!
//! ```
//! use presec::tls::quirk::{Offset, Quirk, RecordAt, RecordChange, RecordPart, RecordState, Which};
//!
//! // The MAC of the second record of application data is wrong in its last octet, and the connection ends without a word.
//! let tampered = Quirk::Record {
//!     at: RecordAt {
//!         content_type: 23,
//!         state: RecordState::Protected,
//!         which: Which::Nth(2),
//!     },
//!     change: RecordChange::Xor { part: RecordPart::Mac, offset: Offset::End(1), mask: 1 },
//! };
//! let quirks = [tampered, Quirk::NoCloseNotify];
//! # assert_eq!(quirks.len(), 2);
//! ```
//!
//! | what is wrong | its words | where it is done |
//! |---|---|---|
//! | a handshake message | [`MessageChange`] on [`MessageAt`] | `messages`, fields of it in `field` |
//! | a record in clear, or before it is protected | [`RecordChange`] on [`RecordAt`] | `tls::record`: `shape`, `sending` |
//! | MAC, IV, padding, sequence number | the same | `tls::record`: `damage`, called by `protection` |
//! | ChangeCipherSpec, something inserted, a pause, an end | [`ChangeCipherSpecChange`], [`Inserted`], [`Point`], [`Closing`] | `tls::record`: `emit` |
//! | the RSA premaster secret | [`PremasterForm`] | `premaster`, called by the client's second flight |
//! | which, how often, done or not | [`Which`] | `state` |
//!
//! # To add a quirk
//!
//! 1. Look whether it is not there already: most named switches of BoGo are one [`MessageChange`] or one [`Inserted`]. Then
//!    a constructor such as [`Quirk::bad_finished`] is all it needs.
//! 2. Else add a variant where the table says, named as BoGo or tlsfuzzer name it, with a sentence on what the peer sees.
//! 3. The compiler leads to the one `match` that does it. It says whether anything changed (a mask of 0 or a field that is
//!    not there did nothing); that is what `Facts::quirks` counts.
//! 4. Draw it in `tests/lists.rs`, which holds that no list panics or loops; hold its octets in `tests/octets.rs`.
//! 5. Add a row with the alert that the RFC demands to `tests/lab_quirks/rows.rs`, where OpenSSL and GnuTLS react to it.

mod field;
mod message;
mod messages;
mod premaster;
mod record;
mod state;
mod vocabulary;

pub use message::{Field, MessageAt, MessageChange};
pub use record::{PaddingForm, RecordAt, RecordChange, RecordPart, RecordState};
pub use vocabulary::{
    ChangeCipherSpecChange, Closing, Inserted, Offset, Point, PremasterForm, Protection, Quirk,
    Which,
};

pub(crate) use state::{Effect, Moment, Outgoing, Quirks};

#[cfg(test)]
mod tests;
