//! What an operator does when the relay could not.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::SignedDuration;
use recharge_core::{
    app::{
        Audited, RebuildError, Replayed, compare_day, correct_day,
        ports::{Earnings, Quarantine},
        replay_quarantine,
    },
    domain::{Accrued, CreatorDay, Tally},
};
use recharge_testkit::{FaultyHttp, World, gift_records, stream_event, user};
use serde_json::{Value, json};

use crate::{
    audit::{findings, told},
    relay::{assert_all_agree, credited, send_gifts},
};

const DATE: &str = "2026-11-18"; // When the records say that they happened.

async fn records(world: &World) -> Vec<Value> {
    gift_records(world.server.dynamodb(), &world.table(), &["alice"], 1).await
}

async fn relayed(world: &World, records: &[Value]) {
    let relay = world.lambda(&FaultyHttp::default()).relay();
    relay.handle(stream_event("shard", records)).await.unwrap();
}

/// Sets an attribute of a row of the views, as no code of ours does.
async fn tamper(world: &World, pk: &str, sk: &str, name: &str, value: AttributeValue) {
    let update = world
        .server
        .dynamodb()
        .update_item()
        .table_name(world.server.setting("VIEWS_TABLE"))
        .key("PK", AttributeValue::S(pk.to_owned()))
        .key("SK", AttributeValue::S(sk.to_owned()))
        .update_expression("SET #name = :value")
        .expression_attribute_names("#name", name)
        .expression_attribute_values(":value", value);
    update.send().await.unwrap();
}

/// What an audit says of gifts. The coins of these fans came from nowhere, and that it says, too.
async fn of_gifts(world: &World) -> (Vec<String>, Audited) {
    let (mut found, audited) = findings(world, SignedDuration::ZERO).await;
    found.retain(|finding| is_of_gifts(finding));
    (found, audited)
}

fn is_of_gifts(finding: &str) -> bool {
    finding.starts_with("creator ") || finding.contains(": I4: gift ")
}

#[tokio::test]
async fn a_record_in_quarantine_is_applied_once_by_a_version_that_can_read_it() {
    let world = World::start().await;
    send_gifts(&world, &["alice"], &["bob"], 4).await;
    let good = records(&world).await;
    let mut told = good.clone();
    told[1]["dynamodb"]["NewImage"]["diamonds"] = json!({"S": "many"});
    told[3]["eventName"] = json!("MODIFY");
    relayed(&world, &told).await;
    let (views, clock) = (world.views(), world.server.clock());
    let date = DATE.parse().unwrap();
    // This version cannot read them, either: nothing changes, nothing is lost.
    let before = credited(&world, &["bob"]).await;
    let replayed = replay_quarantine(&views, clock, date).await.unwrap();
    assert_eq!(replayed.len(), 2);
    for (_, outcome) in &replayed {
        assert!(matches!(outcome, Replayed::Unreadable(_)), "{outcome:?}");
    }
    assert_eq!(credited(&world, &["bob"]).await, before);
    // An audit misses the two gifts, and says that as many records wait.
    let (found, audited) = of_gifts(&world).await;
    assert_eq!((found.len(), audited.quarantined), (2, 2), "{found:?}");
    for finding in &found {
        assert!(
            finding.ends_with(" is not among the received gifts"),
            "{finding}"
        );
    }

    // As if we had learned to read the first: its text is one that we know.
    let raw = AttributeValue::S(good[1].to_string());
    tamper(&world, &format!("QUARANTINE#{DATE}"), "2#shard", "raw", raw).await;
    let replayed = replay_quarantine(&views, clock, date).await.unwrap();
    assert!(matches!(&replayed[0], (at, Replayed::Applied(_)) if at.as_str() == "2"));
    assert!(matches!(replayed[1].1, Replayed::Unreadable(_)));
    let raw = AttributeValue::S(good[3].to_string());
    tamper(&world, &format!("QUARANTINE#{DATE}"), "4#shard", "raw", raw).await;
    let replayed = replay_quarantine(&views, clock, date).await.unwrap();
    assert_eq!(replayed.len(), 1, "what was applied is not replayed again");
    assert_all_agree(&world, &["alice"], &["bob"]).await;
    assert!(views.quarantined(date).await.unwrap().is_empty());
    let (found, audited) = of_gifts(&world).await;
    assert_eq!((found, audited.quarantined), (Vec::new(), 0));
    // The whole batch comes again: it stays so.
    relayed(&world, &told).await;
    relayed(&world, &good).await;
    assert_all_agree(&world, &["alice"], &["bob"]).await;
    world.stop().await;
}

