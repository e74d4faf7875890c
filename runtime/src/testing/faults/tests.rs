//! Each classic bug, and the class that finds it.

use std::sync::atomic::{AtomicBool, Ordering};

use k8s_openapi::api::apps::v1::{ReplicaSet, ReplicaSetSpec, ReplicaSetStatus};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{DeleteParams, ObjectMeta, Patch, PatchParams, PostParams, Preconditions};
use kube::{Api, Client, Error, ResourceExt as _};
use serde_json::json;

use super::*;
use crate::apply::{apply, patch_status};
use crate::finalizer::{Event, finalizer};
use crate::{Action, Store, owner};

mod many;

/// What a reconciler does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bug {
    Nothing,
    /// Gives its child a new name each time that it doesn't know one from the status.
    NamesAnew,
    /// Creates, then records that it did, and can't create twice.
    CreatesOnce,
    /// Makes a child with a new name when the cache has none.
    AsksTheCache,
    /// Makes something outside before its finalizer is there.
    FinalizerLate,
    /// Creates what is missing and doesn't look at what is there.
    ForgetsSpec,
    /// Deletes a name, whoever's it is.
    DeletesByName,
    /// Takes no notice of a write that failed.
    SwallowsErrors,
    /// Writes something else each time.
    WritesAlways,
    /// Writes something each time that it starts.
    WritesAtStart,
    /// Believes its own status.
    TrustsStatus,
    /// Leaves what the earlier spec asked for.
    LeavesExtra,
    /// Never takes its finalizer away.
    KeepsFinalizer,
    /// Sets the owner of what it creates, and the content of whatever is there.
    OverwritesByName,
}

struct Tested {
    bug: Bug,
    client: Client,
    objects: Store<ReplicaSet>,
    children: Store<ConfigMap>,
    started: AtomicBool,
}

const FINALIZER: &str = "example.com/cleanup";

impl Tested {
    fn new(bug: Bug, world: &World) -> Self {
        Self {
            bug,
            client: world.client(),
            objects: world.store(),
            children: world.store(),
            started: AtomicBool::new(false),
        }
    }

    fn maps(&self) -> Api<ConfigMap> {
        Api::default_namespaced(self.client.clone())
    }

    fn sets(&self) -> Api<ReplicaSet> {
        Api::default_namespaced(self.client.clone())
    }

    async fn work(&self, set: &ReplicaSet) -> Result<Action, Error> {
        self.outside(set).await?;
        let made = set
            .status
            .as_ref()
            .is_some_and(|status| status.replicas > 0);
        match self.bug {
            Bug::NamesAnew => return self.name_anew(set).await,
            Bug::AsksTheCache if self.children.list().iter().any(|child| is_of(child, set)) => {}
            Bug::AsksTheCache => {
                self.maps()
                    .create(&PostParams::default(), &nameless(set))
                    .await?;
            }
            Bug::CreatesOnce if !made => {
                self.maps()
                    .create(&PostParams::default(), &child(set))
                    .await?;
            }
            Bug::CreatesOnce => {}
            Bug::TrustsStatus if made => {}
            Bug::OverwritesByName => self.overwrite(set).await?,
            Bug::ForgetsSpec => {
                if self
                    .children
                    .get(&Request::namespaced("default", set.name_any()))
                    .is_none()
                {
                    apply(&self.maps(), &child(set), "tested").await?;
                }
            }
            _ => _ = apply(&self.maps(), &child(set), "tested").await?,
        }
        self.extra(set).await?;
        self.note(set).await?;
        Ok(Action::await_change())
    }

    async fn overwrite(&self, set: &ReplicaSet) -> Result<(), Error> {
        let (maps, wanted) = (self.maps(), child(set));
        if maps.get_opt(&set.name_any()).await?.is_none() {
            return maps.create(&PostParams::default(), &wanted).await.map(drop);
        }
        let patch = Patch::Merge(json!({"data": wanted.data, "metadata": {"labels": null}}));
        maps.patch(&set.name_any(), &PatchParams::default(), &patch)
            .await
            .map(drop)
    }

    /// What no owner reference removes.
    async fn outside(&self, set: &ReplicaSet) -> Result<(), Error> {
        let mut outside = ConfigMap::default();
        outside.metadata.name = Some(format!("outside-{}", set.name_any()));
        apply(&self.maps(), &outside, "tested").await.map(drop)
    }

    async fn name_anew(&self, set: &ReplicaSet) -> Result<Action, Error> {
        if set.annotations().contains_key("example.com/child") {
            return Ok(Action::await_change());
        }
        let made = self
            .maps()
            .create(&PostParams::default(), &nameless(set))
            .await?;
        self.annotate(set, "example.com/child", &made.name_any())
            .await
    }

