//! Structs and enums as serde sees them: names of fields, and where they stand.

use proc_macro2::{TokenStream, TokenTree};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{
    Attribute, Expr, Fields, GenericArgument, Lit, Meta, PathArguments, Token, Type, Variant,
};

use crate::resource::serde_camel_case;

/// One struct or enum.
#[derive(Debug)]
pub(super) struct Item {
    /// Its name.
    pub(super) name: String,
    /// Where it begins, counted from 1.
    pub(super) line: usize,
    /// What `#[kube(…)]` says, of the spec of a kind.
    pub(super) kube: Vec<(String, String)>,
    /// Its fields, or the variants of an enum with their fields.
    pub(super) members: Vec<Member>,
    /// Texts in its attributes.
    pub(super) literals: Vec<Literal>,
    /// What an enum is made of.
    pub(super) variants: Vec<VariantKind>,
    /// An enum that says in a field which variant it is.
    pub(super) is_tagged: bool,
    /// An enum whose variants are told apart by their fields.
    pub(super) is_untagged: bool,
}

/// A field, or a variant.
#[derive(Debug)]
pub(super) struct Member {
    /// As YAML has it.
    pub(super) name: String,
    /// Where it begins.
    pub(super) line: usize,
    /// The type, without `Option`, `Vec` and their like.
    pub(super) of: Option<String>,
    /// Its own fields stand in its place.
    pub(super) is_flat: bool,
    /// Texts in its attributes.
    pub(super) literals: Vec<Literal>,
    /// The variant that it is a field of.
    pub(super) variant: Option<usize>,
}

/// A string in an attribute, and its line.
pub(super) type Literal = (String, usize);

/// What a variant of an enum holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum VariantKind {
    /// Nothing.
    Unit,
    /// Something.
    Data,
}

impl Item {
    pub(super) fn of_struct(item: &syn::ItemStruct) -> Self {
        let rule = rename_rule(&item.attrs);
        let mut found = Self::new(&item.ident.to_string(), line(&item.ident), &item.attrs);
        found.members = members(&item.fields, rule.as_deref(), None);
        found
    }

    pub(super) fn of_enum(item: &syn::ItemEnum) -> Self {
        let rule = rename_rule(&item.attrs);
        let mut found = Self::new(&item.ident.to_string(), line(&item.ident), &item.attrs);
        found.is_tagged = setting(&item.attrs, "tag").is_some();
        found.is_untagged = has_word(&item.attrs, "untagged");
        for (index, variant) in item.variants.iter().enumerate() {
            found.variants.push(match variant.fields {
                Fields::Unit => VariantKind::Unit,
                _ => VariantKind::Data,
            });
            found.members.push(variant_member(variant, rule.as_deref()));
            let own =
                rename_rule(&variant.attrs).or_else(|| setting(&item.attrs, "rename_all_fields"));
            found
                .members
                .extend(members(&variant.fields, own.as_deref(), Some(index)));
        }
        found
    }

    fn new(name: &str, line: usize, attributes: &[Attribute]) -> Self {
        Self {
            name: name.to_owned(),
            line,
            kube: kube(attributes),
            members: Vec::new(),
            literals: literals(attributes),
            variants: Vec::new(),
            is_tagged: false,
            is_untagged: false,
        }
    }

    /// What `#[kube(key = "…")]` says.
    pub(super) fn kube(&self, key: &str) -> Option<&str> {
        let found = self.kube.iter().find(|(known, _)| known == key);
        found.map(|(_, value)| value.as_str())
    }
}

fn line(spanned: &impl Spanned) -> usize {
    spanned.span().start().line
}

fn members(fields: &Fields, rule: Option<&str>, variant: Option<usize>) -> Vec<Member> {
    let member = |field: &syn::Field| {
        let ident = field.ident.as_ref();
        let own = ident.map(|ident| ident.to_string().trim_start_matches("r#").to_owned());
        let name =
            setting(&field.attrs, "rename").or_else(|| own.map(|name| renamed(&name, rule, false)));
        Member {
            name: name.unwrap_or_default(),
            line: ident.map_or_else(|| line(&field.ty), line),
            of: innermost(&field.ty),
            // What a variant holds without a name stands in the variant's place.
            is_flat: has_word(&field.attrs, "flatten") || ident.is_none(),
            literals: literals(&field.attrs),
            variant,
        }
    };
    fields.iter().map(member).collect()
}

fn variant_member(variant: &Variant, rule: Option<&str>) -> Member {
    let own = variant.ident.to_string();
    let name = setting(&variant.attrs, "rename").unwrap_or_else(|| renamed(&own, rule, true));
    let of = match &variant.fields {
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => innermost(&fields.unnamed[0].ty),
        _ => None,
    };
    Member {
        name,
        line: line(&variant.ident),
        of,
        is_flat: false,
        literals: literals(&variant.attrs),
        variant: None,
    }
}

/// `Option<Vec<Port>>` is about `Port`, `BTreeMap<String, Zone>` about `Zone`.
fn innermost(of: &Type) -> Option<String> {
    let Type::Path(path) = of else {
        return None;
    };
    let last = path.path.segments.last()?;
    if let PathArguments::AngleBracketed(arguments) = &last.arguments {
        let types = arguments.args.iter().filter_map(|argument| match argument {
            GenericArgument::Type(of) => Some(of),
            _ => None,
        });
        if let Some(inner) = types.last() {
            return innermost(inner);
        }
    }
    Some(last.ident.to_string())
}

