//! What a request carries beside its body.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

/// A parameter.
#[derive(Debug, Clone)]
pub enum Parameter {
    /// One that several operations have, by its name among the components.
    Shared(&'static str),
    /// A part of the path.
    Path {
        /// Its name.
        name: &'static str,
        /// What it is.
        description: &'static str,
        /// An example.
        example: &'static str,
        /// How it looks.
        schema: fn(&mut SchemaGenerator) -> Schema,
    },
}

impl Parameter {
    /// `Idempotency-Key`.
    pub const IDEMPOTENCY_KEY: Self = Self::Shared("IdempotencyKey");
    /// `Recharge-Client`.
    pub const CLIENT: Self = Self::Shared("RechargeClient");
    /// `If-None-Match`.
    pub const IF_NONE_MATCH: Self = Self::Shared("IfNoneMatch");
    /// `?currency=`.
    pub const CURRENCY: Self = Self::Shared("Currency");
    /// `?limit=`.
    pub const LIMIT: Self = Self::Shared("Limit");
    /// `?cursor=`.
    pub const CURSOR: Self = Self::Shared("Cursor");

    /// A part of the path that is a `T`.
    #[must_use]
    pub fn path<T: JsonSchema>(
        name: &'static str,
        description: &'static str,
        example: &'static str,
    ) -> Self {
        let schema = SchemaGenerator::subschema_for::<T>;
        Self::Path {
            name,
            description,
            example,
            schema,
        }
    }

    pub(super) fn to_json(&self, generator: &mut SchemaGenerator) -> Value {
        match self {
            Self::Shared(name) => json!({"$ref": format!("#/components/parameters/{name}")}),
            Self::Path {
                name,
                description,
                example,
                schema,
            } => json!({
                "name": name,
                "in": "path",
                "required": true,
                "description": description,
                "schema": schema(generator),
                "example": example,
            }),
        }
    }
}

/// The parameters that several operations have.
pub(super) fn shared() -> Value {
    json!({
        "IdempotencyKey": {
            "name": "Idempotency-Key",
            "in": "header",
            "required": true,
            "description": "Makes the request safe to repeat. It belongs to one user and one operation, for ever: repeat it with the request, and take another for another act.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
            "example": "7d8f2c1e-7f0b-4f0e-9d0f-2f2a1d7f4c55",
        },
        "RechargeClient": {
            "name": "Recharge-Client",
            "in": "header",
            "required": false,
            "description": "Which app asks: platform, version and, if known, the storefront in ISO 3166-1 alpha-2. Absent or unparsable it counts as a current `web`.",
            "schema": {"type": "string"},
            "example": "ios/3.2.1; storefront=US",
        },
        "IfNoneMatch": {
            "name": "If-None-Match",
            "in": "header",
            "required": false,
            "description": "The `ETag` of what is known already.",
            "schema": {"type": "string"},
        },
        "Currency": {
            "name": "currency",
            "in": "query",
            "required": false,
            "description": "One of `currencies` of `/v1/config`; the first of them if absent.",
            "schema": {"$ref": "#/components/schemas/Currency"},
            "example": "usd",
        },
        "Limit": {
            "name": "limit",
            "in": "query",
            "required": false,
            "description": "How many at most. A page may have fewer although more follow.",
            "schema": {"type": "integer", "format": "int32", "minimum": 1, "maximum": 100, "default": 20},
            "example": 20,
        },
        "Cursor": {
            "name": "cursor",
            "in": "query",
            "required": false,
            "description": "The `next_cursor` of the page before, as it was. It belongs to one user and one list.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 512},
        },
    })
}

/// The headers that several answers have.
pub(super) fn headers() -> Value {
    let header = |description: &str, required: bool, schema: Value| json!({"description": description, "required": required, "schema": schema});
    let text = || json!({"type": "string"});
    json!({
        "CacheControl": header("Whether, and for how many seconds, it may be kept.", true, text()),
        "ETag": header("Equal answers, and only those, share it.", true, text()),
        "IdempotentReplayed": header(
            "`true` if the answer was stored by an earlier request with the same key.",
            false,
            json!({"type": "string", "enum": ["true"]}),
        ),
        "RetryAfter": header(
            "After so many seconds the same may be sent again.",
            false,
            json!({"type": "integer", "format": "int32", "minimum": 1}),
        ),
        "WwwAuthenticate": header("Which proof is missing.", false, text()),
    })
}
