//! A contact centre as data: who calls, who answers, how agents are chosen, when it is open.
//!
//! A [`Spec`] is what somebody writes down; [`Model::new`] checks it, naming the field that is wrong, and makes it ready
//! to run. Which interaction goes first is not part of it: that is a [`Policy`](crate::Policy), so that one model is run
//! under many.

mod check;
mod ready;

use std::collections::BTreeMap;

use crate::error::Problem;
use crate::law::{Law, Patience};

pub(crate) use self::ready::{Kind, Rates, Ready, WorkSampler, bit, words};

/// A contact centre, as written down.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    /// The classes of interactions, 1 to 4096.
    pub classes: Vec<Class>,
    /// The groups of agents, 1 to 65,536 with at most a million agents together.
    pub groups: Vec<Group>,
    /// How many interactions can wait at one time, those in service not counted; `None`: any number. Who finds neither an
    /// agent nor room is blocked.
    pub waiting_room: Option<u64>,
    /// Which of several idle agents gets an arriving interaction.
    pub agent_choice: AgentChoice,
    /// When rates and staffing repeat, and whether days are runs of their own.
    pub calendar: Calendar,
    /// How much busier than usual some days are for all classes alike: the standard deviation of a day's factor, which
    /// is gamma with mean 1. 0: all days are alike.
    pub busyness_cv: f64,
    /// Waits that are counted exactly: shares of waits up to these are answered. At most eight, each at least 0.
    pub targets_secs: Vec<f64>,
}

/// When things repeat.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calendar {
    /// After this rates and staffing begin again, above 0.
    pub cycle_secs: f64,
    /// `Some`: the centre closes each day. It opens empty, interactions arrive for so long, and it goes on until nobody is
    /// left. Day n takes its rates and staffing from its place in the cycle, a whole number of days long.
    /// `None`: it never closes, and busyness changes with each cycle.
    pub day_secs: Option<f64>,
}

/// Interactions that are alike.
#[derive(Clone, Debug, PartialEq)]
pub struct Class {
    /// What it is called; unique.
    pub name: String,
    /// What an agent must have to take it: all of these.
    pub skills: Vec<String>,
    /// When they arrive.
    pub arrivals: Arrivals,
    /// As [`Spec::busyness_cv`], for this class alone, on top of it.
    pub busyness_cv: f64,
    /// How long they take an agent, where the group has no law of its own.
    pub service: Law,
    /// Work after each, likewise.
    pub after_call: Option<Law>,
    /// How long callers wait; `None`: for ever. The clock starts when they enter the queue.
    pub patience: Option<Patience>,
    /// With [`AgentChoice::GroupPreference`]: groups by name, the preferred first; those not named come last, together.
    pub group_order: Vec<String>,
}

/// When interactions of a class arrive.
#[derive(Clone, Debug, PartialEq)]
pub enum Arrivals {
    /// A Poisson process whose rate is constant on pieces: in order, the first from 0, within the cycle.
    Poisson(Vec<Rate>),
    /// These, in every replication.
    Trace(Trace),
}

/// A rate from some time of the cycle on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// The time.
    pub from_secs: f64,
    /// Expected arrivals in an hour, at least 0.
    pub per_hour: f64,
}

/// Interactions that were seen, or drawn by somebody else.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Trace {
    /// When each arrives, in order.
    pub at_secs: Vec<f64>,
    /// How long each takes an agent of speed 1, in the place of the law; as many as there are arrivals.
    pub service_secs: Option<Vec<f64>>,
    /// Work after each, likewise.
    pub after_call_secs: Option<Vec<f64>>,
    /// How long each waits before giving up, likewise; infinite: for ever.
    pub patience_secs: Option<Vec<f64>>,
}

/// Agents who are alike.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// What it is called; unique.
    pub name: String,
    /// What they have; they take every class whose skills are among these.
    pub skills: Vec<String>,
    /// When how many are there.
    pub staffing: Staffing,
    /// By class name: classes of a lower level go first whatever the scores, those not named last.
    pub levels: BTreeMap<String, u32>,
    /// By skill, with [`AgentChoice::Proficiency`]: how good they are at it; 0 where it is not named.
    pub proficiency: BTreeMap<String, f64>,
    /// By class name: service and after-call work take 1/speed of their time; 1 where it is not named.
    pub speed: BTreeMap<String, f64>,
    /// By class name: a law of their own for service.
    pub service: BTreeMap<String, Law>,
    /// By class name: a law of their own for after-call work.
    pub after_call: BTreeMap<String, Law>,
}

/// When agents of a group are there. Whoever is to leave finishes the interaction first.
#[derive(Clone, Debug, PartialEq)]
pub enum Staffing {
    /// Always so many.
    Always(u32),
    /// So many from some time of the cycle on: in order, the first from 0. When it falls, idle agents leave first, those
    /// idle longest before others, then whoever finishes next. After the last interaction of a day has arrived nobody
    /// leaves.
    Levels(Vec<Level>),
    /// Persons with their working hours. One who works to the day's end stays until nobody is left.
    Shifts(Vec<Shift>),
}

/// A number of agents from some time of the cycle on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// The time.
    pub from_secs: f64,
    /// How many.
    pub agents: u32,
}

/// Persons who work the same hours.
#[derive(Clone, Debug, PartialEq)]
pub struct Shift {
    /// How many persons.
    pub agents: u32,
    /// When they begin and when they are gone, in order, within the cycle.
    pub stretches_secs: Vec<(f64, f64)>,
}

/// Which of several idle agents gets an arriving interaction; of several alike, the one idle longest, then the first by
/// number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum AgentChoice {
    /// The one idle longest.
    #[default]
    LongestIdle,
    /// One of the group that the class names first.
    GroupPreference,
    /// One of the group with the highest mean proficiency at the class's skills.
    Proficiency,
}

/// A contact centre that can be run.
#[derive(Clone, Debug)]
pub struct Model {
    spec: Spec,
    pub(crate) ready: Ready,
}

impl Model {
    /// Checks what was written down.
    ///
    /// # Errors
    /// The first field that cannot be used, named as in the model file.
    pub fn new(spec: Spec) -> Result<Model, Problem> {
        check::check(&spec)?;
        let ready = Ready::of(&spec);
        Ok(Model { spec, ready })
    }

    /// Returns what was written down.
    pub fn spec(&self) -> &Spec {
        &self.spec
    }

    /// Returns how many classes there are.
    pub fn n_classes(&self) -> usize {
        self.spec.classes.len()
    }

    /// Returns how many groups there are.
    pub fn n_groups(&self) -> usize {
        self.spec.groups.len()
    }

    /// Returns how many agents there are, at work or not; they are numbered from 0 in the order of their groups.
    pub fn n_agents(&self) -> usize {
        self.ready.group_of.len()
    }

    /// Whether agents of a group take a class.
    pub fn serves(&self, group: usize, class: usize) -> bool {
        bit(&self.ready.serves[group], class)
    }
}
