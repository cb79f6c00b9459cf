//! The simulator behind a socket, for clients that take nothing but an address.

use std::net::Ipv4Addr;

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use tokio::net::TcpListener;

use crate::DynamoDbSim;

impl DynamoDbSim {
    /// Answers on a port of the loopback interface for as long as the runtime lives, without weather;
    /// its address, such as `http://127.0.0.1:8000`.
    ///
    /// # Errors
    /// If no port is free.
    pub async fn serve(&self) -> std::io::Result<String> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = format!("http://{}", listener.local_addr()?);
        let router = Router::new()
            .fallback(answer)
            .layer(DefaultBodyLimit::disable())
            .with_state(self.clone());
        tokio::spawn(async { axum::serve(listener, router).await });
        Ok(address)
    }
}

async fn answer(State(dynamodb): State<DynamoDbSim>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers
        .get("x-amz-target")
        .and_then(|target| target.to_str().ok());
    let operation = target.and_then(|target| target.rsplit('.').next());
    let (status, body) = dynamodb.answer_calmly(operation.unwrap_or_default(), &body);
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(CONTENT_TYPE, "application/x-amz-json-1.0")], body).into_response()
}
