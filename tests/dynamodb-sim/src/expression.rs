//! Condition, key condition and filter expressions.

use std::{cmp::Ordering, collections::BTreeSet};

use serde_json::Value;

use crate::{
    failure::Failure,
    value::{Item, compare, equal, size},
};

/// The names and values that a request's expressions may use, and those that they did.
#[derive(Debug)]
pub(crate) struct Placeholders<'a> {
    request: &'a Value,
    used: BTreeSet<String>,
}

impl<'a> Placeholders<'a> {
    /// Those of a request, or of an item of a transaction.
    pub(crate) const fn of(request: &'a Value) -> Self {
        Self {
            request,
            used: BTreeSet::new(),
        }
    }

    pub(crate) fn name(&mut self, token: &str) -> Result<String, Failure> {
        if !token.starts_with('#') {
            return Ok(token.to_owned());
        }
        self.used.insert(token.to_owned());
        let name = self.request["ExpressionAttributeNames"][token].as_str();
        let name = name.ok_or_else(|| Failure::validation(format!("{token} is not defined")))?;
        Ok(name.to_owned())
    }

    pub(crate) fn value(&mut self, token: &str) -> Result<Value, Failure> {
        self.used.insert(token.to_owned());
        let value = self.request["ExpressionAttributeValues"].get(token);
        let value = value.ok_or_else(|| Failure::validation(format!("{token} is not defined")))?;
        Ok(value.clone())
    }

    /// DynamoDB refuses what no expression uses.
    pub(crate) fn all_used(&self) -> Result<(), Failure> {
        for member in ["ExpressionAttributeNames", "ExpressionAttributeValues"] {
            for name in self.request[member].as_object().into_iter().flatten() {
                if !self.used.contains(name.0) {
                    let message = format!("{member} has {}, which is not used", name.0);
                    return Err(Failure::validation(message));
                }
            }
        }
        Ok(())
    }
}

/// One side of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Operand {
    Path(String),
    Value(Value),
    Size(String),
}

impl Operand {
    fn of<'a>(&'a self, item: &'a Item) -> Option<std::borrow::Cow<'a, Value>> {
        use std::borrow::Cow;
        match self {
            Self::Path(name) => item.get(name).map(Cow::Borrowed),
            Self::Value(value) => Some(Cow::Borrowed(value)),
            Self::Size(name) => {
                let value = item.get(name)?;
                let bytes = size(&Item::from([(String::new(), value.clone())]));
                Some(Cow::Owned(serde_json::json!({"N": bytes.to_string()})))
            }
        }
    }
}

/// A condition on an item.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Condition {
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    Exists(String),
    Missing(String),
    BeginsWith(Operand, Operand),
    Compare(Operand, &'static str, Operand),
    Between(Operand, Operand, Operand),
}

impl Condition {
    pub(crate) fn parse(text: &str, names: &mut Placeholders<'_>) -> Result<Self, Failure> {
        let mut parser = Parser::new(text, names);
        let condition = parser.any()?;
        parser.end()?;
        Ok(condition)
    }

    /// Whether it holds for `item`; an item that is not there has no attributes.
    pub(crate) fn holds(&self, item: &Item) -> bool {
        match self {
            Self::All(all) => all.iter().all(|one| one.holds(item)),
            Self::Any(any) => any.iter().any(|one| one.holds(item)),
            Self::Not(not) => !not.holds(item),
            Self::Exists(name) => item.contains_key(name),
            Self::Missing(name) => !item.contains_key(name),
            Self::BeginsWith(operand, prefix) => {
                let (Some(value), Some(prefix)) = (operand.of(item), prefix.of(item)) else {
                    return false;
                };
                let (value, prefix) = (value["S"].as_str(), prefix["S"].as_str());
                value
                    .zip(prefix)
                    .is_some_and(|(value, prefix)| value.starts_with(prefix))
            }
            Self::Compare(one, operator, other) => {
                let (Some(one), Some(other)) = (one.of(item), other.of(item)) else {
                    return *operator == "<>";
                };
                compares(&one, operator, &other)
            }
            Self::Between(value, low, high) => {
                let (Some(value), Some(low), Some(high)) =
                    (value.of(item), low.of(item), high.of(item))
                else {
                    return false;
                };
                compares(&value, ">=", &low) && compares(&value, "<=", &high)
            }
        }
    }
}

fn compares(one: &Value, operator: &str, other: &Value) -> bool {
    match operator {
        "=" => equal(one, other),
        "<>" => !equal(one, other),
        _ => compare(one, other).is_some_and(|order| match operator {
            "<" => order == Ordering::Less,
            "<=" => order != Ordering::Greater,
            ">" => order == Ordering::Greater,
            _ => order != Ordering::Less,
        }),
    }
}

const COMPARISONS: [&str; 6] = ["=", "<>", "<", "<=", ">", ">="];

