// Copyright 2026.
//
// Licensed under the Apache License, Version 2.0 (the "License");
// you may not use this file except in compliance with the License.
// You may obtain a copy of the License at
//
//     http://www.apache.org/licenses/LICENSE-2.0
//
// Unless required by applicable law or agreed to in writing, software
// distributed under the License is distributed on an "AS IS" BASIS,
// WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
// See the License for the specific language governing permissions and
// limitations under the License.

//! `Pod` of `v1` on a real API server, with the operator running.

use crate::operator::Operator;

/// What the manager says of its cache of this kind.
const CACHE: &str = "/readyz/cache-pods";

#[tokio::test]
async fn the_operator_follows_the_kind() {
    let operator = Operator::start().await;
    // Then it can be listed and watched. What should follow from an object is yours to test:
    // make one with `operator.client()`, and look at what became of it.
    operator.wait_for(CACHE).await;
}
