//! Conversation activity: how many wait now, by queue and requested skill.

use serde::Serialize;
use serde_json::value::RawValue;
use waitwise_model::{QueueId, SkillId};

use super::details::to_json;
use super::filter::Filter;
use crate::lenient::Object;

/// Those who wait now in one queue for one skill.
///
/// An interaction that asks for two skills may be counted under both: do not add groups up.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WaitingGroup {
    /// The queue; `None` if the host leaves it out.
    pub queue: Option<QueueId>,
    /// The skill; `None` for interactions that ask for none.
    pub skill: Option<SkillId>,
    /// The medium as the host writes it.
    pub media: Option<String>,
    /// How many wait.
    pub waiting: i64,
    /// How long the first of them has waited, in milliseconds.
    pub longest_wait_ms: Option<i64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    metrics: [Asked; 2],
    group_by: [&'static str; 2],
    #[serde(skip_serializing_if = "Filter::is_empty")]
    filter: Filter,
}

#[derive(Serialize)]
struct Asked {
    metric: &'static str,
    details: bool,
}

/// Returns the question for those who wait in these queues; no queues: in all.
pub fn question(queues: &[QueueId]) -> String {
    let asked = |metric| Asked {
        metric,
        details: false,
    };
    to_json(&Body {
        metrics: [asked("oWaiting"), asked("oLongestWaiting")],
        group_by: ["queueId", "requestedRoutingSkillId"],
        filter: Filter::all().is_one_of("queueId", queues),
    })
}

/// One page of the answer.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ActivityPage {
    /// The groups.
    pub groups: Vec<WaitingGroup>,
    /// How many results the page has, unreadable ones included.
    pub results: usize,
    /// The unreadable ones, each by its place.
    pub rejected: Vec<String>,
}

impl ActivityPage {
    /// Reads a page; `{}` is one without groups.
    ///
    /// # Errors
    /// Not an object, as a fragment.
    pub fn read(answer: &str) -> Result<ActivityPage, String> {
        let results = Object::read(answer)?.list("results");
        let mut page = ActivityPage {
            results: results.len(),
            ..ActivityPage::default()
        };
        for (idx, raw) in results.into_iter().enumerate() {
            match read_group(raw) {
                Ok(group) => page.groups.push(group),
                Err(reason) => page.rejected.push(format!("result {} {reason}", idx + 1)),
            }
        }
        Ok(page)
    }
}

fn read_group(raw: &RawValue) -> Result<WaitingGroup, String> {
    let result = Object::read(raw.get())?;
    let group = result
        .object("group")
        .ok_or_else(|| "has no object `group`".to_owned())?;
    let data = result.list("data");
    let metric = |name: &str, member: &str| {
        let read = data.iter().filter_map(|raw| Object::read(raw.get()).ok());
        let mut named = read.filter(|metric| metric.text("metric").as_deref() == Some(name));
        named.next()?.whole::<i64>(member)
    };
    Ok(WaitingGroup {
        queue: group.text("queueId").map(QueueId::new),
        skill: group.text("requestedRoutingSkillId").map(SkillId::new),
        media: group.text("mediaType"),
        // Absent means that nobody waits.
        waiting: metric("oWaiting", "count").unwrap_or(0),
        longest_wait_ms: metric("oLongestWaiting", "calculatedMetricValue"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_question_has_only_published_members() {
        assert_eq!(
            question(&[]),
            r#"{"metrics":[{"metric":"oWaiting","details":false},{"metric":"oLongestWaiting","details":false}],"groupBy":["queueId","requestedRoutingSkillId"]}"#
        );
    }

    #[test]
    fn those_who_wait_are_read_by_skill() {
        let text = r#"{"entityIdDimension":"conversationId","results":[
            {"group":{"queueId":"q1","requestedRoutingSkillId":"s1","mediaType":"voice"},"truncated":false,
             "data":[{"metric":"oWaiting","count":2.0},{"metric":"oLongestWaiting","calculatedMetricValue":7.3E4}]},
            {"group":{"queueId":"q1"},"data":null},{"data":[]}]}"#;
        let page = ActivityPage::read(text).unwrap();
        assert_eq!(
            page.groups[0],
            WaitingGroup {
                queue: Some(QueueId::new("q1")),
                skill: Some(SkillId::new("s1")),
                media: Some("voice".to_owned()),
                waiting: 2,
                longest_wait_ms: Some(73_000),
            }
        );
        assert_eq!((page.groups[1].waiting, page.results), (0, 3));
        assert_eq!(page.rejected, ["result 3 has no object `group`"]);
    }
}
