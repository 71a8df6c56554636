//! A centre's unchanging facts: what its callers want and when, who its agents are and when they work.
//!
//! All is drawn from the seed; the staffing is then dimensioned for the drawn load (see `staffing` and `rehearsal`), so that each seed
//! gives a centre that is busy but not overrun.

use super::calendar::{DAY, DayKind, MINUTE, SLOT, SLOTS, kind_of};
use super::contact::Queue;
use super::draw::{Stream, whole};
use super::rehearsal;
use super::troubles::Troubles;

/// Everything about a centre that does not change as time passes.
#[derive(Clone, Debug)]
pub(crate) struct Blueprint {
    /// Names all random streams of the centre.
    pub(crate) seed: u64,
    /// Opening hours Monday to Friday.
    pub(crate) working: Hours,
    /// Opening hours on Saturday.
    pub(crate) short: Hours,
    /// Per queue and skill with callers; those of the target queue come first, in order of skill.
    pub(crate) demands: Vec<Demand>,
    /// Per queue, the two skills that some callers ask for together; twice the same where there is but one.
    pub(crate) pairs: [(u16, u16); 2],
    /// How long a telephone rings before its agent answers; the same always, so that who is rung first is answered first.
    pub(crate) ring_ms: u32,
    /// Everybody who answers.
    pub(crate) agents: Vec<Agent>,
    /// Spread of the factor by which a day is busier than usual for all skills: sigma of its logarithm.
    pub(crate) day_sigma: f64,
    /// Codes that stand for no skill.
    pub(crate) stray_codes: Vec<u16>,
    /// Share of answered calls that get one of them.
    pub(crate) stray_share: f64,
    /// What happens in it that is left out of most models.
    pub(crate) troubles: Troubles,
}

/// Opening hours in half-hours since midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hours {
    pub(crate) open: usize,
    pub(crate) close: usize,
}

/// What callers for one skill of one queue want.
#[derive(Clone, Debug)]
pub(crate) struct Demand {
    /// The queue called.
    pub(crate) queue: Queue,
    /// The skill asked for.
    pub(crate) skill: u16,
    /// Expected callers by weekday from Monday and half-hour; 0 while closed.
    pub(crate) calls_per_slot: [[f64; SLOTS]; 7],
    /// Spread of the factor by which a day is busier than usual for this skill alone: sigma of its logarithm.
    pub(crate) day_sigma: f64,
    /// Mean talk time.
    pub(crate) talk_mean_secs: f64,
    /// Sigma of the talk time's logarithm.
    pub(crate) talk_sigma: f64,
    /// Mean after-call work.
    pub(crate) after_call_mean_secs: f64,
    /// Weibull scale of patience.
    pub(crate) patience_scale_secs: f64,
    /// Weibull shape of patience.
    pub(crate) patience_shape: f64,
    /// Share of callers who never give up.
    pub(crate) endlessly_patient_share: f64,
    /// Codes for this skill, each with its share of calls; the shares add up to 1.
    pub(crate) codes: Vec<(u16, f64)>,
}

/// Somebody who answers calls.
#[derive(Clone, Debug)]
pub(crate) struct Agent {
    /// One to four skills, rarely more where few others are at work.
    pub(crate) skills: Vec<u16>,
    /// The queues served: the own one first, then the other one for those who serve both.
    pub(crate) queues: Vec<Queue>,
    /// By weekday from Monday: the stretches of work, with the lunch break between them.
    pub(crate) duties: [Vec<Duty>; 7],
}

/// A stretch of work, in milliseconds since local midnight; its end is exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Duty {
    pub(crate) start: i64,
    pub(crate) end: i64,
}

/// Codes as the tenant names them: per skill with callers its codes with their shares, and those for no skill.
#[derive(Clone, Debug)]
pub(crate) struct CodeShares {
    pub(crate) by_skill: Vec<Vec<(u16, f64)>>,
    pub(crate) stray: Vec<u16>,
}

/// In what a centre is to be unlike what its seed draws.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ways {
    /// Callers of the target queue on an average working day; `None`: as drawn.
    pub(crate) calls_a_day: Option<u32>,
    pub(crate) troubles: Troubles,
}

