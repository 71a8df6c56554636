//! What stands around the target queue: the organisation, its divisions, its queues, and the people who answer.

use super::{Ids, WrapUpCode, names};
use crate::centre::draw::Stream;

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

/// Every so many agents of the target queue one serves the second queue as well.
const SHARED_EVERY: usize = 3;

impl Organisation {
    /// The organisation whose agents have these skills, as indexes into the tenant's list.
    pub(super) fn new<'a>(
        ids: &Ids,
        codes: &[WrapUpCode],
        agents: impl Iterator<Item = &'a [u16]>,
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
        let strays = (0..codes.len()).filter(|code| codes[*code].skill.is_none());
        Organisation {
            id: ids.id("organisation", names::ORGANISATION),
            name: names::ORGANISATION.to_owned(),
            divisions: names::DIVISIONS.map(division).to_vec(),
            queues: vec![
                queue(names::TARGET_QUEUE, (0..codes.len()).collect()),
                queue(names::OTHER_QUEUES[0], strays.collect()),
            ],
            users: agents
                .enumerate()
                .map(|(agent, skills)| user(ids, agent, skills))
                .collect(),
        }
    }

    /// Returns a queue's place in [`Organisation::queues`].
    pub fn queue(&self, id: &str) -> Option<usize> {
        self.queues.iter().position(|queue| queue.id == id)
    }
}

fn user(ids: &Ids, agent: usize, skills: &[u16]) -> User {
    let mut stream = Stream::new(ids.seed, "proficiency", &[agent as u64]);
    // In halves from 1 to 5, as people set them; nothing is routed by them.
    let skill = |skill: &u16| (usize::from(*skill), stream.pick(2, 10) as f64 / 2.0);
    let name = names::user(agent);
    User {
        id: ids.id("user", &name),
        name,
        skills: skills.iter().map(skill).collect(),
        queues: match agent.is_multiple_of(SHARED_EVERY) {
            true => vec![0, 1],
            false => vec![0],
        },
    }
}
