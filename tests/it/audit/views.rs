//! What was changed by hand in the views is found.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::SignedDuration;
use recharge_core::{
    app::ports::RelayCommits,
    domain::{Lane, RECEIVED_LANES},
};

use super::{
    findings,
    hand::{Hand, Harm, assert_sound_again, number, text},
    played,
};

#[tokio::test]
async fn a_received_gift_that_does_not_agree_with_its_entry_is_found() {
    let world = played().await;
    let views = Hand {
        world: &world,
        views: true,
    };
    let received = views.one("CREATOR#carol#", "GIFT#").await;
    let (pk, sk) = (text(&received, "PK"), text(&received, "SK"));
    let (at, id) = sk.strip_prefix("GIFT#").unwrap().split_once('#').unwrap();
    let date = at.split_once('T').unwrap().0;
    let gift = format!("wallet alice, seq 5: I4: gift {id} for creator carol");
    let earned = |live: &str, video: &str| {
        format!(
            "creator carol, {date}: I4: earned are 0 diamonds of 0 gifts for live streams and 5 of \
             1 for videos, but received {live} gifts for live streams and {video} for videos"
        )
    };
    let text_of = |text: &str| AttributeValue::S(text.to_owned());
    let cases = [
        (
            Harm::Delete,
            vec![
                format!("{gift} is not among the received gifts"),
                earned("0 diamonds of 0", "0 of 0"),
            ],
        ),
        (
            Harm::Set("diamonds", number(6)),
            vec![
                format!("{gift} was received with another number of diamonds"),
                earned("0 diamonds of 0", "6 of 1"),
            ],
        ),
        (
            Harm::Set("target_kind", text_of("live")),
            vec![
                format!("{gift} was received with another target"),
                earned("5 diamonds of 1", "0 of 0"),
            ],
        ),
        (
            Harm::Set("target", text_of("t-2")),
            vec![format!("{gift} was received with another target")],
        ),
        (
            Harm::Set("sender", text_of("dave")),
            vec![format!("{gift} was received with another sender")],
        ),
    ];
    for (harm, expected) in cases {
        let expected: Vec<_> = expected.iter().map(String::as_str).collect();
        views.assert_found(&received, harm, &expected).await;
    }

    // A second one: in another lane, and under another time.
    let own = Lane::of(id, RECEIVED_LANES);
    let other = Lane::all(RECEIVED_LANES).find(|lane| *lane != own).unwrap();
    let lane = format!("{}{other}", pk.strip_suffix(&own.to_string()).unwrap());
    let expected =
        format!("item {lane} {sk}: the key does not agree with the month and the lane of the gift");
    let copy = Harm::Copy(lane, sk.to_owned());
    views.assert_found(&received, copy, &[&expected]).await;
    let later = format!("GIFT#{date}T23:59:59.999Z#{id}");
    let told = views
        .found(&received, Harm::Copy(pk.to_owned(), later))
        .await;
    // A gift of the future is not due yet; once it is, nobody sent it.
    assert_eq!(told, [""; 0]);
    world.server.clock().advance(Duration::from_secs(86_400));
    let later = format!("GIFT#{date}T23:59:59.999Z#{id}");
    let told = views
        .found(&received, Harm::Copy(pk.to_owned(), later))
        .await;
    let expected = format!(
        "creator carol, gift {id}: I4: it was received, but wallet alice has no entry for it"
    );
    assert_eq!(told, [expected]);
    assert_sound_again(world).await;
}

#[tokio::test]
async fn a_received_gift_that_nobody_sent_is_found() {
    let world = played().await;
    let stray = recharge_testkit::received("bob", "shard", 1, 9);
    let views = world.views();
    let stored = views.put_received(std::slice::from_ref(&stray)).await;
    assert!(stored.unwrap().is_empty());
    let (told, _) = findings(&world, SignedDuration::ZERO).await;
    let (id, nothing) = (&stray.sent.id, "0 diamonds of 0 gifts for live streams");
    let expected = [
        format!(
            "creator bob, 2026-11-22: I4: earned are {nothing} and 0 of 0 for videos, but received \
             9 diamonds of 1 gifts for live streams and 0 of 0 for videos"
        ),
        format!(
            "creator bob, gift {id}: I4: it was received, but wallet alice has no entry for it"
        ),
    ];
    assert_eq!(told, expected);
    world.stop().await;
}

#[tokio::test]
async fn earnings_that_are_not_what_was_received_are_found() {
    let world = played().await;
    let views = Hand {
        world: &world,
        views: true,
    };
    let row = views.one("CREATOR#bob", "DAY#").await;
    let (pk, sk) = (text(&row, "PK"), text(&row, "SK"));
    let date = sk.split('#').nth(1).unwrap();
    let earned = |diamonds: u32, gifts: u32| {
        format!(
            "creator bob, {date}: I4: earned are {diamonds} diamonds of {gifts} gifts for live \
             streams and 0 of 0 for videos, but received 10 diamonds of 2 gifts for live streams \
             and 0 of 0 for videos"
        )
    };
    let unknown = format!("DAY#{date}#09");
    let cases = [
        (Harm::Set("live", number(1_010)), earned(1_010, 2)),
        (Harm::Set("live_gifts", number(1)), earned(10, 1)),
        (Harm::Delete, earned(0, 0)),
        (
            Harm::Copy(pk.to_owned(), unknown.clone()),
            format!("item {pk} {unknown}: the key does not agree with a lane of a day"),
        ),
        (
            Harm::Copy(pk.to_owned(), format!("DAY#{date}#rebuild")),
            earned(20, 4),
        ),
    ];
    for (harm, expected) in cases {
        views.assert_found(&row, harm, &[&expected]).await;
    }
    assert_sound_again(world).await;
}
