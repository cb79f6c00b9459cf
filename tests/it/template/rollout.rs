//! How a new version gets its requests, and loses them again.

use std::collections::BTreeSet;

use super::{SCHEDULED, STREAMED, document, each, template, written};

#[test]
fn requests_go_to_an_alias_that_every_change_moves() {
    let document = document();
    let globals = &document["Globals"]["Function"];
    assert_eq!(globals["AutoPublishAlias"].as_str(), Some("live"));
    for function in template().functions() {
        let properties = &document["Resources"][function.logical_id.as_str()]["Properties"];
        // Otherwise a changed variable would stay with a version that nobody calls.
        let all = properties["AutoPublishAliasAllProperties"].as_bool();
        assert_eq!(all, Some(true), "{}", function.name);
        // A function without requests has nothing to tell a good version by.
        let is_called = ![SCHEDULED, STREAMED].contains(&function.name.as_str());
        let enabled = properties["DeploymentPreference"]["Enabled"].as_bool();
        assert_eq!(enabled, (!is_called).then_some(false), "{}", function.name);
    }
}

#[test]
fn a_deployment_is_rolled_back_by_outages_and_errors_of_what_it_changes() {
    let document = document();
    let preference = &document["Globals"]["Function"]["DeploymentPreference"];
    let alarms: Vec<_> = each(&preference["Alarms"])
        .into_iter()
        .map(written)
        .collect();
    assert_eq!(alarms, ["!Ref OutagesAlarm", "!Ref FunctionErrorsAlarm"]);
    let resources = &document["Resources"];
    let errors = resources["FunctionErrorsAlarm"]["Properties"]["Metrics"].as_sequence();
    let dimensions = errors
        .unwrap()
        .iter()
        .map(|metric| &metric["MetricStat"]["Metric"]);
    let watched: BTreeSet<_> = dimensions
        .filter(|metric| !metric.is_null())
        .map(|metric| written(&metric["Dimensions"][0]["Value"]))
        .collect();
    let functions = template();
    let routed = functions
        .functions()
        .iter()
        .filter(|function| !function.routes.is_empty());
    let routed: BTreeSet<_> = routed
        .map(|function| format!("!Ref {}", function.logical_id))
        .collect();
    assert_eq!(watched, routed);
    // Whatever is chosen is one that CodeDeploy has, and its default is a canary.
    let rollout = &document["Parameters"]["Rollout"];
    for value in each(&rollout["AllowedValues"]) {
        assert!(
            written(value).starts_with("CodeDeployDefault.Lambda"),
            "{value:?}"
        );
    }
    assert!(written(&rollout["Default"]).contains("Canary"));
}

/// Metrics are lines without a level, which Lambda takes for INFO.
#[test]
fn no_log_level_hides_the_metrics() {
    let document = document();
    let level = &document["Parameters"]["LogLevel"];
    let levels: Vec<_> = each(&level["AllowedValues"])
        .into_iter()
        .map(written)
        .collect();
    assert_eq!(levels, ["INFO", "DEBUG"]);
    let globals = &document["Globals"]["Function"];
    assert_eq!(globals["LoggingConfig"]["LogFormat"].as_str(), Some("JSON"));
    let namespace = &globals["Environment"]["Variables"]["METRICS_NAMESPACE"];
    assert_eq!(written(namespace), "!Ref AWS::StackName");
}

/// Two stages may share an account: a name that is the same in both would fail the second.
#[test]
fn no_resource_has_a_name_that_another_stage_has() {
    let text = crate::architecture::read("template.yaml");
    let document = document();
    for (name, resource) in document["Resources"].as_mapping().unwrap() {
        for property in [
            "FunctionName",
            "TableName",
            "RoleName",
            "AlarmName",
            "LogGroupName",
            "Name",
        ] {
            let given = &resource["Properties"][property];
            let is_ours = given.is_null() || written(given).contains("${AWS::StackName}");
            assert!(is_ours, "{name:?}: {given:?}");
        }
    }
    // SAM calls a schedule by its logical id, unless it is told.
    let schedules = text.matches("Type: ScheduleV2").count();
    assert_eq!(
        schedules,
        text.matches("Name: !Sub ${AWS::StackName}-reconcile")
            .count()
    );
}

#[test]
fn routes_that_call_stripe_are_throttled_below_the_others() {
    let document = document();
    let api = &document["Resources"]["HttpApi"]["Properties"];
    let settings = api["RouteSettings"].as_mapping().unwrap();
    let functions = template();
    let known: BTreeSet<_> = functions.routes().map(|route| route.key()).collect();
    for (route, limits) in settings {
        assert!(known.contains(&written(route)), "{route:?} is no route");
        assert_eq!(
            written(&limits["ThrottlingRateLimit"]),
            "!Ref StripeThrottleRate"
        );
        assert_eq!(
            written(&limits["ThrottlingBurstLimit"]),
            "!Ref StripeThrottleBurst"
        );
    }
    let throttled: BTreeSet<_> = settings.keys().map(written).collect();
    let recharges = functions
        .functions()
        .iter()
        .find(|function| function.name == "recharges");
    let calls_stripe = recharges.unwrap().routes.iter().map(|route| route.key());
    let calls_stripe = calls_stripe.filter(|key| key != "GET /v1/recharges/{id}");
    assert_eq!(throttled, calls_stripe.collect());
    assert!(!api["DefaultRouteSettings"]["ThrottlingRateLimit"].is_null());
}
