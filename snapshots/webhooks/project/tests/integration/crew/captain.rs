// Copyright 2026.
//
// Licensed under the Apache License, Version 2.0 (the "License");
// you may not use this file except in compliance with the License.
// You may obtain a copy of the License at
//
//     http://www.apache.org/licenses/LICENSE-2.0
//
// Unless required by applicable law or agreed to in writing, software
// distributed under the License is distributed on an "AS IS" BASIS,
// WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
// See the License for the specific language governing permissions and
// limitations under the License.

//! `Captain` on a real API server, with the operator running.

use std::time::Duration;

use api::crew::v1beta1::Captain as Object;

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
