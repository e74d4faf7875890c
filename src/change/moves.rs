//! Files that the scaffold moved: found by what they are, not by where they lie.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use anyhow::Result;

use super::plan::Situation;
use crate::tree::{Output, RelativePath, Tree};

/// The scaffold as it was, once somebody asks.
pub(super) struct Previous<'a> {
    render: &'a dyn Fn() -> Result<Tree>,
    tree: OnceCell<Tree>,
}

impl<'a> Previous<'a> {
    pub(super) fn new(render: &'a dyn Fn() -> Result<Tree>) -> Self {
        let tree = OnceCell::new();
        Self { render, tree }
    }

    pub(super) fn tree(&self) -> Result<&Tree> {
        if let Some(tree) = self.tree.get() {
            return Ok(tree);
        }
        let tree = (self.render)()?;
        Ok(self.tree.get_or_init(|| tree))
    }
}

/// New path to old path, for files that the scaffold moved: the same identity
/// in both trees, or a path of an earlier rustop.
pub(super) fn moves(
    situation: &Situation<'_>,
    previous: &Previous<'_>,
) -> Result<BTreeMap<RelativePath, RelativePath>> {
    let (record, next) = (situation.record, situation.next);
    let gone = |path: &&RelativePath| record.get(path).is_some() && !next.contains_key(*path);
    if !record.paths().any(|path| gone(&path)) {
        return Ok(BTreeMap::new());
    }
    let by_identity: BTreeMap<&str, &RelativePath> = previous
        .tree()?
        .iter()
        .filter(|(path, _)| gone(path))
        .map(|(path, output)| (output.identity.as_str(), path))
        .collect();
    let origin = |output: &Output| {
        let same = by_identity.get(output.identity.as_str()).copied();
        same.or_else(|| output.formerly.iter().find(gone)).cloned()
    };
    let arrived = next.iter().filter(|(path, _)| record.get(path).is_none());
    let moves = arrived.filter_map(|(path, output)| Some((path.clone(), origin(output)?)));
    Ok(moves.collect())
}
