use super::*;

fn request(name: &str, terms: &str) -> CreatorRequest {
    CreatorRequest {
        display_name: name.to_owned().try_into().unwrap(),
        country: "DE".to_owned().try_into().unwrap(),
        terms_version: terms.to_owned(),
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

#[test]
fn who_becomes_a_creator_takes_gifts_and_asking_again_changes_nothing() {
    let bob = UserId::try_from("bob").unwrap();
    let asked = request("Bob", "1");
    let created = Creator::asked_for(&bob, &asked, None, at(1)).unwrap();
    assert!(created.is_accepting);
    assert_eq!((created.version, created.created_at), (1, at(1)));
    assert_eq!(
        Creator::asked_for(&bob, &asked, Some(&created), at(2)),
        None
    );
}

#[test]
fn a_change_keeps_the_pause_and_tells_when_new_terms_were_accepted() {
    let bob = UserId::try_from("bob").unwrap();
    let created = Creator::asked_for(&bob, &request("Bob", "1"), None, at(1)).unwrap();
    let paused = created.with_accepting(false).unwrap();
    assert_eq!(paused.with_accepting(false), None);
    let renamed = Creator::asked_for(&bob, &request("Bobby", "1"), Some(&paused), at(2)).unwrap();
    assert!(!renamed.is_accepting);
    assert_eq!((renamed.version, renamed.accepted_at), (3, at(1)));
    let newer = Creator::asked_for(&bob, &request("Bobby", "2"), Some(&renamed), at(3)).unwrap();
    assert_eq!(
        (newer.version, newer.accepted_at, newer.created_at),
        (4, at(3), at(1))
    );
}

#[test]
fn a_recipient_accepts_only_if_neither_paused_nor_blocking() {
    let bob = UserId::try_from("bob").unwrap();
    let open = Creator::asked_for(&bob, &request("Bob", "1"), None, at(1)).unwrap();
    let paused = open.with_accepting(false).unwrap();
    for (creator, blocked, expected) in [
        (None, false, Recipient::Nobody),
        (None, true, Recipient::Nobody),
        (Some(&open), false, Recipient::Accepting),
        (Some(&open), true, Recipient::NotAccepting),
        (Some(&paused), false, Recipient::NotAccepting),
        (Some(&paused), true, Recipient::NotAccepting),
    ] {
        assert_eq!(Recipient::of(creator, blocked), expected);
    }
}

#[test]
fn a_display_name_is_counted_in_characters() {
    for good in ["B", "Bob the Builder", "🌹", &"ü".repeat(50)] {
        assert!(DisplayName::try_from(good.to_owned()).is_ok(), "{good}");
    }
    for bad in ["", "   ", "a\nb", "a\u{0}", &"a".repeat(51)] {
        assert_eq!(
            DisplayName::try_from(bad.to_owned()),
            Err(DisplayNameInvalid),
            "{bad:?}"
        );
    }
}

#[test]
fn a_country_is_an_assigned_code() {
    let codes: Vec<_> = COUNTRIES.split_ascii_whitespace().collect();
    assert_eq!(codes.len(), 249);
    assert!(codes.is_sorted(), "each once, in order");
    for code in ["US", "DE", "ZW", "AD"] {
        assert_eq!(
            Country::try_from(code.to_owned()).unwrap().to_string(),
            code
        );
    }
    for bad in ["", "us", "USA", "ZZ", "XX", "U", "D E"] {
        assert_eq!(Country::try_from(bad.to_owned()), Err(CountryInvalid));
    }
}
