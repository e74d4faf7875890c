//! The manager's clients: kube's, with the write fence, a request limit and metrics around each request.
//!
//! Writes have connections of their own, behind the fence, see [`split`]. So has the leader election: no fence and no
//! queue of other requests keeps a renewal waiting.

mod connector;
mod fence;
mod metrics;
mod split;
mod stack;
mod throttle;
mod user_agent;

use std::sync::Arc;
use std::time::Duration;

use kube::{Client, Config};

use crate::leader_election::Fence;
use crate::metrics::ClientMetrics;
use crate::rate_limit::TokenBucket;

/// What each request of a client passes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Guards {
    pub(crate) fence: Fence,
    /// How long what was written may be on its way before the kernel gives it up; `None` for as long as it likes.
    pub(crate) delivery: Option<Duration>,
    /// `None` lets everything through at once.
    pub(crate) limit: Option<Arc<TokenBucket>>,
    pub(crate) metrics: ClientMetrics,
}

/// The client for controllers and users. Nothing is sent yet.
pub(crate) fn connect(mut config: Config, guards: Guards) -> kube::Result<Client> {
    user_agent::set(&mut config, None);
    stack::connect(config, guards)
}

/// The client of the leader election: it counts its requests, and nothing holds them back.
pub(crate) fn for_election(mut config: Config, metrics: ClientMetrics) -> kube::Result<Client> {
    user_agent::set(&mut config, Some("leader-election"));
    let guards = Guards {
        metrics,
        ..Guards::default()
    };
    stack::connect(config, guards)
}

/// The same around a client that exists. Its connections are not ours, so that the fence stands in front of it only:
/// what it has taken in already, and what it tries again, is not held back.
pub(crate) fn around(client: Client, guards: Guards) -> Client {
    stack::around(client, guards)
}

#[cfg(test)]
mod tests;
