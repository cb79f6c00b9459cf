//! Why a transaction was cancelled, by the name of the item and in order of precedence.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, CancellationReason};

/// The items of our transactions, by name: a reason is never looked up by its index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Wallet,
    Entry,
    /// A second entry beside the one that the request stands for.
    Grant,
    Recharge,
    Quota,
    Review,
    // Of the views
    Mark,
    Earnings,
    Quarantine,
}

/// An item as DynamoDB returned it with a failed condition.
pub(super) type OldItem = HashMap<String, AttributeValue>;

/// What a cancelled transaction means.
#[derive(Debug, PartialEq)]
pub(super) enum Cancelled {
    /// The entry exists: its request succeeded before.
    EntryExists(Option<OldItem>),
    /// The review exists.
    ReviewExists,
    /// A reason that we have no answer to; the transaction was not committed, but trying again
    /// would end the same.
    Unknown(String),
    /// Something moved or collided; what the failed conditions returned.
    Moved {
        wallet: Option<OldItem>,
        recharge: Option<OldItem>,
    },
}

/// Reads the reasons. The precedence matters when several come together: an existing entry
/// answers the request, whatever else failed; and a reason that we do not know must not be
/// taken for a collision only because it came with one.
pub(super) fn classify(steps: &[Step], reasons: &[CancellationReason]) -> Cancelled {
    if steps.len() != reasons.len() {
        return Cancelled::Unknown(format!("{} reasons", reasons.len()));
    }
    let named = || steps.iter().copied().zip(reasons.iter().map(Reason::of));
    let failed = |step| named().find(|named| *named == (step, Reason::ConditionFailed));
    let item_of = |step| {
        let mut pairs = steps.iter().zip(reasons);
        let (_, reason) = pairs.find(|(name, _)| **name == step)?;
        reason.item().cloned()
    };
    if failed(Step::Entry).is_some() {
        return Cancelled::EntryExists(item_of(Step::Entry));
    }
    if let Some((step, Reason::Unknown(code))) =
        named().find(|(_, reason)| matches!(reason, Reason::Unknown(_)))
    {
        return Cancelled::Unknown(format!("{step:?}: {code}"));
    }
    if failed(Step::Review).is_some() {
        return Cancelled::ReviewExists;
    }
    Cancelled::Moved {
        wallet: item_of(Step::Wallet),
        recharge: item_of(Step::Recharge),
    }
}

/// Whether another write was in the way, and not only a throttle.
pub(super) fn met_another(reasons: &[CancellationReason]) -> bool {
    let mut codes = reasons.iter().filter_map(CancellationReason::code);
    codes.any(|code| matches!(code, "TransactionConflict" | "ConditionalCheckFailed"))
}

/// One item's part in a cancellation.
#[derive(Debug, PartialEq, Eq)]
enum Reason<'a> {
    /// It was not the cause.
    None,
    /// Its condition does not hold.
    ConditionFailed,
    /// Another write or a throttle was in the way.
    Collided,
    /// Anything else: a validation error, a collection that is too large, or new to us.
    Unknown(&'a str),
}

impl<'a> Reason<'a> {
    fn of(reason: &'a CancellationReason) -> Self {
        match reason.code() {
            None | Some("None") => Self::None,
            Some("ConditionalCheckFailed") => Self::ConditionFailed,
            Some(
                "TransactionConflict"
                | "ProvisionedThroughputExceeded"
                | "ThrottlingError"
                | "RequestLimitExceeded",
            ) => Self::Collided,
            Some(other) => Self::Unknown(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_throttle_is_no_other_write() {
        for (codes, expected) in [
            (["None", "TransactionConflict"], true),
            (["ConditionalCheckFailed", "None"], true),
            (["ThrottlingError", "TransactionConflict"], true),
            (["ThrottlingError", "None"], false),
            (["None", "ProvisionedThroughputExceeded"], false),
        ] {
            assert_eq!(met_another(&codes.map(reason)), expected, "{codes:?}");
        }
    }

    fn reason(code: &str) -> CancellationReason {
        let builder = CancellationReason::builder().code(code);
        match code {
            "ConditionalCheckFailed" => builder
                .item("v", AttributeValue::S("old".to_owned()))
                .build(),
            _ => builder.build(),
        }
    }

    fn old() -> Option<OldItem> {
        Some(HashMap::from([(
            "v".to_owned(),
            AttributeValue::S("old".to_owned()),
        )]))
    }

    /// Every pair of codes of a gift's two items.
    #[test]
    fn every_mix_of_reasons_is_classified_in_the_documented_order() {
        const CODES: [&str; 8] = [
            "None",
            "ConditionalCheckFailed",
            "TransactionConflict",
            "ProvisionedThroughputExceeded",
            "ThrottlingError",
            "ValidationError",
            "ItemCollectionSizeLimitExceeded",
            "SomethingNew",
        ];
        const UNKNOWN: [&str; 3] = [
            "ValidationError",
            "ItemCollectionSizeLimitExceeded",
            "SomethingNew",
        ];
        for wallet in CODES {
            for entry in CODES {
                let classified = classify(
                    &[Step::Wallet, Step::Entry],
                    &[reason(wallet), reason(entry)],
                );
                let failed = "ConditionalCheckFailed";
                let expected = if entry == failed {
                    Cancelled::EntryExists(old())
                } else if UNKNOWN.contains(&wallet) {
                    Cancelled::Unknown(format!("Wallet: {wallet}"))
                } else if UNKNOWN.contains(&entry) {
                    Cancelled::Unknown(format!("Entry: {entry}"))
                } else {
                    let wallet = if wallet == failed { old() } else { None };
                    Cancelled::Moved {
                        wallet,
                        recharge: None,
                    }
                };
                assert_eq!(classified, expected, "wallet {wallet}, entry {entry}");
            }
        }
    }

    #[test]
    fn a_settlement_and_a_review_are_read_by_name() {
        let failed = || reason("ConditionalCheckFailed");
        let steps = [Step::Recharge, Step::Wallet, Step::Entry];
        let moved = classify(
            &steps,
            &[failed(), reason("TransactionConflict"), reason("None")],
        );
        assert_eq!(
            moved,
            Cancelled::Moved {
                wallet: None,
                recharge: old()
            }
        );
        let exists = classify(&steps, &[failed(), failed(), failed()]);
        assert_eq!(exists, Cancelled::EntryExists(old()));
        let steps = [Step::Review, Step::Recharge];
        assert_eq!(
            classify(&steps, &[failed(), failed()]),
            Cancelled::ReviewExists
        );
        let unknown = Cancelled::Unknown("1 reasons".to_owned());
        assert_eq!(classify(&steps, &[failed()]), unknown);
    }
}
