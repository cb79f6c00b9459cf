//! A plain ledger on PostgreSQL: what Recharge is compared with.

mod ledger;
mod serve;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    serve::run().await
}
