//! Text that users write.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A short message with a sent gift: 1 to 200 characters, no control characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Message(String);

/// A message that is empty, too long or has control characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a message is 1 to 200 characters without control characters")]
pub struct MessageInvalid;

impl Message {
    /// The most characters (Unicode scalar values; up to four bytes each).
    pub const LENGTH_MAX: usize = 200;

    /// The message as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Message {
    type Error = MessageInvalid;

    fn try_from(text: String) -> Result<Self, MessageInvalid> {
        // Counts one more at most: the length of a hostile text does not matter.
        let length = text
            .chars()
            .take(Self::LENGTH_MAX.saturating_add(1))
            .count();
        if length == 0 || length > Self::LENGTH_MAX || text.chars().any(char::is_control) {
            return Err(MessageInvalid);
        }
        Ok(Self(text))
    }
}

impl From<Message> for String {
    fn from(message: Message) -> Self {
        message.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_counted_in_characters() {
        assert!(Message::try_from("🌹".repeat(200)).is_ok());
        for bad in [
            String::new(),
            "a".repeat(201),
            "a\u{0}".to_owned(),
            "a\nb".to_owned(),
        ] {
            assert_eq!(Message::try_from(bad), Err(MessageInvalid));
        }
    }
}
