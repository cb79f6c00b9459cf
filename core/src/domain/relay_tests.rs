use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::domain::{Coins, Quantity, SentGift, Target, TargetKind, seeded_tests::seeded};

fn shard() -> ShardId {
    "shardId-1".try_into().unwrap()
}

fn number(number: u32) -> SequenceNumber {
    number.to_string().as_str().try_into().unwrap()
}

fn gift(sequence: u32, creator: &str, diamonds: u64) -> RelayRecord {
    let sent = SentGift {
        id: format!("sent_{sequence}").as_str().try_into().unwrap(),
        gift: "rose".try_into().unwrap(),
        quantity: Quantity::try_from(1_i64).unwrap(),
        creator: creator.try_into().unwrap(),
        target: Target {
            kind: if sequence.is_multiple_of(3) {
                TargetKind::Video
            } else {
                TargetKind::Live
            },
            id: "target".try_into().unwrap(),
        },
        coins: Coins::new(diamonds).unwrap(),
        diamonds,
        combo: None,
        message: None,
    };
    let received = ReceivedGift {
        sender: "alice".try_into().unwrap(),
        sent,
        at: "2026-11-22T23:59:59Z".parse().unwrap(),
        shard: shard(),
        sequence: number(sequence),
    };
    RelayRecord {
        sequence: number(sequence),
        content: RelayContent::Gift(Box::new(received)),
    }
}

fn unreadable(sequence: u32, bytes: usize) -> RelayRecord {
    RelayRecord {
        sequence: number(sequence),
        content: RelayContent::Unreadable(Unreadable {
            date: "2026-11-22".parse().unwrap(),
            reason: "a test".to_owned(),
            raw: "x".repeat(bytes),
        }),
    }
}

/// What the views hold, as far as the relay knows.
#[derive(Debug, Default, PartialEq, Eq)]
struct Model {
    mark: Option<SequenceNumber>,
    earnings: BTreeMap<CreatorDay, Tally>,
    quarantined: BTreeSet<String>,
}

impl Model {
    /// Applies a batch, but stops after `steps` transactions, as a crash does.
    fn apply(&mut self, batch: Vec<RelayRecord>, steps: usize) {
        let fresh = fresh(batch, self.mark.as_ref());
        let mut rest = fresh.as_slice();
        for _ in 0..steps {
            let Some((step, after)) = RelayStep::longest(&shard(), self.mark.as_ref(), rest) else {
                return;
            };
            assert!(step.items() <= ITEMS_MAX);
            assert_eq!(step.expected_mark, self.mark);
            assert!(self.mark.as_ref().is_none_or(|mark| *mark < step.mark));
            for (day, tally) in step.earnings {
                let held = self.earnings.entry(day).or_default();
                *held = held.plus(tally).unwrap();
            }
            for record in step.quarantined {
                assert!(self.quarantined.insert(record.sequence.to_string()));
            }
            self.mark = Some(step.mark);
            rest = after;
        }
    }
}

fn records(count: u32) -> Vec<RelayRecord> {
    let one = |sequence: u32| match sequence % 7 {
        0 => unreadable(sequence, 10),
        _ => gift(
            sequence,
            &format!("creator-{}", sequence % 5),
            u64::from(sequence),
        ),
    };
    (1..=count).map(one).collect()
}

#[test]
fn what_is_fresh_is_above_the_mark_in_order_and_each_once() {
    let delivered = || [3, 1, 12, 3, 2, 12].map(|sequence| gift(sequence, "bob", 1));
    for (mark, expected) in [
        (None, vec![1, 2, 3, 12]),
        (Some(0), vec![1, 2, 3, 12]),
        (Some(2), vec![3, 12]),
        (Some(3), vec![12]),
        (Some(12), vec![]),
    ] {
        let mark = mark.map(number);
        let fresh = fresh(delivered().into(), mark.as_ref());
        let told: Vec<_> = fresh.into_iter().map(|record| record.sequence).collect();
        let expected: Vec<_> = expected.into_iter().map(number).collect();
        assert_eq!(told, expected, "above {mark:?}");
    }
}

