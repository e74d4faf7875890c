//! The functions that serde calls for what was left out.

use serde_json::{Value, json};

use super::rust::scalar_type;
use crate::resource::field::{Node, Scalar, duration};

/// The function that makes the default, where `Default` of its type does not.
pub(super) fn default_function(node: &Node) -> Option<String> {
    let (text, value) = node.default()?;
    let scalar = node.scalar().filter(|_| !node.is_enum())?;
    // An empty `IntOrString` is the number 0.
    let is_rusts = match scalar {
        Scalar::String => value == json!(""),
        _ => [json!(0), json!(false)].contains(&value),
    };
    if is_rusts {
        return None;
    }
    let expression = expression(scalar, text, &value);
    let (name, kind) = (node.name.rust(), scalar_type(scalar));
    Some(format!(
        "    fn default_{name}() -> {kind} {{\n        {expression}\n    }}"
    ))
}

fn expression(scalar: Scalar, text: &str, value: &Value) -> String {
    match (scalar, value) {
        (Scalar::IntOrString, Value::Number(number)) => format!("IntOrString::Int({number})"),
        (Scalar::IntOrString, _) => format!("IntOrString::String({text:?}.to_owned())"),
        (Scalar::Quantity, _) => format!("Quantity({text:?}.to_owned())"),
        (Scalar::Duration, _) => {
            let span = duration::parse(text).unwrap_or_default();
            let constructor = match span.subsec_millis() {
                0 => format!("from_secs({})", span.as_secs()),
                _ => format!("from_millis({})", span.as_millis()),
            };
            format!("std::time::Duration::{constructor}.into()")
        }
        (_, Value::String(text)) => format!("{text:?}.to_owned()"),
        _ => value.to_string(),
    }
}
