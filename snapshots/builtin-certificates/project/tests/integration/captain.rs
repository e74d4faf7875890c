//! `Captain` on a real API server, with the operator running.

use std::time::Duration;

use api::crew::v1::Captain as Object;

use kube::Api;
use kube::api::{DeleteParams, PostParams};
use kube::runtime::conditions::is_deleted;
use kube::runtime::wait::await_condition;
use runtime::conditions::is_true;
use tokio::time::timeout;

use crate::operator::Operator;

const DEADLINE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn an_object_becomes_ready_and_goes() {
    let operator = Operator::start().await;
    let objects: Api<Object> = Api::namespaced(operator.client(), "default");
    let sample = Object::new("sample", Default::default());
    let created = objects.create(&PostParams::default(), &sample).await;
    let uid = created.unwrap().metadata.uid.unwrap();

    let ready = await_condition(objects.clone(), "sample", is_ready);
    timeout(DEADLINE, ready).await.unwrap().unwrap();

    let parameters = DeleteParams::default();
    objects.delete("sample", &parameters).await.unwrap();
    let gone = await_condition(objects, "sample", is_deleted(&uid));
    timeout(DEADLINE, gone).await.unwrap().unwrap();
}

fn is_ready(object: Option<&Object>) -> bool {
    let status = object.and_then(|object| object.status.as_ref());
    status.is_some_and(|status| is_true(&status.conditions, "Ready"))
}
