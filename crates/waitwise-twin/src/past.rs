//! A past for tests, of a centre that is known: two classes, eight agents, eight to six.

use waitwise_model::Ending;
use waitwise_sim::{
    AgentChoice, Arrivals, Calendar, Class, Ended, Extent, Group, Law, Level, Model, Policy,
    Simulator, Spec, Staffing, Trace, Watch,
};

use crate::dice::Dice;
use crate::seen::{ClassKey, Day, Seen, SeenVisit};

/// Callers of one class, by hour of the day while it is open.
pub(crate) const PER_HOUR: [f64; 2] = [36.0, 9.0];
const HANDLE_SECS: [f64; 2] = [480.0, 600.0];
const PATIENCE_SECS: f64 = 900.0;
const OPEN: f64 = 8.0 * 3600.0;
const CLOSE: f64 = 18.0 * 3600.0;
const AGENTS: u32 = 8;

/// Days of a past, Mondays to Sundays alike.
pub(crate) struct Past {
    pub(crate) n_days: usize,
    pub(crate) seed: u64,
    pub(crate) head_starts_secs: [f64; 2],
    /// From this day on, so many times as many call.
    pub(crate) change: (usize, f64),
}

impl Past {
    pub(crate) fn calm(n_days: usize, seed: u64) -> Past {
        Past {
            n_days,
            seed,
            head_starts_secs: [0.0, 0.0],
            change: (usize::MAX, 1.0),
        }
    }

    pub(crate) fn seen(&self) -> Seen {
        let first: jiff::civil::Date = "2026-01-05".parse().unwrap();
        let mut dice = Dice::new(self.seed);
        let day = |number: usize| {
            let span = jiff::Span::new().days(i64::try_from(number).unwrap());
            let factor = match number >= self.change.0 {
                true => self.change.1,
                false => 1.0,
            };
            Day {
                date: first.saturating_add(span),
                visits: self.day(factor, &mut dice),
            }
        };
        let key = |skill: &str| ClassKey {
            queue: "q".to_owned(),
            skills: vec![skill.to_owned()],
        };
        Seen {
            days: (0..self.n_days).map(day).collect(),
            classes: vec![key("usual"), key("rare")],
            agents: (0..AGENTS).map(|agent| agent.to_string()).collect(),
            n_untold: 0,
            n_cut: 0,
        }
    }

    fn day(&self, factor: f64, dice: &mut Dice) -> Vec<SeenVisit> {
        let traces: Vec<Trace> = (0..2).map(|class| callers(class, factor, dice)).collect();
        let class = |(name, trace): (&str, &Trace)| Class {
            name: name.to_owned(),
            skills: Vec::new(),
            arrivals: Arrivals::Trace(trace.clone()),
            busyness_cv: 0.0,
            service: Law::Deterministic { secs: 1.0 },
            after_call: None,
            patience: None,
            group_order: Vec::new(),
        };
        let spec = Spec {
            classes: ["usual", "rare"]
                .into_iter()
                .zip(&traces)
                .map(class)
                .collect(),
            groups: vec![agents()],
            waiting_room: None,
            agent_choice: AgentChoice::LongestIdle,
            calendar: Calendar {
                cycle_secs: 86_400.0,
                day_secs: Some(86_400.0),
            },
            busyness_cv: 0.0,
            targets_secs: Vec::new(),
        };
        let model = Model::new(spec).unwrap();
        let policy = Policy::head_starts(&self.head_starts_secs).unwrap();
        let mut notes = Notes {
            traces: &traces,
            visits: Vec::new(),
        };
        Simulator::new(&model, &policy).run_watched(1, 0, Extent::Day, &mut notes);
        notes.visits.sort_unstable();
        notes.visits
    }
}

fn agents() -> Group {
    let level = |from_secs, agents| Level { from_secs, agents };
    Group {
        name: "all".to_owned(),
        skills: Vec::new(),
        staffing: Staffing::Levels(vec![level(0.0, 0), level(OPEN, AGENTS), level(CLOSE, 0)]),
        levels: Default::default(),
        proficiency: Default::default(),
        speed: Default::default(),
        service: Default::default(),
        after_call: Default::default(),
    }
}

fn callers(class: usize, factor: f64, dice: &mut Dice) -> Trace {
    let mean_gap = 3600.0 / (PER_HOUR[class] * factor);
    let mut trace = Trace::default();
    let (mut service, mut patience) = (Vec::new(), Vec::new());
    let mut at = OPEN + dice.exponential(mean_gap);
    while at < CLOSE - 1800.0 {
        trace.at_secs.push(at);
        service.push(dice.exponential(HANDLE_SECS[class]));
        patience.push(dice.exponential(PATIENCE_SECS));
        at += dice.exponential(mean_gap);
    }
    trace.service_secs = Some(service);
    trace.patience_secs = Some(patience);
    trace
}

struct Notes<'a> {
    traces: &'a [Trace],
    visits: Vec<SeenVisit>,
}

impl Watch for Notes<'_> {
    fn left(&mut self, class: usize, number: u32, arrived_secs: f64, wait_secs: f64, ended: Ended) {
        let handle_secs = self.traces[class].service_secs.as_ref().unwrap()[number as usize];
        let agent = match ended {
            Ended::Answered(agent) => Some(agent.try_into().unwrap()),
            Ended::Abandoned | Ended::Blocked => None,
        };
        self.visits.push(SeenVisit {
            entered_ms: ms(arrived_secs),
            class: class.try_into().unwrap(),
            ending: match agent {
                Some(_) => Ending::Answered,
                None => Ending::Abandoned,
            },
            wait_ms: ms(wait_secs),
            handle_ms: agent.map(|_| ms(handle_secs)),
            agent,
        });
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "times of one day"
)]
fn ms(secs: f64) -> u32 {
    (secs * 1000.0).round() as u32
}
