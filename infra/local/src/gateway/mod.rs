//! API Gateway's part: HTTP in, events of the HTTP API's payload format 2.0 to the very
//! handlers that Lambda gets, HTTP out.

mod event;
mod invoke;
mod percent;
mod response;
mod routes;

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{ConnectInfo, State},
    response::{IntoResponse, Response},
};
use http::{Request, StatusCode, header, request::Parts};
use recharge_core::app::Clock;

use self::{event::Incoming, routes::Routes};
use crate::{functions::Functions, random, template::Template};

/// API Gateway's limit for a body: 10 MB.
const BODY_BYTES_MAX: usize = 10 * 1024 * 1024;

/// Leads every route of a template to its function.
#[derive(Debug, Clone)]
pub(crate) struct Gateway(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    routes: Routes,
    domain: String,
    clock: Arc<dyn Clock>,
}

impl Gateway {
    /// A gateway at `domain`, the host and port that clients know it by.
    ///
    /// # Errors
    /// If the template and the functions do not fit each other.
    pub(crate) fn new(
        template: &Template,
        functions: &Functions,
        domain: String,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Self> {
        let routes = Routes::new(template, functions)?;
        Ok(Self(Arc::new(Inner {
            routes,
            domain,
            clock,
        })))
    }

    /// Answers everything that no other router does.
    pub(crate) fn router(self) -> Router {
        Router::new().fallback(serve).with_state(self)
    }
}

async fn serve(
    State(gateway): State<Gateway>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request<Body>,
) -> Response {
    let (parts, body) = request.into_parts();
    let Some(path) = percent::path(parts.uri.path()) else {
        return message(StatusCode::BAD_REQUEST, "Bad Request");
    };
    let Some((target, path_parameters)) = gateway.0.routes.find(&parts.method, &path) else {
        return message(StatusCode::NOT_FOUND, "Not Found");
    };
    if declared_length(&parts).is_some_and(|length| length > BODY_BYTES_MAX) {
        return message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    }
    let body = match to_bytes(body, BODY_BYTES_MAX).await {
        Ok(body) => body,
        Err(error) => return unreadable(&error),
    };
    let request_id = match random::text::<12>() {
        Ok(request_id) => request_id,
        Err(error) => {
            tracing::error!("no request id: {error:#}");
            return message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error");
        }
    };
    let incoming = Incoming {
        route_key: &target.route_key,
        path: &path,
        path_parameters: &path_parameters,
        parts: &parts,
        body: &body,
        domain: &gateway.0.domain,
        source_ip: peer.ip(),
        request_id: &request_id,
        now: gateway.0.clock.now(),
    };
    let response = invoke::invoke(&target.handler, &incoming, &request_id).await;
    let response = response.map_or_else(
        || message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
        response::to_http,
    );
    let status = response.status().as_u16();
    tracing::info!(
        http.status = status,
        request.id = request_id,
        "{}",
        target.route_key
    );
    response
}

fn declared_length(parts: &Parts) -> Option<usize> {
    parts
        .headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

/// Either the body was longer than it said, or the client went away and reads nothing more.
fn unreadable(error: &axum::Error) -> Response {
    tracing::debug!("a body was not read: {error}");
    message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large")
}

/// What API Gateway itself says, in its own form.
fn message(status: StatusCode, message: &str) -> Response {
    let body = serde_json::json!({ "message": message }).to_string();
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
