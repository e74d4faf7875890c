//! Lets a test make the n-th change of the file system fail, or kill the
//! process just before it. A release build holds none of it.
//!
//! `RUSTOP_FAULT=fail:<n>` and `RUSTOP_FAULT=abort:<n>`.

use std::io;

/// Stands before every change of the file system.
#[cfg(not(debug_assertions))]
#[expect(clippy::unnecessary_wraps, reason = "debug builds can fail here")]
pub(super) fn point() -> io::Result<()> {
    Ok(())
}

/// Stands before every change of the file system.
#[cfg(debug_assertions)]
pub(super) fn point() -> io::Result<()> {
    use std::sync::atomic::{AtomicUsize, Ordering};

    static COUNT: AtomicUsize = AtomicUsize::new(0);
    #[cfg(test)]
    meanwhile::reach();
    let Ok(fault) = std::env::var("RUSTOP_FAULT") else {
        return Ok(());
    };
    let count = COUNT.fetch_add(1, Ordering::Relaxed) + 1;
    match fault.split_once(':') {
        Some(("abort", at)) if at.parse() == Ok(count) => std::process::abort(),
        Some(("fail", at)) if at.parse() == Ok(count) => Err(io::ErrorKind::StorageFull.into()),
        _ => Ok(()),
    }
}

/// What somebody else does while an apply is running, for tests.
#[cfg(test)]
pub(super) mod meanwhile {
    use std::cell::RefCell;

    type Action = Box<dyn FnOnce()>;

    thread_local! {
        static NEXT: RefCell<Option<(usize, Action)>> = const { RefCell::new(None) };
    }

    /// Does `action` just before the change number `at` of this thread.
    pub(in crate::disk) fn happens(at: usize, action: impl FnOnce() + 'static) {
        NEXT.set(Some((at, Box::new(action))));
    }

    /// Whether the action is still to come; it is forgotten.
    pub(in crate::disk) fn is_waiting() -> bool {
        NEXT.take().is_some()
    }

    pub(super) fn reach() {
        match NEXT.take() {
            Some((1, action)) => action(),
            later => NEXT.set(later.map(|(left, action)| (left - 1, action))),
        }
    }
}
