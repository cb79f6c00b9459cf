use aws_sdk_secretsmanager::config::{Credentials, Region, SharedCredentialsProvider};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::*;
use crate::adapters::stub::{Answer, Stub};

const ID: &str = "arn:aws:secretsmanager:us-east-1:123456789012:secret:some/id-AbCdEf";

fn store(stub: &Stub) -> SecretsManager {
    let credentials = Credentials::new("id", "key", None, None, "test");
    let config = SdkConfig::builder()
        .behavior_version(dynamodb::behavior())
        .retry_config(dynamodb::retries().with_max_attempts(1))
        .region(Region::from_static("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(&stub.url);
    SecretsManager::new(&config.build())
}

#[tokio::test]
async fn the_current_version_is_asked_for_and_its_text_is_the_secret() {
    let text = json!({"ARN": ID, "Name": "some/id", "SecretString": "hidden"}).to_string();
    let stub = Stub::start(vec![Answer::Json(200, text)]).await;
    let secret = store(&stub).fetch(ID).await.unwrap();
    assert_eq!(secret.expose_secret(), "hidden");
    let asked = &stub.asked()[0];
    let target = asked.headers["x-amz-target"].as_str();
    assert_eq!(target, "secretsmanager.GetSecretValue");
    let body: Value = serde_json::from_str(&asked.body).unwrap();
    assert_eq!(body, json!({"SecretId": ID}));
}

#[tokio::test]
async fn a_failure_says_why_and_tells_nothing_of_the_secret() {
    let refused = json!({"__type": "AccessDeniedException", "message": "not you"});
    for (answer, expected) in [
        (Answer::Json(400, refused.to_string()), "not you"),
        (
            Answer::Json(200, json!({"SecretBinary": "aGlkZGVu"}).to_string()),
            "the secret is not a text",
        ),
        (
            Answer::Json(200, "{\"SecretString\": \"hidden\"".to_owned()),
            "",
        ),
        (Answer::Raw("junk\r\n\r\n"), ""),
    ] {
        let stub = Stub::start(vec![answer]).await;
        let outage = store(&stub).fetch(ID).await.unwrap_err();
        let told = format!("{} {outage:?}", outage.causes());
        assert!(told.starts_with("Secrets Manager is unavailable"), "{told}");
        assert!(told.contains(expected), "{told}");
        assert!(!told.contains("hidden") && !told.contains("aGlk"), "{told}");
    }
}
