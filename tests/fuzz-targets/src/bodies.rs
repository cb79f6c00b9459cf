//! Bodies of requests: what is accepted is in the domain's ranges and is what its sender wrote;
//! what is not is a problem that a client can read.

use lambda_http::{Body, Request};
use recharge_core::{
    domain::{Coins, CreatorRequest, GiftRequest, LimitsRequest, RechargeChoice, RechargeRequest},
    http::Problem,
};
use serde_json::Value;

use crate::world::assert_told;

/// The first letter says what is asked for: `g` a gift, `r` a recharge, `c` to become a creator,
/// `s` to take gifts or not, `l` limits. The rest is the body.
pub fn bodies(data: &[u8]) -> bool {
    let Some((kind, body)) = data.split_first() else {
        return false;
    };
    let user = || "alice".try_into().unwrap();
    match kind {
        b'g' => check(body, |it| gifts::read_gift(it, user()), assert_gift),
        b'r' => check(
            body,
            |it| recharges::read_recharge(it, user()),
            assert_recharge,
        ),
        b'c' => check(body, creators::read_creator, assert_creator),
        b's' => check(body, creators::read_status, |accepting, tree| {
            assert_eq!(tree["accepting"], *accepting);
            &["accepting"]
        }),
        b'l' => check(body, wallet::read_limits, assert_limits),
        _ => false,
    }
}

/// Reads a body as text and as bytes, which must not differ; asserts what is accepted, and that it
/// reads the same when another writer writes it. Whether it is accepted.
fn check<T: PartialEq + std::fmt::Debug>(
    body: &[u8],
    read: impl Fn(&Request) -> Result<T, Problem>,
    assert_ranges: impl Fn(&T, &Value) -> &'static [&'static str],
) -> bool {
    let accepted = match read(&request(Body::Binary(body.to_vec()))) {
        Ok(accepted) => accepted,
        Err(problem) => {
            assert_told(&problem.into_response("r"), &[400, 413, 422]);
            return false;
        }
    };
    let text = std::str::from_utf8(body).expect("what is accepted is text");
    let tree: Value = serde_json::from_str(text).expect("what is accepted is JSON");
    let known = assert_ranges(&accepted, &tree);
    for field in tree.as_object().unwrap().keys() {
        assert!(known.contains(&field.as_str()), "{field} is not known");
    }
    for same in [text.to_owned(), tree.to_string()] {
        let again = read(&request(Body::Text(same)));
        assert_eq!(again.ok().as_ref(), Some(&accepted), "{text}");
    }
    true
}

fn request(body: Body) -> Request {
    let mut request = Request::new(body);
    let key = "k".parse().unwrap();
    request.headers_mut().insert("idempotency-key", key);
    request
}

fn assert_id(id: &str) {
    let is_one = (1..=64).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_.:|-".contains(&byte));
    assert!(is_one, "{id:?}");
}

fn assert_coins(coins: Option<Coins>, told: &Value) {
    assert_eq!(coins.map(Coins::get), told.as_u64(), "{told}");
    assert!(coins.is_none_or(|coins| coins.get() < 1 << 53));
}

fn assert_gift(gift: &GiftRequest, tree: &Value) -> &'static [&'static str] {
    assert_eq!(tree["quantity"], gift.quantity.get());
    assert!((1..=9_999).contains(&gift.quantity.get()));
    assert_eq!(tree["creator_id"], gift.creator.as_str());
    assert_eq!(tree["target"]["kind"], gift.target.kind.as_str());
    assert_eq!(gift.sender.as_str(), "alice", "not from the body (I7)");
    for id in [
        gift.gift.as_str(),
        gift.creator.as_str(),
        gift.target.id.as_str(),
    ] {
        assert_id(id);
    }
    if let Some(combo) = &gift.combo {
        assert_id(combo.as_str());
    }
    assert_coins(gift.expected_coins, &tree["expected_coins"]);
    if let Some(message) = &gift.message {
        let text = message.as_str();
        assert!((1..=200).contains(&text.chars().count()));
        assert!(!text.chars().any(char::is_control));
    }
    &[
        "gift_id",
        "quantity",
        "creator_id",
        "target",
        "expected_coins",
        "combo_id",
        "message",
        "not_after",
    ]
}

fn assert_recharge(recharge: &RechargeRequest, tree: &Value) -> &'static [&'static str] {
    assert_eq!(recharge.user.as_str(), "alice", "not from the body (I7)");
    match &recharge.choice {
        RechargeChoice::Package(package) => {
            assert_id(package.as_str());
            assert!(tree["coins"].is_null(), "{tree}");
        }
        RechargeChoice::Coins(coins) => {
            assert_eq!(tree["coins"].as_i64(), Some(*coins));
            assert!(tree["package_id"].is_null(), "{tree}");
        }
    }
    assert!((1..=16).contains(&recharge.currency.len()));
    assert!((1..=64).contains(&recharge.terms_version.len()));
    if let Some(url) = &recharge.return_url {
        assert!((1..=512).contains(&url.len()));
    }
    &[
        "package_id",
        "coins",
        "currency",
        "terms_version",
        "return_url",
    ]
}

fn assert_creator(creator: &CreatorRequest, _: &Value) -> &'static [&'static str] {
    let name = creator.display_name.as_str();
    assert!((1..=50).contains(&name.chars().count()), "{name:?}");
    assert!(!name.trim().is_empty() && !name.chars().any(char::is_control));
    assert!((1..=64).contains(&creator.terms_version.len()));
    let country = creator.country.to_string();
    assert!(country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase()));
    &["display_name", "terms_version", "country"]
}

fn assert_limits(limits: &LimitsRequest, tree: &Value) -> &'static [&'static str] {
    const FIELDS: [&str; 2] = ["daily_coins", "monthly_coins"];
    for (asked, field) in [limits.daily_coins, limits.monthly_coins]
        .iter()
        .zip(FIELDS)
    {
        // Absent leaves a limit as it is, null removes it.
        assert_eq!(asked.is_some(), tree.get(field).is_some(), "{tree}");
        assert_coins(asked.flatten(), &tree[field]);
    }
    &FIELDS
}
