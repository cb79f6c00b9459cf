//! What a person is woken for, and that there is a page to read then.

use std::collections::BTreeSet;

use serde_norway::Value;

use super::{document, written};
use crate::architecture::{names_in, read};

/// The part of the template with alarms and dashboard.
const OBSERVABILITY: &str = "infra/observability/template.yaml";
/// What every runbook answers.
const QUESTIONS: [&str; 5] = [
    "## What it means",
    "## What users see",
    "## First look",
    "## Fix",
    "## Over when",
];

fn observability() -> Value {
    serde_norway::from_str(&read(OBSERVABILITY)).unwrap()
}

/// Every alarm, by name.
fn alarms() -> Vec<(String, Value)> {
    let mut alarms = Vec::new();
    for document in [document(), observability()] {
        for (name, resource) in document["Resources"].as_mapping().unwrap() {
            if resource["Type"].as_str() == Some("AWS::CloudWatch::Alarm") {
                alarms.push((written(name), resource["Properties"].clone()));
            }
        }
    }
    assert!(alarms.len() > 10, "the alarms were not found");
    alarms
}

/// One of them.
pub(crate) fn alarm(name: &str) -> Value {
    let mut alarms = alarms().into_iter();
    let found = alarms.find(|(known, _)| known == name);
    found.unwrap_or_else(|| panic!("no alarm {name}")).1
}

/// A number or a word as text.
pub(crate) fn scalar(value: &Value) -> String {
    written(value)
}

/// `RelayLagAlarm` is `relay-lag`.
fn page_of(alarm: &str) -> String {
    let mut page = String::new();
    for letter in alarm.strip_suffix("Alarm").unwrap().chars() {
        if letter.is_uppercase() && !page.is_empty() {
            page.push('-');
        }
        page.extend(letter.to_lowercase());
    }
    page
}

/// The metrics of ours: name, and value of the dimension if it has one.
fn own_metrics(alarm: &Value) -> Vec<(String, Value)> {
    let parts = alarm["Metrics"].as_sequence().cloned().unwrap_or_default();
    let stats = parts.iter().map(|part| &part["MetricStat"]["Metric"]);
    let metrics = stats.chain([alarm]);
    let is_ours = |metric: &&Value| {
        let namespace = &metric["Namespace"];
        let ours = ["!Ref AWS::StackName", "!Ref MetricsNamespace"];
        !namespace.is_null() && ours.contains(&written(namespace).as_str())
    };
    let named = metrics.filter(is_ours);
    named
        .map(|metric| (written(&metric["MetricName"]), metric["Dimensions"].clone()))
        .collect()
}

/// The names under which metrics are told.
fn told() -> BTreeSet<String> {
    let code = read("core/src/adapters/metrics/emf.rs");
    let shapes = code.split("=> (\"").skip(1);
    let names = shapes.map(|rest| rest.split('"').next().unwrap().to_owned());
    let names: BTreeSet<_> = names.collect();
    assert!(names.len() > 10, "{names:?}");
    names
}

#[test]
fn every_alarm_has_a_runbook_that_answers_the_same_five_questions() {
    let index = read("docs/runbooks/README.md");
    let mut pages = BTreeSet::from(["README.md".to_owned()]);
    for (name, alarm) in alarms() {
        let page = format!("{}.md", page_of(&name));
        let description = alarm["AlarmDescription"].as_str().unwrap();
        let link = format!("docs/runbooks/{page}");
        assert!(description.ends_with(&link), "{name}: {description}");
        let text = read(&link);
        assert!(text.starts_with(&format!("# {name}: ")), "{page}");
        let headings: Vec<_> = text
            .lines()
            .filter(|line| line.starts_with("## "))
            .collect();
        assert_eq!(headings, QUESTIONS, "{page}");
        assert!(
            index.contains(&format!("]({page})")),
            "{page} is not in the index"
        );
        let told = &alarm["AlarmActions"];
        assert!(
            written(&told.clone()).contains("AlarmTopicArn"),
            "{name} tells nobody"
        );
        pages.insert(page);
    }
    assert_eq!(names_in("docs/runbooks"), pages, "pages: there, of alarms");
}

/// A query that searches for what nobody says finds nothing, and so seems to say that all is well.
#[test]
fn every_line_that_a_runbook_searches_for_is_logged() {
    let (sources, log) = (sources(), read("docs/logging.md"));
    let mut searched = BTreeSet::new();
    for page in names_in("docs/runbooks") {
        let text = read(&format!("docs/runbooks/{page}"));
        let quoted = text.split("fields.message = \"").skip(1);
        searched.extend(quoted.map(|rest| rest.split('"').next().unwrap().to_owned()));
        let is_index = page == "README.md";
        assert!(
            is_index || text.contains("```sql\nfields @timestamp"),
            "{page} has no query"
        );
    }
    assert!(searched.len() > 5, "{searched:?}");
    for message in &searched {
        assert!(
            sources.contains(&format!("\"{message}\"")),
            "nobody logs {message}"
        );
        assert!(
            log.contains(message.as_str()),
            "docs/logging.md lacks {message}"
        );
    }
}

