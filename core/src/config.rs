//! Settings: read once, at start, and all mistakes told at once.

use std::{fmt, sync::Arc};

use thiserror::Error;

/// Where settings come from: the environment in Lambda, a map in the local server.
#[derive(Clone)]
pub struct Settings(Arc<Lookup>);

type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

impl fmt::Debug for Settings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Settings") // Values may be secret.
    }
}

/// Every setting that is missing or wrong. Values are not repeated: they may be secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("settings: {}", .0.join("; "))]
pub struct SettingsInvalid(Vec<String>);

impl Settings {
    /// From the process's environment.
    #[must_use]
    pub fn from_environment() -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the one place that reads it"
        )]
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    /// From anything that knows settings by name.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(lookup))
    }

    /// A setting by its name; empty counts as absent, because `sam local` can only override
    /// variables that the template declares.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<String> {
        let text = (self.0)(name)?;
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// Reads what `build` asks for. It should ask for everything before it gives up with `?`,
    /// so that one message lists all that is wrong.
    ///
    /// # Errors
    /// [`SettingsInvalid`] with every setting that was asked for and is missing or wrong.
    pub fn read<T>(
        &self,
        build: impl FnOnce(&mut Reading<'_>) -> Option<T>,
    ) -> Result<T, SettingsInvalid> {
        let mut reading = Reading {
            settings: self,
            problems: Vec::new(),
        };
        let built = build(&mut reading);
        match built {
            Some(built) if reading.problems.is_empty() => Ok(built),
            _ => Err(SettingsInvalid(reading.problems)),
        }
    }
}

/// One reading of settings, with the mistakes found so far.
#[derive(Debug)]
pub struct Reading<'a> {
    settings: &'a Settings,
    problems: Vec<String>,
}

impl Reading<'_> {
    /// How many mistakes were found so far.
    #[must_use]
    pub const fn problem_count(&self) -> usize {
        self.problems.len()
    }

    /// Notes a mistake that is about more than one setting; `problem` must not repeat a value.
    pub fn mistake(&mut self, name: &str, problem: impl fmt::Display) {
        self.problems.push(format!("{name}: {problem}"));
    }

    /// A setting that may be absent.
    pub fn optional<T, E: fmt::Display>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.settings.get(name)?;
        match parse(&text) {
            Ok(value) => Some(value),
            Err(problem) => {
                self.mistake(name, problem);
                None
            }
        }
    }

    /// A setting that must be there.
    pub fn required<T, E: fmt::Display>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let before = self.problems.len();
        let value = self.optional(name, parse);
        if value.is_none() && self.problems.len() == before {
            self.mistake(name, "missing");
        }
        value
    }

    /// A text that must be there.
    pub fn text(&mut self, name: &str) -> Option<String> {
        self.required(name, |text| Ok::<_, SettingsInvalid>(text.to_owned()))
    }

    /// A list separated by commas, with at least one item.
    pub fn list<T, E: fmt::Display>(
        &mut self,
        name: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<Vec<T>> {
        self.required(name, |text| items(text, &parse))
    }

    /// A list separated by commas, which may be empty.
    pub fn list_or_empty<T, E: fmt::Display>(
        &mut self,
        name: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<Vec<T>> {
        let before = self.problems.len();
        let list = self
            .optional(name, |text| items(text, &parse))
            .unwrap_or_default();
        (self.problems.len() == before).then_some(list)
    }
}

fn items<T, E: fmt::Display>(
    text: &str,
    parse: &impl Fn(&str) -> Result<T, E>,
) -> Result<Vec<T>, E> {
    text.split(',').map(|item| parse(item.trim())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        Settings::from_lookup(|name| match name {
            "NUMBER" => Some("x1".to_owned()),
            "LIST" => Some("1, 2,3".to_owned()),
            "EMPTY" => Some("  ".to_owned()),
            _ => None,
        })
    }

    #[test]
    fn one_message_lists_every_mistake_and_repeats_no_value() {
        let read = settings().read(|reading| {
            let number = reading.required("NUMBER", |text| text.parse::<u8>());
            let missing = reading.text("MISSING");
            let empty = reading.text("EMPTY");
            Some((number?, missing?, empty?))
        });
        let message = read.unwrap_err().to_string();
        let expected =
            "settings: NUMBER: invalid digit found in string; MISSING: missing; EMPTY: missing";
        assert_eq!(message, expected);
    }

    #[test]
    fn lists_are_separated_by_commas() {
        let read = settings().read(|reading| reading.list("LIST", |item| item.parse::<u8>()));
        assert_eq!(read.unwrap(), [1, 2, 3]);
        let read = settings().read(|reading| reading.list_or_empty("EMPTY", |i| i.parse::<u8>()));
        assert_eq!(read.unwrap(), Vec::<u8>::new());
    }
}
