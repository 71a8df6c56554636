//! Whether there are enough agents at all: the centre as a flow of work.
//!
//! Waits and chance are left out; what remains is how much work comes, and who is able to do it. Where that does not
//! fit, no weights help. (Harrison and López 1999.)

use super::simplex::{Program, Relation};

/// A centre at one moment, as rates.
#[derive(Clone, PartialEq, Debug)]
pub struct Flow {
    /// Per class: arrivals in an hour.
    pub per_hour: Vec<f64>,
    /// Per class: whether its callers give up when they wait too long.
    pub gives_up: Vec<bool>,
    /// Who does the work.
    pub groups: Vec<Capacity>,
}

/// Agents who are alike.
#[derive(Clone, PartialEq, Debug)]
pub struct Capacity {
    /// How many are at work; a mean over time need not be whole.
    pub agents: f64,
    /// Per class: its mean handle time with them in seconds, above 0; `None`: they cannot take it.
    pub handle_secs: Vec<Option<f64>>,
}

/// Classes and the agents who can take them, that share one fate: these agents are busy at least this share of their
/// time, whatever the weights, and in the best of plans do nothing else.
#[derive(Clone, PartialEq, Debug)]
pub struct Workload {
    /// The classes, in their order.
    pub classes: Vec<usize>,
    /// The groups that can take any of them, in their order.
    pub groups: Vec<usize>,
    /// Load over capacity, at least 0; 1 or more: short of staff. Infinite if nobody who can take them is at work.
    pub load_share: f64,
}

impl Workload {
    /// Whether the work is more than these agents can do.
    pub fn is_short(&self) -> bool {
        self.load_share >= 1.0
    }
}

impl Flow {
    /// Returns all classes that have arrivals, in workloads: the tightest first, then the tightest of what is left
    /// without its classes and its agents, and so on.
    ///
    /// The first one's `load_share` is the least load of the busiest agents that any routing can reach: the largest
    /// load over capacity of all sets of classes.
    pub fn workloads(&self) -> Vec<Workload> {
        let mut classes: Vec<usize> = self.arriving().collect();
        let mut groups: Vec<usize> = (0..self.groups.len()).collect();
        let mut found = Vec::new();
        while !classes.is_empty() {
            let workload = self.tightest(&classes, &groups);
            classes.retain(|class| !workload.classes.contains(class));
            groups.retain(|group| !workload.groups.contains(group));
            found.push(workload);
        }
        found
    }

    /// Returns how many callers in an hour give up at least, whatever the weights; `None` if a class whose callers
    /// never do is short of staff: its line grows for ever.
    pub fn abandoned_per_hour(&self) -> Option<f64> {
        let classes: Vec<usize> = self.arriving().collect();
        let groups: Vec<usize> = (0..self.groups.len()).collect();
        let edges = self.edges(&classes, &groups);
        let costs = edges.iter().map(|_| 0.0);
        let costs = costs.chain(classes.iter().map(|class| self.per_hour[*class]));
        let mut program = Program::minimise(costs.collect());
        for (place, class) in classes.iter().enumerate() {
            // In units of the class's work: a share of its callers is done, the rest gives up.
            let mut terms = self.done_by(&edges, *class);
            if self.gives_up[*class] {
                terms.push((edges.len() + place, self.erlangs(*class)));
            }
            program.row(terms, Relation::Equal, self.erlangs(*class));
        }
        for group in groups {
            program.row(
                used(&edges, group),
                Relation::AtMost,
                self.groups[group].agents,
            );
        }
        program.solve().ok().map(|optimum| optimum.value)
    }

    fn arriving(&self) -> impl Iterator<Item = usize> {
        (0..self.per_hour.len()).filter(|class| self.per_hour[*class] > 0.0)
    }

