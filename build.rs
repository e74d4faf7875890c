//! Rebuilds rustop when a template is added or removed.
//!
//! `include_dir` reads `templates/` at compile time, but on stable Rust it
//! cannot tell cargo that a new file appeared. Watching the folders does.

fn main() {
    println!("cargo:rerun-if-changed=templates");
    println!("cargo:rerun-if-changed=runtime/src");
    println!("cargo:rerun-if-changed=runtime/Cargo.toml");
}
