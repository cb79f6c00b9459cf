//! Who calls.

use std::{collections::HashMap, sync::Arc};

use lambda_http::{Request, RequestExt, request::RequestContext};

use super::{Code, Problem, TokenRules, header, token::Claims};
use crate::{app::Clock, config::Reading, domain::UserId};

/// The scope of operators' tokens.
pub(super) const OPERATOR_SCOPE: &str = "recharge:admin";

/// Who calls, proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The acting user: never taken from a body (I7).
    pub user: UserId,
    /// What they may do beyond a fan.
    pub scopes: Vec<String>,
}

impl Caller {
    /// Makes sure that the caller is an operator.
    ///
    /// # Errors
    /// `forbidden`.
    pub fn must_be_operator(&self) -> Result<(), Problem> {
        if self.scopes.iter().any(|scope| scope == OPERATOR_SCOPE) {
            return Ok(());
        }
        let detail = format!("The token needs the scope {OPERATOR_SCOPE}.");
        Err(Problem::new(Code::Forbidden, detail))
    }
}

/// How callers are known: by the claims that API Gateway's authorizer has checked, or, where
/// there is none, by a token that we check ourselves.
#[derive(Debug, Clone)]
pub struct Callers {
    rules: Option<TokenRules>,
    clock: Arc<dyn Clock>,
}

impl Callers {
    /// From `JWT_ISSUER`, `JWT_AUDIENCE` and `JWT_JWKS`; without a key set only an authorizer's
    /// claims count.
    pub fn read(reading: &mut Reading<'_>, clock: Arc<dyn Clock>) -> Option<Self> {
        let issuer = reading.text("JWT_ISSUER");
        let audience = reading.text("JWT_AUDIENCE");
        let before = reading.problem_count();
        let rules = reading.optional("JWT_JWKS", |jwks| {
            // Read also when the others are missing: one message tells all that is wrong.
            let issuer = issuer.as_deref().unwrap_or_default();
            TokenRules::new(issuer, audience.as_deref().unwrap_or_default(), jwks)
        });
        let rules_are_fine = reading.problem_count() == before;
        let (_issuer, _audience) = (issuer?, audience?);
        rules_are_fine.then_some(Self { rules, clock })
    }

    /// Who sent this request.
    ///
    /// # Errors
    /// `unauthenticated`.
    pub fn identify(&self, request: &Request) -> Result<Caller, Problem> {
        self.known(request).ok_or_else(|| {
            Problem::new(
                Code::Unauthenticated,
                "Send a valid token as Authorization: Bearer.",
            )
        })
    }

    fn known(&self, request: &Request) -> Option<Caller> {
        if let Some(claims) = authorized(request) {
            // Whom the gateway let in calls, whatever else the request says.
            let scope = claims.get("scope").map_or("", String::as_str);
            return caller(claims.get("sub")?, scope);
        }
        let (scheme, unverified_token) = header(request, "authorization")?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let rules = self.rules.as_ref()?;
        let Claims { sub, scope, .. } = rules
            .verify(unverified_token.trim(), self.clock.now())
            .ok()?;
        caller(&sub, &scope)
    }
}

/// The claims that API Gateway's JWT authorizer has checked.
fn authorized(request: &Request) -> Option<&HashMap<String, String>> {
    let RequestContext::ApiGatewayV2(context) = request.request_context_ref()? else {
        return None;
    };
    Some(&context.authorizer.as_ref()?.jwt.as_ref()?.claims)
}

fn caller(subject: &str, scope: &str) -> Option<Caller> {
    let user = UserId::try_from(subject).ok()?;
    Some(Caller {
        user,
        scopes: scope.split_whitespace().map(str::to_owned).collect(),
    })
}
