//! The progress line: which stage is at work, shown on a terminal when a command takes longer than a second.
//!
//! Stages say what they do with `tracing::info!(target: "onroll::stage", "reading the roll")`; this layer listens, so no
//! room of the corridor knows that anybody watches.

use std::fmt::Debug;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use tracing::field::{Field, Visit};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

/// The target of events that name a stage.
pub const STAGE: &str = "onroll::stage";

/// Work shorter than this shows nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// Listens for stages.
pub struct StageLayer {
    stage: Arc<Mutex<String>>,
}

/// Shows them until it is dropped.
pub struct Progress {
    stop: Option<Sender<()>>,
    painter: Option<JoinHandle<()>>,
}

impl StageLayer {
    /// A layer and the line that shows what it hears.
    pub fn with_progress() -> (Option<StageLayer>, Option<Progress>) {
        let stage = Arc::new(Mutex::new(String::from("working")));
        let (stop, stopped) = channel();
        let shown = Arc::clone(&stage);
        let painter = std::thread::spawn(move || {
            let mut bar: Option<ProgressBar> = None;
            let mut wait = PATIENCE;
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(wait) {
                wait = Duration::from_millis(120);
                let bar = bar.get_or_insert_with(spinner);
                bar.set_message(shown.lock().unwrap_or_else(PoisonError::into_inner).clone());
                bar.tick();
            }
            if let Some(bar) = bar {
                bar.finish_and_clear();
            }
        });
        (
            Some(StageLayer { stage }),
            Some(Progress {
                stop: Some(stop),
                painter: Some(painter),
            }),
        )
    }
}

fn spinner() -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} {msg} ({elapsed})")
        .unwrap_or_else(|_| ProgressStyle::default_spinner());
    ProgressBar::new_spinner().with_style(style)
}

impl<S: tracing::Subscriber> Layer<S> for StageLayer {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == STAGE {
            let mut message = Message(String::new());
            event.record(&mut message);
            *self.stage.lock().unwrap_or_else(PoisonError::into_inner) = message.0;
        }
    }
}

struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(painter) = self.painter.take() {
            // A painter that broke has nothing left to show.
            let _ = painter.join();
        }
    }
}