/// What the functions log is said in these.
fn sources() -> String {
    let mut sources = read("core/src/adapters/alarms.rs") + &read("core/src/http/problem.rs");
    sources += &read("core/src/adapters/secrets/runtime.rs");
    for function in ["reconcile", "recharges", "webhook"] {
        sources += &read(&format!("functions/{function}/src/lib.rs"));
    }
    sources
}

#[test]
fn alarms_and_dashboard_look_at_what_is_counted_and_at_nothing_else() {
    let told = told();
    let mut alarmed = BTreeSet::new();
    for (name, alarm) in alarms() {
        for (metric, dimensions) in own_metrics(&alarm) {
            assert!(told.contains(&metric), "{name}: nobody tells {metric}");
            // A metric with a dimension has no sum over its values.
            assert_eq!(dimensions != Value::Null, metric == "Refusals", "{name}");
            if let Some(code) = dimensions[0]["Value"].as_str() {
                let codes = read("core/src/http/code.rs");
                assert!(
                    codes.contains(&format!("=> \"{code}\"")),
                    "{name}: no code {code}"
                );
            }
            alarmed.insert(metric);
        }
    }
    for needed in [
        "ReviewsNeeded",
        "EventsUnreadable",
        "RecordsQuarantined",
        "Outages",
        "Conflicts",
    ] {
        assert!(alarmed.contains(needed), "nobody is woken by {needed}");
    }
    let shown = shown();
    assert_eq!(shown, told, "metrics: shown on the dashboard, told");
}

/// The metrics of ours on the dashboard, which must be what CloudWatch reads.
fn shown() -> BTreeSet<String> {
    let document = observability();
    let body = &document["Resources"]["Dashboard"]["Properties"]["DashboardBody"];
    let body = written(body);
    let body: serde_json::Value =
        serde_json::from_str(body.strip_prefix("!Sub ").unwrap()).unwrap();
    let mut shown = BTreeSet::new();
    for widget in body["widgets"].as_array().unwrap() {
        for metric in widget["properties"]["metrics"].as_array().unwrap() {
            match (metric[0].as_str(), metric[0]["expression"].as_str()) {
                (Some("${MetricsNamespace}"), _) => {
                    shown.insert(metric[1].as_str().unwrap().to_owned());
                }
                (Some(aws), _) => assert!(aws.starts_with("AWS/"), "{aws}"),
                (None, Some(search)) => {
                    let name = search.split("MetricName=\"").nth(1).unwrap();
                    shown.insert(name.split('"').next().unwrap().to_owned());
                }
                (None, None) => panic!("{metric}"),
            }
        }
    }
    shown
}

#[test]
fn lag_failures_and_quarantine_of_the_relay_are_alarmed() {
    let lag = alarm("RelayLagAlarm");
    assert_eq!(lag["MetricName"].as_str(), Some("IteratorAge"));
    let values = ["Threshold", "DatapointsToAlarm", "TreatMissingData"];
    assert_eq!(
        values.map(|name| written(&lag[name])),
        ["300000", "1", "ignore"]
    );
    let fails = alarm("RelayFailsAlarm");
    assert_eq!(fails["MetricName"].as_str(), Some("Errors"));
    for alarm in [&lag, &fails] {
        let function = written(&alarm["Dimensions"][0]["Value"]);
        assert_eq!(function, "!Ref RelayFunction");
    }
    let quarantine = alarm("QuarantineAlarm");
    assert_eq!(
        own_metrics(&quarantine),
        [("RecordsQuarantined".to_owned(), Value::Null)]
    );
    assert_eq!(written(&quarantine["Threshold"]), "0", "each of them");
}

/// Silence of what should run each minute is the very thing to be told.
#[test]
fn a_reconciler_that_does_not_run_is_told() {
    let silent = alarm("ReconcilerSilentAlarm");
    let values = [
        "MetricName",
        "ComparisonOperator",
        "Threshold",
        "TreatMissingData",
    ];
    let expected = ["Invocations", "LessThanThreshold", "1", "breaching"];
    assert_eq!(values.map(|name| written(&silent[name])), expected);
}

/// A parameter that the nested stack lacks, or is not given, fails only when it is deployed.
#[test]
fn the_nested_stack_is_given_its_parameters() {
    let document = document();
    let nested = &document["Resources"]["Observability"]["Properties"];
    assert_eq!(nested["TemplateURL"].as_str(), Some(OBSERVABILITY));
    let names = |value: &Value| -> BTreeSet<String> {
        value.as_mapping().unwrap().keys().map(written).collect()
    };
    assert_eq!(
        names(&nested["Parameters"]),
        names(&observability()["Parameters"])
    );
}
