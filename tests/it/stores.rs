//! The stores keep the contract.

use recharge_testkit::{World, contract::every_law};

#[tokio::test]
async fn the_store_keeps_every_law() {
    let world = World::start().await;
    every_law(&world.ledger(), "").await;
    world.stop().await;
}
