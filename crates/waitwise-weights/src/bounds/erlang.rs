//! Erlang's formulas: one class of callers, agents who all can take it.

/// Returns the share of callers who find all `agents` busy when nobody may wait (Erlang B), at `erlangs` of load.
///
/// ```
/// let blocked = waitwise_weights::bounds::erlang::blocked_share(20, 18.0);
/// assert!((blocked - 0.109212846).abs() < 1e-9);
/// ```
pub fn blocked_share(agents: u32, erlangs: f64) -> f64 {
    (1..=agents).fold(1.0, |share, n| {
        erlangs * share / (f64::from(n) + erlangs * share)
    })
}

/// One class of callers who arrive by a Poisson process and are handled for exponential times.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Station {
    /// Arrivals in a second, above 0.
    pub per_sec: f64,
    /// Mean handle time in seconds, above 0.
    pub handle_secs: f64,
    /// How many agents take them.
    pub agents: u32,
    /// Mean of an exponential patience in seconds; `None`: nobody gives up.
    pub patience_secs: Option<f64>,
}

/// What callers of a [`Station`] meet.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Steady {
    /// Share of callers who are not answered at once.
    pub waiting_share: f64,
    /// Share of callers who give up.
    pub abandoned_share: f64,
    /// Mean wait of all callers, also of those who give up, in seconds; infinite if the line grows for ever.
    pub mean_wait_secs: f64,
}

impl Station {
    /// Returns the load in erlangs: how many agents all callers together would keep busy.
    pub fn erlangs(&self) -> f64 {
        self.per_sec * self.handle_secs
    }

    /// Returns the long run: Erlang C where nobody gives up, Erlang A otherwise.
    pub fn steady(&self) -> Steady {
        match self.patience_secs {
            None => self.patient(),
            Some(patience_secs) => self.impatient(patience_secs),
        }
    }

    /// Erlang C.
    fn patient(&self) -> Steady {
        let spare = f64::from(self.agents) - self.erlangs();
        if spare <= 0.0 {
            return Steady {
                waiting_share: 1.0,
                abandoned_share: 0.0,
                mean_wait_secs: f64::INFINITY,
            };
        }
        let blocked = blocked_share(self.agents, self.erlangs());
        let waiting_share = f64::from(self.agents) * blocked / (spare + self.erlangs() * blocked);
        Steady {
            waiting_share,
            abandoned_share: 0.0,
            mean_wait_secs: waiting_share * self.handle_secs / spare,
        }
    }

    /// Erlang A, with A = 1 + Σ yʲ/((x+1)…(x+j)), x = agents · patience / handle time, y = arrivals in a patience.
    ///
    /// Written with 1/A, because A leaves a double's range where patience is long and agents are few.
    fn impatient(&self, patience_secs: f64) -> Steady {
        let x = f64::from(self.agents) * patience_secs / self.handle_secs;
        let y = self.per_sec * patience_secs;
        let inverse = 1.0 / series(x, y);
        let blocked = blocked_share(self.agents, self.erlangs());
        let waiting_share = blocked / (inverse + (1.0 - inverse) * blocked);
        // y − x + x/A is what those who wait lack in agents, over their arrivals y.
        let abandoned_share = waiting_share * ((y - x + x * inverse) / y).clamp(0.0, 1.0);
        Steady {
            waiting_share,
            abandoned_share,
            mean_wait_secs: abandoned_share * patience_secs,
        }
    }
}

fn series(x: f64, y: f64) -> f64 {
    let (mut sum, mut term, mut n) = (1.0, 1.0, 0.0);
    while term > f64::EPSILON * sum * 1e-3 || x + n < y {
        n += 1.0;
        term *= y / (x + n);
        sum += term;
        if !f64::is_finite(sum) {
            return f64::INFINITY;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn station(erlangs: f64, handle_secs: f64, agents: u32, patience_secs: Option<f64>) -> Steady {
        let station = Station {
            per_sec: erlangs / handle_secs,
            handle_secs,
            agents,
            patience_secs,
        };
        station.steady()
    }

    fn close(found: f64, expected: f64) -> bool {
        (found / expected - 1.0).abs() < 1e-8
    }

    #[test]
    fn erlang_c_is_as_computed_by_two_other_methods() {
        for (erlangs, handle_secs, agents, waiting, mean_wait) in [
            (18.0, 180.0, 20, 0.550769005, 49.5692104),
            (8.4, 120.0, 12, 0.183888631, 6.12962104),
            (95.0, 300.0, 100, 0.506456850, 30.3874110),
        ] {
            let found = station(erlangs, handle_secs, agents, None);
            assert!(close(found.waiting_share, waiting), "{found:?}");
            assert!(close(found.mean_wait_secs, mean_wait), "{found:?}");
        }
        assert!(station(20.0, 180.0, 20, None).mean_wait_secs.is_infinite());
    }

    #[test]
    fn erlang_a_agrees_with_print() {
        // Garnett, Mandelbaum and Reiman 2002: 48 a minute, 50 agents, 1 minute, patience 2 minutes.
        let found = station(48.0, 60.0, 50, Some(120.0));
        assert!((found.abandoned_share - 0.030912).abs() < 5e-7, "{found:?}");
        assert!((found.mean_wait_secs - 3.7095).abs() < 5e-5, "{found:?}");
    }

    /// The chain of how many are there, summed up state by state.
    fn by_chain(erlangs: f64, agents: u32, patience: f64) -> (f64, f64) {
        let mut weight = 1.0_f64;
        let (mut total, mut waiting, mut queued) = (1.0, 0.0, 0.0);
        for n in 0..20_000_u32 {
            let busy = f64::from(std::cmp::min(n + 1, agents));
            let ahead = f64::from((n + 1).saturating_sub(agents));
            weight *= erlangs / (busy + ahead / patience);
            total += weight;
            if n + 1 >= agents {
                waiting += weight;
                queued += ahead * weight;
            }
        }
        (waiting / total, queued / total / patience / erlangs)
    }

    #[test]
    fn erlang_a_agrees_with_its_chain_from_idle_to_overloaded() {
        for (erlangs, agents, patience) in [
            (0.3, 1, 2.0),
            (18.0, 20, 0.5),
            (20.0, 20, 4.0 / 3.0),
            (60.0, 40, 3.0),
            (10.0, 9, 40.0),
        ] {
            let (waiting, abandoned) = by_chain(erlangs, agents, patience);
            let found = station(erlangs, 60.0, agents, Some(60.0 * patience));
            assert!(
                close(found.waiting_share, waiting),
                "{erlangs} {found:?} {waiting}"
            );
            assert!(
                close(found.abandoned_share, abandoned),
                "{erlangs} {found:?} {abandoned}"
            );
        }
    }

    #[test]
    fn patience_of_days_is_erlang_c_below_capacity_and_the_fluid_limit_above() {
        let found = station(18.0, 180.0, 20, Some(1e8));
        assert!(
            (found.mean_wait_secs / 49.5692104 - 1.0).abs() < 1e-4,
            "{found:?}"
        );
        let found = station(30.0, 180.0, 20, Some(1e8));
        assert!(close(found.abandoned_share, 1.0 / 3.0), "{found:?}");
    }
}
