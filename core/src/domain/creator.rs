//! Creators: users who accepted the terms and can receive gifts.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::UserId;

/// A user who accepted the creator terms. Its row is what makes somebody a creator; there is no
/// scope for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Creator {
    /// Who: the same id as the user's.
    pub id: UserId,
    /// What fans see.
    pub display_name: DisplayName,
    /// Where they live, which later decides how they can be paid.
    pub country: Country,
    /// The terms that they accepted last.
    pub terms_version: String,
    /// When they accepted those.
    pub accepted_at: Timestamp,
    /// Whether they take gifts now.
    pub is_accepting: bool,
    /// When they became a creator.
    pub created_at: Timestamp,
    /// How often it was written; 1 after the first time.
    pub version: u64,
}

/// What a user says of themself to become a creator, or to change it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatorRequest {
    /// What fans shall see.
    pub display_name: DisplayName,
    /// Where they live.
    pub country: Country,
    /// The terms that they accept.
    pub terms_version: String,
}

impl Creator {
    /// What `id` is after the request; `None` if that is what `current` says already. Whoever
    /// becomes a creator takes gifts; whoever paused before stays so.
    #[must_use]
    pub fn asked_for(
        id: &UserId,
        request: &CreatorRequest,
        current: Option<&Self>,
        at: Timestamp,
    ) -> Option<Self> {
        let CreatorRequest {
            display_name,
            country,
            terms_version,
        } = request.clone();
        let same_terms = current.filter(|current| current.terms_version == terms_version);
        let asked = Self {
            id: id.clone(),
            display_name,
            country,
            terms_version,
            accepted_at: same_terms.map_or(at, |current| current.accepted_at),
            is_accepting: current.is_none_or(|current| current.is_accepting),
            created_at: current.map_or(at, |current| current.created_at),
            version: current.map_or(0, |current| current.version),
        };
        (Some(&asked) != current).then(|| asked.written())
    }

    /// The creator paused or resumed; `None` if they are so already.
    #[must_use]
    pub fn with_accepting(&self, is_accepting: bool) -> Option<Self> {
        let changed = Self {
            is_accepting,
            ..self.clone()
        };
        (changed != *self).then(|| changed.written())
    }

    fn written(self) -> Self {
        Self {
            version: self.version.saturating_add(1),
            ..self
        }
    }
}

/// Who a gift would go to, as far as sending it depends on that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recipient {
    /// No creator.
    Nobody,
    /// One who paused, or who blocked this sender. Senders are not told which.
    NotAccepting,
    /// One who takes gifts of this sender.
    Accepting,
}

impl Recipient {
    /// What a stored creator, if any, and their block of the sender amount to.
    #[must_use]
    pub fn of(creator: Option<&Creator>, is_sender_blocked: bool) -> Self {
        match creator {
            None => Self::Nobody,
            Some(creator) if creator.is_accepting && !is_sender_blocked => Self::Accepting,
            Some(_) => Self::NotAccepting,
        }
    }
}

/// What fans see of a creator: 1 to 50 characters without control characters, not only spaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DisplayName(String);

/// A name that is empty, too long or has control characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a display name is 1 to 50 characters without control characters, not only spaces")]
pub struct DisplayNameInvalid;

impl DisplayName {
    /// The most characters (Unicode scalar values; up to four bytes each).
    pub const LENGTH_MAX: usize = 50;

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for DisplayName {
    type Error = DisplayNameInvalid;

    fn try_from(text: String) -> Result<Self, DisplayNameInvalid> {
        // Counts one more at most: the length of a hostile text does not matter.
        let most = Self::LENGTH_MAX.saturating_add(1);
        let length = text.chars().take(most).count();
        let is_empty = text.trim().is_empty();
        if is_empty || length > Self::LENGTH_MAX || text.chars().any(char::is_control) {
            return Err(DisplayNameInvalid);
        }
        Ok(Self(text))
    }
}

impl From<DisplayName> for String {
    fn from(name: DisplayName) -> Self {
        name.0
    }
}

/// A country: a code of ISO 3166-1 alpha-2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country([u8; 2]);

/// A text that is no country.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a country is a code of ISO 3166-1 alpha-2, such as US")]
pub struct CountryInvalid;

/// Every code that is officially assigned. Source: <https://www.iso.org/iso-3166-country-codes.html>.
const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI \
    BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY \
    CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN \
    GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH \
    KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO \
    MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL \
    PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV \
    SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN \
    VU WF WS YE YT ZA ZM ZW";

impl TryFrom<String> for Country {
    type Error = CountryInvalid;

    fn try_from(code: String) -> Result<Self, CountryInvalid> {
        let is_assigned = COUNTRIES
            .split_ascii_whitespace()
            .any(|known| known == code);
        let letters = code.as_bytes().try_into().ok().filter(|_| is_assigned);
        letters.map(Self).ok_or(CountryInvalid)
    }
}

impl From<Country> for String {
    fn from(country: Country) -> Self {
        country.to_string()
    }
}

impl fmt::Display for Country {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second] = self.0.map(char::from);
        write!(formatter, "{first}{second}")
    }
}

#[cfg(test)]
#[path = "creator_tests.rs"]
mod tests;
