//! Characters that no Rust source may hold, not in a comment either.

/// Whether `character` may stand in a doc comment: a carriage return is an error
/// there, and characters that turn the direction of text are refused by the
/// compiler.
pub fn is_shown(character: char) -> bool {
    !turns(character) && (character == '\t' || !character.is_control())
}

/// Whether `character` turns the direction of text:
/// <https://doc.rust-lang.org/rustc/lints/listing/deny-by-default.html#text-direction-codepoint-in-comment>.
pub(super) fn turns(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
