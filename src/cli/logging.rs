//! The log on standard error. It names stages, counts and files, never a person.

use std::io::IsTerminal;

use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{Layer, fmt};

use super::args::{Form, Global};
use super::progress::{Progress, StageLayer};
use super::screen::wants_colour;
use super::stages::StageClock;

/// Starts the log and, where somebody watches, the progress line. The value returned ends the latter.
pub fn start(global: &Global) -> Option<Progress> {
    let level = match (global.quiet, global.verbose) {
        (true, _) => LevelFilter::ERROR,
        (false, 0) => LevelFilter::WARN,
        (false, 1) => LevelFilter::INFO,
        (false, 2) => LevelFilter::DEBUG,
        (false, _) => LevelFilter::TRACE,
    };
    let terminal = std::io::stderr().is_terminal();
    let log = match global.log {
        Form::Json => fmt::layer()
            .json()
            .with_writer(std::io::stderr)
            .without_time()
            .boxed(),
        Form::Text => fmt::layer()
            .with_writer(std::io::stderr)
            .without_time()
            .with_target(false)
            .with_ansi(wants_colour(terminal))
            .boxed(),
    };
    // A log that is shown and a line that redraws itself would write over each other.
    let watched = terminal
        && !global.no_progress
        && !global.quiet
        && level <= LevelFilter::WARN
        && global.log == Form::Text;
    let (layer, progress) = if watched {
        StageLayer::with_progress()
    } else {
        (None, None)
    };
    // Only a second call could fail, and a log more or less decides nothing.
    let _ = tracing::subscriber::set_global_default(
        tracing_subscriber::registry()
            .with(log.with_filter(level))
            .with(layer)
            .with(StageClock),
    );
    progress
}
