//! `Everything` on a real API server, with the operator running.

use std::time::Duration;

use api::auth::v1alpha1::Everything as Object;

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
    let objects: Api<Object> = Api::all(operator.client());
    let spec = serde_json::json!({
        "any": {},
        "bool": true,
        "byte": "c2FtcGxl",
        "configMapKeySelector": {
            "key": "key",
            "name": "sample",
        },
        "dateTime": "2030-01-01T00:00:00Z",
        "duration": "30s",
        "int32": 1,
        "int64": 1,
        "intOrString": 1,
        "listNeeded": ["sample", "sample2"],
        "localObjectReference": {
            "name": "sample",
        },
        "mapNeeded": {
            "sample": 1,
        },
        "objectReference": {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "name": "sample",
        },
        "ports": [
            {
                "name": "sample",
                "number": 1,
            },
            {
                "name": "sample2",
                "number": 2,
                "protocol": "UDP",
            },
        ],
        "protocol": "tcp",
        "quantity": "1",
        "secretKeySelector": {
            "key": "key",
            "name": "sample",
        },
        "slug": "sample",
        "string": "sample",
        "userID": "sample",
        "uuid": "123e4567-e89b-42d3-a456-426614174000",
    });
    let spec = serde_json::from_value(spec).unwrap();
    let sample = Object::new("sample", spec);
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
