use k8s_openapi::api::core::v1::ConfigMap;
use kube::Api;

use super::*;

#[tokio::test]
async fn answers_come_in_order_and_the_last_one_stays() {
    let path = "/api/v1/namespaces/default/configmaps/a";
    let server = FakeApiServer::new()
        .on("GET", path, Answer::not_found())
        .on("GET", path, Answer::ok(&ConfigMap::default()));
    let api: Api<ConfigMap> = Api::default_namespaced(server.client());
    let mut found = Vec::new();
    for _ in 0..3 {
        found.push(api.get_opt("a").await.unwrap().is_some());
    }
    assert_eq!(found, [false, true, true]);
}

#[tokio::test]
async fn what_it_was_not_told_is_a_501() {
    let server = FakeApiServer::new();
    let api: Api<ConfigMap> = Api::default_namespaced(server.client());
    match api.get("a").await {
        Err(kube::Error::Api(status)) => assert_eq!(status.code, 501),
        other => panic!("{other:?}"),
    }
}
