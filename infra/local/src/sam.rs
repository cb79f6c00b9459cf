//! What `sam local --env-vars` is given, so that functions in containers find what is here.

use std::path::Path;

use anyhow::Context;
use serde_json::{Map, Value};

use crate::{
    data::write_private,
    doors::{Doors, on_loopback},
    settings::LocalSettings,
    template::{Function, Template},
};

/// What a container calls the machine it runs on.
const HOST: &str = "host.docker.internal";

/// The settings by which functions call a service. Other addresses are for browsers, or names.
const CALLED: [&str; 2] = ["DYNAMODB_ENDPOINT", "STRIPE_API_BASE"];

/// Writes the variables of every function. They hold a key, if only a test key: the file is its
/// owner's alone.
///
/// # Errors
/// If the file cannot be written.
pub(crate) fn write_variables(
    file: &Path,
    template: &Template,
    settings: &LocalSettings,
    doors: &Doors,
) -> anyhow::Result<()> {
    let text = format!("{:#}\n", variables(template, settings, doors));
    write_private(file, text.as_bytes())
        .with_context(|| format!("--sam-env {}: cannot be written", file.display()))
}

/// By logical id. Every variable that the template declares is there, even where it is empty:
/// what is not overridden, `sam local` fills with what the template says for AWS.
fn variables(template: &Template, settings: &LocalSettings, doors: &Doors) -> Value {
    let of = |function: &Function| -> Map<String, Value> {
        let value = |name: &String| match settings.get(name) {
            url if CALLED.contains(&name.as_str()) => from_container(url, doors).into(),
            value => value.into(),
        };
        let names = function.variables.iter();
        names.map(|name| (name.clone(), value(name))).collect()
    };
    let functions = template.functions().iter();
    functions
        .map(|function| (function.logical_id.clone(), Value::Object(of(function))))
        .collect::<Map<_, _>>()
        .into()
}

