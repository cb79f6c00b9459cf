//! The Lambda function `reconcile`: wiring only; what it does is in the library.

use lambda_http::{
    Error, LambdaEvent,
    lambda_runtime::{run, service_fn},
    tracing,
};
use recharge_core::adapters::Setup;
use reconcile::Function;
use serde::de::IgnoredAny;

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let function = Function::new(&Setup::from_environment().await)?;
    run(service_fn(|_scheduled: LambdaEvent<IgnoredAny>| async {
        Ok::<_, Error>(function.run().await?)
    }))
    .await
}
