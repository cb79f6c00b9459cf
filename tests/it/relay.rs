//! What a fan spends becomes what a creator earns, exactly once: earnings, received gifts and the
//! gifts' entries say the same, whatever the stream does.

use std::collections::{BTreeMap, BTreeSet};

use recharge_core::{
    app::ports::{Earnings, ReceivedGifts},
    domain::{EarningsByDay, Lane, Month, RECEIVED_LANES, Tally},
};
use recharge_testkit::{FaultyHttp, World, gift_body, gift_records, stream_event, user};
use serde_json::{Value, json};

mod delivery;
mod faults;
mod pump;
mod units;

/// What the views say of creators: what they received, and what they earned by day.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Credited {
    received: BTreeMap<String, BTreeSet<String>>,
    earned: BTreeMap<String, EarningsByDay>,
}

impl Credited {
    pub(crate) fn earned(&self) -> &BTreeMap<String, EarningsByDay> {
        &self.earned
    }
}

pub(crate) async fn credited(world: &World, creators: &[&str]) -> Credited {
    let views = world.views();
    let mut credited = Credited::default();
    for creator in creators {
        let id = user(creator);
        let earned = views.earnings(&id).await.unwrap();
        let mut received = BTreeSet::new();
        for month in earned.keys().map(|day| Month::of(*day)) {
            for lane in Lane::all(RECEIVED_LANES) {
                let gifts = views.received(&id, month, lane, None, 1_000).await.unwrap();
                received.extend(gifts.into_iter().map(|gift| gift.sent.id.to_string()));
            }
        }
        credited.received.insert((*creator).to_owned(), received);
        credited.earned.insert((*creator).to_owned(), earned);
    }
    credited
}

/// The law of every test here: earnings = received rows = gift entries.
pub(crate) async fn assert_all_agree(world: &World, fans: &[&str], creators: &[&str]) {
    let records = gift_records(world.server.dynamodb(), &world.table(), fans, 1).await;
    let told = credited(world, creators).await;
    for creator in creators {
        let text = |record: &Value, name: &str| {
            let image = &record["dynamodb"]["NewImage"][name];
            let value = image["S"].as_str().or_else(|| image["N"].as_str());
            value.unwrap().to_owned()
        };
        let to_creator = |record: &&Value| text(record, "creator") == *creator;
        let entries: Vec<_> = records.iter().filter(to_creator).collect();
        let ids: BTreeSet<_> = entries.iter().map(|it| text(it, "sent_gift")).collect();
        assert_eq!(told.received[*creator], ids, "{creator}: received, entries");
        let sum: i64 = entries
            .iter()
            .map(|it| text(it, "diamonds").parse::<i64>().unwrap())
            .sum();
        let earned = Tally::sum(told.earned[*creator].values().copied()).unwrap();
        assert_eq!(earned.diamonds(), Some(sum), "{creator}: earned, entries");
        let gifts = earned.live.gifts + earned.video.gifts;
        assert_eq!(usize::try_from(gifts).unwrap(), ids.len(), "{creator}");
    }
}

/// Gifts of several fans to several creators, for live streams and videos, of several prices.
pub(crate) async fn send_gifts(world: &World, fans: &[&str], creators: &[&str], count: usize) {
    for creator in creators {
        world.creator(creator).await;
    }
    for fan in fans {
        world.fan_with(fan, 100_000).await;
    }
    for number in 0..count {
        let fan = world.fan(fans[number % fans.len()]);
        let mut body = gift_body(["rose", "heart"][number % 2]);
        body["creator_id"] = json!(creators[number % creators.len()]);
        body["quantity"] = json!(1 + number % 3);
        if number % 3 == 0 {
            body["target"] = json!({"kind": "video", "id": "v-1"});
        }
        let sent = fan
            .post("/v1/gifts/send", &format!("k{number}"), &body)
            .await;
        assert_eq!(sent.status, 201, "{}", sent.body);
    }
}

#[tokio::test]
async fn a_call_at_the_end_of_a_window_costs_nothing_and_gives_its_state_back() {
    let world = World::start().await;
    let http = FaultyHttp::default();
    let relay = world.lambda(&http).relay();
    let last = stream_event("shard", &[]);
    let answer = relay.handle(last.clone()).await.unwrap();
    assert_eq!(answer, json!({"state": {"kept": "as it came"}}));
    assert_eq!(http.calls(), [], "no call of DynamoDB");
    world.stop().await;
}

#[tokio::test]
async fn an_event_that_does_not_say_its_shard_is_refused_and_changes_nothing() {
    let world = World::start().await;
    send_gifts(&world, &["alice"], &["bob"], 2).await;
    let records = gift_records(world.server.dynamodb(), &world.table(), &["alice"], 1).await;
    let http = FaultyHttp::default();
    let relay = world.lambda(&http).relay();
    let mut ordinary = stream_event("shard", &records);
    ordinary.as_object_mut().unwrap().remove("shardId");
    let refused = relay.handle(ordinary).await.unwrap_err();
    assert_eq!(refused.to_string(), "the event is refused");
    let mut placeless = stream_event("shard", &records);
    placeless["Records"][1]["dynamodb"]["SequenceNumber"] = Value::Null;
    relay.handle(placeless).await.unwrap_err();
    assert_eq!(http.calls(), []);
    let nothing = credited(&world, &["bob"]).await;
    assert!(nothing.earned["bob"].is_empty(), "{nothing:?}");
    world.stop().await;
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_put_aside_and_blocks_nobody() {
    let world = World::start().await;
    send_gifts(&world, &["alice"], &["bob"], 5).await;
    let table = world.table();
    let mut records = gift_records(world.server.dynamodb(), &table, &["alice"], 1).await;
    records[2]["dynamodb"]["NewImage"]["diamonds"] = json!({"S": "many"});
    let relay = world.lambda(&FaultyHttp::default()).relay();
    for _ in 0..2 {
        relay.handle(stream_event("shard", &records)).await.unwrap();
    }
    let told = credited(&world, &["bob"]).await;
    assert_eq!(told.received["bob"].len(), 4);
    let earned = Tally::sum(told.earned["bob"].values().copied()).unwrap();
    assert_eq!(earned.live.gifts + earned.video.gifts, 4);
    world.stop().await;
}
