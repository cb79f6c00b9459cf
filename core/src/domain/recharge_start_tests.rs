//! When a recharge may start, and with what.

use std::collections::BTreeMap;

use super::*;
use crate::domain::{ChannelRule, CheckoutSessionId, Platform, PriceStep};

fn terms() -> RechargeTerms {
    RechargeTerms {
        terms_version: "2026-11".to_owned(),
        currencies: vec![Currency::Usd],
        public_url: "https://api.example.com".to_owned(),
        return_url_origins: vec!["https://app.example.com".to_owned()],
        first_bonus_coins: Coins::ZERO,
        clients: ClientRules {
            min_ios: "2.0.0".parse().unwrap(),
            min_android: "1.0.0".parse().unwrap(),
            min_web: "1.0.0".parse().unwrap(),
            channels: vec![ChannelRule {
                platform: Platform::Ios,
                storefronts: Vec::new(),
                channel: Channel::StoreOnly,
            }],
        },
        recharges_per_minute: 2,
    }
}

fn request() -> RechargeRequest {
    RechargeRequest {
        user: "alice".try_into().unwrap(),
        key: "k1".try_into().unwrap(),
        choice: RechargeChoice::Package("p70".try_into().unwrap()),
        currency: "usd".to_owned(),
        terms_version: "2026-11".to_owned(),
        return_url: None,
        client: Client::CURRENT_WEB,
    }
}

fn unused() -> RechargeQuota {
    RechargeQuota {
        user: "alice".try_into().unwrap(),
        pace: Pace::NOTHING,
        version: 0,
    }
}

fn custom() -> Offer {
    Offer::Custom(Some(CustomAmounts {
        min_coins: Coins::new(40).unwrap(),
        max_coins: Coins::new(500).unwrap(),
        steps: vec![PriceStep {
            from_coins: Coins::new(1).unwrap(),
            prices: BTreeMap::from([(Currency::Usd, 1_415)]),
        }],
    }))
}

/// The recharge of a package that was asked for at `at`.
fn started(at: Timestamp) -> Recharge {
    let offer = Offer::Package(Some(package()));
    let decided = decide_recharge(&request(), &offer, &terms(), &unused(), at);
    decided.unwrap().recharge
}

fn package() -> Package {
    Package {
        id: "p70".try_into().unwrap(),
        coins: Coins::new(70).unwrap(),
        bonus_coins: Coins::new(5).unwrap(),
        prices: BTreeMap::from([(Currency::Usd, 99), (Currency::Jpy, 160)]),
    }
}

#[test]
fn refusals_come_in_their_documented_order() {
    let mut request = request();
    request.client.platform = Platform::Ios;
    request.client.version = Some("1.9.9".parse().unwrap());
    request.terms_version = "2025-01".to_owned();
    request.currency = "jpy".to_owned(); // in the catalogue, but not configured
    request.return_url = Some("https://evil.example".to_owned());
    let at = Timestamp::UNIX_EPOCH;
    let mut quota = unused();
    for _ in 0..2 {
        quota.pace = quota.pace.one_more(at, 2).unwrap();
    }
    let decide = |request: &RechargeRequest, offer| {
        decide_recharge(request, &offer, &terms(), &quota, at).unwrap_err()
    };
    let none = || Offer::Package(None);
    assert_eq!(decide(&request, none()), RechargeRejected::UpgradeRequired);
    request.client.version = None;
    assert_eq!(
        decide(&request, none()),
        RechargeRejected::ChannelNotAllowed
    );
    request.client = Client::CURRENT_WEB;
    assert_eq!(decide(&request, none()), RechargeRejected::TermsOutdated);
    request.terms_version = "2026-11".to_owned();
    assert_eq!(decide(&request, none()), RechargeRejected::PackageNotFound);
    let sold = || Offer::Package(Some(package()));
    assert_eq!(
        decide(&request, sold()),
        RechargeRejected::CurrencyUnsupported
    );
    request.currency = "usd".to_owned();
    assert_eq!(
        decide(&request, sold()),
        RechargeRejected::ReturnUrlNotAllowed
    );
    request.return_url = None;
    let retry_after = Duration::from_secs(60);
    let limited = RechargeRejected::RateLimited { retry_after };
    assert_eq!(decide(&request, sold()), limited);
}

