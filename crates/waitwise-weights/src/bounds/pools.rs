//! Parts of a centre that share no agents, and those in which weights can only redistribute.

use waitwise_sim::{Arrivals, Class, Group, Law, Model, Patience};

/// A part of a centre: no agent of it takes anything of another part, and no skill's weight is about two of them.
///
/// Only differences of head starts within a pool count.
#[derive(Clone, PartialEq, Debug)]
pub struct Pool {
    /// Its classes.
    pub classes: Vec<usize>,
    /// The groups that take any of them.
    pub groups: Vec<usize>,
    /// The skills that are tuned in it.
    pub skills: Vec<usize>,
    /// What weights can do in it.
    pub power: Power,
}

/// What weights can do in a pool.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Power {
    /// All its interactions have the same head start, whatever the weights are.
    None,
    /// Weights decide who waits and not how long all wait together: the mean wait of all, and the share that gives up,
    /// are the same under any weights. (Kleinrock's conservation law.)
    Redistribute,
    /// Nearly so: all agents take all classes, and what mean handle times and patience differ by is within
    /// [`NEARLY_SHARE`].
    NearlyRedistribute,
    /// Weights can change the mean wait of all as well.
    Change,
}

/// By how much of each other mean handle times and mean patience of classes may differ and still count as nearly the
/// same: about what a few hundred interactions of each can tell.
pub const NEARLY_SHARE: f64 = 0.1;

/// Returns the pools of a model, in the order of their first class; `asked` are the tuned skills that each class asks for.
pub(crate) fn pools(model: &Model, asked: &[Vec<usize>]) -> Vec<Pool> {
    let n_classes = model.n_classes();
    let mut pool_of: Vec<usize> = (0..n_classes).collect();
    for (class, skills) in asked.iter().enumerate() {
        for other in 0..class {
            let shares_agents = (0..model.n_groups())
                .any(|group| model.serves(group, class) && model.serves(group, other));
            let shares_skill = skills.iter().any(|skill| asked[other].contains(skill));
            if shares_agents || shares_skill {
                let (from, to) = (pool_of[class], pool_of[other]);
                let (from, to) = (std::cmp::max(from, to), std::cmp::min(from, to));
                pool_of
                    .iter_mut()
                    .filter(|pool| **pool == from)
                    .for_each(|pool| *pool = to);
            }
        }
    }
    let is_first = |pool: &usize| pool_of[*pool] == *pool;
    (0..n_classes)
        .filter(is_first)
        .map(|pool| {
            let classes: Vec<usize> = (0..n_classes)
                .filter(|class| pool_of[*class] == pool)
                .collect();
            one_pool(model, asked, classes)
        })
        .collect()
}

fn one_pool(model: &Model, asked: &[Vec<usize>], classes: Vec<usize>) -> Pool {
    let takes_any = |group: &usize| classes.iter().any(|class| model.serves(*group, *class));
    let groups: Vec<usize> = (0..model.n_groups()).filter(takes_any).collect();
    let mut skills: Vec<usize> = classes
        .iter()
        .flat_map(|class| asked[*class].clone())
        .collect();
    skills.sort_unstable();
    skills.dedup();
    let stand_alike = classes
        .windows(2)
        .all(|pair| asked[pair[0]] == asked[pair[1]]);
    let power = if skills.is_empty() || stand_alike {
        Power::None
    } else if is_conserved(model, &classes, &groups) {
        Power::Redistribute
    } else if is_nearly_conserved(model, &classes, &groups) {
        Power::NearlyRedistribute
    } else {
        Power::Change
    };
    Pool {
        classes,
        groups,
        skills,
        power,
    }
}

/// Whether every order of service gives the same mean wait over all callers: all agents take all classes, the time that
/// an interaction takes an agent follows one law whatever its class, and nobody gives up, or all by one exponential law.
///
/// Then the number of those waiting follows the same law whoever goes first.
pub(crate) fn is_conserved(model: &Model, classes: &[usize], groups: &[usize]) -> bool {
    let spec = model.spec();
    let of = |class: &usize| &spec.classes[*class];
    let alike = |group: &usize| {
        let work = |class: &usize| work(of(class), &spec.groups[*group]);
        classes
            .windows(2)
            .all(|pair| work(&pair[0]) == work(&pair[1]))
    };
    let gives_up_alike = classes
        .windows(2)
        .all(|pair| of(&pair[0]).patience == of(&pair[1]).patience);
    is_one_pool(model, classes, groups)
        && groups.iter().all(alike)
        && gives_up_alike
        && classes
            .iter()
            .all(|class| is_memoryless(of(class).patience.as_ref()))
        && classes.iter().all(|class| is_drawn(&of(class).arrivals))
}

/// The same for means that are nearly the same, whatever the laws.
fn is_nearly_conserved(model: &Model, classes: &[usize], groups: &[usize]) -> bool {
    let spec = model.spec();
    let of = |class: &usize| &spec.classes[*class];
    let alike = |group: &usize| {
        are_near(
            classes
                .iter()
                .map(|class| handle_secs(of(class), &spec.groups[*group])),
        )
    };
    let patience = |class: &usize| {
        of(class)
            .patience
            .as_ref()
            .map(|patience| patience.law.mean_secs())
    };
    let never = |class: &usize| {
        of(class)
            .patience
            .as_ref()
            .map_or(1.0, |patience| patience.never_share)
    };
    let gives_up_alike = classes.iter().all(|class| patience(class).is_none())
        || (classes.iter().all(|class| patience(class).is_some())
            && are_near(classes.iter().filter_map(patience))
            && are_near(classes.iter().map(|class| 1.0 - never(class))));
    is_one_pool(model, classes, groups)
        && groups.iter().all(alike)
        && gives_up_alike
        && classes.iter().all(|class| is_drawn(&of(class).arrivals))
}

