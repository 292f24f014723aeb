//! The binary as a user calls it: every way to go wrong has one clear error and its exit code, and reports are written.

#![cfg(test)]
#![expect(unreachable_pub, reason = "what tests share is public to their crates")]

#[path = "cli/cleanup.rs"]
mod cleanup;
#[path = "cli/commands.rs"]
mod commands;
#[path = "cli/evidence.rs"]
mod evidence;
#[path = "cli/hostile.rs"]
mod hostile;
#[path = "support/parked.rs"]
mod parked_state;
#[path = "cli/parking.rs"]
mod parking;
#[path = "cli/running.rs"]
mod running;
#[path = "cli/secrets.rs"]
mod secrets;
#[path = "support/served.rs"]
mod served;
#[path = "cli/servers.rs"]
mod servers;
#[path = "cli/stopping.rs"]
mod stopping;
mod support;
#[path = "cli/tshark.rs"]
mod tshark;
#[path = "cli/usage.rs"]
mod usage;
