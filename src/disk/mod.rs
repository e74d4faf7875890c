//! The only code that touches files: reads a project's tree, and changes it as a whole.
//!
//! An apply either happens entirely or not at all, also when the process is
//! killed, the disk is full, or somebody edits a file meanwhile. It works as a
//! small database does:
//!
//! 1. `plan`: everything is checked, nothing is written.
//! 2. `stage`: a journal says what is going to happen; new texts are written
//!    beside their targets, old files get a second name (a hard link), so that
//!    neither the way forward nor the way back needs any space.
//! 3. `place`: renaming the journal is the commit; then each text is renamed
//!    into place, in the order that was asked for.
//! 4. `finish`: backups, emptied folders and the journal go.
//!
//! A failure in 2 and 3 is undone on the spot. After a crash `recover` undoes
//! what was not committed and finishes what was. What is here must not ask,
//! print, or know what the files mean.
#![allow(
    clippy::disallowed_methods,
    reason = "this is the module that touches files"
)]

mod apply;
mod digest;
mod fault;
mod file;
mod folder;
mod journal;
mod lock;
mod mutate;
mod obstacle;
mod place;
mod plan;
mod private;
mod records;
mod recover;
mod resolve;
mod root;
mod stage;
mod sync;
mod undo;

pub use folder::{ProjectFolder, read_outside};
pub use lock::Lock;
pub use obstacle::{EntryKind, Hindrance, Obstacle};
pub use private::PrivateFolder;
pub use records::{fresh_logs, read_logs};
pub use recover::{Direction, Kept, Recovered};
pub use root::Root;

#[cfg(test)]
mod tests;