    async fn annotate(&self, set: &ReplicaSet, name: &str, value: &str) -> Result<Action, Error> {
        let patch = Patch::Merge(json!({"metadata": {"annotations": {name: value}}}));
        self.sets()
            .patch(&set.name_any(), &PatchParams::default(), &patch)
            .await?;
        Ok(Action::await_change())
    }

    /// A second child for three replicas and more.
    async fn extra(&self, set: &ReplicaSet) -> Result<(), Error> {
        let mut extra = child(set);
        let name = format!("{}-extra", set.name_any());
        extra.metadata.name = Some(name.clone());
        if replicas(set) > 2 {
            return apply(&self.maps(), &extra, "tested").await.map(drop);
        }
        if self.bug == Bug::LeavesExtra {
            return Ok(());
        }
        match self.maps().get_opt(&name).await? {
            Some(found) if is_of(&found, set) => delete(&self.maps(), &found).await,
            _ => Ok(()),
        }
    }

    async fn note(&self, set: &ReplicaSet) -> Result<(), Error> {
        let mut status = set.status.clone().unwrap_or_default();
        status.replicas = replicas(set);
        if self.bug == Bug::WritesAlways {
            let count = format!("{}", count(set) + 1);
            self.annotate(set, "example.com/made", &count).await?;
        }
        if self.bug == Bug::WritesAtStart && !self.started.swap(true, Ordering::Relaxed) {
            let count = format!("{}", count(set) + 1);
            self.annotate(set, "example.com/made", &count).await?;
        }
        patch_status::<_, ReplicaSetStatus>(&self.sets(), set, &status)
            .await
            .map(drop)
    }

    async fn cleanup(&self, set: &ReplicaSet) -> Result<Action, Error> {
        let outside = format!("outside-{}", set.name_any());
        if let Some(found) = self.maps().get_opt(&outside).await? {
            delete(&self.maps(), &found).await?;
        }
        if self.bug == Bug::DeletesByName && self.maps().get_opt(&set.name_any()).await?.is_some() {
            self.maps()
                .delete(&set.name_any(), &DeleteParams::default())
                .await?;
        }
        Ok(Action::await_change())
    }
}

fn count(set: &ReplicaSet) -> i32 {
    let said = set.annotations().get("example.com/made");
    said.and_then(|said| said.parse().ok()).unwrap_or(0)
}

fn replicas(set: &ReplicaSet) -> i32 {
    set.spec
        .as_ref()
        .and_then(|spec| spec.replicas)
        .unwrap_or(1)
}

fn child(set: &ReplicaSet) -> ConfigMap {
    let mut child = ConfigMap::default();
    child.metadata.name = Some(set.name_any());
    child.data = Some([("size".to_owned(), replicas(set).to_string())].into());
    owner::set_controller(&mut child, set).unwrap();
    child
}

fn nameless(set: &ReplicaSet) -> ConfigMap {
    let mut made = child(set);
    made.metadata.name = None;
    made.metadata.generate_name = Some("child-".to_owned());
    made
}

fn is_of(child: &ConfigMap, set: &ReplicaSet) -> bool {
    let owners = child.owner_references().iter();
    owners
        .map(|owner| Some(&owner.uid))
        .any(|uid| uid == set.metadata.uid.as_ref())
}

/// This very object, and no other of its name.
async fn delete(api: &Api<ConfigMap>, found: &ConfigMap) -> Result<(), Error> {
    let parameters = DeleteParams::default().preconditions(Preconditions {
        uid: found.metadata.uid.clone(),
        resource_version: None,
    });
    match api.delete(&found.name_any(), &parameters).await {
        Err(Error::Api(status)) if status.code == 404 => Ok(()),
        result => result.map(drop),
    }
}

impl Reconciler for Tested {
    type Object = ReplicaSet;
    type Error = Error;

    async fn reconcile(&self, request: Request) -> Result<Action, Error> {
        let Some(set) = self.objects.get(&request) else {
            return Ok(Action::await_change());
        };
        if self.bug == Bug::KeepsFinalizer && set.metadata.deletion_timestamp.is_some() {
            return self.cleanup(&set).await;
        }
        if self.bug == Bug::FinalizerLate && set.metadata.deletion_timestamp.is_none() {
            self.outside(&set).await?;
        }
        let sets = self.sets();
        let result = finalizer(&sets, FINALIZER, set, |event| async {
            match event {
                Event::Apply(set) => self.work(&set).await,
                Event::Cleanup(set) => self.cleanup(&set).await,
            }
        });
        match result.await {
            Err(_) if self.bug == Bug::SwallowsErrors => Ok(Action::await_change()),
            result => result,
        }
    }
}

