//! Who may call an operation.

use serde_json::{Value, json};

use super::super::caller::OPERATOR_SCOPE;

/// Who may call an operation, and about whom it tells: no operation can be described without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Public,
    /// Anybody who has the link, because its id cannot be guessed.
    Link,
    /// Whoever has a token, about themself.
    Caller,
    /// Whoever has a token, about what is theirs; to others it does not exist.
    Owner,
    /// Whoever has a token and is a creator, about themself.
    Creator,
    /// Operators.
    Operator,
    /// Stripe, which signs.
    Stripe,
}

impl Access {
    /// Every one there is.
    pub const ALL: [Self; 7] = [
        Self::Public,
        Self::Link,
        Self::Caller,
        Self::Owner,
        Self::Creator,
        Self::Operator,
        Self::Stripe,
    ];

    /// Its name in the document: `x-recharge-access`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Link => "link",
            Self::Caller => "caller",
            Self::Owner => "owner",
            Self::Creator => "creator",
            Self::Operator => "operator",
            Self::Stripe => "stripe",
        }
    }

    /// The one of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|access| access.as_str() == name)
    }

    /// Whether a token is needed.
    #[must_use]
    pub const fn needs_token(self) -> bool {
        match self {
            Self::Public | Self::Link | Self::Stripe => false,
            Self::Caller | Self::Owner | Self::Creator | Self::Operator => true,
        }
    }

    pub(super) fn security(self) -> Value {
        match self {
            Self::Public | Self::Link => json!([]),
            Self::Caller | Self::Owner | Self::Creator => json!([{"token": []}]),
            Self::Operator => json!([{"token": [OPERATOR_SCOPE]}]),
            Self::Stripe => json!([{"stripeSignature": []}]),
        }
    }
}

/// The two proofs that a request may carry.
pub(super) fn schemes() -> Value {
    json!({
        "token": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": format!(
                "RS256, of the configured issuer and audience. The acting user is `sub`. Operators have `{OPERATOR_SCOPE}` in `scope`."
            ),
        },
        "stripeSignature": {
            "type": "apiKey",
            "in": "header",
            "name": "Stripe-Signature",
            "description": "Stripe's signature over the very bytes of the body.",
        },
    })
}
