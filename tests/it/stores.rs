//! The stores keep the contract, and what they do otherwise than each other: `docs/stores.md`.

mod raw;
mod reads;
mod streams;
mod transactions;

use recharge_testkit::{
    World,
    contract::{every_law, every_law_of_views},
};

#[tokio::test]
async fn the_store_keeps_every_law() {
    let world = World::start().await;
    every_law(&world.ledger(), "").await;
    world.stop().await;
}

#[tokio::test]
async fn the_views_keep_every_law() {
    let world = World::start().await;
    every_law_of_views(&world.views(), "").await;
    world.stop().await;
}
