//! Which verb a request is, and on what.

use std::sync::Arc;

use super::check::remove_nulls;
use super::cluster::{Cluster, Key, metadata_of};
use super::kind::{Kind, Source};
use super::managed::Writer;
use super::refusal::{Outcome, Refusal};
use super::request::{Incoming, RecordedRequest, Target};
use crate::testing::answer::Answer;

impl Cluster {
    pub(super) fn serve(&mut self, incoming: &Incoming) -> Answer {
        if incoming.recorded.is_write() && incoming.is_dry_run() {
            return self.dry_run(|cluster| cluster.answer(incoming));
        }
        self.answer(incoming)
    }

    fn answer(&mut self, incoming: &Incoming) -> Answer {
        let answer = self.route(incoming);
        if incoming.recorded.is_write() {
            self.collect_garbage();
        }
        answer.unwrap_or_else(Refusal::into_answer)
    }

    fn route(&mut self, incoming: &Incoming) -> Outcome<Answer> {
        let (kind, target) = self.target(&incoming.recorded.path)?;
        if incoming.recorded.method == "WATCH" {
            let events = self.watch(incoming, &kind, &target)?;
            return Ok(Answer::events(events));
        }
        check_strictly(incoming, &kind)?;
        let (code, mut object) = match target.name.clone() {
            None => self.route_collection(incoming, &kind, &target)?,
            Some(name) => self.route_object(incoming, &kind, &target, &name)?,
        };
        if incoming.wants_metadata() && object["kind"] == kind.kind.as_str() {
            object = metadata_of(&object);
        }
        Ok(Answer::object(code, object))
    }

    /// The kind that a path names; what is not registered is a 501, because a 404 would mean that it isn't there.
    fn target(&self, path: &str) -> Outcome<(Arc<Kind>, Target)> {
        let unknown = |what: &str, help: &str| {
            Err(Refusal::not_implemented(format!(
                "{what} is not registered with it; help: {help}"
            )))
        };
        let Some(target) = Target::of(path) else {
            return unknown(path, "answer it with `.on(…)`");
        };
        let found = self.kinds.iter().find(|kind| {
            (&kind.group, &kind.version, &kind.plural)
                == (&target.group, &target.version, &target.plural)
        });
        let Some(kind) = found else {
            let what = format!(
                "`{}` of `{}/{}`",
                target.plural, target.group, target.version
            );
            return unknown(
                &what,
                "`.kind::<K>()`, `.crd(&K::crd())` or `.with_objects([…])`",
            );
        };
        if matches!(kind.source, Source::Unknown) {
            let message = format!(
                "it has not learnt how `{}` behaves; help: test with a `TestEnvironment`",
                kind.resource()
            );
            return Err(Refusal::not_implemented(message));
        }
        if target.namespace.is_some() && !kind.namespaced
            || target.name.is_some() && target.namespace.is_none() && kind.namespaced
        {
            return Err(Refusal::no_such_path());
        }
        match target.subresource.as_deref() {
            None => {}
            Some("status") if kind.status => {}
            Some("status") => return Err(Refusal::no_such_path()),
            Some(other) => {
                let message = format!("it has no `{other}` of `{}`", kind.resource());
                return Err(Refusal::not_implemented(message));
            }
        }
        Ok((Arc::clone(kind), target))
    }

    fn route_collection(
        &mut self,
        incoming: &Incoming,
        kind: &Arc<Kind>,
        target: &Target,
    ) -> Outcome<(u16, serde_json::Value)> {
        let unplaced = kind.namespaced && target.namespace.is_none();
        match incoming.recorded.method.as_str() {
            "GET" => Ok((200, self.list(incoming, kind, target)?)),
            "POST" if !unplaced => Ok((201, self.create(incoming, kind, target)?)),
            "DELETE" if !unplaced => Ok((200, self.delete_collection(incoming, kind, target)?)),
            _ => Err(Refusal::method_not_allowed()),
        }
    }

    fn route_object(
        &mut self,
        incoming: &Incoming,
        kind: &Arc<Kind>,
        target: &Target,
        name: &str,
    ) -> Outcome<(u16, serde_json::Value)> {
        let key = Key::new(kind, target.namespace.as_deref(), name);
        self.check_version(kind, &key)?;
        let writer = Writer {
            manager: incoming.manager().to_owned(),
            subresource: target.subresource.clone(),
        };
        let body = &incoming.recorded.body;
        match (
            incoming.recorded.method.as_str(),
            incoming.content_type.as_str(),
        ) {
            ("GET", _) => Ok((200, self.get(kind, &key)?)),
            ("PUT", _) => Ok((200, self.replace(kind, &key, body, &writer)?)),
            ("PATCH", "application/apply-patch+yaml") => self.apply(incoming, kind, &key, &writer),
            ("PATCH", sort) => Ok((200, self.patch(kind, &key, (sort, body), &writer)?)),
            ("DELETE", _) if target.subresource.is_none() => {
                Ok((200, self.delete(incoming, kind, &key)?))
            }
            _ => Err(Refusal::method_not_allowed()),
        }
    }

    /// An object is stored as it was written, and the fake converts none.
    fn check_version(&self, kind: &Kind, key: &Key) -> Outcome<()> {
        let Some(object) = self.objects.get(key) else {
            return Ok(());
        };
        if object["apiVersion"] == kind.api_version() {
            return Ok(());
        }
        let message = format!(
            "`{}` was written as {} and it converts nothing",
            key.name, object["apiVersion"]
        );
        Err(Refusal::not_implemented(message))
    }
}

/// With `fieldValidation=Strict` a field that the kind doesn't have is refused. A server-side apply refuses it anyway.
fn check_strictly(incoming: &Incoming, kind: &Kind) -> Outcome<()> {
    let RecordedRequest { method, body, .. } = &incoming.recorded;
    let applies = incoming.content_type == "application/apply-patch+yaml";
    let writes = matches!(method.as_str(), "POST" | "PUT" | "PATCH") && !applies;
    if !writes || incoming.parameter("fieldValidation") != Some("Strict") {
        return Ok(());
    }
    if matches!(kind.source, Source::Type(_)) || body.is_array() {
        let message =
            "it cannot tell which fields are unknown, of a kind without its CRD or in a JSON patch";
        return Err(Refusal::not_implemented(message));
    }
    kind.undeclared(&without_nulls(body))
        .map_or(Ok(()), |field| {
            let field = field.trim_start_matches('.');
            let message = format!("strict decoding error: unknown field \"{field}\"");
            Err(Refusal::bad_request(message))
        })
}

/// What a merge patch takes away counts neither as a field nor as an unknown one.
fn without_nulls(body: &serde_json::Value) -> serde_json::Value {
    let mut body = body.clone();
    remove_nulls(&mut body);
    body
}
