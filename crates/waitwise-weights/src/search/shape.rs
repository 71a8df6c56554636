//! Which weights there are to move, and which points are the same.

use super::tuning::{Place, Tuning};
use crate::bounds::pools::Power;
use crate::guardrail::Guardrails;
use crate::writable::Step;

/// One place per tuned skill.
pub(crate) type Point = Vec<Place>;

/// Which coordinates a search has. Only differences within a pool count, so that all its places may be moved together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Shape {
    /// Skills whose weight is moved.
    pub(crate) free: Vec<usize>,
    /// Skills that the others of their pool are moved against.
    pub(crate) held: Vec<usize>,
    /// Skills whose weight makes no difference.
    pub(crate) idle: Vec<usize>,
    /// The skills of each pool in which adding the same to all changes nothing.
    afloat: Vec<Vec<usize>>,
    /// Whether there is a pool in which it does.
    is_anchored: bool,
    /// How many places apart two may lie.
    pub(crate) spread_max: Place,
    /// How many places there are.
    n_places: usize,
}

impl Shape {
    pub(crate) fn of(tuning: &Tuning<'_>, guardrails: &Guardrails) -> Shape {
        let steps = tuning.writable().steps();
        let is_even = is_even(steps);
        let mut shape = Shape {
            free: Vec::new(),
            held: Vec::new(),
            idle: Vec::new(),
            afloat: Vec::new(),
            is_anchored: false,
            spread_max: spread_max(steps, guardrails.head_start_gap()),
            n_places: steps.len(),
        };
        for pool in tuning.pools() {
            if pool.power == Power::None {
                shape.idle.extend(&pool.skills);
                continue;
            }
            let floats = is_even && !tuning.is_anchored(pool);
            let (held, free) = pool.skills.split_at(usize::from(floats));
            shape.held.extend(held);
            shape.free.extend(free);
            if floats {
                shape.afloat.push(pool.skills.clone());
            }
            shape.is_anchored |= !floats;
        }
        shape
    }

    /// The skill that a free one is moved against, if there is one.
    pub(crate) fn held_of(&self, skill: usize) -> Option<usize> {
        let pool = self.afloat.iter().find(|skills| skills.contains(&skill))?;
        pool.first().copied()
    }

    /// Lets each pool that floats begin with the lowest place, and keeps all within their reach of each other.
    pub(crate) fn settle(&self, places: &[i64]) -> Point {
        let mut places = places.to_vec();
        for skills in &self.afloat {
            let lowest = skills.iter().map(|skill| places[*skill]).min().unwrap_or(0);
            skills.iter().for_each(|skill| places[*skill] -= lowest);
        }
        self.idle.iter().for_each(|skill| places[*skill] = 0);
        let highest = i64::try_from(self.spread_max).unwrap_or(i64::MAX);
        let within = |place: &i64| Place::try_from((*place).clamp(0, highest)).unwrap_or(0);
        places.iter().map(within).collect()
    }

    /// Moves each pool that floats so that as few weights as can be differ from the present ones, and those by as little
    /// as can be.
    pub(crate) fn place(&self, point: &Point, present: &[Option<Place>]) -> Point {
        let window_last = match self.is_anchored {
            true => 0,
            false => self.n_places - 1 - self.spread_max,
        };
        let placed = (0..=window_last).map(|from| self.placed(point, present, from));
        let best = placed.min_by_key(|placed| distance(placed, present));
        best.unwrap_or_else(|| point.clone())
    }

    /// The same with all places from `from` on, no farther than they may lie apart.
    fn placed(&self, point: &Point, present: &[Option<Place>], from: Place) -> Point {
        let to = from + self.spread_max;
        let mut placed = point.clone();
        for skills in &self.afloat {
            let highest = skills.iter().map(|skill| point[*skill]).max().unwrap_or(0);
            let shifted = |shift: Place| {
                let mut shifted = placed.clone();
                skills
                    .iter()
                    .for_each(|skill| shifted[*skill] = point[*skill] + shift);
                shifted
            };
            let shifts = (from..=to - highest).map(shifted);
            let best = shifts.min_by_key(|shifted| distance(shifted, present));
            placed = best.unwrap_or(placed);
        }
        for skill in &self.idle {
            placed[*skill] = present[*skill].unwrap_or(from).clamp(from, to);
        }
        placed
    }
}

/// How many places are not the present ones, and by how much.
fn distance(point: &Point, present: &[Option<Place>]) -> (usize, usize) {
    let pairs = || point.iter().zip(present);
    let changed = pairs()
        .filter(|(place, present)| Some(**place) != **present)
        .count();
    let far = pairs()
        .filter_map(|(place, present)| Some(place.abs_diff((*present)?)))
        .sum();
    (changed, far)
}

