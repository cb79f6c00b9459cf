//! Takes steps out of a program that fails, for as long as it fails (delta debugging).

use super::step::Step;

/// The shortest program that was found to fail still, and how.
pub(crate) fn minimize(
    mut steps: Vec<Step>,
    mut failure: String,
    fails: impl Fn(&[Step]) -> Option<String>,
) -> (Vec<Step>, String) {
    let mut chunk = steps.len().div_ceil(2);
    while chunk > 0 {
        let (mut from, mut shrank) = (0, false);
        while from < steps.len() {
            let mut fewer = steps.clone();
            fewer.drain(from..(from + chunk).min(steps.len()));
            if let Some(still) = fails(&fewer) {
                (steps, failure, shrank) = (fewer, still, true);
            } else {
                from += chunk;
            }
        }
        if !shrank || chunk > 1 {
            chunk /= 2;
        }
    }
    (steps, failure)
}