#[tokio::test]
async fn a_day_that_does_not_agree_is_told_and_corrected_once() {
    let world = World::start().await;
    send_gifts(&world, &["alice"], &["bob"], 6).await;
    relayed(&world, &records(&world).await).await;
    let views = world.views();
    let earned = views.earnings(&user("bob")).await.unwrap();
    let (date, tally) = earned.into_iter().next().unwrap();
    let day = CreatorDay {
        creator: user("bob"),
        date,
    };
    let equal = compare_day(&views, &day).await.unwrap();
    assert!(equal.is_equal(), "{equal:?}");
    assert_eq!((equal.received, equal.earned), (tally, tally));

    // Somebody's hand: 1,000 diamonds too many, a gift too few.
    let lane = recharge_core::domain::earnings_lane(&"shard".try_into().unwrap());
    let row = format!("DAY#{date}#{lane}");
    let wrong = (tally.live.diamonds + 1_000).to_string();
    tamper(
        &world,
        "CREATOR#bob",
        &row,
        "live",
        AttributeValue::N(wrong),
    )
    .await;
    let fewer = (tally.video.gifts - 1).to_string();
    tamper(
        &world,
        "CREATOR#bob",
        &row,
        "video_gifts",
        AttributeValue::N(fewer),
    )
    .await;
    let found = compare_day(&views, &day).await.unwrap();
    let expected = Tally {
        live: Accrued {
            diamonds: -1_000,
            gifts: 0,
        },
        video: Accrued {
            diamonds: 0,
            gifts: 1,
        },
    };
    assert_eq!(found.difference, expected);
    // To compare changes nothing.
    assert_eq!(compare_day(&views, &day).await.unwrap(), found);

    correct_day(&views, &day, &found).await.unwrap();
    assert!(compare_day(&views, &day).await.unwrap().is_equal());
    assert_all_agree(&world, &["alice"], &["bob"]).await;
    // Two operators: the second one's comparison is of before.
    let late = correct_day(&views, &day, &found).await;
    assert!(matches!(late, Err(RebuildError::Moved)), "{late:?}");
    assert_all_agree(&world, &["alice"], &["bob"]).await;
    world.stop().await;
}

/// Between its two writes the relay has put a gift that is not counted yet. A comparison must not
/// take it for missing: corrected, and then counted, it would be there twice.
#[tokio::test]
async fn what_the_relay_is_about_to_count_is_no_difference() {
    let world = World::start().await;
    send_gifts(&world, &["alice"], &["bob"], 6).await;
    let records = records(&world).await;
    relayed(&world, &records[..3]).await;
    let http = FaultyHttp::default();
    let relay = world.lambda(&http).relay();
    // Mark, received gifts, and then the transaction fails for as long as the relay tries.
    http.plan(2, recharge_testkit::Fault::ServerError, 3);
    let event = stream_event("shard", &records);
    relay.handle(event.clone()).await.unwrap_err();
    let told = credited(&world, &["bob"]).await;
    let (day, tally) = told.earned()["bob"].iter().next().unwrap();
    let day = CreatorDay {
        creator: user("bob"),
        date: *day,
    };
    let found = compare_day(&world.views(), &day).await.unwrap();
    assert!(found.is_equal(), "{found:?}");
    assert_eq!(
        (found.received, tally.live.gifts + tally.video.gifts),
        (*tally, 3)
    );
    http.reset();
    relay.handle(event).await.unwrap();
    assert_all_agree(&world, &["alice"], &["bob"]).await;
    world.stop().await;
}

