//! CloudWatch's embedded metric format. Source:
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>.

use serde_json::{Map, Value, json};

use crate::app::ports::Metric;

/// How CloudWatch knows a metric.
struct Shape {
    name: &'static str,
    unit: &'static str,
    /// Each value of a dimension is a metric of its own, which costs: only what has few.
    dimension: Option<(&'static str, &'static str)>,
}

const COUNT: &str = "Count";
const MILLISECONDS: &str = "Milliseconds";

/// The most values of one metric in one document.
const VALUES_MAX: usize = 100;

const fn shape(metric: Metric) -> Shape {
    let (name, unit) = match metric {
        Metric::RechargesStarted => ("RechargesStarted", COUNT),
        Metric::RechargesSettled => ("RechargesSettled", COUNT),
        Metric::SettlementLag => ("SettlementLag", MILLISECONDS),
        Metric::RechargesReconciled => ("RechargesReconciled", COUNT),
        Metric::ReconciliationsFailed => ("ReconciliationsFailed", COUNT),
        Metric::ReviewsNeeded => ("ReviewsNeeded", COUNT),
        Metric::EventsUnreadable => ("EventsUnreadable", COUNT),
        Metric::GiftsSent => ("GiftsSent", COUNT),
        Metric::CoinsGifted => ("CoinsGifted", COUNT),
        Metric::GiftsRelayed => ("GiftsRelayed", COUNT),
        Metric::RelayLag => ("RelayLag", MILLISECONDS),
        Metric::RecordsQuarantined => ("RecordsQuarantined", COUNT),
        Metric::Conflicts => ("Conflicts", COUNT),
        Metric::Refusals(_) => ("Refusals", COUNT),
        Metric::Outages => ("Outages", COUNT),
    };
    let dimension = if let Metric::Refusals(code) = metric {
        Some(("Code", code))
    } else {
        None
    };
    Shape {
        name,
        unit,
        dimension,
    }
}

/// What was noted, as documents of one line each; none if nothing was. One is enough, unless a
/// dimension had several values, of which a document can have one.
pub(super) fn documents(namespace: &str, now_ms: i64, noted: &[(Metric, u64)]) -> Vec<Value> {
    let mut documents: Vec<Document> = Vec::new();
    for &(metric, value) in noted {
        let shape = shape(metric);
        let fitting = documents.iter().position(|document| document.fits(&shape));
        let fitting = fitting.unwrap_or_else(|| {
            documents.push(Document::default());
            documents.len().saturating_sub(1)
        });
        if let Some(document) = documents.get_mut(fitting) {
            document.add(&shape, value);
        }
    }
    let documents = documents.into_iter();
    documents
        .map(|document| document.written(namespace, now_ms))
        .collect()
}

/// One line, on its way.
#[derive(Default)]
struct Document {
    dimension: Option<(&'static str, &'static str)>,
    metrics: Vec<Told>,
}

struct Told {
    name: &'static str,
    unit: &'static str,
    has_dimension: bool,
    values: Vec<u64>,
}

impl Document {
    fn fits(&self, shape: &Shape) -> bool {
        let has_room = |told: &Told| told.unit == COUNT || told.values.len() < VALUES_MAX;
        let known = self.metrics.iter().find(|told| told.name == shape.name);
        known.is_none_or(has_room)
            && (shape.dimension.is_none()
                || self.dimension.is_none()
                || self.dimension == shape.dimension)
    }

    /// Counts are summed; of what was measured each value is told.
    fn add(&mut self, shape: &Shape, value: u64) {
        self.dimension = self.dimension.or(shape.dimension);
        let known = self.metrics.iter_mut().find(|told| told.name == shape.name);
        match known {
            None => self.metrics.push(Told {
                name: shape.name,
                unit: shape.unit,
                has_dimension: shape.dimension.is_some(),
                values: vec![value],
            }),
            Some(told) if told.unit == COUNT => {
                for sum in &mut told.values {
                    *sum = sum.saturating_add(value);
                }
            }
            Some(told) => told.values.push(value),
        }
    }

    fn written(self, namespace: &str, now_ms: i64) -> Value {
        let mut directives = Vec::new();
        for has_dimension in [false, true] {
            let metrics = self.metrics.iter();
            let metrics: Vec<_> = metrics
                .filter(|told| told.has_dimension == has_dimension)
                .map(|told| json!({"Name": told.name, "Unit": told.unit}))
                .collect();
            let name = self.dimension.map(|(name, _)| name);
            let dimensions: Vec<_> = name.into_iter().filter(|_| has_dimension).collect();
            if !metrics.is_empty() {
                directives.push(json!({
                    "Namespace": namespace,
                    "Dimensions": [dimensions],
                    "Metrics": metrics,
                }));
            }
        }
        let mut root = Map::new();
        root.insert(
            "_aws".to_owned(),
            json!({"Timestamp": now_ms, "CloudWatchMetrics": directives}),
        );
        if let Some((name, value)) = self.dimension {
            root.insert(name.to_owned(), json!(value));
        }
        for told in self.metrics {
            let value = match told.values.as_slice() {
                [one] => json!(one),
                several => json!(several),
            };
            root.insert(told.name.to_owned(), value);
        }
        Value::Object(root)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_counts_nothing_writes_nothing() {
        assert!(documents("stack", 1, &[]).is_empty());
    }

    #[test]
    fn counts_are_summed_and_measured_values_are_kept() {
        let noted = [
            (Metric::Conflicts, 1),
            (Metric::SettlementLag, 7),
            (Metric::Conflicts, 2),
            (Metric::SettlementLag, 9),
        ];
        let told = documents("stack", 1_795_000_000_000, &noted);
        let expected = json!({
            "_aws": {
                "Timestamp": 1_795_000_000_000_u64,
                "CloudWatchMetrics": [{
                    "Namespace": "stack",
                    "Dimensions": [[]],
                    "Metrics": [
                        {"Name": "Conflicts", "Unit": "Count"},
                        {"Name": "SettlementLag", "Unit": "Milliseconds"},
                    ],
                }],
            },
            "Conflicts": 3,
            "SettlementLag": [7, 9],
        });
        assert_eq!(told, [expected]);
    }

    #[test]
    fn each_value_of_a_dimension_has_a_document_of_its_own() {
        let noted = [
            (Metric::Refusals("rate_limited"), 1),
            (Metric::Refusals("too_late"), 1),
            (Metric::Outages, 1),
            (Metric::Refusals("rate_limited"), 1),
        ];
        let told = documents("stack", 1, &noted);
        let codes: Vec<_> = told
            .iter()
            .map(|it| (&it["Code"], &it["Refusals"]))
            .collect();
        let (limited, late) = (json!("rate_limited"), json!("too_late"));
        assert_eq!(codes, [(&limited, &json!(2)), (&late, &json!(1))]);
        let directives = told[0]["_aws"]["CloudWatchMetrics"].as_array().unwrap();
        let dimensions: Vec<_> = directives.iter().map(|it| &it["Dimensions"]).collect();
        assert_eq!(dimensions, [&json!([[]]), &json!([["Code"]])]);
    }

    #[test]
    fn a_document_has_at_most_100_values_of_a_metric() {
        let told = documents("stack", 1, &[(Metric::RelayLag, 5); 205]);
        let lengths = told
            .iter()
            .map(|it| it["RelayLag"].as_array().unwrap().len());
        assert_eq!(lengths.collect::<Vec<_>>(), [100, 100, 5]);
    }
}
