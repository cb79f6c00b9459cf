//! What a store of views must do.

use jiff::{SignedDuration, Timestamp, civil::Date};
use recharge_core::{
    app::ports::{
        ApplyError, Earnings, EarningsCorrections, Quarantine, ReceivedGifts, RelayCommits,
        RelayMarks,
    },
    domain::{
        Accrued, CreatorDay, Lane, Month, RECEIVED_LANES, ReceivedGift, RelayContent, RelayRecord,
        RelayStep, Tally, Target, TargetKind, Unreadable,
    },
};

use crate::samples::{noon, received, sequence_number, user};

/// All ports of the views.
pub trait ViewStore:
    RelayMarks + RelayCommits + ReceivedGifts + Earnings + EarningsCorrections + Quarantine
{
}

impl<S> ViewStore for S where
    S: RelayMarks + RelayCommits + ReceivedGifts + Earnings + EarningsCorrections + Quarantine
{
}

/// Runs every law of the views; panics at the first that is broken.
pub async fn every_law_of_views(store: &impl ViewStore, names: &str) {
    a_step_is_stored_whole_or_not_at_all(store, names).await;
    a_step_takes_a_hundred_items(store, names).await;
    received_gifts_come_newest_first_and_each_once(store, names).await;
    every_attribute_of_a_received_gift_reads_back(store, names).await;
    days_add_up_over_lanes_and_corrections(store, names).await;
    what_is_in_quarantine_is_read_anew(store, names).await;
    two_shards_may_have_the_same_number(store, names).await;
}

/// So many diamonds of one gift for a live stream.
fn live(diamonds: i64, gifts: i64) -> Tally {
    Tally {
        live: Accrued { diamonds, gifts },
        ..Tally::default()
    }
}

fn day_of(gift: &ReceivedGift) -> CreatorDay {
    CreatorDay::of(gift)
}

/// The step that applies these gifts of one shard, at their places.
fn step(expected: Option<u32>, gifts: &[ReceivedGift]) -> RelayStep {
    let records: Vec<_> = gifts
        .iter()
        .map(|gift| RelayRecord {
            sequence: gift.sequence.clone(),
            content: RelayContent::Gift(Box::new(gift.clone())),
        })
        .collect();
    let expected = expected.map(sequence_number);
    let (step, rest) = RelayStep::longest(&gifts[0].shard, expected.as_ref(), &records).unwrap();
    assert!(rest.is_empty());
    step
}

async fn a_step_is_stored_whole_or_not_at_all(store: &impl ViewStore, names: &str) {
    let (bob, shard) = (format!("{names}step"), format!("{names}shard-step"));
    let gift = |sequence, diamonds| received(&bob, &shard, sequence, diamonds);
    let id = gift(1, 1).shard;
    let day = day_of(&gift(1, 1));
    assert_eq!(store.relay_mark(&id).await.unwrap(), None);
    let first = step(None, &[gift(8, 5), gift(9, 7)]);
    store.commit_step(&first).await.unwrap();
    assert_eq!(
        store.relay_mark(&id).await.unwrap(),
        Some(sequence_number(9))
    );
    assert_eq!(store.day_earnings(&day).await.unwrap(), (live(12, 2), 0));

    // The same again, and one that was made for another mark: both are told, and nothing stored.
    for moved in [
        first,
        step(Some(8), &[gift(10, 1)]),
        step(None, &[gift(10, 1)]),
    ] {
        let error = store.commit_step(&moved).await.unwrap_err();
        assert!(matches!(error, ApplyError::Moved), "{error:?}");
        assert_eq!(store.day_earnings(&day).await.unwrap(), (live(12, 2), 0));
    }
    store
        .commit_step(&step(Some(9), &[gift(10, 3)]))
        .await
        .unwrap();
    assert_eq!(
        store.relay_mark(&id).await.unwrap(),
        Some(sequence_number(10))
    );
    assert_eq!(store.day_earnings(&day).await.unwrap(), (live(15, 3), 0));
    let earnings = store.earnings(&user(&bob)).await.unwrap();
    assert_eq!(earnings, [(day.date, live(15, 3))].into());
}

