//! Who plays.

use std::{fs, path::Path};

use anyhow::{Context, ensure};
use serde::{Deserialize, Serialize};

/// Fans with coins, and creators who take gifts.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Players {
    /// The fans.
    pub fans: Vec<Fan>,
    /// The ids of the creators.
    pub creators: Vec<String>,
}

/// A fan.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fan {
    /// Who.
    pub user: String,
    /// What proves it: the file is its owner's alone.
    pub token: String,
}

impl std::fmt::Debug for Fan {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.user) // Never the token.
    }
}

impl Players {
    /// From a file.
    ///
    /// # Errors
    /// If it cannot be read, or lacks fans or creators.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let named = || path.display().to_string();
        let text = fs::read_to_string(path).with_context(named)?;
        let players: Self = serde_json::from_str(&text).with_context(named)?;
        let is_complete = !players.fans.is_empty() && !players.creators.is_empty();
        ensure!(is_complete, "{}: no fans or no creators", named());
        Ok(players)
    }
}
