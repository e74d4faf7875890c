//! The `rustop` binary: everything is in the library.

use rustop::cli::{self, Exit};

fn main() -> Exit {
    cli::main()
}
