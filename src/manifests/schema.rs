//! Makes the schema that schemars writes into the one a CRD should carry.
//!
//! schemars describes Rust types to any reader of JSON schema. Kubernetes reads
//! a dialect with conventions of its own
//! (<https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md>),
//! and three things differ: formats of integers, `null`, and descriptions.
//! The change must never make the API server refuse what the Rust type writes.
//! What is *wrong* with a schema is for `check` to say.

use serde_json::{Map, Value, json};

use super::description;

/// Puts one OpenAPI schema, and all schemas in it, into shape.
///
/// `max_description_length` is in characters; 0 leaves no description, `None`
/// cuts none.
pub(super) fn tidy(schema: &mut Value, max_description_length: Option<usize>) {
    let Some(schema) = schema.as_object_mut() else {
        return;
    };
    schema.remove("$schema");
    // What is not said is not so.
    if schema.get("nullable") == Some(&json!(false)) {
        schema.remove("nullable");
    }
    description::shorten(schema, max_description_length);
    use_known_integer_format(schema);
    use_whole_numbers(schema);
    for child in children(schema) {
        tidy(child, max_description_length);
    }
    agree_about_null(schema);
    drop_nulls_from_default(schema);
    if schema.get("required") == Some(&json!([])) {
        schema.remove("required");
    }
}

/// All schemas directly below `schema`.
fn children(schema: &mut Map<String, Value>) -> Vec<&mut Value> {
    let mut children = Vec::new();
    for (key, value) in schema {
        match (key.as_str(), value) {
            ("properties" | "patternProperties", Value::Object(map)) => {
                children.extend(map.values_mut());
            }
            ("allOf" | "anyOf" | "oneOf" | "items", Value::Array(list)) => children.extend(list),
            ("items" | "additionalProperties" | "not", value) => children.push(value),
            _ => {}
        }
    }
    children
}

/// What an integer format of schemars becomes: a format that Kubernetes knows
/// (`int32` and `int64`; the API conventions forbid unsigned ones), and the
/// least and the greatest value that the Rust type takes.
///
/// JSON integers beyond 64 bits do not survive the API server, so wider types
/// get its range.
fn known_format(format: &str) -> Option<(&'static str, Option<i64>, Option<i64>)> {
    Some(match format {
        "int8" => ("int32", Some(-0x80), Some(0x7f)),
        "int16" => ("int32", Some(-0x8000), Some(0x7fff)),
        "int" | "int128" => ("int64", None, None),
        "uint8" => ("int32", Some(0), Some(0xff)),
        "uint16" => ("int32", Some(0), Some(0xffff)),
        "uint32" => ("int64", Some(0), Some(0xffff_ffff)),
        "uint64" | "uint" | "uint128" => ("int64", Some(0), None),
        _ => return None,
    })
}

fn use_known_integer_format(schema: &mut Map<String, Value>) {
    let format = schema.get("format").and_then(Value::as_str);
    let Some((format, minimum, maximum)) = format.and_then(known_format) else {
        return;
    };
    schema.insert("format".to_owned(), json!(format));
    tighten(schema, "minimum", minimum, |there, limit| there < limit);
    tighten(schema, "maximum", maximum, |there, limit| there > limit);
}

/// Sets the bound `key`, unless the user's own is at least as tight.
fn tighten(
    schema: &mut Map<String, Value>,
    key: &str,
    limit: Option<i64>,
    is_looser: fn(f64, f64) -> bool,
) {
    let Some(limit) = limit else { return };
    let there = schema.get(key).and_then(Value::as_f64);
    #[expect(clippy::cast_precision_loss, reason = "all limits are below 2^53")]
    if there.is_none_or(|there| is_looser(there, limit as f64)) {
        schema.insert(key.to_owned(), json!(limit));
    }
}

/// Writes a bound as `255`, not as the `255.0` that k8s-openapi makes of it.
fn use_whole_numbers(schema: &mut Map<String, Value>) {
    for key in ["minimum", "maximum", "multipleOf"] {
        let number = schema.get(key).and_then(Value::as_f64);
        // Up to 2^53 each whole number has an exact double.
        let Some(number) = number.filter(|n| n.fract() == 0.0 && n.abs() <= 9e15) else {
            continue;
        };
        #[expect(clippy::cast_possible_truncation, reason = "whole and in range")]
        schema.insert(key.to_owned(), json!(number as i64));
    }
}

