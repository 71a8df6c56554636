//! Where interactions of a class come from: when the next one arrives, and what was drawn for it.

use crate::law::{Draws, Gamma, Sampler};
use crate::model::{Arrivals, Class, Model, Rates, Ready, WorkSampler};
use crate::random::{Purpose, Stream};

/// The interactions of one class in one replication. The n-th is the same whatever the order of service.
pub(super) struct Source<'a> {
    arrivals: Coming<'a>,
    service: Column<'a>,
    after_call: Option<Column<'a>>,
    patience: Option<Column<'a>>,
    /// How many have arrived.
    pub(super) number: u32,
}

/// What was drawn for an interaction.
#[derive(Clone, Copy)]
pub(super) struct Drawn {
    pub(super) service: f64,
    pub(super) after_call: f64,
    pub(super) patience: f64,
}

enum Coming<'a> {
    Poisson(Poisson<'a>),
    Trace { at: &'a [f64], next: usize },
}

/// One number for each interaction.
enum Column<'a> {
    Drawn(Draws<'a>),
    Given { values: &'a [f64], next: usize },
}

/// What stays the same for all classes of a replication.
#[derive(Clone, Copy)]
pub(super) struct Replication {
    pub(super) seed: u64,
    pub(super) number: u64,
}

impl<'a> Source<'a> {
    pub(super) fn new(model: &'a Model, class: usize, replication: Replication) -> Source<'a> {
        let ready = &model.ready;
        let of = &model.spec().classes[class];
        let trace = match &of.arrivals {
            Arrivals::Trace(trace) => Some(trace),
            Arrivals::Poisson(_) => None,
        };
        let given =
            |values: Option<&'a Vec<f64>>| values.map(|values| Column::Given { values, next: 0 });
        let stream = |purpose| replication.stream(purpose, class);
        let drawn = |sampler, purpose| Column::Drawn(Draws::new(sampler, stream(purpose)));
        let after_call = ready.after_call[class].as_ref();
        let patience = ready.patience[class].as_ref();
        Source {
            arrivals: match trace {
                Some(trace) => Coming::Trace {
                    at: &trace.at_secs,
                    next: 0,
                },
                None => Coming::Poisson(Poisson::new(model, class, replication)),
            },
            service: given(trace.and_then(|trace| trace.service_secs.as_ref())).unwrap_or_else(
                || {
                    drawn(
                        sampler(ready, &ready.service[class].sampler),
                        Purpose::Service,
                    )
                },
            ),
            after_call: given(trace.and_then(|trace| trace.after_call_secs.as_ref())).or_else(
                || {
                    let after_call = sampler(ready, &after_call?.sampler);
                    Some(drawn(after_call, Purpose::AfterCall))
                },
            ),
            patience: given(trace.and_then(|trace| trace.patience_secs.as_ref()))
                .or_else(|| Some(drawn(patience?, Purpose::Patience))),
            number: 0,
        }
    }

    /// When the next interaction after one at `now` arrives; infinite: none does.
    #[inline]
    pub(super) fn next_arrival(&mut self, now: f64) -> f64 {
        match &mut self.arrivals {
            Coming::Poisson(poisson) => poisson.next_arrival(now),
            Coming::Trace { at, next } => {
                let coming = at.get(*next).copied().unwrap_or(f64::INFINITY);
                *next += 1;
                coming
            }
        }
    }

    /// What is drawn for the interaction that arrives now.
    #[inline]
    pub(super) fn draw(&mut self) -> Drawn {
        self.number = self.number.wrapping_add(1);
        Drawn {
            service: self.service.next(),
            after_call: self.after_call.as_mut().map_or(0.0, Column::next),
            patience: self.patience.as_mut().map_or(f64::INFINITY, Column::next),
        }
    }
}

/// What is drawn on arrival: the duration, or a number that becomes one when the group is known.
fn sampler<'a>(ready: &'a Ready, work: &'a WorkSampler) -> &'a Sampler {
    match work {
        WorkSampler::Shared(sampler) => sampler,
        WorkSampler::OfGroup(_) => &ready.unit,
    }
}

impl Column<'_> {
    #[inline]
    fn next(&mut self) -> f64 {
        match self {
            Column::Drawn(draws) => draws.next(),
            Column::Given { values, next } => {
                *next += 1;
                values[*next - 1]
            }
        }
    }
}

impl Replication {
    fn stream(self, purpose: Purpose, class: usize) -> Stream {
        Stream::new(self.seed, purpose, &[self.number, class as u64])
    }
}

/// A Poisson process whose rate is constant on pieces.
///
/// What an exponential number of mean 1 leaves over at the end of a piece goes on in the next: the process has no memory.
struct Poisson<'a> {
    gaps: Draws<'a>,
    /// One over the rate of the present piece; infinite where nobody comes.
    mean_gap: f64,
    /// When the present piece ends.
    end: f64,
    /// Nobody comes from here on.
    last: f64,
    pieces: Pieces<'a>,
}

/// The pieces of all cycles, one after the other.
struct Pieces<'a> {
    class: usize,
    class_of: &'a Class,
    replication: Replication,
    rates: &'a Rates,
    cycle_secs: f64,
    busyness_cv: f64,
    /// Where in the cycle the run began.
    offset: f64,
    piece: usize,
    /// Whole cycles since the one in which the run began.
    cycle: u64,
    factor: f64,
}

