//! Aggregates of conversations and of agents.

use jiff::Timestamp;
use waitwise_model::{AgentId, QueueId, Window};
use waitwise_wire::operation::Operation;
use waitwise_wire::platform::aggregates::{AggregateQuery, Aggregates, Granularity};
use waitwise_wire::platform::totals::{
    OnQueue, QueueTotals, on_queue, on_queue_query, totals, totals_query,
};
use waitwise_wire::platform::{AGGREGATES, USER_AGGREGATES};

use crate::error::ClientError;
use crate::list::shape;
use crate::read::ReadClient;
use crate::request::Request;

/// Agents in one question, so that its body stays far below the platform's 512,000 bytes.
const AGENTS_MAX: usize = 100;

/// What was read, and what could not be.
#[derive(Clone, PartialEq, Debug)]
pub struct Numbers<T> {
    /// The readable entries.
    pub items: Vec<T>,
    /// The unreadable ones, each by its place.
    pub rejected: Vec<String>,
}

impl ReadClient {
    /// Asks for aggregates of conversations, once and as it is.
    ///
    /// # Errors
    /// The host refuses the question, or answers something else. A single unreadable group is no error.
    pub async fn aggregates(&self, query: &AggregateQuery) -> Result<Aggregates, ClientError> {
        self.ask(&AGGREGATES, query).await
    }

    /// Asks for aggregates of agents, once and as it is.
    ///
    /// # Errors
    /// The host refuses the question, or answers something else. A single unreadable group is no error.
    pub async fn user_aggregates(&self, query: &AggregateQuery) -> Result<Aggregates, ClientError> {
        self.ask(&USER_AGGREGATES, query).await
    }

    /// Reads what came into these queues and what became of it, by queue, medium and bucket, each number in the
    /// bucket in which it came about: offered at entry, answered at the answer. Buckets are UTC's.
    ///
    /// How much one question may ask is not published, so a window that is refused is asked for in two halves.
    ///
    /// # Errors
    /// The host refuses even a single bucket, or answers something else.
    pub async fn queue_totals(
        &self,
        queues: &[QueueId],
        window: Window,
        granularity: Granularity,
    ) -> Result<Numbers<QueueTotals>, ClientError> {
        let query = totals_query(queues, window, granularity);
        let answer = self.in_parts(&AGGREGATES, &query).await?;
        Ok(Numbers {
            items: totals(&answer),
            rejected: answer.rejected,
        })
    }

    /// Reads how long each of these agents was on queue, by bucket.
    ///
    /// # Errors
    /// As [`ReadClient::queue_totals`].
    pub async fn on_queue(
        &self,
        agents: &[AgentId],
        window: Window,
        granularity: Granularity,
    ) -> Result<Numbers<OnQueue>, ClientError> {
        let (mut items, mut rejected) = (Vec::new(), Vec::new());
        for agents in agents.chunks(AGENTS_MAX) {
            let query = on_queue_query(agents, window, granularity);
            let answer = self.in_parts(&USER_AGGREGATES, &query).await?;
            items.extend(on_queue(&answer));
            rejected.extend(answer.rejected);
        }
        Ok(Numbers { items, rejected })
    }

    async fn in_parts(
        &self,
        operation: &'static Operation,
        query: &AggregateQuery,
    ) -> Result<Aggregates, ClientError> {
        let mut parts = vec![query.window];
        let mut all = Aggregates::default();
        while let Some(window) = parts.pop() {
            let part = AggregateQuery {
                window,
                ..query.clone()
            };
            match self.ask(operation, &part).await {
                Ok(answer) => {
                    all.groups.extend(answer.groups);
                    all.rejected.extend(answer.rejected);
                }
                Err(error) => match halves(window, query.granularity) {
                    // The later half first, so that the earlier is taken next.
                    Some((early, late)) if is_too_much(&error) => parts.extend([late, early]),
                    Some(_) | None => return Err(error),
                },
            }
        }
        Ok(all)
    }

    async fn ask(
        &self,
        operation: &'static Operation,
        query: &AggregateQuery,
    ) -> Result<Aggregates, ClientError> {
        let request = Request::question(operation, query.body());
        let answer = self.transport().call(&request).await?;
        Aggregates::read(&answer).map_err(|error| shape(operation, 1, error))
    }
}

fn is_too_much(error: &ClientError) -> bool {
    matches!(error.refusal(), Some((400 | 413 | 504, _)))
}

/// Cuts a window between two buckets; `None` if there is no such place, or only one bucket.
fn halves(window: Window, granularity: Granularity) -> Option<(Window, Window)> {
    let bucket_secs = match granularity {
        Granularity::Whole => return None,
        Granularity::HalfHour => 30 * 60,
        Granularity::Day => 24 * 60 * 60,
    };
    let (from, to) = (window.from.as_second(), window.to.as_second());
    let middle = from + (to - from) / 2;
    let cut = Timestamp::from_second(middle - middle.rem_euclid(bucket_secs)).ok()?;
    let is_inside = window.from < cut && cut < window.to;
    is_inside.then_some((
        Window { to: cut, ..window },
        Window {
            from: cut,
            ..window
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(from: &str, to: &str) -> Window {
        Window {
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
        }
    }

    #[test]
    fn a_window_is_cut_between_buckets_or_not_at_all() {
        let week = window("2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z");
        let (early, late) = halves(week, Granularity::Day).unwrap();
        assert_eq!(
            early,
            window("2026-03-02T00:00:00Z", "2026-03-05T00:00:00Z")
        );
        assert_eq!(late, window("2026-03-05T00:00:00Z", "2026-03-09T00:00:00Z"));
        let day = window("2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z");
        assert_eq!(halves(day, Granularity::Day), None);
        assert_eq!(halves(week, Granularity::Whole), None);
        assert!(halves(day, Granularity::HalfHour).is_some());
        let two = window("2026-03-02T12:00:00Z", "2026-03-03T12:00:00Z");
        let midnight = "2026-03-03T00:00:00Z".parse().unwrap();
        assert_eq!(halves(two, Granularity::Day).unwrap().1.from, midnight);
    }
}
