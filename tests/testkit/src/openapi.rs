//! Holds every answer that the suites see to the OpenAPI document: its status, its content type,
//! the headers it must have, and its body, in which nothing may be that the document does not have.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex},
};

use jsonschema::{Draft, Validator};
use recharge_local::openapi;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use crate::Answer;

/// The document, with what answers may not have beside it.
pub struct Document {
    value: Value,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

/// One operation of it.
#[derive(Debug, Clone, Copy)]
pub struct DocumentedOperation<'a> {
    /// `PUT`.
    pub method: &'a str,
    /// `/v1/creator/blocked/{user}`.
    pub path: &'a str,
    /// All that is said of it.
    pub value: &'a Value,
}

const METHODS: [&str; 4] = ["get", "put", "post", "delete"];

impl Document {
    /// As it is generated.
    pub fn of_this_build() -> &'static Self {
        static DOCUMENT: LazyLock<Document> = LazyLock::new(|| Document {
            value: openapi::value().unwrap(),
            validators: Mutex::default(),
        });
        &DOCUMENT
    }

    /// The whole document.
    #[must_use]
    pub const fn value(&self) -> &Value {
        &self.value
    }

    /// Its operations.
    #[must_use]
    pub fn operations(&self) -> Vec<DocumentedOperation<'_>> {
        let paths = self.value["paths"].as_object().unwrap();
        let mut all = Vec::new();
        for (path, item) in paths {
            for (method, value) in item.as_object().unwrap() {
                assert!(METHODS.contains(&method.as_str()), "{method} {path}");
                let path = path.as_str();
                all.push(DocumentedOperation {
                    method,
                    path,
                    value,
                });
            }
        }
        all
    }

    /// What is wrong with `instance` by the schema, of a request if `is_request`: an answer may
    /// have nothing that is not in the document, whatever clients must bear.
    #[must_use]
    pub fn mistakes(&self, schema: &Value, instance: &Value, is_request: bool) -> Vec<String> {
        let key = format!("{is_request} {schema}");
        let found = self.validators.lock().unwrap().get(&key).cloned();
        let validator = found.unwrap_or_else(|| {
            let mut whole = schema.clone();
            let mut components = self.value["components"].clone();
            if !is_request {
                close(&mut components);
                close(&mut whole);
            }
            whole["components"] = components;
            let options = jsonschema::options()
                .with_draft(Draft::Draft202012)
                .should_validate_formats(true);
            let made = Arc::new(options.build(&whole).unwrap());
            let mut all = self.validators.lock().unwrap();
            all.insert(key, Arc::clone(&made));
            made
        });
        let said = |mistake: jsonschema::ValidationError<'_>| {
            format!("{}: {mistake}", mistake.instance_path())
        };
        validator.iter_errors(instance).map(said).collect()
    }

    /// What is wrong with an answer at a path of the document. Which method was used an answer does
    /// not tell: one of those at the path must have it.
    #[must_use]
    pub fn problem(&self, path: &str, answer: &Answer) -> Option<String> {
        let operations = self.operations().into_iter();
        let mut problems = Vec::new();
        for operation in operations.filter(|operation| is_at(operation.path, path)) {
            problems.push(self.problem_at(operation, answer)?);
        }
        // A method or an encoding that API Gateway itself does not take; HEAD has no body.
        let is_gateways = matches!(answer.status, 400 | 404)
            && (is_message(&answer.body) || answer.body.is_null());
        let is_wrong = !problems.is_empty() && !is_gateways;
        is_wrong.then(|| problems.join("; "))
    }

    /// Asserts that an answer at a path is one of the document's, if the path is.
    pub(crate) fn assert_has(&self, path: &str, answer: &Answer) {
        let problem = self.problem(path, answer).unwrap_or_default();
        assert!(
            problem.is_empty(),
            "{path} answered {} {}\nand the OpenAPI document says: {problem}",
            answer.status,
            answer.body
        );
    }

    fn problem_at(&self, operation: DocumentedOperation<'_>, answer: &Answer) -> Option<String> {
        let id = &operation.value["operationId"];
        let status = answer.status.to_string();
        let Some(response) = operation.value["responses"].get(&status) else {
            return Some(format!("{id}: no {status}"));
        };
        if !is_message(&answer.body)
            && let Some(header) = missing(&self.value, response, &answer.headers)
        {
            return Some(format!("{id}: {status} without {header}"));
        }
        let kind = answer.headers.get("content-type");
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default();
        let Some(media) = response["content"].get(kind) else {
            let is_empty = answer.body.is_null() && response.get("content").is_none();
            return (!is_empty).then(|| format!("{id}: no {kind:?} with {status}"));
        };
        if let Some(codes) = media["x-recharge-codes"].as_array()
            && (!codes.contains(&answer.body["code"]) || answer.body["status"] != answer.status)
        {
            return Some(format!("{id}: not of {codes:?}"));
        }
        let mistakes = self.mistakes(&media["schema"], &answer.body, false);
        (!mistakes.is_empty()).then(|| format!("{id}: {mistakes:?}"))
    }
}

/// Allows no member that an object does not name.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            fields.values_mut().for_each(close);
            let is_open = !fields.contains_key("additionalProperties");
            let names_all = fields.contains_key("properties");
            if is_open && names_all && fields.get("type") == Some(&json!("object")) {
                fields.insert("additionalProperties".to_owned(), json!(false));
            }
        }
        Value::Array(all) => all.iter_mut().for_each(close),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A header that an answer must have, and has not.
fn missing(document: &Value, response: &Value, headers: &HeaderMap) -> Option<String> {
    let declared = response["headers"].as_object()?;
    let lacks = declared.iter().find(|(name, header)| {
        let pointer = header["$ref"].as_str().unwrap().trim_start_matches('#');
        let is_required = document.pointer(pointer).unwrap()["required"] == true;
        is_required && !headers.contains_key(name.as_str())
    });
    lacks.map(|(name, _)| name.clone())
}

/// `{"message": "…"}`, as API Gateway says it.
fn is_message(body: &Value) -> bool {
    let fields = body.as_object();
    fields.is_some_and(|fields| fields.len() == 1 && fields.contains_key("message"))
}

fn is_at(pattern: &str, path: &str) -> bool {
    let (mut left, mut right) = (pattern.split('/'), path.split('/'));
    loop {
        match (left.next(), right.next()) {
            (None, None) => return true,
            (Some(named), Some(segment)) => {
                let is_any = named.starts_with('{') && !segment.is_empty();
                if !is_any && named != segment {
                    return false;
                }
            }
            _ => return false,
        }
    }
}
