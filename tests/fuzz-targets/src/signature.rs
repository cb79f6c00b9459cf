//! `Stripe-Signature`: what verifies is what we signed, and what we signed verifies.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use recharge_core::adapters::stripe::{SignatureInvalid, WebhookSecrets, verify};
use sha2::Sha256;

/// When everything happens, in seconds since 1970.
pub(crate) const NOW: i64 = 1_795_530_000;
/// Two, as while one is rotated.
pub(crate) const SECRETS: [&str; 2] = ["whsec_one", "whsec_two"];
/// Somebody else's.
const FOREIGN: &str = "whsec_three";

pub(crate) fn secrets() -> WebhookSecrets {
    SECRETS.join(",").parse().unwrap()
}

pub(crate) fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

/// Written apart from what is tested.
fn hex_of(secret: &str, time: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(&[time.as_bytes(), b".", body].concat());
    let bytes = mac.finalize().into_bytes();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The header of a body that is signed now.
pub(crate) fn signed(body: &[u8]) -> String {
    let time = NOW.to_string();
    format!("t={time},v1={}", hex_of(SECRETS[0], &time, body))
}

/// A header up to the first line break, and the body behind it. `{1}` and `{2}` in the header
/// become signatures by our secrets for its first time, `{3}` one by somebody else's: no fuzzer
/// finds a signature by itself.
pub fn signature(data: &[u8]) -> bool {
    let end = data.iter().position(|byte| *byte == b'\n');
    let (header, body) = data.split_at(end.unwrap_or(data.len()));
    let Ok(header) = std::str::from_utf8(header) else {
        return false;
    };
    let header = filled_in(header, body);
    let (secrets, now) = (secrets(), now());
    let verified = verify(body, &header, &secrets, now);
    match verified {
        Ok(_) => assert_is_ours(&header, body),
        Err(SignatureInvalid::OutsideTolerance) => {
            assert!(is_signed(&header, body), "late, but not ours: {header}");
        }
        Err(SignatureInvalid::Malformed | SignatureInvalid::NoMatch) => {}
    }
    let longer = [body, b" "].concat();
    assert!(
        verify(&longer, &header, &secrets, now).is_err(),
        "another body verifies: {header}"
    );
    assert_signed_verifies(body, i64::try_from(data.len()).unwrap());
    verified.is_ok()
}

fn time_of(header: &str) -> Option<&str> {
    let mut items = header.split(',').map(|item| item.trim_matches(' '));
    items.find_map(|item| item.strip_prefix("t="))
}

fn filled_in(header: &str, body: &[u8]) -> String {
    let Some(time) = time_of(header) else {
        return header.to_owned();
    };
    let by = |secret| hex_of(secret, time, body);
    header
        .replace("{1}", &by(SECRETS[0]))
        .replace("{2}", &by(SECRETS[1]))
        .replace("{3}", &by(FOREIGN))
}

/// Whether the header has a signature by one of our secrets of its first time and this body.
fn is_signed(header: &str, body: &[u8]) -> bool {
    let Some(time) = time_of(header) else {
        return false;
    };
    let ours = SECRETS.map(|secret| format!("v1={}", hex_of(secret, time, body)));
    let mut items = header.split(',').map(|item| item.trim_matches(' '));
    items.any(|item| ours.iter().any(|ours| ours == item))
}

fn assert_is_ours(header: &str, body: &[u8]) {
    assert!(is_signed(header, body), "nobody signed: {header}");
    let time: i64 = time_of(header).unwrap().parse().unwrap();
    assert!(
        (NOW - 300..=NOW + 300).contains(&time),
        "too far away: {header}"
    );
}

/// What Stripe may write for this body verifies, as long as it is young enough.
fn assert_signed_verifies(body: &[u8], length: i64) {
    let secrets = secrets();
    let offset = length % 400;
    for (secret, time) in SECRETS.iter().zip([NOW - offset, NOW + offset]) {
        let time = time.to_string();
        let right = hex_of(secret, &time, body);
        let wrong = hex_of(FOREIGN, &time, body);
        let header = format!("t={time},v1={wrong},v1={right},v0={wrong}");
        let verified = verify(body, &header, &secrets, now());
        let expected = match offset {
            0..=300 => None,
            _ => Some(SignatureInvalid::OutsideTolerance),
        };
        assert_eq!(verified.err(), expected, "{header}");
    }
}
