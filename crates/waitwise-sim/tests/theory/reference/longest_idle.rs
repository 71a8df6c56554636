//! First come first served to whoever has been idle longest, with any skills: the product form of Visschers, Adan and
//! Weiss (2012) and Adan and Weiss (2014).

/// Single agents with a rate each, and classes with the agents who take them.
pub(crate) struct Centre {
    pub(crate) mu: Vec<f64>,
    pub(crate) lambda: Vec<f64>,
    /// Per class.
    pub(crate) takers: Vec<Vec<usize>>,
}

/// Per class: the mean wait and P(wait > 0).
pub(crate) fn solve(centre: &Centre) -> Vec<(f64, f64)> {
    let n = centre.mu.len();
    let mut total = 0.0;
    let mut lines = vec![0.0; centre.lambda.len()];
    let mut waits = vec![0.0; centre.lambda.len()];
    for order in orders(n) {
        for busy in 0..=n {
            let weight = centre.weight(&order, busy);
            total += weight;
            for (class, takers) in centre.takers.iter().enumerate() {
                if takers.iter().all(|agent| order[..busy].contains(agent)) {
                    waits[class] += weight;
                }
                lines[class] += weight * centre.line(&order[..busy], class);
            }
        }
    }
    let per_class = lines.iter().zip(&waits).zip(&centre.lambda);
    per_class
        .map(|((line, waits), lambda)| (line / total / lambda, waits / total))
        .collect()
}

impl Centre {
    /// The probability, but for a constant, that the first `busy` agents of the order are busy with calls that came in
    /// this order and the others idle, the longest idle last; calls that wait between are summed over.
    fn weight(&self, order: &[usize], busy: usize) -> f64 {
        let mut weight = 1.0;
        for prefix in 1..=busy {
            let speed = self.speed(&order[..prefix]);
            weight /= speed - self.only(&order[..prefix]);
        }
        for first in busy..order.len() {
            weight /= self.some(&order[first..]);
        }
        weight
    }

    /// Those of a class who wait on average, between the busy agents of the prefix.
    fn line(&self, busy: &[usize], class: usize) -> f64 {
        let mut line = 0.0;
        for prefix in 1..=busy.len() {
            let agents = &busy[..prefix];
            if self.takers[class]
                .iter()
                .all(|agent| agents.contains(agent))
            {
                let ratio = self.only(agents) / self.speed(agents);
                line += ratio / (1.0 - ratio) * self.lambda[class] / self.only(agents);
            }
        }
        line
    }

    fn speed(&self, agents: &[usize]) -> f64 {
        agents.iter().map(|agent| self.mu[*agent]).sum()
    }

    /// The rate of classes that nobody else takes.
    fn only(&self, agents: &[usize]) -> f64 {
        self.rate(|takers| takers.iter().all(|agent| agents.contains(agent)))
    }

    /// The rate of classes that one of them takes.
    fn some(&self, agents: &[usize]) -> f64 {
        self.rate(|takers| takers.iter().any(|agent| agents.contains(agent)))
    }

    fn rate(&self, counts: impl Fn(&[usize]) -> bool) -> f64 {
        let classes = self.lambda.iter().zip(&self.takers);
        classes
            .filter(|(_, takers)| counts(takers))
            .map(|(lambda, _)| lambda)
            .sum()
    }
}

fn orders(n: usize) -> Vec<Vec<usize>> {
    let mut orders = vec![Vec::new()];
    for _ in 0..n {
        orders = orders
            .iter()
            .flat_map(|order: &Vec<usize>| {
                let others = (0..n).filter(|agent| !order.contains(agent));
                others.map(|agent| [order.as_slice(), &[agent]].concat())
            })
            .collect();
    }
    orders
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::erlang;

    #[test]
    fn agents_who_take_everything_are_erlang_c() {
        let centre = Centre {
            mu: vec![1.0; 4],
            lambda: vec![1.0, 2.2],
            takers: vec![vec![0, 1, 2, 3]; 2],
        };
        let expected = erlang::c(4, 3.2);
        for (wait, waits) in solve(&centre) {
            assert!((waits / expected - 1.0).abs() < 1e-9);
            assert!((wait / (expected / 0.8) - 1.0).abs() < 1e-9);
        }
    }
}
