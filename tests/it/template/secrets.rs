//! Which secrets are where, and who may read them.

use serde_norway::Value;

use super::{
    document,
    permissions::{API_KEY, WEBHOOK_SECRETS},
    written,
};
use crate::architecture::read;

/// What CloudFormation resolves stands in the functions' environment, for everybody who may look
/// at them, until the next deployment.
#[test]
fn no_secret_of_stripe_is_in_a_variable() {
    let document = document();
    let value = |function: &str, name: &str| {
        let properties = &document["Resources"][function]["Properties"];
        written(&properties["Environment"]["Variables"][name])
    };
    for (function, name, id) in [
        ("RechargesFunction", "STRIPE_API_KEY", API_KEY),
        ("ReconcileFunction", "STRIPE_API_KEY", API_KEY),
        ("WebhookFunction", "STRIPE_API_KEY", API_KEY),
        ("WebhookFunction", "STRIPE_WEBHOOK_SECRETS", WEBHOOK_SECRETS),
    ] {
        assert_eq!(value(function, name), "", "{name} is for `sam local`");
        assert_eq!(value(function, &format!("{name}_SECRET_ID")), id);
    }
    let resolved: Vec<_> = read("template.yaml")
        .lines()
        .filter(|line| line.contains("{{resolve:"))
        .map(|line| line.trim().to_owned())
        .collect();
    // Of the two functions with lists.
    assert_eq!(resolved.len(), 2, "{resolved:?}");
    for line in &resolved {
        assert!(line.starts_with("CURSOR_SECRETS:"), "{resolved:?}");
    }
}

/// A parameter's pattern is all that stands between a deployment and a role for every secret.
#[test]
fn the_secrets_that_a_function_may_read_are_named_whole() {
    let parameters = &document()["Parameters"];
    for name in ["StripeApiKeySecretArn", "StripeWebhookSecretsSecretArn"] {
        let pattern = parameters[name]["AllowedPattern"].as_str().unwrap();
        assert!(
            pattern.starts_with("^arn:aws") && pattern.ends_with("-[A-Za-z0-9]{6}$"),
            "{name}: {pattern}"
        );
        assert!(!pattern.contains(".*"), "{name}: {pattern}");
        assert_eq!(parameters[name]["Default"], Value::Null, "{name}");
    }
}
