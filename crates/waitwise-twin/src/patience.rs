//! How long callers would wait before they leave, from waits that mostly ended before that could be seen.
//!
//! Whoever was answered is only known to have been willing to wait longer than the wait: right-censored. The hazard of
//! leaving is taken as constant on a few pieces; on each it is leavings over time spent waiting there, which is its
//! maximum-likelihood estimate under censoring. Where a class has few leavings it is drawn towards that of all classes.

use waitwise_model::Ending;

use crate::seen::SeenVisit;

/// A hazard of leaving on pieces of the wait.
#[derive(Clone, Debug, PartialEq)]
pub struct Patience {
    /// Pieces in order of age, the first from 0.
    pub pieces: Vec<Piece>,
    /// Of those who leave, the share who give up rather than take another way out (voicemail, a flow's timeout), 0..=1.
    pub abandoning_share: f64,
    /// How many leavings it rests on.
    pub n_left: usize,
}

/// A stretch of the wait.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Piece {
    /// Its beginning.
    pub from_secs: f64,
    /// Of those who wait here, how many leave in a second.
    pub per_sec: f64,
}

/// A wait as patience sees it.
#[derive(Clone, Copy)]
struct Spell {
    secs: f64,
    left: bool,
}

/// Estimates the patience of each class; visits belong to what `class_of` gives.
///
/// `ring_secs` is how long an answered visit's telephone rang: a caller for whom it rings is still waiting, but can be
/// taken to stay.
pub(crate) fn patience<'a>(
    visits: impl Iterator<Item = &'a SeenVisit>,
    n_classes: usize,
    class_of: &dyn Fn(u16) -> Option<usize>,
    ring_secs: f64,
) -> Vec<Patience> {
    let mut spells: Vec<Vec<Spell>> = vec![Vec::new(); n_classes];
    let mut abandoned = vec![0_usize; n_classes];
    for visit in visits {
        let Some(class) = class_of(visit.class) else {
            continue;
        };
        let left = visit.ending != Ending::Answered;
        let secs = f64::from(visit.wait_ms) / 1000.0;
        spells[class].push(Spell {
            secs: if left {
                secs
            } else {
                (secs - ring_secs).clamp(0.0, f64::MAX)
            },
            left,
        });
        abandoned[class] += usize::from(visit.is_abandoned());
    }
    let all: Vec<Spell> = spells.iter().flatten().copied().collect();
    let edges = edges(&all);
    let pooled = Exposure::of(&all, &edges).hazards(None);
    let own = spells.iter().zip(abandoned).map(|(spells, abandoned)| {
        let n_left = spells.iter().filter(|spell| spell.left).count();
        let hazards = Exposure::of(spells, &edges).hazards(Some(&pooled));
        let pieces = edges.iter().zip(hazards).map(|(from_secs, per_sec)| Piece {
            from_secs: *from_secs,
            per_sec,
        });
        Patience {
            pieces: pieces.collect(),
            abandoning_share: match n_left {
                0 => 1.0,
                n_left => abandoned as f64 / n_left as f64,
            },
            n_left,
        }
    });
    own.collect()
}

/// So many leavings of all classes are the least to a piece, so that its hazard is known to about a fifth.
const LEAVINGS_MIN: usize = 25;
/// More pieces than this tell nothing that a plan could turn on.
const PIECES_MAX: usize = 16;
/// Callers who notice at once that they are wrong here leave in the first seconds: a piece of its own.
const AT_ONCE_SECS: f64 = 5.0;
/// The pooled hazard counts for a class as much as this many leavings of its own.
const POOLED_LEAVINGS: f64 = 10.0;

/// Returns where pieces begin: with about equally many leavings on each.
fn edges(all: &[Spell]) -> Vec<f64> {
    let mut left: Vec<f64> = all
        .iter()
        .filter(|spell| spell.left)
        .map(|spell| spell.secs)
        .collect();
    left.sort_by(f64::total_cmp);
    let later = left.partition_point(|secs| *secs <= AT_ONCE_SECS);
    let rest = &left[later..];
    let mut edges = vec![0.0];
    if later >= LEAVINGS_MIN {
        edges.push(AT_ONCE_SECS);
    }
    let n_pieces = std::cmp::min(rest.len() / LEAVINGS_MIN, PIECES_MAX);
    for piece in 1..n_pieces {
        let edge = rest[piece * rest.len() / n_pieces];
        if edges.last().is_some_and(|last| edge > *last) {
            edges.push(edge);
        }
    }
    edges
}