/// An address as a container must have it.
fn from_container(url: &str, doors: &Doors) -> String {
    let Some((_, port)) = on_loopback(url) else {
        return url.to_owned();
    };
    let path = url
        .split_once("://")
        .and_then(|(_, rest)| rest.split_once('/'))
        .map_or_else(String::new, |(_, path)| format!("/{path}"));
    format!("http://{HOST}:{}{path}", doors.port(port))
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use recharge_core::adapters::stripe::parse_base_url;

    use serde_json::json;
    use tokio::{io::AsyncReadExt, net::TcpListener};

    use super::*;
    use crate::{Issuer, LocalServer, Options, stripe::WEBHOOK_PATH};

    async fn started(options: Options) -> (LocalServer, Value) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("env.json");
        let server = LocalServer::start(Options {
            issuer: Some(Issuer::shared()),
            sam_env: Some(file.clone()),
            api_url: Some("http://127.0.0.1:3001".to_owned()),
            ..options
        });
        let server = server.await.unwrap();
        let written = std::fs::read(&file).unwrap();
        (server, serde_json::from_slice(&written).unwrap())
    }

    fn port(url: &str) -> &str {
        url.rsplit(':').next().unwrap()
    }

    #[tokio::test]
    async fn every_variable_of_every_function_is_overridden() {
        let (server, written) = started(Options::default()).await;
        let template = Template::built_in().unwrap();
        for function in template.functions() {
            let given = written[&function.logical_id].as_object().unwrap();
            let names: Vec<_> = given.keys().collect();
            let declared: Vec<_> = function.variables.iter().collect();
            assert_eq!(names, declared, "{}", function.logical_id);
            assert!(given.values().all(Value::is_string), "{given:?}");
        }
        let recharges = &written["RechargesFunction"];
        assert_eq!(recharges["STRIPE_API_KEY"], "sk_test_local");
        // The template names a secret of AWS here, which no container could read.
        assert_eq!(recharges["STRIPE_API_KEY_SECRET_ID"], "");
        server.shutdown().await;
    }

    #[tokio::test]
    async fn what_functions_call_is_told_as_containers_reach_it() {
        let (server, written) = started(Options::default()).await;
        let recharges = &written["RechargesFunction"];
        let dynamodb = port(server.dynamodb_endpoint());
        let expected = format!("http://host.docker.internal:{dynamodb}");
        assert_eq!(recharges["DYNAMODB_ENDPOINT"], expected);
        let own = port(server.base_url());
        let stripe = format!("http://host.docker.internal:{own}/stripe-sim");
        assert_eq!(recharges["STRIPE_API_BASE"], stripe);
        assert!(parse_base_url(&stripe).is_ok(), "the functions take it");
        // Browsers and tokens know nothing of containers.
        assert_eq!(recharges["PUBLIC_URL"], "http://127.0.0.1:3001");
        assert_eq!(recharges["JWT_ISSUER"], "http://127.0.0.1:3001");
        assert_eq!(server.api_url(), "http://127.0.0.1:3001");
        server.shutdown().await;
    }

    #[tokio::test]
    async fn webhooks_go_to_the_other_front_door() {
        let front_door = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let api_url = format!("http://{}", front_door.local_addr().unwrap());
        let server = LocalServer::start(Options {
            issuer: Some(Issuer::shared()),
            api_url: Some(api_url),
            ..Options::default()
        });
        let server = server.await.unwrap();
        let sessions = format!("{}/stripe-sim/v1/checkout/sessions", server.base_url());
        let client = reqwest::Client::new();
        let create = client.post(sessions).bearer_auth("sk_test_x").body(
            "mode=payment&success_url=https://x.example&line_items[0][quantity]=1\
             &line_items[0][price_data][currency]=usd&line_items[0][price_data][unit_amount]=499\
             &line_items[0][price_data][product_data][name]=x",
        );
        let create = create.header("content-type", "application/x-www-form-urlencoded");
        let session: Value = create.send().await.unwrap().json().await.unwrap();
        let id = session["id"].as_str().unwrap();
        let pay = format!("{}/stripe-sim/checkout/{id}/pay", server.base_url());
        let pay = client.post(pay).json(&json!({"outcome": "succeed"}));
        assert!(pay.send().await.unwrap().status().is_success());

        let (mut webhook, _) = front_door.accept().await.unwrap();
        let expected = format!("POST {WEBHOOK_PATH} HTTP/1.1\r\n");
        let mut line = vec![0; expected.len()];
        webhook.read_exact(&mut line).await.unwrap();
        assert_eq!(String::from_utf8(line).unwrap(), expected);
        drop((webhook, front_door));
        server.shutdown().await;
    }

    #[tokio::test]
    async fn through_doors_the_server_and_its_dynamodb_answer() {
        let (server, written) = started(Options {
            also_listen: Some(Ipv4Addr::LOCALHOST),
            ..Options::default()
        })
        .await;
        let recharges = &written["RechargesFunction"];
        for (name, own, path) in [
            ("STRIPE_API_BASE", server.base_url(), "/v1/charges"),
            ("DYNAMODB_ENDPOINT", server.dynamodb_endpoint(), "/"),
        ] {
            let url = recharges[name].as_str().unwrap();
            let here = url.replace(HOST, "127.0.0.1");
            assert!(!here.starts_with(own), "{here} is a door, not {own}");
            let direct = url.replace(url.split('/').nth(2).unwrap(), &own["http://".len()..]);
            let answer = async |url: &str| {
                let response = reqwest::get(format!("{url}{path}")).await.unwrap();
                response.status()
            };
            assert_eq!(answer(&here).await, answer(&direct).await, "{name}");
        }
        server.shutdown().await;
    }

    #[test]
    fn addresses_elsewhere_stay_as_they_are() {
        let doors = Doors::default();
        for url in ["https://api.stripe.com/", "http://10.1.2.3:8000", ""] {
            assert_eq!(from_container(url, &doors), url);
        }
        let localhost = from_container("http://localhost:8000/a/b", &doors);
        assert_eq!(localhost, "http://host.docker.internal:8000/a/b");
    }
}
