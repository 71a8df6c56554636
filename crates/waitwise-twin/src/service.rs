//! How long an agent is taken up by a visit: the telephone's ringing, talk, hold and after-call work together.

use crate::seen::SeenVisit;

/// Times that agents were taken up by visits of one class, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// Typical times, each standing for an equal share of all; never empty.
    pub values_secs: Vec<f64>,
    /// How many visits they stand for; 0: the class had too few of its own, so they are those of all classes.
    pub n_seen: usize,
}

/// So many values say what a law of handle times can say; more would only cost memory.
const VALUES_MAX: usize = 500;
/// A class with fewer handled visits than this has the handle times of all.
const SEEN_MIN: usize = 30;
/// What is taken where nothing at all tells: a usual call's length.
const UNKNOWN_SECS: f64 = 300.0;

/// Collects the times of each class; visits belong to what `class_of` gives.
pub(crate) fn service<'a>(
    visits: impl Iterator<Item = &'a SeenVisit>,
    n_classes: usize,
    class_of: &dyn Fn(u16) -> Option<usize>,
    ring_secs: f64,
) -> Vec<Service> {
    let mut by_class: Vec<Vec<f64>> = vec![Vec::new(); n_classes];
    for visit in visits {
        if let (Some(class), Some(handle_ms)) = (class_of(visit.class), visit.handle_ms) {
            by_class[class].push(ring_secs + f64::from(handle_ms) / 1000.0);
        }
    }
    let all: Vec<f64> = by_class.iter().flatten().copied().collect();
    let all = match all.is_empty() {
        true => vec![UNKNOWN_SECS],
        false => all,
    };
    let of_class = by_class.into_iter().map(|own| match own.len() < SEEN_MIN {
        true => Service {
            values_secs: typical(all.clone()),
            n_seen: 0,
        },
        false => Service {
            n_seen: own.len(),
            values_secs: typical(own),
        },
    });
    of_class.collect()
}

/// Returns how long telephones ring: what even the visits that were answered at once have waited. 0 without any.
///
/// A hundredth are let be faster: a wait can be cut short by a caller who was expected.
pub(crate) fn ring_secs<'a>(visits: impl Iterator<Item = &'a SeenVisit>) -> f64 {
    let answered = visits.filter(|visit| visit.ending == waitwise_model::Ending::Answered);
    let mut waits: Vec<u32> = answered.map(|visit| visit.wait_ms).collect();
    waits.sort_unstable();
    let fastest = waits.get(waits.len() / 100).copied().unwrap_or(0);
    f64::from(fastest) / 1000.0
}

/// Thins values to so many that their mean stays: each stands for the mean of its share.
fn typical(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    if values.len() <= VALUES_MAX {
        return values;
    }
    let share = |place: usize| place * values.len() / VALUES_MAX;
    let mean = |place: usize| {
        let part = &values[share(place)..share(place + 1)];
        part.iter().sum::<f64>() / part.len() as f64
    };
    (0..VALUES_MAX).map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;
    use waitwise_model::Ending;

    fn visit(class: u16, wait_ms: u32, handle_ms: u32) -> SeenVisit {
        SeenVisit {
            entered_ms: 0,
            class,
            ending: Ending::Answered,
            wait_ms,
            handle_ms: Some(handle_ms),
            agent: None,
        }
    }

    #[test]
    fn thinning_keeps_the_mean_and_nearly_the_variance() {
        let mut dice = Dice::new(2);
        let visits: Vec<_> = (0..9_777)
            .map(|_| {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a test's calls are short"
                )]
                let handle_ms = dice.exponential(300_000.0) as u32;
                visit(0, 0, handle_ms)
            })
            .collect();
        let found = service(visits.iter(), 1, &|_| Some(0), 2.0).remove(0);
        let exact: Vec<f64> = visits
            .iter()
            .filter_map(|v| v.handle_ms)
            .map(|ms| 2.0 + f64::from(ms) / 1000.0)
            .collect();
        let moments = |values: &[f64]| {
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let square = values
                .iter()
                .map(|value| (value - mean).powi(2))
                .sum::<f64>();
            (mean, square / values.len() as f64)
        };
        let ((mean, variance), (ours, our_variance)) =
            (moments(&exact), moments(&found.values_secs));
        assert!((ours / mean - 1.0).abs() < 0.002, "{ours} for {mean}");
        assert!(
            (our_variance / variance - 1.0).abs() < 0.02,
            "{our_variance} for {variance}"
        );
        assert_eq!((found.values_secs.len(), found.n_seen), (VALUES_MAX, 9_777));
    }

    #[test]
    fn a_class_that_was_hardly_handled_is_like_all() {
        let mut visits = vec![visit(0, 0, 100_000); 50];
        visits.push(visit(1, 0, 900_000));
        let found = service(visits.iter(), 2, &|class| Some(usize::from(class)), 0.0);
        assert_eq!(found[1].n_seen, 0);
        assert_eq!(found[1].values_secs.len(), 51);
        let nothing = service([].into_iter(), 1, &|_| Some(0), 0.0).remove(0);
        assert_eq!(nothing.values_secs, [UNKNOWN_SECS]);
    }

    #[test]
    fn ringing_is_what_nobody_was_spared() {
        let visits: Vec<_> = (0..300)
            .map(|n| visit(0, if n == 0 { 100 } else { 2_500 + n }, 1))
            .collect();
        let found = ring_secs(visits.iter());
        assert!((2.5..2.51).contains(&found), "{found}");
    }
}
