//! The codes that clients branch on. The matches are exhaustive: a new code does not compile
//! until somebody chose its name, status and title.

use lambda_http::http::StatusCode;

/// A stable code: what a client may branch on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each has a title")]
pub enum Code {
    AmountOutOfRange,
    BodyInvalid,
    BodyTooLarge,
    ChannelNotAllowed,
    CreatorNotAccepting,
    CreatorNotFound,
    CurrencyUnsupported,
    CursorInvalid,
    Forbidden,
    GiftUnavailable,
    IdempotencyKeyInvalid,
    IdempotencyKeyMissing,
    IdempotencyKeyReused,
    InsufficientCoins,
    NotFound,
    PackageNotFound,
    PriceChanged,
    QuantityOutOfRange,
    RateLimited,
    RechargeNotFound,
    ReturnUrlNotAllowed,
    SelfGift,
    ServiceUnavailable,
    SignatureInvalid,
    SpendingLimitReached,
    TermsOutdated,
    TooLate,
    Unauthenticated,
    UpgradeRequired,
    WalletFrozen,
    WalletInDebt,
}

impl Code {
    /// The code on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AmountOutOfRange => "amount_out_of_range",
            Self::BodyInvalid => "body_invalid",
            Self::ChannelNotAllowed => "channel_not_allowed",
            Self::CreatorNotAccepting => "creator_not_accepting",
            Self::CreatorNotFound => "creator_not_found",
            Self::Forbidden => "forbidden",
            Self::TooLate => "too_late",
            Self::UpgradeRequired => "upgrade_required",
            Self::BodyTooLarge => "body_too_large",
            Self::CurrencyUnsupported => "currency_unsupported",
            Self::CursorInvalid => "cursor_invalid",
            Self::GiftUnavailable => "gift_unavailable",
            Self::IdempotencyKeyInvalid => "idempotency_key_invalid",
            Self::IdempotencyKeyMissing => "idempotency_key_missing",
            Self::IdempotencyKeyReused => "idempotency_key_reused",
            Self::InsufficientCoins => "insufficient_coins",
            Self::NotFound => "not_found",
            Self::PackageNotFound => "package_not_found",
            Self::PriceChanged => "price_changed",
            Self::QuantityOutOfRange => "quantity_out_of_range",
            Self::RateLimited => "rate_limited",
            Self::RechargeNotFound => "recharge_not_found",
            Self::ReturnUrlNotAllowed => "return_url_not_allowed",
            Self::SelfGift => "self_gift",
            Self::ServiceUnavailable => "service_unavailable",
            Self::SignatureInvalid => "signature_invalid",
            Self::SpendingLimitReached => "spending_limit_reached",
            Self::TermsOutdated => "terms_outdated",
            Self::Unauthenticated => "unauthenticated",
            Self::WalletFrozen => "wallet_frozen",
            Self::WalletInDebt => "wallet_in_debt",
        }
    }

    /// The status that it usually comes with.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::CurrencyUnsupported
            | Self::CursorInvalid
            | Self::IdempotencyKeyInvalid
            | Self::IdempotencyKeyMissing
            | Self::SignatureInvalid => StatusCode::BAD_REQUEST,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::ChannelNotAllowed | Self::Forbidden | Self::UpgradeRequired => {
                StatusCode::FORBIDDEN
            }
            Self::CreatorNotFound
            | Self::NotFound
            | Self::PackageNotFound
            | Self::RechargeNotFound => StatusCode::NOT_FOUND,
            Self::CreatorNotAccepting
            | Self::GiftUnavailable
            | Self::InsufficientCoins
            | Self::PriceChanged
            | Self::SelfGift
            | Self::SpendingLimitReached
            | Self::TermsOutdated
            | Self::TooLate
            | Self::WalletFrozen
            | Self::WalletInDebt => StatusCode::CONFLICT,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::AmountOutOfRange
            | Self::BodyInvalid
            | Self::IdempotencyKeyReused
            | Self::QuantityOutOfRange
            | Self::ReturnUrlNotAllowed => StatusCode::UNPROCESSABLE_ENTITY,
            Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::ServiceUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// What it says to a person.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::AmountOutOfRange => "The amount is out of range",
            Self::BodyInvalid => "The request is not valid",
            Self::ChannelNotAllowed => "Coins are not sold here",
            Self::CreatorNotAccepting => "The creator takes no gift",
            Self::CreatorNotFound => "The creator does not exist",
            Self::Forbidden => "This is for operators",
            Self::TooLate => "It is too late",
            Self::UpgradeRequired => "The app is too old",
            Self::BodyTooLarge => "The body is too large",
            Self::CurrencyUnsupported => "The currency is not supported",
            Self::CursorInvalid => "The cursor is not valid",
            Self::GiftUnavailable => "The gift is not available",
            Self::IdempotencyKeyInvalid => "The idempotency key is not valid",
            Self::IdempotencyKeyMissing => "The idempotency key is missing",
            Self::IdempotencyKeyReused => "The idempotency key was used before",
            Self::InsufficientCoins => "There are too few coins",
            Self::NotFound => "There is nothing here",
            Self::PackageNotFound => "The package does not exist",
            Self::PriceChanged => "The price has changed",
            Self::QuantityOutOfRange => "The quantity is out of range",
            Self::RateLimited => "Too many requests",
            Self::RechargeNotFound => "The recharge does not exist",
            Self::ReturnUrlNotAllowed => "The return URL is not allowed",
            Self::SelfGift => "Nobody sends gifts to themself",
            Self::ServiceUnavailable => "The service is briefly unavailable",
            Self::SignatureInvalid => "The signature is not valid",
            Self::SpendingLimitReached => "A spending limit would be passed",
            Self::TermsOutdated => "The accepted terms are outdated",
            Self::Unauthenticated => "A valid token is required",
            Self::WalletFrozen => "The wallet is frozen",
            Self::WalletInDebt => "The wallet is in debt",
        }
    }
}
