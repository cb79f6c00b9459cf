//! Makes players on the local server: it issues tokens, and its Stripe simulator takes any card.

use anyhow::Context;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{Fan, Players, client::Api};

/// So many fans, each with the largest package, and so many creators.
pub(crate) async fn prepare(base_url: &str, fans: u32, creators: u32) -> anyhow::Result<Players> {
    let api = Api::new(base_url)?;
    let config = api
        .call(None, "", (Method::GET, "/v1/config"), Value::Null)
        .await?;
    let terms = config.get("terms_version").context("no terms_version")?;
    let packages = api
        .call(None, "", (Method::GET, "/v1/packages"), Value::Null)
        .await?;
    let largest = packages.pointer("/data").and_then(Value::as_array);
    let largest = largest
        .and_then(|all| all.last()?.get("id"))
        .context("no package")?;

    let mut players = Players {
        fans: Vec::new(),
        creators: Vec::new(),
    };
    for number in 0..creators {
        let user = format!("load-creator-{number}");
        let token = token(&api, &user).await?;
        let body = json!({"display_name": "Load", "country": "DE", "terms_version": terms});
        api.call(Some(&token), "", (Method::PUT, "/v1/creator"), body)
            .await?;
        players.creators.push(user);
    }
    for number in 0..fans {
        let user = format!("load-fan-{number}");
        let token = token(&api, &user).await?;
        let body = json!({"package_id": largest, "currency": "usd", "terms_version": terms});
        let bought = api
            .call(Some(&token), "load", (Method::POST, "/v1/recharges"), body)
            .await?;
        let url = bought.get("checkout_url").and_then(Value::as_str);
        let pay = format!("{}/pay", url.context("no checkout_url")?);
        api.call(
            None,
            "",
            (Method::POST, &pay),
            json!({"outcome": "succeed"}),
        )
        .await?;
        players.fans.push(Fan { user, token });
    }
    // The simulator's webhooks come by themselves; this waits until all were acknowledged.
    api.call(None, "", (Method::POST, "/stripe-sim/deliver"), json!({}))
        .await?;
    Ok(players)
}

async fn token(api: &Api, user: &str) -> anyhow::Result<String> {
    let body = json!({"user": user});
    let issued = api
        .call(None, "", (Method::POST, "/dev/token"), body)
        .await?;
    let token = issued.get("token").and_then(Value::as_str);
    Ok(token.context("no token")?.to_owned())
}
