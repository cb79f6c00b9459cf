//! One call of `deliver`: the events it waits for and what became of them.

use std::collections::HashSet;

use crate::delivery::{DeliverNow, DeliveryReport, Undelivered};

/// A call of `deliver` that is not answered yet.
#[derive(Debug)]
pub(crate) struct Batch {
    waiting: HashSet<String>,
    report: DeliveryReport,
    reply: DeliverNow,
}

impl Batch {
    /// Waits for these events.
    pub(crate) fn new(ids: &[String], reply: DeliverNow) -> Self {
        Self {
            waiting: ids.iter().cloned().collect(),
            report: DeliveryReport::default(),
            reply,
        }
    }

    /// Notes how one event ended, if this call waits for it.
    pub(crate) fn note(&mut self, id: &str, kind: &str, error: Option<&str>) {
        if !self.waiting.remove(id) {
            return;
        }
        match error {
            None => self.report.delivered = self.report.delivered.saturating_add(1),
            Some(error) => self.report.failed.push(Undelivered {
                id: id.to_owned(),
                kind: kind.to_owned(),
                error: error.to_owned(),
            }),
        }
    }

    /// Answers the call if nothing is left to wait for; gives it back otherwise.
    pub(crate) fn answer_if_done(self) -> Option<Self> {
        if !self.waiting.is_empty() {
            return Some(self);
        }
        // The caller may have gone; the events were delivered all the same.
        let _ = self.reply.send(self.report);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::oneshot;

    #[test]
    fn a_batch_answers_when_its_last_event_ended() {
        let (reply, mut answer) = oneshot::channel();
        let mut batch = Batch::new(&["evt_1".into(), "evt_2".into()], reply);
        batch.note("evt_other", "charge.failed", None);
        batch.note("evt_1", "charge.failed", None);
        batch = batch.answer_if_done().unwrap();
        assert!(answer.try_recv().is_err());
        batch.note("evt_2", "charge.failed", Some("status 500"));
        assert!(batch.answer_if_done().is_none());
        let report = answer.try_recv().unwrap();
        assert_eq!((report.delivered, report.failed.len()), (1, 1));
        assert!(!report.is_complete());
    }
}