/// A version that could read a record put it among the received gifts and was killed; one that could
/// not put it aside. It is received, the mark has passed it, and it is not counted: to take that for a
/// difference, and then to replay it, would count it twice.
#[tokio::test]
async fn what_waits_in_quarantine_is_no_difference() {
    let world = World::start().await;
    send_gifts(&world, &["alice"], &["bob"], 4).await;
    let good = records(&world).await;
    let http = FaultyHttp::default();
    let relay = world.lambda(&http).relay();
    http.plan(2, recharge_testkit::Fault::ServerError, 3);
    relay
        .handle(stream_event("shard", &good))
        .await
        .unwrap_err();
    http.reset();
    let mut told = good.clone();
    told[1]["eventName"] = json!("MODIFY");
    relay.handle(stream_event("shard", &told)).await.unwrap();
    // The gifts were sent when the records say that they happened.
    let today = world.views().earnings(&user("bob")).await.unwrap();
    let date = *today.keys().next().unwrap();
    let happened = format!("QUARANTINE#{DATE}");
    let kept = world
        .server
        .dynamodb()
        .get_item()
        .table_name(world.server.setting("VIEWS_TABLE"));
    let kept = kept
        .key("PK", AttributeValue::S(happened))
        .key("SK", AttributeValue::S("2#shard".to_owned()));
    let mut row = kept.send().await.unwrap().item.unwrap();
    row.insert(
        "PK".to_owned(),
        AttributeValue::S(format!("QUARANTINE#{date}")),
    );
    row.insert("raw".to_owned(), AttributeValue::S(good[1].to_string()));
    let put = world
        .server
        .dynamodb()
        .put_item()
        .table_name(world.server.setting("VIEWS_TABLE"));
    put.set_item(Some(row)).send().await.unwrap();

    let day = CreatorDay {
        creator: user("bob"),
        date,
    };
    let waiting = compare_day(&world.views(), &day).await;
    assert!(matches!(waiting, Err(RebuildError::Waiting)), "{waiting:?}");
    let (found, _) = of_gifts(&world).await;
    let expected =
        format!("creator bob, {date}: a gift of this day waits in quarantine: recharge replay");
    assert_eq!(found, [expected]);
    let clock = world.server.clock();
    replay_quarantine(&world.views(), clock, date)
        .await
        .unwrap();
    assert!(compare_day(&world.views(), &day).await.unwrap().is_equal());
    assert_all_agree(&world, &["alice"], &["bob"]).await;
    world.stop().await;
}

/// A row that is being written is not read half: the comparison begins anew, and gives up when that
/// goes on and on.
#[tokio::test]
async fn a_comparison_begins_anew_where_something_is_being_written() {
    let world = World::start().await;
    send_gifts(&world, &["alice"], &["bob"], 6).await;
    relayed(&world, &records(&world).await).await;
    let date = *world
        .views()
        .earnings(&user("bob"))
        .await
        .unwrap()
        .keys()
        .next()
        .unwrap();
    let day = CreatorDay {
        creator: user("bob"),
        date,
    };
    let http = FaultyHttp::default();
    let views = world.views_with(&http);
    let clean = compare_day(&views, &day).await.unwrap();
    assert!(clean.is_equal());
    let calls = http.calls();
    let reads = calls.iter().enumerate();
    let reads: Vec<_> = reads
        .filter(|(_, call)| call.operation == "TransactGetItems")
        .map(|(at, _)| at)
        .collect();
    assert_eq!(reads.len(), 3, "marks, earnings, marks");
    for at in reads {
        http.plan(at, recharge_testkit::Fault::Conflict, 1);
        assert_eq!(compare_day(&views, &day).await.unwrap(), clean);
        assert_eq!(http.struck(), 1);
    }
    http.plan(0, recharge_testkit::Fault::Conflict, usize::MAX);
    let busy = compare_day(&views, &day).await;
    assert!(matches!(busy, Err(RebuildError::Busy)), "{busy:?}");
    // An audit calls a day of today unfinished, and an old one not judged; neither is wrong.
    let lag = SignedDuration::from_mins(5);
    let (_, unread, audited) = told(&world, &views, lag).await;
    assert_eq!(
        (unread.len(), audited.totals.pending_days),
        (0, 1),
        "{unread:?}"
    );
    world
        .server
        .clock()
        .advance(Duration::from_secs(3 * 86_400));
    let (found, unread, audited) = told(&world, &views, lag).await;
    let expected = format!("creator bob, {date}: {}", RebuildError::Busy);
    assert_eq!((unread, audited.unread), (vec![expected], 1));
    assert!(
        !found.iter().any(|finding| is_of_gifts(finding)),
        "{found:?}"
    );
    http.reset();
    assert_eq!(compare_day(&views, &day).await.unwrap(), clean);
    world.stop().await;
}
