//! Sends requests and writes down what came back, so that two servers can be compared.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use futures::{StreamExt as _, TryStreamExt as _};
use http::Request;
use kube::Client;
use kube::api::WatchEvent;
use kube::client::Body;
use serde_json::{Map, Value, json};

/// What a scenario does with a server, and what the server said.
pub(crate) struct Script {
    client: Client,
    pub(crate) namespace: String,
    transcript: Vec<Value>,
    seen: HashMap<String, String>,
    patience: Duration,
}

impl Script {
    pub(crate) fn new(client: Client, namespace: &str, patience: Duration) -> Self {
        Self {
            client,
            namespace: namespace.to_owned(),
            transcript: Vec::new(),
            seen: HashMap::new(),
            patience,
        }
    }

    pub(crate) fn into_transcript(self) -> Vec<Value> {
        self.transcript
    }

    /// The path of a kind's objects in the scenario's namespace.
    pub(crate) fn path(&self, api: &str, plural: &str) -> String {
        format!("{api}/namespaces/{}/{plural}", self.namespace)
    }

    /// Sends a request and writes down the whole answer, without what differs from run to run.
    pub(crate) async fn send(&mut self, request: &str, body: Value) -> Value {
        let answer = self.ask(request, body).await;
        let normal = self.normal(&answer);
        self.transcript
            .push(json!({ "request": request, "answer": normal }));
        answer
    }

    /// As [`send`](Self::send), but of the answer only these fields: for kinds that the fake doesn't default.
    pub(crate) async fn send_for(&mut self, request: &str, body: Value, fields: &[&str]) -> Value {
        let answer = self.ask(request, body).await;
        let mut normal = self.normal(&answer);
        if answer["kind"] != "Status" {
            let chosen = fields.iter().map(|&field| {
                let found = normal.pointer(field).cloned().unwrap_or_default();
                (field.to_owned(), found)
            });
            normal = Value::Object(chosen.collect());
        }
        self.transcript
            .push(json!({ "request": request, "answer": normal }));
        answer
    }

    /// Sends a request whose words differ from run to run.
    pub(crate) async fn unwritten(&self, request: &str) -> Value {
        self.ask(request, Value::Null).await
    }

    pub(crate) fn note(&mut self, said: &Value) {
        self.transcript.push(said.clone());
    }

