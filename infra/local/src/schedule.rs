//! The function that runs on a schedule: the reconciler.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, bail};
use recharge_core::adapters::Setup;
use reconcile::{Function, Report};
use tokio::{
    task::JoinHandle,
    time::{MissedTickBehavior, interval},
};

use crate::{settings::LocalSettings, template::Template};

/// Its name in the template.
const NAME: &str = "reconcile";

/// The reconciler: to be run by hand, and by the clock.
#[derive(Debug, Clone)]
pub(crate) struct Reconciler {
    function: Arc<Function>,
    every: Duration,
}

impl Reconciler {
    /// With the variables and the schedule that the template gives it.
    ///
    /// # Errors
    /// If a setting is missing or wrong, or the schedule is one that we cannot keep.
    pub(crate) fn new(
        template: &Template,
        settings: &LocalSettings,
        setup: &Setup,
    ) -> anyhow::Result<Self> {
        let declared = template.functions().iter().find(|one| one.name == NAME);
        let schedules = declared.map(|declared| declared.schedules.as_slice());
        let every = match schedules {
            Some([schedule]) if schedule == "rate(1 minute)" => Duration::from_secs(60),
            other => bail!("template.yaml: the schedule of {NAME} is {other:?}"),
        };
        let setup = Setup {
            settings: settings.of_function(template, NAME),
            ..setup.clone()
        };
        let function = Function::new(&setup).with_context(|| format!("function `{NAME}`"))?;
        Ok(Self {
            function: Arc::new(function),
            every,
        })
    }

    /// Runs once, now.
    pub(crate) async fn run(&self) -> anyhow::Result<Report> {
        Ok(self.function.run().await?)
    }

    /// Runs by the clock until the task is aborted.
    pub(crate) fn keep_running(self) -> JoinHandle<()> {
        tokio::spawn(async move {
            let mut ticks = interval(self.every);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks.tick().await; // The first is at once: nothing can be due yet.
            loop {
                ticks.tick().await;
                if let Err(error) = self.run().await {
                    tracing::warn!("the reconciler ended early: {error:#}");
                }
            }
        })
    }
}
