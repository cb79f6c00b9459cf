use proptest::prelude::*;

use super::{SignatureInvalid::*, *};

const NOW: i64 = 1_700_000_000;
const SECRET: &str = "whsec_test_secret";
const OTHER: &str = "whsec_other_secret";
const BODY: &[u8] = br#"{"id":"evt_1"}"#;

/// Made with OpenSSL: `printf '1700000000.{"id":"evt_1"}' | openssl dgst -sha256 -hmac …`.
const KNOWN: &str = "248a374f50f943a28b0f6ab50faf9a7e7e29b710fa26df9fb1618b9bf8ea9c9a";
/// The same of an empty body, and of `{"name":"日本 🎁"}` with the secret `whsec_ü`.
const KNOWN_EMPTY: &str = "316b9ab98c15bfa039d243f3196acee619cf29749a91a634e6a8154e2f7b6727";
const KNOWN_UTF8: &str = "c14ecad1a2da175aaef56b5a5b94c41bb03e006f1a8ae167b56e34686e56272e";

fn mac(secret: &str, time: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update([time.as_bytes(), b".", body].concat().as_slice());
    mac.finalize()
        .into_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn header(secret: &str, time: &str, body: &[u8]) -> String {
    format!("t={time},v1={}", mac(secret, time, body))
}

fn secrets(text: &str) -> WebhookSecrets {
    text.parse().unwrap()
}

fn verdict(body: &[u8], header: &str, secrets: &WebhookSecrets) -> Result<(), SignatureInvalid> {
    let verified = verify(body, header, secrets, Timestamp::from_second(NOW).unwrap())?;
    assert_eq!(verified.bytes(), body);
    Ok(())
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn headers_are_judged_as_stripe_writes_them() {
    let good = header(SECRET, "1700000000", BODY);
    let foreign = mac(OTHER, "1700000000", BODY);
    let zeros = "0".repeat(64);
    let at = |time: i64| header(SECRET, &time.to_string(), BODY);
    let written = |time: &str| header(SECRET, time, BODY);
    for (case, header, expected) in [
        (
            "made by OpenSSL",
            format!("t=1700000000,v1={KNOWN}"),
            Ok(()),
        ),
        (
            "the order does not matter",
            format!("v1={KNOWN},t=1700000000"),
            Ok(()),
        ),
        (
            "the second v1 matches",
            format!("t=1700000000,v1={foreign},v1={KNOWN}"),
            Ok(()),
        ),
        (
            "the first v1 matches",
            format!("{good},v1={foreign}"),
            Ok(()),
        ),
        (
            "a broken v1 before it",
            format!("t=1700000000,v1=xyz,v1={KNOWN}"),
            Ok(()),
        ),
        ("the same v1 twice", format!("{good},v1={KNOWN}"), Ok(())),
        (
            "a v0 and a v2 beside it",
            format!("v2={zeros},{good},v0={zeros}"),
            Ok(()),
        ),
        (
            "spaces after commas",
            format!("t=1700000000, v1={KNOWN},  v0={zeros}"),
            Ok(()),
        ),
        ("items that are no pairs", format!(",{good},,x,"), Ok(())),
        ("300 s ago", at(NOW - 300), Ok(())),
        ("301 s ago", at(NOW - 301), Err(OutsideTolerance)),
        ("300 s ahead", at(NOW + 300), Ok(())),
        ("301 s ahead", at(NOW + 301), Err(OutsideTolerance)),
        ("1970", written("0"), Err(OutsideTolerance)),
        (
            "the end of time",
            written("9223372036854775807"),
            Err(OutsideTolerance),
        ),
        (
            "leading zeros are signed as written",
            written("0001700000000"),
            Ok(()),
        ),
        (
            "leading zeros added",
            good.replace("t=", "t=0"),
            Err(NoMatch),
        ),
        ("only v0", format!("t=1700000000,v0={KNOWN}"), Err(NoMatch)),
        ("only V1", format!("t=1700000000,V1={KNOWN}"), Err(NoMatch)),
        ("no signature", "t=1700000000".to_owned(), Err(NoMatch)),
        (
            "an empty signature",
            "t=1700000000,v1=".to_owned(),
            Err(NoMatch),
        ),
        (
            "upper-case digits",
            format!("t=1700000000,v1={}", KNOWN.to_uppercase()),
            Err(NoMatch),
        ),
        (
            "a digit less",
            format!("t=1700000000,v1={}", &KNOWN[..63]),
            Err(NoMatch),
        ),
        (
            "a byte less",
            format!("t=1700000000,v1={}", &KNOWN[..62]),
            Err(NoMatch),
        ),
        ("a byte more", format!("{good}00"), Err(NoMatch)),
        (
            "a sign in a digit",
            format!("t=1700000000,v1=+{}", &KNOWN[1..]),
            Err(NoMatch),
        ),
        (
            "64 bytes, 63 characters",
            format!("t=1700000000,v1={}ü", &KNOWN[..62]),
            Err(NoMatch),
        ),
        (
            "base64",
            "t=1700000000,v1=JIo3T1D5Q6KLD2q1D6+afn4ptxD6Jt+fsWGLn4=".into(),
            Err(NoMatch),
        ),
        (
            "another time's signature",
            format!("t=1700000001,v1={KNOWN}"),
            Err(NoMatch),
        ),
        ("late and wrong", format!("t=1,v1={foreign}"), Err(NoMatch)),
        ("empty", String::new(), Err(Malformed)),
        ("junk", "junk;\u{0} ÿ=,=,t".to_owned(), Err(Malformed)),
        ("no time", format!("v1={KNOWN}"), Err(Malformed)),
        ("two times", format!("t=1700000000,{good}"), Err(Malformed)),
        (
            "two headers joined",
            format!("{good},{good}"),
            Err(Malformed),
        ),
        ("an empty time", written(""), Err(Malformed)),
        ("a negative time", written("-1700000000"), Err(Malformed)),
        ("a plus", written("+1700000000"), Err(Malformed)),
        (
            "a space in the time",
            written(" 1700000000"),
            Err(Malformed),
        ),
        ("a fraction", written("1700000000.0"), Err(Malformed)),
        ("hexadecimal", written("0x6553f100"), Err(Malformed)),
        (
            "other digits",
            written("１７００００００００"),
            Err(Malformed),
        ),
        (
            "one above 63 bits",
            written("9223372036854775808"),
            Err(Malformed),
        ),
        (
            "thousands of digits",
            written(&"9".repeat(3000)),
            Err(Malformed),
        ),
        (
            "a header too long",
            format!("{good},{}", "x".repeat(5000)),
            Err(Malformed),
        ),
    ] {
        assert_eq!(
            verdict(BODY, &header, &secrets(SECRET)),
            expected,
            "{case}: {header}"
        );
    }
}

#[test]
fn the_longest_header_is_still_read() {
    let mut header = header(SECRET, "1700000000", BODY);
    header.insert_str(
        0,
        &format!("v0={},", "x".repeat(HEADER_LENGTH_MAX - header.len() - 4)),
    );
    assert_eq!(header.len(), HEADER_LENGTH_MAX);
    assert_eq!(verdict(BODY, &header, &secrets(SECRET)), Ok(()));
    header.push(',');
    assert_eq!(verdict(BODY, &header, &secrets(SECRET)), Err(Malformed));
}

#[test]
fn any_configured_secret_may_have_signed() {
    for (configured, signed_with, expected) in [
        (SECRET, SECRET, Ok(())),
        ("whsec_other_secret,whsec_test_secret", SECRET, Ok(())),
        ("whsec_test_secret, whsec_other_secret", OTHER, Ok(())),
        (OTHER, SECRET, Err(NoMatch)),
        ("test_secret", SECRET, Err(NoMatch)), // The prefix is a part of the key.
        ("whsec_test_secre", SECRET, Err(NoMatch)),
        ("whsec_test_secret", "", Err(NoMatch)),
    ] {
        let header = header(signed_with, "1700000000", BODY);
        assert_eq!(
            verdict(BODY, &header, &secrets(configured)),
            expected,
            "{configured}"
        );
    }
}

#[test]
fn the_very_bytes_are_signed_and_nothing_like_them() {
    let utf8 = "{\"name\":\"日本 🎁\"}".as_bytes();
    let megabyte = vec![b'x'; 1 << 20];
    for (case, secret, body, signature) in [
        ("empty", SECRET, b"".as_slice(), KNOWN_EMPTY.to_owned()),
        (
            "UTF-8, in the secret, too",
            "whsec_ü",
            utf8,
            KNOWN_UTF8.to_owned(),
        ),
        (
            "a megabyte",
            SECRET,
            &megabyte,
            mac(SECRET, "1700000000", &megabyte),
        ),
        (
            "no UTF-8",
            SECRET,
            b"\xff\xfe\x00",
            mac(SECRET, "1700000000", b"\xff\xfe\x00"),
        ),
        (
            "dots",
            SECRET,
            b"1.2.3",
            mac(SECRET, "1700000000", b"1.2.3"),
        ),
    ] {
        let header = format!("t=1700000000,v1={signature}");
        assert_eq!(verdict(body, &header, &secrets(secret)), Ok(()), "{case}");
    }
    for (case, body) in [
        ("empty", b"".as_slice()),
        ("a byte order mark", b"\xef\xbb\xbf{\"id\":\"evt_1\"}"),
        ("the same JSON in other bytes", br#"{"id": "evt_1"}"#),
        ("an escape", br#"{"id":"\u0065vt_1"}"#),
        ("a line break at the end", b"{\"id\":\"evt_1\"}\n"),
        ("a zero at the end", b"{\"id\":\"evt_1\"}\0"),
        ("its base64", b"eyJpZCI6ImV2dF8xIn0="),
        ("the time in front", br#"1700000000.{"id":"evt_1"}"#),
    ] {
        let header = header(SECRET, "1700000000", BODY);
        assert_eq!(
            verdict(body, &header, &secrets(SECRET)),
            Err(NoMatch),
            "{case}"
        );
    }
}

#[test]
fn the_dot_between_time_and_body_cannot_move() {
    // "1700000000" + "." + "5.x" is not "17000000005" + "." + "x", nor the other way round.
    let header = format!("t=1700000000,v1={}", mac(SECRET, "17000000005", b"x"));
    assert_eq!(verdict(b"5.x", &header, &secrets(SECRET)), Err(NoMatch));
}

#[test]
fn every_flipped_bit_is_refused() {
    let (secrets, header) = (secrets(SECRET), header(SECRET, "1700000000", BODY));
    for at in 0..BODY.len() * 8 {
        let mut body = BODY.to_vec();
        body[at / 8] ^= 1 << (at % 8);
        assert_eq!(
            verdict(&body, &header, &secrets),
            Err(NoMatch),
            "bit {at} of the body"
        );
    }
    for at in 0..header.len() * 8 {
        let mut flipped = header.clone().into_bytes();
        flipped[at / 8] ^= 1 << (at % 8);
        if let Ok(flipped) = String::from_utf8(flipped) {
            assert!(
                verdict(BODY, &flipped, &secrets).is_err(),
                "bit {at} of the header"
            );
        }
    }
}

#[test]
fn a_millisecond_does_not_matter() {
    let now = Timestamp::from_millisecond(NOW * 1000 + 999).unwrap();
    let verify = |time: i64| {
        let header = header(SECRET, &time.to_string(), BODY);
        verify(BODY, &header, &secrets(SECRET), now).map(|_| ())
    };
    assert_eq!(verify(NOW - 300), Ok(()));
    assert_eq!(verify(NOW + 300), Ok(()));
    assert_eq!(verify(NOW + 301), Err(OutsideTolerance));
}

#[test]
fn a_secret_is_not_empty() {
    for text in ["", " ", ",", "whsec_a,", "whsec_a,,whsec_b", " , whsec_a"] {
        assert_eq!(
            text.parse::<WebhookSecrets>().err(),
            Some(WebhookSecretInvalid),
            "{text:?}"
        );
    }
    assert_eq!(
        WebhookSecrets::try_from(Vec::new()).err(),
        Some(WebhookSecretInvalid)
    );
}

#[test]
fn nothing_secret_is_shown() {
    let secrets = secrets(SECRET);
    let header = header(SECRET, "1700000000", BODY);
    let now = Timestamp::from_second(NOW).unwrap();
    let verified = verify(BODY, &header, &secrets, now).unwrap();
    let mut shown = format!("{secrets:?} {verified:?}");
    for error in [Malformed, NoMatch, OutsideTolerance] {
        shown.push_str(&format!("{error} {error:?}"));
    }
    for hidden in ["test_secret", "evt_1", KNOWN, "1700000000"] {
        assert!(!shown.contains(hidden), "{shown}");
    }
}

proptest! {
    #[test]
    fn no_header_panics_or_is_believed(header in "[tv01=, a-f0-9ü-]{0,200}") {
        prop_assert!(verdict(BODY, &header, &secrets(SECRET)).is_err());
    }
}