    /// Asks until the answer is as wanted: what the garbage collector does comes later on a real server.
    pub(crate) async fn settle(&mut self, request: &str, wanted: impl Fn(&Value) -> bool) {
        let deadline = Instant::now() + self.patience;
        let mut answer = self.ask(request, Value::Null).await;
        while !wanted(&answer) && Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(50)).await;
            answer = self.ask(request, Value::Null).await;
        }
        let normal = self.normal(&answer);
        self.transcript
            .push(json!({ "request": request, "answer": normal }));
    }

    /// The next events of a watch.
    pub(crate) async fn events(&mut self, path: &str, number: usize) {
        let request = Request::get(path).body(Vec::new()).unwrap();
        let stream = self.client.request_events::<Value>(request).await.unwrap();
        let read = stream.take(number).try_collect::<Vec<_>>();
        let events = tokio::time::timeout(self.patience, read).await;
        for event in events.expect("the watch says nothing more").unwrap() {
            let (type_, object) = match event {
                WatchEvent::Added(object) => ("ADDED", object),
                WatchEvent::Modified(object) => ("MODIFIED", object),
                WatchEvent::Deleted(object) => ("DELETED", object),
                WatchEvent::Bookmark(_) => ("BOOKMARK", Value::Null),
                WatchEvent::Error(status) => ("ERROR", json!(status.code)),
            };
            let normal = self.normal(&object);
            self.transcript
                .push(json!({ "event": type_, "object": normal }));
        }
    }

    /// `request` is a verb and a path, for patches with the sort of patch in between: `PATCH merge /api/…`.
    async fn ask(&self, request: &str, body: Value) -> Value {
        let parts: Vec<&str> = request.split(' ').collect();
        let content_type = match parts.get(1) {
            Some(&"merge") => "application/merge-patch+json",
            Some(&"json") => "application/json-patch+json",
            Some(&"apply") => "application/apply-patch+yaml",
            Some(&"odd") => "application/odd+json",
            _ => "application/json",
        };
        let (path, accept) = match parts[parts.len() - 1].split_once("#metadata") {
            Some((path, _)) => (
                path,
                "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
            ),
            None => (parts[parts.len() - 1], "application/json"),
        };
        let accept = match path.contains("limit=") && accept.contains("Partial") {
            true => "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
            false => accept,
        };
        let body = if body.is_null() {
            Vec::new()
        } else {
            body.to_string().into_bytes()
        };
        let request = Request::builder()
            .method(parts[0])
            .uri(path.replace('$', &self.namespace))
            .header("accept", accept)
            .header("content-type", content_type)
            .header("user-agent", "conformance/1")
            .body(Body::from(body))
            .unwrap();
        let response = self.client.send(request).await.unwrap();
        let bytes = response.into_body().collect_bytes().await.unwrap();
        serde_json::from_slice(&bytes).unwrap_or(Value::Null)
    }

    fn normal(&mut self, answer: &Value) -> Value {
        if answer["kind"] != "Status" {
            return self.normal_value(answer, "");
        }
        let details = &answer["details"];
        if answer["status"] == "Success" {
            return json!({ "status": "Success", "kind": details["kind"], "name": details["name"], "group": details["group"] });
        }
        let causes = details["causes"].as_array().into_iter().flatten();
        let mut causes: Vec<String> = causes
            .map(|cause| format!("{} {}", cause["reason"], cause["field"]))
            .collect();
        causes.sort();
        causes.dedup();
        json!({ "code": answer["code"], "reason": answer["reason"], "causes": causes })
    }

    fn normal_value(&mut self, value: &Value, name: &str) -> Value {
        match (value, name) {
            (Value::Object(fields), _) => {
                let is_list = fields.contains_key("items");
                let mut normal = Map::new();
                for (field, value) in fields {
                    let normal_value = match (name, field.as_str()) {
                        ("list metadata", "resourceVersion") => json!("<version>"),
                        ("list metadata", "continue") if *value != "" => json!("<more>"),
                        _ if is_list && field == "metadata" => {
                            self.normal_value(value, "list metadata")
                        }
                        _ => self.normal_value(value, field),
                    };
                    normal.insert(field.clone(), normal_value);
                }
                if let (Some(prefix), true) = (fields.get("generateName"), name == "metadata") {
                    normal.insert(
                        "name".into(),
                        json!(format!("{}<5>", prefix.as_str().unwrap_or_default())),
                    );
                }
                Value::Object(normal)
            }
            (Value::Array(entries), "managedFields") => managers(entries),
            (Value::Array(items), _) => items
                .iter()
                .map(|item| self.normal_value(item, ""))
                .collect(),
            (Value::String(text), "uid" | "resourceVersion") => json!(self.label(name, text)),
            (Value::String(_), _) if name.ends_with("Timestamp") => json!("<time>"),
            (Value::String(text), "namespace") if *text == self.namespace => json!("<namespace>"),
            _ => value.clone(),
        }
    }

    /// The same value has the same label, and a new one the next.
    fn label(&mut self, sort: &str, text: &str) -> String {
        let next = self.seen.keys().filter(|key| key.starts_with(sort)).count() + 1;
        let label = self.seen.entry(format!("{sort} {text}"));
        label.or_insert_with(|| format!("<{sort} {next}>")).clone()
    }
}

/// Who has which fields: without the dots for what was there before in a Go struct, and without times.
fn managers(entries: &[Value]) -> Value {
    // The garbage collector's own writes are not compared, but what they take from others is.
    let entries = entries
        .iter()
        .filter(|entry| entry["manager"] != "kube-controller-manager");
    let said = entries.map(|entry| {
        let mut fields = Vec::new();
        leaves(&entry["fieldsV1"], String::new(), &mut fields);
        fields.sort();
        let who = [
            &entry["operation"],
            &entry["manager"],
            &entry["subresource"],
        ];
        let who: Vec<&str> = who.iter().filter_map(|each| each.as_str()).collect();
        json!({ "who": who.join(" "), "fields": fields })
    });
    let mut said: Vec<Value> = said.collect();
    said.sort_by_key(|each| each["who"].to_string());
    said.into()
}

fn leaves(value: &Value, path: String, found: &mut Vec<String>) {
    let Some(fields) = value.as_object() else {
        return;
    };
    let below = fields.iter().filter(|(name, _)| *name != ".");
    let mut empty = true;
    for (name, value) in below {
        empty = false;
        let name = if name.starts_with("k:{\"uid\"") {
            "k:uid"
        } else {
            name
        };
        leaves(value, format!("{path}/{name}"), found);
    }
    if empty && !path.is_empty() {
        found.push(path);
    }
}
