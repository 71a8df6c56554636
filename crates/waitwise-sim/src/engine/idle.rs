//! Idle agents, per group in the order since when they are idle; of several since the same instant, by number.

const NOBODY: u32 = u32::MAX;

/// Doubly linked lists through arrays: an agent can leave from anywhere.
#[derive(Clone, Debug)]
pub(crate) struct Idle {
    /// Per group.
    head: Vec<u32>,
    tail: Vec<u32>,
    /// Per agent.
    before: Vec<u32>,
    after: Vec<u32>,
    since: Vec<f64>,
    /// A bit per group: whether anybody is idle.
    pub(crate) occupied: Vec<u64>,
}

impl Idle {
    pub(crate) fn new(n_groups: usize, n_agents: usize) -> Idle {
        Idle {
            head: vec![NOBODY; n_groups],
            tail: vec![NOBODY; n_groups],
            before: vec![NOBODY; n_agents],
            after: vec![NOBODY; n_agents],
            since: vec![0.0; n_agents],
            occupied: vec![0; crate::model::words(n_groups)],
        }
    }

    pub(crate) fn clear(&mut self) {
        self.head.fill(NOBODY);
        self.tail.fill(NOBODY);
        self.occupied.fill(0);
    }

    /// The agent of the group who has been idle longest, and since when. The group must have one.
    #[inline]
    pub(crate) fn longest(&self, group: usize) -> (f64, u32) {
        let agent = self.head[group];
        (self.since[agent as usize], agent)
    }

    /// Adds an agent who is idle from now on.
    #[inline]
    pub(crate) fn add(&mut self, group: usize, agent: u32, now: f64) {
        let mut before = self.tail[group];
        // Since the same instant: by number.
        while before != NOBODY && before > agent && self.since[before as usize] >= now {
            before = self.before[before as usize];
        }
        let after = match before {
            NOBODY => std::mem::replace(&mut self.head[group], agent),
            before => std::mem::replace(&mut self.after[before as usize], agent),
        };
        match after {
            NOBODY => self.tail[group] = agent,
            after => self.before[after as usize] = agent,
        }
        self.before[agent as usize] = before;
        self.after[agent as usize] = after;
        self.since[agent as usize] = now;
        self.occupied[group / 64] |= 1 << (group % 64);
    }

    /// Takes out an agent who is idle.
    #[inline]
    pub(crate) fn remove(&mut self, group: usize, agent: u32) {
        let before = self.before[agent as usize];
        let after = self.after[agent as usize];
        match before {
            NOBODY => self.head[group] = after,
            before => self.after[before as usize] = after,
        }
        match after {
            NOBODY => self.tail[group] = before,
            after => self.before[after as usize] = before,
        }
        if self.head[group] == NOBODY {
            self.occupied[group / 64] &= !(1 << (group % 64));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Idle;

    #[test]
    fn the_longest_idle_is_first_then_the_first_by_number() {
        let mut idle = Idle::new(1, 6);
        for (agent, now) in [(4, 1.0), (2, 2.0), (5, 2.0), (0, 2.0), (3, 2.0), (1, 3.0)] {
            idle.add(0, agent, now);
        }
        idle.remove(0, 3);
        let mut order = Vec::new();
        while idle.occupied[0] != 0 {
            let (_, agent) = idle.longest(0);
            idle.remove(0, agent);
            order.push(agent);
        }
        assert_eq!(order, [4, 0, 2, 5, 1]);
    }
}
