//! Mistakes that a system might make, made around the real one: the comparison must find each.

/// A planted mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plant {
    /// Each try of a gift is another gift.
    KeysAreForgotten,
    /// Webhooks are acknowledged, and nothing is done; nor does anybody reconcile.
    NobodyHears,
    /// A frozen wallet spends.
    FreezesAreIgnored,
    /// What was relayed is forgotten, so that what comes again counts again.
    MarksAreForgotten,
    /// A wallet is given a coin that no entry tells of.
    CoinsFromNowhere,
}
