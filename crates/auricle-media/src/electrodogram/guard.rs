//! Keeps a reader that is not of this project's making from ending the program.
//!
//! The `parquet` crate reports most damage as errors, and asserts the rest: a file with one flipped bit can make it panic.
//! Damage is no reason for that here: what panics under [`guarded`] is an error of the file, and says nothing itself.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

use parquet::errors::ParquetError;

thread_local! {
    /// Whether this thread is in [`guarded`].
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work`; a panic in it is an error. What it left half done is not to be used again.
pub(super) fn guarded<T>(work: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, ParquetError> {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |panic| {
            if !GUARDED.get() {
                before(panic);
            }
        }));
    });
    let outer = GUARDED.replace(true);
    let outcome = catch_unwind(AssertUnwindSafe(work));
    GUARDED.set(outer);
    outcome.unwrap_or_else(|_| Err(ParquetError::General("what it says of itself does not fit together".to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_and_work_goes_on() {
        let nothing: [u8; 0] = [];
        let at = nothing.len();
        let error = guarded(|| Ok(nothing[at])).unwrap_err().to_string();
        assert!(error.contains("does not fit together"), "{error}");
        assert_eq!(guarded(|| Ok(7)).unwrap(), 7);
    }
}
