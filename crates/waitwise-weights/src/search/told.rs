//! What is told of the weights that were chosen: fresh days, other weights that are good for other things, what nothing
//! can beat, and centres that are a little different.

use waitwise_sim::{Arrivals, Model, Spec, Staffing};

use super::INDIFFERENCE_SHARE;
use super::Phase;
use super::bench::Bench;
use super::comparison::Comparison;
use super::course::{Chosen, Course};
use super::estimate::Estimate;
use super::finals::excesses;
use super::gap::floors;
use super::report::{CONFIDENCE, FrontPoint, Report, Scenario, Verdict};
use super::runner::Days;
use super::shape::Point;
use crate::bounds::moments;
use crate::guardrail::Guardrail;
use crate::measures::Measures;
use crate::objective::{Measure, Objective};

/// The part of the budget for fresh days, on which the present weights, the proposed ones and two floors are simulated.
const FRESH_PART: f64 = 0.28;

/// The part of it for each of the points and scenarios around them.
const AROUND_PART: f64 = 0.01;

/// Intervals need so many days at least.
const FRESH_DAYS_MIN: u64 = 32;

pub(super) fn report(course: &mut Course<'_>, chosen: Chosen) -> Report {
    let (tuning, settings) = (course.tuning, course.settings);
    let seed = mixed(settings.seed);
    let minutes = [tuning.present_minutes(), chosen.minutes.clone()];
    let days = std::cmp::max(course.days_for(FRESH_PART, 4), FRESH_DAYS_MIN);
    let fresh = Comparison::new(tuning, &minutes, days, seed, settings.threads);
    course.bench.runner.simulated += fresh.simulated;
    course.say(Phase::Fresh);
    let objective = &settings.objective;
    let excesses = excesses(&settings.guardrails, &fresh.judged[0], &fresh.judged[1]);
    let around = 0..course.days_for(AROUND_PART, 1);
    let front = front(&mut course.bench, &chosen, &around);
    course.say(Phase::Around);
    let floors = floors(&mut course.bench, &(0..days), seed, settings.threads);
    course.say(Phase::Around);
    let sensitivity = sensitivity(&mut course.bench, &minutes, &around, seed, settings.threads);
    course.say(Phase::Around);
    let workloads = moments::mean(tuning.model()).workloads().into_iter();
    let classes = tuning.model().spec().classes.iter();
    let [present, proposed] = minutes;
    Report {
        objective: objective.clone(),
        guardrails: settings.guardrails.clone(),
        names: tuning.names().to_vec(),
        class_names: classes.map(|class| class.name.clone()).collect(),
        verdict: verdict(objective, &chosen, &fresh, &excesses),
        weights: tuning.weights(&chosen.point),
        head_starts_minutes: present.into_iter().zip(proposed).collect(),
        present: fresh.measures(0).clone(),
        proposed: fresh.measures(1).clone(),
        change: fresh.change(|measures| objective.value(measures)),
        skills: fresh.skill_changes(),
        mean_wait_change: fresh.change(|measures| Measure::MeanWait.value(measures)),
        excesses,
        choice: chosen.choice,
        front,
        floors,
        pools: tuning.pools().to_vec(),
        short_of_staff: workloads.filter(|workload| workload.is_short()).collect(),
        sensitivity,
        fresh_days: fresh.days,
        simulated: course.bench.runner.simulated,
        seed: settings.seed,
    }
}

/// Another seed: the same for the same one.
fn mixed(seed: u64) -> u64 {
    let word = (seed ^ (seed >> 31)).wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word ^ (word >> 27)
}

/// Better is what makes the objective smaller; or leaves it, and makes the mean wait of all smaller.
fn verdict(
    objective: &Objective,
    chosen: &Chosen,
    fresh: &Comparison,
    excesses: &[(Guardrail, usize, Estimate)],
) -> Verdict {
    let change = fresh.change(|measures| objective.value(measures));
    let mean_wait = fresh.change(|measures| Measure::MeanWait.value(measures));
    let present = fresh.measures(0);
    let is_smaller = change.interval(CONFIDENCE).1 < 0.0;
    let is_left = change.value <= 0.0
        && change.interval(CONFIDENCE).1 <= INDIFFERENCE_SHARE * objective.value(present);
    let is_less_on_the_whole = mean_wait.interval(CONFIDENCE).1 < 0.0;
    let is_broken = |(_, _, excess): &(_, _, Estimate)| excess.interval(CONFIDENCE).0 > 0.0;
    if chosen.is_present || !(is_smaller || (is_left && is_less_on_the_whole)) {
        Verdict::NoEvidence
    } else if excesses.iter().any(is_broken) {
        Verdict::BreaksGuardrail
    } else {
        Verdict::Better
    }
}

/// As many points as a picture can show.
const FRONT_MAX: usize = 16;

