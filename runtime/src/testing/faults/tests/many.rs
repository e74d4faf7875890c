//! Reconciles that write more than a few times.

use super::*;

/// Makes many children, each once, and then one with a new name when the cache has none yet.
struct Many(Api<ConfigMap>, Store<ReplicaSet>, Store<ConfigMap>);

const MANY: usize = 5;

impl Reconciler for Many {
    type Object = ReplicaSet;
    type Error = Error;

    async fn reconcile(&self, request: Request) -> Result<Action, Error> {
        let Some(set) = self.1.get(&request) else {
            return Ok(Action::await_change());
        };
        for number in 0..MANY {
            let mut child = child(&set);
            let name = format!("child-{number}");
            child.metadata.name = Some(name.clone());
            if self.2.get(&Request::namespaced("default", name)).is_none() {
                let created = self.0.create(&PostParams::default(), &child).await;
                created.map(drop).or_else(unless_exists)?;
            }
        }
        let found = self.2.list();
        if !found
            .iter()
            .any(|child| child.metadata.generate_name.is_some())
        {
            self.0
                .create(&PostParams::default(), &nameless(&set))
                .await?;
        }
        Ok(Action::await_change())
    }
}

fn unless_exists(error: Error) -> Result<(), Error> {
    match error {
        Error::Api(status) if status.code == 409 && status.reason == "AlreadyExists" => Ok(()),
        error => Err(error),
    }
}

async fn report_of_many(limit: impl FnOnce(Faults<ReplicaSet>) -> Faults<ReplicaSet>) -> Report {
    let mut set = ReplicaSet::default();
    set.metadata.name = Some("sample".to_owned());
    let server = FakeApiServer::new().with_objects([set]).kind::<ConfigMap>();
    let make = |world: &World| {
        let maps = Api::default_namespaced(world.client());
        Many(maps, world.store(), world.store())
    };
    limit(on(&server)).report(make).await
}

#[tokio::test]
async fn all_writes_meet_faults_unless_told_otherwise() {
    assert_eq!(
        on::<ReplicaSet>(&FakeApiServer::new()).most_writes,
        usize::MAX
    );
    let report = report_of_many(|faults| faults).await;
    assert_eq!((report.writes, report.writes_left_out), (MANY + 1, 0));
    let last = format!("started again after write {} ", MANY + 1);
    let mut findings = report.findings.iter();
    assert!(
        findings.any(|finding| finding.at.starts_with(&last)),
        "{report}"
    );
}

#[tokio::test]
async fn writes_that_are_left_out_are_named() {
    let report = report_of_many(|faults| faults.most_writes(1)).await;
    assert_eq!(report.writes_left_out, MANY);
    let said = "NOT TRIED: faults at the last 5 of 6 writes";
    assert!(report.to_string().contains(said), "{report}");
    let last = format!("write {} ", MANY + 1);
    let late = |finding: &Finding| finding.at.contains(&last);
    assert!(!report.findings.iter().any(late), "{report}");
}
