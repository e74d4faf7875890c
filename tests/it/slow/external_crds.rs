//! Types from CRDs, used: what is read of an object is what is written of it.
//! That they compile, and that controllers follow their objects on a real API
//! server, is shown by the snapshot `external-crd`, as of every snapshot.

use super::generated::{Generated, turn};
use crate::sandbox::slow;
use crate::snapshots;

const TEST: &str = "api/tests/round_trip.rs";

#[test]
fn types_from_a_crd_lose_nothing() {
    if !slow("types from CRDs") {
        return;
    }
    let _turn = turn();
    let sandbox = snapshots::run("snapshots/external-crd".as_ref());
    sandbox.write(TEST, include_str!("../../data/external/round_trip.rs"));
    let project = Generated::new("round-trip", &sandbox);
    project.ok(
        "cargo",
        "test --locked --package external-crd-api --test round_trip",
    );
}
