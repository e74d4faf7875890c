//! Reads the labelled objects and writes the bundle into them.

use kube::api::{ListParams, Patch, PatchParams};
use kube::core::{ApiResource, DynamicObject};
use kube::{Api, Client, Resource, ResourceExt as _};
use serde_json::Value;

use super::pair::Hosts;
use super::targets::{InjectionTarget, Place, patch, places};
use super::trouble::{Trouble, refused};

/// In whose name the bundle is written. It owns `caBundle` and nothing else, by `Update`, not `Apply`: an entry of which
/// a field is applied by one could not be taken away by the other any more.
const FIELD_MANAGER: &str = "rustop-ca";

/// The objects that carry a label.
#[derive(Clone)]
pub(super) struct Labelled {
    pub(super) client: Client,
    pub(super) namespace: String,
    /// Those that the certificate was asked for.
    pub(super) hosts: Hosts,
    pub(super) selector: String,
    pub(super) kinds: Vec<InjectionTarget>,
}

/// What was found: objects with places for the bundle, and what went wrong.
#[derive(Default)]
pub(super) struct Survey {
    found: Vec<Found>,
    troubles: Vec<Trouble>,
}

struct Found {
    kind: InjectionTarget,
    name: String,
    places: Vec<Place>,
}

impl Labelled {
    /// Looks at them all.
    pub(super) async fn survey(&self) -> Survey {
        let mut survey = Survey::default();
        for &kind in &self.kinds {
            match self.list(kind).await {
                Ok(found) => survey.found.extend(found),
                Err(trouble) => survey.troubles.push(trouble),
            }
        }
        survey
    }

    /// Writes the bundle where it is missing.
    ///
    /// # Errors
    /// The first of what went wrong. All that could be written is written.
    pub(super) async fn inject(&self, mut survey: Survey, bundle: &Value) -> Result<(), Trouble> {
        for found in &survey.found {
            if let Err(trouble) = self.write(found, bundle).await {
                survey.troubles.push(trouble);
            }
        }
        survey.troubles.into_iter().next().map_or(Ok(()), Err)
    }

    async fn list(&self, kind: InjectionTarget) -> Result<Vec<Found>, Trouble> {
        let parameters = ListParams::default().labels(&self.selector);
        let api: Api<DynamicObject> = self.api(kind);
        let objects = api.list(&parameters).await;
        let objects = objects.map_err(|error| refused("list", kind.resource().plural, error))?;
        let found = |object: DynamicObject| Found {
            kind,
            name: object.name_any(),
            places: places(&object, &self.namespace, &self.hosts),
        };
        Ok(objects.items.into_iter().map(found).collect())
    }

    async fn write(&self, found: &Found, bundle: &Value) -> Result<(), Trouble> {
        let bundle = bundle.as_str().unwrap_or_default();
        let Some(operations) = patch(&found.places, bundle) else {
            return Ok(());
        };
        let Found { kind, name, .. } = found;
        let what = format!("{}/{name}", kind.resource().plural);
        let operations = serde_json::from_value(operations)
            .map_err(|error| refused("patch", what.clone(), kube::Error::SerdeError(error)))?;
        let parameters = PatchParams {
            field_manager: Some(FIELD_MANAGER.to_owned()),
            ..PatchParams::default()
        };
        let patch = Patch::<()>::Json(operations);
        let api: Api<DynamicObject> = self.api(*kind);
        let written = api.patch(name, &parameters, &patch).await;
        written.map_err(|error| refused("patch", what.clone(), error))?;
        tracing::info!(object = what, "wrote the CA bundle of the webhooks");
        Ok(())
    }

    pub(super) fn api<K>(&self, kind: InjectionTarget) -> Api<K>
    where
        K: Resource<DynamicType = ApiResource>,
    {
        Api::all_with(self.client.clone(), &kind.resource())
    }
}

impl Survey {
    /// Whether every place holds this bundle, as far as could be seen.
    pub(super) fn has_everywhere(&self, bundle: &Value) -> bool {
        let bundle = bundle.as_str().unwrap_or_default();
        let has = |found: &Found| patch(&found.places, bundle).is_none();
        self.troubles.is_empty() && self.found.iter().all(has)
    }

    /// The services that the webhooks call.
    pub(super) fn services(&self) -> impl Iterator<Item = &str> {
        let places = self.found.iter().flat_map(|found| &found.places);
        places.filter_map(Place::service)
    }
}
