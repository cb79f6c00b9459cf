//! One operation, as its function describes it.

use lambda_http::http::StatusCode;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::{super::Code, Access, Parameter, refusal::Refusals};

type SchemaOf = fn(&mut SchemaGenerator) -> Schema;
/// What is in a body: its media type, its schema and an example.
type Content = (&'static str, SchemaOf, Value);

fn json_of<T: JsonSchema>(example: Value) -> Content {
    (
        "application/json",
        SchemaGenerator::subschema_for::<T>,
        example,
    )
}

fn page(_: &mut SchemaGenerator) -> Schema {
    schemars::json_schema!({"type": "string"})
}

/// One operation.
#[derive(Debug, Clone)]
pub struct Operation {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    id: &'static str,
    access: Access,
    pub(super) tag: &'static str,
    summary: &'static str,
    description: &'static str,
    parameters: Vec<Parameter>,
    body: Option<(SchemaOf, Value)>,
    answers: Vec<Answer>,
    refusals: Refusals,
    by_gateway: Vec<u16>,
}

#[derive(Debug, Clone)]
struct Answer {
    status: u16,
    description: &'static str,
    content: Option<Content>,
    headers: Vec<(&'static str, &'static str)>,
    links: Map<String, Value>,
}

impl Operation {
    /// The operation at a route of template.yaml: `GET /v1/wallet`. `id` is what generated
    /// clients call it.
    #[must_use]
    pub fn new(route: &'static str, id: &'static str, access: Access) -> Self {
        let (method, path) = route.split_once(' ').unwrap_or_default();
        let mut operation = Self {
            method,
            path,
            id,
            access,
            tag: "",
            summary: "",
            description: "",
            parameters: Vec::new(),
            body: None,
            answers: Vec::new(),
            refusals: Refusals::default(),
            by_gateway: vec![429, 500, 503],
        };
        // Pages have no problems: they tell people.
        if access != Access::Link {
            operation.refusals.add(Code::ServiceUnavailable);
        }
        if access.needs_token() {
            operation.refusals.add(Code::Unauthenticated);
            operation.by_gateway.push(401);
        }
        if access == Access::Operator {
            operation.refusals.add(Code::Forbidden);
        }
        operation
    }

    /// What it does, in a line and in a few sentences, and what it belongs to.
    #[must_use]
    pub fn does(mut self, tag: &'static str, summary: &'static str, more: &'static str) -> Self {
        (self.tag, self.summary, self.description) = (tag, summary, more);
        self
    }

    /// Needs `Idempotency-Key`.
    #[must_use]
    pub fn with_key(mut self) -> Self {
        self.parameters.push(Parameter::IDEMPOTENCY_KEY);
        self.refuses(&[
            Code::IdempotencyKeyInvalid,
            Code::IdempotencyKeyMissing,
            Code::IdempotencyKeyReused,
        ])
    }

    /// Is no read: apps that are too old are refused.
    #[must_use]
    pub fn with_client(mut self) -> Self {
        self.parameters.push(Parameter::CLIENT);
        self.refuses(&[Code::UpgradeRequired])
    }

    /// Reads `?currency=`.
    #[must_use]
    pub fn with_currency(mut self) -> Self {
        self.parameters.push(Parameter::CURRENCY);
        self.refuses(&[Code::CurrencyUnsupported])
    }

    /// Is a list that is read in pages.
    #[must_use]
    pub fn in_pages(mut self) -> Self {
        self.parameters
            .extend([Parameter::LIMIT, Parameter::CURSOR]);
        self.refusals
            .add_with(StatusCode::BAD_REQUEST, Code::BodyInvalid);
        let id = self.id;
        self.refuses(&[Code::CursorInvalid])
            .leads_to(id, &[("cursor", "$response.body#/next_cursor")])
    }

    /// Has a parameter in its path.
    #[must_use]
    pub fn at(mut self, parameter: Parameter) -> Self {
        self.parameters.push(parameter);
        self.by_gateway.push(404);
        self
    }

    /// Takes a JSON body, such as `example`.
    #[must_use]
    pub fn takes<T: JsonSchema>(mut self, example: Value) -> Self {
        self.body = Some((SchemaGenerator::subschema_for::<T>, example));
        self.by_gateway.push(413);
        self.refusals
            .add_with(StatusCode::BAD_REQUEST, Code::BodyInvalid);
        self.refuses(&[Code::BodyInvalid, Code::BodyTooLarge])
    }

    /// Takes any JSON object, proven by a signature; its fields are not ours to describe.
    #[must_use]
    pub fn takes_signed(mut self, example: Value) -> Self {
        let schema = |_: &mut SchemaGenerator| schemars::json_schema!({"type": "object"});
        self.body = Some((schema, example));
        self.by_gateway.push(413);
        self.refusals
            .add_with(StatusCode::BAD_REQUEST, Code::BodyInvalid);
        self.refuses(&[Code::SignatureInvalid, Code::BodyTooLarge])
    }

    /// Answers a `T` that is the caller's alone, such as `example`.
    #[must_use]
    pub fn answers<T: JsonSchema>(self, description: &'static str, example: Value) -> Self {
        let content = json_of::<T>(example);
        self.answer(
            200,
            description,
            Some(content),
            &[("Cache-Control", "CacheControl")],
        )
    }

    /// Creates a `T`, or answers what the same key created before.
    #[must_use]
    pub fn creates<T: JsonSchema>(self, description: &'static str, example: Value) -> Self {
        let content = json_of::<T>(example);
        let headers = [
            ("Cache-Control", "CacheControl"),
            ("Idempotent-Replayed", "IdempotentReplayed"),
        ];
        self.answer(201, description, Some(content), &headers)
    }

    /// Answers a `T` that everybody may keep, such as `example`, or that nothing changed.
    #[must_use]
    pub fn tells<T: JsonSchema>(mut self, description: &'static str, example: Value) -> Self {
        self.parameters.push(Parameter::IF_NONE_MATCH);
        let content = json_of::<T>(example);
        let headers = [("Cache-Control", "CacheControl"), ("ETag", "ETag")];
        self.answer(
            304,
            "`If-None-Match` has its `ETag`: nothing changed.",
            None,
            &headers,
        )
        .answer(200, description, Some(content), &headers)
    }

    /// Answers pages for people, with these statuses.
    #[must_use]
    pub fn shows(self, pages: &[(u16, &'static str)]) -> Self {
        pages.iter().fold(self, |operation, (status, description)| {
            let content: Content = ("text/html", page, json!("<!doctype html>…"));
            operation.answer(*status, description, Some(content), &[])
        })
    }

    fn answer(
        mut self,
        status: u16,
        description: &'static str,
        content: Option<Content>,
        headers: &[(&'static str, &'static str)],
    ) -> Self {
        self.answers.push(Answer {
            status,
            description,
            content,
            headers: headers.to_vec(),
            links: Map::new(),
        });
        self
    }

    /// May refuse with these codes, beside those that follow from what it takes.
    #[must_use]
    pub fn refuses(mut self, codes: &[Code]) -> Self {
        for code in codes {
            self.refusals.add(*code);
        }
        self
    }

    /// From its last answer another operation can be called, with these parameters.
    #[must_use]
    pub fn leads_to(mut self, operation: &str, parameters: &[(&str, &str)]) -> Self {
        let named = |(name, expression): &(&str, &str)| ((*name).to_owned(), json!(expression));
        let parameters: Map<_, _> = parameters.iter().map(named).collect();
        if let Some(answer) = self.answers.last_mut() {
            let link = json!({"operationId": operation, "parameters": parameters});
            answer.links.insert(operation.to_owned(), link);
        }
        self
    }

    pub(super) fn to_json(
        &self,
        takes: &mut SchemaGenerator,
        gives: &mut SchemaGenerator,
    ) -> Value {
        let mut responses = self.refusals.answers(&self.by_gateway);
        for answer in &self.answers {
            let status = answer.status.to_string();
            let told = answer.to_json(gives, responses.remove(&status));
            responses.insert(status, told);
        }
        let parameters: Vec<_> = self
            .parameters
            .iter()
            .map(|one| one.to_json(takes))
            .collect();
        let mut operation = json!({
            "operationId": self.id,
            "tags": [self.tag],
            "summary": self.summary,
            "description": self.description,
            "parameters": parameters,
            "security": self.access.security(),
            "responses": responses,
            "x-recharge-access": self.access.as_str(),
        });
        if let (Some((schema, example)), Some(fields)) = (&self.body, operation.as_object_mut()) {
            let media = json!({"schema": schema(takes), "example": example});
            let body = json!({"required": true, "content": {"application/json": media}});
            fields.insert("requestBody".to_owned(), body);
        }
        operation
    }
}

impl Answer {
    /// `refusal` is what else comes with its status.
    fn to_json(&self, gives: &mut SchemaGenerator, refusal: Option<Value>) -> Value {
        let header = |(name, shared): &(&str, &str)| {
            let reference = json!({"$ref": format!("#/components/headers/{shared}")});
            ((*name).to_owned(), reference)
        };
        let headers: Map<_, _> = self.headers.iter().map(header).collect();
        let mut answer = json!({"description": self.description, "headers": headers});
        let Some(fields) = answer.as_object_mut() else {
            return answer;
        };
        let mut content = refusal
            .and_then(|refusal| refusal.get("content").cloned())
            .unwrap_or_else(|| json!({}));
        if let (Some((kind, schema, example)), Some(kinds)) =
            (&self.content, content.as_object_mut())
        {
            let media = json!({"schema": schema(gives), "example": example});
            kinds.insert((*kind).to_owned(), media);
            fields.insert("content".to_owned(), content);
        }
        if !self.links.is_empty() {
            fields.insert("links".to_owned(), Value::Object(self.links.clone()));
        }
        answer
    }
}
