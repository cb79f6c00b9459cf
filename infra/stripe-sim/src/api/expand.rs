//! `expand[]`: ids replaced by the objects they name.

use serde_json::{Value, json};

use crate::error::ApiError;
use crate::form::Params;
use crate::state::World;

/// Stripe expands at most four levels deep.
const MAX_DEPTH: usize = 4;
/// What Stripe puts into a list within an object.
const SHORT_LIST: usize = 10;
/// More paths than any request has.
const MAX_PATHS: usize = 20;

/// Takes `expand[]` out of the parameters.
pub(crate) fn paths(params: &mut Params) -> Result<Vec<String>, ApiError> {
    let paths = params.texts("expand")?;
    if paths.len() > MAX_PATHS {
        return Err(params.invalid(
            "expand",
            format!("You can expand at most {MAX_PATHS} properties."),
        ));
    }
    for path in &paths {
        if path.split('.').count() > MAX_DEPTH {
            return Err(params.invalid(
                "expand",
                format!("You cannot expand more than {MAX_DEPTH} levels of a property. Property: {path}."),
            ));
        }
    }
    Ok(paths)
}

/// Expands every path in an object or a list.
pub(crate) fn expand(
    world: &World,
    base_url: &str,
    mut value: Value,
    paths: &[String],
) -> Result<Value, ApiError> {
    for path in paths {
        let names: Vec<&str> = path.split('.').collect();
        Expansion {
            world,
            base_url,
            path,
        }
        .walk(&mut value, &names)?;
    }
    Ok(value)
}

struct Expansion<'a> {
    world: &'a World,
    base_url: &'a str,
    path: &'a str,
}

impl Expansion<'_> {
    fn walk(&self, value: &mut Value, names: &[&str]) -> Result<(), ApiError> {
        let Some((name, rest)) = names.split_first() else {
            return Ok(());
        };
        let object = value
            .get("object")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        if object == "list" {
            return self.walk_list(value, name, rest);
        }
        let id = value
            .get("id")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        let Some(field) = value
            .as_object_mut()
            .map(|fields| fields.entry(*name).or_insert(Value::Null))
        else {
            return Err(self.refused());
        };
        match (object.as_str(), *name) {
            ("checkout.session", "line_items") => *field = self.lines(&id)?,
            ("checkout.session" | "charge" | "refund" | "dispute", "payment_intent") => self
                .replace(field, |id| {
                    self.world
                        .payment_intents
                        .get(id)
                        .map(|intent| intent.to_json())
                }),
            ("charge", "refunds") => *field = self.refunds(&id)?,
            ("charge", "dispute") => self.replace(field, |id| {
                self.world.disputes.get(id).map(|dispute| dispute.to_json())
            }),
            ("payment_intent", "latest_charge") | ("refund" | "dispute", "charge") => {
                self.replace(field, |id| {
                    self.world
                        .charges
                        .get(id)
                        .map(|charge| charge.to_json(self.base_url))
                })
            }
            // Stripe can expand these too; here they are always null.
            (
                "checkout.session",
                "customer" | "invoice" | "payment_link" | "setup_intent" | "subscription",
            )
            | ("refund", "balance_transaction")
            | ("payment_intent", "application" | "customer" | "on_behalf_of" | "review")
            | (
                "charge",
                "application" | "balance_transaction" | "customer" | "on_behalf_of" | "review",
            ) => {}
            _ => return Err(self.refused()),
        }
        if field.is_null() {
            Ok(())
        } else {
            self.walk(field, rest)
        }
    }

    fn walk_list(&self, list: &mut Value, name: &str, rest: &[&str]) -> Result<(), ApiError> {
        let elements = list.get_mut("data").and_then(Value::as_array_mut);
        let Some(elements) = elements.filter(|_| name == "data" && !rest.is_empty()) else {
            return Err(self.refused());
        };
        elements
            .iter_mut()
            .try_for_each(|element| self.walk(element, rest))
    }

    /// Puts the object in the place of its id. A field expanded by an earlier path stays as it is.
    fn replace(&self, field: &mut Value, find: impl Fn(&str) -> Option<Value>) {
        if let Some(object) = field.as_str().and_then(find) {
            *field = object;
        }
    }

    fn lines(&self, session: &str) -> Result<Value, ApiError> {
        let session = self
            .world
            .sessions
            .get(session)
            .ok_or_else(|| self.refused())?;
        Ok(session.lines_json())
    }

    /// The refunds of a charge as Stripe's list: the newest ten.
    fn refunds(&self, charge: &str) -> Result<Value, ApiError> {
        let found = self.world.charges.get(charge);
        let intent = &found.ok_or_else(|| self.refused())?.payment_intent;
        let mut refunds = self
            .world
            .refunds
            .of_intent(intent)
            .rev()
            .filter(|refund| refund.charge == charge);
        let data: Vec<Value> = refunds
            .by_ref()
            .take(SHORT_LIST)
            .map(|refund| refund.to_json())
            .collect();
        Ok(json!({
            "object": "list",
            "data": data,
            "has_more": refunds.next().is_some(),
            "url": format!("/v1/charges/{charge}/refunds"),
        }))
    }

    fn refused(&self) -> ApiError {
        refused(self.path)
    }
}

/// 400: this path leads to nothing that can be expanded.
pub(crate) fn refused(path: &str) -> ApiError {
    ApiError::invalid(format!("This property cannot be expanded ({path}).")).param("expand")
}
