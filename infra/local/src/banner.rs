//! What is printed at the start.

use crate::{LocalServer, stripe::WEBHOOK_PATH};

/// What is served where, and three lines to try.
pub(crate) fn banner(server: &LocalServer) -> String {
    let (base, api) = (server.base_url(), server.api_url());
    let dynamodb = server.dynamodb_endpoint();
    let data = match server.data() {
        Some(data) => format!("{}", data.display()),
        None => "in memory; --data DIR keeps it".to_owned(),
    };
    let package = server
        .catalog()
        .packages
        .first()
        .map_or("", |package| package.id.as_str());
    let currency = server
        .setting("CURRENCIES")
        .split(',')
        .next()
        .unwrap_or_default();
    let terms = server.setting("TERMS_VERSION");
    let stripe = if server.simulates_stripe() {
        format!("Stripe simulator  {base}/stripe-sim")
    } else {
        let url = server.setting("STRIPE_API_BASE");
        format!("Stripe            {url} in test mode; there is no simulator")
    };
    let events = if server.simulates_stripe() {
        String::new()
    } else {
        format!(
            "\nStripe's events do not come here by themselves; without them, coins come when the \
             buyer returns\nor within two minutes. In another terminal:\n\n  \
             stripe listen --forward-to {api}{WEBHOOK_PATH}\n"
        )
    };
    let elsewhere = if api == base {
        String::new()
    } else {
        format!("  API elsewhere     {api}; webhooks go there\n")
    };
    format!(
        r#"Recharge is ready.

  page and API      {base}
{elsewhere}  DynamoDB          {dynamodb} (region us-east-1, any credentials)
  {stripe}
  data              {data}
{events}
Three lines to try:

  TOKEN=$(curl -s {base}/dev/token -d '{{"user":"alice"}}' | cut -d'"' -f4)
  curl -s {api}/v1/packages
  curl -s {api}/v1/recharges -H "authorization: Bearer $TOKEN" -H 'idempotency-key: first' -H 'content-type: application/json' -d '{{"package_id":"{package}","currency":"{currency}","terms_version":"{terms}"}}'

The last one answers a checkout_url: open it in a browser and pay. Ctrl-C stops the server.
"#
    )
}
