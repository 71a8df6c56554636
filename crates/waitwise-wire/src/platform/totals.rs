//! Two questions for aggregates and what their answers mean: what became of those who entered a queue, and how long
//! agents were on queue.

use waitwise_model::{AgentId, QueueId, Window};

use super::aggregates::{AggregateQuery, Aggregates, Bucket, Granularity};
use super::filter::Filter;

/// What came into a queue by one medium in one bucket, and what became of it.
///
/// Each number stands in the bucket in which it came about, so that those of one bucket need not add up.
#[derive(Clone, PartialEq, Debug)]
pub struct QueueTotals {
    /// The queue.
    pub queue: QueueId,
    /// The medium as the host writes it, such as `voice`.
    pub media: String,
    /// The bucket.
    pub window: Window,
    /// How many entered.
    pub offered: i64,
    /// Those who were answered.
    pub answered: Waits,
    /// Those who gave up; whether short ones are among them is not published.
    pub abandoned: Waits,
    /// Those who gave up at once, within the tenant's own threshold.
    pub short_abandoned: Waits,
    /// Those who left some other way.
    pub flowed_out: Waits,
    /// All waits together, as the platform counts them.
    pub waits: Waits,
}

/// Some waits.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Waits {
    /// How many.
    pub count: i64,
    /// Their sum in milliseconds.
    pub sum_ms: f64,
}

impl Waits {
    /// Returns the mean in milliseconds; `None` without any.
    pub fn mean_ms(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "counts fit into 53 bits")]
        let count = self.count as f64;
        (self.count > 0).then(|| self.sum_ms / count)
    }
}

/// Returns the question for what became of those who entered these queues.
pub fn totals_query(
    queues: &[QueueId],
    window: Window,
    granularity: Granularity,
) -> AggregateQuery {
    AggregateQuery {
        window,
        metrics: vec![
            "nOffered",
            "tAnswered",
            "tAbandon",
            "tShortAbandon",
            "tFlowOut",
            "tWait",
        ],
        group_by: vec!["queueId"],
        filter: Filter::all().is_one_of("queueId", queues),
        granularity,
        time_zone: None,
    }
}

/// Returns what an answer to [`totals_query`] says, in its order. Groups without a queue are left out: nobody waited
/// in one.
pub fn totals(answer: &Aggregates) -> Vec<QueueTotals> {
    let mut all = Vec::new();
    for group in &answer.groups {
        let Some(queue) = group.dimension("queueId") else {
            continue;
        };
        let media = group.dimension("mediaType").unwrap_or("unsaid");
        all.extend(group.buckets.iter().map(|bucket| QueueTotals {
            queue: QueueId::new(queue),
            media: media.to_owned(),
            window: bucket.window,
            offered: waits(bucket, "nOffered").count,
            answered: waits(bucket, "tAnswered"),
            abandoned: waits(bucket, "tAbandon"),
            short_abandoned: waits(bucket, "tShortAbandon"),
            flowed_out: waits(bucket, "tFlowOut"),
            waits: waits(bucket, "tWait"),
        }));
    }
    all
}

/// A number that is absent did not happen.
fn waits(bucket: &Bucket, name: &str) -> Waits {
    bucket
        .metric(name)
        .map_or_else(Waits::default, |stats| Waits {
            count: stats.count.unwrap_or(0),
            sum_ms: stats.sum.unwrap_or(0.0),
        })
}

/// How long an agent was on queue in one bucket.
#[derive(Clone, PartialEq, Debug)]
pub struct OnQueue {
    /// The agent.
    pub agent: AgentId,
    /// The bucket.
    pub window: Window,
    /// The time in milliseconds.
    pub on_queue_ms: f64,
}

/// Returns the question for how long these agents were on queue.
pub fn on_queue_query(
    agents: &[AgentId],
    window: Window,
    granularity: Granularity,
) -> AggregateQuery {
    AggregateQuery {
        window,
        metrics: vec!["tSystemPresence"],
        group_by: vec!["userId"],
        filter: Filter::all().is_one_of("userId", agents),
        granularity,
        time_zone: None,
    }
}

/// Returns what an answer to [`on_queue_query`] says, in its order. That the presence is told by the qualifier
/// `ON_QUEUE` follows from the published list of presences; no live answer has been seen.
pub fn on_queue(answer: &Aggregates) -> Vec<OnQueue> {
    let mut all = Vec::new();
    for group in &answer.groups {
        let Some(agent) = group.dimension("userId") else {
            continue;
        };
        for bucket in &group.buckets {
            let on_queue = bucket.metrics.iter().filter(|metric| {
                metric.metric == "tSystemPresence"
                    && metric.qualifier.as_deref() == Some("ON_QUEUE")
            });
            let times = on_queue.filter_map(|metric| metric.stats.sum);
            all.extend(times.map(|on_queue_ms| OnQueue {
                agent: AgentId::new(agent),
                window: bucket.window,
                on_queue_ms,
            }));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_did_not_happen_is_zero_and_what_has_no_queue_is_left_out() {
        let bucket = |metrics: &str| {
            format!(
                r#"[{{"interval":"2026-03-02T00:00:00Z/2026-03-03T00:00:00Z","metrics":[{metrics}]}}]"#
            )
        };
        let offered = r#"{"metric":"nOffered","stats":{"count":3}},{"metric":"tAnswered","stats":{"count":2,"sum":5E3}}"#;
        let answer = format!(
            r#"{{"results":[{{"group":{{"queueId":"q1","mediaType":"voice"}},"data":{}}},{{"group":{{"mediaType":"voice"}},"data":{}}}]}}"#,
            bucket(offered),
            bucket(offered)
        );
        let read = totals(&Aggregates::read(&answer).unwrap());
        assert_eq!(read.len(), 1);
        assert_eq!((read[0].offered, read[0].abandoned.count), (3, 0));
        assert_eq!(read[0].answered.mean_ms(), Some(2500.0));
        assert_eq!(read[0].abandoned.mean_ms(), None);

        let presences = r#"{"metric":"tSystemPresence","qualifier":"AWAY","stats":{"sum":1}},{"metric":"tSystemPresence","qualifier":"ON_QUEUE","stats":{"sum":7.2E6}}"#;
        let answer = format!(
            r#"{{"results":[{{"group":{{"userId":"u1"}},"data":{}}}]}}"#,
            bucket(presences)
        );
        let read = on_queue(&Aggregates::read(&answer).unwrap());
        assert_eq!(read.len(), 1);
        assert!((read[0].on_queue_ms - 7_200_000.0).abs() < 1e-9);
    }
}
