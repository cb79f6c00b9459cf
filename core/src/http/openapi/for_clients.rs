//! Schemas as generators of clients understand them.

use schemars::{Schema, transform::Transform};
use serde_json::Value;

/// The largest integer that JSON readers which use doubles keep exact.
const EXACT_MAX: u64 = (1 << 53) - 1;

/// OpenAPI knows `int32` and `int64` only; another format is a 32-bit number to many a generator.
#[derive(Debug, Clone)]
pub(super) struct ForClients;

impl Transform for ForClients {
    fn transform(&mut self, schema: &mut Schema) {
        // Where a field is absent, its default is said in words: null may mean something else.
        if schema.get("default") == Some(&Value::Null) {
            schema.remove("default");
        }
        let known = match schema.get("format").and_then(Value::as_str) {
            Some("uint8" | "uint16" | "int8" | "int16") => "int32",
            Some("uint32") => "int64",
            Some("uint64" | "uint") => {
                let fields = schema.ensure_object();
                fields.entry("maximum").or_insert_with(|| EXACT_MAX.into());
                "int64"
            }
            _ => "",
        };
        if !known.is_empty() {
            schema.insert("format".to_owned(), known.into());
        }
        schemars::transform::transform_subschemas(self, schema);
    }
}
