//! The `rustop` binary.

fn main() {}
