//! `Recharge-Client: ios/3.2.1; storefront=US`: which app asks, and the rules for apps.

use lambda_http::Request;
use serde::Deserialize;

use super::header;
use crate::{
    config::Reading,
    domain::{Channel, ChannelRule, Client, ClientRules, Platform, Storefront},
};

/// The app that sent the request. Absent or unparsable, it counts as a current browser.
#[must_use]
pub fn client_of(request: &Request) -> Client {
    let told = header(request, "recharge-client").and_then(parse);
    told.unwrap_or(Client::CURRENT_WEB)
}

fn parse(text: &str) -> Option<Client> {
    let mut parts = text.split(';').map(str::trim);
    let (platform, version) = parts.next()?.split_once('/')?;
    let mut client = Client {
        platform: Platform::named(platform)?,
        version: Some(version.parse().ok()?),
        storefront: None,
    };
    for part in parts {
        // Whatever else clients may say later is no business of ours yet.
        if let Some((name, value)) = part.split_once('=')
            && name.trim() == "storefront"
        {
            client.storefront = Some(Storefront::try_from(value.trim()).ok()?);
        }
    }
    Some(client)
}

/// Reads `MIN_APP_VERSION_IOS`, `…_ANDROID`, `…_WEB` and `RECHARGE_CHANNELS`.
pub fn client_rules(reading: &mut Reading<'_>) -> Option<ClientRules> {
    let ios = reading.required("MIN_APP_VERSION_IOS", str::parse);
    let android = reading.required("MIN_APP_VERSION_ANDROID", str::parse);
    let web = reading.required("MIN_APP_VERSION_WEB", str::parse);
    let channels = reading.required("RECHARGE_CHANNELS", channels);
    Some(ClientRules {
        min_ios: ios?,
        min_android: android?,
        min_web: web?,
        channels: channels?,
    })
}

/// A rule as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleText {
    platform: String,
    storefronts: Vec<String>,
    channel: String,
}

fn channels(text: &str) -> Result<Vec<ChannelRule>, String> {
    let rules: Vec<RuleText> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    rules.into_iter().map(rule).collect()
}

fn rule(text: RuleText) -> Result<ChannelRule, String> {
    let storefront = |code: &String| Storefront::try_from(code.as_str());
    let storefronts: Result<_, _> = text.storefronts.iter().map(storefront).collect();
    Ok(ChannelRule {
        platform: Platform::named(&text.platform).ok_or("a platform is ios, android or web")?,
        storefronts: storefronts.map_err(|error| error.to_string())?,
        channel: match text.channel.as_str() {
            "stripe_web" => Channel::StripeWeb,
            "store_only" => Channel::StoreOnly,
            _ => return Err("a channel is stripe_web or store_only".to_owned()),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_parsed_counts_as_a_current_browser() {
        for text in [
            "",
            "ios",
            "ios/",
            "ios/3.2",
            "windows/1.2.3",
            "IOS/1.2.3",
            "ios/1.2.3; storefront=usa",
            "ios/1.2.3; storefront=us",
            "ios/1.2.3-beta",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_client_says_its_platform_version_and_storefront() {
        let told = parse("android/3.10.1 ; storefront=BR ; build=7").unwrap();
        assert_eq!(told.platform, Platform::Android);
        assert_eq!(told.version.unwrap().to_string(), "3.10.1");
        assert_eq!(told.storefront.unwrap().to_string(), "BR");
        assert_eq!(parse("ios/3.2.1").unwrap().storefront, None);
    }

    #[test]
    fn a_wrong_rule_is_a_wrong_setting() {
        for text in [
            "{}",
            r#"[{"platform": "tv", "storefronts": [], "channel": "stripe_web"}]"#,
            r#"[{"platform": "ios", "storefronts": ["usa"], "channel": "stripe_web"}]"#,
            r#"[{"platform": "ios", "storefronts": [], "channel": "both"}]"#,
            r#"[{"platform": "ios", "storefronts": [], "channel": "stripe_web", "x": 1}]"#,
        ] {
            assert!(channels(text).is_err(), "{text}");
        }
        assert_eq!(channels("[]"), Ok(Vec::new()));
    }
}
