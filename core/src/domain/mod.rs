//! What is true about coins, whatever stores or carries them.
//!
//! Pure: no async, no clock, no randomness, no serialization format, no SDK. Every decision
//! returns either one refusal or the complete list of [`Change`]s; after the last check
//! nothing can fail.

mod audit;
mod catalog;
mod change;
mod client;
mod coins;
mod creator;
mod custom;
mod earnings;
mod entry;
mod gift;
mod ids;
mod limits;
mod lot;
mod money;
mod pace;
mod pricing;
mod received;
mod recharge;
mod recharge_start;
mod reconcile;
mod relay;
mod settlement;
mod stream;
mod taken_back;
mod text;
mod wallet;

#[cfg(test)]
mod conservation_tests;
#[cfg(test)]
mod names_tests;
#[cfg(test)]
mod seeded_tests;

pub use audit::{
    Account, Damaged, Finding, Flow, GiftSums, Place, Reason, Stored, Totals, check_account,
    check_received, check_settlement,
};
pub use catalog::{CatalogProblem, Gift, GiftCatalog, Package, PackageCatalog, Tier};
pub use change::{Change, QuotaChange, RechargeChange, WalletChange};
pub use client::{
    AppVersion, AppVersionInvalid, Channel, ChannelRule, Client, ClientRules, Platform, Storefront,
    StorefrontInvalid,
};
pub use coins::{Coins, Overflow, Quantity, QuantityOutOfRange};
pub use creator::{
    Country, CountryInvalid, Creator, CreatorRequest, DisplayName, DisplayNameInvalid, Recipient,
};
pub use custom::{CustomAmountRefused, CustomAmounts, PriceStep};
pub use earnings::{Accrued, DiamondRates, EarningsByDay, Tally};
pub use entry::{Entry, EntryDetail, EntryKey, EntryKind, GrantReason, InputHash, InputHasher};
pub use gift::{
    GiftDecision, GiftRejected, GiftRequest, GiftTerms, SentGift, Target, TargetKind, decide_gift,
};
pub use ids::{
    CheckoutSessionId, ComboId, GiftId, IdInvalid, IdempotencyKey, IdempotencyKeyInvalid,
    PackageId, PaymentIntentId, RechargeId, SentGiftId, TargetId, UserId,
};
pub use limits::{LimitRaise, LimitRaises, Limits, LimitsRequest};
pub use lot::Lot;
pub use money::{Currency, CurrencyUnsupported, Money};
pub use pace::Pace;
pub use pricing::{money_equivalent, price_per_100_coins};
pub use received::{
    EARNINGS_LANES, Lane, Month, RECEIVED_LANES, ReceivedGift, ReceivedPosition, utc_date,
};
pub use recharge::{CheckoutParams, OpenedCheckout, Recharge, RechargeStatus};
pub use recharge_start::{
    Offer, RechargeChoice, RechargeDecision, RechargeQuota, RechargeRejected, RechargeRequest,
    RechargeTerms, decide_recharge,
};
pub use reconcile::{ReconcileMark, Sweep, WaitingSession};
pub use relay::{
    CreatorDay, Quarantined, RelayContent, RelayRecord, RelayStep, Unreadable, earnings_lane, fresh,
};
pub use settlement::{
    CheckoutSession, PaymentStatus, Review, ReviewReason, SessionReport, Verdict, decide_review,
    decide_settlement, judge,
};
pub use stream::{SequenceNumber, SequenceNumberInvalid, ShardId, ShardIdInvalid};
pub use taken_back::TakenBack;
pub use text::{Message, MessageInvalid};
pub use wallet::{SpendRefused, Spent, StatusNote, Wallet, WalletStatus};
