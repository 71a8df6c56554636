//! A model made ready to run: names have become numbers, sets of classes and groups bits, working hours a list of changes.

use super::{AgentChoice, Arrivals, Class, Group, Level, Spec, Staffing};
use crate::law::{Law, Sampler};
use crate::random::Stream;

/// What the engine reads.
#[derive(Clone, Debug)]
pub(crate) struct Ready {
    /// Per group, as bits: the classes that its agents take.
    pub(crate) serves: Vec<Vec<u64>>,
    /// Per class: the groups that may be given it, best first.
    pub(crate) able: Vec<Able>,
    pub(crate) service: Vec<Service>,
    pub(crate) after_call: Vec<Option<Service>>,
    pub(crate) patience: Vec<Option<Sampler>>,
    /// Per class; `None` for a trace.
    pub(crate) rates: Vec<Option<Rates>>,
    /// For classes without rates.
    pub(crate) no_rates: Rates,
    /// The law of gaps between arrivals where the rate is 1 a second.
    pub(crate) gaps: Sampler,
    /// What is drawn where a duration cannot be known before the group is.
    pub(crate) unit: Sampler,
    /// Per agent: the group.
    pub(crate) group_of: Vec<u32>,
    /// Per group: its first agent; one more entry ends the last group.
    pub(crate) first_agent: Vec<u32>,
    /// Per group: how many are wanted before anything changes; `None` for persons with working hours.
    pub(crate) wanted: Vec<Option<u32>>,
    /// What changes in the course of a cycle, in the order in which it happens.
    pub(crate) changes: Vec<Change>,
}

/// Sets of groups, best first; each is words of bits.
#[derive(Clone, Debug)]
pub(crate) struct Able {
    pub(crate) tiers: Vec<Vec<u64>>,
}

/// How long a class keeps agents, and by how much that differs between groups.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    pub(crate) sampler: WorkSampler,
    /// Per group: what a drawn duration is multiplied by.
    pub(crate) factor: Vec<f64>,
}

/// Where an interaction's duration comes from. It is drawn when the interaction arrives, so that it depends on nothing
/// that an order of service does.
#[derive(Clone, Debug)]
pub(crate) enum WorkSampler {
    /// All groups have one law but for its scale: a duration is drawn.
    Shared(Sampler),
    /// Laws differ in kind: a number in 0..1 is drawn, and what it means for a group is worked out when the group is known.
    OfGroup(Vec<Sampler>),
}

/// A Poisson process's rate on the pieces of a cycle.
#[derive(Clone, Debug)]
pub(crate) struct Rates {
    pub(crate) from: Vec<f64>,
    pub(crate) per_sec: Vec<f64>,
}

/// Something that changes at a time of the cycle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Change {
    pub(crate) at: f64,
    pub(crate) kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    /// This agent is to leave.
    Leaves(u32),
    /// This group is to have so many, which is fewer than before.
    Fewer { group: u32, agents: u32 },
    /// This group is to have so many, which is no fewer than before.
    More { group: u32, agents: u32 },
    /// This agent begins to work.
    Comes(u32),
}

impl Ready {
    /// Takes a model that has been checked.
    pub(super) fn of(spec: &Spec) -> Ready {
        let serves: Vec<Vec<u64>> = spec.groups.iter().map(|group| taken(spec, group)).collect();
        let (group_of, first_agent) = agents(&spec.groups);
        let changes = changes(&spec.groups, &first_agent);
        Ready {
            able: (0..spec.classes.len())
                .map(|class| able(spec, class, &serves))
                .collect(),
            service: spec
                .classes
                .iter()
                .map(|class| service(spec, class))
                .collect(),
            after_call: spec
                .classes
                .iter()
                .map(|class| after_call(spec, class))
                .collect(),
            patience: spec
                .classes
                .iter()
                .map(|class| class.patience.as_ref().map(Sampler::of_patience))
                .collect(),
            rates: spec.classes.iter().map(rates).collect(),
            no_rates: Rates {
                from: vec![0.0],
                per_sec: vec![0.0],
            },
            gaps: Sampler::Exponential(1.0),
            unit: Sampler::Unit,
            serves,
            group_of,
            first_agent,
            wanted: spec.groups.iter().map(wanted).collect(),
            changes,
        }
    }
}

