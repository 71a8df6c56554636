//! What stands around the target queue: the organisation, its divisions, its queues, and the people who answer.

use std::collections::BTreeSet;

use super::{Ids, names};
use crate::centre::draw::Stream;
use crate::centre::{self, Centre};

/// A part of the organisation for which permissions can be granted apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Division {
    /// UUID text.
    pub id: String,
    /// Display name.
    pub name: String,
}

/// A queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// UUID text.
    pub id: String,
    /// Display name.
    pub name: String,
    /// The wrap-up codes that its agents choose from, as indexes into [`super::Tenant::codes`].
    pub codes: Vec<usize>,
}

/// Somebody who answers.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    /// UUID text.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Skills as indexes into [`super::Tenant::skills`], each with a proficiency from 0.0 to 5.0.
    pub skills: Vec<(usize, f64)>,
    /// The queues that the user is a member of, as indexes into [`Organisation::queues`].
    pub queues: Vec<usize>,
}

/// Everything of a tenant that only the published platform shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Organisation {
    /// UUID text.
    pub id: String,
    /// Display name.
    pub name: String,
    /// The first is everybody's home; the second has an outside company's share.
    pub divisions: Vec<Division>,
    /// The target queue first, then the queue that shares agents with it.
    pub queues: Vec<Queue>,
    /// In the order of the centre's agents.
    pub users: Vec<User>,
}

/// What an agent of the centre can do.
pub(super) struct Agent {
    /// As indexes into the tenant's skills.
    skills: Vec<u16>,
    queues: Vec<centre::Queue>,
}

/// The agents of a centre that goes on.
pub(super) fn agents(centre: &Centre) -> Vec<Agent> {
    let agent = |number| Agent {
        skills: centre.skills_of(number),
        queues: centre.queues_of(number),
    };
    (0..centre.n_agents()).map(agent).collect()
}

/// The agents of a recorded past, which knows of them only what they answered: in one pass, as records are many.
pub(super) fn recorded_agents(centre: &Centre) -> Vec<Agent> {
    let mut skills: Vec<BTreeSet<u16>> = Vec::new();
    for visit in centre.contacts().iter().flat_map(|contact| &contact.visits) {
        let Some(service) = visit.service else {
            continue;
        };
        let agent = usize::from(service.agent);
        skills.resize(std::cmp::max(skills.len(), agent + 1), BTreeSet::new());
        skills[agent].extend(visit.skills.iter());
    }
    let agent = |skills: BTreeSet<u16>| Agent {
        skills: skills.into_iter().collect(),
        queues: vec![centre::Queue::Target],
    };
    skills.into_iter().map(agent).collect()
}

impl Organisation {
    /// The organisation of these agents; `other_codes` are those of the queue beside the target queue, which has all.
    pub(super) fn new(
        ids: &Ids,
        n_codes: usize,
        other_codes: BTreeSet<usize>,
        agents: &[Agent],
    ) -> Organisation {
        let division = |name: &str| Division {
            id: ids.id("division", name),
            name: name.to_owned(),
        };
        let queue = |name: &str, codes: Vec<usize>| Queue {
            id: ids.queue(name),
            name: name.to_owned(),
            codes,
        };
        Organisation {
            id: ids.id("organisation", names::ORGANISATION),
            name: names::ORGANISATION.to_owned(),
            divisions: names::DIVISIONS.map(division).to_vec(),
            queues: vec![
                queue(names::TARGET_QUEUE, (0..n_codes).collect()),
                queue(names::OTHER_QUEUES[0], other_codes.into_iter().collect()),
            ],
            users: (0..)
                .zip(agents)
                .map(|(number, agent)| user(ids, number, agent))
                .collect(),
        }
    }

    /// Returns a queue's place in [`Organisation::queues`].
    pub fn queue(&self, id: &str) -> Option<usize> {
        self.queues.iter().position(|queue| queue.id == id)
    }
}

fn user(ids: &Ids, number: usize, agent: &Agent) -> User {
    let mut stream = Stream::new(ids.seed, "proficiency", &[number as u64]);
    // In halves from 1 to 5, as people set them; nothing is routed by them.
    let skill = |skill: &u16| (usize::from(*skill), stream.pick(2, 10) as f64 / 2.0);
    let name = names::user(number);
    User {
        id: ids.id("user", &name),
        name,
        skills: agent.skills.iter().map(skill).collect(),
        queues: agent.queues.iter().map(|queue| queue.index()).collect(),
    }
}
