//! Staffing by rehearsal: a drawn centre runs for four weeks with other callers, and is mended until it is busy but not
//! overrun.
//!
//! Load and margin alone do not settle how long callers wait: shifts are whole, agents few, and skills shared unevenly.

use super::blueprint::{Agent, Blueprint};
use super::contact::{Queue, Visit, Wait};
use super::staffing::{agents_for, share, teach};
use super::{Centre, Outcome};

/// Gives the centre the agents that its load needs.
pub(super) fn staff(blueprint: &mut Blueprint) {
    let mut margins = [LEAST_MARGIN; 2];
    let mut crews: [Vec<Agent>; 2] =
        Queue::ALL.map(|queue| agents_for(blueprint, queue, LEAST_MARGIN));
    for _ in 0..ROUNDS_MAX {
        blueprint.agents = share(&crews);
        let month = rehearse(blueprint);
        let verdicts = Queue::ALL.map(|queue| verdict(blueprint, queue, &month));
        for (queue, verdict) in Queue::ALL.into_iter().zip(&verdicts) {
            let crew = &mut crews[queue.index()];
            match verdict {
                Verdict::Fine => {}
                Verdict::Overrun => {
                    margins[queue.index()] += MARGIN_STEP;
                    *crew = agents_for(blueprint, queue, margins[queue.index()]);
                }
                Verdict::Slow(skill) => teach(crew, *skill),
            }
        }
        if verdicts
            .iter()
            .all(|verdict| matches!(verdict, Verdict::Fine))
        {
            return;
        }
    }
}

/// Agents beyond the offered load, in units of its square root, to begin with: too few for most centres.
const LEAST_MARGIN: f64 = 0.2;
/// About a third of an agent more at the busiest hour.
const MARGIN_STEP: f64 = 0.1;
/// Far more than a centre needs: of 150 seeds none took more than ten.
const ROUNDS_MAX: usize = 60;

/// Mean waits in the rehearsal that call for mending, in seconds. The real month differs by chance, so they lie well
/// inside what is wanted of it: a quarter of a minute to two and a half per skill.
const MEAN_WAIT_SECS_MAX: f64 = 75.0;
const SKILL_WAIT_SECS_MAX: f64 = 110.0;
/// Share of abandoned calls in the rehearsal that calls for more agents.
const ABANDONED_SHARE_MAX: f64 = 0.08;

enum Verdict {
    Fine,
    /// Too few agents.
    Overrun,
    /// Enough agents, but too few with this skill.
    Slow(u16),
}

/// Four weeks of the centre with other callers.
fn rehearse(blueprint: &Blueprint) -> Centre {
    let other_callers = Blueprint {
        seed: !blueprint.seed,
        ..blueprint.clone()
    };
    Centre::simulated(other_callers, 0, 28)
}

fn verdict(blueprint: &Blueprint, queue: Queue, month: &Centre) -> Verdict {
    let visits = || {
        let all = month.contacts().iter().flat_map(|contact| &contact.visits);
        all.filter(move |visit| visit.queue == queue)
    };
    let abandoned = |visit: &&Visit| {
        visit
            .wait
            .is_some_and(|wait| wait.outcome == Outcome::Abandoned)
    };
    let n_abandoned = visits().filter(abandoned).count();
    if mean_wait_secs(visits()) > MEAN_WAIT_SECS_MAX
        || n_abandoned as f64 > ABANDONED_SHARE_MAX * visits().count() as f64
    {
        return Verdict::Overrun;
    }
    let wait_of = |skill: u16| mean_wait_secs(visits().filter(|visit| visit.skills.first == skill));
    let waits = blueprint
        .demands_of(queue)
        .map(|demand| (wait_of(demand.skill), demand.skill));
    match waits.max_by(|a, b| a.0.total_cmp(&b.0)) {
        Some((wait, skill)) if wait > SKILL_WAIT_SECS_MAX => Verdict::Slow(skill),
        _ => Verdict::Fine,
    }
}

fn mean_wait_secs<'a>(visits: impl Iterator<Item = &'a Visit>) -> f64 {
    let waits = visits.filter_map(|visit| visit.wait);
    let (n, total) = waits.fold((0.0, 0.0), |(n, total), Wait { ms, .. }| {
        (n + 1.0, total + f64::from(ms))
    });
    if n > 0.0 { total / n / 1_000.0 } else { 0.0 }
}
