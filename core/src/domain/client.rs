//! The app that a request comes from, and what it may do.
//!
//! What a client says of itself is a claim. It can only make us refuse, and it is no protection:
//! who wants to lie says `web`.

use thiserror::Error;

/// What an app runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Platform {
    /// Apple's phones and tablets.
    Ios,
    /// Google's.
    Android,
    /// A browser.
    Web,
}

impl Platform {
    /// Every platform there is.
    pub const ALL: [Self; 3] = [Self::Ios, Self::Android, Self::Web];

    /// Its name in headers, settings and replies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ios => "ios",
            Self::Android => "android",
            Self::Web => "web",
        }
    }

    /// The platform of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|platform| platform.as_str() == name)
    }
}

/// `major.minor.patch`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AppVersion([u32; 3]);

/// A text that is no version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a version is 1.2.3")]
pub struct AppVersionInvalid;

impl std::str::FromStr for AppVersion {
    type Err = AppVersionInvalid;

    fn from_str(text: &str) -> Result<Self, AppVersionInvalid> {
        let number = |part: &str| {
            let is_number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| part.parse().ok()).flatten()
        };
        let parts: Option<Vec<u32>> = text.split('.').map(number).collect();
        let parts = parts.ok_or(AppVersionInvalid)?;
        Ok(Self(parts.try_into().map_err(|_| AppVersionInvalid)?))
    }
}

impl std::fmt::Display for AppVersion {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [major, minor, patch] = self.0;
        write!(formatter, "{major}.{minor}.{patch}")
    }
}

/// A country whose app store the app came from: ISO 3166-1 alpha-2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Storefront([u8; 2]);

/// A text that is no country.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a storefront is two capital letters")]
pub struct StorefrontInvalid;

impl TryFrom<&str> for Storefront {
    type Error = StorefrontInvalid;

    fn try_from(code: &str) -> Result<Self, StorefrontInvalid> {
        let code: [u8; 2] = code.as_bytes().try_into().map_err(|_| StorefrontInvalid)?;
        let is_code = code.iter().all(u8::is_ascii_uppercase);
        is_code.then_some(Self(code)).ok_or(StorefrontInvalid)
    }
}

impl std::fmt::Display for Storefront {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [first, second] = self.0.map(char::from);
        write!(formatter, "{first}{second}")
    }
}

/// The app that a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client {
    /// What it runs on.
    pub platform: Platform,
    /// Its version; `None` is a current one.
    pub version: Option<AppVersion>,
    /// Whose store it came from, if it says so.
    pub storefront: Option<Storefront>,
}

impl Client {
    /// What a client is that says nothing.
    pub const CURRENT_WEB: Self = Self {
        platform: Platform::Web,
        version: None,
        storefront: None,
    };
}

/// Where an app may sell coins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// Through our checkout.
    StripeWeb,
    /// Through the store's own billing only.
    StoreOnly,
}

impl Channel {
    /// Every way there is.
    pub const ALL: [Self; 2] = [Self::StripeWeb, Self::StoreOnly];

    /// Its name in settings and replies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StripeWeb => "stripe_web",
            Self::StoreOnly => "store_only",
        }
    }
}

/// Where one platform may sell coins, in some storefronts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelRule {
    /// Which platform.
    pub platform: Platform,
    /// Which storefronts; none means all others.
    pub storefronts: Vec<Storefront>,
    /// Where.
    pub channel: Channel,
}

/// What the operator configured about apps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientRules {
    /// The oldest iOS app that may move value.
    pub min_ios: AppVersion,
    /// The oldest Android app.
    pub min_android: AppVersion,
    /// The oldest web client.
    pub min_web: AppVersion,
    /// Where apps may sell coins.
    pub channels: Vec<ChannelRule>,
}

impl ClientRules {
    /// The oldest version that may move value.
    #[must_use]
    pub const fn min_version(&self, platform: Platform) -> AppVersion {
        match platform {
            Platform::Ios => self.min_ios,
            Platform::Android => self.min_android,
            Platform::Web => self.min_web,
        }
    }

