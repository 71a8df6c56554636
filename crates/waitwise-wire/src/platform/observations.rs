//! Queue observations: who waits in a queue now, one by one, and what its agents do.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use waitwise_model::{ConversationId, QueueId, SkillId};

use super::details::to_json;
use super::filter::Filter;
use crate::lenient::Object;

/// A queue as it is now.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct QueueNow {
    /// How many wait, by medium.
    pub waiting: BTreeMap<String, i64>,
    /// How long the first of them has waited, in milliseconds, by medium.
    pub longest_wait_ms: BTreeMap<String, i64>,
    /// Those who wait, as far as the host tells them one by one, in its order.
    pub entries: Vec<WaitingInteraction>,
    /// Whether the host left some of them out, from the middle of the line.
    pub is_truncated: bool,
    /// How many agents there are by what they do, in the host's words, such as `IDLE`.
    pub agents: BTreeMap<String, i64>,
    /// What could not be read, each by its place.
    pub rejected: Vec<String>,
}

/// One who waits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WaitingInteraction {
    /// Whose conversation it is.
    pub conversation: ConversationId,
    /// The medium as the host writes it.
    pub media: Option<String>,
    /// Since when. The published description only calls it the time of the observation; that this is the moment of
    /// entering the queue is not verified.
    pub since: Option<Timestamp>,
    /// Which skills it asks for.
    pub skills: Vec<SkillId>,
    /// Its priority: a head start in minutes. `None` if the host leaves it out, which means 0.
    pub priority: Option<i64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    filter: Filter,
    metrics: [&'static str; 3],
    detail_metrics: [&'static str; 1],
}

/// Returns the question for one queue.
pub fn question(queue: &QueueId) -> String {
    to_json(&Body {
        filter: Filter::all().is("queueId", queue.as_str()),
        metrics: ["oWaiting", "oLongestWaiting", "oUserRoutingStatuses"],
        detail_metrics: ["oWaiting"],
    })
}

impl QueueNow {
    /// Reads an answer about one queue; `{}` is an empty queue.
    ///
    /// # Errors
    /// Not an object, as a fragment.
    pub fn read(answer: &str) -> Result<QueueNow, String> {
        let mut now = QueueNow::default();
        for raw in Object::read(answer)?.list("results") {
            let result = Object::read(raw.get())?;
            let media = result.object("group").and_then(|g| g.text("mediaType"));
            for raw in result.list("data") {
                match Object::read(raw.get()) {
                    Ok(metric) => now.add(media.as_deref(), &metric),
                    Err(reason) => now.rejected.push(format!("a metric {reason}")),
                }
            }
        }
        Ok(now)
    }

    fn add(&mut self, media: Option<&str>, metric: &Object<'_>) {
        let stats = metric.object("stats");
        let number = |member: &str| stats.as_ref().and_then(|stats| stats.whole::<i64>(member));
        let medium = || media.unwrap_or("unsaid").to_owned();
        match metric.text("metric").as_deref() {
            Some("oWaiting") => {
                *self.waiting.entry(medium()).or_default() += number("count").unwrap_or(0);
                self.is_truncated |= metric.flag("truncated") == Some(true);
                self.add_entries(media, &metric.list("observations"));
            }
            Some("oLongestWaiting") => {
                if let Some(wait) = number("calculatedMetricValue") {
                    self.longest_wait_ms.insert(medium(), wait);
                }
            }
            Some("oUserRoutingStatuses") => {
                let status = metric.text("qualifier").unwrap_or_default();
                *self.agents.entry(status).or_default() += number("count").unwrap_or(0);
            }
            // A number that was not asked for.
            Some(_) | None => {}
        }
    }

    fn add_entries(&mut self, media: Option<&str>, observations: &[&RawValue]) {
        for (idx, raw) in observations.iter().enumerate() {
            match read_entry(media, raw) {
                Ok(entry) => self.entries.push(entry),
                Err(reason) => {
                    let place = format!("observation {} {reason}", idx + 1);
                    self.rejected.push(place);
                }
            }
        }
    }
}

/// Addresses, names and numbers of customers stay unread.
fn read_entry(media: Option<&str>, raw: &RawValue) -> Result<WaitingInteraction, String> {
    let entry = Object::read(raw.get())?;
    let skills = entry.texts("requestedRoutingSkillIds");
    Ok(WaitingInteraction {
        conversation: ConversationId::new(entry.need("conversationId")?),
        media: media.map(str::to_owned),
        since: entry
            .text("observationDate")
            .and_then(|text| text.parse().ok()),
        skills: skills.iter().map(SkillId::new).collect(),
        priority: entry.whole("routingPriority"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_question_names_the_queue_and_asks_for_single_entries() {
        let text = question(&QueueId::new("q1"));
        assert!(text.starts_with(r#"{"filter":{"type":"and","predicates":["#));
        assert!(text.ends_with(
            r#""metrics":["oWaiting","oLongestWaiting","oUserRoutingStatuses"],"detailMetrics":["oWaiting"]}"#
        ));
    }

    #[test]
    fn a_queue_is_read_as_it_is_now() {
        let text = r#"{"results":[{"group":{"queueId":"q1","mediaType":"voice"},"data":[
            {"metric":"oWaiting","truncated":true,"stats":{"count":2.0},"observations":[
              {"observationDate":"2026-03-09T10:02:11.000Z","conversationId":"c1","routingPriority":6.0,
               "requestedRoutingSkillIds":["s1"],"participantName":"never read"},
              {"observationDate":"2026-03-09T10:02:11.000Z"}]},
            {"metric":"oLongestWaiting","stats":{"calculatedMetricValue":7.3E4}},{"metric":"oNew"},7]},
          {"group":{"queueId":"q1"},"data":[
            {"metric":"oUserRoutingStatuses","qualifier":"IDLE","stats":{"count":3}}]}]}"#;
        let now = QueueNow::read(text).unwrap();
        assert_eq!(now.waiting["voice"], 2);
        assert_eq!(now.longest_wait_ms["voice"], 73_000);
        assert_eq!(now.agents["IDLE"], 3);
        assert!(now.is_truncated);
        assert_eq!(now.entries.len(), 1);
        assert_eq!(now.entries[0].priority, Some(6));
        assert_eq!(now.entries[0].skills, [SkillId::new("s1")]);
        assert_eq!(
            now.rejected,
            [
                "observation 2 has no text `conversationId`",
                "a metric is not an object"
            ]
        );
        assert_eq!(QueueNow::read("{}").unwrap(), QueueNow::default());
    }
}