#[test]
fn a_step_adds_what_its_records_say_and_moves_the_mark_to_the_last() {
    let records = [
        gift(1, "bob", 30),
        gift(3, "bob", 5),
        gift(4, "carol", 7),
        unreadable(5, 10),
    ];
    let mark = number(0);
    let (step, rest) = RelayStep::longest(&shard(), Some(&mark), &records).unwrap();
    assert!(rest.is_empty());
    assert_eq!((step.expected_mark, step.mark), (Some(mark), number(5)));
    let told: Vec<_> = step
        .earnings
        .iter()
        .map(|(day, tally)| {
            (
                day.creator.as_str(),
                day.date.to_string(),
                tally.live.diamonds,
                tally.video.diamonds,
            )
        })
        .collect();
    let day = || "2026-11-22".to_owned();
    assert_eq!(told, [("bob", day(), 30, 5), ("carol", day(), 7, 0)]);
    let aside: Vec<_> = step
        .quarantined
        .iter()
        .map(|it| it.sequence.as_str())
        .collect();
    assert_eq!(aside, ["5"]);
    assert_eq!(RelayStep::longest(&shard(), None, &[]), None);
}

/// 99 days are full, but one of them takes more.
#[test]
fn a_full_step_still_takes_a_gift_for_a_day_that_it_has() {
    let mut records: Vec<_> = (1..=99)
        .map(|sequence| gift(sequence, &format!("creator-{sequence}"), 1))
        .collect();
    records.push(gift(100, "creator-7", 1));
    records.push(gift(101, "creator-new", 1));
    let (step, rest) = RelayStep::longest(&shard(), None, &records).unwrap();
    assert_eq!((step.items(), rest.len()), (100, 1));
    assert_eq!(step.mark, number(100));
}

#[test]
fn a_step_takes_at_most_100_items_and_the_next_one_goes_on() {
    // Each to a creator of its own: 99 days and the mark.
    let records: Vec<_> = (1..=250)
        .map(|sequence| gift(sequence, &format!("creator-{sequence}"), 1))
        .collect();
    let mut rest = records.as_slice();
    let mut sizes = Vec::new();
    let mut mark = None;
    while let Some((step, after)) = RelayStep::longest(&shard(), mark.as_ref(), rest) {
        sizes.push(step.earnings.len());
        mark = Some(step.mark);
        rest = after;
    }
    assert_eq!(sizes, [99, 99, 52]);
    assert_eq!(mark, Some(number(250)));
}

#[test]
fn a_step_to_one_creator_takes_the_whole_batch() {
    let records: Vec<_> = (1..=1_000)
        .map(|sequence| gift(sequence, "bob", 1))
        .collect();
    let (step, rest) = RelayStep::longest(&shard(), None, &records).unwrap();
    assert!(rest.is_empty());
    assert_eq!(step.items(), 2);
    let tally = step.earnings.values().next().unwrap();
    assert_eq!((tally.live.gifts, tally.video.gifts), (667, 333));
}

#[test]
fn a_step_stays_below_4_megabytes() {
    let records: Vec<_> = (1..=20)
        .map(|sequence| unreadable(sequence, 300_000))
        .collect();
    let (step, rest) = RelayStep::longest(&shard(), None, &records).unwrap();
    assert_eq!((step.quarantined.len(), rest.len()), (13, 7));
}

#[test]
fn a_sum_beyond_the_range_is_left_to_the_next_step() {
    let most = Coins::MAX.get();
    // 1,024 times the most coins is just more than an i64 holds.
    let records: Vec<_> = (1..=1_030)
        .map(|sequence| gift(sequence * 3, "bob", most))
        .collect();
    let (step, rest) = RelayStep::longest(&shard(), None, &records).unwrap();
    assert_eq!(step.earnings.values().next().unwrap().video.gifts, 1_024);
    assert_eq!(rest.len(), 6);
}

proptest! {
    #![proptest_config(seeded())]

    /// The law of the relay: however the records are cut, repeated, shuffled within a batch and
    /// interrupted, as long as the last attempt of each gets through, the result is the same.
    #[test]
    fn a_batch_that_comes_again_or_is_cut_otherwise_changes_nothing(
        count in 1_u32..60,
        cuts in prop::collection::vec((0_usize..60, 0_usize..4, any::<bool>()), 0..20),
    ) {
        let all = records(count);
        let mut expected = Model::default();
        expected.apply(all.clone(), usize::MAX);

        let mut model = Model::default();
        let mut done = 0;
        for (length, steps, reversed) in cuts {
            // From anywhere that was delivered before, to at most so far ahead.
            let from = done.min(length);
            let to = done.saturating_add(length).min(all.len());
            let mut batch = all[from..to].to_vec();
            if reversed {
                batch.reverse();
            }
            batch.extend(all[from..to].iter().take(3).cloned());
            model.apply(batch, steps);
            // What a crash left undone comes again before anything behind it does.
            done = model.mark.as_ref().map_or(0, |mark| mark.as_str().parse().unwrap());
        }
        model.apply(all[done..].to_vec(), usize::MAX);
        model.apply(all, usize::MAX);
        prop_assert_eq!(model, expected);
    }
}