async fn report(bug: Bug) -> Report {
    let set = ReplicaSet {
        metadata: ObjectMeta {
            name: Some("sample".to_owned()),
            ..ObjectMeta::default()
        },
        spec: Some(ReplicaSetSpec {
            replicas: Some(1),
            ..ReplicaSetSpec::default()
        }),
        status: None,
    };
    let server = FakeApiServer::new().with_objects([set]).kind::<ConfigMap>();
    let change = |set: &mut ReplicaSet| set.spec.as_mut().unwrap().replicas = Some(3);
    let report = on(&server)
        .change(change)
        .report(|world| Tested::new(bug, world))
        .await;
    assert_eq!(server.requests(), [], "each run has a copy");
    report
}

#[tokio::test]
async fn a_good_reconciler_comes_through() {
    let report = report(Bug::Nothing).await;
    assert!(report.is_clean(), "{report}");
    assert!(report.runs > 50, "{}", report.runs);
    // It applies its two children each time.
    assert_eq!(report.idle_writes, 4);
}

/// The bug is found, and by this class.
async fn check(bug: Bug, class: Class) {
    let report = report(bug).await;
    assert!(report.has(class), "{bug:?} {class:?}: {report}");
}

#[tokio::test]
async fn a_child_that_is_made_before_it_is_recorded_is_made_twice() {
    check(Bug::NamesAnew, Class::CutAfter).await;
    check(Bug::NamesAnew, Class::OldCache).await;
}

#[tokio::test]
async fn what_can_be_created_only_once_is_found() {
    check(Bug::CreatesOnce, Class::CutAfter).await;
}

#[tokio::test]
async fn who_takes_an_old_cache_for_the_truth_is_found() {
    check(Bug::AsksTheCache, Class::OldCache).await;
}

#[tokio::test]
async fn a_finalizer_that_comes_too_late_is_found() {
    check(Bug::FinalizerLate, Class::DeletedMeanwhile).await;
}

#[tokio::test]
async fn a_change_that_is_not_followed_is_found() {
    check(Bug::ForgetsSpec, Class::Change).await;
}

#[tokio::test]
async fn the_object_of_somebody_else_is_missed() {
    check(Bug::DeletesByName, Class::Foreign).await;
}

#[tokio::test]
async fn the_object_of_somebody_else_is_not_written_to() {
    check(Bug::OverwritesByName, Class::Foreign).await;
}

#[tokio::test]
async fn a_finalizer_that_never_goes_is_found() {
    let report = report(Bug::KeepsFinalizer).await;
    assert!(report.has(Class::Undisturbed), "{report}");
    let said = format!("the finalizer `{FINALIZER}` stays on ReplicaSet default/sample");
    assert!(report.to_string().contains(&said), "{report}");
}

#[tokio::test]
async fn where_there_is_nothing_to_reconcile_nothing_is_right() {
    let server = FakeApiServer::new()
        .kind::<ReplicaSet>()
        .kind::<ConfigMap>();
    let report = on(&server)
        .report(|world| Tested::new(Bug::Nothing, world))
        .await;
    assert!(report.has(Class::Undisturbed), "{report}");
}

/// Mirrors an annotation in its child, and is right.
struct Mirror(Api<ConfigMap>, Store<ReplicaSet>);

impl Reconciler for Mirror {
    type Object = ReplicaSet;
    type Error = Error;

    async fn reconcile(&self, request: Request) -> Result<Action, Error> {
        if let Some(set) = self.1.get(&request) {
            let mut child = child(&set);
            child.data = Some(set.annotations().clone());
            apply(&self.0, &child, "tested").await?;
        }
        Ok(Action::await_change())
    }
}

#[tokio::test]
async fn a_changed_annotation_is_changed_back() {
    let mut set = ReplicaSet::default();
    set.metadata.name = Some("sample".to_owned());
    let server = FakeApiServer::new().with_objects([set]).kind::<ConfigMap>();
    let change = |set: &mut ReplicaSet| {
        set.annotations_mut().insert("a".into(), "b".into());
    };
    let make = |world: &World| Mirror(Api::default_namespaced(world.client()), world.store());
    on(&server).change(change).check(make).await;
}

#[tokio::test]
async fn errors_that_are_swallowed_are_found() {
    check(Bug::SwallowsErrors, Class::Failure).await;
    check(Bug::SwallowsErrors, Class::Conflict).await;
}

#[tokio::test]
async fn who_never_stops_writing_does_not_settle() {
    let report = report(Bug::WritesAlways).await;
    assert!(report.has(Class::Undisturbed), "{report}");
    assert_eq!(report.runs, 1);
}

#[tokio::test]
async fn a_write_at_each_start_is_found() {
    check(Bug::WritesAtStart, Class::Quiet).await;
}

#[tokio::test]
async fn a_status_that_is_believed_hides_a_lost_child() {
    check(Bug::TrustsStatus, Class::MissedEvents).await;
}

#[tokio::test]
async fn what_an_earlier_spec_asked_for_is_found() {
    check(Bug::LeavesExtra, Class::ThereAndBack).await;
}
