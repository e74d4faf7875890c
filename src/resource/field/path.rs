//! Where a field lies: `port`, `storage.size`, `ports[].name`, `zones{}.weight`.

use super::error::Refusal;
use super::name::FieldName;
use super::types::Shape;

/// How deep objects may lie in each other; the API server has no use for more.
const DEPTH: usize = 8;

/// The objects that a field lies in, from the outside in, and its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FieldPath {
    pub(super) parents: Vec<(FieldName, Shape)>,
    pub(super) name: FieldName,
}

impl FieldPath {
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        let (parents, name) = match text.rsplit_once('.') {
            Some((parents, name)) => (
                parents
                    .split('.')
                    .map(parent)
                    .collect::<Result<Vec<_>, _>>()?,
                name,
            ),
            None => (Vec::new(), text),
        };
        if parents.len() > DEPTH {
            return Err(Refusal::new(format!(
                "objects may lie {DEPTH} deep in each other"
            )));
        }
        let (plain, shape) = shape_of(name);
        if shape != Shape::One {
            let prefix = if shape == Shape::List {
                "[]"
            } else {
                "map[string]"
            };
            return Err(
                Refusal::new("what stands last is a name alone").with_help(format!(
                    "a list or map is said by its type: `{plain}:{prefix}string`"
                )),
            );
        }
        Ok(Self {
            parents,
            name: FieldName::new(name)?,
        })
    }
}

impl std::fmt::Display for FieldPath {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (name, shape) in &self.parents {
            write!(formatter, "{name}{}.", suffix(*shape))?;
        }
        write!(formatter, "{}", self.name)
    }
}

/// What stands behind the name of a field whose items have fields.
pub(super) fn suffix(shape: Shape) -> &'static str {
    match shape {
        Shape::One => "",
        Shape::List => "[]",
        Shape::Map => "{}",
    }
}

fn parent(text: &str) -> Result<(FieldName, Shape), Refusal> {
    let (name, shape) = shape_of(text);
    Ok((FieldName::new(name)?, shape))
}

fn shape_of(text: &str) -> (&str, Shape) {
    match (text.strip_suffix("[]"), text.strip_suffix("{}")) {
        (Some(name), _) => (name, Shape::List),
        (_, Some(name)) => (name, Shape::Map),
        _ => (text, Shape::One),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_as_it_is_written() {
        for text in ["a", "a.b", "a[].b", "a{}.b.c", "a.b[].c"] {
            let path = FieldPath::parse(text).map_err(|refusal| refusal.reason);
            assert_eq!(path.unwrap().to_string(), text);
        }
    }

    #[test]
    fn other_paths_are_refused() {
        for text in [
            "",
            ".",
            "a.",
            ".a",
            "a..b",
            "a[]",
            "a{}",
            "[].a",
            "a[0].b",
            &"a.".repeat(9),
        ] {
            assert!(FieldPath::parse(text).is_err(), "{text}");
        }
        assert!(FieldPath::parse(&("a.".repeat(9) + "b")).is_err());
    }
}
