//! Bills as a person reads them.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::{Bill, Figures, Part, figures::Known};

/// A bill, part by part.
pub(crate) fn bill(bill: &Bill) -> anyhow::Result<String> {
    let mut text = format!("{}\n", bill.title);
    for part in &bill.parts {
        text.push_str(&rows(part)?);
    }
    text.push_str(&row("everything", "", "", &cents(bill.dollars()?)));
    text.push_str(&rows(&bill.monthly)?);
    Ok(text)
}

/// A part, with its sum.
pub(crate) fn rows(part: &Part) -> anyhow::Result<String> {
    let mut text = format!("\n  {}\n", part.title);
    for line in &part.lines {
        let quantity = rounded(line.quantity).normalize().to_string();
        let what = format!("    {}", line.what);
        text.push_str(&row(&what, &quantity, &line.unit, &cents(line.dollars)));
    }
    text.push_str(&row("    =", "", "", &cents(part.dollars()?)));
    Ok(text)
}

/// Dollars as they are shown.
pub(crate) fn cents(dollars: Decimal) -> String {
    format!("{:.2}", rounded(dollars))
}

fn rounded(number: Decimal) -> Decimal {
    number.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

fn row(what: &str, quantity: &str, unit: &str, dollars: &str) -> String {
    format!("{what:<46}{quantity:>14} {unit:<14}{dollars:>9}\n")
}

/// Where the prices are from, and which of them are believed only.
pub(crate) fn sources(figures: &Figures) -> String {
    let prices = &figures.prices;
    let mut text = format!(
        "Prices in US dollars, {}, {}; without free tiers. Believed, not read again: ",
        prices.region, prices.as_of
    );
    let believed = prices
        .all()
        .filter(|(_, price)| price.known == Known::Believed);
    let names: Vec<_> = believed.map(|(name, _)| name).collect();
    text.push_str(&names.join(", "));
    text.push('\n');
    text
}
