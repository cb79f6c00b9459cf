//! Corruption, planted with raw writes and taken back.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::SignedDuration;
use recharge_testkit::World;

use super::{Item, findings};

/// What is done to an item.
pub(super) enum Harm {
    Set(&'static str, AttributeValue),
    Delete,
    /// It is stored under another key instead, or as well.
    Move(String, String),
    Copy(String, String),
}

pub(super) fn number(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// The tables by hand.
pub(super) struct Hand<'a> {
    pub(super) world: &'a World,
    pub(super) views: bool,
}

impl Hand<'_> {
    fn table(&self) -> String {
        match self.views {
            true => self.world.server.setting("VIEWS_TABLE").to_owned(),
            false => self.world.table(),
        }
    }

    async fn put(&self, item: Item) {
        let put = self.world.server.dynamodb().put_item();
        let put = put.table_name(self.table()).set_item(Some(item));
        put.send().await.unwrap();
    }

    async fn delete(&self, (pk, sk): (&str, &str)) {
        let delete = self.world.server.dynamodb().delete_item();
        let delete = delete.table_name(self.table());
        let delete = delete.key("PK", AttributeValue::S(pk.to_owned()));
        let delete = delete.key("SK", AttributeValue::S(sk.to_owned()));
        delete.send().await.unwrap();
    }

    /// All items, to choose from.
    async fn all(&self) -> Vec<Item> {
        let scan = self.world.server.dynamodb().scan().table_name(self.table());
        scan.send().await.unwrap().items.unwrap()
    }

    pub(super) async fn one(&self, pk: &str, sk: &str) -> Item {
        let all = self.all().await.into_iter();
        let mut found: Vec<_> = all
            .filter(|item| text(item, "PK").starts_with(pk) && text(item, "SK").starts_with(sk))
            .collect();
        assert_eq!(found.len(), 1, "{pk} {sk}");
        found.pop().unwrap()
    }

    /// Does harm, hears what the audit says of it, and takes it back.
    pub(super) async fn found(&self, item: &Item, harm: Harm) -> Vec<String> {
        let own = (text(item, "PK"), text(item, "SK"));
        let moved = |pk: &str, sk: &str| {
            let mut item = item.clone();
            item.insert("PK".to_owned(), AttributeValue::S(pk.to_owned()));
            item.insert("SK".to_owned(), AttributeValue::S(sk.to_owned()));
            item
        };
        let mut added = None;
        match harm {
            Harm::Set(name, value) => {
                let mut item = item.clone();
                item.insert(name.to_owned(), value);
                self.put(item).await;
            }
            Harm::Delete => self.delete(own).await,
            Harm::Move(pk, sk) => {
                self.delete(own).await;
                self.put(moved(&pk, &sk)).await;
                added = Some((pk, sk));
            }
            Harm::Copy(pk, sk) => {
                self.put(moved(&pk, &sk)).await;
                added = Some((pk, sk));
            }
        }
        let (told, audited) = findings(self.world, SignedDuration::ZERO).await;
        assert_eq!(audited.unread, 0);
        if let Some((pk, sk)) = added {
            self.delete((&pk, &sk)).await;
        }
        self.put(item.clone()).await;
        told
    }

    pub(super) async fn assert_found(&self, item: &Item, harm: Harm, expected: &[&str]) {
        let mut expected: Vec<_> = expected.iter().map(ToString::to_string).collect();
        expected.sort();
        assert_eq!(self.found(item, harm).await, expected);
    }
}

pub(super) fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item[name].as_s().unwrap()
}

pub(super) async fn assert_sound_again(world: World) {
    let (told, _) = findings(&world, SignedDuration::ZERO).await;
    assert_eq!(told, [""; 0], "all harm was taken back");
    world.stop().await;
}
