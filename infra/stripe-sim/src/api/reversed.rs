//! The parameters that the lists of refunds and disputes share.

use crate::api::{ListQuery, expand};
use crate::error::ApiError;
use crate::form::Params;
use crate::state::World;

/// A query for refunds or disputes.
pub(crate) struct Reversed {
    pub(crate) list: ListQuery,
    pub(crate) paths: Vec<String>,
    charge: Option<String>,
    intent: Option<String>,
}

impl Reversed {
    /// Takes the parameters out of a query.
    pub(crate) fn read(params: &mut Params) -> Result<Self, ApiError> {
        Ok(Self {
            list: ListQuery::read(params)?,
            paths: expand::paths(params)?,
            charge: params.text("charge")?,
            intent: params.text("payment_intent")?,
        })
    }

    /// The payment intent that all of the answer belongs to, if the query names it or a charge of it.
    pub(crate) fn intent<'a>(&'a self, world: &'a World) -> Option<&'a str> {
        let of_charge = || {
            let charge = world.charges.get(self.charge.as_deref()?)?;
            Some(charge.payment_intent.as_str())
        };
        self.intent.as_deref().or_else(of_charge)
    }

    /// Whether the query wants what belongs to this charge.
    pub(crate) fn keeps_charge(&self, charge: &str) -> bool {
        self.charge.as_ref().is_none_or(|wanted| wanted == charge)
    }
}
