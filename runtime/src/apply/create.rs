//! Read, change, write: for what others write as well, so that it can't be applied as a whole.

use std::fmt::Debug;

use http::Request;
use kube::api::{GetParams, PostParams};
use kube::core::Request as Resources;
use kube::{Api, Resource};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::has_code;
use crate::{cache, carry_over};

/// What [`create_or_update`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There was no such object.
    Created,
    /// It was changed.
    Updated,
    /// It was as it should be, and nothing was sent.
    Unchanged,
}

/// Reads the object `name`, lets `change` bring it to what it should be, and writes it if that changed anything.
/// controller-runtime's `CreateOrUpdate`.
///
/// `change` gets the object as it is, or an empty one with its name. The object is read live, so that what the cache
/// doesn't show yet is not created twice. Where nobody else writes the object, [`apply`](super::apply) needs one request
/// less.
///
/// What the API server knows and the type `K` has no field for stays as it is: what `change` did is carried over to what
/// was read, so that a type that is older than the cluster loses nothing of what others set. In Go it is lost.
///
/// ```no_run
/// # use k8s_openapi::api::core::v1::ConfigMap;
/// # use rustop_runtime::apply::create_or_update;
/// # async fn example(api: kube::Api<ConfigMap>) -> Result<(), kube::Error> {
/// let (settings, outcome) = create_or_update(&api, "settings", |settings: &mut ConfigMap| {
///     settings.data.get_or_insert_default().insert("mode".into(), "fast".into());
/// })
/// .await?;
/// # let _ = (settings, outcome);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// What the API server or the connection says. Somebody else's write in between is a conflict (409): reconcile again.
pub async fn create_or_update<K>(
    api: &Api<K>,
    name: &str,
    change: impl FnOnce(&mut K),
) -> Result<(K, Outcome), kube::Error>
where
    K: Resource + Clone + Debug + Default + DeserializeOwned + Serialize,
{
    let Some(found) = read(api, name).await? else {
        return create(api, name, change).await;
    };
    let mut object: K = serde_json::from_value(found.clone()).map_err(kube::Error::SerdeError)?;
    let before = value(&object)?;
    change(&mut object);
    let after = value(&object)?;
    if after == before {
        return Ok((object, Outcome::Unchanged));
    }
    let wanted = carry_over::onto::<K>(&found, &before, &after);
    let updated = replace(api, name, &wanted).await?;
    cache::record(api, &updated);
    Ok((updated, Outcome::Updated))
}

async fn create<K>(
    api: &Api<K>,
    name: &str,
    change: impl FnOnce(&mut K),
) -> Result<(K, Outcome), kube::Error>
where
    K: Resource + Clone + Debug + Default + DeserializeOwned + Serialize,
{
    let mut object = K::default();
    object.meta_mut().name = Some(name.to_owned());
    change(&mut object);
    let created = api.create(&PostParams::default(), &object).await?;
    cache::record(api, &created);
    Ok((created, Outcome::Created))
}

/// The object with all that the API server says of it, as `Api::get_opt` would ask for it.
async fn read<K>(api: &Api<K>, name: &str) -> Result<Option<Value>, kube::Error>
where
    K: Resource + Clone + Debug + DeserializeOwned,
{
    let request = Resources::new(api.resource_url()).get(name, &GetParams::default());
    match send(api, request, "get").await {
        Err(error) if has_code(&error, 404) => Ok(None),
        found => found.map(Some),
    }
}

async fn replace<K>(api: &Api<K>, name: &str, object: &Value) -> Result<K, kube::Error>
where
    K: Resource + Clone + Debug + DeserializeOwned,
{
    let body = serde_json::to_vec(object).map_err(kube::Error::SerdeError)?;
    let request = Resources::new(api.resource_url()).replace(name, &PostParams::default(), body);
    send(api, request, "replace").await
}

/// `operation` is what the request's span is called.
async fn send<K, T>(
    api: &Api<K>,
    request: Result<Request<Vec<u8>>, kube::core::request::Error>,
    operation: &'static str,
) -> Result<T, kube::Error>
where
    K: Resource + Clone + Debug + DeserializeOwned,
    T: DeserializeOwned,
{
    let mut request = request.map_err(kube::Error::BuildRequest)?;
    request.extensions_mut().insert(operation);
    api.clone().into_client().request(request).await
}

fn value(object: &impl Serialize) -> Result<Value, kube::Error> {
    serde_json::to_value(object).map_err(kube::Error::SerdeError)
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::ConfigMap;
    use serde_json::json;

    use super::*;
    use crate::testing::{Answer, FakeApiServer};

    const ONE: &str = "/api/v1/namespaces/ns/configmaps/c";
    const ALL: &str = "/api/v1/namespaces/ns/configmaps";

    fn config(value: &str) -> ConfigMap {
        let mut object = ConfigMap::default();
        object.metadata.name = Some("c".into());
        object.metadata.resource_version = Some("7".into());
        set(&mut object, value);
        object
    }

    fn set(object: &mut ConfigMap, value: &str) {
        let data = object.data.get_or_insert_default();
        data.insert("key".into(), value.into());
    }

    async fn change_to(server: &FakeApiServer, value: &str) -> Outcome {
        let api: Api<ConfigMap> = Api::namespaced(server.client(), "ns");
        let done = create_or_update(&api, "c", |object| set(object, value)).await;
        done.unwrap().1
    }

    #[tokio::test]
    async fn what_is_not_there_is_created() {
        let server = FakeApiServer::new().on("GET", ONE, Answer::not_found()).on(
            "POST",
            ALL,
            Answer::ok(&config("a")),
        );
        assert_eq!(change_to(&server, "a").await, Outcome::Created);
        let body = &server.requests()[1].body;
        assert_eq!(body["metadata"], json!({"name": "c"}));
        assert_eq!(body["data"], json!({"key": "a"}));
    }

    #[tokio::test]
    async fn what_is_right_is_left_alone() {
        let server = FakeApiServer::new().on("GET", ONE, Answer::ok(&config("a")));
        assert_eq!(change_to(&server, "a").await, Outcome::Unchanged);
        assert_eq!(server.requests().len(), 1);
    }

    /// With the resourceVersion that was read, so that nobody's write is lost.
    #[tokio::test]
    async fn a_change_is_written_over_what_was_read() {
        let server = FakeApiServer::new()
            .on("GET", ONE, Answer::ok(&config("a")))
            .on("PUT", ONE, Answer::ok(&config("b")));
        assert_eq!(change_to(&server, "b").await, Outcome::Updated);
        let body = &server.requests()[1].body;
        assert_eq!(body["metadata"]["resourceVersion"], "7");
        assert_eq!(body["data"], json!({"key": "b"}));
    }

    /// The type is older than the cluster.
    #[tokio::test]
    async fn what_the_type_does_not_know_stays() {
        let mut found = serde_json::to_value(config("a")).unwrap();
        found["younger"] = json!({"than": ["the type"]});
        let server = FakeApiServer::new().on("GET", ONE, Answer::ok(&found)).on(
            "PUT",
            ONE,
            Answer::ok(&config("b")),
        );
        assert_eq!(change_to(&server, "b").await, Outcome::Updated);
        let body = &server.requests()[1].body;
        assert_eq!(body["younger"], found["younger"]);
        assert_eq!(body["data"], json!({"key": "b"}));
    }
}
