//! Event source mappings: which changes of a table's stream reach a function, and in what batches.

use anyhow::{Context, bail};
use serde::Deserialize;
use serde_json::Value as Json;
use serde_norway::Value;

/// The stream of a table that a function hears.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamMapping {
    /// The table's logical id.
    pub table: String,
    /// The most records of a batch.
    pub batch_size: usize,
    /// How long a window is, if there are windows: only then does an event name its shard.
    pub window_s: Option<u64>,
    /// What a record must fit, each a pattern of which one is enough; none lets all pass.
    pub filters: Vec<Filter>,
}

impl StreamMapping {
    pub(super) fn new(properties: Value) -> anyhow::Result<Self> {
        let event: StreamEvent = serde_norway::from_value(properties)?;
        if event.starting_position != "TRIM_HORIZON" {
            bail!("a stream is heard from TRIM_HORIZON here");
        }
        let patterns = event.filter_criteria.filters.into_iter();
        let filters = patterns.map(|filter| Filter::parse(&filter.pattern));
        Ok(Self {
            table: table_of(&event.stream).context("Stream: !GetAtt <table>.StreamArn")?,
            batch_size: event.batch_size,
            window_s: event.tumbling_window_in_seconds,
            filters: filters.collect::<anyhow::Result<_>>()?,
        })
    }

    /// Whether a record, as Lambda would hand it over, reaches the function.
    #[must_use]
    pub fn lets_pass(&self, record: &Json) -> bool {
        self.filters.is_empty() || self.filters.iter().any(|filter| filter.fits(record))
    }
}

/// `LedgerTable` of `!GetAtt LedgerTable.StreamArn`.
fn table_of(stream: &Value) -> Option<String> {
    let Value::Tagged(tagged) = stream else {
        return None;
    };
    let name = tagged.value.as_str()?.strip_suffix(".StreamArn")?;
    (tagged.tag == "GetAtt").then(|| name.to_owned())
}

/// A filter pattern of Lambda: the part of its language that our template uses.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter(Json);

impl Filter {
    /// Reads a pattern.
    ///
    /// # Errors
    /// If it is no JSON object, or asks for something that is not understood here: a filter that
    /// is read wrongly would let gifts be lost locally and not on AWS, or the other way round.
    pub fn parse(pattern: &str) -> anyhow::Result<Self> {
        let pattern: Json = serde_json::from_str(pattern).context("a filter pattern is JSON")?;
        check(&pattern)?;
        Ok(Self(pattern))
    }

    /// Whether a record fits.
    #[must_use]
    pub fn fits(&self, record: &Json) -> bool {
        fits(&self.0, record)
    }
}

fn check(pattern: &Json) -> anyhow::Result<()> {
    let Json::Object(fields) = pattern else {
        bail!("a filter pattern is an object of objects: {pattern}");
    };
    for wanted in fields.values() {
        let Json::Array(rules) = wanted else {
            check(wanted)?;
            continue;
        };
        let understood = |rule: &Json| rule.is_string() || prefix(rule).is_some();
        if let Some(rule) = rules.iter().find(|rule| !understood(rule)) {
            bail!("filter rules are texts and prefixes here, not {rule}");
        }
    }
    Ok(())
}

fn fits(pattern: &Json, value: &Json) -> bool {
    match pattern {
        Json::Object(fields) => fields
            .iter()
            .all(|(name, wanted)| value.get(name).is_some_and(|value| fits(wanted, value))),
        Json::Array(rules) => rules.iter().any(|rule| match prefix(rule) {
            Some(prefix) => value.as_str().is_some_and(|text| text.starts_with(prefix)),
            None => rule == value,
        }),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => false,
    }
}

/// The prefix of `{"prefix": "…"}`.
fn prefix(rule: &Json) -> Option<&str> {
    let fields = rule.as_object().filter(|fields| fields.len() == 1)?;
    fields.get("prefix")?.as_str()
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StreamEvent {
    stream: Value,
    starting_position: String,
    batch_size: usize,
    tumbling_window_in_seconds: Option<u64>,
    #[serde(default)]
    filter_criteria: FilterCriteria,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
struct FilterCriteria {
    filters: Vec<Pattern>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Pattern {
    pattern: String,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_filter_fits_what_has_every_field_and_one_rule_of_each() {
        let filter = r#"{"eventName":["INSERT"],"dynamodb":{"Keys":{"SK":{"S":[{"prefix":"ENTRY#gift#"},"X"]}}}}"#;
        let filter = Filter::parse(filter).unwrap();
        let record = |name: &str, key: &str| json!({"eventName": name, "dynamodb": {"Keys": {"SK": {"S": key}}}});
        assert!(filter.fits(&record("INSERT", "ENTRY#gift#k")));
        assert!(filter.fits(&record("INSERT", "X")));
        for (name, key) in [
            ("INSERT", "ENTRY#recharge#r"),
            ("MODIFY", "X"),
            ("INSERT", "XY"),
        ] {
            assert!(!filter.fits(&record(name, key)), "{name} {key}");
        }
        assert!(!filter.fits(&json!({"eventName": "INSERT"})));
    }

    #[test]
    fn a_filter_that_is_not_understood_is_refused() {
        for bad in [
            "",
            "[]",
            r#"{"a": "b"}"#,
            r#"{"a": [{"suffix": "b"}]}"#,
            r#"{"a": [1]}"#,
            r#"{"a": {"b": [{"exists": true}]}}"#,
        ] {
            assert!(Filter::parse(bad).is_err(), "{bad}");
        }
    }
}
