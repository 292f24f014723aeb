//! Bugs of presec: said once in words, counted, and answered with the exit code for them.

use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::engine::gate::Exit;
use crate::report::clean::clean;

use super::context::complain;
use super::failure::Failure;

/// Whether anything panicked in this process, also where the panic was caught.
static HAPPENED: AtomicBool = AtomicBool::new(false);

/// From now on a panic is one line on standard error, and remembered.
pub(crate) fn report_bugs() {
    std::panic::set_hook(Box::new(|panic| {
        HAPPENED.store(true, Ordering::SeqCst);
        complain(&line(panic));
    }));
}

fn line(panic: &PanicHookInfo<'_>) -> String {
    let text = panic.payload_as_str().unwrap_or("no words");
    let place = panic
        .location()
        .map(|place| format!("{}:{}: ", place.file(), place.line()))
        .unwrap_or_default();
    format!(
        "error: a bug of presec, please report it: {place}{}",
        clean(text)
    )
}

/// `exit`, or that of a bug when there was one: no other outcome can be trusted then.
pub(crate) fn or_bug(exit: Exit) -> Exit {
    if HAPPENED.load(Ordering::SeqCst) {
        return Exit::Bug;
    }
    exit
}

/// Does `work`; a panic in it is the exit for bugs instead of an abort.
pub(crate) fn guarded(work: impl FnOnce() -> Result<Exit, Failure>) -> Result<Exit, Failure> {
    // Nothing outlives a panic here but the process's last words.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Ok(Exit::Bug))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_the_exit_for_bugs() {
        assert_eq!(guarded(|| Ok(Exit::Met)).unwrap(), Exit::Met);
        assert_eq!(guarded(|| panic!("oh")).unwrap(), Exit::Bug);
    }
}
