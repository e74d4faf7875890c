//! The span of one reconcile: whose lines of the log belong together.
//!
//! The names of its fields are controller-runtime's, so that queries on logs of Go operators work on these.

use tracing::Span;

use crate::{Object, Request};

/// The span of one reconcile of the `K` that `request` names. It is there at every level of the log, because an error
/// without it would not say whose error it is.
pub(super) fn reconcile<K: Object>(controller: &str, request: &Request) -> Span {
    tracing::error_span!(
        "reconcile",
        controller,
        controllerGroup = K::group(&()).as_ref(),
        controllerKind = K::kind(&()).as_ref(),
        namespace = request.namespace.as_deref().unwrap_or_default(),
        name = request.name.as_str(),
        reconcileID = reconcile_id(fastrand::u128(..)),
    )
}

/// A random UUID, version 4 of <https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-4>.
fn reconcile_id(random: u128) -> String {
    let version_4 = random & !(0xf << 76) | (0x4 << 76);
    let standard_variant = version_4 & !(0b11 << 62) | (0b10 << 62);
    let digits = format!("{standard_variant:032x}");
    let groups = [0..8, 8..12, 12..16, 16..20, 20..32];
    groups.map(|group| &digits[group]).join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_a_random_uuid() {
        for (random, expected) in [
            (0, "00000000-0000-4000-8000-000000000000"),
            (u128::MAX, "ffffffff-ffff-4fff-bfff-ffffffffffff"),
            (
                0x0123_4567_89ab_cdef_4123_4567_89ab_cdef,
                "01234567-89ab-4def-8123-456789abcdef",
            ),
        ] {
            assert_eq!(reconcile_id(random), expected);
        }
    }
}
