//! The least that a function on DynamoDB can be, as AWS's own examples write it: what the cold
//! starts of ours are held against.

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use lambda_http::{Error, run, service_fn, tracing};

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let config = aws_config::load_defaults(aws_config::BehaviorVersion::v2026_01_12()).await;
    let client = &Client::new(&config);
    run(service_fn(|_| async move {
        let key = |text: &str| AttributeValue::S(text.to_owned());
        let read = client.get_item().table_name("recharge-ledger");
        let read = read.key("PK", key("CATALOG")).key("SK", key("GIFTS"));
        let found = read.send().await?.item.is_some();
        Ok::<_, Error>(serde_json::json!({ "found": found }).to_string())
    }))
    .await
}
