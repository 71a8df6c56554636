//! From a history in short to a centre that can be simulated.

use std::collections::{BTreeMap, BTreeSet};

use waitwise_sim::{
    AgentChoice, Arrivals as Arriving, Calendar, Class, Group as Agents, Hazard, Law, Level,
    Patience as Leaving, Rate, Spec, Staffing,
};

use crate::arrivals::{Arrivals, arrivals};
use crate::patience::{Patience, patience};
use crate::seen::{ClassKey, SLOT_MS, SLOTS, Seen, weekday_of};
use crate::service::{Service, ring_secs, service};
use crate::staffing::{Abilities, Group, OnQueue, Roster, groups, roster};

/// A class of callers that are simulated as one.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedClass {
    /// The queue and the skills asked for.
    pub key: ClassKey,
    /// How many visits it rests on, those of rarer classes that were put to it included.
    pub n_seen: usize,
}

/// What a history says of its centre.
#[derive(Clone, Debug)]
pub struct Fit {
    /// The classes.
    pub classes: Vec<FittedClass>,
    /// The agents, by what they take.
    pub groups: Vec<Group>,
    /// How callers behave.
    pub laws: Laws,
    /// How long an agent's telephone rings, which is part of every answered wait.
    pub ring_secs: f64,
    /// Whether the centre is empty at night, so that days are runs of their own.
    pub closes: bool,
    /// Whether staffing was told by the source rather than inferred from work.
    pub staffing_is_told: bool,
    /// Visits of classes that nobody was seen to take twice: they are left out.
    pub n_unserved: usize,
    /// The place of each seen class among the fitted ones.
    place: Vec<Option<usize>>,
    /// By seen day: its weekday and who was at work.
    days: Vec<(usize, Roster)>,
    supposed: Supposed,
}

/// What is supposed to be other than it was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Supposed {
    /// So many times as many call.
    pub load: f64,
    /// So many agents fewer are at work at any time, of the largest group.
    pub fewer_agents: u32,
}

impl Supposed {
    /// Everything is as it was.
    pub const NOTHING: Supposed = Supposed {
        load: 1.0,
        fewer_agents: 0,
    };
}

/// Callers who are told of together: those who ask for a skill in a queue, or all of a queue that asks for none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The queue's id; `None`: everybody.
    pub queue: Option<String>,
    /// The skill's id.
    pub skill: Option<String>,
    /// The fitted classes, by place. A class that asks for two skills is of two lines.
    pub classes: Vec<usize>,
}

/// How callers behave.
#[derive(Clone, Debug)]
pub struct Laws {
    /// How many come.
    pub arrivals: Arrivals,
    /// How long they wait before leaving, by class.
    pub patience: Vec<Patience>,
    /// How long they take an agent, by class.
    pub service: Vec<Service>,
}

impl Laws {
    fn of(seen: &Seen, n: usize, class_of: &dyn Fn(u16) -> Option<usize>, ring_secs: f64) -> Laws {
        Laws {
            arrivals: arrivals(&seen.days, n, class_of),
            patience: patience(seen.visits(), n, class_of, ring_secs),
            service: service(seen.visits(), n, class_of, ring_secs),
        }
    }
}

/// What else than visits is known of a centre.
#[derive(Clone, Copy, Debug, Default)]
pub struct Told<'a> {
    /// How long agents were on queue.
    pub on_queue: Option<&'a OnQueue>,
    /// Which skills and queues agents have.
    pub abilities: Option<&'a Abilities>,
}

/// A history that tells too little.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FitError {
    /// No visit, or no answered one.
    #[error("the history has {what}")]
    Empty {
        /// What is missing, as in "no answered visit".
        what: &'static str,
    },
    /// Too few days for a week's pattern.
    #[error(
        "the history has {days} whole days, and {least} are the least that a week's pattern can be seen in"
    )]
    Short {
        /// Whole local days.
        days: usize,
        /// How many are needed.
        least: usize,
    },
}

/// Two weeks: how much one Monday differs from another cannot be seen with fewer than two.
pub const DAYS_MIN: usize = 14;

/// A class with fewer visits than this is put to the class of its queue that is most like it.
const CLASS_VISITS_MIN: usize = 30;

