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

/// Asks for the days that were seen, of those members of `queues` who were seen at work. Facts know agents by their keys.
///
/// # Errors
/// Why staffing has to be inferred: a plan does not fail for want of it.
pub(super) async fn on_queue(
    client: &ReadClient,
    queues: &[QueueId],
    seen: &Seen,
    zone: &TimeZone,
) -> Result<OnQueue, String> {
    let window = window(seen, zone).ok_or("no day was seen as a whole")?;
    let agents = seen_agents(client, queues, seen).await;
    let agents = agents.map_err(|error| why(&error))?;
    let ids: Vec<AgentId> = agents.keys().cloned().collect();
    let numbers = client.on_queue(&ids, window, Granularity::HalfHour).await;
    let numbers = numbers.map_err(|error| why(&error))?;
    if !numbers.rejected.is_empty() {
        return Err("what the platform tells of time on queue cannot all be read".to_owned());
    }
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
        true => Err("the platform tells of no agent on queue".to_owned()),
        false => Ok(told),
    }
}

fn why(error: &ClientError) -> String {
    match error.kind() == FailureKind::Permission {
        true => "the client may not read how long agents were on queue".to_owned(),
        false => format!("time on queue could not be read: {error}"),
    }
}

/// The members who were seen, with their keys.
async fn seen_agents(
    client: &ReadClient,
    queues: &[QueueId],
    seen: &Seen,
) -> Result<BTreeMap<AgentId, String>, ClientError> {
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
