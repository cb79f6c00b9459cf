//! Metrics as lines of the log: CloudWatch makes metrics of them by itself, so a function makes no
//! call, and needs no permission, to count.

mod emf;

use std::{
    fmt,
    io::{self, Write as _},
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    app::{
        Clock,
        ports::{Metric, Metrics, NoMetrics},
    },
    config::Settings,
};

/// The namespace of the metrics: the stack's name, so that stages do not mix. Without one nothing
/// is counted.
const NAMESPACE: &str = "METRICS_NAMESPACE";

/// Collects what a call of a function counts, and writes it as one line when the call ends.
pub struct EmbeddedMetrics {
    namespace: String,
    clock: Arc<dyn Clock>,
    noted: Mutex<Vec<(Metric, u64)>>,
    write: Box<Write>,
}

/// Takes a line without its end.
type Write = dyn Fn(&str) + Send + Sync;

impl fmt::Debug for EmbeddedMetrics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("EmbeddedMetrics");
        shown
            .field("namespace", &self.namespace)
            .finish_non_exhaustive()
    }
}

impl EmbeddedMetrics {
    /// Of `namespace`, line by line to `write`.
    pub fn new(
        namespace: &str,
        clock: Arc<dyn Clock>,
        write: impl Fn(&str) + Send + Sync + 'static,
    ) -> Self {
        Self {
            namespace: namespace.to_owned(),
            clock,
            noted: Mutex::default(),
            write: Box::new(write),
        }
    }
}

impl Metrics for EmbeddedMetrics {
    fn add(&self, metric: Metric, value: u64) {
        let noted = self.noted.lock();
        let mut noted = noted.unwrap_or_else(PoisonError::into_inner);
        noted.push((metric, value));
    }

    fn tell(&self) {
        let noted = {
            let noted = self.noted.lock();
            std::mem::take(&mut *noted.unwrap_or_else(PoisonError::into_inner))
        };
        let now = self.clock.now().as_millisecond();
        for document in emf::documents(&self.namespace, now, &noted) {
            (self.write)(&document.to_string());
        }
    }
}

/// As the settings say: to the log of the function, or not at all.
#[must_use]
pub fn metrics(settings: &Settings, clock: &Arc<dyn Clock>) -> Arc<dyn Metrics> {
    match settings.get(NAMESPACE) {
        None => Arc::new(NoMetrics),
        Some(namespace) => Arc::new(EmbeddedMetrics::new(&namespace, Arc::clone(clock), print)),
    }
}

/// Lambda takes what is printed for a line of the log. A line that cannot be written is lost: to
/// count is not worth a failure.
fn print(line: &str) {
    let _ = writeln!(io::stdout().lock(), "{line}");
}