/// A centre closes if fewer than this share of its callers come in the two hours around midnight.
const NIGHT_SHARE_MAX: f64 = 0.001;

impl Fit {
    /// Fits a centre to a history.
    ///
    /// # Errors
    /// The history tells too little.
    pub fn of(seen: &Seen, told: Told<'_>) -> Result<Fit, FitError> {
        if seen.days.len() < DAYS_MIN {
            return Err(FitError::Short {
                days: seen.days.len(),
                least: DAYS_MIN,
            });
        }
        let (mut classes, mut place) = classes(seen);
        if classes.is_empty() {
            return Err(FitError::Empty { what: "no visit" });
        }
        let mut groups = {
            let class_of = |raw: u16| place.get(usize::from(raw)).copied().flatten();
            let keys: Vec<&ClassKey> = classes.iter().map(|class| &class.key).collect();
            groups(seen, &class_of, &keys, told.abilities)
        };
        let n_unserved = leave_out_unserved(&mut classes, &mut place, &mut groups);
        let class_of = |raw: u16| place.get(usize::from(raw)).copied().flatten();
        if groups.is_empty() {
            return Err(FitError::Empty {
                what: "no answered visit that names its agent",
            });
        }
        let ring_secs = ring_secs(seen.visits());
        let laws = Laws::of(seen, classes.len(), &class_of, ring_secs);
        let rosters = seen.days.iter();
        let rosters = rosters.map(|day| (day.weekday(), roster(day, seen, &groups, told.on_queue)));
        Ok(Fit {
            laws,
            ring_secs,
            closes: closes(seen),
            staffing_is_told: told.on_queue.is_some(),
            days: rosters.collect(),
            groups,
            classes,
            place,
            supposed: Supposed::NOTHING,
            n_unserved,
        })
    }

    /// Fits the laws of callers again, to these days of the same history, each as often as it is named. Classes and groups
    /// stay.
    #[must_use]
    pub fn again(&self, seen: &Seen, places: &[usize]) -> Fit {
        let days = seen.of_days(places);
        let class_of = |raw: u16| self.class_of(raw);
        Fit {
            laws: Laws::of(&days, self.classes.len(), &class_of, self.ring_secs),
            days: places
                .iter()
                .map(|place| self.days[*place].clone())
                .collect(),
            classes: self.classes.clone(),
            groups: self.groups.clone(),
            place: self.place.clone(),
            ..*self
        }
    }

    /// Returns the same centre with something supposed to be other than it was.
    #[must_use]
    pub fn supposing(&self, supposed: Supposed) -> Fit {
        Fit {
            supposed,
            ..self.clone()
        }
    }

    /// Returns the lines, by queue and skill, and last of all everybody's.
    pub fn lines(&self) -> Vec<Line> {
        let mut lines: BTreeMap<(&String, Option<&String>), Vec<usize>> = BTreeMap::new();
        for (place, class) in self.classes.iter().enumerate() {
            let key = &class.key;
            let mut skills: Vec<Option<&String>> = key.skills.iter().map(Some).collect();
            if skills.is_empty() {
                skills.push(None);
            }
            for skill in skills {
                lines.entry((&key.queue, skill)).or_default().push(place);
            }
        }
        let line = |((queue, skill), classes): ((&String, Option<&String>), _)| Line {
            queue: Some(queue.clone()),
            skill: skill.cloned(),
            classes,
        };
        let everybody = Line {
            queue: None,
            skill: None,
            classes: (0..self.classes.len()).collect(),
        };
        lines.into_iter().map(line).chain([everybody]).collect()
    }

    /// Returns how many visits a line rests on.
    pub fn n_seen(&self, line: &Line) -> usize {
        let classes = line.classes.iter();
        classes.map(|class| self.classes[*class].n_seen).sum()
    }

    /// Returns the place among the fitted classes of a seen class.
    pub fn class_of(&self, seen: u16) -> Option<usize> {
        self.place.get(usize::from(seen)).copied().flatten()
    }

    /// Returns the seen days of a weekday, whose staffing a simulated day can have.
    pub fn days_like(&self, weekday: usize) -> impl Iterator<Item = usize> {
        let days = self.days.iter().enumerate();
        days.filter(move |(_, (of, _))| *of == weekday)
            .map(|(place, _)| place)
    }

