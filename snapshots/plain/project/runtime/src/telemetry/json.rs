//! Log lines as JSON, with the keys of a Go operator's.
//!
//! `level`, `ts`, `logger` and `msg` are zap's; the fields of the spans around an event stand beside them, not below
//! them as in tracing's own format, and the object of a reconcile is there once more under its kind: queries and
//! dashboards for logs of controller-runtime find what they look for.

use std::fmt;

use serde_json::{Map, Value, json};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::{JsonFields, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

use super::time::Clock;

/// One JSON object in a line.
pub(super) struct Lines {
    pub(super) clock: Clock,
}

impl<S> FormatEvent<S, JsonFields> for Lines
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, JsonFields>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let metadata = event.metadata();
        let mut fields = Fields(Map::new());
        event.record(&mut fields);
        let mut line = of_spans(context);
        add_object(&mut line);
        line.append(&mut fields.0);
        let message = line.remove("message").unwrap_or_else(|| json!(""));
        let head = [
            ("level", json!(metadata.level().as_str().to_lowercase())),
            ("ts", self.clock.now()?),
            ("logger", json!(metadata.target())),
            ("msg", message),
        ];
        // What a field of these names says would be taken for something else.
        line.retain(|key, _| head.iter().all(|(reserved, _)| key != reserved));
        let head = head.into_iter().map(|(key, value)| (key.to_owned(), value));
        let pairs = head.chain(line);
        let pairs = pairs.map(|(key, value)| format!("{}:{value}", Value::String(key)));
        writeln!(writer, "{{{}}}", pairs.collect::<Vec<_>>().join(","))
    }
}

/// The fields of all spans around the event; of one name the innermost counts.
fn of_spans<S>(context: &FmtContext<'_, S, JsonFields>) -> Map<String, Value>
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    let mut all = Map::new();
    let spans = context.event_scope().into_iter();
    for span in spans.flat_map(tracing_subscriber::registry::Scope::from_root) {
        let extensions = span.extensions();
        let fields = extensions.get::<FormattedFields<JsonFields>>();
        let parsed = fields.and_then(|fields| serde_json::from_str(&fields.fields).ok());
        if let Some(Value::Object(mut fields)) = parsed {
            all.append(&mut fields);
        }
    }
    all
}

/// `"MyApp": {"name": "a", "namespace": "default"}`, as controller-runtime names the object of a reconcile.
fn add_object(line: &mut Map<String, Value>) {
    let (Some(Value::String(kind)), Some(name)) = (line.get("controllerKind"), line.get("name"))
    else {
        return;
    };
    let mut object = json!({"name": name});
    match line.get("namespace") {
        Some(Value::String(namespace)) if !namespace.is_empty() => {
            object["namespace"] = json!(namespace);
        }
        _ => {}
    }
    line.insert(kind.clone(), object);
}

/// The fields of an event as JSON.
struct Fields(Map<String, Value>);

impl Fields {
    fn add(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, value);
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::Registry;
    use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What is written for one event, without its time.
    fn written(log: impl Fn()) -> Value {
        // What a test beside this one subscribes to decides about a place in the code that is met for the first time.
        log();
        let written = Written::default();
        let writer = written.clone();
        let layer = tracing_subscriber::fmt::layer()
            .with_writer(move || writer.clone())
            .fmt_fields(JsonFields::new())
            .event_format(Lines { clock: Clock(None) })
            .boxed();
        tracing::subscriber::with_default(Registry::default().with(layer), || {
            tracing::callsite::rebuild_interest_cache();
            log();
        });
        let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.matches('\n').count(), 1, "{text}");
        assert!(text.starts_with(r#"{"level":""#), "{text}");
        let mut line: Value = serde_json::from_str(&text).unwrap();
        let time = line.as_object_mut().unwrap().remove("ts").unwrap();
        assert!(time.as_str().unwrap().ends_with('Z'), "{time}");
        line
    }

    #[test]
    fn a_line_of_a_reconcile_has_the_keys_of_controller_runtime() {
        let line = written(|| {
            let span = tracing::error_span!(
                "reconcile",
                controller = "myapp",
                controllerGroup = "apps.example.com",
                controllerKind = "MyApp",
                namespace = "default",
                name = "a \"quoted\" name",
                reconcileID = "1",
            );
            span.in_scope(|| {
                let inner = tracing::info_span!("inner", step = 2);
                inner.in_scope(|| tracing::error!(error = %"no", tries = 3u32, last = true, "reconcile failed"));
            });
        });
        let expected = json!({
            "level": "error", "logger": "rustop_runtime::telemetry::json::tests", "msg": "reconcile failed",
            "controller": "myapp", "controllerGroup": "apps.example.com", "controllerKind": "MyApp",
            "MyApp": {"name": "a \"quoted\" name", "namespace": "default"},
            "namespace": "default", "name": "a \"quoted\" name", "reconcileID": "1",
            "step": 2, "error": "no", "tries": 3, "last": true,
        });
        assert_eq!(line, expected);
    }

    #[test]
    fn a_line_without_a_span_has_its_own_fields_only() {
        let line = written(|| tracing::info!(level = "mine", ratio = 0.5, "started"));
        let logger = "rustop_runtime::telemetry::json::tests";
        let expected = json!({"level": "info", "logger": logger, "msg": "started", "ratio": 0.5});
        assert_eq!(line, expected);
    }

    #[test]
    fn the_object_of_a_cluster_scoped_kind_has_no_namespace() {
        let line = written(|| {
            let span = tracing::error_span!(
                "reconcile",
                controllerKind = "Node",
                namespace = "",
                name = "a"
            );
            span.in_scope(|| tracing::warn!("it"));
        });
        assert_eq!(line["Node"], json!({"name": "a"}));
    }
}
