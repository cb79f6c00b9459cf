//! `recharge replay` and `recharge rebuild`: what an operator does when the relay could not.

use anyhow::{Context, bail};
use aws_sdk_dynamodb::Client;
use jiff::{Span, civil::Date};
use recharge_core::{
    adapters::{
        SystemClock,
        dynamodb::{self, DynamoViews},
    },
    app::{
        Clock, DayComparison, RebuildError, Replayed, compare_day, correct_day, replay_quarantine,
    },
    config::Settings,
    domain::{CreatorDay, Tally, UserId, utc_date},
};

use super::say;

/// Where the views are.
#[derive(Debug, clap::Args)]
pub(super) struct ViewsArguments {
    /// The table of the views: the output ViewsTableName of the stack
    #[arg(
        long,
        value_name = "NAME",
        env = "VIEWS_TABLE",
        default_value = "recharge-views"
    )]
    table: String,
    #[command(flatten)]
    dynamodb: DynamoDbArguments,
}

/// Which DynamoDB.
#[derive(Debug, clap::Args)]
pub(super) struct DynamoDbArguments {
    /// The DynamoDB that has the tables, such as the one that `recharge` prints [default: AWS's]
    #[arg(long, value_name = "URL", env = "DYNAMODB_ENDPOINT")]
    dynamodb_endpoint: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct ReplayArguments {
    /// The first day to look at, in UTC [default: 30 days ago]
    #[arg(long, value_name = "DATE")]
    since: Option<Date>,
    #[command(flatten)]
    views: ViewsArguments,
}

#[derive(Debug, clap::Args)]
pub(super) struct RebuildArguments {
    /// Whose earnings
    #[arg(value_parser = creator)]
    creator: UserId,
    /// Which day of them, in UTC
    #[arg(long, value_name = "DATE")]
    day: Date,
    /// Correct the earnings; without it nothing is changed
    #[arg(long)]
    apply: bool,
    #[command(flatten)]
    views: ViewsArguments,
}

fn creator(text: &str) -> Result<UserId, String> {
    UserId::try_from(text).map_err(|error| error.to_string())
}

impl DynamoDbArguments {
    /// A client for it.
    pub(super) async fn client(&self) -> Client {
        let endpoint = self.dynamodb_endpoint.as_deref();
        match endpoint.filter(|endpoint| !endpoint.is_empty()) {
            // An emulator takes any credentials, and nobody should need some for it.
            Some(endpoint) => crate::dynamodb::client(endpoint, None, None),
            None => dynamodb::client(&Settings::from_environment()).await,
        }
    }
}

impl ViewsArguments {
    async fn open(&self) -> DynamoViews {
        DynamoViews::new(self.dynamodb.client().await, self.table.clone())
    }

    fn unreachable(&self) -> String {
        format!(
            "table {}: are its name, the region and the credentials right?",
            self.table
        )
    }
}

/// Applies what is in quarantine.
pub(super) async fn replay(arguments: ReplayArguments) -> anyhow::Result<()> {
    let (views, clock) = (arguments.views.open().await, SystemClock::default());
    let today = utc_date(clock.now());
    let month_ago = || today.saturating_sub(Span::new().days(30));
    let since = arguments.since.unwrap_or_else(month_ago);
    if since > today {
        bail!("--since {since}: that is in the future");
    }
    let (mut applied, mut left) = (0_u64, 0_u64);
    // This machine's clock may be behind.
    let last = today.tomorrow().unwrap_or(today);
    // Records are kept under the day on which they happened, or on which they came.
    for day in since
        .series(Span::new().days(1))
        .take_while(|day| *day <= last)
    {
        let replayed = replay_quarantine(&views, &clock, day).await;
        for (sequence, outcome) in replayed.with_context(|| arguments.views.unreachable())? {
            match outcome {
                Replayed::Applied(gift) => {
                    applied = applied.saturating_add(1);
                    let (id, creator) = (&gift.sent.id, gift.creator());
                    say(&format!("{day} {sequence}: applied {id} to {creator}"));
                }
                Replayed::Moved => {
                    left = left.saturating_add(1);
                    say(&format!(
                        "{day} {sequence}: applied meanwhile, or something was in the way: replay again"
                    ));
                }
                Replayed::Unreadable(reason) => {
                    left = left.saturating_add(1);
                    say(&format!("{day} {sequence}: still cannot be read: {reason}"));
                }
            }
        }
    }
    say(&format!(
        "since {since}: {applied} applied, {left} left; --since looks at earlier days"
    ));
    if left > 0 {
        bail!("{left} records were not applied; what is above says why");
    }
    Ok(())
}

/// Compares a day's earnings with what was received, and corrects them if asked to.
pub(super) async fn rebuild(arguments: RebuildArguments) -> anyhow::Result<()> {
    let views = arguments.views.open().await;
    let day = CreatorDay {
        creator: arguments.creator,
        date: arguments.day,
    };
    let explained = |error| match error {
        RebuildError::Unavailable(outage) => {
            anyhow::Error::new(outage).context(arguments.views.unreachable())
        }
        other @ (RebuildError::Busy | RebuildError::Waiting | RebuildError::Moved) => other.into(),
    };
    let compared = compare_day(&views, &day).await.map_err(explained)?;
    say(&table(&day, &compared));
    if compared.is_equal() && compared.received == Tally::default() {
        say("nothing was received on that day; is the creator's id right?");
    } else if compared.is_equal() {
        say("the earnings are what was received");
    } else if arguments.apply {
        let corrected = correct_day(&views, &day, &compared).await;
        corrected.map_err(explained)?;
        say("corrected");
    } else {
        say("nothing was changed; --apply adds the difference to the earnings");
    }
    Ok(())
}

fn table(day: &CreatorDay, compared: &DayComparison) -> String {
    let row = |name: &str, tally: Tally| {
        let (live, video) = (tally.live, tally.video);
        format!(
            "{name:<12}{:>14}{:>10}{:>14}{:>10}",
            live.diamonds, live.gifts, video.diamonds, video.gifts
        )
    };
    [
        format!("{} on {}, in diamonds and gifts", day.creator, day.date),
        format!(
            "{:<12}{:>14}{:>10}{:>14}{:>10}",
            "", "live", "gifts", "video", "gifts"
        ),
        row("received", compared.received),
        row("earned", compared.earned),
        row("difference", compared.difference),
    ]
    .join("\n")
}

#[cfg(test)]
mod tests {
    use recharge_core::domain::Accrued;

    use super::*;

    #[test]
    fn a_comparison_is_a_table() {
        let tally = |live, video| Tally {
            live: Accrued {
                diamonds: live,
                gifts: 2,
            },
            video: Accrued {
                diamonds: video,
                gifts: 0,
            },
        };
        let day = CreatorDay {
            creator: "bob".try_into().unwrap(),
            date: "2026-11-22".parse().unwrap(),
        };
        let compared = DayComparison {
            received: tally(1_200, 0),
            earned: tally(1_000, 0),
            difference: tally(200, 0),
            corrections: 0,
            waits_since: None,
        };
        let lines: Vec<_> = table(&day, &compared).lines().map(str::to_owned).collect();
        assert_eq!(lines[0], "bob on 2026-11-22, in diamonds and gifts");
        assert_eq!(
            lines[2],
            "received              1200         2             0         0"
        );
        assert!(
            lines.iter().skip(1).all(|line| line.len() == 60),
            "{lines:?}"
        );
    }
}