async fn a_step_takes_a_hundred_items(store: &impl ViewStore, names: &str) {
    let shard = format!("{names}shard-hundred");
    let gifts: Vec<_> = (1..=99)
        .map(|number| received(&format!("{names}hundred{number}"), &shard, number, 2))
        .collect();
    let step = step(None, &gifts);
    assert_eq!(step.earnings.len(), 99);
    store.commit_step(&step).await.unwrap();
    for gift in &gifts {
        let found = store.day_earnings(&day_of(gift)).await.unwrap();
        assert_eq!(found, (live(2, 1), 0));
    }
}

/// All of a month, from all lanes, in the order that they came.
async fn month_of(store: &impl ReceivedGifts, gift: &ReceivedGift) -> Vec<ReceivedGift> {
    let month = Month::at(gift.at);
    let mut found = Vec::new();
    for lane in Lane::all(RECEIVED_LANES) {
        let of_lane = store.received(gift.creator(), month, lane, None, 100).await;
        found.extend(of_lane.unwrap());
    }
    found
}

async fn received_gifts_come_newest_first_and_each_once(store: &impl ViewStore, names: &str) {
    let bob = format!("{names}received");
    // Every quarter of a second, also on a whole one, where a plain text would sort otherwise.
    let start = Timestamp::from_second(noon().as_second()).unwrap();
    let times = start.series(SignedDuration::from_millis(250).try_into().unwrap());
    let gifts: Vec<_> = (0..60_u32)
        .zip(times)
        .map(|(number, at)| ReceivedGift {
            at,
            ..received(&bob, "shard", number, 1)
        })
        .collect();
    for _ in 0..2 {
        assert_eq!(store.put_received(&gifts).await.unwrap(), []);
    }
    let month = Month::at(noon());
    let mut all = Vec::new();
    for lane in Lane::all(RECEIVED_LANES) {
        let bob = user(&bob);
        let of_lane = store.received(&bob, month, lane, None, 100).await.unwrap();
        assert!(of_lane.windows(2).all(|pair| pair[0].at > pair[1].at));
        // The same in pages of one.
        let (mut paged, mut after) = (Vec::new(), None);
        while let [gift] = store
            .received(&bob, month, lane, after.as_ref(), 1)
            .await
            .unwrap()
            .as_slice()
        {
            after = Some((gift.at, gift.sent.id.clone()));
            paged.push(gift.clone());
        }
        assert_eq!(paged, of_lane);
        all.extend(of_lane);
    }
    all.sort_by_key(|gift| gift.at);
    assert_eq!(all, gifts);
    let stranger = user(&format!("{bob}x"));
    let other = store.received(&stranger, month, gifts[0].lane(), None, 1);
    assert!(other.await.unwrap().is_empty());
}

async fn every_attribute_of_a_received_gift_reads_back(store: &impl ViewStore, names: &str) {
    let mut gift = received(
        &format!("{names}attributes"),
        "shardId-1|a",
        7,
        9_007_199_254_740_991,
    );
    gift.sent.target = Target {
        kind: TargetKind::Video,
        id: "x".repeat(64).as_str().try_into().unwrap(),
    };
    gift.sent.quantity = 9_999_i64.try_into().unwrap();
    gift.sent.combo = Some("combo-1".try_into().unwrap());
    gift.sent.message = Some("für dich 🌹".to_owned().try_into().unwrap());
    assert_eq!(
        store
            .put_received(std::slice::from_ref(&gift))
            .await
            .unwrap(),
        []
    );
    assert_eq!(month_of(store, &gift).await, [gift]);
}