impl<'a> Poisson<'a> {
    fn new(model: &'a Model, class: usize, replication: Replication) -> Poisson<'a> {
        let spec = model.spec();
        let day_secs = spec.calendar.day_secs;
        let offset = day_secs.map_or(0.0, |day_secs| {
            offset_of_day(replication.number, day_secs, spec.calendar.cycle_secs)
        });
        let rates = model.ready.rates[class].as_ref();
        let rates = rates.unwrap_or(&model.ready.no_rates);
        let mut pieces = Pieces {
            class,
            class_of: &spec.classes[class],
            replication,
            rates,
            cycle_secs: spec.calendar.cycle_secs,
            busyness_cv: spec.busyness_cv,
            offset,
            piece: rates.from.partition_point(|from| *from <= offset) - 1,
            cycle: 0,
            factor: 1.0,
        };
        pieces.draw_factor();
        Poisson {
            gaps: Draws::new(
                &model.ready.gaps,
                replication.stream(Purpose::Arrivals, class),
            ),
            mean_gap: pieces.mean_gap(),
            end: pieces.end(),
            last: day_secs.unwrap_or(f64::INFINITY),
            pieces,
        }
    }

    #[inline]
    fn next_arrival(&mut self, now: f64) -> f64 {
        let gap = self.gaps.next();
        let next = now + gap * self.mean_gap;
        if next < self.end {
            return if next < self.last {
                next
            } else {
                f64::INFINITY
            };
        }
        self.in_a_later_piece(now, gap)
    }

    #[cold]
    fn in_a_later_piece(&mut self, now: f64, gap: f64) -> f64 {
        let (mut now, mut left) = (now, gap);
        loop {
            let next = now + left * self.mean_gap;
            if next < self.end {
                return if next < self.last {
                    next
                } else {
                    f64::INFINITY
                };
            }
            if self.end >= self.last {
                return f64::INFINITY;
            }
            left = (left - (self.end - now) / self.mean_gap).max(0.0);
            now = self.end;
            self.pieces.next();
            self.mean_gap = self.pieces.mean_gap();
            self.end = self.pieces.end();
        }
    }
}

/// Where in the cycle a day lies.
pub(super) fn offset_of_day(day: u64, day_secs: f64, cycle_secs: f64) -> f64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a model's cycle is a whole number of days, at least one"
    )]
    let days = libm::round(cycle_secs / day_secs) as u64;
    (day % std::cmp::max(days, 1)) as f64 * day_secs
}

impl Pieces<'_> {
    /// A rate that never changes, or is never above 0, has one piece without an end.
    fn is_steady(&self) -> bool {
        let is_alike =
            self.rates.from.len() == 1 && self.busyness_cv + self.class_of.busyness_cv <= 0.0;
        is_alike || self.rates.per_sec.iter().all(|rate| *rate <= 0.0)
    }

    fn mean_gap(&self) -> f64 {
        let rate = self.rates.per_sec[self.piece] * self.factor;
        if rate > 0.0 {
            1.0 / rate
        } else {
            f64::INFINITY
        }
    }

    fn end(&self) -> f64 {
        if self.is_steady() {
            return f64::INFINITY;
        }
        let next = self.rates.from.get(self.piece + 1);
        let in_cycle = next.copied().unwrap_or(self.cycle_secs);
        self.cycle as f64 * self.cycle_secs + in_cycle - self.offset
    }

    fn next(&mut self) {
        self.piece += 1;
        if self.piece == self.rates.from.len() {
            self.piece = 0;
            self.cycle += 1;
            self.draw_factor();
        }
    }

    /// How busy the day is: gamma numbers of mean 1, the same for all classes and one for this class alone.
    fn draw_factor(&mut self) {
        let Replication { seed, number } = self.replication;
        let class = self.class as u64;
        let for_all = Stream::new(seed, Purpose::DayForAll, &[number, self.cycle]);
        let for_class = Stream::new(seed, Purpose::DayForClass, &[number, self.cycle, class]);
        self.factor =
            factor(self.busyness_cv, for_all) * factor(self.class_of.busyness_cv, for_class);
    }
}

fn factor(cv: f64, mut stream: Stream) -> f64 {
    if cv > 0.0 {
        Gamma::new(1.0, cv).draw(&mut stream)
    } else {
        1.0
    }
}
