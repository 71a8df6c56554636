//! What the tenant has: its queues, and what a chosen one is made of. Only reads.

use std::collections::{BTreeMap, BTreeSet};

use waitwise_client::ReadClient;
use waitwise_model::{AgentId, Queue, QueueId, Skill, SkillId, WrapUpCode};
use waitwise_wire::platform::data_table::DataTable;

use super::error::InitError;
use super::fit;
use crate::error::AppError;

/// How many other queues are looked at for shared agents. Each costs a request, and an organisation may have thousands.
const OTHERS_MAX: usize = 100;

/// A queue with what stands around it.
#[derive(Clone, PartialEq, Debug)]
pub struct Surveyed {
    /// The queue.
    pub queue: Queue,
    /// The codes that its agents choose from.
    pub codes: Vec<WrapUpCode>,
    /// The tenant's skills.
    pub skills: Vec<Skill>,
    /// Its members.
    pub agents: BTreeSet<AgentId>,
    /// How many of its members have each skill.
    pub able: BTreeMap<SkillId, usize>,
    /// Other queues with members of this one, most shared first.
    pub sharing: Vec<Shared>,
    /// How many other queues were not looked at.
    pub others_left_out: usize,
    /// The tenant's data tables.
    pub tables: Vec<DataTable>,
}

/// A queue that has members of the chosen one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shared {
    /// The other queue.
    pub queue: QueueId,
    /// Its name.
    pub name: String,
    /// How many members serve both.
    pub agents: usize,
}

/// Reads the queues that the client sees, by name.
///
/// # Errors
/// They cannot be read, or there are none.
pub async fn queues(client: &ReadClient) -> Result<Vec<Queue>, AppError> {
    let mut queues = client.queues().await?.items;
    queues.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    match queues.is_empty() {
        true => Err(InitError::NoQueues.into()),
        false => Ok(queues),
    }
}

/// Finds the queue that a person means: by its id, then by its name, whose case does not count.
///
/// # Errors
/// None is meant, or several.
pub fn choose<'a>(queues: &'a [Queue], wanted: &str) -> Result<&'a Queue, InitError> {
    if let Some(queue) = queues.iter().find(|queue| queue.id.as_str() == wanted) {
        return Ok(queue);
    }
    let name = |queue: &&Queue| queue.name.to_lowercase() == wanted.trim().to_lowercase();
    let named: Vec<&Queue> = queues.iter().filter(name).collect();
    match named.as_slice() {
        [queue] => Ok(queue),
        [] => Err(InitError::UnknownQueue {
            wanted: wanted.to_owned(),
            names: queues.iter().map(|queue| queue.name.clone()).collect(),
        }),
        several => Err(InitError::SeveralQueues {
            wanted: wanted.to_owned(),
            ids: several.iter().map(|queue| queue.id.to_string()).collect(),
        }),
    }
}

/// Reads what stands around a queue, and refuses one on which weights can do nothing good.
///
/// # Errors
/// [`InitError::Unfit`] with the reason; something cannot be read.
pub async fn survey(
    client: &ReadClient,
    queues: &[Queue],
    queue: &Queue,
) -> Result<Surveyed, AppError> {
    // The list may be older than the queue.
    let queue = client.queue(&queue.id).await?;
    let predictors = client.predictors(&queue.id).await?;
    if let Some(unfit) = fit::predicted(&predictors.items).or_else(|| fit::order(&queue)) {
        return Err(InitError::from(unfit).into());
    }
    let agents = members(client, &queue.id).await?;
    let (sharing, others_left_out) = sharing(client, queues, &queue.id, &agents).await?;
    Ok(Surveyed {
        codes: client.queue_wrap_up_codes(&queue.id).await?.items,
        skills: client.skills().await?.items,
        able: able(client, &agents).await?,
        tables: client.data_tables().await?.items,
        queue,
        agents,
        sharing,
        others_left_out,
    })
}

/// Finds the queues that have members of `own`, most shared first, and how many other queues were not looked at.
///
/// # Errors
/// Queues or their members cannot be read.
pub async fn sharing_queues(
    client: &ReadClient,
    own: &QueueId,
) -> Result<(Vec<Shared>, usize), AppError> {
    let queues = queues(client).await?;
    let agents = members(client, own).await?;
    sharing(client, &queues, own, &agents).await
}

async fn members(client: &ReadClient, queue: &QueueId) -> Result<BTreeSet<AgentId>, AppError> {
    let members = client.queue_members(queue).await?.items;
    Ok(members.into_iter().map(|member| member.agent).collect())
}

async fn able(
    client: &ReadClient,
    agents: &BTreeSet<AgentId>,
) -> Result<BTreeMap<SkillId, usize>, AppError> {
    let mut able: BTreeMap<SkillId, usize> = BTreeMap::new();
    for agent in agents {
        for skill in client.agent_skills(agent).await?.items {
            *able.entry(skill.skill).or_default() += 1;
        }
    }
    Ok(able)
}

async fn sharing(
    client: &ReadClient,
    queues: &[Queue],
    own: &QueueId,
    agents: &BTreeSet<AgentId>,
) -> Result<(Vec<Shared>, usize), AppError> {
    let others: Vec<&Queue> = queues.iter().filter(|queue| queue.id != *own).collect();
    let mut sharing = Vec::new();
    for other in others.iter().take(OTHERS_MAX) {
        let shared = members(client, &other.id)
            .await?
            .intersection(agents)
            .count();
        if shared > 0 {
            sharing.push(Shared {
                queue: other.id.clone(),
                name: other.name.clone(),
                agents: shared,
            });
        }
    }
    sharing.sort_by_key(|shared| std::cmp::Reverse(shared.agents));
    Ok((sharing, others.len().saturating_sub(OTHERS_MAX)))
}
