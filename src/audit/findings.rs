//! The comparison: what is missing, what is not needed, what a record cannot tell.

use std::collections::{BTreeMap, BTreeSet};

use super::Inputs;
use super::access::{Access, What, shown_resource};
use super::bindings::{Bindings, Scope};
use super::log::Seen;
use super::marked::Marked;
use super::narrow;
use super::rule::Rule;
use super::wording::{self, Target};
use crate::tree::RelativePath;

/// What the comparison found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// What the operator asked for and no role of its allows.
    pub missing: Vec<Missing>,
    /// What a marker allows and the operator never asked for.
    pub unneeded: Vec<Unneeded>,
    /// What a record cannot tell.
    pub unjudged: Vec<Unjudged>,
    /// What the user should know.
    pub notes: Vec<String>,
}

/// A right that the operator lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The right in words: verbs, and what of.
    pub right: String,
    /// The line that gives it; `None` where no marker can.
    pub marker: Option<String>,
    /// A marker of the same resource, beside which it belongs.
    pub near: Option<Place>,
    /// Requests that needed it: method and path.
    pub seen: Vec<String>,
    /// How often it was needed.
    pub times: usize,
}

/// Where a marker stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The source.
    pub file: RelativePath,
    /// Its line, counted from 1.
    pub line: usize,
}

/// What one marker allows without need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unneeded {
    /// The marker.
    pub place: Place,
    /// The rights in words.
    pub rights: Vec<String>,
    /// The lines to write in its place; none where the whole marker may go.
    pub replacement: Vec<String>,
}

/// Rights of one marker that no request shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unjudged {
    /// The marker.
    pub place: Place,
    /// The rights in words.
    pub rights: Vec<String>,
}

/// Verbs that the API server asks about while it answers a request for something
/// else (<https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb>).
const SILENT_VERBS: [&str; 6] = ["approve", "attest", "bind", "escalate", "sign", "use"];

/// How many requests are shown for a right that is missing.
const EXAMPLES: usize = 3;

pub(super) fn find(inputs: &Inputs<'_>, bindings: &Bindings, marked: &[Marked]) -> Findings {
    let fixed = bindings.fixed(inputs.home);
    let by_fixed = |access: &Access| {
        let mut fixed = fixed.iter();
        fixed.any(|(scope, rule)| scope.holds(access, inputs.home) && rule.allows(access))
    };
    let wanted = |(access, _): &(&Access, &Seen)| !access.is_everybodys() && !by_fixed(access);
    let asked: BTreeMap<&Access, &Seen> = inputs.record.seen.iter().filter(wanted).collect();
    let mut findings = Findings {
        missing: missing(inputs, bindings, marked, &asked),
        notes: notes(inputs, bindings, marked),
        ..Findings::default()
    };
    for marker in marked.iter().filter(|marker| !marker.scopes.is_empty()) {
        judge(marker, inputs, &asked, &mut findings);
    }
    findings
}

type Asked<'a> = BTreeMap<&'a Access, &'a Seen>;

fn missing(
    inputs: &Inputs<'_>,
    bindings: &Bindings,
    marked: &[Marked],
    asked: &Asked<'_>,
) -> Vec<Missing> {
    let allowed = |access: &Access| marked.iter().any(|one| one.allows(access, inputs));
    let lacking: Asked<'_> = asked
        .iter()
        .filter(|(access, _)| !allowed(access))
        .map(|(access, seen)| (*access, *seen))
        .collect();
    let (here, outside): (Vec<&Access>, Vec<&Access>) = lacking
        .keys()
        .partition(|access| can_be_marked(access, inputs));
    let (home, here): (Vec<&Access>, Vec<&Access>) = here
        .into_iter()
        .partition(|access| narrow::is_at_home(access, inputs, bindings));
    let at_home = Target {
        namespace: Some(&inputs.home.deployed),
        ..Target::default()
    };
    let mut missing = Vec::new();
    for (accesses, target) in [
        (home, Some(at_home)),
        (here, Some(Target::default())),
        (outside, None),
    ] {
        let named = |access: &&Access| Rule {
            names: match target {
                Some(_) => narrow::names(access, inputs),
                None => Vec::new(),
            },
            ..atom(access)
        };
        let atoms: Vec<Rule> = accesses.iter().map(named).collect();
        for rule in wording::joined(&atoms) {
            let needs = accesses.iter().filter(|access| rule.allows(access));
            let needs: Vec<&Seen> = needs.map(|access| lacking[*access]).collect();
            missing.push(Missing {
                right: shown(&rule),
                marker: target.map(|target| wording::line(&rule, target)),
                near: near(&rule, marked),
                seen: examples(&needs),
                times: needs.iter().map(|seen| seen.times).sum(),
            });
        }
    }
    missing
}

/// A project for one namespace has Roles only, which allow nothing outside of it.
fn can_be_marked(access: &Access, inputs: &Inputs<'_>) -> bool {
    !inputs.namespaced || Scope::Home.holds(access, inputs.home)
}

fn examples(needs: &[&Seen]) -> Vec<String> {
    let examples: BTreeSet<&String> = needs.iter().map(|seen| &seen.example).collect();
    examples.into_iter().take(EXAMPLES).cloned().collect()
}