/// Whether adding the same number of places is adding the same minutes.
fn is_even(steps: &[Step]) -> bool {
    steps.windows(3).all(|three| {
        let gaps = [
            three[1].minutes - three[0].minutes,
            three[2].minutes - three[1].minutes,
        ];
        (gaps[0] - gaps[1]).abs() < 1e-9
    })
}

fn spread_max(steps: &[Step], gap_minutes: f64) -> Place {
    let is_within = |step: &&Step| step.minutes - steps[0].minutes <= gap_minutes + 1e-9;
    steps.iter().take_while(is_within).count().saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use waitwise_model::Scale;

    use super::*;
    use crate::search::fixtures::{N, model, tuning};
    use crate::writable::Writable;

    /// A pool of three, a pool of two, and one skill whose weight makes no difference.
    fn shape(spread_max: Place, is_anchored: bool) -> Shape {
        Shape {
            free: vec![1, 2, 4],
            held: vec![0, 3],
            idle: vec![5],
            afloat: if is_anchored {
                vec![vec![3, 4]]
            } else {
                vec![vec![0, 1, 2], vec![3, 4]]
            },
            is_anchored,
            spread_max,
            n_places: 100,
        }
    }

    #[test]
    fn points_that_differ_by_a_shift_settle_to_one() {
        let shape = shape(99, false);
        let settled = vec![0, 3, 1, 2, 0, 0];
        assert_eq!(shape.settle(&[10, 13, 11, 7, 5, 44]), settled);
        assert_eq!(shape.settle(&[-5, -2, -4, 99, 97, 0]), settled);
        let narrow = self::shape(20, false);
        assert_eq!(narrow.settle(&[0, 90, 5, 0, 0, 0]), [0, 20, 5, 0, 0, 0]);
    }

    #[test]
    fn the_written_weights_are_as_few_and_as_near_as_can_be() {
        let shape = shape(99, false);
        let present = [50, 50, 50, 50, 50, 70].map(Some);
        // Two of the three can stay; of the two one can.
        let placed = shape.place(&vec![0, 4, 4, 0, 3, 0], &present);
        assert_eq!((&placed[..3], placed[5]), (&[46, 50, 50][..], 70));
        assert_eq!(
            (placed[4] - placed[3], distance(&placed, &present)),
            (3, (2, 7))
        );
        let point = shape.place(&vec![0, 99, 0, 0, 0, 0], &present);
        assert_eq!(point, [0, 99, 0, 50, 50, 70], "no room to move");
        let nothing = [None; 6];
        assert_eq!(
            shape.place(&vec![0, 1, 0, 0, 0, 0], &nothing),
            [0, 1, 0, 0, 0, 0]
        );
    }

    #[test]
    fn all_pools_stay_within_reach_of_each_other() {
        let shape = shape(20, false);
        let present = [10, 10, 10, 90, 90, 95].map(Some);
        let placed = shape.place(&vec![0, 5, 5, 0, 1, 0], &present);
        let (lowest, highest) = (placed.iter().min().unwrap(), placed.iter().max().unwrap());
        assert!(highest - lowest <= 20, "{placed:?}");
        assert_eq!(placed[1] - placed[0], 5);
    }

    #[test]
    fn one_skill_of_a_pool_is_held_unless_steps_are_uneven() {
        let model = model(N);
        let even = Shape::of(
            &tuning(&model, &[("sales", 50), ("help", 50)]),
            &Guardrails::default(),
        );
        assert_eq!(
            (even.held.as_slice(), even.free.as_slice()),
            (&[0][..], &[1][..])
        );
        assert_eq!(even.spread_max, 99);
        // 2.5 minutes a point come out as 3, 5, 8, 10 whole minutes.
        let skills = tuning(&model, &[("sales", 50), ("help", 50)])
            .skills()
            .to_vec();
        let writable = Writable::whole_minutes(Scale::per_point(2.5).unwrap());
        let tuning = Tuning::new(&model, skills, writable, 20.0).unwrap();
        let uneven = Shape::of(&tuning, &Guardrails::default());
        assert_eq!(
            (uneven.held.len(), uneven.free.as_slice()),
            (0, &[0, 1][..])
        );
        assert_eq!(uneven.spread_max, 4, "ten minutes from 3 on: 13");
        assert_eq!(uneven.settle(&[2, 3]), [2, 3]);
    }
}