    /// Writes the centre down for simulating days one after the other: each has a weekday, and the staffing of a seen day or
    /// nobody.
    pub fn spec(&self, days: &[SimulatedDay], targets_secs: &[f64]) -> Spec {
        let day_secs = SLOTS as f64 * slot_secs();
        Spec {
            classes: (0..self.classes.len())
                .map(|class| self.class(class, days))
                .collect(),
            groups: (0..self.groups.len())
                .map(|group| self.agents(group, days))
                .collect(),
            waiting_room: None,
            agent_choice: AgentChoice::LongestIdle,
            calendar: Calendar {
                cycle_secs: day_secs * days.len() as f64,
                day_secs: self.closes.then_some(day_secs),
            },
            // Days have their own factors.
            busyness_cv: 0.0,
            targets_secs: targets_secs.to_vec(),
        }
    }

    fn class(&self, class: usize, days: &[SimulatedDay]) -> Class {
        let rate = |(slot, day): (usize, &SimulatedDay)| {
            let expected = self.laws.arrivals.per_slot[class][day.weekday][slot];
            let factor = day
                .staffed_as
                .map_or(1.0, |seen| self.laws.arrivals.day_factors[seen]);
            self.supposed.load * factor * expected * 3600.0 / slot_secs()
        };
        let rates = by_slot(days, rate).into_iter();
        let rates = rates.map(|(from_secs, per_hour)| Rate {
            from_secs,
            per_hour,
        });
        Class {
            name: self.name(class),
            skills: self.classes[class].key.needs().collect(),
            arrivals: Arriving::Poisson(rates.collect()),
            busyness_cv: as_modelled(self.laws.arrivals.class_day_cv[class]),
            service: Law::Empirical {
                values_secs: self.laws.service[class].values_secs.clone(),
            },
            after_call: None,
            patience: leaving(&self.laws.patience[class]),
            group_order: Vec::new(),
        }
    }

    /// Returns a class's name in a model: its queue and skills.
    pub fn name(&self, class: usize) -> String {
        let key = &self.classes[class].key;
        format!("{} {}", key.queue, key.skills.join("+"))
    }

    fn agents(&self, group: usize, days: &[SimulatedDay]) -> Agents {
        let fewer = match self.largest_group() == Some(group) {
            true => self.supposed.fewer_agents,
            false => 0,
        };
        let level = |(slot, day): (usize, &SimulatedDay)| match day.staffed_as {
            Some(seen) => self.days[seen].1[group][slot].saturating_sub(fewer),
            None => 0,
        };
        let mut levels = by_slot(days, level);
        if levels.iter().all(|(_, agents)| *agents == 0) {
            // A model has somebody for every class: one agent who comes when the last half-hour begins.
            let last = (days.len() * SLOTS - 1) as f64 * slot_secs();
            levels.push((last, 1));
        }
        let levels = levels.into_iter();
        let levels = levels.map(|(from_secs, agents)| Level { from_secs, agents });
        let taken = self.groups[group].classes.iter();
        let skills: BTreeSet<String> = taken
            .flat_map(|class| self.classes[*class].key.needs())
            .collect();
        Agents {
            name: format!("group {}", group + 1),
            skills: skills.into_iter().collect(),
            staffing: Staffing::Levels(levels.collect()),
            levels: BTreeMap::new(),
            proficiency: BTreeMap::new(),
            speed: BTreeMap::new(),
            service: BTreeMap::new(),
            after_call: BTreeMap::new(),
        }
    }
}

impl Fit {
    fn largest_group(&self) -> Option<usize> {
        let size = |group: &usize| {
            let agents = self.groups[*group].agents.len();
            (agents, std::cmp::Reverse(*group))
        };
        (0..self.groups.len()).max_by_key(size)
    }
}

/// A day to be simulated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SimulatedDay {
    /// From Monday.
    pub weekday: usize,
    /// The seen day whose staffing and load it has; `None`: nobody is at work.
    pub staffed_as: Option<usize>,
}