/// Leavings and time waited, by piece.
struct Exposure(Vec<(f64, f64)>);

impl Exposure {
    fn of(spells: &[Spell], edges: &[f64]) -> Exposure {
        let mut pieces = vec![(0.0, 0.0); edges.len()];
        for spell in spells {
            for (piece, from) in edges.iter().enumerate() {
                if spell.secs < *from {
                    break;
                }
                let to = edges.get(piece + 1).copied().unwrap_or(f64::INFINITY);
                let within = if spell.secs < to { spell.secs } else { to };
                pieces[piece].1 += within - from;
                pieces[piece].0 += f64::from(u8::from(spell.left && spell.secs < to));
            }
        }
        Exposure(pieces)
    }

    fn hazards(&self, pooled: Option<&[f64]>) -> Vec<f64> {
        let hazard = |(piece, (left, secs)): (usize, &(f64, f64))| {
            let towards = pooled.map_or(0.0, |pooled| pooled[piece]);
            // A gamma prior of mean `towards`, worth so many leavings.
            let (prior_left, prior_secs) = match towards > 0.0 {
                true => (POOLED_LEAVINGS, POOLED_LEAVINGS / towards),
                false => (0.0, 0.0),
            };
            match secs + prior_secs > 0.0 {
                true => (left + prior_left) / (secs + prior_secs),
                false => 0.0,
            }
        };
        self.0.iter().enumerate().map(hazard).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;

    fn visit(class: u16, wait_secs: f64, ending: Ending) -> SeenVisit {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a test's waits are short"
        )]
        let wait_ms = (wait_secs * 1000.0) as u32;
        SeenVisit {
            entered_ms: 0,
            class,
            ending,
            wait_ms,
            handle_ms: None,
            agent: None,
        }
    }

    /// Survival at `secs`.
    fn survival(patience: &Patience, secs: f64) -> f64 {
        let mut sum = 0.0;
        for (place, piece) in patience.pieces.iter().enumerate() {
            let next = patience
                .pieces
                .get(place + 1)
                .map_or(f64::INFINITY, |next| next.from_secs);
            let to = if secs < next { secs } else { next };
            if to > piece.from_secs {
                sum += (to - piece.from_secs) * piece.per_sec;
            }
        }
        (-sum).exp()
    }

    #[test]
    fn censoring_does_not_shorten_patience() {
        // Weibull patience of shape 0.8, most callers answered long before.
        let mut dice = Dice::new(3);
        let visits: Vec<SeenVisit> = (0..20_000)
            .map(|_| {
                let patience = 300.0 * dice.exponential(1.0).powf(1.0 / 0.8);
                let answer = dice.exponential(90.0);
                match patience < answer {
                    true => visit(0, patience, Ending::Abandoned),
                    false => visit(0, answer, Ending::Answered),
                }
            })
            .collect();
        let found = patience(visits.iter(), 1, &|_| Some(0), 0.0).remove(0);
        for secs in [10.0_f64, 30.0, 60.0, 120.0, 240.0] {
            let truth = (-(secs / 300.0).powf(0.8)).exp();
            let off = survival(&found, secs) - truth;
            assert!(off.abs() < 0.02, "{secs} s: {off} off {truth}");
        }
        // Naively, from those who left alone, half would be gone within a minute.
        assert!(survival(&found, 60.0) > 0.7);
    }

    #[test]
    fn a_class_with_few_leavings_is_like_all_classes() {
        let mut visits: Vec<SeenVisit> = Vec::new();
        let mut dice = Dice::new(9);
        for _ in 0..4_000 {
            let patience = dice.exponential(200.0);
            let answer = dice.exponential(60.0);
            visits.push(match patience < answer {
                true => visit(0, patience, Ending::Abandoned),
                false => visit(0, answer, Ending::Answered),
            });
        }
        visits.extend((0..3).map(|_| visit(1, 30.0, Ending::Answered)));
        let found = patience(visits.iter(), 2, &|class| Some(usize::from(class)), 0.0);
        let off = survival(&found[1], 100.0) - (-0.5_f64).exp();
        assert!(off.abs() < 0.05, "{off}");
        assert_eq!(found[1].n_left, 0);
    }

    #[test]
    fn nobody_who_leaves_means_that_nobody_ever_does() {
        let visits = [visit(0, 30.0, Ending::Answered)];
        let found = patience(visits.iter(), 1, &|_| Some(0), 0.0).remove(0);
        assert!((survival(&found, 1e6) - 1.0).abs() < f64::EPSILON);
    }
}
