//! Plan, applicability, order, time, retry and judgement; defines the ports.
//!
//! The engine never learns what TLS or HTTP is: it hands steps to a [`ports::Case`], gets back what was seen, and holds it against claims.
//! The way of one scenario: [`select`] picks it, [`plan`] expands it and decides whether it can judge this target, [`schedule`] runs its
//! cases beside others, [`case`] performs its steps, [`judge`] turns claims into one verdict, [`gate`] turns all verdicts into an exit code.

pub mod case;
pub mod coverage;
pub mod event;
pub mod gate;
pub mod judge;
pub mod limit;
pub mod merge;
pub mod parking;
pub mod plan;
pub mod ports;
pub mod schedule;
pub mod select;
pub mod shard;
pub mod situation;
pub mod trace;
mod unwind;
pub mod waive;
