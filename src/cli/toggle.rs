//! Flags that take a value, as Go's do: `--resource`, `--resource=false`.

use clap::builder::BoolishValueParser;

/// Reads `true`, `false`, `1`, `0` and their like.
pub(super) fn parser() -> BoolishValueParser {
    BoolishValueParser::new()
}
