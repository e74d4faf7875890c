//! Server-side apply that is not sent when nothing changed.

use std::fmt::Debug;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use kube::api::{Api, Patch, PatchParams};
use kube::{Resource, ResourceExt as _};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::remove_unset;
use crate::cache;

/// Which annotations say what was applied; the field manager follows.
const APPLIED: &str = "applied.rustop.dev/";
/// The longest name of an annotation, without its prefix.
const LONGEST_NAME: usize = 63;

/// Applies `desired` as [`apply`](super::apply) does, unless `current` is that already, and says whether it was sent.
///
/// `current` is the object as a [`Store`](crate::Store) has it; `None` when there is none. It costs nothing to call
/// this in each reconcile: a reconcile in which nothing changed sends nothing, after a restart too.
///
/// It is sent unless two things hold. Each field that `desired` sets must be in `current` with the same value, so that
/// what others changed is put right; lists must be as long, but for owner references and finalizers. And `desired` must
/// be what was applied last, so that a field which isn't set any more is taken away: a digest of it is kept in the
/// annotation `applied.rustop.dev/<field manager>` of the object. Write values as the API server does, the quantity `1`
/// and not `1000m`: what it writes in another way is sent each time.
///
/// ```no_run
/// # use k8s_openapi::api::apps::v1::Deployment;
/// # use rustop_runtime::{Request, Store, apply::apply_if_changed};
/// # async fn example(api: kube::Api<Deployment>, store: Store<Deployment>, desired: Deployment) -> Result<(), kube::Error> {
/// let current = store.get(&Request::namespaced("default", "web"));
/// apply_if_changed(&api, current.as_deref(), &desired, "my-operator").await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// What the API server or the connection says.
pub async fn apply_if_changed<K>(
    api: &Api<K>,
    current: Option<&K>,
    desired: &K,
    field_manager: &str,
) -> Result<bool, kube::Error>
where
    K: Resource + Clone + Debug + DeserializeOwned + Serialize,
{
    let mut body = serde_json::to_value(desired).map_err(kube::Error::SerdeError)?;
    remove_unset(&mut body);
    let key = annotation(field_manager);
    let digest = digest(&body);
    if let Some(current) = current
        && current.annotations().get(&key) == Some(&digest)
        && holds(current, &body)?
    {
        return Ok(false);
    }
    body["metadata"]["annotations"][key] = json!(digest);
    let parameters = PatchParams::apply(field_manager).force();
    // The answer isn't used, so that its smallest form will do.
    let applied = api
        .patch_metadata(&desired.name_any(), &parameters, &Patch::Apply(body))
        .await?;
    cache::record(api, &applied);
    Ok(true)
}

/// The annotation of a field manager; what an annotation's name can't hold becomes a dash.
fn annotation(field_manager: &str) -> String {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    let legal = |letter| if allowed(letter) { letter } else { '-' };
    let name: String = field_manager
        .chars()
        .take(LONGEST_NAME)
        .map(legal)
        .collect();
    let name = name.trim_matches(|letter: char| !letter.is_ascii_alphanumeric());
    format!("{APPLIED}{name}")
}

/// Another release of Rust may hash in another way: then each object is applied once more.
fn digest(body: &Value) -> String {
    let mut hasher = DefaultHasher::new();
    body.to_string().hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// Whether all that `desired` sets is in `current`.
fn holds<K: Serialize>(current: &K, desired: &Value) -> Result<bool, kube::Error> {
    let current = serde_json::to_value(current).map_err(kube::Error::SerdeError)?;
    Ok(fields_hold(
        &current,
        desired,
        |key, found, wanted| match key {
            "metadata" => metadata_holds(found, wanted),
            _ => value_holds(found, wanted),
        },
    ))
}

fn metadata_holds(current: &Value, desired: &Value) -> bool {
    fields_hold(current, desired, |key, found, wanted| match key {
        // Lists that others add to.
        "ownerReferences" | "finalizers" => items_are_among(found, wanted),
        _ => value_holds(found, wanted),
    })
}

fn items_are_among(current: &Value, desired: &Value) -> bool {
    let items = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let found = items(current);
    let is_among = |wanted| found.iter().any(|each| value_holds(each, wanted));
    items(desired).iter().all(is_among)
}

fn value_holds(current: &Value, desired: &Value) -> bool {
    match (current, desired) {
        (Value::Object(_), Value::Object(_)) => {
            fields_hold(current, desired, |_, found, wanted| {
                value_holds(found, wanted)
            })
        }
        (Value::Array(found), Value::Array(wanted)) => {
            let mut pairs = found.iter().zip(wanted);
            let equal = |(found, wanted)| value_holds(found, wanted);
            found.len() == wanted.len() && pairs.all(equal)
        }
        _ => current == desired,
    }
}

/// Whether each field of `desired` is in `current`, and `holds` there.
fn fields_hold(
    current: &Value,
    desired: &Value,
    holds: impl Fn(&str, &Value, &Value) -> bool,
) -> bool {
    let mut fields = desired.as_object().into_iter().flatten();
    fields.all(|(key, wanted)| match current.get(key) {
        Some(found) => holds(key, found, wanted),
        None => false,
    })
}

#[cfg(test)]
mod tests;
