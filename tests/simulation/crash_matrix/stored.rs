//! All that is stored, without what may differ between two runs that ended alike.

use std::collections::BTreeMap;

use recharge_testkit::{simulation::Simulation, snapshot_of_all};

/// Both tables. Stripe calls sessions and payment intents otherwise in every run, so they are called
/// what they are of their recharge, in `answer`, too: it must tell of the session that is stored.
pub(crate) async fn stored(simulation: &Simulation, answer: &mut String) -> Vec<Item> {
    let mut items = Vec::new();
    for table in ["LEDGER_TABLE", "VIEWS_TABLE"] {
        let table = simulation.setting(table);
        items.extend(snapshot_of_all(simulation.calm_client(), table).await.0);
    }
    let mut names = Vec::new();
    for item in items.iter().filter(|item| is_recharge(item)) {
        for attribute in ["session", "payment_intent"] {
            let name = item.get(attribute).and_then(|text| text.split('"').nth(1));
            names.extend(name.map(|name| (name.to_owned(), format!("<{attribute}>"))));
        }
    }
    let texts = items.iter_mut().flat_map(|item| item.values_mut());
    for text in texts.chain([answer]) {
        for (name, instead) in &names {
            if text.contains(name) {
                *text = text.replace(name, instead);
            }
        }
    }
    for item in &mut items {
        if item["PK"] == r#"S("RECONCILE")"# {
            // How often it ran, and when; not what it waits for.
            item.retain(|name, _| ["PK", "SK", "waiting"].contains(&name.as_str()));
        }
    }
    items.sort();
    items
}

/// The same without the attempts of recharges: Stripe keeps a failure under its key, and the next key
/// is the next attempt.
pub(crate) fn without_attempts(items: &[Item]) -> Vec<Item> {
    let mut items = items.to_vec();
    for item in items.iter_mut().filter(|item| is_recharge(item)) {
        item.remove("attempt");
        item.remove("version");
    }
    items
}

/// An item, attribute by attribute.
pub(crate) type Item = BTreeMap<String, String>;

fn is_recharge(item: &Item) -> bool {
    item["PK"].starts_with(r#"S("RECHARGE#"#) && item["SK"] == r#"S("RECHARGE")"#
}

pub(crate) fn assert_same(found: &[Item], expected: &[Item], case: &str) {
    if found == expected {
        return;
    }
    let missing = expected.iter().filter(|item| !found.contains(item));
    let surplus = found.iter().filter(|item| !expected.contains(item));
    let (missing, surplus): (Vec<_>, Vec<_>) = (missing.collect(), surplus.collect());
    panic!("{case}\nis missing {missing:#?}\nand has {surplus:#?}");
}
