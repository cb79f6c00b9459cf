//! `recharge audit`: proves from the stored entries that money was never wrong.

use std::process::ExitCode;

use jiff::SignedDuration;
use recharge_core::{
    adapters::{
        SystemClock,
        dynamodb::{DynamoLedger, DynamoViews},
    },
    app::{self, Audited, Told},
    domain::{Currency, Flow, Totals},
};

use super::{complain, remark, say, views::DynamoDbArguments};

#[derive(Debug, clap::Args)]
pub(super) struct AuditArguments {
    /// The ledger's table: the output LedgerTableName of the stack
    #[arg(
        long,
        value_name = "NAME",
        env = "LEDGER_TABLE",
        default_value = "recharge-ledger"
    )]
    ledger: String,
    /// The table of the views: the output ViewsTableName of the stack
    #[arg(
        long,
        value_name = "NAME",
        env = "VIEWS_TABLE",
        default_value = "recharge-views"
    )]
    views: String,
    #[command(flatten)]
    dynamodb: DynamoDbArguments,
    /// How long a gift may take to its creator, such as 90s or 1h
    #[arg(long, value_name = "TIME", default_value = "5m")]
    lag: SignedDuration,
    /// How much of what is wrong is told; all of it is counted
    #[arg(long, value_name = "N", default_value_t = 100)]
    findings: u64,
}

/// Something is wrong.
const WRONG: u8 = 1;
/// Something could not be read: nothing is proven.
const UNREAD: u8 = 2;
/// Progress is told after so many pages, of 1 MB each.
const PAGES: u64 = 20;

/// Audits both tables, tells what is wrong, and what everything comes to.
pub(super) async fn audit(arguments: AuditArguments) -> ExitCode {
    let client = arguments.dynamodb.client().await;
    let ledger = DynamoLedger::new(client.clone(), arguments.ledger.clone());
    let views = DynamoViews::new(client, arguments.views.clone());
    let (mut told, mut pages) = (0_u64, 0_u64);
    let mut tell = |what: Told<'_>| match what {
        Told::Finding(finding) => {
            told = told.saturating_add(1);
            if told <= arguments.findings {
                say(&finding.to_string());
            }
        }
        Told::Unread(place, why) => say(&format!("{place}: not judged: {why}")),
        Told::Progress(totals) => {
            pages = pages.saturating_add(1);
            if pages.checked_rem(PAGES) == Some(0) {
                remark(&progress(totals));
            }
        }
    };
    let clock = SystemClock::default();
    match app::audit(&ledger, &views, &clock, arguments.lag, &mut tell).await {
        Ok(audited) => {
            if audited.findings > arguments.findings {
                say("… and more; --findings tells more of them");
            }
            say(&table(&audited.totals));
            say(&verdict(&audited));
            code(&audited)
        }
        Err(outage) => {
            let context = format!(
                "tables {} and {}: are their names, the region and the credentials right?",
                arguments.ledger, arguments.views
            );
            complain(&anyhow::Error::new(outage).context(context));
            UNREAD.into()
        }
    }
}

/// What is wrong weighs more than what is unknown.
fn code(audited: &Audited) -> ExitCode {
    match (audited.findings, audited.unread) {
        (0, 0) => ExitCode::SUCCESS,
        (0, _) => UNREAD.into(),
        (_, _) => WRONG.into(),
    }
}

fn verdict(audited: &Audited) -> String {
    let waiting = match audited.quarantined {
        0 => String::new(),
        records => format!("; {records} records wait in quarantine: recharge replay"),
    };
    let verdict = match (audited.findings, audited.unread) {
        (0, 0) => "sound".to_owned(),
        (0, unread) => format!("nothing is wrong, but {unread} could not be judged"),
        (findings, unread) => format!("{findings} findings, {unread} not judged"),
    };
    format!("{verdict}{waiting}")
}

fn progress(totals: &Totals) -> String {
    format!(
        "{} wallets, {} entries, {} received gifts …",
        totals.wallets, totals.entries, totals.received.count
    )
}

fn table(totals: &Totals) -> String {
    let row = |name: &str, count: String, amount: String, unit: &str| {
        format!("{name:<22}{count:>16}{amount:>26}  {unit}")
    };
    let flow = |name: &str, flow: Flow, unit: &str| {
        row(name, flow.count.to_string(), flow.amount.to_string(), unit)
    };
    let mut rows = vec![
        row(
            "wallets",
            totals.wallets.to_string(),
            totals.coins.to_string(),
            "coins held",
        ),
        row("", String::new(), totals.debt.to_string(), "coins owed"),
        row("entries", totals.entries.to_string(), String::new(), ""),
        flow("  in: recharges", totals.recharges, "coins"),
        flow("  in: grants", totals.grants, "coins"),
        flow("  out: gifts", totals.gifts, "coins"),
    ];
    for currency in Currency::ALL {
        if let Some(paid) = totals.settled.get(&currency) {
            let unit = format!("{} in minor units, as priced", currency.code());
            rows.push(flow("recharges settled", *paid, &unit));
        }
    }
    let of_gifts = totals.gifts.count.to_string();
    rows.extend([
        row(
            "gifts sent",
            of_gifts,
            totals.diamonds.to_string(),
            "diamonds",
        ),
        flow("gifts received", totals.received, "diamonds"),
        row(
            "earned",
            String::new(),
            totals.earned.to_string(),
            "diamonds",
        ),
        row(
            "not received yet",
            totals.pending.to_string(),
            String::new(),
            "",
        ),
        row(
            "days not counted yet",
            totals.pending_days.to_string(),
            String::new(),
            "",
        ),
    ]);
    let rows: Vec<_> = rows.iter().map(|row| row.trim_end()).collect();
    rows.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_everything_comes_to_is_a_table() {
        let flow = |count, amount| Flow { count, amount };
        let totals = Totals {
            wallets: 2,
            coins: 130,
            entries: 3,
            recharges: flow(2, 150),
            gifts: flow(1, 20),
            diamonds: 20,
            settled: [(Currency::Usd, flow(2, 198))].into(),
            ..Totals::default()
        };
        let table = table(&totals);
        let lines: Vec<_> = table.lines().collect();
        assert_eq!(
            lines[0],
            "wallets                              2                       130  coins held"
        );
        assert_eq!(
            lines[6],
            "recharges settled                    2                       198  usd in minor units, as priced"
        );
        assert_eq!(lines.len(), 12, "{table}");
    }

    #[test]
    fn the_exit_code_is_the_worst_that_was_seen() {
        let audited = |findings, unread| Audited {
            findings,
            unread,
            ..Audited::default()
        };
        for (findings, unread, expected, said) in [
            (0, 0, 0, "sound"),
            (0, 3, 2, "nothing is wrong, but 3 could not be judged"),
            (2, 3, 1, "2 findings, 3 not judged"),
        ] {
            let audited = audited(findings, unread);
            let code = format!("{:?}", code(&audited));
            assert_eq!(code, format!("{:?}", ExitCode::from(expected)));
            assert_eq!(verdict(&audited), said);
        }
    }
}
