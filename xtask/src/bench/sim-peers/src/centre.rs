//! The centre: what happens at each event, and which events follow.

use std::collections::{BTreeMap, VecDeque};

use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand_distr::{Distribution, Exp1};
use serde::{Deserialize, Serialize};

/// What can happen.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum Event {
    Arrive(usize),
    Finish(usize),
    GiveUp { class: usize, number: u64 },
}

/// Parts of a model file: exponential laws, constant rates and staffing.
#[derive(Deserialize)]
struct File {
    classes: Vec<ClassFile>,
    groups: Vec<GroupFile>,
}

#[derive(Deserialize)]
struct ClassFile {
    name: String,
    arrivals: Arrivals,
    service: Law,
    patience: Option<Law>,
    #[serde(default)]
    priority: i64,
    #[serde(default)]
    head_start_secs: f64,
    group_order: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Arrivals {
    per_hour: f64,
}

#[derive(Deserialize)]
struct Law {
    mean_secs: f64,
}

#[derive(Deserialize)]
struct GroupFile {
    name: String,
    skills: Vec<String>,
    agents: usize,
    #[serde(default)]
    levels: BTreeMap<String, u32>,
}

struct Class {
    mean_gap: f64,
    mean_service: f64,
    mean_patience: Option<f64>,
    head_start: f64,
    /// Groups in the order in which they are asked; `None`: whoever has been idle longest.
    asks: Option<Vec<usize>>,
    line: VecDeque<Waiting>,
    waited: f64,
    left: u64,
}

struct Waiting {
    arrived: f64,
    number: u64,
}

struct Group {
    /// Since when each idle agent is.
    idle: VecDeque<f64>,
    /// Classes in sets, the set that goes first before others.
    tiers: Vec<Vec<usize>>,
}

pub struct Centre {
    classes: Vec<Class>,
    groups: Vec<Group>,
    rng: SmallRng,
    arrived: u64,
    warmup: u64,
    /// Arrivals after which nothing is scheduled any more.
    last: u64,
}

impl Centre {
    pub fn new(text: &str, interactions: u64, seed: u64) -> Result<Centre, serde_json::Error> {
        let file: File = serde_json::from_str(text)?;
        let groups = file.groups.iter().map(|group| Group {
            idle: std::iter::repeat_n(0.0, group.agents).collect(),
            tiers: tiers(group, &file.classes),
        });
        Ok(Centre {
            groups: groups.collect(),
            classes: file
                .classes
                .iter()
                .map(|class| Class {
                    mean_gap: 3_600.0 / class.arrivals.per_hour,
                    mean_service: class.service.mean_secs,
                    mean_patience: class.patience.as_ref().map(|law| law.mean_secs),
                    head_start: class.head_start_secs,
                    asks: class.group_order.as_ref().map(|order| asks(order, &file.groups)),
                    line: VecDeque::new(),
                    waited: 0.0,
                    left: 0,
                })
                .collect(),
            rng: SmallRng::seed_from_u64(seed),
            arrived: 0,
            warmup: interactions / 10,
            last: interactions + interactions / 10,
        })
    }

    pub fn n_classes(&self) -> usize {
        self.classes.len()
    }

    pub fn is_over(&self) -> bool {
        self.arrived >= self.last
    }

    pub fn first_gap(&mut self, class: usize) -> f64 {
        self.classes[class].mean_gap * self.exponential()
    }

    pub fn mean_waits(&self) -> Vec<f64> {
        self.classes.iter().map(|class| class.waited / class.left as f64).collect()
    }

    /// Lets an event happen; what follows, after how long, is passed to `schedule`.
    pub fn happen(&mut self, now: f64, event: Event, schedule: &mut impl FnMut(f64, Event)) {
        match event {
            Event::Arrive(class) => self.arrive(now, class, schedule),
            Event::Finish(group) => match self.next_for(now, group) {
                Some(class) => {
                    if let Some(waiting) = self.classes[class].line.pop_front() {
                        self.leave(class, waiting.number, now - waiting.arrived);
                    }
                    self.serve(group, class, schedule);
                }
                None => self.groups[group].idle.push_back(now),
            },
            Event::GiveUp { class, number } => {
                let line = &mut self.classes[class].line;
                let place = line.partition_point(|waiting| waiting.number < number);
                if line.get(place).is_some_and(|waiting| waiting.number == number)
                    && let Some(waiting) = line.remove(place)
                {
                    self.leave(class, number, now - waiting.arrived);
                }
            }
        }
    }

    fn arrive(&mut self, now: f64, class: usize, schedule: &mut impl FnMut(f64, Event)) {
        let number = self.arrived;
        self.arrived += 1;
        let gap = self.first_gap(class);
        schedule(gap, Event::Arrive(class));
        if let Some(group) = self.idle_group(class) {
            self.groups[group].idle.pop_front();
            self.leave(class, number, 0.0);
            self.serve(group, class, schedule);
            return;
        }
        self.classes[class].line.push_back(Waiting {
            arrived: now,
            number,
        });
        if let Some(mean) = self.classes[class].mean_patience {
            let patience = mean * self.exponential();
            schedule(patience, Event::GiveUp { class, number });
        }
    }

    fn idle_group(&self, class: usize) -> Option<usize> {
        if let Some(asks) = &self.classes[class].asks {
            return asks.iter().copied().find(|group| !self.groups[*group].idle.is_empty());
        }
        let able = self.groups.iter().enumerate().filter(|(_, group)| {
            !group.idle.is_empty() && group.tiers.iter().any(|tier| tier.contains(&class))
        });
        let longest = able.min_by(|one, other| one.1.idle[0].total_cmp(&other.1.idle[0]));
        longest.map(|(group, _)| group)
    }

    fn serve(&mut self, group: usize, class: usize, schedule: &mut impl FnMut(f64, Event)) {
        let service = self.classes[class].mean_service * self.exponential();
        schedule(service, Event::Finish(group));
    }

    fn next_for(&self, now: f64, group: usize) -> Option<usize> {
        let score = |class: &usize| {
            let of = &self.classes[*class];
            of.line.front().map(|waiting| now - waiting.arrived + of.head_start)
        };
        self.groups[group].tiers.iter().find_map(|tier| {
            let scored = tier.iter().filter_map(|class| Some((score(class)?, *class)));
            let best = scored.max_by(|one, other| one.0.total_cmp(&other.0));
            best.map(|(_, class)| class)
        })
    }

    fn leave(&mut self, class: usize, number: u64, waited: f64) {
        if number >= self.warmup {
            self.classes[class].waited += waited;
            self.classes[class].left += 1;
        }
    }

    fn exponential(&mut self) -> f64 {
        Exp1.sample(&mut self.rng)
    }
}

fn asks(order: &[String], groups: &[GroupFile]) -> Vec<usize> {
    let number = |name: &String| groups.iter().position(|group| group.name == *name);
    order.iter().filter_map(number).collect()
}

/// A group's classes by level, then by priority.
fn tiers(group: &GroupFile, classes: &[ClassFile]) -> Vec<Vec<usize>> {
    let mut sets: BTreeMap<(u32, i64), Vec<usize>> = BTreeMap::new();
    for (number, class) in classes.iter().enumerate() {
        if group.skills.contains(&class.name) {
            let level = group.levels.get(&class.name).copied().unwrap_or(u32::MAX);
            sets.entry((level, -class.priority)).or_default().push(number);
        }
    }
    sets.into_values().collect()
}
