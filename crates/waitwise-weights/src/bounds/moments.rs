//! A model's flow of work at each moment of its cycle.

use waitwise_sim::{Arrivals, Model, Staffing};

use super::fluid::{Capacity, Flow};
use super::pools::handle_secs;

/// A stretch of the cycle in which neither rates nor staffing change.
#[derive(Clone, PartialEq, Debug)]
pub struct Moment {
    /// When it begins, in seconds of the cycle.
    pub from_secs: f64,
    /// When it ends.
    pub to_secs: f64,
    /// What comes and who is there.
    pub flow: Flow,
}

impl Moment {
    /// Returns how long it lasts, in seconds.
    pub fn secs(&self) -> f64 {
        self.to_secs - self.from_secs
    }
}

/// Returns the moments of a model's cycle in order.
///
/// A trace counts with its mean rate; agents who stay for their last interaction are not seen.
pub fn moments(model: &Model) -> Vec<Moment> {
    let cycle_secs = model.spec().calendar.cycle_secs;
    let mut ends = changes(model);
    ends.push(cycle_secs);
    ends.sort_by(f64::total_cmp);
    ends.dedup_by(|at, before| *at <= *before);
    let mut from_secs = 0.0;
    let mut moments = Vec::with_capacity(ends.len());
    for to_secs in ends
        .into_iter()
        .filter(|at| (f64::MIN_POSITIVE..=cycle_secs).contains(at))
    {
        moments.push(Moment {
            from_secs,
            to_secs,
            flow: at(model, 0.5 * (from_secs + to_secs)),
        });
        from_secs = to_secs;
    }
    moments
}

/// Returns the mean over the cycle: whoever is short of staff by it is so on the whole, not for an hour.
pub fn mean(model: &Model) -> Flow {
    let moments = moments(model);
    let cycle_secs = model.spec().calendar.cycle_secs;
    let mut mean = at(model, 0.0);
    let over = |of: &dyn Fn(&Flow) -> f64| {
        let parts = moments
            .iter()
            .map(|moment| of(&moment.flow) * moment.secs());
        parts.sum::<f64>() / cycle_secs
    };
    for class in 0..mean.per_hour.len() {
        mean.per_hour[class] = over(&|flow| flow.per_hour[class]);
    }
    for group in 0..mean.groups.len() {
        mean.groups[group].agents = over(&|flow| flow.groups[group].agents);
    }
    mean
}

/// When rates or staffing change.
fn changes(model: &Model) -> Vec<f64> {
    let spec = model.spec();
    let mut changes = Vec::new();
    for class in &spec.classes {
        if let Arrivals::Poisson(rates) = &class.arrivals {
            changes.extend(rates.iter().map(|rate| rate.from_secs));
        }
    }
    for group in &spec.groups {
        match &group.staffing {
            Staffing::Always(_) => {}
            Staffing::Levels(levels) => changes.extend(levels.iter().map(|level| level.from_secs)),
            Staffing::Shifts(shifts) => {
                let stretches = shifts.iter().flat_map(|shift| &shift.stretches_secs);
                changes.extend(stretches.flat_map(|(from, to)| [*from, *to]));
            }
        }
    }
    changes
}

fn at(model: &Model, secs: f64) -> Flow {
    let spec = model.spec();
    let days = spec.calendar.day_secs.unwrap_or(spec.calendar.cycle_secs);
    let rate = |arrivals: &Arrivals| match arrivals {
        Arrivals::Poisson(rates) => {
            let begun = rates.partition_point(|rate| rate.from_secs <= secs);
            begun
                .checked_sub(1)
                .map_or(0.0, |place| rates[place].per_hour)
        }
        Arrivals::Trace(trace) => trace.at_secs.len() as f64 / days * 3600.0,
    };
    let staff = |staffing: &Staffing| match staffing {
        Staffing::Always(agents) => f64::from(*agents),
        Staffing::Levels(levels) => {
            let begun = levels.partition_point(|level| level.from_secs <= secs);
            begun
                .checked_sub(1)
                .map_or(0.0, |place| f64::from(levels[place].agents))
        }
        Staffing::Shifts(shifts) => {
            let is_there = |stretches: &[(f64, f64)]| {
                stretches
                    .iter()
                    .any(|(from, to)| (*from..*to).contains(&secs))
            };
            let there = shifts
                .iter()
                .filter(|shift| is_there(&shift.stretches_secs));
            there.map(|shift| f64::from(shift.agents)).sum()
        }
    };
    let groups = spec.groups.iter().enumerate().map(|(group, of)| Capacity {
        agents: staff(&of.staffing),
        handle_secs: (0..spec.classes.len())
            .map(|class| {
                model
                    .serves(group, class)
                    .then(|| positive(handle_secs(&spec.classes[class], of)))
            })
            .collect(),
    });
    Flow {
        per_hour: spec
            .classes
            .iter()
            .map(|class| rate(&class.arrivals))
            .collect(),
        gives_up: spec
            .classes
            .iter()
            .map(|class| class.patience.is_some())
            .collect(),
        groups: groups.collect(),
    }
}

/// Work that takes no time is a microsecond's, so that it can be divided by.
fn positive(secs: f64) -> f64 {
    f64::max(secs, 1e-6)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::fixtures::model;

    const DAY: &str = r#"
[calendar]
cycle_secs = 28800
day_secs = 28800

[[classes]]
name = "sales"
arrivals = { rates = [{ from_secs = 0, per_hour = 60 }, { from_secs = 7200, per_hour = 120 }] }
service = { law = "exponential", mean_secs = 100 }
after_call = { law = "deterministic", secs = 20 }

[[groups]]
name = "early"
skills = ["sales"]
shifts = [{ agents = 3, stretches_secs = [[0, 14400]] }]

[[groups]]
name = "all day"
skills = ["sales"]
staffing = [{ from_secs = 0, agents = 1 }, { from_secs = 21600, agents = 2 }]
"#;

    #[test]
    fn a_day_falls_into_moments_and_its_mean_is_over_time() {
        let model = model(DAY);
        let moments = moments(&model);
        let agents = |moment: &Moment| {
            moment
                .flow
                .groups
                .iter()
                .map(|group| group.agents)
                .sum::<f64>()
        };
        let found: Vec<(f64, f64, f64)> = moments
            .iter()
            .map(|moment| (moment.to_secs, moment.flow.per_hour[0], agents(moment)))
            .collect();
        let expected = [
            (7200.0, 60.0, 4.0),
            (14400.0, 120.0, 4.0),
            (21600.0, 120.0, 1.0),
            (28800.0, 120.0, 2.0),
        ];
        assert_eq!(found, expected);
        let mean = mean(&model);
        assert!((mean.per_hour[0] - 105.0).abs() < 1e-9);
        assert!((mean.groups[0].agents - 1.5).abs() < 1e-9);
        assert!((mean.groups[1].agents - 1.25).abs() < 1e-9);
        assert_eq!(mean.groups[0].handle_secs, [Some(120.0)]);
        // 3.5 erlangs for 2.75 agents.
        assert!((mean.workloads()[0].load_share - 3.5 / 2.75).abs() < 1e-7);
    }
}