/// Makes the server and the type agree about `null` in properties that may be
/// left out.
///
/// An `Option<T>` takes `null` and, unless `skip_serializing_if` says no, writes
/// it. So `nullable`, which schemars gives it, mostly stays: without it a
/// server-side apply of what the type wrote is refused (create and update drop
/// such a `null`; apply does not, seen on 1.35). Two things go, in both of which
/// a missing property says the same:
///
/// - `nullable` beside an `enum`, and `null` within one, which schemars lists: the
///   server refuses `null` all the same; without `nullable`, create and update
///   drop it.
/// - `default: null`: the server would store a `null` in every object, and a
///   later type without the `Option` refuses those.
fn agree_about_null(schema: &mut Map<String, Value>) {
    let required = required(schema);
    let Some(Value::Object(properties)) = schema.get_mut("properties") else {
        return;
    };
    let optional = properties
        .iter_mut()
        .filter(|(name, _)| !required.contains(name));
    for property in optional.filter_map(|(_, property)| property.as_object_mut()) {
        if let Some(Value::Array(values)) = property.get_mut("enum") {
            if !values.iter().all(Value::is_null) {
                values.retain(|value| !value.is_null());
            }
            property.remove("nullable");
        }
        if property.get("default") == Some(&Value::Null) {
            property.remove("default");
        }
    }
}

fn required(schema: &Map<String, Value>) -> Vec<String> {
    let names = schema.get("required").and_then(Value::as_array);
    let names = names.into_iter().flatten().filter_map(Value::as_str);
    names.map(str::to_owned).collect()
}

/// Removes `null` from defaults of structs, for the reason above. `Default` of
/// a struct writes one for each of its `Option`s.
fn drop_nulls_from_default(schema: &mut Map<String, Value>) {
    let Some(mut default) = schema.remove("default") else {
        return;
    };
    drop_nulls(&mut default, schema);
    schema.insert("default".to_owned(), default);
}

fn drop_nulls(value: &mut Value, schema: &Map<String, Value>) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, field| !field.is_null() || !is_optional(schema, name));
            for (name, field) in fields {
                if let Some(schema) = property(schema, name) {
                    drop_nulls(field, schema);
                }
            }
        }
        Value::Array(items) => {
            let Some(Value::Object(schema)) = schema.get("items") else {
                return;
            };
            for item in items {
                drop_nulls(item, schema);
            }
        }
        _ => {}
    }
}

fn is_optional(schema: &Map<String, Value>, name: &str) -> bool {
    let known = schema
        .get("properties")
        .is_some_and(|properties| properties.get(name).is_some());
    known && !required(schema).iter().any(|required| required == name)
}

