//! What Lambda keeps warm.

use lambda_http::{Body, Request, Response};

use crate::Lambda;

/// A warm container of every function.
#[derive(Debug)]
pub(super) struct Containers {
    admin: admin::Function,
    creators: creators::Function,
    gifts: gifts::Function,
    packages: packages::Function,
    recharges: recharges::Function,
    pub(super) reconcile: reconcile::Function,
    pub(super) relay: relay::Function,
    wallet: wallet::Function,
    webhook: webhook::Function,
}

impl Containers {
    pub(super) fn start(lambda: &Lambda) -> Self {
        Self {
            admin: lambda.admin(),
            creators: lambda.creators(),
            gifts: lambda.gifts(),
            packages: lambda.packages(),
            recharges: lambda.recharges(),
            reconcile: lambda.reconcile(),
            relay: lambda.relay(),
            wallet: lambda.wallet(),
            webhook: lambda.webhook(),
        }
    }

    /// Has a function answer a request.
    pub(super) async fn handle(&self, function: &str, request: Request) -> Response<Body> {
        match function {
            "admin" => Box::pin(self.admin.handle(request)).await,
            "creators" => Box::pin(self.creators.handle(request)).await,
            "gifts" => Box::pin(self.gifts.handle(request)).await,
            "packages" => Box::pin(self.packages.handle(request)).await,
            "recharges" => Box::pin(self.recharges.handle(request)).await,
            "wallet" => Box::pin(self.wallet.handle(request)).await,
            "webhook" => Box::pin(self.webhook.handle(request)).await,
            other => panic!("no function {other} is asked"),
        }
    }
}
