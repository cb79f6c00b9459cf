//! `recharge audit`: what the product wrote is sound; whatever is changed by hand is found where it
//! is, and nothing else is told.

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::SignedDuration;
use recharge_core::{
    adapters::dynamodb::{DynamoLedger, DynamoViews},
    app::{
        Audited, Told, audit,
        ports::{RelayCommits, RelayMarks},
    },
    domain::{Currency, Flow, ReceivedGift},
};
use recharge_local::Options;
use recharge_testkit::{
    FaultyHttp, World, gift_body, gift_records, sequence_number, stream_event, user,
};
use serde_json::json;

mod hand;
mod ledger;
mod views;

pub(crate) type Item = HashMap<String, AttributeValue>;

/// What an audit says, each finding as the command prints it, in order.
pub(crate) async fn findings(world: &World, lag: SignedDuration) -> (Vec<String>, Audited) {
    let (told, unread, audited) = told(world, &world.views(), lag).await;
    assert_eq!(unread, [""; 0]);
    (told, audited)
}

/// What an audit finds, and what it could not judge.
pub(crate) async fn told(
    world: &World,
    views: &DynamoViews,
    lag: SignedDuration,
) -> (Vec<String>, Vec<String>, Audited) {
    let (mut told, mut unread) = (Vec::new(), Vec::new());
    let mut tell = |what: Told<'_>| match what {
        Told::Finding(finding) => told.push(finding.to_string()),
        Told::Unread(place, why) => unread.push(format!("{place}: {why}")),
        Told::Progress(_) => {}
    };
    let clock = world.server.clock();
    let audited = audit(&world.ledger(), views, clock, lag, &mut tell).await;
    told.sort();
    (told, unread, audited.unwrap())
}

async fn assert_sound(world: &World, lag: SignedDuration) -> Audited {
    let (told, audited) = findings(world, lag).await;
    assert_eq!(told, [""; 0]);
    assert_eq!((audited.findings, audited.unread), (0, 0));
    audited
}

/// Two fans buy, with a bonus for the first recharge, and send gifts to two creators; all is relayed.
pub(crate) async fn played() -> World {
    let world = World::with(Options {
        settings: [("FIRST_RECHARGE_BONUS_COINS".to_owned(), "25".to_owned())].into(),
        ..Options::default()
    })
    .await;
    for creator in ["bob", "carol"] {
        world.creator(creator).await;
    }
    for fan in ["alice", "dave"] {
        buy(&world, fan, "r1", "coins_70").await;
    }
    buy(&world, "alice", "r2", "coins_700").await;
    // Somebody who did not pay.
    let started = world.fan("erin").recharge("r1", "coins_70").await;
    assert_eq!(started.status, 201, "{}", started.body);
    send(&world, "alice", "k1", "bob", "live").await;
    send(&world, "alice", "k2", "carol", "video").await;
    send(&world, "dave", "k1", "bob", "live").await;
    relay(&world).await;
    world
}

async fn buy(world: &World, fan: &str, key: &str, package: &str) {
    let started = world.fan(fan).recharge(key, package).await;
    assert_eq!(started.status, 201, "{}", started.body);
    world.pay(&started).await;
}

async fn send(world: &World, fan: &str, key: &str, creator: &str, kind: &str) {
    let mut body = gift_body("heart");
    body["creator_id"] = json!(creator);
    body["target"] = json!({"kind": kind, "id": "t-1"});
    let sent = world.fan(fan).post("/v1/gifts/send", key, &body).await;
    assert_eq!(sent.status, 201, "{}", sent.body);
}

/// Everything is told as one batch.
async fn relay(world: &World) {
    let fans = ["alice", "dave"];
    let records = gift_records(world.server.dynamodb(), &world.table(), &fans, 1).await;
    let relay = world.lambda(&FaultyHttp::default()).relay();
    relay.handle(stream_event("shard", &records)).await.unwrap();
}

#[tokio::test]
async fn a_world_that_was_played_is_sound_and_adds_up() {
    let world = played().await;
    let totals = assert_sound(&world, SignedDuration::ZERO).await.totals;
    // 70 + 70 + 715 bought, 2 × 25 granted, 3 × 5 spent.
    let flow = |count, amount| Flow { count, amount };
    assert_eq!(totals.recharges, flow(3, 855));
    assert_eq!(totals.grants, flow(2, 50));
    assert_eq!(totals.gifts, flow(3, 15));
    assert_eq!((totals.wallets, totals.entries), (2, 8));
    assert_eq!((totals.coins, totals.debt), (890, 0));
    assert_eq!(totals.settled[&Currency::Usd].count, 3);
    assert_eq!((totals.diamonds, totals.received), (15, flow(3, 15)));
    assert_eq!((totals.earned, totals.pending), (15, 0));
    world.stop().await;
}

