//! Stripe's lists: newest first, cut by cursors.

use serde_json::{Value, json};

use crate::error::ApiError;
use crate::form::Params;
use crate::model::Resource;
use crate::state::{Place, Table};

const DEFAULT_LIMIT: i64 = 10;
const MAX_LIMIT: i64 = 100;

/// The parameters that every list has.
#[derive(Debug)]
pub(crate) struct ListQuery {
    limit: usize,
    starting_after: Option<String>,
    ending_before: Option<String>,
    created: Created,
}

/// `created=…` or `created[gte]=…`, as inclusive bounds.
#[derive(Debug)]
struct Created {
    from: i64,
    to: i64,
}

impl ListQuery {
    /// Takes the list parameters out of a query.
    pub(crate) fn read(params: &mut Params) -> Result<Self, ApiError> {
        let limit = params.integer("limit")?.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            let message = format!("Invalid limit: must be between 1 and {MAX_LIMIT}.");
            return Err(params
                .invalid("limit", message)
                .code("parameter_invalid_integer"));
        }
        let query = Self {
            limit: usize::try_from(limit).unwrap_or_default(),
            starting_after: params.text("starting_after")?,
            ending_before: params.text("ending_before")?,
            created: Created::read(params)?,
        };
        if query.starting_after.is_some() && query.ending_before.is_some() {
            return Err(ApiError::invalid(
                "You may only specify one of these parameters: starting_after, ending_before.",
            )
            .code("parameters_exclusive"));
        }
        Ok(query)
    }

    /// The page of a table, rendered; only what belongs to a payment intent if one is given.
    pub(crate) fn page<T: Resource>(
        &self,
        table: &Table<T>,
        intent: Option<&str>,
        object: &str,
        url: &str,
        keep: impl Fn(&T) -> bool,
        render: impl Fn(&T) -> Value,
    ) -> Result<Value, ApiError> {
        let place = |param: &str, id: &String| {
            table.place(id).ok_or_else(|| {
                // Stripe answers 404 only for the object of the path.
                ApiError::invalid(format!("No such {object}: '{id}'"))
                    .code("resource_missing")
                    .param(param)
            })
        };
        let (mut from, mut before) = self.created.places();
        if let Some(id) = &self.starting_after {
            before = before.min(place("starting_after", id)?);
        }
        if let Some(id) = &self.ending_before {
            let (created, number) = place("ending_before", id)?;
            from = from.max((created, number.saturating_add(1)));
        }
        let one_more = self.limit.saturating_add(1);
        let rows = table.between(intent, from, before);
        let keep = |row: &&T| keep(row);
        let mut rows: Vec<&T> = if self.ending_before.is_some() {
            rows.filter(keep).take(one_more).collect()
        } else {
            rows.rev().filter(keep).take(one_more).collect()
        };
        let has_more = rows.len() > self.limit;
        rows.truncate(self.limit);
        if self.ending_before.is_some() {
            rows.reverse();
        }
        let data: Vec<Value> = rows.into_iter().map(render).collect();
        Ok(json!({ "object": "list", "data": data, "has_more": has_more, "url": url }))
    }
}

impl Created {
    fn read(params: &mut Params) -> Result<Self, ApiError> {
        let mut bounds = Self {
            from: i64::MIN,
            to: i64::MAX,
        };
        if params.is_value("created") {
            if let Some(exactly) = params.integer("created")? {
                bounds = Self {
                    from: exactly,
                    to: exactly,
                };
            }
            return Ok(bounds);
        }
        let Some(mut range) = params.hash("created")? else {
            return Ok(bounds);
        };
        if let Some(after) = range.integer("gt")? {
            bounds.from = bounds.from.max(after.saturating_add(1));
        }
        if let Some(from) = range.integer("gte")? {
            bounds.from = bounds.from.max(from);
        }
        if let Some(before) = range.integer("lt")? {
            bounds.to = bounds.to.min(before.saturating_sub(1));
        }
        if let Some(to) = range.integer("lte")? {
            bounds.to = bounds.to.min(to);
        }
        range.finish()?;
        Ok(bounds)
    }

    /// The first place within the bounds, and the first one after them.
    fn places(&self) -> (Place, Place) {
        ((self.from, 0), (self.to.saturating_add(1), 0))
    }
}
