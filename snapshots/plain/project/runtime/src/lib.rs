#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod apply;
mod cache;
mod carry_over;
pub mod certificates;
mod client;
pub mod conditions;
mod controller;
mod error;
pub mod events;
pub mod finalizer;
pub mod leader_election;
mod manager;
mod metrics;
mod namespaces;
mod object;
mod options;
pub mod owner;
mod percent;
mod rate_limit;
mod request;
mod server;
pub mod telemetry;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(feature = "webhooks")]
pub mod webhook;

pub use prometheus_client;

pub use cache::{Change, NotSynced, PartialObjectStatus, Selector, Store, UnknownIndex};
pub use controller::{Action, Backoff, Controller, Predicate, Reconciler, TerminalError, Watch};
pub use error::{BoxError, Error, exit_code};
pub use manager::{Manager, ManagerBuilder};
pub use namespaces::Namespaces;
pub use object::Object;
pub use options::{
    BindAddress, InvalidBindAddress, LogFormat, LogOptions, ManagerOptions, MetricsOptions,
};
pub use request::Request;
#[cfg(feature = "webhooks")]
pub use webhook::{Converter, Defaulter, Validator, Webhook};