impl Blueprint {
    /// Draws the centre of `seed` for these codes; it is staffed for its callers and its troubles.
    pub(crate) fn draw(seed: u64, codes: CodeShares, ways: Ways) -> Blueprint {
        let mut stream = Stream::new(seed, "blueprint", &[]);
        let open = stream.pick(15, 17);
        let working = Hours {
            open,
            close: stream.pick(36, 40),
        };
        let short = Hours {
            open: open + 2,
            close: open + 2 + stream.pick(9, 11),
        };
        let drawn = stream.between(CALLS_A_DAY.0, CALLS_A_DAY.1);
        let calls_a_day = ways.calls_a_day.map_or(drawn, f64::from);
        let shares = volume_shares(codes.by_skill.len(), &mut stream);
        let lines = (0..).zip(shares).zip(&codes.by_skill);
        let mut demands: Vec<Demand> = lines
            .map(|((skill, share), codes)| Line {
                queue: Queue::Target,
                skill,
                calls_a_day: share * calls_a_day,
                codes: codes.clone(),
            })
            .map(|line| line.demand(working, short, &mut stream))
            .collect();
        let pair = (0, u16::from(demands.len() > 1));
        let (further, other_pair) = other_queue(seed, calls_a_day, &codes.by_skill);
        let further = further
            .into_iter()
            .map(|(line, mut own)| line.demand(working, short, &mut own));
        demands.extend(further);
        let mut blueprint = Blueprint {
            seed,
            working,
            short,
            demands,
            pairs: [pair, other_pair],
            ring_ms: whole(1_000.0 * stream.between(1.5, 4.0)),
            agents: Vec::new(),
            day_sigma: 0.06,
            stray_codes: codes.stray,
            stray_share: 0.04,
            troubles: ways.troubles,
        };
        rehearsal::staff(&mut blueprint);
        blueprint
    }

    /// What callers of one queue want.
    pub(crate) fn demands_of(&self, queue: Queue) -> impl Iterator<Item = &Demand> + Clone {
        self.demands
            .iter()
            .filter(move |demand| demand.queue == queue)
    }

    /// Skills with callers in any queue: all of them have some in the target queue.
    pub(crate) fn n_skills(&self) -> usize {
        self.demands_of(Queue::Target).count()
    }

    /// Opening hours of a kind of day.
    pub(crate) fn hours(&self, kind: DayKind) -> Hours {
        hours(kind, self.working, self.short)
    }
}

/// Callers of the target queue on an average working day, over all skills: enough for about 15 to 40 agents.
const CALLS_A_DAY: (f64, f64) = (700.0, 1_350.0);

/// Monday is the busiest day of most centres, and the load falls off towards the weekend.
const WEEKDAY_FACTORS: [f64; 7] = [1.12, 1.03, 0.98, 0.97, 0.90, 0.32, 0.0];

/// Opening hours of a kind of day, given those of its two open kinds.
pub(crate) fn hours(kind: DayKind, working: Hours, short: Hours) -> Hours {
    match kind {
        DayKind::Working => working,
        DayKind::Short => short,
        DayKind::Closed => Hours { open: 0, close: 0 },
    }
}

/// Shares of the callers, largest first, adding up to 1 and clearly different.
fn volume_shares(n_skills: usize, stream: &mut Stream) -> Vec<f64> {
    let ratio = stream.between(0.66, 0.80);
    let mut size = 1.0;
    let mut sizes = Vec::with_capacity(n_skills);
    for _ in 0..n_skills {
        sizes.push(size);
        size *= ratio * stream.between(0.93, 1.07);
    }
    let total: f64 = sizes.iter().sum();
    sizes.iter().map(|size| size / total).collect()
}

impl Hours {
    /// Milliseconds since midnight after which no call is accepted: a quarter of an hour before closing, so that the
    /// queue drains.
    pub(crate) fn last_entry(self) -> i64 {
        self.close as i64 * SLOT - 15 * MINUTE
    }
}

/// The other queue's lines, each with its own stream, and its pair of skills: two or three of the target queue's skills.
fn other_queue(
    seed: u64,
    target_calls_a_day: f64,
    codes: &[Vec<(u16, f64)>],
) -> (Vec<(Line, Stream)>, (u16, u16)) {
    let mut stream = Stream::new(seed, "other queue", &[]);
    let calls_a_day = target_calls_a_day * stream.between(0.30, 0.45);
    let n_lines = std::cmp::min(stream.pick(2, 3), codes.len());
    let shares = volume_shares(n_lines, &mut stream);
    // From the target queue's rarer skills on: what is asked for often in one queue is not in the other.
    let first = codes.len() - n_lines;
    let lines: Vec<(Line, Stream)> = (first..)
        .filter_map(|skill| u16::try_from(skill).ok())
        .zip(shares)
        .map(|(skill, share)| {
            let line = Line {
                queue: Queue::Other,
                skill,
                calls_a_day: share * calls_a_day,
                codes: codes[usize::from(skill)].clone(),
            };
            (line, Stream::new(seed, "other queue", &[u64::from(skill)]))
        })
        .collect();
    let at = |place: usize| {
        lines
            .get(place)
            .or(lines.first())
            .map_or(0, |(line, _)| line.skill)
    };
    let pair = (at(0), at(1));
    (lines, pair)
}

