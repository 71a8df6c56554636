//! Where a search begins: a handful of points that theory holds to be good for something.

use waitwise_model::{SkillEvidence, SkillId};

use super::shape::{Point, Shape};
use super::tuning::{Place, Tuning};
use crate::balanced::Balanced;
use crate::bounds::fluid::Workload;
use crate::bounds::moments;
use crate::measures::{Experience, Measures};
use crate::volume_wait::VolumeWait;

/// Returns points to begin with, each once: the present one first.
///
/// `level` is what is measured when all have the same head start.
pub(crate) fn starts(tuning: &Tuning<'_>, shape: &Shape, level: &Measures) -> Vec<Point> {
    let starts = Starts {
        tuning,
        shape,
        level,
    };
    let present = shape.settle(&signed(&tuning.present_places()));
    let mut points = vec![present, starts.even()];
    let candidates = starts.equal_waits().into_iter().chain(starts.orders());
    for point in candidates.chain(starts.formulas()) {
        if !points.contains(&point) {
            points.push(point);
        }
    }
    points
}

pub(crate) fn signed(places: &[Place]) -> Vec<i64> {
    places
        .iter()
        .map(|place| i64::try_from(*place).unwrap_or(i64::MAX))
        .collect()
}

struct Starts<'a> {
    tuning: &'a Tuning<'a>,
    shape: &'a Shape,
    level: &'a Measures,
}

impl Starts<'_> {
    /// Everybody's longest wait goes first.
    fn even(&self) -> Point {
        self.shape.settle(&vec![0; self.tuning.skills().len()])
    }

    /// Head starts that would make all mean waits, and all service levels, the same.
    fn equal_waits(&self) -> Vec<Point> {
        let Some(all) = self.level.overall else {
            return Vec::new();
        };
        let by = |wanted_secs: &dyn Fn(&Experience) -> f64| {
            let minutes = |one: &Option<Experience>| {
                one.map_or(0.0, |one| self.head_start_minutes(wanted_secs(&one)))
            };
            self.point(&self.level.skills.iter().map(minutes).collect::<Vec<_>>())
        };
        // A point of service level is worth about a hundredth of the wait of those who wait.
        let shortfall = |one: &Experience| one.shortfall_points() / 100.0 * conditional_wait(&all);
        vec![
            by(&|one| one.mean_wait_secs - all.mean_wait_secs),
            by(&|one| 0.5 * (one.mean_wait_secs - all.mean_wait_secs)),
            by(&|one| (one.p90_wait_secs - all.p90_wait_secs) / 3.0),
            by(&shortfall),
        ]
    }

    /// The head start that takes so much off a skill's mean wait, if all agents were one pool.
    ///
    /// There two classes' mean waits differ by ρ·E[min(W, d)] for a head start of d. The wait of those who wait is
    /// nearly exponential, so that this is ρ·W·(1 − e^(−d/m)), m the mean wait of those who wait.
    fn head_start_minutes(&self, wanted_secs: f64) -> f64 {
        let Some(all) = self.level.overall else {
            return 0.0;
        };
        let most = 0.95 * f64::max(all.mean_wait_secs, 1e-9);
        let share = (wanted_secs.abs() / most).clamp(0.0, 0.95);
        let secs = -conditional_wait(&all) * libm::log1p(-share);
        secs.copysign(wanted_secs) / 60.0
    }

    /// Orders that theory knows, as spread out as may be and less: short work first, impatient callers first, and those
    /// first for whom staff is scarcest.
    fn orders(&self) -> Vec<Point> {
        let reach = self.reach_minutes();
        let known = self.tuning.work();
        let work: Vec<f64> = known.iter().map(|skill| 1.0 / skill.handle_secs).collect();
        let impatience = known
            .iter()
            .map(|skill| skill.patience_secs.map_or(0.0, |secs| 1.0 / secs));
        let impatience: Vec<f64> = impatience.collect();
        let workloads = moments::mean(self.tuning.model()).workloads();
        let scarcity = self.per_skill(|class| load_share(&workloads, class));
        let mut points = Vec::new();
        for values in [work, impatience, scarcity] {
            for part in [1.0, 0.3, 0.1] {
                points.push(self.point(&spread_out(&values, part * reach)));
            }
        }
        points
    }

    /// What the formulas make of the simulated history.
    fn formulas(&self) -> Vec<Point> {
        let evidence: Vec<SkillEvidence> = self
            .tuning
            .skills()
            .iter()
            .zip(&self.level.skills)
            .map(|(skill, experience)| {
                let (offered, wait) =
                    experience.map_or((0.0, 0.0), |one| (one.offered, one.mean_wait_secs));
                evidence(&skill.id, offered, wait)
            })
            .collect();
        let volume_wait = VolumeWait::default().weights(&evidence).ok();
        let formulas = [volume_wait, Some(Balanced::default().weights(&evidence))];
        let place = |weights: &waitwise_model::Weights, id: &SkillId| {
            weights
                .get(id)
                .map_or(0, |weight| self.tuning.writable().place_of(*weight))
        };
        let points = formulas.into_iter().flatten().map(|weights| {
            let places: Vec<Place> = self
                .tuning
                .skills()
                .iter()
                .map(|skill| place(&weights, &skill.id))
                .collect();
            self.shape.settle(&signed(&places))
        });
        points.collect()
    }

    /// The point whose head starts are nearest, counted from the lowest.
    fn point(&self, minutes: &[f64]) -> Point {
        let lowest = minutes.iter().copied().fold(f64::INFINITY, f64::min);
        let writable = self.tuning.writable();
        let from = writable.steps()[0].minutes;
        let places: Vec<Place> = minutes
            .iter()
            .map(|minutes| writable.nearest(minutes - lowest + from))
            .collect();
        self.shape.settle(&signed(&places))
    }

    fn reach_minutes(&self) -> f64 {
        let steps = self.tuning.writable().steps();
        steps[self.shape.spread_max].minutes - steps[0].minutes
    }

    /// The largest value of the classes that ask for each skill.
    fn per_skill(&self, of: impl Fn(usize) -> f64) -> Vec<f64> {
        let skills = 0..self.tuning.skills().len();
        skills
            .map(|skill| self.tuning.asking(skill).map(&of).fold(0.0, f64::max))
            .collect()
    }
}