/// Weights of all that were looked at that no other is better than in mean wait, worst skill's wait and abandonment at
/// once, looked at again on the same days; with the present and the proposed ones, and equal ones.
fn front(bench: &mut Bench<'_>, chosen: &Chosen, days: &Days) -> Vec<FrontPoint> {
    let proposed = &chosen.minutes;
    let equal = vec![bench.tuning.writable().steps()[0].minutes; proposed.len()];
    let mut labelled = vec![
        ("present", bench.tuning.present_minutes()),
        ("proposed", proposed.clone()),
        ("equal", equal),
    ];
    let others = undominated(bench, chosen.days);
    labelled.extend(
        others
            .iter()
            .map(|point| ("front", bench.tuning.minutes(point))),
    );
    let minutes: Vec<Vec<f64>> = labelled
        .iter()
        .map(|(_, minutes)| minutes.clone())
        .collect();
    let measured = bench.measure(&minutes, days.clone());
    let breaches = |measures: &Measures, minutes: &[f64]| {
        bench.guardrails.breaches(&measured[0], measures, minutes)
    };
    let points = labelled
        .into_iter()
        .zip(&measured)
        .map(|((label, minutes), measures)| FrontPoint {
            label,
            keeps_guardrails: label == "present" || breaches(measures, &minutes).is_empty(),
            values: Measure::ALL.map(|measure| measure.value(measures)),
            head_starts_minutes: minutes,
        });
    points.collect()
}

fn undominated(bench: &Bench<'_>, days: u64) -> Vec<Point> {
    let values = |measures: &Measures| {
        [Measure::MeanWait, Measure::WorstWait, Measure::Abandonment]
            .map(|measure| measure.value(measures))
    };
    let seen = bench.seen();
    let enough = seen
        .iter()
        .filter(|(_, (seen_days, _))| 4 * seen_days >= days);
    // Against the present weights, since not all were looked at on the same days.
    let all: Vec<([f64; 3], &Point)> = enough
        .map(|(point, (days, measures))| {
            let (there, present) = (values(measures), values(bench.present(*days)));
            (std::array::from_fn(|of| there[of] - present[of]), *point)
        })
        .collect();
    let beats = |one: &[f64; 3], other: &[f64; 3]| {
        let pairs = || one.iter().zip(other);
        pairs().all(|(one, other)| one <= other) && pairs().any(|(one, other)| one < other)
    };
    let mut front: Vec<&([f64; 3], &Point)> = all
        .iter()
        .filter(|(one, _)| !all.iter().any(|(other, _)| beats(other, one)))
        .collect();
    front.sort_by(|one, other| one.0[0].total_cmp(&other.0[0]));
    // Where there are more than a picture can show, every so many.
    let n = front.len();
    let kept = std::cmp::min(n, FRONT_MAX);
    (0..kept)
        .map(|place| front[place * n / kept].1.clone())
        .collect()
}

/// What the change does with 10% more and less load, and with one agent fewer where agents are scarcest.
fn sensitivity(
    bench: &mut Bench<'_>,
    minutes: &[Vec<f64>],
    days: &Days,
    seed: u64,
    threads: usize,
) -> Vec<Scenario> {
    let spec = bench.tuning.model().spec();
    let mut changed = vec![
        ("10% more load".to_owned(), busier(spec, 1.1)),
        ("10% less load".to_owned(), busier(spec, 0.9)),
    ];
    if let Some((group, spec)) = one_fewer(bench.tuning.model()) {
        changed.push((format!("one agent fewer in {group}"), spec));
    }
    let mut scenarios = Vec::new();
    for (name, spec) in changed {
        let Ok(model) = Model::new(spec) else {
            continue;
        };
        let tuning = bench.tuning.on(&model);
        let both = Comparison::new(&tuning, minutes, days.end, seed, threads);
        bench.runner.simulated += both.simulated;
        scenarios.push(Scenario {
            name,
            present: bench.objective.value(both.measures(0)),
            change: both.change(|measures| bench.objective.value(measures)),
        });
    }
    scenarios
}

/// More callers; of a trace, whose callers are what they are, faster work is not the same, so that it stays.
fn busier(spec: &Spec, times: f64) -> Spec {
    let mut spec = spec.clone();
    for class in &mut spec.classes {
        if let Arrivals::Poisson(rates) = &mut class.arrivals {
            rates.iter_mut().for_each(|rate| rate.per_hour *= times);
        }
    }
    spec
}

/// The centre with one agent fewer in the largest of the groups that are busiest; `None` if it had one agent only.
fn one_fewer(model: &Model) -> Option<(String, Spec)> {
    let flow = moments::mean(model);
    let workloads = flow.workloads();
    let agents = |group: &usize| flow.groups[*group].agents;
    let scarce = workloads.iter().flat_map(|workload| {
        let mut groups = workload.groups.clone();
        groups.sort_by(|one, other| agents(other).total_cmp(&agents(one)));
        groups
    });
    let mut spec = model.spec().clone();
    for group in scarce {
        let name = spec.groups[group].name.clone();
        let is_fewer = match &mut spec.groups[group].staffing {
            Staffing::Always(agents) if *agents > 1 => {
                *agents -= 1;
                true
            }
            Staffing::Levels(levels) if levels.iter().any(|level| level.agents > 1) => {
                levels
                    .iter_mut()
                    .for_each(|level| level.agents = level.agents.saturating_sub(1));
                true
            }
            Staffing::Shifts(shifts)
                if shifts.iter().map(|shift| shift.agents).sum::<u32>() > 1 =>
            {
                let largest = shifts.iter_mut().max_by_key(|shift| shift.agents);
                largest
                    .into_iter()
                    .for_each(|shift| shift.agents = shift.agents.saturating_sub(1));
                true
            }
            Staffing::Always(_) | Staffing::Levels(_) | Staffing::Shifts(_) => false,
        };
        if is_fewer {
            return Some((name, spec));
        }
    }
    None
}
