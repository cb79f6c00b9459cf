//! How the domain's types look in JSON. They are described here and not where they are, so that
//! the domain knows nothing of it; `tests/it/openapi` holds each to what its type really takes.

use std::{borrow::Cow, marker::PhantomData};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::super::Bounded;
use crate::domain::{
    Channel, Coins, ComboId, Country, Currency, DisplayName, EntryKind, GiftId, GrantReason,
    Message, Money, PackageId, Platform, Quantity, RechargeId, RechargeStatus, SentGiftId,
    TargetId, TargetKind, Tier, UserId, WalletStatus,
};

/// An instant, where an answer has it as text.
#[derive(Debug)]
pub struct Time;

impl JsonSchema for Time {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Time".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "format": "date-time"})
    }
}

/// Gives a type of the domain a schema of that name.
macro_rules! schema {
    ($type:ty, $name:literal, $schema:expr) => {
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    };
}

fn id(description: &str) -> Schema {
    json_schema!({
        "type": "string",
        "description": description,
        "minLength": 1,
        "maxLength": 64,
        "pattern": "^[A-Za-z0-9_.:|-]+$",
    })
}

schema!(
    UserId,
    "UserId",
    id("A user: the `sub` of a token. A creator is a user, too.")
);
schema!(GiftId, "GiftId", id("An item of the gift catalogue."));
schema!(
    PackageId,
    "PackageId",
    id("A package of the package catalogue.")
);
schema!(RechargeId, "RechargeId", id("One recharge."));
schema!(SentGiftId, "SentGiftId", id("One sent gift."));
schema!(
    TargetId,
    "TargetId",
    id("The live stream or video that a gift is for.")
);
schema!(
    ComboId,
    "ComboId",
    id("What a client calls a run of sent gifts that it shows as one combo.")
);

schema!(
    Coins,
    "Coins",
    json_schema!({
        "type": "integer",
        "format": "int64",
        "description": "An amount of coins.",
        "minimum": 0,
        "maximum": Coins::MAX.get(),
    })
);
schema!(
    Quantity,
    "Quantity",
    json_schema!({
        "type": "integer",
        "format": "int32",
        "description": "How many of a gift are sent at once.",
        "minimum": 1,
        "maximum": Quantity::MAX,
    })
);
schema!(
    Message,
    "Message",
    json_schema!({
        "type": "string",
        "description": "A short message with a gift, without control characters.",
        "minLength": 1,
        "maxLength": Message::LENGTH_MAX,
        "pattern": r"^[^\u0000-\u001f\u007f-\u009f]+$",
    })
);
schema!(
    DisplayName,
    "DisplayName",
    json_schema!({
        "type": "string",
        "description": "What fans see of a creator: no control characters, not only spaces.",
        "minLength": 1,
        "maxLength": DisplayName::LENGTH_MAX,
        "pattern": r"^[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*$",
    })
);
schema!(
    Country,
    "Country",
    json_schema!({
        "type": "string",
        "description": "A country: a code of ISO 3166-1 alpha-2 that is officially assigned.",
        "minLength": 2,
        "maxLength": 2,
        "pattern": "^[A-Z]{2}$",
    })
);

/// An amount of real money: `{"amount": 499, "currency": "usd", "exponent": 2}` is $4.99.
#[derive(JsonSchema)]
#[schemars(rename = "Money")]
#[expect(dead_code, reason = "only described")]
struct MoneySchema {
    /// In minor units.
    amount: u64,
    currency: Currency,
    /// How many decimal digits the minor unit has.
    #[schemars(with = "u8", range(min = 0, max = 2))]
    exponent: u32,
}

impl JsonSchema for Money {
    fn schema_name() -> Cow<'static, str> {
        MoneySchema::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        MoneySchema::json_schema(generator)
    }
}

/// A text that is one of a few.
#[must_use]
pub fn names(description: &str, names: &[&str]) -> Schema {
    json_schema!({"type": "string", "description": description, "enum": names})
}

/// The names of a type of the domain, where an answer has them as text.
#[derive(Debug)]
pub struct Names<T>(PhantomData<T>);

/// Describes [`Names`] of a type by all there are, and the type itself.
macro_rules! named {
    ($type:ty, $name:literal, $text:ident, $description:literal) => {
        schema!($type, $name, {
            names($description, &<$type>::ALL.map(<$type>::$text))
        });

        impl JsonSchema for Names<$type> {
            fn schema_name() -> Cow<'static, str> {
                <$type>::schema_name()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                <$type>::json_schema(generator)
            }
        }
    };
}

named!(
    Currency,
    "Currency",
    code,
    "A currency: its code of ISO 4217 in lower case."
);
named!(
    RechargeStatus,
    "RechargeStatus",
    as_str,
    "What became of a recharge."
);
named!(
    WalletStatus,
    "WalletStatus",
    as_str,
    "Whether a wallet may spend."
);
named!(EntryKind, "EntryKind", as_str, "What changed a wallet.");
named!(
    GrantReason,
    "GrantReason",
    as_str,
    "Why the house gave coins."
);
named!(TargetKind, "TargetKind", as_str, "What a gift is for.");
named!(Tier, "Tier", as_str, "How elaborate a gift is shown.");
named!(Platform, "Platform", as_str, "What an app runs on.");
named!(Channel, "Channel", as_str, "Where an app may sell coins.");

impl<const MAX: usize> JsonSchema for Bounded<MAX> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Bounded{MAX}").into()
    }

    /// A limit in bytes is one in characters for whoever writes ASCII; nothing longer is taken.
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "minLength": 1,
            "maxLength": MAX,
            "x-recharge-max-bytes": MAX,
        })
    }
}

impl<T: JsonSchema> JsonSchema for super::super::Object<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}
