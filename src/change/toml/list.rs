//! Lists of names (features, members), merged as sets.

use toml_edit::{Array, Value};

/// The strings of a list; `None` when it holds anything else.
pub(super) fn strings(array: &Array) -> Option<Vec<&str>> {
    array.iter().map(Value::as_str).collect()
}

/// Takes from `ours` what `theirs` dropped since `base`, and appends what
/// `theirs` brought in; order and formatting stay those of `ours`.
pub(super) fn merge(base: &[&str], ours: &mut Array, theirs: &[&str]) {
    let dropped = |value: &Value| {
        value
            .as_str()
            .is_some_and(|name| base.contains(&name) && !theirs.contains(&name))
    };
    let before = ours.len();
    let indices: Vec<usize> = (0..before)
        .filter(|&index| ours.get(index).is_some_and(dropped))
        .collect();
    for index in indices.into_iter().rev() {
        remove(ours, index);
    }
    let removed = ours.len() < before;
    for name in theirs.iter().filter(|name| !base.contains(name)) {
        if !ours.iter().any(|value| value.as_str() == Some(name)) {
            append(ours, name);
        }
    }
    if removed && !ours.to_string().contains(['\n', '#']) {
        let decor = ours.decor().clone();
        ours.fmt();
        *ours.decor_mut() = decor;
    }
}

/// The comment behind a name stands before the next one, and outlives it.
fn remove(array: &mut Array, index: usize) {
    let value = array.remove(index);
    let (prefix, suffix) = (value.decor().prefix(), value.decor().suffix());
    let around: String = [prefix, suffix]
        .into_iter()
        .flatten()
        .filter_map(|raw| raw.as_str())
        .collect();
    if !around.contains('#') {
        return;
    }
    let with_comment = |blanks: &str| {
        let newline = if blanks.contains('\n') { "" } else { "\n" };
        format!("{}{newline}{blanks}", around.trim_end())
    };
    let trailing = with_comment(array.trailing().as_str().unwrap_or_default());
    match array.get_mut(index) {
        Some(next) => {
            let blanks = next
                .decor()
                .prefix()
                .and_then(|prefix| prefix.as_str())
                .unwrap_or_default()
                .to_owned();
            next.decor_mut().set_prefix(with_comment(&blanks));
        }
        None => array.set_trailing(trailing),
    }
}

fn append(array: &mut Array, name: &str) {
    let trailing = array.trailing().as_str().unwrap_or_default().to_owned();
    let mut value = Value::from(name);
    if let Some(last) = array.iter_mut().last() {
        let prefix = last
            .decor()
            .prefix()
            .and_then(|prefix| prefix.as_str())
            .unwrap_or_default();
        value.decor_mut().set_prefix(indentation(prefix));
        move_suffix(last, &mut value);
    }
    if array.len() == 1
        && !value
            .decor()
            .prefix()
            .and_then(|prefix| prefix.as_str())
            .unwrap_or_default()
            .contains('\n')
    {
        value.decor_mut().set_prefix(" ");
    }
    if let Some((comment, end)) = trailing
        .rsplit_once('\n')
        .filter(|(comment, _)| comment.contains('#'))
    {
        let prefix = value
            .decor()
            .prefix()
            .and_then(|prefix| prefix.as_str())
            .unwrap_or_default()
            .to_owned();
        value.decor_mut().set_prefix(format!("{comment}{prefix}"));
        array.set_trailing(format!("\n{end}"));
    }
    array.push_formatted(value);
}

/// What stands before an item, without comments.
fn indentation(prefix: &str) -> String {
    match prefix.rsplit_once('\n') {
        Some((_, spaces)) => format!("\n{spaces}"),
        None => prefix.to_owned(),
    }
}

/// The blanks before the closing bracket go to the new last item.
fn move_suffix(last: &mut Value, value: &mut Value) {
    let suffix = last
        .decor()
        .suffix()
        .and_then(|suffix| suffix.as_str())
        .unwrap_or_default()
        .to_owned();
    if !suffix.contains('#') {
        last.decor_mut().set_suffix("");
        value.decor_mut().set_suffix(suffix);
    }
}