impl SimulatedDay {
    /// Returns `n` days from `first` on, each staffed like one that `choose` picks of the seen days of its weekday.
    pub fn from(
        first: jiff::civil::Date,
        n: usize,
        fit: &Fit,
        mut choose: impl FnMut(&[usize]) -> usize,
    ) -> Vec<SimulatedDay> {
        let begin = weekday_of(first);
        let days = (0..n).map(|day| {
            let weekday = (begin + day) % 7;
            let like: Vec<usize> = fit.days_like(weekday).collect();
            SimulatedDay {
                weekday,
                staffed_as: (!like.is_empty()).then(|| like[choose(&like) % like.len()]),
            }
        });
        days.collect()
    }
}

impl ClassKey {
    /// What an agent must have: membership of the queue, and the skills.
    fn needs(&self) -> impl Iterator<Item = String> + '_ {
        let skills = self.skills.iter().map(|skill| format!("skill:{skill}"));
        std::iter::once(format!("queue:{}", self.queue)).chain(skills)
    }
}

/// Days that differ by less than a model can say are alike.
fn as_modelled(day_cv: f64) -> f64 {
    const LEAST: f64 = 1e-6;
    if day_cv < LEAST { 0.0 } else { day_cv }
}

fn slot_secs() -> f64 {
    f64::from(SLOT_MS) / 1000.0
}

/// Returns where values begin to hold, leaving out what stays the same.
fn by_slot<T: PartialEq + Copy>(
    days: &[SimulatedDay],
    value: impl Fn((usize, &SimulatedDay)) -> T,
) -> Vec<(f64, T)> {
    let mut values: Vec<(f64, T)> = Vec::new();
    for (number, day) in days.iter().enumerate() {
        for slot in 0..SLOTS {
            let value = value((slot, day));
            if values.last().is_none_or(|(_, last)| *last != value) {
                values.push(((number * SLOTS + slot) as f64 * slot_secs(), value));
            }
        }
    }
    values
}

fn leaving(patience: &Patience) -> Option<Leaving> {
    let pieces = patience.pieces.iter().map(|piece| Hazard {
        from_secs: piece.from_secs,
        per_hour: piece.per_sec * 3600.0,
    });
    let leaves = patience.pieces.iter().any(|piece| piece.per_sec > 0.0);
    leaves.then(|| Leaving {
        law: Law::PiecewiseHazard {
            pieces: pieces.collect(),
        },
        never_share: 0.0,
    })
}

/// Chooses the classes to simulate, and puts every seen class to one of them.
fn classes(seen: &Seen) -> (Vec<FittedClass>, Vec<Option<usize>>) {
    let mut counts = vec![0_usize; seen.classes.len()];
    for visit in seen.visits() {
        counts[usize::from(visit.class)] += 1;
    }
    let is_large = |raw: &usize| counts[*raw] >= CLASS_VISITS_MIN;
    let mut kept: Vec<usize> = (0..counts.len()).filter(is_large).collect();
    // A queue whose classes are all rare has its largest one.
    let queues: BTreeSet<&String> = seen.classes.iter().map(|key| &key.queue).collect();
    for queue in queues {
        let own = (0..counts.len()).filter(|raw| seen.classes[*raw].queue == *queue);
        let largest = own.max_by_key(|raw| (counts[*raw], std::cmp::Reverse(*raw)));
        kept.extend(largest.filter(|raw| counts[*raw] > 0));
    }
    kept.sort_unstable();
    kept.dedup();
    let place: Vec<Option<usize>> = (0..counts.len())
        .map(|raw| nearest(&seen.classes[raw], &kept, seen, &counts))
        .collect();
    let mut classes: Vec<FittedClass> = kept
        .iter()
        .map(|raw| FittedClass {
            key: seen.classes[*raw].clone(),
            n_seen: 0,
        })
        .collect();
    for (raw, place) in place.iter().enumerate() {
        if let Some(place) = place {
            classes[*place].n_seen += counts[raw];
        }
    }
    (classes, place)
}

