//! From units to dollars.

use rust_decimal::Decimal;

use crate::{
    Figures, Price,
    sum::{product, quotient, total},
};

/// Lambda gives a function a whole processor at so many MB.
const MB_OF_ONE_CPU: u32 = 1_769;
/// And hands its share out in periods of so many milliseconds.
const PERIOD_MS: u32 = 20;
/// Bills are of a million.
const MILLION: u32 = 1_000_000;
/// Minutes of a month of 730 hours.
const MINUTES: u32 = 43_800;

/// One line of a bill.
#[derive(Debug, Clone)]
pub struct Line {
    /// What for.
    pub what: String,
    /// How much of it.
    pub quantity: Decimal,
    /// Of what.
    pub unit: String,
    /// What it costs.
    pub dollars: Decimal,
}

/// Lines that belong together.
#[derive(Debug, Clone)]
pub struct Part {
    /// What they are.
    pub title: &'static str,
    /// The lines.
    pub lines: Vec<Line>,
}

impl Part {
    /// What the part costs.
    ///
    /// # Errors
    /// If it is too large.
    pub fn dollars(&self) -> anyhow::Result<Decimal> {
        total(self.lines.iter().map(|line| line.dollars))
    }
}

/// All parts.
#[derive(Debug, Clone)]
pub struct Bill {
    /// What it is for.
    pub title: String,
    /// What is paid once.
    pub parts: Vec<Part>,
    /// What is paid each month from then on.
    pub monthly: Part,
}

impl Bill {
    /// What all parts cost.
    ///
    /// # Errors
    /// If it is too large.
    pub fn dollars(&self) -> anyhow::Result<Decimal> {
        let parts: Vec<_> = self
            .parts
            .iter()
            .map(Part::dollars)
            .collect::<Result<_, _>>()?;
        total(parts)
    }
}

/// What calls of one function consume.
#[derive(Debug, Clone, Copy)]
struct Work<'a> {
    what: &'a str,
    /// How the files call it.
    operation: &'a str,
    calls: &'a [String],
    /// Units of everything, not of one call.
    reads: Decimal,
    writes: Decimal,
    /// How often the function is called.
    times: Decimal,
}

/// Gifts of which the relay gets so many in a batch, to so many creators.
///
/// # Errors
/// If a figure is missing or too large.
pub fn gifts(figures: &Figures, batch: u32, creators: u32) -> anyhow::Result<Bill> {
    let million = Decimal::from(MILLION);
    let gift = figures.units.operation("gift")?;
    let relay = figures.units.relayed(batch, creators)?;
    let batches = quotient(million, batch.into())?;
    let sent = Work {
        what: "gifts",
        operation: "gift",
        calls: &gift.calls,
        reads: product([gift.reads, million])?,
        writes: product([gift.writes, million])?,
        times: million,
    };
    let relayed = Work {
        what: "relay",
        operation: "relay",
        calls: &relay.calls,
        reads: product([relay.reads, million])?,
        writes: product([relay.writes, million])?,
        times: batches,
    };
    let mut request = vec![figures.line("http_api", "HTTP API", million)?];
    request.extend(figures.work(&sent)?);
    let bytes = figures.assumed.bytes;
    let lines = [
        figures.gigabytes("logs", "access log", million, bytes.access_line)?,
        figures.gigabytes(
            "logs",
            "Lambda's log lines, gifts",
            million,
            bytes.platform_lines,
        )?,
        figures.gigabytes(
            "logs",
            "Lambda's log lines, relay",
            batches,
            bytes.platform_lines,
        )?,
        figures.gigabytes(
            "logs",
            "metrics as lines, gifts",
            million,
            bytes.metrics_line,
        )?,
        figures.gigabytes(
            "logs",
            "metrics as lines, relay",
            batches,
            bytes.metrics_line,
        )?,
        figures.gigabytes("transfer", "answers", million, bytes.answer)?,
    ];
    Ok(Bill {
        title: format!("A million gifts; batches of the relay have {batch} gifts to {creators}"),
        parts: vec![
            part("on the request's path", request),
            part("behind it: the relay", figures.work(&relayed)?),
            part("to see it, and to answer", lines.into()),
        ],
        monthly: figures.kept(million, bytes.gift_stored)?,
    })
}

/// Recharges that are started, paid, told of by one webhook, and looked at by the buyer who comes back.
///
/// # Errors
/// If a figure is missing or too large.
pub fn recharges(figures: &Figures) -> anyhow::Result<Bill> {
    let million = Decimal::from(MILLION);
    let mut parts = Vec::new();
    for (title, operation) in [
        ("asking for a recharge", "recharge_start"),
        ("Stripe's webhook, which settles it", "settlement"),
        ("the page that the buyer comes back to", "return_page"),
    ] {
        let measured = figures.units.operation(operation)?;
        let mut lines = vec![figures.line("http_api", "HTTP API", million)?];
        lines.extend(figures.work(&Work {
            what: operation,
            operation,
            calls: &measured.calls,
            reads: product([measured.reads, million])?,
            writes: product([measured.writes, million])?,
            times: million,
        })?);
        parts.push(part(title, lines));
    }
    let bytes = figures.assumed.bytes;
    let requests = product([million, Decimal::from(3)])?;
    let twice = product([million, Decimal::TWO])?;
    parts.push(part(
        "to see it, and to answer",
        vec![
            figures.gigabytes("logs", "access log", requests, bytes.access_line)?,
            figures.gigabytes("logs", "Lambda's log lines", requests, bytes.platform_lines)?,
            // Of the start and of the settlement.
            figures.gigabytes("logs", "metrics as lines", twice, bytes.metrics_line)?,
            figures.gigabytes("logs", "our own log line", million, bytes.own_line)?,
            figures.gigabytes("transfer", "answers", requests, bytes.answer)?,
        ],
    ));
    Ok(Bill {
        title: "A million recharges".to_owned(),
        parts,
        monthly: figures.kept(million, bytes.recharge_stored)?,
    })
}

