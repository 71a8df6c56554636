//! Who was at work, as the platform tells it: how long agents were on queue.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use waitwise_client::{ClientError, FailureKind, ReadClient};
use waitwise_history::agent_key;
use waitwise_model::{AgentId, QueueId, Window};
use waitwise_twin::seen::{SLOT_MS, SLOTS, Seen};
use waitwise_twin::staffing::OnQueue;
use waitwise_wire::platform::aggregates::Granularity;

use crate::error::AppError;

/// What was told, or why staffing has to be inferred.
pub(super) type Asked = Result<OnQueue, &'static str>;

/// Asks for the days that were seen, of those members of `queues` who were seen at work. Facts know agents by their keys.
///
/// # Errors
/// The host cannot be read. That the client may not read it is none.
pub(super) async fn on_queue(
    client: &ReadClient,
    queues: &[QueueId],
    seen: &Seen,
    zone: &TimeZone,
) -> Result<Asked, AppError> {
    let Some(window) = window(seen, zone) else {
        return Ok(Err("no day was seen as a whole"));
    };
    let agents = seen_agents(client, queues, seen).await?;
    let ids: Vec<AgentId> = agents.keys().cloned().collect();
    let numbers = match client.on_queue(&ids, window, Granularity::HalfHour).await {
        Ok(numbers) => numbers,
        Err(error) if is_refused(&error) => {
            return Ok(Err("the client may not read how long agents were on queue"));
        }
        Err(error) => return Err(error.into()),
    };
    let mut told = OnQueue::new();
    for bucket in &numbers.items {
        let Some(key) = agents.get(&bucket.agent) else {
            continue;
        };
        let local = bucket.window.from.to_zoned(zone.clone());
        let slot = usize::from(local.hour().unsigned_abs()) * 2
            + usize::from(local.minute().unsigned_abs()) / 30;
        let day = told
            .entry((key.clone(), local.date()))
            .or_insert([0; SLOTS]);
        if let Some(ms) = day.get_mut(slot) {
            *ms = std::cmp::min(*ms + whole_ms(bucket.on_queue_ms), SLOT_MS);
        }
    }
    match told.is_empty() {
        true => Ok(Err("the platform tells of no agent on queue")),
        false => Ok(Ok(told)),
    }
}

fn is_refused(error: &ClientError) -> bool {
    error.kind() == FailureKind::Permission
}

/// The members who were seen, with their keys.
async fn seen_agents(
    client: &ReadClient,
    queues: &[QueueId],
    seen: &Seen,
) -> Result<BTreeMap<AgentId, String>, AppError> {
    let mut agents = BTreeMap::new();
    for queue in queues {
        for member in client.queue_members(queue).await?.items {
            let key = agent_key(member.agent.as_str());
            if seen.agents.binary_search(&key).is_ok() {
                agents.insert(member.agent, key);
            }
        }
    }
    Ok(agents)
}

/// From the first seen day's beginning to the last one's end.
fn window(seen: &Seen, zone: &TimeZone) -> Option<Window> {
    let begins = |date: Date| Some(date.to_zoned(zone.clone()).ok()?.timestamp());
    Some(Window {
        from: begins(seen.days.first()?.date)?,
        to: begins(seen.days.last()?.date.tomorrow().ok()?)?,
    })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "held to the length of a half-hour first"
)]
fn whole_ms(ms: f64) -> u32 {
    ms.clamp(0.0, f64::from(SLOT_MS)) as u32
}