    fn tightest(&self, classes: &[usize], groups: &[usize]) -> Workload {
        let is_served = |class: &&usize| groups.iter().any(|group| self.takes(*group, **class));
        if let Some(unserved) = classes.iter().find(|class| !is_served(class)) {
            return self.workload(vec![*unserved], groups, f64::INFINITY);
        }
        let edges = self.edges(classes, groups);
        let load_share = edges.len();
        let mut costs = vec![0.0; edges.len() + 1];
        costs[load_share] = 1.0;
        let mut program = Program::minimise(costs);
        for class in classes {
            let terms = self.done_by(&edges, *class);
            program.row(terms, Relation::Equal, self.erlangs(*class));
        }
        for group in groups {
            let mut terms = used(&edges, *group);
            terms.push((load_share, -self.groups[*group].agents));
            program.row(terms, Relation::AtMost, 0.0);
        }
        // Each class is served by somebody, so that a large enough load share always does.
        let Ok(optimum) = program.solve() else {
            return self.workload(classes.to_vec(), groups, f64::INFINITY);
        };
        // A class whose work costs nothing at the margin is not what keeps the share up.
        let is_tight = |(_, price): &(&usize, &f64)| **price > 1e-9;
        let tight = classes.iter().zip(&optimum.prices).filter(is_tight);
        let tight = tight.map(|(class, _)| *class).collect();
        self.workload(tight, groups, optimum.value)
    }

    fn workload(&self, classes: Vec<usize>, groups: &[usize], load_share: f64) -> Workload {
        let takes_any = |group: &&usize| classes.iter().any(|class| self.takes(**group, *class));
        Workload {
            groups: groups.iter().filter(takes_any).copied().collect(),
            classes,
            load_share,
        }
    }

    /// Whether somebody of the group is there to take the class.
    fn takes(&self, group: usize, class: usize) -> bool {
        self.groups[group].agents > 0.0 && self.groups[group].handle_secs[class].is_some()
    }

    /// The work of a class in agents, done by those quickest at it.
    fn erlangs(&self, class: usize) -> f64 {
        self.per_hour[class] / 3600.0 * self.quickest_secs(class)
    }

    fn quickest_secs(&self, class: usize) -> f64 {
        let able = self
            .groups
            .iter()
            .filter_map(|group| group.handle_secs[class]);
        // Where nobody can take it, any unit of work does.
        able.reduce(f64::min).unwrap_or(1.0)
    }

    /// Who may do what: (group, class, work done in an agent's time). Its place is its variable, the agents spent.
    fn edges(&self, classes: &[usize], groups: &[usize]) -> Vec<(usize, usize, f64)> {
        let mut edges = Vec::new();
        for class in classes {
            for group in groups.iter().filter(|group| self.takes(**group, *class)) {
                if let Some(secs) = self.groups[*group].handle_secs[*class] {
                    edges.push((*group, *class, self.quickest_secs(*class) / secs));
                }
            }
        }
        edges
    }

    fn done_by(&self, edges: &[(usize, usize, f64)], class: usize) -> Vec<(usize, f64)> {
        let of_class = edges.iter().enumerate().filter(|(_, edge)| edge.1 == class);
        of_class
            .map(|(variable, edge)| (variable, edge.2))
            .collect()
    }
}

