//! Every refusal of every use case, as a problem: one exhaustive match each, so that a new
//! refusal does not compile until somebody chose its code.

use super::{Code, Problem};
use crate::{
    app::{
        BecomeCreatorError, ChangeCreatorError, FindRechargeError, NoteTakenBackError,
        SendGiftError, SetLimitsError, SetStatusError, SettleRechargeError, StartRechargeError,
        SyncRechargeError,
    },
    domain::{GiftRejected, RechargeRejected, SpendRefused},
};

impl From<SendGiftError> for Problem {
    fn from(error: SendGiftError) -> Self {
        match error {
            SendGiftError::Rejected(rejected) => rejected.into(),
            SendGiftError::KeyReused => key_reused("gift"),
            SendGiftError::Unavailable(outage) => outage.into(),
        }
    }
}

impl From<GiftRejected> for Problem {
    fn from(rejected: GiftRejected) -> Self {
        match rejected {
            GiftRejected::UpgradeRequired => upgrade_required(),
            GiftRejected::TooLate => {
                Self::new(Code::TooLate, "The request came after its not_after.")
            }
            GiftRejected::RateLimited { retry_after } => {
                Self::rate_limited("Too many gifts in this minute.", retry_after)
            }
            GiftRejected::SelfGift => {
                Self::new(Code::SelfGift, "creator_id is the sender's own id.")
            }
            GiftRejected::TooMany { max } => {
                let detail = format!("quantity must be from 1 to {}.", max.get());
                Self::new(Code::QuantityOutOfRange, detail).at("/quantity")
            }
            GiftRejected::CreatorNotFound => creator_not_found(),
            GiftRejected::CreatorNotAccepting => Self::new(
                Code::CreatorNotAccepting,
                "The creator does not take this gift now.",
            ),
            GiftRejected::Unavailable => Self::new(
                Code::GiftUnavailable,
                "The catalogue does not have this gift_id.",
            ),
            GiftRejected::PriceChanged { coins } => {
                let detail = format!("The gift costs {} coins in all.", coins.get());
                Self::new(Code::PriceChanged, detail).with_amount("coins", coins.get())
            }
            GiftRejected::Spend(refused) => refused.into(),
        }
    }
}

impl From<SpendRefused> for Problem {
    fn from(refused: SpendRefused) -> Self {
        match refused {
            SpendRefused::Frozen => Self::new(Code::WalletFrozen, "The wallet may not spend."),
            SpendRefused::InDebt { debt } => {
                let detail = format!("A debt of {} coins must be paid first.", debt.get());
                Self::new(Code::WalletInDebt, detail)
            }
            SpendRefused::LimitReached => Self::new(
                Code::SpendingLimitReached,
                "The wallet's own limit would be passed.",
            ),
            SpendRefused::Insufficient { missing } => {
                let detail = format!("{} coins are missing.", missing.get());
                Self::new(Code::InsufficientCoins, detail)
                    .with_amount("missing_coins", missing.get())
            }
        }
    }
}

impl From<SetLimitsError> for Problem {
    fn from(error: SetLimitsError) -> Self {
        match error {
            SetLimitsError::UpgradeRequired => upgrade_required(),
            SetLimitsError::Unavailable(outage) => outage.into(),
        }
    }
}

impl From<BecomeCreatorError> for Problem {
    fn from(error: BecomeCreatorError) -> Self {
        match error {
            BecomeCreatorError::UpgradeRequired => upgrade_required(),
            BecomeCreatorError::TermsOutdated => terms_outdated(),
            BecomeCreatorError::Unavailable(outage) => outage.into(),
        }
    }
}

impl From<ChangeCreatorError> for Problem {
    fn from(error: ChangeCreatorError) -> Self {
        match error {
            ChangeCreatorError::UpgradeRequired => upgrade_required(),
            ChangeCreatorError::NotFound => creator_not_found(),
            ChangeCreatorError::Unavailable(outage) => outage.into(),
        }
    }
}

impl From<SetStatusError> for Problem {
    fn from(error: SetStatusError) -> Self {
        match error {
            SetStatusError::Unavailable(outage) => outage.into(),
        }
    }
}

impl From<StartRechargeError> for Problem {
    fn from(error: StartRechargeError) -> Self {
        match error {
            StartRechargeError::Rejected(rejected) => rejected.into(),
            StartRechargeError::KeyReused => key_reused("recharge"),
            StartRechargeError::Unavailable(outage) => outage.into(),
        }
    }
}

impl From<RechargeRejected> for Problem {
    fn from(rejected: RechargeRejected) -> Self {
        match rejected {
            RechargeRejected::UpgradeRequired => upgrade_required(),
            RechargeRejected::ChannelNotAllowed => Self::new(
                Code::ChannelNotAllowed,
                "The recharge_channels of /v1/config say store_only for this app.",
            ),
            RechargeRejected::AmountOutOfRange { min, max } => {
                let detail = format!("coins must be from {} to {}.", min.get(), max.get());
                Self::new(Code::AmountOutOfRange, detail).at("/coins")
            }
            RechargeRejected::RateLimited { retry_after } => {
                Self::rate_limited("Too many recharges in this minute.", retry_after)
            }
            RechargeRejected::TermsOutdated => terms_outdated(),
            RechargeRejected::PackageNotFound => Self::new(
                Code::PackageNotFound,
                "The catalogue does not have this package_id.",
            ),
            RechargeRejected::CurrencyUnsupported => Self::new(
                Code::CurrencyUnsupported,
                "Coins are not sold in this currency.",
            ),
            RechargeRejected::ReturnUrlNotAllowed => {
                let detail = "return_url leads to an origin that is not allowed.";
                Self::new(Code::ReturnUrlNotAllowed, detail).at("/return_url")
            }
        }
    }
}

impl From<FindRechargeError> for Problem {
    fn from(error: FindRechargeError) -> Self {
        match error {
            FindRechargeError::NotFound => {
                Self::new(Code::RechargeNotFound, "You have no recharge of this id.")
            }
            FindRechargeError::Unavailable(outage) => outage.into(),
        }
    }
}

impl From<SyncRechargeError> for Problem {
    fn from(error: SyncRechargeError) -> Self {
        match error {
            SyncRechargeError::NotFound => FindRechargeError::NotFound.into(),
            SyncRechargeError::TooSoon { retry_after, .. } => Self::rate_limited(
                "Stripe was asked about this recharge just now.",
                retry_after,
            ),
            SyncRechargeError::Unavailable(outage) => outage.into(),
        }
    }
}

impl From<NoteTakenBackError> for Problem {
    fn from(error: NoteTakenBackError) -> Self {
        match error {
            NoteTakenBackError::Unavailable(outage) => outage.into(),
        }
    }
}

impl From<SettleRechargeError> for Problem {
    fn from(error: SettleRechargeError) -> Self {
        match error {
            SettleRechargeError::Unavailable(outage) => outage.into(),
        }
    }
}

fn upgrade_required() -> Problem {
    let detail = "This app is older than the min_app_version of /v1/config.";
    Problem::new(Code::UpgradeRequired, detail)
}

fn terms_outdated() -> Problem {
    let detail = "terms_version must be the one of /v1/config.";
    Problem::new(Code::TermsOutdated, detail)
}

fn creator_not_found() -> Problem {
    Problem::new(Code::CreatorNotFound, "Nobody of this id is a creator.")
}

fn key_reused(what: &str) -> Problem {
    let detail = format!("This Idempotency-Key belongs to another {what}; use a new one.");
    Problem::new(Code::IdempotencyKeyReused, detail)
}
