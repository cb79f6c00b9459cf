//! `CREATOR#<id>` / `DAY#<date>#<lane>`, in the views.

use jiff::civil::Date;
use serde::Deserialize;

use super::{Attributes, Unreadable, read};
use crate::domain::{Accrued, Tally};

/// What one row of a creator's day holds. It is only ever added to.
#[derive(Debug, Deserialize)]
pub(in super::super) struct EarningsItem {
    #[serde(rename = "SK")]
    sk: String,
    live: i64,
    live_gifts: i64,
    video: i64,
    video_gifts: i64,
    /// Of the row for corrections: how many there were.
    #[serde(default)]
    corrections: u64,
}

impl EarningsItem {
    pub(in super::super) fn read(attributes: Attributes) -> Result<Self, Unreadable> {
        read("earnings row", attributes)
    }

    /// The day that the key names.
    pub(in super::super) fn date(&self) -> Result<Date, Unreadable> {
        let date = self
            .sk
            .strip_prefix("DAY#")
            .and_then(|rest| rest.split_once('#')?.0.parse().ok());
        date.ok_or_else(|| Unreadable::new("earnings row", "its key"))
    }

    pub(in super::super) const fn tally(&self) -> Tally {
        Tally {
            live: Accrued {
                diamonds: self.live,
                gifts: self.live_gifts,
            },
            video: Accrued {
                diamonds: self.video,
                gifts: self.video_gifts,
            },
        }
    }

    pub(in super::super) const fn corrections(&self) -> u64 {
        self.corrections
    }
}
