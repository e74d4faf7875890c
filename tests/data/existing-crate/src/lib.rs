//! Greets whom a `Greeting` names: an operator as people write it on kube-rs alone.

pub mod controller;
pub mod types;
