//! The server without a socket: against our own client, and against what no client would send.

mod both_sides;
mod hostile;
mod laxities;
mod parties;
mod quirks;
mod renegotiation;
