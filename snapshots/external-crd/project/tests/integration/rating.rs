//! `Rating` of `example.org/v1alpha1` on a real API server, with the operator running.

use crate::operator::Operator;

/// What the manager says of its cache of this kind.
const CACHE: &str = "/readyz/cache-ratings.example.org";

#[tokio::test]
async fn the_operator_follows_the_kind() {
    let operator = Operator::start().await;
    // Then it can be listed and watched. What should follow from an object is yours to test:
    // make one with `operator.client()`, and look at what became of it.
    operator.wait_for(CACHE).await;
}
