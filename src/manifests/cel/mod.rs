//! Rules in CEL, as far as they can be judged without an API server: whether they
//! are CEL, whether the fields are there that they ask for, and what they run over.
//!
//! The server checks types and functions as well, and has the last word on what a
//! rule may cost
//! (<https://kubernetes.io/docs/reference/using-api/cel/#resource-constraints>).
//! Here only a rule is refused that is beyond that limit however it is counted.

mod cost;
mod parse;
mod scope;
mod syntax;
mod token;

use serde_json::Value;

use super::check::{children, schema_of};
use super::crd::text;
use super::lint::{CrdProblem, Lint};
use super::place::{CrdPlace, Step};
use cost::Times;
use scope::{Judged, Judgement};

/// Whether `rule` is CEL.
///
/// # Errors
/// What the grammar wants otherwise, and where.
pub(super) fn readable(rule: &str) -> Result<(), String> {
    let read = parse::parse(rule);
    read.map(|_| ()).map_err(|why| {
        let before = rule.get(..why.at).unwrap_or(rule);
        format!("{}, after `{before}`", why.why)
    })
}

/// What is wrong with the rules of a version.
pub(super) fn problems(crd: &Value, version: &Value) -> Vec<CrdProblem> {
    let Some(schema) = schema_of(version) else {
        return Vec::new();
    };
    let mut rules = Rules {
        crd,
        problems: Vec::new(),
    };
    let place = CrdPlace::version(text(version, "/name"));
    rules.walk(schema, &place, Times::once());
    rules.problems
}

struct Rules<'a> {
    crd: &'a Value,
    problems: Vec<CrdProblem>,
}

impl Rules<'_> {
    fn walk(&mut self, schema: &Value, place: &CrdPlace, times: Times) {
        let rules = schema.get("x-kubernetes-validations");
        for rule in rules.and_then(Value::as_array).into_iter().flatten() {
            self.rule(rule, schema, place, times);
        }
        for (step, child) in children(schema) {
            let times = match step {
                Step::Field(_) => times,
                Step::Items => times.each(schema.get("maxItems")),
                Step::Values => times.each(schema.get("maxProperties")),
            };
            self.walk(child, &place.below(step), times);
        }
    }

    fn rule(&mut self, rule: &Value, schema: &Value, place: &CrdPlace, times: Times) {
        let is_old_optional = rule.get("optionalOldSelf") == Some(&Value::Bool(true));
        for key in ["rule", "messageExpression"] {
            let Some(text) = rule.get(key).and_then(Value::as_str) else {
                continue;
            };
            let judged = Judged {
                schema,
                is_root: place.path.is_empty(),
                is_old_optional,
                is_repeated: times.is_many(),
            };
            let of = format!("the {} `{text}` of `{place}`", words(key));
            let place = place.with_literal(text);
            match parse::parse(text) {
                Ok(read) => {
                    let judgement = scope::judge(&read, &judged);
                    self.report(&of, &place, &judgement);
                    self.cost(&of, &place, judgement.cost * times.count(schema));
                }
                Err(why) => self.unreadable(&of, &place, text, &why),
            }
        }
    }

    fn unreadable(&mut self, of: &str, place: &CrdPlace, rule: &str, why: &parse::Unreadable) {
        let before = rule.get(..why.at).unwrap_or(rule);
        let message = format!("{of} is no CEL: {}, after `{before}`", why.why);
        let problem = CrdProblem::refused(self.crd, place, message);
        let help = "see https://kubernetes.io/docs/reference/using-api/cel/";
        self.problems.push(problem.with_help(help));
    }

    fn report(&mut self, of: &str, place: &CrdPlace, judgement: &Judgement) {
        for fault in &judgement.faults {
            let problem = CrdProblem::refused(self.crd, place, format!("{of} {}", fault.message));
            self.problems.push(problem.with_help(&fault.help));
        }
        for (what, limit) in &judgement.unbounded {
            let message = format!("{of} runs over `{what}`, which has no `{limit}`");
            let problem =
                CrdProblem::refused(self.crd, place, message).with_lint(Lint::UnboundedRule);
            self.problems.push(problem.with_help(remedy(limit)));
        }
    }

    /// The estimate is a lower bound of the server's; so far beyond the limit it is
    /// beyond it however the parts are weighed.
    fn cost(&mut self, of: &str, place: &CrdPlace, cost: f64) {
        if cost < 2.0 * cost::LIMIT {
            return;
        }
        let limit = cost::LIMIT;
        let message = format!(
            "{of} may cost more than {:.0} times what the API server allows, which is {limit}",
            (cost / limit).floor()
        );
        let problem = CrdProblem::refused(self.crd, place, message);
        let help = "limit the lists, maps and strings that it runs over, and those that it stands in: \
            `#[schemars(length(max = 64))]`, for a map `#[schemars(extend(\"maxProperties\" = 64))]`";
        self.problems.push(problem.with_help(help));
    }
}

const fn words(key: &str) -> &'static str {
    match key.as_bytes() {
        b"rule" => "rule",
        _ => "message expression",
    }
}

fn remedy(limit: &str) -> &'static str {
    match limit {
        "maxProperties" => {
            "`#[schemars(extend(\"maxProperties\" = 64))]` on the map: what a rule costs counts by the most there can be"
        }
        "maxLength" => {
            "`#[schemars(length(max = 253))]` on the string: what a rule costs counts by the most there can be"
        }
        _ => {
            "`#[schemars(length(max = 64))]` on the list: what a rule costs counts by the most there can be"
        }
    }
}

#[cfg(test)]
mod tests;
