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

//! Converts `Captain` between `v1beta1` and the hub, `v1`; by way of the hub each version
//! becomes every other.
//!
//! Nothing may be lost on the way there and back: what one version cannot say is kept in an
//! annotation. The tests find what is.

use serde_json::Error;

use super::Captain as Spoke;
use crate::crew::v1::Captain as Hub;

impl TryFrom<Spoke> for Hub {
    type Error = Error;

    fn try_from(spoke: Spoke) -> Result<Self, Error> {
        // Fields with the same name and type carry over. Say here what becomes of the others.
        serde_json::from_value(serde_json::to_value(spoke)?)
    }
}

impl TryFrom<Hub> for Spoke {
    type Error = Error;

    fn try_from(hub: Hub) -> Result<Self, Error> {
        // As above, the other way.
        serde_json::from_value(serde_json::to_value(hub)?)
    }
}

#[cfg(test)]
mod tests {
    use runtime::testing::conversion::check_round_trips;

    use super::{Hub, Spoke};

    // Both make objects with any content that the schema allows. An error names the fields that
    // are lost. Where a rule in CEL says more, `check_round_trips_of` takes a choice of objects.

    #[test]
    fn the_hub_loses_nothing_of_this_version() {
        check_round_trips::<Spoke, Hub>();
    }

    #[test]
    fn this_version_loses_nothing_of_the_hub() {
        check_round_trips::<Hub, Spoke>();
    }
}
