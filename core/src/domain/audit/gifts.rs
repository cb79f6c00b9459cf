//! Received gifts against the entries that sent them.

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::Reason;
use crate::domain::{Entry, EntryDetail, ReceivedGift, SentGiftId, UserId};

/// What is wrong with what was received of an entry's gift; nothing for an entry that is none.
#[must_use]
pub fn check_received(entry: &Entry, received: Option<&ReceivedGift>) -> Option<Reason> {
    let EntryDetail::Gift(sent) = &entry.detail else {
        return None;
    };
    let (gift, creator) = (sent.id.clone(), sent.creator.clone());
    let Some(received) = received else {
        return Some(Reason::NotReceived { gift, creator });
    };
    let told = &received.sent;
    let what = if received.sender != entry.user {
        "sender"
    } else if told.diamonds != sent.diamonds {
        "number of diamonds"
    } else if told.creator != sent.creator {
        "creator"
    } else if told.target != sent.target {
        "target"
    } else if received.at != entry.at {
        "time"
    } else if told != sent {
        "gift"
    } else {
        return None;
    };
    Some(Reason::ReceivedDiffers {
        gift,
        creator,
        what,
    })
}

/// Sets of gifts, compared without keeping them: each is hashed into one of a fixed number of
/// sums, those that were sent and received are added, and what is among the received is taken
/// away. Where nothing remains the two sets are the same; where something does, the gifts of that
/// sum must be looked at one by one. 2^16 sums of 16 bytes are 1 MiB, however many gifts there are.
#[derive(Debug)]
pub struct GiftSums(Vec<u128>);

const SUMS: usize = 1 << 16;

impl Default for GiftSums {
    fn default() -> Self {
        Self(vec![0; SUMS])
    }
}

impl GiftSums {
    /// Adds a gift whose entry and received gift were both found.
    pub fn sent(&mut self, creator: &UserId, at: Timestamp, id: &SentGiftId) {
        let (place, hash) = hashed(creator, at, id);
        if let Some(sum) = self.0.get_mut(place) {
            *sum = sum.wrapping_add(hash);
        }
    }

    /// Takes a received gift away.
    pub fn received(&mut self, gift: &ReceivedGift) {
        let (place, hash) = hashed(gift.creator(), gift.at, &gift.sent.id);
        if let Some(sum) = self.0.get_mut(place) {
            *sum = sum.wrapping_sub(hash);
        }
    }

    /// Whether every received gift was sent.
    #[must_use]
    pub fn is_even(&self) -> bool {
        self.0.iter().all(|sum| *sum == 0)
    }

    /// Whether a received gift is among those that must be looked at.
    #[must_use]
    pub fn is_suspect(&self, gift: &ReceivedGift) -> bool {
        let (place, _) = hashed(gift.creator(), gift.at, &gift.sent.id);
        self.0.get(place).is_some_and(|sum| *sum != 0)
    }
}

/// The place of its sum, and what it adds: different bytes of one hash.
fn hashed(creator: &UserId, at: Timestamp, id: &SentGiftId) -> (usize, u128) {
    let text = format!("{creator}#{}#{id}", at.as_millisecond());
    let hash: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    let [first, second, rest @ ..] = hash;
    let mut sixteen = [0; 16];
    for (to, from) in sixteen.iter_mut().zip(rest) {
        *to = from;
    }
    let place = u16::from_be_bytes([first, second]);
    (place.into(), u128::from_be_bytes(sixteen))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::audit::samples::{at, sent, user};

    fn received(number: u32) -> ReceivedGift {
        ReceivedGift {
            sender: user(),
            sent: sent(format!("sent_{number}").try_into().unwrap(), 0),
            at: at(),
            shard: "shard".try_into().unwrap(),
            sequence: "1".try_into().unwrap(),
        }
    }

    fn send(sums: &mut GiftSums, gift: &ReceivedGift) {
        sums.sent(gift.creator(), gift.at, &gift.sent.id);
    }

    #[test]
    fn equal_sets_are_even_in_any_order() {
        let mut sums = GiftSums::default();
        (0..1_000).for_each(|number| send(&mut sums, &received(number)));
        assert!(!sums.is_even());
        (0..1_000)
            .rev()
            .for_each(|number| sums.received(&received(number)));
        assert!(sums.is_even());
    }

    #[test]
    fn what_nobody_sent_is_suspect_and_so_is_what_is_there_twice() {
        for strays in [vec![7], vec![7, 7], vec![7, 7, 7]] {
            let mut sums = GiftSums::default();
            send(&mut sums, &received(1));
            sums.received(&received(1));
            for stray in &strays {
                sums.received(&received(*stray));
            }
            assert!(!sums.is_even(), "{strays:?}");
            assert!(sums.is_suspect(&received(7)), "{strays:?}");
            assert!(!sums.is_suspect(&received(1)), "{strays:?}");
        }
    }

    #[test]
    fn another_time_or_creator_is_another_gift() {
        for change in [
            |gift: &mut ReceivedGift| gift.at = "2026-11-22T12:00:00.001Z".parse().unwrap(),
            |gift: &mut ReceivedGift| gift.sent.creator = "carol".try_into().unwrap(),
        ] {
            let (mut sums, mut other) = (GiftSums::default(), received(1));
            change(&mut other);
            send(&mut sums, &received(1));
            sums.received(&other);
            assert!(!sums.is_even());
        }
    }
}
