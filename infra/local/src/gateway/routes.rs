//! Which route a request takes.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::bail;
use http::Method;

use crate::{
    functions::{Functions, Handler},
    template::{Route, Template},
};

/// Every route with its function.
#[derive(Debug)]
pub(super) struct Routes(Vec<(Route, Target)>);

/// Where a route leads.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) route_key: String,
    pub(super) handler: Handler,
}

impl Routes {
    /// # Errors
    /// If a function is on one side only: the product would be something else than what is
    /// deployed.
    pub(super) fn new(template: &Template, functions: &Functions) -> anyhow::Result<Self> {
        let declared: BTreeSet<_> = template
            .functions()
            .iter()
            .map(|function| function.name.as_str())
            .collect();
        if let Some(name) = functions.names().find(|name| !declared.contains(name)) {
            bail!("functions.rs registers `{name}`, which template.yaml does not have");
        }
        for function in template.functions() {
            if function.routes.is_empty() {
                continue; // On a schedule: no gateway leads to it.
            }
            if functions.get(&function.name).is_none() {
                bail!(
                    "template.yaml has the function {} (`{}`), which functions.rs does not register",
                    function.logical_id,
                    function.name
                );
            }
        }
        let mut routes = Vec::new();
        for route in template.routes() {
            if let Some(handler) = functions.get(&route.function).cloned() {
                routes.push((
                    route.clone(),
                    Target {
                        route_key: route.key(),
                        handler,
                    },
                ));
            }
        }
        routes.sort_by(|(one, _), (other, _)| one.path.precedence(&other.path));
        Ok(Self(routes))
    }

    /// The route of a decoded path, and the parameters in it.
    pub(super) fn find(
        &self,
        method: &Method,
        path: &str,
    ) -> Option<(&Target, BTreeMap<String, String>)> {
        let mut routes = self.0.iter().filter(|(route, _)| route.method == *method);
        routes.find_map(|(route, target)| Some((target, route.path.matches(path)?)))
    }
}
