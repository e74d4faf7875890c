//! Whether a reconciler comes to the same end whatever happens on the way.
//!
//! A reconciler is right when the world ends as the spec says: also when its process dies after any write, when its
//! cache is old, when it was not told of something, when the user changed their mind. These tests find out, after the
//! classes of Sieve (Sun et al., OSDI 2022) and Acto (Gu et al., SOSP 2023): the reconciler runs once undisturbed, and
//! then once for each thing that can go wrong; each time the objects must end the same.
//!
//! ```
//! use k8s_openapi::api::core::v1::{ConfigMap, Secret};
//! # use rustop_runtime::{Action, Reconciler, Request, Store, apply, owner};
//! use rustop_runtime::testing::{FakeApiServer, faults};
//!
//! # struct MyReconciler { client: kube::Client, objects: Store<ConfigMap> }
//! # impl Reconciler for MyReconciler {
//! #     type Object = ConfigMap;
//! #     type Error = kube::Error;
//! #     async fn reconcile(&self, request: Request) -> Result<Action, kube::Error> {
//! #         let Some(object) = self.objects.get(&request) else { return Ok(Action::await_change()) };
//! #         let mut child = Secret::default();
//! #         child.metadata.name = Some("child".into());
//! #         child.metadata.annotations = object.data.clone();
//! #         owner::set_controller(&mut child, object.as_ref());
//! #         let api = kube::Api::namespaced(self.client.clone(), "default");
//! #         apply::apply(&api, &child, "my-operator").await?;
//! #         Ok(Action::await_change())
//! #     }
//! # }
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let mut object = ConfigMap::default();
//! object.metadata.name = Some("sample".into());
//! let server = FakeApiServer::new().with_objects([object]).kind::<Secret>();
//! faults::on(&server)
//!     .change(|object: &mut ConfigMap| object.data = Some([("size".into(), "2".into())].into()))
//!     .check(|world| MyReconciler { client: world.client(), objects: world.store() })
//!     .await;
//! # }
//! ```

mod back;
mod difference;
mod plan;
mod report;
mod run;
mod state;
mod world;

use std::sync::Arc;

use serde::Serialize;

use super::FakeApiServer;
use crate::{Object, Reconciler, Request};
use plan::{Fault, Plan, Step};
use run::{Runner, Trace};

pub use report::{Class, Finding, Report};
pub use world::World;

/// How many events an old cache is behind.
const LAGS: [usize; 3] = [1, 2, 5];

/// What the objects of a kind go through; see [`on`].
#[must_use = "nothing is tested before `check` or `report`"]
pub struct Faults<K> {
    server: FakeApiServer,
    change: Option<Change<K>>,
    most_writes: usize,
}

type Change<K> = Arc<dyn Fn(&mut K) + Send + Sync>;

/// Faults on a server with the objects of `K` to be reconciled, and what else is there; it must serve each kind that is
/// read or written. It stays as it is: each run has a copy.
pub fn on<K: Object + Serialize>(server: &FakeApiServer) -> Faults<K> {
    Faults {
        server: server.copy(),
        change: None,
        most_writes: usize::MAX,
    }
}

impl<K: Object + Serialize> Faults<K> {
    /// Another spec that a user may want, or other labels and annotations. Without it, what needs a change is not tested.
    pub fn change(mut self, change: impl Fn(&mut K) + Send + Sync + 'static) -> Self {
        self.change = Some(Arc::new(change));
        self
    }

    /// Disturbs the first `number` writes only; all of them unless this is called.
    ///
    /// Each write meets five or six faults in runs of their own, so that time grows with the square of their number: tens
    /// of writes take seconds, hundreds take minutes. The [report](Report::writes_left_out) says how many were left out.
    pub fn most_writes(mut self, number: usize) -> Self {
        self.most_writes = number;
        self
    }

    /// Runs everything that is in [`Class`], with a reconciler from `make` for each process that starts.
    ///
    /// # Panics
    /// When something was found; the message says what.
    pub async fn check<R>(self, make: impl Fn(&World) -> R)
    where
        R: Reconciler<Object = K>,
    {
        let report = self.report(make).await;
        assert!(report.is_clean(), "{report}");
    }

    /// As [`check`](Self::check), but says what was found.
    pub async fn report<R>(self, make: impl Fn(&World) -> R) -> Report
    where
        R: Reconciler<Object = K>,
    {
        let runner = Runner {
            server: self.server,
            change: self.change,
            most_writes: self.most_writes,
            make,
        };
        runner.everything().await
    }
}

