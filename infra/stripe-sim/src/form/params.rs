//! Reading parameters with Stripe's messages. What nobody read is unknown: `finish` says so.

use std::collections::BTreeMap;

use crate::error::ApiError;
use crate::form::Tree;

/// Text under names chosen by the caller.
pub(crate) type Metadata = BTreeMap<String, String>;

/// Stripe's limits for metadata.
const METADATA_KEYS: usize = 50;
const METADATA_KEY_LENGTH: usize = 40;
const METADATA_VALUE_LENGTH: usize = 500;

/// One hash of parameters, and where in the request it stands.
#[derive(Debug)]
pub(crate) struct Params {
    place: String,
    entries: BTreeMap<String, Tree>,
}

impl Params {
    /// The parameters of a whole request.
    pub(crate) fn new(tree: Tree) -> Self {
        match tree {
            Tree::Branch(entries) => Self {
                place: String::new(),
                entries,
            },
            Tree::Leaf(_) => Self {
                place: String::new(),
                entries: BTreeMap::new(),
            },
        }
    }

    /// The full name of a parameter: `line_items[0][quantity]`.
    pub(crate) fn name(&self, key: &str) -> String {
        if self.place.is_empty() {
            key.to_owned()
        } else {
            format!("{}[{key}]", self.place)
        }
    }

    /// Whether a parameter is a value, and not a hash or a list.
    pub(crate) fn is_value(&self, key: &str) -> bool {
        matches!(self.entries.get(key), Some(Tree::Leaf(_)))
    }

    /// A value that may be absent. An empty one is refused: Stripe reads that as "unset this".
    pub(crate) fn text(&mut self, key: &str) -> Result<Option<String>, ApiError> {
        match self.entries.remove(key) {
            None => Ok(None),
            Some(Tree::Leaf(text)) if text.is_empty() => Err(self.empty(key)),
            Some(Tree::Leaf(text)) => Ok(Some(text)),
            Some(Tree::Branch(_)) => Err(self.invalid(key, "Invalid string: a hash was given.")),
        }
    }

    /// A value that must be there.
    pub(crate) fn required_text(&mut self, key: &str) -> Result<String, ApiError> {
        self.text(key)?.ok_or_else(|| self.missing(key))
    }

    /// A value of at most `length` characters.
    pub(crate) fn short_text(
        &mut self,
        key: &str,
        length: usize,
    ) -> Result<Option<String>, ApiError> {
        let text = self.text(key)?;
        if text
            .as_ref()
            .is_some_and(|text| text.chars().count() > length)
        {
            return Err(self.invalid(
                key,
                format!("Invalid string; must be at most {length} characters"),
            ));
        }
        Ok(text)
    }

    /// A whole number.
    pub(crate) fn integer(&mut self, key: &str) -> Result<Option<i64>, ApiError> {
        let Some(text) = self.text(key)? else {
            return Ok(None);
        };
        let number = text.parse().map_err(|_| {
            self.invalid(key, format!("Invalid integer: {text}"))
                .code("parameter_invalid_integer")
        })?;
        Ok(Some(number))
    }

    /// One of a few words.
    pub(crate) fn choice(&mut self, key: &str, words: &[&str]) -> Result<Option<String>, ApiError> {
        let Some(text) = self.text(key)? else {
            return Ok(None);
        };
        if words.contains(&text.as_str()) {
            return Ok(Some(text));
        }
        let one_of = words.join(", ");
        Err(self.invalid(key, format!("Invalid {key}: must be one of {one_of}")))
    }

    /// A hash below this one.
    pub(crate) fn hash(&mut self, key: &str) -> Result<Option<Params>, ApiError> {
        match self.entries.remove(key) {
            None => Ok(None),
            Some(Tree::Branch(entries)) => Ok(Some(Params {
                place: self.name(key),
                entries,
            })),
            Some(Tree::Leaf(_)) => Err(self.invalid(key, "Invalid object")),
        }
    }