#[tokio::test]
async fn an_empty_table_is_sound_and_one_that_is_not_there_cannot_be_read() {
    let world = World::start().await;
    let audited = assert_sound(&world, SignedDuration::ZERO).await;
    assert_eq!(audited, Audited::default());
    let client = world.server.dynamodb().clone();
    let nowhere = DynamoLedger::new(client, "nowhere".to_owned());
    let clock = world.server.clock();
    let lag = SignedDuration::ZERO;
    let read = audit(&nowhere, &world.views(), clock, lag, &mut |_| {}).await;
    read.unwrap_err();
    world.stop().await;
}

#[tokio::test]
async fn a_gift_that_is_on_its_way_is_pending_and_then_missing() {
    let world = played().await;
    let lag = SignedDuration::from_mins(5);
    send(&world, "dave", "k2", "carol", "live").await;
    let totals = assert_sound(&world, lag).await.totals;
    assert_eq!((totals.pending, totals.received.count), (1, 3));
    world.server.clock().advance(Duration::from_secs(301));
    let (told, _) = findings(&world, lag).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("wallet dave, seq 4: I4: gift sent_")
            && told[0].ends_with(" for creator carol is not among the received gifts"),
        "{told:?}"
    );
    // It was lost in the stream's day, and comes after all.
    relay(&world).await;
    assert_sound(&world, lag).await;
    world.stop().await;
}

/// Received gifts are put before they are counted.
#[tokio::test]
async fn a_gift_that_is_received_and_not_counted_is_pending_and_then_missing() {
    let world = played().await;
    let lag = SignedDuration::from_mins(5);
    send(&world, "dave", "k2", "carol", "live").await;
    let views = world.views();
    let mark = views
        .relay_mark(&"shard".try_into().unwrap())
        .await
        .unwrap();
    assert_eq!(mark, Some(sequence_number(3)));
    let gift = received(&world, "dave", "k2", 4).await;
    assert!(views.put_received(&[gift]).await.unwrap().is_empty());
    let totals = assert_sound(&world, lag).await.totals;
    assert_eq!((totals.pending, totals.pending_days), (0, 1));
    assert_eq!((totals.received.count, totals.earned), (4, 15));
    world.server.clock().advance(Duration::from_secs(301));
    let (told, _) = findings(&world, lag).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("creator carol, 20"), "{told:?}");
    assert!(
        told[0].ends_with(" was received and is not counted yet"),
        "{told:?}"
    );
    world.stop().await;
}

/// The gift of an entry, as the `sequence`th record would tell it.
async fn received(world: &World, fan: &str, key: &str, sequence: u32) -> ReceivedGift {
    use recharge_core::{app::ports::Entries, domain::EntryKey};
    let key = EntryKey::gift(&recharge_testkit::key(key));
    let entry = world.ledger().entry(&user(fan), &key).await.unwrap();
    let shard = "shard".try_into().unwrap();
    ReceivedGift::of(&entry.unwrap(), &shard, &sequence_number(sequence)).unwrap()
}

/// Wallets move all the while, and none of them is taken for corrupt.
#[tokio::test]
async fn what_is_written_during_an_audit_is_no_finding() {
    let world = played().await;
    let lag = SignedDuration::from_mins(5);
    let sending = async {
        for number in 0..20 {
            let fan = ["alice", "dave"][number % 2];
            send(&world, fan, &format!("m{number}"), "bob", "live").await;
        }
        buy(&world, "dave", "r9", "coins_350").await;
        let fans = ["alice", "dave"];
        let mut records = gift_records(world.server.dynamodb(), &world.table(), &fans, 1).await;
        // Another shard has told of the first three.
        records.retain(|it| {
            it["dynamodb"]["Keys"]["SK"]["S"]
                .as_str()
                .unwrap()
                .contains("#m")
        });
        let relay = world.lambda(&FaultyHttp::default()).relay();
        relay.handle(stream_event("other", &records)).await.unwrap();
    };
    let auditing = async {
        for _ in 0..8 {
            assert_sound(&world, lag).await;
        }
    };
    futures_util::join!(sending, auditing);
    let totals = assert_sound(&world, lag).await.totals;
    assert_eq!((totals.gifts.count, totals.recharges.count), (23, 4));
    world.stop().await;
}
