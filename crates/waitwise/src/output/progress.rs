//! Progress on stderr: a spinner on a terminal, silence elsewhere.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use waitwise_app::changing::ApplyProgress;
use waitwise_app::files::{self, Input};
use waitwise_app::gather::Event;
use waitwise_app::history;
use waitwise_app::planning::ahead::Step;
use waitwise_app::twin::Stage;
use waitwise_app::weights::search::Phase;
use waitwise_sandbox::export::{Exported, Extent};

/// A line that tells what is going on.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    pub(crate) fn start() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Progress(bar)
    }

    /// Tells what is being done: on a terminal in the spinner's line, and in the log.
    pub(crate) fn say(&self, text: impl Into<String>) {
        let text = text.into();
        self.0.suspend(|| tracing::info!("{text}"));
        self.0.set_message(text);
    }

    /// Tells how much is done, in the spinner's line only.
    pub(crate) fn count(&self, doing: &str, done: u64, of: u64) {
        self.0.set_message(format!("{doing}: {done} of {of}"));
    }

    /// Tells how far the twin is.
    pub(crate) fn twin(&self, stage: Stage, done: u64, of: u64) {
        let doing = match stage {
            Stage::Reading => "reading facts",
            Stage::Judging => "holding the twin against the past",
            Stage::Predicting => "simulating the days to come",
            Stage::Varying => "simulating more and fewer callers and agents",
        };
        self.count(doing, done, of);
    }

    /// Tells how far a plan is with looking ahead.
    pub(crate) fn ahead(&self, step: Step) {
        const MILLION: u64 = 1_000_000;
        let searched = match step {
            Step::Twin(stage, done, of) => return self.twin(stage, done, of),
            Step::Search(searched) => searched,
        };
        let doing = match searched.phase {
            Phase::Starts => "comparing points to begin with",
            Phase::Descent => "going downhill",
            Phase::Finals => "telling the last few apart",
            Phase::Fresh => "simulating the winner on fresh days",
            Phase::Around => "comparing it with others",
        };
        let (done, of) = (searched.simulated / MILLION, searched.budget / MILLION);
        self.count(
            &format!("searching, {doing}, million interactions"),
            done,
            of,
        );
    }

    /// Tells about reading.
    pub(crate) fn gathering(&self, event: &Event) {
        match event {
            Event::FetchingHistory => self.say("reading the history"),
            // The log has every page's request.
            Event::HistoryPage(pull) => self.0.set_message(format!(
                "reading the history: {} groups on {} pages",
                pull.entities, pull.pages
            )),
            Event::Comparing => self.say("comparing with the tenant's aggregates"),
            Event::FetchingSkills => self.say("reading the skills"),
            Event::FetchingRule => self.say("reading the routing rule"),
            Event::HistoryRead { .. } => {}
        }
    }

    /// Tells about pulling.
    pub(crate) fn pulling(&self, event: &history::Event) {
        match event {
            history::Event::Days(n_days) => self.say(format!("reading {n_days} days")),
            history::Event::Page {
                day,
                number,
                records,
            } => self
                .0
                .set_message(format!("reading {day}: page {number}, {records} records")),
            history::Event::DayDone(day) => self.say(format!("{day} is read")),
            history::Event::Comparing => self.say("comparing with the tenant's aggregates"),
        }
    }

    /// Tells about writing a simulated history.
    pub(crate) fn exporting(&self, so_far: &Exported, extent: Extent) {
        let megabytes = so_far.bytes / 1_000_000;
        self.0.set_message(match extent {
            Extent::Bytes(all) => format!("{megabytes} of {} MB", all.div_ceil(1_000_000)),
            Extent::Days(all) => format!("{} of {all} days, {megabytes} MB", so_far.days),
        });
    }

    /// Tells about writing.
    pub(crate) fn applying(&self, progress: &ApplyProgress) {
        match progress {
            ApplyProgress::Checking => self.say("comparing the tenant with the plan"),
            ApplyProgress::Writing { object } => self.say(format!("writing {object}")),
            ApplyProgress::Retrying { object, wait, .. } => {
                self.say(format!("looking at {object} again in {} s", wait.as_secs()));
            }
            ApplyProgress::Verifying { object } => self.say(format!("reading {object} back")),
            ApplyProgress::Unchanged
            | ApplyProgress::Confirmed { .. }
            | ApplyProgress::UndoneAlready { .. }
            | ApplyProgress::KeepingOthersEdits { .. } => {}
        }
    }

    /// Writes a line without disturbing the spinner.
    pub(crate) fn line(&self, write: impl FnOnce()) {
        self.0.suspend(write);
    }
}

/// A line that tells how much of some files has been read, how fast, and how long it will take.
#[derive(Clone)]
pub(crate) struct Reading(ProgressBar);

impl Reading {
    /// Tells of reading these inputs, as long as `work` does it.
    pub(crate) fn of<T>(inputs: &[Input], work: impl FnOnce(&files::Progress) -> T) -> T {
        let reading = Reading::start(inputs.iter().map(Input::bytes).sum());
        let told = reading.clone();
        let done = work(&(Arc::new(move |n_bytes| told.read(n_bytes)) as files::Progress));
        reading.end();
        done
    }

    /// `bytes`: how many there are in all; `None` if nobody can tell.
    pub(crate) fn start(bytes: Option<u64>) -> Self {
        let bar = ProgressBar::with_draw_target(bytes, ProgressDrawTarget::stderr());
        let template = match bytes {
            Some(_) => "{spinner} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left",
            None => "{spinner} {bytes}, {bytes_per_sec}, {elapsed}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Reading(bar)
    }

    /// So many bytes more have been read.
    pub(crate) fn read(&self, n_bytes: u64) {
        self.0.inc(n_bytes);
    }

    /// Takes the line away.
    pub(crate) fn end(&self) {
        self.0.finish_and_clear();
    }
}

/// A line that tells how many days are written.
#[derive(Clone, Default)]
pub(crate) struct Days(Arc<OnceLock<ProgressBar>>);

impl Days {
    /// Tells about an import that has read everything.
    pub(crate) fn importing(&self, event: history::ImportEvent) {
        match event {
            history::ImportEvent::Days(n) => self.start(n as u64),
            history::ImportEvent::DayDone => {
                if let Some(bar) = self.0.get() {
                    bar.inc(1);
                }
            }
        }
    }

    fn start(&self, n_days: u64) {
        let bar = self.0.get_or_init(|| {
            ProgressBar::with_draw_target(Some(n_days), ProgressDrawTarget::stderr())
        });
        let template = "{spinner} writing facts: {pos} of {len} days, {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
    }

    /// Takes the line away.
    pub(crate) fn end(&self) {
        if let Some(bar) = self.0.get() {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
