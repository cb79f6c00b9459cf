//! The Lambda function `relay`: wiring only; what it does is in the library.

use lambda_runtime::{Error, LambdaEvent, run, service_fn, tracing};
use recharge_core::adapters::Setup;
use relay::Function;

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let function = Function::new(&Setup::from_environment().await)?;
    run(service_fn(|event: LambdaEvent<_>| async {
        Ok::<_, Error>(function.handle(event.payload).await?)
    }))
    .await
}