/// The right to do this to any object of the resource.
fn atom(access: &Access) -> Rule {
    let verbs = vec![access.verb.clone()];
    match &access.what {
        What::Url(path) => Rule {
            urls: vec![path.clone()],
            verbs,
            ..Rule::default()
        },
        What::Resource {
            group, resource, ..
        } => Rule {
            groups: vec![group.clone()],
            resources: vec![resource.clone()],
            verbs,
            ..Rule::default()
        },
    }
}

/// A marker of the same resource, or of what it is a part of.
fn near(rule: &Rule, marked: &[Marked]) -> Option<Place> {
    let plural = |resource: &String| resource.split('/').next().unwrap_or_default().to_owned();
    let wanted: Vec<String> = rule.resources.iter().map(plural).collect();
    let same = |one: &&Marked| {
        let groups = one
            .rule
            .groups
            .iter()
            .any(|group| rule.groups.contains(group));
        let mut resources = one.rule.resources.iter().map(plural);
        groups && resources.any(|resource| wanted.contains(&resource))
    };
    marked.iter().find(same).map(Marked::place)
}

/// Takes one marker apart: what of it was asked for, and what not.
fn judge(marked: &Marked, inputs: &Inputs<'_>, asked: &Asked<'_>, findings: &mut Findings) {
    let (mut kept, mut unneeded, mut unjudged) = (Vec::new(), Vec::new(), Vec::new());
    let here: Vec<&Access> = asked
        .keys()
        .copied()
        .filter(|access| marked.holds(access, inputs))
        .collect();
    for atom in marked.rule.atoms() {
        let uses: Vec<_> = here.iter().filter(|access| atom.allows(access)).collect();
        if is_silent(&atom) {
            kept.push(atom.clone());
            unjudged.push(atom);
        } else if uses.is_empty() || atom.is_wide() {
            kept.extend(uses.iter().map(|access| narrowed(&atom, access)));
            unneeded.push(atom);
        } else {
            kept.push(atom);
        }
    }
    if !unneeded.is_empty() {
        let target = marked.target(inputs);
        let lines = wording::joined(&kept);
        findings.unneeded.push(Unneeded {
            place: marked.place(),
            rights: wording::joined(&unneeded).iter().map(shown).collect(),
            replacement: lines
                .iter()
                .map(|rule| wording::line(rule, target))
                .collect(),
        });
    }
    if !unjudged.is_empty() {
        findings.unjudged.push(Unjudged {
            place: marked.place(),
            rights: wording::joined(&unjudged).iter().map(shown).collect(),
        });
    }
}

/// What no request shows. `finalizers` is asked about where an owner reference
/// blocks the owner's deletion, and only by API servers that check that
/// (<https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#ownerreferencespermissionenforcement>).
fn is_silent(atom: &Rule) -> bool {
    let silent_verb = |verb: &String| SILENT_VERBS.contains(&verb.as_str());
    let finalizers = |resource: &String| resource.ends_with("/finalizers");
    atom.verbs.iter().all(silent_verb) || atom.resources.iter().any(finalizers)
}

/// What of a wide right was used: each asterisk gives way to what it stood for.
fn narrowed(atom: &Rule, access: &Access) -> Rule {
    let plain = self::atom(access);
    let instead = |list: &Vec<String>, used: Vec<String>| {
        let wide = list.iter().any(|item| item.contains('*'));
        if wide { used } else { list.clone() }
    };
    Rule {
        groups: instead(&atom.groups, plain.groups),
        resources: instead(&atom.resources, plain.resources),
        names: atom.names.clone(),
        verbs: instead(&atom.verbs, plain.verbs),
        urls: instead(&atom.urls, plain.urls),
    }
}

fn notes(inputs: &Inputs<'_>, bindings: &Bindings, marked: &[Marked]) -> Vec<String> {
    let mut notes = Vec::new();
    for path in bindings.unreadable() {
        notes.push(format!("`{path}` is no YAML: roles in it were not counted"));
    }
    let mut ours: BTreeSet<&str> = marked.iter().map(|one| one.role.as_str()).collect();
    ours.insert(inputs.role_name);
    for role in bindings.unknown(&ours) {
        notes.push(format!(
            "the manager is bound to `{role}`, which is none of the project's roles: what it allows was not counted"
        ));
    }
    for one in marked.iter().filter(|one| one.scopes.is_empty()) {
        let Place { file, line } = one.place();
        notes.push(format!(
            "{file}:{line}: nothing binds the manager to the role `{}` of this marker; help: write a binding below config/rbac",
            one.role
        ));
    }
    notes
}

/// A rule in words: `` `get`, `list` of `pods` ``.
fn shown(rule: &Rule) -> String {
    let quoted = |items: &[String]| {
        let items: Vec<String> = items.iter().map(|item| format!("`{item}`")).collect();
        items.join(", ")
    };
    let mut what = rule.urls.clone();
    for group in &rule.groups {
        what.extend(
            rule.resources
                .iter()
                .map(|resource| shown_resource(group, resource)),
        );
    }
    let verbs = quoted(&wording::in_order(&rule.verbs));
    let names = match rule.names.as_slice() {
        [] => String::new(),
        names => format!(" named {}", quoted(names)),
    };
    format!("{verbs} of {}{names}", quoted(&what))
}
