//! The two calls of a gift and nothing else, as AWS's own examples write them: what our own work on a
//! gift is held against, request by request.

use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, KeysAndAttributes, Put, TransactWriteItem, Update},
};
use lambda_http::{Error, Request, run, service_fn, tracing};

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let config = aws_config::load_defaults(aws_config::BehaviorVersion::v2026_01_12()).await;
    let client = &Client::new(&config);
    run(service_fn(|request: Request| async move {
        let key = request.headers().get("idempotency-key");
        let key = key.and_then(|key| key.to_str().ok()).unwrap_or_default();
        load(client).await?;
        commit(client, key).await?;
        let response = lambda_http::Response::builder().status(201);
        Ok::<_, Error>(response.body("{}".to_owned())?)
    }))
    .await
}

const TABLE: &str = "recharge-ledger";

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn number(number: u64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// As a gift to a creator that the container knows: the wallet and the block.
async fn load(client: &Client) -> Result<(), Error> {
    let key =
        |pk: &str, sk: &str| [("PK".to_owned(), text(pk)), ("SK".to_owned(), text(sk))].into();
    let keys = KeysAndAttributes::builder()
        .keys(key("USER#raw", "WALLET"))
        .keys(key("CREATOR#creator", "BLOCK#raw"));
    let read = client.batch_get_item().request_items(TABLE, keys.build()?);
    read.send().await?;
    Ok(())
}

/// A wallet and an entry as large as a gift's, under conditions.
async fn commit(client: &Client, key: &str) -> Result<(), Error> {
    let wallet = Update::builder()
        .table_name(TABLE)
        .key("PK", text("USER#raw"))
        .key("SK", text("WALLET"))
        .update_expression("SET filler = :filler ADD version :one")
        .condition_expression("attribute_not_exists(version) OR version > :zero")
        .expression_attribute_values(":filler", text(&"x".repeat(200)))
        .expression_attribute_values(":one", number(1))
        .expression_attribute_values(":zero", number(0));
    let entry = Put::builder()
        .table_name(TABLE)
        .item("PK", text("USER#raw"))
        .item("SK", text(&format!("ENTRY#raw#{key}")))
        .item("seq", number(1))
        .item("filler", text(&"x".repeat(400)))
        .condition_expression("attribute_not_exists(PK)");
    let items = [
        TransactWriteItem::builder().update(wallet.build()?).build(),
        TransactWriteItem::builder().put(entry.build()?).build(),
    ];
    let write = client
        .transact_write_items()
        .set_transact_items(Some(items.into()));
    write.send().await?;
    Ok(())
}
