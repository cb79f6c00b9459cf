//! What is printed at the start.

use crate::LocalServer;

/// What is served where, and three lines to try.
pub(crate) fn banner(server: &LocalServer) -> String {
    let base = server.base_url();
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
    format!(
        r#"Recharge is ready.

  page and API      {base}
  DynamoDB          {dynamodb} (region us-east-1, any credentials)
  Stripe simulator  {base}/stripe-sim
  data              {data}

Three lines to try:

  TOKEN=$(curl -s {base}/dev/token -d '{{"user":"alice"}}' | cut -d'"' -f4)
  curl -s {base}/v1/packages
  curl -s {base}/v1/recharges -H "authorization: Bearer $TOKEN" -H 'idempotency-key: first' -H 'content-type: application/json' -d '{{"package_id":"{package}","currency":"{currency}","terms_version":"{terms}"}}'

The last one answers a checkout_url: open it in a browser and pay. Ctrl-C stops the server.
"#
    )
}
