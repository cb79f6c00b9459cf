//! JSON bodies: parsed into types that keep the proof, or refused with a pointer.

use std::{fmt, marker::PhantomData};

use lambda_http::Request;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, IgnoredAny, MapAccess, Visitor, value::MapAccessDeserializer},
};
use serde_path_to_error::{Path, Segment};

use super::{Code, Problem, body_bytes};

/// No request of ours comes near it.
const SIZE_MAX: usize = 64 * 1024;
/// A mistake is told in one line, however long the client's own text in it is.
const DETAIL_MAX: usize = 200;

/// Parses the request's body.
///
/// # Errors
/// `body_too_large`; `body_invalid` with 400 if it is no JSON, and with 422 and a pointer if a
/// field is wrong or unknown.
pub fn parse_json<T: DeserializeOwned>(request: &Request) -> Result<T, Problem> {
    let unverified_body = body_bytes(request, SIZE_MAX)?;
    let wrong = |pointer: String, detail: String| {
        // The parser stops at the first mistake: only the whole body tells whether it is JSON.
        // A number beyond the range of a double is; then it is the field that is wrong.
        let text = std::str::from_utf8(unverified_body);
        if text.is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok()) {
            Problem::new(Code::BodyInvalid, detail).at(pointer)
        } else {
            Problem::malformed("The body is not JSON.")
        }
    };
    let mut deserializer = serde_json::Deserializer::from_slice(unverified_body);
    let Object(value) = serde_path_to_error::deserialize(&mut deserializer)
        .map_err(|error| wrong(pointer(error.path()), sentence(error.inner())))?;
    deserializer
        .end()
        .map_err(|_| Problem::malformed("Something follows the JSON value."))?;
    Ok(value)
}

/// A JSON object. Serde would also read a struct from an array of its values.
#[derive(Debug)]
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields(PhantomData))
    }
}

struct Fields<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
    type Value = Object<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Object)
    }
}

/// What is wrong, without the parser's line and column.
fn sentence(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or_default();
    let mut sentence: String = text.chars().take(DETAIL_MAX).collect();
    sentence.push('.');
    sentence
}

/// RFC 6901.
fn pointer(path: &Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        pointer.push('/');
        match segment {
            Segment::Map { key } => {
                let key: String = key.chars().take(DETAIL_MAX).collect();
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
            }
            Segment::Seq { index } => pointer.push_str(&index.to_string()),
            Segment::Enum { variant } => pointer.push_str(variant),
            Segment::Unknown => pointer.push('?'),
        }
    }
    pointer
}

/// A text of 1 to `MAX` bytes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Bounded<const MAX: usize>(String);

/// A text that is empty or too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutOfBounds(usize);

impl fmt::Display for OutOfBounds {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a text of 1 to {} bytes is expected", self.0)
    }
}

impl<const MAX: usize> TryFrom<String> for Bounded<MAX> {
    type Error = OutOfBounds;

    fn try_from(text: String) -> Result<Self, OutOfBounds> {
        if (1..=MAX).contains(&text.len()) {
            Ok(Self(text))
        } else {
            Err(OutOfBounds(MAX))
        }
    }
}

impl<const MAX: usize> From<Bounded<MAX>> for String {
    fn from(text: Bounded<MAX>) -> Self {
        text.0
    }
}

#[cfg(test)]
mod tests {
    use lambda_http::{Body, http::StatusCode};

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[expect(dead_code, reason = "only parsed")]
        count: u8,
        #[expect(dead_code, reason = "only parsed")]
        inner: Option<Object<Inner>>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[expect(dead_code, reason = "only parsed")]
        name: Bounded<4>,
    }

    fn parse(body: &str) -> Result<(), (u16, String)> {
        let request = Request::new(Body::Text(body.to_owned()));
        parse_json::<Sample>(&request)
            .map(|_| ())
            .map_err(|problem| {
                let response = problem.into_response("r");
                let status = response.status();
                let Body::Text(text) = response.into_body() else {
                    panic!("text")
                };
                let json: serde_json::Value = serde_json::from_str(&text).unwrap();
                assert_ne!(status, StatusCode::OK);
                let pointer = json["errors"][0]["pointer"]
                    .as_str()
                    .unwrap_or("-")
                    .to_owned();
                (status.as_u16(), pointer)
            })
    }

    #[test]
    fn a_mistake_is_told_with_its_status_and_pointer() {
        let deep = "[".repeat(200_000);
        let long = format!(r#"{{"{}": 1}}"#, "x".repeat(60_000));
        for (body, status, at) in [
            ("", 400, "-"),
            ("{", 400, "-"),
            ("junk", 400, "-"),
            (r#"{"count": 1} x"#, 400, "-"),
            ("\u{feff}{}", 400, "-"),
            ("[]", 422, ""),
            ("null", 422, ""),
            (r#"{"count": 1.5}"#, 422, "/count"),
            (r#"{"count": "1"}"#, 422, "/count"),
            (r#"{"count": -1}"#, 422, "/count"),
            (r#"{"count": 256}"#, 422, "/count"),
            (r#"{"count": 1e999}"#, 422, "/count"),
            (r#"{"count": 1, "count": 2}"#, 422, ""),
            (r#"{"count": 1, "more": 2}"#, 422, "/more"),
            (
                r#"{"count": 1, "inner": {"name": "12345"}}"#,
                422,
                "/inner/name",
            ),
            (deep.as_str(), 413, "-"),
        ] {
            assert_eq!(parse(body), Err((status, at.to_owned())), "{body:.40}");
        }
        assert_eq!(parse(&long).unwrap_err().0, 422);
        assert_eq!(parse(r#"{"count": 1, "inner": null}"#), Ok(()));
    }
}