    /// Whether the client is new enough to move value.
    #[must_use]
    pub fn admits(&self, client: Client) -> bool {
        let min = self.min_version(client.platform);
        client.version.is_none_or(|version| version >= min)
    }

    /// Where the client may sell coins: as the rule says that names its storefront, else as the
    /// one for all others. A platform without any rule is free; one with rules that say nothing
    /// of this storefront is not.
    #[must_use]
    pub fn channel(&self, client: Client) -> Channel {
        let of_platform = || {
            let rules = self.channels.iter();
            rules.filter(|rule| rule.platform == client.platform)
        };
        let names_it = |rule: &&ChannelRule| {
            let storefront = client.storefront.as_ref();
            storefront.is_some_and(|storefront| rule.storefronts.contains(storefront))
        };
        let named = of_platform().find(names_it);
        let rule = named.or_else(|| of_platform().find(|rule| rule.storefronts.is_empty()));
        match rule {
            Some(rule) => rule.channel,
            None if of_platform().next().is_none() => Channel::StripeWeb,
            None => Channel::StoreOnly,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> AppVersion {
        text.parse().unwrap()
    }

    fn rule(platform: Platform, storefronts: &[&str], channel: Channel) -> ChannelRule {
        let storefronts = storefronts.iter().map(|code| (*code).try_into().unwrap());
        ChannelRule {
            platform,
            storefronts: storefronts.collect(),
            channel,
        }
    }

    fn rules() -> ClientRules {
        ClientRules {
            min_ios: version("3.2.0"),
            min_android: version("1.0.0"),
            min_web: version("1.0.0"),
            channels: vec![
                rule(Platform::Ios, &[], Channel::StoreOnly),
                rule(Platform::Ios, &["US", "DE"], Channel::StripeWeb),
                rule(Platform::Android, &["US"], Channel::StripeWeb),
            ],
        }
    }

    fn client(platform: Platform, version: Option<&str>, storefront: Option<&str>) -> Client {
        Client {
            platform,
            version: version.map(|text| text.parse().unwrap()),
            storefront: storefront.map(|code| code.try_into().unwrap()),
        }
    }

    #[test]
    fn a_version_is_three_numbers_and_compares_by_them() {
        for bad in [
            "",
            "1",
            "1.2",
            "1.2.3.4",
            "1.2.x",
            "+1.2.3",
            "1.2.4294967296",
            "1..2",
        ] {
            assert_eq!(bad.parse::<AppVersion>(), Err(AppVersionInvalid), "{bad}");
        }
        assert!(version("3.10.0") > version("3.9.9"));
        assert_eq!(version("03.2.1").to_string(), "3.2.1");
    }

    #[test]
    fn an_app_older_than_its_platforms_minimum_is_not_admitted() {
        for (platform, version, admitted) in [
            (Platform::Ios, Some("3.1.9"), false),
            (Platform::Ios, Some("3.2.0"), true),
            (Platform::Ios, None, true),
            (Platform::Android, Some("3.1.9"), true),
            (Platform::Web, Some("0.9.0"), false),
        ] {
            let client = client(platform, version, None);
            assert_eq!(rules().admits(client), admitted, "{client:?}");
        }
    }

    #[test]
    fn the_rule_that_names_the_storefront_wins_wherever_it_stands() {
        for (platform, storefront, channel) in [
            (Platform::Ios, Some("US"), Channel::StripeWeb),
            (Platform::Ios, Some("FR"), Channel::StoreOnly),
            (Platform::Ios, None, Channel::StoreOnly),
            (Platform::Android, Some("US"), Channel::StripeWeb),
            (Platform::Android, Some("FR"), Channel::StoreOnly),
            (Platform::Android, None, Channel::StoreOnly),
            (Platform::Web, Some("FR"), Channel::StripeWeb),
        ] {
            let client = client(platform, None, storefront);
            assert_eq!(rules().channel(client), channel, "{client:?}");
        }
    }
}
