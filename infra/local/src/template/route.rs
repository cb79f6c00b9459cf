//! Routes of the HTTP API.

use std::{collections::BTreeMap, fmt};

use anyhow::bail;
use http::Method;
use serde::Deserialize;
use serde_norway::Value;

/// A method and a path that lead to a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path, which may have parameters.
    pub path: PathPattern,
    /// The name of the function.
    pub function: String,
}

impl Route {
    pub(super) fn new(function: &str, properties: Value) -> anyhow::Result<Self> {
        let HttpApiEvent { method, path } = serde_norway::from_value(properties)?;
        let method = method.to_ascii_uppercase();
        if method == "ANY" || method == "*" {
            bail!("a route for every method is not supported locally: name the method");
        }
        Ok(Self {
            method: method.parse()?,
            path: PathPattern::parse(&path)?,
            function: function.to_owned(),
        })
    }

    /// What API Gateway calls it: `GET /v1/recharges/{id}`.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HttpApiEvent {
    method: String,
    path: String,
}

/// A path whose segments may be parameters: `/v1/recharges/{id}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathPattern(Vec<Segment>);

/// The order is the precedence: what is literal wins.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Literal(String),
    Parameter(String),
}

impl PathPattern {
    /// Reads a path as a template writes it.
    ///
    /// # Errors
    /// If it does not begin with a slash, or has a greedy parameter (`{proxy+}`).
    pub fn parse(path: &str) -> anyhow::Result<Self> {
        let Some(rest) = path.strip_prefix('/') else {
            bail!("the path `{path}` must begin with a slash");
        };
        if rest.contains("+}") {
            bail!("the greedy parameter of `{path}` is not supported locally");
        }
        Ok(Self(rest.split('/').map(Segment::parse).collect()))
    }

    /// The parameters if `path` is one of these, else `None`.
    #[must_use]
    pub fn matches(&self, path: &str) -> Option<BTreeMap<String, String>> {
        let mut parameters = BTreeMap::new();
        let mut texts = path.strip_prefix('/')?.split('/');
        for segment in &self.0 {
            let text = texts.next()?;
            match segment {
                Segment::Literal(literal) if literal == text => {}
                Segment::Parameter(name) if !text.is_empty() => {
                    parameters.insert(name.clone(), text.to_owned());
                }
                Segment::Literal(_) | Segment::Parameter(_) => return None,
            }
        }
        texts.next().is_none().then_some(parameters)
    }

    /// Sorts the more exact of two patterns first.
    #[must_use]
    pub fn precedence(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}

impl Segment {
    fn parse(text: &str) -> Self {
        match text
            .strip_prefix('{')
            .and_then(|text| text.strip_suffix('}'))
        {
            Some(name) => Self::Parameter(name.to_owned()),
            None => Self::Literal(text.to_owned()),
        }
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|segment| match segment {
            Segment::Literal(text) => write!(formatter, "/{text}"),
            Segment::Parameter(name) => write!(formatter, "/{{{name}}}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_exactly_one_segment() {
        let pattern = PathPattern::parse("/v1/recharges/{id}").unwrap();
        assert_eq!(pattern.to_string(), "/v1/recharges/{id}");
        let parameters = pattern.matches("/v1/recharges/rch_1").unwrap();
        assert_eq!(
            parameters,
            BTreeMap::from([("id".to_owned(), "rch_1".to_owned())])
        );
        for other in [
            "/v1/recharges",
            "/v1/recharges/",
            "/v1/recharges/a/b",
            "/v1/other/a",
            "",
        ] {
            assert_eq!(pattern.matches(other), None, "{other:?}");
        }
    }

    #[test]
    fn a_literal_goes_before_a_parameter() {
        let (literal, parameter) = (
            PathPattern::parse("/a/sync").unwrap(),
            PathPattern::parse("/a/{id}").unwrap(),
        );
        assert!(literal.precedence(&parameter).is_lt());
    }

    #[test]
    fn what_cannot_be_served_is_refused() {
        assert!(PathPattern::parse("v1").is_err());
        assert!(PathPattern::parse("/{proxy+}").is_err());
    }
}
