//! The rules of the embedded metric format, as its specification and the JSON schema in it have them:
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>.

use serde_json::{Map, Value};

/// A line is one JSON object of at most 1 MB, and nothing else; one that breaks a rule ends the test.
pub(super) fn read(line: &str) -> Map<String, Value> {
    assert!(line.len() <= 1_048_576 && !line.contains('\n'), "{line}");
    let document: Map<String, Value> = serde_json::from_str(line).unwrap();
    let metadata = only(&document["_aws"], &["Timestamp", "CloudWatchMetrics"]);
    assert!(metadata["Timestamp"].as_u64().unwrap() > 1_700_000_000_000);
    let directives = metadata["CloudWatchMetrics"].as_array().unwrap();
    assert!(!directives.is_empty(), "{line}");
    for directive in directives {
        check_directive(&document, directive);
    }
    // Whatever stands beside it is paid for as a part of the log: nothing does.
    let named = directives.iter().flat_map(names);
    let mut named: Vec<_> = named.chain(dimensions(&document)).collect();
    named.push("_aws".to_owned());
    let strays: Vec<_> = document.keys().filter(|key| !named.contains(key)).collect();
    assert!(strays.is_empty(), "{strays:?} in {line}");
    document
}

fn check_directive(document: &Map<String, Value>, directive: &Value) {
    let members = only(directive, &["Namespace", "Dimensions", "Metrics"]);
    let namespace = members["Namespace"].as_str().unwrap();
    assert!((1..=255).contains(&namespace.len()), "{namespace}");
    let sets = members["Dimensions"].as_array().unwrap();
    assert!(!sets.is_empty(), "a set may be empty, the list of them not");
    for set in sets {
        let set = set.as_array().unwrap();
        assert!(set.len() <= 30, "{set:?}");
        for name in set {
            let name = name.as_str().unwrap();
            assert!((1..=250).contains(&name.len()), "{name}");
            let value = document[name].as_str().unwrap();
            assert!((1..=1_024).contains(&value.len()), "{value}");
        }
    }
    let metrics = members["Metrics"].as_array().unwrap();
    assert!((1..=100).contains(&metrics.len()), "{metrics:?}");
    for metric in metrics {
        let members = only(metric, &["Name", "Unit"]);
        let (name, unit) = (members["Name"].as_str().unwrap(), members["Unit"].as_str());
        assert!((1..=1_024).contains(&name.len()), "{name}");
        assert!(
            ["Count", "Milliseconds"].contains(&unit.unwrap()),
            "{unit:?}"
        );
        match &document[name] {
            Value::Number(_) => {}
            Value::Array(values) => {
                assert!((1..=100).contains(&values.len()), "{name}: {values:?}");
                assert!(values.iter().all(Value::is_number), "{name}: {values:?}");
            }
            other => panic!("{name}: {other}"),
        }
    }
}

/// The members of an object, which has these and no other.
fn only<'a>(value: &'a Value, members: &[&str]) -> &'a Map<String, Value> {
    let object = value.as_object().unwrap();
    let mut found: Vec<_> = object.keys().map(String::as_str).collect();
    found.sort_unstable();
    let mut members = members.to_vec();
    members.sort_unstable();
    assert_eq!(found, members);
    object
}

fn names(directive: &Value) -> Vec<String> {
    let metrics = directive["Metrics"].as_array().unwrap().iter();
    let names = metrics.map(|metric| metric["Name"].as_str().unwrap().to_owned());
    names.collect()
}

fn directives(document: &Map<String, Value>) -> &Vec<Value> {
    document["_aws"]["CloudWatchMetrics"].as_array().unwrap()
}

/// The dimensions that a metric is told by.
pub(super) fn dimensions_of(document: &Map<String, Value>, metric: &str) -> Vec<String> {
    let told = directives(document).iter();
    let told = told.filter(|directive| names(directive).iter().any(|name| name == metric));
    let sets = told.flat_map(|directive| directive["Dimensions"][0].as_array().unwrap());
    sets.map(|name| name.as_str().unwrap().to_owned()).collect()
}

/// The names of the dimensions.
pub(super) fn dimensions(document: &Map<String, Value>) -> Vec<String> {
    let sets = directives(document).iter().flat_map(|directive| {
        let sets = directive["Dimensions"].as_array().unwrap().iter();
        sets.flat_map(|set| set.as_array().unwrap())
    });
    sets.map(|name| name.as_str().unwrap().to_owned()).collect()
}

/// Every metric with its values.
pub(super) fn values(document: &Map<String, Value>) -> Vec<(String, Vec<u64>)> {
    let names = directives(document).iter().flat_map(names);
    let values = names.map(|name| {
        let value = &document[&name];
        let several = value
            .as_array()
            .cloned()
            .unwrap_or_else(|| vec![value.clone()]);
        let numbers = several.iter().map(|value| value.as_u64().unwrap());
        (name, numbers.collect())
    });
    values.collect()
}