/// Ranks of values as minutes, the largest value highest; equal values have equal ranks.
fn spread_out(values: &[f64], reach_minutes: f64) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.dedup_by(|value, before| *value <= *before * 1.02);
    let rank = |value: &f64| {
        sorted
            .partition_point(|other| other < value)
            .clamp(0, sorted.len() - 1)
    };
    let last = std::cmp::max(sorted.len() - 1, 1) as f64;
    values
        .iter()
        .map(|value| rank(value) as f64 / last * reach_minutes)
        .collect()
}

/// The mean wait of those who wait, in seconds.
pub(crate) fn conditional_wait(all: &Experience) -> f64 {
    f64::max(all.mean_wait_secs / f64::max(all.waited_share, 1e-9), 1.0)
}

fn load_share(workloads: &[Workload], class: usize) -> f64 {
    let of = workloads
        .iter()
        .find(|workload| workload.classes.contains(&class));
    of.map_or(0.0, |workload| workload.load_share.clamp(0.0, 1e6))
}

fn evidence(skill: &SkillId, conversations: f64, mean_wait_secs: f64) -> SkillEvidence {
    SkillEvidence {
        skill: skill.clone(),
        name: String::new(),
        codes: Vec::new(),
        conversations,
        mean_wait_secs,
        waiting_hours: 0.0,
        waiting_share: 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guardrail::Guardrails;
    use crate::search::Comparison;
    use crate::search::fixtures::{N, ONE_POOL, model, tuning};

    #[test]
    fn the_pooled_formula_is_near_the_exact_head_start() {
        let model = model(ONE_POOL);
        let tuning = tuning(&model, &[("sales", 50), ("help", 50)]);
        let level = Comparison::new(&tuning, &[vec![5.0, 5.0]], 40, 5, 2);
        let starts = Starts {
            tuning: &tuning,
            shape: &Shape::of(&tuning, &Guardrails::default()),
            level: level.measures(0),
        };
        // Two minutes and half a minute of head start part the two by 39.41 s and 13.07 s, exactly.
        for (parted_secs, minutes) in [(39.41, 2.0), (13.07, 0.5)] {
            let found = starts.head_start_minutes(parted_secs);
            assert!(
                (found / minutes - 1.0).abs() < 0.4,
                "{parted_secs}: {found}"
            );
            assert!((starts.head_start_minutes(-parted_secs) + found).abs() < 1e-9);
        }
        assert!(
            starts.head_start_minutes(1e9) < 10.0,
            "more than all cannot be taken"
        );
    }

    #[test]
    fn starts_are_few_and_each_is_there_once() {
        let model = model(N);
        let tuning = tuning(&model, &[("sales", 90), ("help", 30)]);
        let shape = Shape::of(&tuning, &Guardrails::default());
        let level = Comparison::new(&tuning, &[vec![5.0, 5.0]], 10, 5, 2);
        let points = starts(&tuning, &shape, level.measures(0));
        assert_eq!(
            points[..2],
            [[60, 0], [0, 0]],
            "the present one, then all equal"
        );
        assert!(
            points
                .iter()
                .enumerate()
                .all(|(place, point)| !points[..place].contains(point))
        );
        // Help has fewer agents: it is first where staff is scarce, and to level the waits.
        assert!(
            points.iter().filter(|point| point[1] > point[0]).count() >= 4,
            "{points:?}"
        );
    }

    #[test]
    fn values_are_spread_by_rank() {
        assert_eq!(
            spread_out(&[3.0, 1.0, 3.01, 2.0], 8.0),
            [8.0, 0.0, 8.0, 4.0]
        );
        assert_eq!(spread_out(&[0.0, 0.0], 8.0), [0.0, 0.0]);
    }
}
