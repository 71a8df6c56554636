//! Floors by simulation: the same callers, with agents better placed than any weights could place them.

use std::collections::BTreeSet;

use waitwise_sim::{Arrivals, ClassTally, Law, Model, Policy, Rate, Spec, Staffing, Trace};

use super::bench::Bench;
use super::report::{Floor, FloorKind};
use super::runner::{Days, Runner, Tallies, add, cut};
use super::tuning::Tuning;
use crate::bounds::moments;
use crate::bounds::pools::{Pool, handle_secs, is_alike_everywhere, is_conserved};
use crate::measures::Measures;
use crate::objective::Measure;

/// Returns floors of mean wait, worst skill's wait and abandonment, on these days.
pub(crate) fn floors(bench: &mut Bench<'_>, days: &Days, seed: u64, threads: usize) -> Vec<Floor> {
    let tuning = bench.tuning;
    let mut floors = Vec::new();
    let mut simulated = 0;
    if let Some((pooled, is_proved)) = pooled(tuning) {
        let policy = shortest_first(&pooled, tuning.pools());
        let mut runner = Runner::new(&pooled, seed, threads);
        let measures = measure(&mut runner, tuning, &policy, days);
        simulated += runner.simulated;
        let floor = |measure: Measure, is_proved| Floor {
            measure,
            kind: FloorKind::Pooled,
            value: measure.value(&measures),
            is_proved,
        };
        let mean_wait = floor(Measure::MeanWait, is_proved);
        // The worst skill waits no less than all do on average.
        let worst_wait = Floor {
            measure: Measure::WorstWait,
            ..mean_wait.clone()
        };
        floors.extend([mean_wait, worst_wait, floor(Measure::Abandonment, false)]);
    }
    let alone = alone(tuning, days, seed, threads, &mut simulated);
    let spec = tuning.model().spec();
    let is_proved = is_steady(spec)
        && spec.classes.iter().all(|class| class.patience.is_none())
        && (0..spec.classes.len()).all(|class| is_alike_everywhere(tuning.model(), class));
    for measure in [Measure::MeanWait, Measure::WorstWait] {
        floors.push(Floor {
            measure,
            kind: FloorKind::Alone,
            value: measure.value(&alone),
            is_proved,
        });
    }
    bench.runner.simulated += simulated;
    floors.extend(fluid(tuning));
    floors
}

fn measure(runner: &mut Runner<'_>, tuning: &Tuning<'_>, policy: &Policy, days: &Days) -> Measures {
    let n_days = (days.end - days.start) as f64 * runner.days_each;
    let stretches = cut(days, 8);
    let all = runner.run(std::slice::from_ref(policy), &stretches);
    let mut sum = Tallies::new();
    all.iter()
        .flatten()
        .for_each(|tallies| add(&mut sum, tallies));
    tuning.measures(&sum, n_days)
}

/// The centre with every agent able to take everything of their pool, and whether it is proved that no routing in the
/// real one gets below its mean wait: agents neither come nor go, work follows one law whoever does what, and nobody gives
/// up; or work and patience follow one exponential law each.
///
/// Then the n-th start of work comes no later than under any routing, whoever it is for.
fn pooled(tuning: &Tuning<'_>) -> Option<(Model, bool)> {
    let mut spec = tuning.model().spec().clone();
    for pool in tuning.pools() {
        let skills: BTreeSet<String> = pool
            .classes
            .iter()
            .flat_map(|class| spec.classes[*class].skills.clone())
            .collect();
        for group in &pool.groups {
            let group = &mut spec.groups[*group];
            let more = skills
                .iter()
                .filter(|skill| !group.skills.contains(skill))
                .cloned();
            let more: Vec<String> = more.collect();
            group.skills.extend(more);
        }
    }
    let is_steady = is_steady(&spec);
    let pooled = Model::new(spec).ok()?;
    let is_memoryless = |class: &usize| {
        let class = &pooled.spec().classes[*class];
        class.patience.is_none()
            || (matches!(class.service, Law::Exponential { .. }) && class.after_call.is_none())
    };
    let is_floor = |pool: &Pool| {
        is_conserved(&pooled, &pool.classes, &pool.groups) && pool.classes.iter().all(is_memoryless)
    };
    let is_proved = is_steady && tuning.pools().iter().all(is_floor);
    Some((pooled, is_proved))
}