/// How many words hold `n` bits.
pub(crate) fn words(n: usize) -> usize {
    n.div_ceil(64)
}

/// Whether bit `place` is set.
pub(crate) fn bit(words: &[u64], place: usize) -> bool {
    words[place / 64] >> (place % 64) & 1 == 1
}

fn set(words: &mut [u64], place: usize) {
    words[place / 64] |= 1 << (place % 64);
}

fn taken(spec: &Spec, group: &Group) -> Vec<u64> {
    let mut taken = vec![0; words(spec.classes.len())];
    for (place, class) in spec.classes.iter().enumerate() {
        if class
            .skills
            .iter()
            .all(|skill| group.skills.contains(skill))
        {
            set(&mut taken, place);
        }
    }
    taken
}

fn able(spec: &Spec, class: usize, serves: &[Vec<u64>]) -> Able {
    let of = &spec.classes[class];
    let mut groups: Vec<(f64, usize)> = (0..spec.groups.len())
        .filter(|group| bit(&serves[*group], class))
        .map(|group| (standing(spec, of, &spec.groups[group]), group))
        .collect();
    groups.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
    let mut tiers: Vec<Vec<u64>> = Vec::new();
    let mut last = f64::NAN;
    for (standing, group) in groups {
        if standing.total_cmp(&last).is_ne() || tiers.is_empty() {
            tiers.push(vec![0; words(spec.groups.len())]);
        }
        last = standing;
        if let Some(tier) = tiers.last_mut() {
            set(tier, group);
        }
    }
    Able { tiers }
}

/// The lower, the sooner an agent of the group is chosen.
fn standing(spec: &Spec, class: &Class, group: &Group) -> f64 {
    match spec.agent_choice {
        AgentChoice::LongestIdle => 0.0,
        AgentChoice::GroupPreference => {
            let place = class
                .group_order
                .iter()
                .position(|name| *name == group.name);
            place.unwrap_or(class.group_order.len()) as f64
        }
        AgentChoice::Proficiency => {
            let of = |skill| group.proficiency.get(skill).copied().unwrap_or(0.0);
            let total: f64 = class.skills.iter().map(of).sum();
            // Adding zero makes a negative zero a positive one, which compares as itself.
            -total / class.skills.len().clamp(1, usize::MAX) as f64 + 0.0
        }
    }
}

fn service(spec: &Spec, class: &Class) -> Service {
    if matches!(&class.arrivals, Arrivals::Trace(trace) if trace.service_secs.is_some()) {
        return given(spec, class);
    }
    let laws = spec.groups.iter().map(|group| {
        let own = group.service.get(&class.name);
        own.unwrap_or(&class.service).clone()
    });
    work(spec, class, &class.service, laws.collect())
}

fn after_call(spec: &Spec, class: &Class) -> Option<Service> {
    let none = Law::Deterministic { secs: 0.0 };
    let base = class.after_call.as_ref();
    let own = |group: &Group| group.after_call.get(&class.name).cloned();
    let is_any = base.is_some() || spec.groups.iter().any(|group| own(group).is_some());
    if matches!(&class.arrivals, Arrivals::Trace(trace) if trace.after_call_secs.is_some()) {
        return Some(given(spec, class));
    }
    if !is_any {
        return None;
    }
    let base = base.unwrap_or(&none);
    let laws = spec
        .groups
        .iter()
        .map(|group| own(group).unwrap_or(base.clone()));
    Some(work(spec, class, base, laws.collect()))
}

fn speeds(spec: &Spec, class: &Class) -> Vec<f64> {
    let speed = |group: &Group| group.speed.get(&class.name).copied().unwrap_or(1.0);
    spec.groups.iter().map(speed).collect()
}

/// Durations that come with each interaction: what laws say does not count.
fn given(spec: &Spec, class: &Class) -> Service {
    let factor = speeds(spec, class).into_iter().map(|speed| 1.0 / speed);
    Service {
        sampler: WorkSampler::Shared(Sampler::Constant(0.0)),
        factor: factor.collect(),
    }
}

