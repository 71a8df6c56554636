//! Staffing by rehearsal: a drawn centre runs for four weeks with other callers, and is mended until it is busy but not
//! overrun.
//!
//! Load and margin alone do not settle how long callers wait: shifts are whole, agents few, and skills shared unevenly.

use super::blueprint::Blueprint;
use super::staffing::{agents_for, teach};
use super::{Centre, Conversation, Outcome};

/// Gives the centre the agents that its load needs.
pub(super) fn staff(blueprint: &mut Blueprint) {
    let mut margin = LEAST_MARGIN;
    blueprint.agents = agents_for(blueprint, margin);
    for _ in 0..ROUNDS_MAX {
        match rehearse(blueprint) {
            Verdict::Fine => return,
            Verdict::Overrun => {
                margin += MARGIN_STEP;
                blueprint.agents = agents_for(blueprint, margin);
            }
            Verdict::Slow(skill) => teach(&mut blueprint.agents, skill),
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

fn rehearse(blueprint: &Blueprint) -> Verdict {
    let other_callers = Blueprint {
        seed: !blueprint.seed,
        ..blueprint.clone()
    };
    let month = Centre::simulated(other_callers, 0, 28);
    let all = month.conversations();
    let abandoned = all
        .iter()
        .filter(|conversation| conversation.outcome == Outcome::Abandoned)
        .count();
    if mean_wait_secs(all.iter()) > MEAN_WAIT_SECS_MAX
        || abandoned as f64 > ABANDONED_SHARE_MAX * all.len() as f64
    {
        return Verdict::Overrun;
    }
    let wait_of = |skill: u16| {
        mean_wait_secs(
            all.iter()
                .filter(|conversation| conversation.skill == skill),
        )
    };
    let waits = blueprint.skills().map(|skill| (wait_of(skill), skill));
    match waits.max_by(|a, b| a.0.total_cmp(&b.0)) {
        Some((wait, skill)) if wait > SKILL_WAIT_SECS_MAX => Verdict::Slow(skill),
        _ => Verdict::Fine,
    }
}

fn mean_wait_secs<'a>(conversations: impl Iterator<Item = &'a Conversation>) -> f64 {
    let (n, total) = conversations.fold((0.0, 0.0), |(n, total), one| {
        (n + 1.0, total + f64::from(one.wait_ms))
    });
    if n > 0.0 { total / n / 1_000.0 } else { 0.0 }
}