/// A stack, each month, besides what is sent: an idle relay is not called at all.
///
/// # Errors
/// If a figure is missing or too large.
pub fn idle_month(figures: &Figures) -> anyhow::Result<Part> {
    let minutes = Decimal::from(MINUTES);
    let measured = figures.units.operation("reconcile_idle")?;
    let mut lines = vec![
        figures.line("secrets", "secrets", figures.assumed.secrets().into())?,
        figures.line("alarms", "alarms", figures.stack.alarmed_metrics.into())?,
        figures.line(
            "custom_metrics",
            "metrics, once told",
            figures.assumed.metrics().into(),
        )?,
        figures.line("dashboards", "the board", figures.stack.dashboards.into())?,
        figures.line("scheduler", "the reconciler's schedule", minutes)?,
    ];
    lines.extend(figures.work(&Work {
        what: "reconciler",
        operation: "reconcile_idle",
        calls: &measured.calls,
        reads: product([measured.reads, minutes])?,
        writes: product([measured.writes, minutes])?,
        times: minutes,
    })?);
    let bytes = figures.assumed.bytes;
    let logged = u32::checked_add(bytes.platform_lines, bytes.own_line).unwrap_or(u32::MAX);
    lines.push(figures.gigabytes("logs", "its log lines", minutes, logged)?);
    Ok(part("A stack, each month, whatever is sent", lines))
}

fn part(title: &'static str, lines: Vec<Line>) -> Part {
    Part { title, lines }
}

impl Figures {
    /// How long one call of a function is billed, in milliseconds: what it waits for, and its
    /// processor time. Calls are taken to follow one another.
    ///
    /// # Errors
    /// If a figure is missing or too large.
    pub fn billed_ms(&self, operation: &str, calls: &[String]) -> anyhow::Result<Decimal> {
        let assumed = &self.assumed;
        let stripe = Decimal::from(assumed.stripe_calls(operation));
        let waits = calls.iter().map(|call| assumed.wait_ms.of(call));
        let all = waits.chain([
            product([stripe, assumed.wait_ms.stripe])?,
            self.processing_ms(assumed.cpu_ms(operation)?)?,
        ]);
        Ok(total(all)?.ceil())
    }

    /// How long so much processor time takes with a function's share of a processor.
    fn processing_ms(&self, cpu_ms: Decimal) -> anyhow::Result<Decimal> {
        let share = quotient(self.stack.memory_mb.into(), MB_OF_ONE_CPU.into())?;
        let at_once = product([share, PERIOD_MS.into()])?;
        if cpu_ms <= at_once {
            return Ok(cpu_ms);
        }
        quotient(cpu_ms, share)
    }

    /// Calls of a function, and what they consume of DynamoDB.
    fn work(&self, work: &Work<'_>) -> anyhow::Result<Vec<Line>> {
        let ms = self.billed_ms(work.operation, work.calls)?;
        let memory = quotient(self.stack.memory_mb.into(), 1_024.into())?;
        let seconds = quotient(product([work.times, ms])?, 1_000.into())?;
        let what = work.what;
        let mb = self.stack.memory_mb;
        Ok(vec![
            self.line("lambda_requests", &format!("Lambda, {what}"), work.times)?,
            self.line(
                "lambda_arm64",
                &format!("Lambda, {what}: {ms} ms at {mb} MB"),
                product([seconds, memory])?,
            )?,
            self.line("dynamodb_writes", &format!("DynamoDB, {what}"), work.writes)?,
            self.line("dynamodb_reads", &format!("DynamoDB, {what}"), work.reads)?,
        ])
    }

    /// What stays stored.
    fn kept(&self, items: Decimal, bytes: u32) -> anyhow::Result<Part> {
        Ok(part(
            "and each month that it is kept",
            vec![
                self.gigabytes("dynamodb_storage", "DynamoDB, stored", items, bytes)?,
                self.gigabytes("dynamodb_recovery", "point-in-time recovery", items, bytes)?,
            ],
        ))
    }

    fn gigabytes(
        &self,
        price: &str,
        what: &str,
        times: Decimal,
        bytes: u32,
    ) -> anyhow::Result<Line> {
        let bytes = product([times, bytes.into()])?;
        self.line(price, what, quotient(bytes, Decimal::from(1_000_000_000))?)
    }

    fn line(&self, price: &str, what: &str, quantity: Decimal) -> anyhow::Result<Line> {
        let Price { usd, per, unit, .. } = self.prices.price(price)?;
        Ok(Line {
            what: what.to_owned(),
            quantity,
            unit: unit.clone(),
            dollars: quotient(product([quantity, *usd])?, *per)?,
        })
    }
}