fn work(spec: &Spec, class: &Class, base: &Law, laws: Vec<Law>) -> Service {
    let speeds = speeds(spec, class);
    let multiples: Option<Vec<f64>> = laws
        .iter()
        .map(|law| {
            if law == base {
                Some(1.0)
            } else {
                law.multiple_of(base)
            }
        })
        .collect();
    match multiples {
        Some(multiples) => Service {
            sampler: WorkSampler::Shared(Sampler::of(base)),
            factor: multiples
                .iter()
                .zip(&speeds)
                .map(|(multiple, speed)| multiple / speed)
                .collect(),
        },
        None => Service {
            sampler: WorkSampler::OfGroup(laws.iter().map(Sampler::of).collect()),
            factor: speeds.iter().map(|speed| 1.0 / speed).collect(),
        },
    }
}

impl Service {
    /// How long an interaction keeps an agent of `group`, given what was drawn for it.
    #[inline]
    pub(crate) fn secs(&self, drawn: f64, group: usize) -> f64 {
        let secs = match &self.sampler {
            WorkSampler::Shared(_) => drawn,
            WorkSampler::OfGroup(samplers) => {
                samplers[group].draw(&mut Stream::of_word(drawn.to_bits()))
            }
        };
        secs * self.factor[group]
    }
}

fn rates(class: &Class) -> Option<Rates> {
    match &class.arrivals {
        Arrivals::Trace(_) => None,
        Arrivals::Poisson(rates) => Some(Rates {
            from: rates.iter().map(|rate| rate.from_secs).collect(),
            per_sec: rates.iter().map(|rate| rate.per_hour / 3_600.0).collect(),
        }),
    }
}

fn agents(groups: &[Group]) -> (Vec<u32>, Vec<u32>) {
    let mut group_of = Vec::new();
    let mut first_agent = vec![0];
    for (group, of) in (0..).zip(groups) {
        for _ in 0..super::check::most(&of.staffing) {
            group_of.push(group);
        }
        first_agent.push(u32::try_from(group_of.len()).unwrap_or(u32::MAX));
    }
    (group_of, first_agent)
}

fn changes(groups: &[Group], first_agent: &[u32]) -> Vec<Change> {
    let mut changes = Vec::new();
    for ((group, of), first) in (0..).zip(groups).zip(first_agent) {
        match &of.staffing {
            Staffing::Always(_) => {}
            Staffing::Levels(levels) => level_changes(group, levels, &mut changes),
            Staffing::Shifts(shifts) => {
                let persons = shifts
                    .iter()
                    .flat_map(|shift| std::iter::repeat_n(shift, shift.agents as usize));
                for (agent, shift) in (*first..).zip(persons) {
                    for (from, to) in &shift.stretches_secs {
                        changes.push(Change {
                            at: *from,
                            kind: Kind::Comes(agent),
                        });
                        changes.push(Change {
                            at: *to,
                            kind: Kind::Leaves(agent),
                        });
                    }
                }
            }
        }
    }
    changes.sort_by(|one, other| {
        one.at
            .total_cmp(&other.at)
            .then(one.kind.order().cmp(&other.kind.order()))
    });
    changes
}

fn wanted(group: &Group) -> Option<u32> {
    match &group.staffing {
        Staffing::Always(agents) => Some(*agents),
        Staffing::Levels(_) => Some(0),
        Staffing::Shifts(_) => None,
    }
}

fn level_changes(group: u32, levels: &[Level], changes: &mut Vec<Change>) {
    let mut before = levels.last().map_or(0, |last| last.agents);
    for level in levels {
        let agents = level.agents;
        let kind = if agents < before {
            Kind::Fewer { group, agents }
        } else {
            Kind::More { group, agents }
        };
        let at = level.from_secs;
        changes.push(Change { at, kind });
        before = agents;
    }
}

impl Kind {
    /// Whether it happens before interactions that end at the same instant: who is to leave takes no other.
    pub(crate) fn is_leaving(self) -> bool {
        matches!(self, Kind::Leaves(_) | Kind::Fewer { .. })
    }

    /// Orders changes of one instant: who leaves goes before who comes, then by number.
    fn order(self) -> (u8, u32) {
        match self {
            Kind::Leaves(agent) => (0, agent),
            Kind::Fewer { group, .. } => (1, group),
            Kind::More { group, .. } => (2, group),
            Kind::Comes(agent) => (3, agent),
        }
    }
}
