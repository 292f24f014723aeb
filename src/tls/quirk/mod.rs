//! Wrongness as data: [`Quirk`] says in what the engine departs from the RFCs in what it sends.

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
