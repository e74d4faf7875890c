//! Flags that take a value, as Go's do: `--resource`, `--resource=false`.

use clap::builder::{BoolishValueParser, TypedValueParser as _};

/// Reads `true`, `false`, `1`, `0` and their like.
pub(super) fn parser() -> impl clap::builder::TypedValueParser<Value = bool> {
    BoolishValueParser::new().map(|value| value)
}