impl<K, R, F> Runner<K, F>
where
    K: Object + Serialize,
    R: Reconciler<Object = K>,
    F: Fn(&World) -> R,
{
    async fn everything(&self) -> Report {
        let mut report = Report::default();
        if self.server.objects::<K>().is_empty() {
            let kind = K::kind(&());
            let help = "help: give it one that can be read as its type, `.with_objects([…])`";
            let nothing = format!("the server has no {kind} to be reconciled; {help}\n");
            report.find(Class::Undisturbed, "before anything", &nothing);
            return report;
        }
        let story = self.story();
        let calm = self.run(&Plan::of(&story)).await;
        report.count();
        if let Some(error) = &calm.error {
            report.find(Class::Undisturbed, "without any fault", error);
            return report;
        }
        if let Some(held) = &calm.held {
            report.find(Class::Undisturbed, "deleted, without any fault", held);
        }
        report.writes = calm.writes.len();
        report.writes_left_out = report.writes.saturating_sub(self.most_writes);
        self.cuts(&story, &calm, &mut report).await;
        self.deletions(&calm, &mut report).await;
        self.old_caches(&story, &calm, &mut report).await;
        self.changes(&mut report).await;
        self.quiet(&mut report).await;
        self.children(&calm, &mut report).await;
        report
    }

    /// The life of the objects: they appear, they change, they are deleted.
    fn story(&self) -> Vec<Step> {
        let mut story = vec![Step::Settle];
        if self.change.is_some() {
            story.extend([Step::Change, Step::Settle]);
        }
        story.extend([Step::Delete, Step::Settle]);
        story
    }

    async fn cuts(&self, story: &[Step], calm: &Trace, report: &mut Report) {
        for (index, write) in calm.writes.iter().enumerate().take(self.most_writes) {
            for fault in Fault::ALL {
                let plan = Plan::of(story).with(index + 1, fault);
                let class = fault.class();
                let at = format!("at write {} ({write})", index + 1);
                self.expect(calm, &plan, (class, &at), report).await;
            }
        }
    }

    async fn deletions(&self, calm: &Trace, report: &mut Report) {
        let steps = [Step::Settle, Step::Delete, Step::Settle];
        let deleted = self.run(&Plan::of(&steps)).await;
        let first = self.run(&Plan::of(&steps[..1])).await;
        for (index, write) in calm
            .writes
            .iter()
            .enumerate()
            .take(first.writes.len().min(self.most_writes))
        {
            let steps = [Step::UntilCut, Step::Delete, Step::Settle];
            let plan = Plan::of(&steps).with(index + 1, Fault::CutAfter);
            let at = format!("cut after write {} ({write}), then deleted", index + 1);
            self.expect_end(&deleted, &plan, (Class::DeletedMeanwhile, &at), report)
                .await;
        }
    }

    async fn old_caches(&self, story: &[Step], calm: &Trace, report: &mut Report) {
        for lag in LAGS {
            let plan = Plan {
                lag,
                ..Plan::of(story)
            };
            let at = format!("with a cache that is {lag} events behind");
            self.expect(calm, &plan, (Class::OldCache, &at), report)
                .await;
        }
        for (index, write) in calm.writes.iter().enumerate().take(self.most_writes) {
            let mut plan = Plan::of(story).with(index + 1, Fault::CutAfter);
            plan.lag_after_restart = 2;
            let at = format!(
                "started again after write {} ({write}), 2 events behind",
                index + 1
            );
            self.expect(calm, &plan, (Class::OldCache, &at), report)
                .await;
        }
    }

    async fn changes(&self, report: &mut Report) {
        use Step::{Change, ChangeBack, Settle};
        if self.change.is_none() {
            return;
        }
        let before = self.run(&Plan::of(&[Settle])).await;
        let after = self.run(&Plan::of(&[Change, Settle])).await;
        let late = Plan::of(&[Settle, Change, Settle]);
        let at = "changed after it had settled";
        self.expect_end(&after, &late, (Class::Change, at), report)
            .await;
        let back = Plan::of(&[Settle, Change, Settle, ChangeBack, Settle]);
        self.expect_end(
            &before,
            &back,
            (Class::ThereAndBack, "changed, and changed back"),
            report,
        )
        .await;
        let unseen = Plan::of(&[Settle, Change, ChangeBack, Settle]);
        let at = "changed and changed back before anybody looked";
        self.expect_end(&before, &unseen, (Class::MissedEvents, at), report)
            .await;
    }

    /// Nothing changed, so nothing is written, by the same process or a new one.
    async fn quiet(&self, report: &mut Report) {
        let trace = self.run(&Plan::of(&[Step::Settle, Step::Again])).await;
        report.count();
        if let Some(error) = &trace.error {
            report.find(
                Class::Quiet,
                "reconciled again although nothing had changed",
                error,
            );
        }
        report.idle_writes = trace.idle_writes;
    }

    /// What was made by the reconciler is taken away, or was somebody else's from the start.
    async fn children(&self, calm: &Trace, report: &mut Report) {
        for child in calm.made() {
            let (step, name) = (Step::Lose(child.key.clone()), &child.said);
            let plan = Plan::of(&[Step::Settle, step, Step::Settle]);
            let before = calm.first();
            let at = format!("{name} was deleted by somebody");
            self.expect_end(&before, &plan, (Class::MissedEvents, &at), report)
                .await;
            if !child.is_controlled {
                continue;
            }
            let plan = Plan::of(&[
                Step::Occupy(child.object.clone()),
                Step::Try,
                Step::Delete,
                Step::Try,
            ]);
            let trace = self.run(&plan).await;
            report.count();
            if let Some(error) = &trace.error {
                let at = format!("{name} belongs to somebody else");
                report.find(Class::Foreign, &at, error);
            }
        }
    }

    /// Each time it settles the objects are as without the fault.
    async fn expect(&self, calm: &Trace, plan: &Plan, said: (Class, &str), report: &mut Report) {
        let trace = self.run(plan).await;
        report.count();
        report.judge(said, trace.error.clone().or_else(|| calm.differs(&trace)));
    }

    /// The objects end as in the other run.
    async fn expect_end(
        &self,
        other: &Trace,
        plan: &Plan,
        said: (Class, &str),
        report: &mut Report,
    ) {
        let trace = self.run(plan).await;
        report.count();
        report.judge(
            said,
            trace.error.clone().or_else(|| other.ends_otherwise(&trace)),
        );
    }
}

/// Names objects for people.
fn say(request: &Request, kind: &str) -> String {
    format!("{kind} {request}")
}

#[cfg(test)]
mod tests;
