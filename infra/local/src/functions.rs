//! The product's functions: the same code that Lambda runs, by the names that template.yaml has.

use std::{collections::BTreeMap, fmt, future::Future, pin::Pin, sync::Arc};

use anyhow::bail;
use lambda_http::{Body, Request, Response};
use recharge_core::adapters::Setup;

use crate::{settings::LocalSettings, template::Template};

type Answer = Pin<Box<dyn Future<Output = Response<Body>> + Send>>;

/// A function that answers requests.
#[derive(Clone)]
pub(crate) struct Handler(Arc<dyn Fn(Request) -> Answer + Send + Sync>);

impl Handler {
    pub(crate) fn new<F, A>(function: F) -> Self
    where
        F: Fn(Request) -> A + Send + Sync + 'static,
        A: Future<Output = Response<Body>> + Send + 'static,
    {
        Self(Arc::new(move |request| Box::pin(function(request))))
    }

    /// Answers one request.
    pub(crate) fn call(&self, request: Request) -> Answer {
        (self.0)(request)
    }
}

impl fmt::Debug for Handler {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Handler")
    }
}

/// Handlers by the name of their function.
#[derive(Debug, Default)]
pub(crate) struct Functions(BTreeMap<String, Handler>);

impl Functions {
    /// Every function of the product. Each sees the variables that the template gives it and no
    /// other, so that one that is forgotten there is missing here, too.
    ///
    /// # Errors
    /// Lists every setting of every function that is missing or wrong.
    pub(crate) fn new(
        template: &Template,
        settings: &LocalSettings,
        setup: &Setup,
    ) -> anyhow::Result<Self> {
        let mut functions = Self::default();
        let mut problems = Vec::new();
        let setup_of = |name: &str| {
            let settings = settings.of_function(template, name);
            Setup {
                settings,
                ..setup.clone()
            }
        };
        macro_rules! register {
            ($($name:ident),+ $(,)?) => {$({
                let name = stringify!($name);
                match $name::Function::new(&setup_of(name)) {
                    Ok(function) => {
                        let function = Arc::new(function);
                        functions.register(name, Handler::new(move |request| {
                            let function = Arc::clone(&function);
                            async move { function.handle(request).await }
                        }));
                    }
                    Err(error) => problems.push(format!("function `{name}`: {error}")),
                }
            })+};
        }
        register!(admin, creators, gifts, packages, recharges, wallet, webhook);
        if problems.is_empty() {
            return Ok(functions);
        }
        bail!(
            "{}\n(a function is given only the variables that template.yaml declares for it)",
            problems.join("\n")
        )
    }

    pub(crate) fn register(&mut self, name: &str, handler: Handler) {
        self.0.insert(name.to_owned(), handler);
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Handler> {
        self.0.get(name)
    }
}
