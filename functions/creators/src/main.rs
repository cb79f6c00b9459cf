//! The Lambda function `creators`: wiring only; what it does is in the library.

use creators::Function;
use lambda_http::{Error, run, service_fn, tracing};
use recharge_core::adapters::Setup;

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let function = Function::new(&Setup::from_environment().await)?;
    run(service_fn(|request| async {
        Ok::<_, Error>(function.handle(request).await)
    }))
    .await
}