/// How many callers one skill of one queue has.
struct Line {
    queue: Queue,
    skill: u16,
    calls_a_day: f64,
    codes: Vec<(u16, f64)>,
}

impl Line {
    fn demand(self, working: Hours, short: Hours, stream: &mut Stream) -> Demand {
        let peaks = Peaks::draw(stream);
        let calls_per_slot = std::array::from_fn(|weekday| {
            let hours = hours(kind_of(weekday), working, short);
            let factor = WEEKDAY_FACTORS[weekday] * stream.between(0.96, 1.04);
            peaks.spread(self.calls_a_day * factor, hours)
        });
        Demand {
            queue: self.queue,
            skill: self.skill,
            calls_per_slot,
            day_sigma: stream.between(0.04, 0.10),
            talk_mean_secs: stream.between(200.0, 400.0),
            talk_sigma: stream.between(0.55, 0.85),
            after_call_mean_secs: stream.between(20.0, 70.0),
            patience_scale_secs: stream.between(500.0, 1_100.0),
            patience_shape: stream.between(0.7, 1.1),
            endlessly_patient_share: stream.between(0.15, 0.35),
            codes: self.codes,
        }
    }
}

impl Demand {
    /// Mean time an agent spends on a call.
    pub(crate) fn handle_mean_secs(&self) -> f64 {
        self.talk_mean_secs + self.after_call_mean_secs
    }

    /// The code at `point` (0.0..1.0) when the codes are laid side by side, each as long as its share.
    pub(crate) fn pick_code(&self, point: f64) -> u16 {
        let mut end = 0.0;
        let mut last = self.codes[0].0;
        for (code, share) in &self.codes {
            last = *code;
            end += share;
            if point < end {
                break;
            }
        }
        last
    }
}

/// A day's busy hours: two humps over a steady base, at fractions of the opening hours.
struct Peaks {
    at: [f64; 2],
    height: [f64; 2],
}

impl Peaks {
    fn draw(stream: &mut Stream) -> Peaks {
        let usual = [stream.between(0.22, 0.32), stream.between(0.58, 0.70)];
        // One skill in four has its busy hours late, such as after work.
        let at = if stream.chance(0.25) {
            [stream.between(0.45, 0.55), stream.between(0.78, 0.88)]
        } else {
            usual
        };
        Peaks {
            at,
            height: [stream.between(0.8, 1.6), stream.between(0.5, 1.3)],
        }
    }

    /// Spreads `calls` over the half-hours of `hours`.
    fn spread(&self, calls: f64, hours: Hours) -> [f64; SLOTS] {
        let length = hours.close.saturating_sub(hours.open) as f64;
        let mut slots: [f64; SLOTS] = std::array::from_fn(|slot| {
            if (hours.open..hours.close).contains(&slot) {
                self.level((slot - hours.open) as f64 / length)
            } else {
                0.0
            }
        });
        let total: f64 = slots.iter().sum();
        if total > 0.0 {
            slots.iter_mut().for_each(|slot| *slot *= calls / total);
        }
        slots
    }

    fn level(&self, at: f64) -> f64 {
        let hump = |peak: usize| {
            let distance = (at - self.at[peak]) / 0.12;
            self.height[peak] * libm::exp(-distance * distance / 2.0)
        };
        1.0 + hump(0) + hump(1)
    }
}

impl Agent {
    /// Whether the agent takes calls at this time of day.
    pub(crate) fn on_duty(&self, weekday: usize, time_of_day: i64) -> bool {
        self.duties[weekday]
            .iter()
            .any(|duty| (duty.start..duty.end).contains(&time_of_day))
    }
}

/// The end of the duty of those who close the centre: they stay until nobody waits any more.
pub(crate) const UNTIL_DRAINED: i64 = DAY;
