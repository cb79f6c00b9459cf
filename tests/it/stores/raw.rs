//! Calls as they go over the wire: what the SDK hides is seen here.

use recharge_testkit::World;
use reqwest::Client;
use serde_json::{Value, json};

/// A signature that no emulator checks.
const SIGNED: &str = "AWS4-HMAC-SHA256 \
    Credential=local/20260101/us-east-1/dynamodb/aws4_request, \
    SignedHeaders=host;x-amz-date;x-amz-target, Signature=none";

/// A table shaped as the ledger is, with nothing in it but what a test puts there.
pub(super) struct Raw {
    world: World,
    client: Client,
    pub(super) table: String,
    pub(super) stream: Value,
}

impl Raw {
    pub(super) async fn start() -> Self {
        let world = World::start().await;
        let mut raw = Self {
            client: Client::new(),
            table: format!("{}-facts", world.table()),
            stream: Value::Null,
            world,
        };
        let attribute =
            |name: &str, kind: &str| json!({"AttributeName": name, "AttributeType": kind});
        let key = |hash: &str, range: &str| json!([{"AttributeName": hash, "KeyType": "HASH"}, {"AttributeName": range, "KeyType": "RANGE"}]);
        let made = raw
            .ok("CreateTable", json!({
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [attribute("PK", "S"), attribute("SK", "S"), attribute("seq", "N")],
                "KeySchema": key("PK", "SK"),
                "GlobalSecondaryIndexes": [{
                    "IndexName": "statement", "KeySchema": key("PK", "seq"), "Projection": {"ProjectionType": "ALL"},
                }],
                "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"},
            }))
            .await;
        raw.stream = made["TableDescription"]["LatestStreamArn"].clone();
        raw
    }

    pub(super) async fn stop(self) {
        self.ok("DeleteTable", json!({})).await;
        self.world.stop().await;
    }

    /// Status and body of an operation; `TableName` is filled in where the table is the subject.
    pub(super) async fn call(&self, operation: &str, mut body: Value) -> (u16, Value) {
        let of_streams = ["DescribeStream", "GetShardIterator", "GetRecords"].contains(&operation);
        let of_several = operation.starts_with("Batch") || operation.starts_with("Transact");
        if !of_streams && !of_several {
            body["TableName"] = json!(self.table);
        }
        let service = if of_streams {
            "DynamoDBStreams"
        } else {
            "DynamoDB"
        };
        let request = self.client.post(self.world.server.dynamodb_endpoint());
        let answer = request
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-target", format!("{service}_20120810.{operation}"))
            .header("x-amz-date", "20260101T000000Z")
            .header("authorization", SIGNED)
            .body(body.to_string())
            .send()
            .await
            .unwrap();
        let status = answer.status().as_u16();
        (
            status,
            serde_json::from_str(&answer.text().await.unwrap()).unwrap(),
        )
    }

    /// The body of an operation that succeeds.
    pub(super) async fn ok(&self, operation: &str, body: Value) -> Value {
        let (status, answer) = self.call(operation, body).await;
        assert_eq!(status, 200, "{operation}: {answer}");
        answer
    }

    /// The name of the error that refuses an operation, and the whole body.
    pub(super) async fn refused(&self, operation: &str, body: Value) -> (String, Value) {
        let (status, answer) = self.call(operation, body).await;
        assert_eq!(status, 400, "{operation}: {answer}");
        let name = answer["__type"].as_str().unwrap();
        (name.rsplit('#').next().unwrap().to_owned(), answer)
    }

    /// Puts one item.
    pub(super) async fn put(&self, item: Value) {
        self.ok("PutItem", json!({ "Item": item })).await;
    }

    /// Puts one item into another table.
    pub(super) async fn put_elsewhere(&self, item: Value) {
        let put = json!({"Put": {"TableName": self.world.table(), "Item": item}});
        self.ok("TransactWriteItems", json!({ "TransactItems": [put] }))
            .await;
    }

    /// An item's put in a transaction.
    pub(super) fn putting(&self, item: Value) -> Value {
        json!({"Put": {"TableName": self.table, "Item": item}})
    }

    /// Adds one to `c` of an item in a transaction.
    pub(super) fn adding(&self, sk: &str) -> Value {
        json!({"Update": {
            "TableName": self.table, "Key": item(sk), "UpdateExpression": "ADD c :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }})
    }
}

/// An item that no index has; its key, too.
pub(super) fn item(sk: &str) -> Value {
    json!({"PK": {"S": "p"}, "SK": {"S": sk}})
}

/// An item that the index has.
pub(super) fn indexed(sk: &str) -> Value {
    json!({"PK": {"S": "p"}, "SK": {"S": sk}, "seq": {"N": "1"}})
}
