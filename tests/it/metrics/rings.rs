//! The alarms of the template ring at what happens: the lines that it made are summed as CloudWatch does.

use serde_norway::Value as Yaml;

use super::*;
use crate::template::alarms::{alarm, scalar};

/// Whether a period in which these lines were told so many times is above the threshold of an alarm.
fn rings(alarm: &Yaml, lines: &[Map<String, Value>], times: u64) -> bool {
    assert_eq!(alarm["Statistic"].as_str(), Some("Sum"));
    assert_eq!(
        alarm["ComparisonOperator"].as_str(),
        Some("GreaterThanThreshold")
    );
    let metric = alarm["MetricName"].as_str().unwrap();
    let dimension = &alarm["Dimensions"][0];
    let is_looked_at = |line: &&Map<String, Value>| match dimension["Name"].as_str() {
        None => rules::dimensions_of(line, metric).is_empty(),
        Some(name) => {
            rules::dimensions_of(line, metric) == [name]
                && line[name].as_str() == dimension["Value"].as_str()
        }
    };
    let told = lines.iter().filter(|line| line.contains_key(metric));
    let values = told.filter(is_looked_at).flat_map(rules::values);
    let of_metric = values.filter(|(name, _)| name == metric);
    let sum: u64 = of_metric.flat_map(|(_, values)| values).sum();
    times * sum > scalar(&alarm["Threshold"]).parse::<u64>().unwrap()
}

#[tokio::test]
async fn an_alarm_rings_at_what_it_is_for_and_at_nothing_less() {
    let (world, lines) = world().await;
    let (fan, rich) = (world.fan("fan"), world.fan_with("rich", 100).await);
    let now = || world.server.clock().now().as_second();
    let hear = async |body: &str, secret: &str| {
        let request = world
            .api
            .request(reqwest::Method::POST, "/v1/stripe/webhook");
        let request = request.header("stripe-signature", sign(body, secret, now()));
        request.body(body.to_owned()).send().await.unwrap();
        lines.take()
    };
    let refused = hear("{}", "whsec_wrong").await;
    let unreadable = hear("{", "whsec_local").await;
    let asked = fan.recharge("r", "coins_70").await;
    let (id, session) = (asked.body["id"].as_str().unwrap(), asked.checkout_session());
    let wrong = completed_event(id, session, 98, now()).to_string();
    lines.take();
    let review = hear(&wrong, "whsec_local").await;
    world.faults.plan(0, Fault::ServerError, 20);
    assert_eq!(rich.gift("g", "rose").await.status, 503);
    world.faults.reset();
    let outage = lines.take();
    assert_eq!(rich.gift("g", "rose").await.status, 201);
    let gift = lines.take();

    // How many of them in a period are one too many.
    for (name, line, loud) in [
        ("SignaturesRefusedAlarm", &refused, 11),
        ("UnreadableEventsAlarm", &unreadable, 1),
        ("ReviewsAlarm", &review, 1),
        ("OutagesAlarm", &outage, 6),
    ] {
        let alarm = alarm(name);
        assert_eq!(line.len(), 1, "{name}: {line:?}");
        assert!(rings(&alarm, line, loud), "{name}: {line:?}");
        assert!(!rings(&alarm, line, loud - 1), "{name}: {line:?}");
        assert!(!rings(&alarm, &gift, 1_000), "{name}: {gift:?}");
    }
    world.stop().await;
}
