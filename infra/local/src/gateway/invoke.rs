//! What the Lambda service and its runtime do: hand over an event, outlive a panic.

use lambda_http::{Body, Context, Request, RequestExt, Response, request::LambdaRequest};

use super::event::Incoming;
use crate::functions::Handler;

/// The handler's answer, or `None` if it has none: then it is logged why.
pub(super) async fn invoke(
    handler: &Handler,
    incoming: &Incoming<'_>,
    request_id: &str,
) -> Option<Response<Body>> {
    // As text, so that lambda_http reads what it reads on AWS.
    let event = serde_json::to_string(&incoming.to_event());
    let mut context = Context::default();
    request_id.clone_into(&mut context.request_id);
    let handler = handler.clone();
    // A task of its own: a panic ends only that, and a client that goes away ends nothing.
    let answer = tokio::spawn(async move {
        let request: LambdaRequest = serde_json::from_str(&event?)?;
        Ok::<_, serde_json::Error>(
            handler
                .call(Request::from(request).with_lambda_context(context))
                .await,
        )
    });
    match answer.await {
        Ok(Ok(response)) => Some(response),
        Ok(Err(error)) => {
            tracing::error!(
                request.id = request_id,
                "the event was not understood: {error}"
            );
            None
        }
        Err(error) => {
            tracing::error!(request.id = request_id, "{}: {error}", incoming.route_key);
            None
        }
    }
}