fn used(edges: &[(usize, usize, f64)], group: usize) -> Vec<(usize, f64)> {
    let of_group = edges.iter().enumerate().filter(|(_, edge)| edge.0 == group);
    of_group.map(|(variable, _)| (variable, 1.0)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn group(agents: f64, handle_secs: &[Option<f64>]) -> Capacity {
        Capacity {
            agents,
            handle_secs: handle_secs.to_vec(),
        }
    }

    fn flow(erlangs: &[f64], groups: Vec<Capacity>) -> Flow {
        Flow {
            per_hour: erlangs.iter().map(|erlangs| erlangs * 60.0).collect(),
            gives_up: vec![true; erlangs.len()],
            groups,
        }
    }

    const MINUTE: Option<f64> = Some(60.0);

    fn close(found: f64, expected: f64) -> bool {
        (found - expected).abs() < 1e-7
    }

    #[test]
    fn the_tightest_set_of_classes_is_named_before_looser_ones() {
        // 9 + 10 erlangs for 22 agents who share; 1 erlang for 4 of its own.
        let shared = [MINUTE, MINUTE, None];
        let groups = vec![
            group(12.0, &shared),
            group(10.0, &shared),
            group(4.0, &[None, None, MINUTE]),
        ];
        let found = flow(&[9.0, 10.0, 1.0], groups).workloads();
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(
            (&found[0].classes, &found[0].groups),
            (&vec![0, 1], &vec![0, 1])
        );
        assert!(close(found[0].load_share, 19.0 / 22.0), "{found:?}");
        assert_eq!((&found[1].classes, &found[1].groups), (&vec![2], &vec![2]));
        assert!(close(found[1].load_share, 0.25) && !found[0].is_short());
    }

    #[test]
    fn the_inflexible_skill_of_an_n_is_the_tightest_only_when_its_own_agents_are_few() {
        let n = |a, b| {
            let groups = vec![group(5.0, &[MINUTE, None]), group(5.0, &[MINUTE, MINUTE])];
            flow(&[a, b], groups).workloads()
        };
        let all = n(5.0, 3.5);
        assert_eq!(all[0].classes, [0, 1]);
        assert!(close(all[0].load_share, 0.85));
        let tight = n(1.0, 6.0);
        assert_eq!((&tight[0].classes, &tight[0].groups), (&vec![1], &vec![1]));
        assert!(close(tight[0].load_share, 1.2) && tight[0].is_short());
        assert!(close(tight[1].load_share, 0.2), "{tight:?}");
    }

    #[test]
    fn nobody_there_is_infinitely_short() {
        let found = flow(
            &[1.0, 1.0],
            vec![group(0.0, &[MINUTE, None]), group(2.0, &[None, MINUTE])],
        );
        let found = found.workloads();
        assert_eq!(
            (found[0].classes.clone(), found[0].load_share),
            (vec![0], f64::INFINITY)
        );
        assert!(close(found[1].load_share, 0.5));
    }

    #[test]
    fn at_least_the_excess_gives_up_and_the_slow_work_first() {
        let pool = |gives_up| Flow {
            per_hour: vec![60.0, 60.0],
            gives_up,
            groups: vec![group(2.0, &[MINUTE, Some(120.0)])],
        };
        // 3 erlangs for 2 agents: to lose 1 erlang, half of those who take 2 minutes are the fewest callers.
        assert!(close(
            pool(vec![true, true]).abandoned_per_hour().unwrap(),
            30.0
        ));
        assert!(close(
            pool(vec![true, false]).abandoned_per_hour().unwrap(),
            60.0
        ));
        assert_eq!(pool(vec![false, false]).abandoned_per_hour(), None);
        assert!(close(
            flow(&[1.0], vec![group(2.0, &[MINUTE])])
                .abandoned_per_hour()
                .unwrap(),
            0.0
        ));
    }

    /// Load over capacity of every set of classes, for handle times that depend on the class alone.
    fn largest_share(flow: &Flow) -> f64 {
        let n_classes = flow.per_hour.len();
        let share = |set: u32| {
            let classes: Vec<usize> = (0..n_classes)
                .filter(|class| set >> class & 1 == 1)
                .collect();
            let load: f64 = classes.iter().map(|class| flow.erlangs(*class)).sum();
            let able = |group: &&Capacity| {
                classes
                    .iter()
                    .any(|class| group.handle_secs[*class].is_some())
            };
            load / flow
                .groups
                .iter()
                .filter(able)
                .map(|group| group.agents)
                .sum::<f64>()
        };
        (1..1_u32 << n_classes).map(share).fold(0.0, f64::max)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn the_share_is_that_of_the_worst_set_of_classes(
            erlangs in prop::collection::vec(0.1_f64..9.0, 1..7),
            takers in prop::collection::vec((1_u32..12, any::<u8>()), 1..6),
        ) {
            let n_classes = erlangs.len();
            let all = (9, u8::MAX);
            let groups = takers.iter().chain([&all]).map(|(agents, takes)| {
                let secs = |class| (takes >> class & 1 == 1).then_some(60.0);
                group(f64::from(*agents), &(0..n_classes).map(secs).collect::<Vec<_>>())
            });
            let flow = flow(&erlangs, groups.collect());
            let found = flow.workloads();
            prop_assert!(close(found[0].load_share, largest_share(&flow)), "{found:?}");
            let named: usize = found.iter().map(|workload| workload.classes.len()).sum();
            prop_assert_eq!(named, n_classes);
            for pair in found.windows(2) {
                prop_assert!(pair[1].load_share <= pair[0].load_share + 1e-7, "{found:?}");
            }
        }
    }
}