fn are_near(values: impl Iterator<Item = f64> + Clone) -> bool {
    let highest = values.clone().fold(0.0, f64::max);
    let lowest = values.fold(f64::INFINITY, f64::min);
    highest <= lowest * (1.0 + NEARLY_SHARE)
}

/// Whether all agents of the pool take all its classes, and share no waiting room with others.
fn is_one_pool(model: &Model, classes: &[usize], groups: &[usize]) -> bool {
    let takes_all = |group: &usize| classes.iter().all(|class| model.serves(*group, *class));
    // Blocking by a waiting room that other pools fill too would depend on them.
    let has_own_room = model.spec().waiting_room.is_none() || classes.len() == model.n_classes();
    groups.iter().all(takes_all) && has_own_room
}

/// Mean service and after-call work of a class with agents of a group, in seconds.
pub(crate) fn handle_secs(class: &Class, group: &Group) -> f64 {
    let (service, after_call, speed) = work(class, group);
    (service.mean_secs() + after_call.map_or(0.0, Law::mean_secs)) / speed
}

/// Whether a class's work follows one law whoever of those who can take it does it.
pub(crate) fn is_alike_everywhere(model: &Model, class: usize) -> bool {
    let spec = model.spec();
    let able: Vec<&Group> = (0..model.n_groups())
        .filter(|group| model.serves(*group, class))
        .map(|group| &spec.groups[group])
        .collect();
    let of = &spec.classes[class];
    able.windows(2)
        .all(|pair| work(of, pair[0]) == work(of, pair[1]))
        && is_drawn(&of.arrivals)
}

/// The laws of service and of after-call work, and how fast it goes.
fn work<'a>(class: &'a Class, group: &'a Group) -> (&'a Law, Option<&'a Law>, f64) {
    let service = group.service.get(&class.name).unwrap_or(&class.service);
    let after_call = group
        .after_call
        .get(&class.name)
        .or(class.after_call.as_ref());
    let speed = group.speed.get(&class.name).copied().unwrap_or(1.0);
    (service, after_call, speed)
}

fn is_memoryless(patience: Option<&Patience>) -> bool {
    patience.is_none_or(|patience| {
        matches!(patience.law, Law::Exponential { .. }) && patience.never_share <= 0.0
    })
}

/// Whether work and patience are drawn from laws; a trace's own differ from class to class.
fn is_drawn(arrivals: &Arrivals) -> bool {
    match arrivals {
        Arrivals::Poisson(_) => true,
        Arrivals::Trace(trace) => {
            trace.service_secs.is_none()
                && trace.after_call_secs.is_none()
                && trace.patience_secs.is_none()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::fixtures::{N, ONE_POOL, model, tuning};

    /// The pools of a centre with sales and help: (classes, power).
    fn check(text: &str, expected: &[(&[usize], Power)]) {
        let model = model(text);
        let tuning = tuning(&model, &[("sales", 50), ("help", 50)]);
        let found: Vec<(&[usize], Power)> = tuning
            .pools()
            .iter()
            .map(|pool| (pool.classes.as_slice(), pool.power))
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn one_pool_with_one_law_only_redistributes() {
        check(ONE_POOL, &[(&[0, 1], Power::Redistribute)]);
        let patience = "mean_secs = 180 }\npatience = { law = \"exponential\", mean_secs = 240 }";
        let impatient = ONE_POOL.replace("mean_secs = 180 }", patience);
        check(&impatient, &[(&[0, 1], Power::Redistribute)]);
    }

    #[test]
    fn what_breaks_a_condition_breaks_the_law() {
        let change = &[(&[0, 1][..], Power::Change)];
        check(N, change);
        check(
            &ONE_POOL.replacen("mean_secs = 180", "mean_secs = 300", 1),
            change,
        );
        let one_gives_up = ONE_POOL.replacen(
            "\n[[groups]]",
            "patience = { law = \"exponential\", mean_secs = 240 }\n[[groups]]",
            1,
        );
        check(&one_gives_up, change);
        let speed = "agents = 20\nspeed = { help = 1.5 }";
        check(&ONE_POOL.replacen("agents = 20", speed, 1), change);
    }

    #[test]
    fn nearly_the_same_is_nearly_conserved() {
        let nearly = &[(&[0, 1][..], Power::NearlyRedistribute)];
        check(
            &ONE_POOL.replacen("mean_secs = 180", "mean_secs = 190", 1),
            nearly,
        );
        let other_law = "law = \"gamma\", cv = 0.8, mean_secs = 180";
        check(
            &ONE_POOL.replacen("law = \"exponential\", mean_secs = 180", other_law, 1),
            nearly,
        );
    }

    #[test]
    fn skills_that_share_no_agents_are_pools_of_their_own() {
        let apart = N.replacen("skills = [\"sales\", \"help\"]", "skills = [\"help\"]", 1);
        check(&apart, &[(&[0], Power::None), (&[1], Power::None)]);
    }
}
