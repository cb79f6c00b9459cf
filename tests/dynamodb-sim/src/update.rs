//! Update expressions.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::{
    expression::{Operand, Parser, Placeholders},
    failure::Failure,
    value::Item,
};

/// One change of an attribute.
#[derive(Debug, Clone, PartialEq)]
enum Action {
    Set(String, Term, Option<(bool, Term)>),
    Remove(String),
    Add(String, Value),
}

#[derive(Debug, Clone, PartialEq)]
enum Term {
    Operand(Operand),
    IfNotExists(String, Operand),
}

/// What an update does.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Update(Vec<Action>);

impl Update {
    pub(crate) fn parse(text: &str, names: &mut Placeholders<'_>) -> Result<Self, Failure> {
        let mut parser = Parser::new(text, names);
        let mut actions = Vec::new();
        while !parser.is_at_end() {
            let clause = parser.next()?.to_ascii_uppercase();
            loop {
                actions.push(action(&clause, &mut parser)?);
                if !parser.has(",") {
                    break;
                }
            }
        }
        Ok(Self(actions))
    }

    /// The item after it. Every action sees the item before it.
    pub(crate) fn apply(&self, before: &Item, key: &[&str]) -> Result<Item, Failure> {
        let mut after = before.clone();
        for action in &self.0 {
            let (name, value) = match action {
                Action::Remove(name) => (name, None),
                Action::Set(name, term, more) => {
                    let mut value = term.of(before)?;
                    if let Some((is_sum, other)) = more {
                        value = add(&value, &other.of(before)?, *is_sum)?;
                    }
                    (name, Some(value))
                }
                Action::Add(name, value) => {
                    let zero = json!({"N": "0"});
                    let old = before.get(name).unwrap_or(&zero);
                    (name, Some(add(old, value, true)?))
                }
            };
            if key.contains(&name.as_str()) {
                return Err(Failure::validation(format!("{name} is part of the key")));
            }
            match value {
                Some(value) => after.insert(name.clone(), value),
                None => after.remove(name),
            };
        }
        Ok(after)
    }
}

fn action(clause: &str, parser: &mut Parser<'_, '_>) -> Result<Action, Failure> {
    let name = parser.path()?;
    match clause {
        "SET" => {
            parser.needs("=")?;
            let first = term(parser)?;
            let is_sum = parser.has("+");
            let more = (is_sum || parser.has("-"))
                .then(|| term(parser))
                .transpose()?;
            Ok(Action::Set(name, first, more.map(|term| (is_sum, term))))
        }
        "REMOVE" => Ok(Action::Remove(name)),
        "ADD" => {
            let token = parser.next()?;
            Ok(Action::Add(name, parser.names.value(&token)?))
        }
        other => Err(Failure::validation(format!("`{other}` is not simulated"))),
    }
}

fn term(parser: &mut Parser<'_, '_>) -> Result<Term, Failure> {
    if !parser.has("if_not_exists") {
        return Ok(Term::Operand(parser.operand()?));
    }
    parser.needs("(")?;
    let path = parser.path()?;
    parser.needs(",")?;
    let otherwise = parser.operand()?;
    parser.needs(")")?;
    Ok(Term::IfNotExists(path, otherwise))
}

impl Term {
    fn of(&self, item: &Item) -> Result<Value, Failure> {
        let operand = match self {
            Self::Operand(operand) => operand,
            Self::IfNotExists(path, _) if item.contains_key(path) => &Operand::Path(path.clone()),
            Self::IfNotExists(_, otherwise) => otherwise,
        };
        let value = match operand {
            Operand::Value(value) => Some(value),
            Operand::Path(path) => item.get(path),
            Operand::Size(_) => None,
        };
        let missing =
            || Failure::validation("the expression refers to an attribute that does not exist");
        value.cloned().ok_or_else(missing)
    }
}

fn add(one: &Value, other: &Value, is_sum: bool) -> Result<Value, Failure> {
    let number = |value: &Value| {
        value["N"]
            .as_str()
            .and_then(|text| text.parse::<Decimal>().ok())
    };
    let wrong =
        || Failure::validation("an operand in the update expression has an incorrect data type");
    let (one, other) = number(one).zip(number(other)).ok_or_else(wrong)?;
    let sum = if is_sum {
        one.checked_add(other)
    } else {
        one.checked_sub(other)
    };
    Ok(json!({"N": sum.ok_or_else(wrong)?.normalize().to_string()}))
}