/// Whether the same agents are there all the time.
fn is_steady(spec: &Spec) -> bool {
    spec.groups
        .iter()
        .all(|group| matches!(group.staffing, Staffing::Always(_)))
}

/// Classes with shorter mean work go first, where that differs.
fn shortest_first(model: &Model, pools: &[Pool]) -> Policy {
    let spec = model.spec();
    let mut order: Vec<(f64, usize)> = Vec::new();
    for pool in pools {
        for class in &pool.classes {
            let secs = pool
                .groups
                .iter()
                .map(|group| handle_secs(&spec.classes[*class], &spec.groups[*group]));
            order.push((secs.sum::<f64>() / pool.groups.len() as f64, *class));
        }
    }
    order.sort_by(|one, other| other.0.total_cmp(&one.0));
    let mut priorities = vec![0; model.n_classes()];
    let mut rank = 0;
    for (place, (secs, class)) in order.iter().enumerate() {
        rank += i64::from(place > 0 && *secs < order[place - 1].0 * 0.99);
        priorities[*class] = rank;
    }
    Policy::priorities(&priorities)
}

/// What each class meets if it has the agents who can take it to itself.
fn alone(
    tuning: &Tuning<'_>,
    days: &Days,
    seed: u64,
    threads: usize,
    simulated: &mut u64,
) -> Measures {
    let n_classes = tuning.model().n_classes();
    let mut sum = vec![ClassTally::default(); n_classes];
    for class in 0..n_classes {
        let Ok(model) = Model::new(only(tuning.model().spec(), class)) else {
            continue;
        };
        let mut runner = Runner::like(&model, tuning.model(), seed, threads);
        let all = runner.run(&[Policy::first_come(n_classes)], &cut(days, 8));
        for tallies in all.iter().flatten() {
            sum[class].merge(&tallies[class]);
        }
        *simulated += runner.simulated;
    }
    let days_each = Runner::new(tuning.model(), seed, 1).days_each;
    tuning.measures(&sum, (days.end - days.start) as f64 * days_each)
}

/// The centre without the callers of all other classes.
fn only(spec: &Spec, class: usize) -> Spec {
    let mut spec = spec.clone();
    for (place, other) in spec.classes.iter_mut().enumerate() {
        if place == class {
            continue;
        }
        other.arrivals = match &other.arrivals {
            Arrivals::Poisson(_) => Arrivals::Poisson(vec![Rate {
                from_secs: 0.0,
                per_hour: 0.0,
            }]),
            Arrivals::Trace(_) => Arrivals::Trace(Trace::default()),
        };
        // Nobody is there whom it could be about.
        other.service = Law::Exponential { mean_secs: 1.0 };
        other.patience = None;
    }
    spec
}

/// Callers who give up at least, in the mean over the cycle; nothing where a line would grow for ever.
fn fluid(tuning: &Tuning<'_>) -> Option<Floor> {
    if tuning.names().len() > tuning.skills().len() {
        // Who gives up may be others' callers.
        return None;
    }
    let flow = moments::mean(tuning.model());
    let per_hour: f64 = flow.per_hour.iter().sum();
    let abandoned = flow.abandoned_per_hour()?;
    Some(Floor {
        measure: Measure::Abandonment,
        kind: FloorKind::Fluid,
        value: 100.0 * abandoned / f64::max(per_hour, 1e-9),
        // Where agents leave, they stay for their last interaction, which the flow doesn't see.
        is_proved: is_steady(tuning.model().spec()),
    })
}
