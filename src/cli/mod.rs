//! Arguments to plan to run to files to exit code; the only place that prints, reads the environment and knows exit codes.

mod account;
mod args;
mod args_results;
mod bug;
mod catalogue;
mod cleanup;
mod clock;
mod context;
mod diff;
mod doctor;
mod evidence;
mod failure;
mod files;
mod fleet;
mod handbook;
mod init;
mod journal;
mod main_entry;
mod merge;
mod names;
mod outputs;
mod place;
mod reference;
mod report;
mod rerun;
mod resolve;
mod results;
mod run;
mod select;
mod serve;
mod shard;
mod situation;
mod stop;
mod waive;
mod watch;

pub use main_entry::main;
