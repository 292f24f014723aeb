//! The `presec` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    presec::cli::main()
}