/// Takes out the classes that no group takes, and returns how many visits these are.
fn leave_out_unserved(
    classes: &mut Vec<FittedClass>,
    place: &mut [Option<usize>],
    groups: &mut [Group],
) -> usize {
    let served: BTreeSet<usize> = groups
        .iter()
        .flat_map(|group| group.classes.clone())
        .collect();
    let moved: BTreeMap<usize, usize> = served.iter().copied().zip(0..).collect();
    for place in place.iter_mut() {
        *place = place.and_then(|old| moved.get(&old).copied());
    }
    for class in groups.iter_mut().flat_map(|group| &mut group.classes) {
        *class = moved[class];
    }
    let all: usize = classes.iter().map(|class| class.n_seen).sum();
    let mut old = 0..;
    classes.retain(|_| old.next().is_some_and(|old| served.contains(&old)));
    all - classes.iter().map(|class| class.n_seen).sum::<usize>()
}

/// Finds the kept class of the same queue that shares the most skills, and of those the largest.
fn nearest(key: &ClassKey, kept: &[usize], seen: &Seen, counts: &[usize]) -> Option<usize> {
    let alike = |raw: usize| {
        let other = &seen.classes[raw].skills;
        let shared = key.skills.iter().filter(|skill| other.contains(skill));
        (seen.classes[raw] == *key, shared.count(), counts[raw])
    };
    let own_queue = kept.iter().enumerate();
    let own_queue = own_queue.filter(|(_, raw)| seen.classes[**raw].queue == key.queue);
    own_queue
        .max_by_key(|(place, raw)| (alike(**raw), std::cmp::Reverse(*place)))
        .map(|(place, _)| place)
}

fn closes(seen: &Seen) -> bool {
    let (mut all, mut night) = (0_usize, 0_usize);
    for visit in seen.visits() {
        all += 1;
        night += usize::from(visit.slot() < 2 || visit.slot() >= SLOTS - 2);
    }
    (night as f64) < NIGHT_SHARE_MAX * all as f64 || night == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::past::Past;
    use waitwise_model::Ending;

    #[test]
    fn what_nobody_takes_is_left_out_and_counted() {
        let mut seen = Past::calm(21, 1).seen();
        seen.classes.insert(
            0,
            ClassKey {
                queue: "nobody's".to_owned(),
                skills: Vec::new(),
            },
        );
        for visit in seen.days.iter_mut().flat_map(|day| &mut day.visits) {
            visit.class += 1;
        }
        let mut stray = seen.days[3].visits[5];
        (stray.class, stray.agent, stray.ending) = (0, None, Ending::Abandoned);
        seen.days[3].visits.push(stray);
        let fit = Fit::of(&seen, Told::default()).unwrap();
        assert_eq!((fit.classes.len(), fit.n_unserved), (2, 1));
        assert_eq!(
            [0, 1, 2].map(|raw| fit.class_of(raw)),
            [None, Some(0), Some(1)]
        );
        assert_eq!(fit.groups[0].classes, [0, 1]);
        let days = [SimulatedDay {
            weekday: 2,
            staffed_as: Some(2),
        }];
        waitwise_sim::Model::new(fit.spec(&days, &[20.0])).unwrap();
        // Not even a day on which nobody is at work is no model.
        let empty = [SimulatedDay {
            staffed_as: None,
            ..days[0]
        }];
        waitwise_sim::Model::new(fit.spec(&empty, &[20.0])).unwrap();
    }

    #[test]
    fn rare_classes_are_put_to_the_likest_of_their_queue() {
        let key = |queue: &str, skills: &[&str]| ClassKey {
            queue: queue.to_owned(),
            skills: skills.iter().map(|skill| (*skill).to_owned()).collect(),
        };
        let mut seen = Past::calm(21, 2).seen();
        seen.classes = vec![key("q", &["a"]), key("q", &["b"]), key("q", &["b", "c"])];
        seen.days[3].visits[5].class = 2;
        let fit = Fit::of(&seen, Told::default()).unwrap();
        assert_eq!(fit.class_of(2), Some(1));
        let lines: Vec<_> = fit
            .lines()
            .into_iter()
            .map(|line| (line.skill, line.classes))
            .collect();
        let some = |skill: &str| Some(skill.to_owned());
        assert_eq!(
            lines,
            [
                (some("a"), vec![0]),
                (some("b"), vec![1]),
                (None, vec![0, 1])
            ]
        );
    }
}