#[test]
fn an_amount_is_bought_at_its_price_without_a_bonus_or_refused() {
    let buy = |coins, offer: &Offer| {
        let mut request = request();
        request.choice = RechargeChoice::Coins(coins);
        let at = Timestamp::UNIX_EPOCH;
        decide_recharge(&request, offer, &terms(), &unused(), at)
    };
    let recharge = buy(100, &custom()).unwrap().recharge;
    assert_eq!(
        (recharge.total_coins().get(), recharge.bonus_coins.get()),
        (100, 0)
    );
    assert_eq!(recharge.price, Money::new(142, Currency::Usd));
    assert_eq!(recharge.package, None);
    let (min, max) = (Coins::new(40).unwrap(), Coins::new(500).unwrap());
    for coins in [i64::MIN, -40, 0, 39, 501, i64::MAX] {
        let refused = RechargeRejected::AmountOutOfRange { min, max };
        assert_eq!(buy(coins, &custom()), Err(refused), "{coins}");
    }
    let (min, max) = (Coins::ZERO, Coins::ZERO);
    let refused = RechargeRejected::AmountOutOfRange { min, max };
    assert_eq!(buy(100, &Offer::Custom(None)), Err(refused));
}

#[test]
fn a_choice_is_a_part_of_what_was_asked_and_the_app_is_not() {
    let mut coins = request();
    coins.choice = RechargeChoice::Coins(70);
    assert_ne!(coins.input_hash(), request().input_hash());
    let mut phone = request();
    phone.client.platform = Platform::Android;
    assert_eq!(phone.input_hash(), request().input_hash());
}

#[test]
fn a_return_url_leads_to_an_allowed_origin_or_nowhere() {
    for (url, allowed) in [
        ("https://app.example.com", true),
        ("https://app.example.com/wallet?x=1#y", true),
        ("https://app.example.com?x", true),
        ("http://app.example.com/", false),
        ("https://app.example.com.evil.example/", false),
        ("https://app.example.com@evil.example/", false),
        ("https://app.example.com:8443/", false),
        ("https://app.example.com\\@evil.example/", false),
        ("https://app.example.com/\r\nSet-Cookie: a", false),
        ("javascript:alert(1)", false),
        ("", false),
    ] {
        assert_eq!(leads_to_one_of(url, &terms()), allowed, "{url:?}");
    }
}

#[test]
fn the_row_has_everything_that_stripe_is_sent() {
    let at = "2026-11-22T12:00:00.123Z".parse().unwrap();
    let recharge = started(at);
    assert_eq!(recharge.price, Money::new(99, Currency::Usd));
    assert_eq!(recharge.checkout.product_name, "75 coins");
    assert_eq!(
        recharge.checkout.expires_at.to_string(),
        "2026-11-23T11:00:00Z"
    );
    let url = format!("https://api.example.com/return/{}", recharge.id);
    assert_eq!(recharge.checkout.success_url, url);
}

#[test]
fn parameters_too_old_for_stripe_are_replaced_under_another_key() {
    let at: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
    let recharge = started(at);
    assert!(recharge.checkout.can_open(at));
    let last = "2026-11-23T10:29:00Z".parse().unwrap();
    assert!(recharge.checkout.can_open(last), "31 minutes are enough");
    let late = "2026-11-23T10:30:00Z".parse().unwrap();
    assert!(!recharge.checkout.can_open(late));
    let reopened = recharge.reopened(late);
    assert!(reopened.checkout.can_open(late));
    assert_eq!((reopened.attempt, reopened.version), (1, 2));
}

#[test]
fn a_session_does_not_take_back_that_a_review_is_needed() {
    let at = Timestamp::UNIX_EPOCH;
    let mut recharge = started(at);
    let session: CheckoutSessionId = "cs_1".try_into().unwrap();
    assert_eq!(
        recharge.opened(session.clone()).status,
        RechargeStatus::Open
    );
    assert_eq!(
        recharge.opened(session.clone()).session,
        Some(session.clone())
    );
    recharge.status = RechargeStatus::NeedsReview;
    assert_eq!(recharge.opened(session).status, RechargeStatus::NeedsReview);
}
