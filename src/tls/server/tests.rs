//! The server without a socket: against our own client, and against what no client would send.

mod both_sides;
mod hostile;
mod laxities;
mod parties;
mod properties;
mod quirks;
mod renegotiation;
mod tls13;
mod tls13_early_data;
mod tls13_hostile;
mod tls13_laxities;
mod tls13_sessions;