    /// A list of hashes, in order.
    pub(crate) fn hashes(&mut self, key: &str) -> Result<Vec<Params>, ApiError> {
        let name = self.name(key);
        let mut hashes = Vec::new();
        for (index, element) in self.elements(key)? {
            let Tree::Branch(entries) = element else {
                return Err(self.invalid(key, "Invalid object"));
            };
            hashes.push(Params {
                place: format!("{name}[{index}]"),
                entries,
            });
        }
        Ok(hashes)
    }

    /// A list of values, in order.
    pub(crate) fn texts(&mut self, key: &str) -> Result<Vec<String>, ApiError> {
        let mut texts = Vec::new();
        for (_, element) in self.elements(key)? {
            let Tree::Leaf(text) = element else {
                return Err(self.invalid(key, "Invalid string"));
            };
            texts.push(text);
        }
        Ok(texts)
    }

    /// Metadata within Stripe's limits. An empty value unsets its key, so on a new object it is dropped.
    pub(crate) fn metadata(&mut self, key: &str) -> Result<Metadata, ApiError> {
        let Some(hash) = self.hash(key)? else {
            return Ok(Metadata::new());
        };
        let mut metadata = Metadata::new();
        for (name, value) in &hash.entries {
            let Tree::Leaf(value) = value else {
                return Err(hash.invalid(name, "Metadata values must be strings."));
            };
            if name.chars().count() > METADATA_KEY_LENGTH {
                return Err(hash.invalid(
                    name,
                    format!("Metadata keys must be at most {METADATA_KEY_LENGTH} characters."),
                ));
            }
            if value.chars().count() > METADATA_VALUE_LENGTH {
                return Err(hash.invalid(
                    name,
                    format!("Metadata values must be at most {METADATA_VALUE_LENGTH} characters."),
                ));
            }
            if !value.is_empty() {
                metadata.insert(name.clone(), value.clone());
            }
        }
        if metadata.len() > METADATA_KEYS {
            return Err(self.invalid(
                key,
                format!("Metadata can have at most {METADATA_KEYS} keys."),
            ));
        }
        Ok(metadata)
    }

    /// Refuses what nothing has read.
    pub(crate) fn finish(self) -> Result<(), ApiError> {
        match self.entries.keys().next() {
            None => Ok(()),
            Some(key) => {
                let name = self.name(key);
                Err(
                    ApiError::invalid(format!("Received unknown parameter: {name}"))
                        .code("parameter_unknown")
                        .param(name),
                )
            }
        }
    }

    /// 400 for a parameter that has to be there.
    pub(crate) fn missing(&self, key: &str) -> ApiError {
        let name = self.name(key);
        ApiError::invalid(format!("Missing required param: {name}."))
            .code("parameter_missing")
            .param(name)
    }

    /// 400 about one parameter.
    pub(crate) fn invalid(&self, key: &str, message: impl Into<String>) -> ApiError {
        ApiError::invalid(message).param(self.name(key))
    }

    fn empty(&self, key: &str) -> ApiError {
        let name = self.name(key);
        self.invalid(
            key,
            format!(
                "You passed an empty string for '{name}'. We assume empty values are an attempt to \
                 unset a parameter; however '{name}' cannot be unset. You should remove '{name}' \
                 from your request or supply a non-empty value."
            ),
        )
        .code("parameter_invalid_empty")
    }

    fn elements(&mut self, key: &str) -> Result<Vec<(u32, Tree)>, ApiError> {
        let entries = match self.entries.remove(key) {
            None => return Ok(Vec::new()),
            Some(Tree::Branch(entries)) => entries,
            Some(Tree::Leaf(_)) => return Err(self.invalid(key, "Invalid array")),
        };
        let mut elements = Vec::with_capacity(entries.len());
        for (index, element) in entries {
            let index = index
                .parse()
                .map_err(|_| self.invalid(key, "Invalid array"))?;
            elements.push((index, element));
        }
        elements.sort_by_key(|(index, _)| *index);
        Ok(elements)
    }
}

#[cfg(test)]
#[path = "params_tests.rs"]
mod tests;
