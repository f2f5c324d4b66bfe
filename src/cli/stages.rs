//! How long each stage takes. Stages say that they begin, with a `stage` of one word beside their message; each lasts until
//! the next one begins. Nothing is decided by these times.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use tracing::field::{Field, Visit};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use super::progress::STAGE;
use crate::workspace::StageTime;

/// The stages of this process since the last night began, with their beginnings.
static BEGUN: Mutex<Vec<(String, Instant)>> = Mutex::new(Vec::new());

/// The word with which a night begins.
const FIRST: &str = "intake";

/// Listens for stages.
pub struct StageClock;

impl<S: tracing::Subscriber> Layer<S> for StageClock {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() != STAGE {
            return;
        }
        let mut word = Word(None);
        event.record(&mut word);
        let Some(stage) = word.0 else { return };
        let mut begun = BEGUN.lock().unwrap_or_else(PoisonError::into_inner);
        if stage == FIRST {
            begun.clear();
        }
        begun.push((stage, Instant::now()));
    }
}

struct Word(Option<String>);

impl Visit for Word {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "stage" {
            self.0 = Some(value.to_owned());
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

/// Every stage so far and how long it took, the one at work up to now.
pub fn so_far() -> Vec<StageTime> {
    let begun = BEGUN.lock().unwrap_or_else(PoisonError::into_inner);
    let ends = begun.iter().skip(1).map(|(_, at)| *at);
    let ends = ends.chain(std::iter::once(Instant::now()));
    let time = |((stage, at), end): (&(String, Instant), Instant)| StageTime {
        stage: stage.clone(),
        ms: u64::try_from((end - *at).as_millis()).unwrap_or(u64::MAX),
    };
    begun.iter().zip(ends).map(time).collect()
}

/// Says the times in the log: one line each.
pub fn tell() {
    for StageTime { stage, ms } in so_far() {
        tracing::info!("{stage:<10}{:>8}.{:03} s", ms / 1000, ms % 1000);
    }
}