async fn days_add_up_over_lanes_and_corrections(store: &impl ViewStore, names: &str) {
    let bob = format!("{names}days");
    // Shards of several lanes, two days, one of them in the month before.
    for number in 0..6 {
        let shard = format!("{names}shard-days{number}");
        let mut gift = received(&bob, &shard, 1, 10);
        if number >= 4 {
            gift.at = "2026-10-31T23:59:59.999Z".parse().unwrap();
            gift.sent.target.kind = TargetKind::Video;
        }
        store.commit_step(&step(None, &[gift])).await.unwrap();
    }
    let november = day_of(&received(&bob, "shard", 1, 1));
    let october = CreatorDay {
        creator: november.creator.clone(),
        date: "2026-10-31".parse().unwrap(),
    };
    let video = Tally {
        video: live(20, 2).live,
        ..Tally::default()
    };
    assert_eq!(
        store.day_earnings(&november).await.unwrap(),
        (live(40, 4), 0)
    );
    assert_eq!(store.day_earnings(&october).await.unwrap(), (video, 0));
    let before = async |day: &CreatorDay| {
        let found = store.earned_before(&user(&bob), day.date).await;
        found.unwrap()
    };
    assert_eq!(before(&november).await, Some(october.date));
    assert_eq!(before(&october).await, None);

    // A correction is stored for the state that it was made for, and for no other.
    store.correct(&november, 0, live(-7, -1)).await.unwrap();
    assert_eq!(
        store.day_earnings(&november).await.unwrap(),
        (live(33, 3), 1)
    );
    for expected in [0, 2] {
        let error = store.correct(&november, expected, live(-7, -1)).await;
        assert!(matches!(error, Err(ApplyError::Moved)), "{error:?}");
    }
    store.correct(&november, 1, live(7, 1)).await.unwrap();
    assert_eq!(
        store.day_earnings(&november).await.unwrap(),
        (live(40, 4), 2)
    );
    let all = store.earnings(&user(&bob)).await.unwrap();
    let expected = [(october.date, video), (november.date, live(40, 4))];
    assert_eq!(all, expected.into());
}

/// A record that cannot be read, and the step that puts it aside.
fn put_aside(gift: &ReceivedGift, date: Date, raw: &str) -> RelayStep {
    let records = [RelayRecord {
        sequence: gift.sequence.clone(),
        content: RelayContent::Unreadable(Unreadable {
            date,
            reason: "a test".to_owned(),
            raw: raw.to_owned(),
        }),
    }];
    RelayStep::longest(&gift.shard, None, &records).unwrap().0
}

async fn two_shards_may_have_the_same_number(store: &impl ViewStore, names: &str) {
    let date = "2020-02-28".parse().unwrap();
    for shard in ["a", "b"] {
        let gift = received("bob", &format!("{names}same-number-{shard}"), 3, 4);
        store
            .commit_step(&put_aside(&gift, date, "{}"))
            .await
            .unwrap();
    }
    assert_eq!(store.quarantined(date).await.unwrap().len(), 2);
}

async fn what_is_in_quarantine_is_read_anew(store: &impl ViewStore, names: &str) {
    let bob = format!("{names}quarantine");
    let shard = format!("{names}shard-quarantine");
    let gift = received(&bob, &shard, 3, 4);
    // A day of its own: other laws may run on the same table.
    let date = "2020-02-29".parse().unwrap();
    let raw = r#"{"dynamodb":{"SequenceNumber":"3"},"eventName":"MODIFY"}"#;
    store
        .commit_step(&put_aside(&gift, date, raw))
        .await
        .unwrap();
    let mark = store.relay_mark(&gift.shard).await.unwrap();
    assert_eq!(mark, Some(sequence_number(3)), "the shard is not blocked");

    let waiting = store.quarantined(date).await.unwrap();
    assert_eq!(waiting.len(), 1);
    let place = (&waiting[0].shard, &waiting[0].sequence);
    assert_eq!(place, (&gift.shard, &gift.sequence));
    let reason = waiting[0].content.as_ref().unwrap_err();
    assert!(reason.contains("changed"), "{reason}");

    store.apply_quarantined(date, &gift, noon()).await.unwrap();
    let again = store.apply_quarantined(date, &gift, noon()).await;
    assert!(matches!(again, Err(ApplyError::Moved)), "{again:?}");
    let day = day_of(&gift);
    // It counts as a correction.
    assert_eq!(store.day_earnings(&day).await.unwrap(), (live(4, 1), 1));
    assert_eq!(month_of(store, &gift).await, std::slice::from_ref(&gift));
    assert_eq!(store.day_received(&day).await.unwrap(), [gift]);
    assert!(store.quarantined(date).await.unwrap().is_empty());
}