/// serde's rules for names (<https://serde.rs/container-attrs.html#rename_all>).
fn renamed(name: &str, rule: Option<&str>, is_variant: bool) -> String {
    let words = || match is_variant {
        true => camel_words(name),
        false => name.split('_').map(str::to_owned).collect(),
    };
    let title = |word: &String| {
        let (first, rest) = word.split_at(word.chars().next().map_or(0, char::len_utf8));
        first.to_uppercase() + rest
    };
    let lower = |separator: &str| words().join(separator).to_lowercase();
    match rule {
        Some("camelCase") if is_variant => {
            let (first, rest) = name.split_at(1);
            first.to_lowercase() + rest
        }
        Some("camelCase") => serde_camel_case(name),
        Some("PascalCase") => words().iter().map(title).collect(),
        Some("lowercase") if is_variant => name.to_lowercase(),
        Some("UPPERCASE") => name.to_uppercase(),
        Some("snake_case") => lower("_"),
        Some("kebab-case") => lower("-"),
        Some("SCREAMING_SNAKE_CASE") => lower("_").to_uppercase(),
        Some("SCREAMING-KEBAB-CASE") => lower("-").to_uppercase(),
        _ => name.to_owned(),
    }
}

/// `NotAtAll` as `Not`, `At`, `All`; serde begins a word at each capital.
fn camel_words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for letter in name.chars() {
        match words.last_mut() {
            Some(word) if !letter.is_uppercase() => word.push(letter),
            _ => words.push(letter.to_string()),
        }
    }
    words
}

fn rename_rule(attributes: &[Attribute]) -> Option<String> {
    setting(attributes, "rename_all")
}

/// What `#[serde(key = "…")]`, or schemars', says; schemars' counts for the schema.
fn setting(attributes: &[Attribute], key: &str) -> Option<String> {
    ["schemars", "serde"]
        .into_iter()
        .find_map(|path| setting_of(attributes, path, key))
}

fn setting_of(attributes: &[Attribute], path: &str, key: &str) -> Option<String> {
    metas(attributes, path).find_map(|meta| match meta {
        Meta::NameValue(pair) if pair.path.is_ident(key) => string(&pair.value),
        // `rename(serialize = "…")`
        Meta::List(list) if list.path.is_ident(key) => {
            let inner = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
            let pairs = inner.ok()?.into_iter().filter_map(|meta| match meta {
                Meta::NameValue(pair) if pair.path.is_ident("serialize") => string(&pair.value),
                _ => None,
            });
            pairs.last()
        }
        _ => None,
    })
}

fn has_word(attributes: &[Attribute], word: &str) -> bool {
    metas(attributes, "serde").any(|meta| matches!(meta, Meta::Path(path) if path.is_ident(word)))
}

/// What stands in `#[path(…)]`; what is no list of settings counts for nothing.
fn metas(attributes: &[Attribute], path: &str) -> impl Iterator<Item = Meta> {
    let lists: Vec<_> = attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident(path))
        .filter_map(|attribute| {
            attribute
                .parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
                .ok()
        })
        .collect();
    lists.into_iter().flatten()
}

fn kube(attributes: &[Attribute]) -> Vec<(String, String)> {
    let pair = |meta: Meta| match meta {
        Meta::NameValue(pair) => Some((pair.path.get_ident()?.to_string(), string(&pair.value)?)),
        _ => None,
    };
    metas(attributes, "kube").filter_map(pair).collect()
}

fn string(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

/// All strings in attributes that are no documentation.
fn literals(attributes: &[Attribute]) -> Vec<Literal> {
    let mut found = Vec::new();
    for attribute in attributes
        .iter()
        .filter(|attribute| !attribute.path().is_ident("doc"))
    {
        match &attribute.meta {
            Meta::List(list) => collect(list.tokens.clone(), &mut found),
            Meta::NameValue(_) | Meta::Path(_) => {}
        }
    }
    found
}

fn collect(tokens: TokenStream, found: &mut Vec<Literal>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => collect(group.stream(), found),
            TokenTree::Literal(literal) => {
                if let Lit::Str(text) = Lit::new(literal) {
                    found.push((text.value(), text.span().start().line));
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_serdes_rules() {
        let check = |name: &str, rule: &str, is_variant: bool, expected: &str| {
            assert_eq!(renamed(name, Some(rule), is_variant), expected, "{rule}");
        };
        check("max_replicas", "camelCase", false, "maxReplicas");
        check("max_replicas", "PascalCase", false, "MaxReplicas");
        check("max_replicas", "kebab-case", false, "max-replicas");
        check(
            "max_replicas",
            "SCREAMING_SNAKE_CASE",
            false,
            "MAX_REPLICAS",
        );
        check("NotAtAll", "camelCase", true, "notAtAll");
        check("NotAtAll", "kebab-case", true, "not-at-all");
        check("NotAtAll", "lowercase", true, "notatall");
        check("NotAtAll", "PascalCase", true, "NotAtAll");
        assert_eq!(renamed("a_b", None, false), "a_b");
    }
}
