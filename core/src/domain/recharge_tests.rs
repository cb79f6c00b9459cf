//! When a recharge may start, and with what.

use std::collections::BTreeMap;

use super::*;

fn terms() -> RechargeTerms {
    RechargeTerms {
        terms_version: "2026-11".to_owned(),
        currencies: vec![Currency::Usd],
        public_url: "https://api.example.com".to_owned(),
        return_url_origins: vec!["https://app.example.com".to_owned()],
        first_bonus_coins: Coins::ZERO,
    }
}

fn request() -> RechargeRequest {
    RechargeRequest {
        user: "alice".try_into().unwrap(),
        key: "k1".try_into().unwrap(),
        package: "p70".try_into().unwrap(),
        currency: "usd".to_owned(),
        terms_version: "2026-11".to_owned(),
        return_url: None,
    }
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
    request.terms_version = "2025-01".to_owned();
    request.currency = "jpy".to_owned(); // in the catalogue, but not configured
    request.return_url = Some("https://evil.example".to_owned());
    let decide = |request: &RechargeRequest, package| {
        decide_recharge(request, package, &terms(), Timestamp::UNIX_EPOCH).unwrap_err()
    };
    assert_eq!(decide(&request, None), RechargeRejected::TermsOutdated);
    request.terms_version = "2026-11".to_owned();
    assert_eq!(decide(&request, None), RechargeRejected::PackageNotFound);
    let package = package();
    assert_eq!(
        decide(&request, Some(&package)),
        RechargeRejected::CurrencyUnsupported
    );
    request.currency = "usd".to_owned();
    assert_eq!(
        decide(&request, Some(&package)),
        RechargeRejected::ReturnUrlNotAllowed
    );
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
    let recharge = decide_recharge(&request(), Some(&package()), &terms(), at).unwrap();
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
    let recharge = decide_recharge(&request(), Some(&package()), &terms(), at).unwrap();
    assert!(recharge.checkout.can_open(at));
    let late = "2026-11-23T10:30:00Z".parse().unwrap();
    assert!(!recharge.checkout.can_open(late));
    let reopened = recharge.reopened(late);
    assert!(reopened.checkout.can_open(late));
    assert_eq!((reopened.attempt, reopened.version), (1, 2));
}

#[test]
fn a_session_does_not_take_back_that_a_review_is_needed() {
    let at = Timestamp::UNIX_EPOCH;
    let mut recharge = decide_recharge(&request(), Some(&package()), &terms(), at).unwrap();
    let session: CheckoutSessionId = "cs_1".try_into().unwrap();
    assert_eq!(
        recharge.opened(session.clone()).status,
        RechargeStatus::Open
    );
    recharge.status = RechargeStatus::NeedsReview;
    assert_eq!(recharge.opened(session).status, RechargeStatus::NeedsReview);
}