/// Splits an expression into words and signs.
pub(crate) fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut is_open = false;
    for char in text.chars() {
        let is_word = char.is_alphanumeric() || "_#:.-[]".contains(char);
        let is_second = "=>".contains(char)
            && tokens
                .last()
                .is_some_and(|last| last == "<" || (last == ">" && char == '='));
        if char.is_whitespace() {
            is_open = false;
        } else if (is_word && is_open) || is_second {
            if let Some(last) = tokens.last_mut() {
                last.push(char);
            }
        } else {
            tokens.push(char.to_string());
            is_open = is_word;
        }
    }
    tokens
}

/// Reads an expression from left to right.
pub(crate) struct Parser<'a, 'b> {
    tokens: std::iter::Peekable<std::vec::IntoIter<String>>,
    pub(crate) names: &'a mut Placeholders<'b>,
}

impl<'a, 'b> Parser<'a, 'b> {
    pub(crate) fn new(text: &str, names: &'a mut Placeholders<'b>) -> Self {
        let tokens = tokens(text).into_iter().peekable();
        Self { tokens, names }
    }

    pub(crate) fn next(&mut self) -> Result<String, Failure> {
        let next = self.tokens.next();
        next.ok_or_else(|| Failure::validation("an expression ends early"))
    }

    /// Goes on if that is what comes next.
    pub(crate) fn has(&mut self, word: &str) -> bool {
        self.tokens
            .next_if(|next| next.eq_ignore_ascii_case(word))
            .is_some()
    }

    pub(crate) fn needs(&mut self, word: &str) -> Result<(), Failure> {
        if self.has(word) {
            return Ok(());
        }
        let found = self.tokens.peek().cloned().unwrap_or_default();
        Err(Failure::validation(format!(
            "`{word}` should be where `{found}` is"
        )))
    }

    pub(crate) fn end(&mut self) -> Result<(), Failure> {
        match self.tokens.next() {
            None => Ok(()),
            Some(more) => Err(Failure::validation(format!("`{more}` should not be there"))),
        }
    }

    pub(crate) fn is_at_end(&mut self) -> bool {
        self.tokens.peek().is_none()
    }

    pub(crate) fn path(&mut self) -> Result<String, Failure> {
        let token = self.next()?;
        if token.contains(['.', '[', ':']) {
            return Err(Failure::validation(format!(
                "path {token} is not simulated"
            )));
        }
        self.names.name(&token)
    }

    fn path_in_brackets(&mut self) -> Result<String, Failure> {
        self.needs("(")?;
        let path = self.path()?;
        self.needs(")")?;
        Ok(path)
    }

    fn any(&mut self) -> Result<Condition, Failure> {
        let mut any = vec![self.all()?];
        while self.has("OR") {
            any.push(self.all()?);
        }
        Ok(if any.len() == 1 {
            any.remove(0)
        } else {
            Condition::Any(any)
        })
    }

    fn all(&mut self) -> Result<Condition, Failure> {
        let mut all = vec![self.one()?];
        while self.has("AND") {
            all.push(self.one()?);
        }
        Ok(if all.len() == 1 {
            all.remove(0)
        } else {
            Condition::All(all)
        })
    }

    fn one(&mut self) -> Result<Condition, Failure> {
        if self.has("NOT") {
            return Ok(Condition::Not(Box::new(self.one()?)));
        }
        if self.has("(") {
            let inner = self.any()?;
            self.needs(")")?;
            return Ok(inner);
        }
        if self.has("attribute_exists") {
            return Ok(Condition::Exists(self.path_in_brackets()?));
        }
        if self.has("attribute_not_exists") {
            return Ok(Condition::Missing(self.path_in_brackets()?));
        }
        if self.has("begins_with") {
            self.needs("(")?;
            let value = self.operand()?;
            self.needs(",")?;
            let prefix = self.operand()?;
            self.needs(")")?;
            return Ok(Condition::BeginsWith(value, prefix));
        }
        let value = self.operand()?;
        if self.has("BETWEEN") {
            let low = self.operand()?;
            self.needs("AND")?;
            return Ok(Condition::Between(value, low, self.operand()?));
        }
        let sign = self.next()?;
        let operator = COMPARISONS.into_iter().find(|operator| *operator == sign);
        let operator =
            operator.ok_or_else(|| Failure::validation(format!("`{sign}` is not simulated")))?;
        Ok(Condition::Compare(value, operator, self.operand()?))
    }

    pub(crate) fn operand(&mut self) -> Result<Operand, Failure> {
        if self.tokens.peek().is_some_and(|next| next.starts_with(':')) {
            let token = self.next()?;
            return Ok(Operand::Value(self.names.value(&token)?));
        }
        if self.has("size") {
            return Ok(Operand::Size(self.path_in_brackets()?));
        }
        Ok(Operand::Path(self.path()?))
    }
}