fn property<'a>(schema: &'a Map<String, Value>, name: &str) -> Option<&'a Map<String, Value>> {
    let named = schema
        .get("properties")
        .and_then(|properties| properties.get(name));
    named
        .or_else(|| schema.get("additionalProperties"))?
        .as_object()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(mut schema: Value, expected: &Value) {
        let original = schema.clone();
        for _ in 0..2 {
            tidy(&mut schema, None);
            assert_eq!(&schema, expected, "of: {original}");
        }
    }

    fn object(properties: &Value, required: &Value) -> Value {
        json!({"type": "object", "properties": properties, "required": required})
    }

    #[test]
    fn integers_get_a_format_that_kubernetes_knows_and_keep_their_range() {
        let integer = |format: &str, minimum: Option<i64>, maximum: Option<i64>| {
            let mut schema = json!({"type": "integer", "format": format});
            if let Some(minimum) = minimum {
                schema["minimum"] = json!(minimum);
            }
            if let Some(maximum) = maximum {
                schema["maximum"] = json!(maximum);
            }
            schema
        };
        let table = [
            ("uint8", "int32", Some(0), Some(255)),
            ("uint16", "int32", Some(0), Some(65_535)),
            ("uint32", "int64", Some(0), Some(4_294_967_295)),
            ("uint64", "int64", Some(0), None),
            ("uint", "int64", Some(0), None),
            ("uint128", "int64", Some(0), None),
            ("int8", "int32", Some(-128), Some(127)),
            ("int16", "int32", Some(-32_768), Some(32_767)),
            ("int32", "int32", None, None),
            ("int64", "int64", None, None),
            ("int", "int64", None, None),
            ("int128", "int64", None, None),
        ];
        for (format, expected, minimum, maximum) in table {
            check(
                integer(format, None, None),
                &integer(expected, minimum, maximum),
            );
        }
        // The user's own bounds stay where they are tighter.
        check(
            integer("uint16", Some(1), Some(100)),
            &integer("int32", Some(1), Some(100)),
        );
        check(
            integer("uint16", Some(-1), Some(99_999)),
            &integer("int32", Some(0), Some(65_535)),
        );
        check(
            json!({"minimum": 1.0, "maximum": 1.5}),
            &json!({"minimum": 1, "maximum": 1.5}),
        );
        check(json!({"maximum": 1e300}), &json!({"maximum": 1e300}));
        for kept in ["float", "double", "date-time"] {
            let schema = json!({"type": "number", "format": kept});
            check(schema.clone(), &schema);
        }
    }

    #[test]
    fn schemas_are_found_wherever_they_lie() {
        let (old, new) = (json!({"format": "int"}), json!({"format": "int64"}));
        for key in ["items", "additionalProperties", "not"] {
            check(json!({ key: old }), &json!({ key: new }));
        }
        for key in ["allOf", "anyOf", "oneOf"] {
            check(json!({ key: [old] }), &json!({ key: [new] }));
        }
        check(
            json!({"properties": {"format": old}}),
            &json!({"properties": {"format": new}}),
        );
        let deep = |leaf: &Value| json!({"items": {"properties": {"a": {"items": leaf}}}});
        check(deep(&old), &deep(&new));
        // A default or an enum is a value and no schema.
        let value = json!({"default": {"format": "int"}, "enum": [{"format": "int"}]});
        check(value.clone(), &value);
    }

    #[test]
    fn null_stays_where_the_type_may_write_it() {
        let nullable = json!({"type": "string", "nullable": true});
        let default = json!({"type": "string", "nullable": true, "default": "x"});
        let schema = object(
            &json!({"a": nullable, "b": nullable, "c": default}),
            &json!(["b"]),
        );
        check(schema.clone(), &schema);
        let list = json!({"type": "array", "items": nullable});
        check(list.clone(), &list);
        let map = json!({"type": "object", "additionalProperties": nullable});
        check(map.clone(), &map);
    }

    #[test]
    fn an_optional_enum_is_not_nullable() {
        let nullable = json!({"type": "string", "enum": ["x"], "nullable": true});
        let plain = json!({"type": "string", "enum": ["x"]});
        check(
            object(&json!({"a": nullable, "b": nullable}), &json!(["b"])),
            &object(&json!({"a": plain, "b": nullable}), &json!(["b"])),
        );
    }

    #[test]
    fn an_optional_enum_lists_no_null() {
        let listed = json!({"type": "string", "enum": ["x", null]});
        let plain = json!({"type": "string", "enum": ["x"]});
        check(
            object(&json!({"a": listed, "b": listed}), &json!(["b"])),
            &object(&json!({"a": plain, "b": listed}), &json!(["b"])),
        );
    }

    #[test]
    fn what_is_not_nullable_does_not_say_so() {
        let said = json!({"nullable": false, "x-kubernetes-int-or-string": true});
        let plain = json!({"x-kubernetes-int-or-string": true});
        check(
            json!({"items": said, "properties": {"a": said}}),
            &json!({"items": plain, "properties": {"a": plain}}),
        );
        // A field of that name is no word of the schema.
        let field = json!({"properties": {"nullable": {"type": "boolean"}}});
        check(field.clone(), &field);
    }

    #[test]
    fn null_is_no_default_where_missing_says_the_same() {
        let default = json!({"type": "string", "nullable": true, "default": null});
        let none = json!({"type": "string", "nullable": true});
        check(
            object(&json!({"a": default, "b": default}), &json!(["b"])),
            &object(&json!({"a": none, "b": default}), &json!(["b"])),
        );
    }

    #[test]
    fn a_default_has_no_null_where_missing_says_the_same() {
        let nullable = json!({"type": "integer", "nullable": true});
        let item = object(&json!({"x": nullable, "y": nullable}), &json!(["y"]));
        let with = |default: Value, mut schema: Value| {
            schema["default"] = default;
            schema
        };
        check(
            with(json!({"x": null, "y": null}), item.clone()),
            &with(json!({"y": null}), item.clone()),
        );
        let list = json!({"items": item});
        check(
            with(json!([{"x": null}, {"x": 1}]), list.clone()),
            &with(json!([{}, {"x": 1}]), list),
        );
        let nested = object(&json!({"a": item}), &json!(["a"]));
        check(
            with(json!({"a": {"x": null, "y": 1}}), nested.clone()),
            &with(json!({"a": {"y": 1}}), nested),
        );
        let map = json!({"additionalProperties": nullable, "default": {"a": null}});
        check(map.clone(), &map);
        let unknown = json!({"default": {"a": null}});
        check(unknown.clone(), &unknown);
    }

    #[test]
    fn empty_descriptions_and_lists_are_left_out() {
        check(
            json!({"$schema": "x", "description": "", "required": [], "default": []}),
            &json!({"default": []}),
        );
        let property = json!({"properties": {"description": {"type": "string"}}});
        check(property.clone(), &property);
    }

    #[test]
    fn extensions_are_kept() {
        let schema = json!({"x-kubernetes-list-type": "set", "x-kubernetes-validations": [{"rule": "true"}]});
        check(schema.clone(), &schema);
    }
}
