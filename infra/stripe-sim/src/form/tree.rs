//! From `a[b][0][c]=…` to a tree. Lists are maps whose keys are numbers, as Rack decodes them.

use std::collections::BTreeMap;

use crate::error::ApiError;

/// More pairs than any real request has; a hundred line items with everything set need about 1,500.
const MAX_PAIRS: usize = 4_000;
/// Deeper than any parameter of Stripe.
const MAX_DEPTH: usize = 10;

/// What one name holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tree {
    /// `name=value`.
    Leaf(String),
    /// `name[key]…=value`.
    Branch(BTreeMap<String, Tree>),
}

impl Tree {
    /// An empty set of parameters.
    pub(crate) fn empty() -> Self {
        Self::Branch(BTreeMap::new())
    }

    /// One text for equal parameters, whatever order they came in: what idempotency keys compare.
    pub(crate) fn canonical(&self) -> String {
        match self {
            Self::Leaf(text) => format!("{text:?}"),
            Self::Branch(entries) => {
                let entries: Vec<String> = entries
                    .iter()
                    .map(|(key, value)| format!("{key:?}:{}", value.canonical()))
                    .collect();
                format!("{{{}}}", entries.join(","))
            }
        }
    }
}

/// Decodes a query string and a body together, as Stripe does.
pub(crate) fn parse(query: &str, body: &[u8]) -> Result<Tree, ApiError> {
    let pairs = form_urlencoded::parse(query.as_bytes()).chain(form_urlencoded::parse(body));
    let mut root = BTreeMap::new();
    for (count, (name, value)) in pairs.enumerate() {
        if count >= MAX_PAIRS {
            return Err(ApiError::invalid(format!(
                "A request has at most {MAX_PAIRS} parameters."
            )));
        }
        let path = split(&name).ok_or_else(|| malformed(&name))?;
        insert(&mut root, &path, value.into_owned()).ok_or_else(|| malformed(&name))?;
    }
    Ok(Tree::Branch(root))
}

fn malformed(name: &str) -> ApiError {
    ApiError::invalid(format!(
        "Invalid parameter name, or a name that is both a value and a hash: {name}"
    ))
    .param(name)
}

/// `a[b][]` to `["a", "b", ""]`; none if brackets do not match.
fn split(name: &str) -> Option<Vec<&str>> {
    let (head, mut rest) = match name.find('[') {
        Some(at) => name.split_at_checked(at)?,
        None => (name, ""),
    };
    if head.is_empty() || head.contains(']') {
        return None;
    }
    let mut path = vec![head];
    while !rest.is_empty() {
        let (key, after) = rest.strip_prefix('[')?.split_once(']')?;
        if key.contains('[') || path.len() >= MAX_DEPTH {
            return None;
        }
        path.push(key);
        rest = after;
    }
    Some(path)
}

/// Puts a value at its path; none if the path runs through a value or ends at a branch.
fn insert(entries: &mut BTreeMap<String, Tree>, path: &[&str], value: String) -> Option<()> {
    let (key, rest) = path.split_first()?;
    let key = if key.is_empty() {
        append_key(entries, rest)
    } else {
        (*key).to_owned()
    };
    if rest.is_empty() {
        return match entries.insert(key, Tree::Leaf(value)) {
            None | Some(Tree::Leaf(_)) => Some(()),
            Some(Tree::Branch(_)) => None,
        };
    }
    match entries.entry(key).or_insert_with(Tree::empty) {
        Tree::Leaf(_) => None,
        Tree::Branch(inner) => insert(inner, rest, value),
    }
}

/// The index that `[]` means: the last element while it lacks the next name, else a new one (Rack's rule).
fn append_key(entries: &BTreeMap<String, Tree>, rest: &[&str]) -> String {
    let last = entries
        .keys()
        .filter_map(|key| key.parse::<u32>().ok())
        .max();
    let Some(last) = last else {
        return "0".to_owned();
    };
    if let (Some(next), Some(Tree::Branch(element))) =
        (rest.first(), entries.get(&last.to_string()))
        && !next.is_empty()
        && !element.contains_key(*next)
    {
        return last.to_string();
    }
    last.saturating_add(1).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(body: &str) -> String {
        parse("", body.as_bytes()).map_or_else(|error| error.to_string(), |tree| tree.canonical())
    }

    #[test]
    fn names_with_brackets_become_trees() {
        for (body, expected) in [
            ("", "{}"),
            ("a=1&b=2", r#"{"a":"1","b":"2"}"#),
            ("b=2&a=1", r#"{"a":"1","b":"2"}"#),
            ("a[b][0][c]=x", r#"{"a":{"b":{"0":{"c":"x"}}}}"#),
            ("a%5Bb%5D=%C3%A9+%26", r#"{"a":{"b":"é &"}}"#),
            ("e[]=x&e[]=y", r#"{"e":{"0":"x","1":"y"}}"#),
            (
                "l[][a]=1&l[][b]=2&l[][a]=3",
                r#"{"l":{"0":{"a":"1","b":"2"},"1":{"a":"3"}}}"#,
            ),
            ("a=1&a=2", r#"{"a":"2"}"#),
        ] {
            assert_eq!(canonical(body), expected, "{body}");
        }
    }

    #[test]
    fn malformed_names_are_refused() {
        for body in [
            "[a]=1",
            "a[b=1",
            "a]=1",
            "a[b]c=1",
            "a=1&a[b]=2",
            "a[b]=2&a=1",
            "a[[b]]=1",
            "=1",
        ] {
            assert!(parse("", body.as_bytes()).is_err(), "{body}");
        }
        let deep = format!("a{}=1", "[b]".repeat(MAX_DEPTH));
        assert!(parse("", deep.as_bytes()).is_err());
        let many = "a=1&".repeat(MAX_PAIRS + 1);
        assert!(parse("", many.as_bytes()).is_err());
    }

    #[test]
    fn a_query_and_a_body_are_read_together() {
        let tree = parse("expand[]=x", b"a=1").map(|tree| tree.canonical());
        assert_eq!(tree.as_deref(), Ok(r#"{"a":"1","expand":{"0":"x"}}"#));
    }
}
