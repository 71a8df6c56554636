//! Aggregates of conversations and of users: a question, and an answer as groups × buckets × metrics.
//!
//! What did not happen is absent from an answer, never zero: a group, a bucket, a metric.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use waitwise_model::Window;

use super::details::{interval, to_json};
use super::filter::Filter;
use crate::json::JsonError;
use crate::lenient::{or_nothing, read_object, whole};

/// A question for aggregates.
#[derive(Clone, PartialEq, Debug)]
pub struct AggregateQuery {
    /// When. The platform stores half-hours, so boundaries belong on :00 and :30.
    pub window: Window,
    /// Which numbers, such as `nOffered`.
    pub metrics: Vec<&'static str>,
    /// By which dimensions, such as `queueId`; the medium is always among those of an answer.
    pub group_by: Vec<&'static str>,
    /// Restricted to what.
    pub filter: Filter,
    /// How long a bucket is.
    pub granularity: Granularity,
    /// The IANA zone whose days are meant; `None`: UTC.
    pub time_zone: Option<String>,
}

/// How long a bucket is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Granularity {
    /// One bucket for the whole window.
    Whole,
    /// Half an hour: as fine as the platform stores.
    HalfHour,
    /// A day of the question's zone.
    Day,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    interval: String,
    metrics: &'a [&'static str],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    group_by: &'a [&'static str],
    #[serde(skip_serializing_if = "Option::is_none")]
    granularity: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_zone: Option<&'a str>,
    #[serde(skip_serializing_if = "Filter::is_empty")]
    filter: &'a Filter,
}

impl AggregateQuery {
    /// Returns the body.
    pub fn body(&self) -> String {
        to_json(&Body {
            interval: interval(self.window),
            metrics: &self.metrics,
            group_by: &self.group_by,
            granularity: match self.granularity {
                Granularity::Whole => None,
                Granularity::HalfHour => Some("PT30M"),
                Granularity::Day => Some("P1D"),
            },
            time_zone: self.time_zone.as_deref(),
            filter: &self.filter,
        })
    }
}

/// What an aggregates question answers.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Aggregates {
    /// The groups that could be read, in the host's order.
    pub groups: Vec<Group>,
    /// Those that could not, each by its place, with a reason that quotes nothing.
    pub rejected: Vec<String>,
}

/// The numbers of one combination of dimensions.
#[derive(Clone, PartialEq, Debug)]
pub struct Group {
    /// Dimensions with their values; one that the records do not have is left out.
    pub dimensions: Vec<(String, String)>,
    /// Its buckets, in the host's order.
    pub buckets: Vec<Bucket>,
}

impl Group {
    /// Returns the value of a dimension; `None` for records without it.
    pub fn dimension(&self, name: &str) -> Option<&str> {
        let found = self.dimensions.iter().find(|(key, _)| key == name)?;
        Some(&found.1)
    }
}

/// The numbers of one stretch of time.
#[derive(Clone, PartialEq, Debug)]
pub struct Bucket {
    /// The stretch.
    pub window: Window,
    /// What happened in it.
    pub metrics: Vec<Metric>,
}

impl Bucket {
    /// Returns a metric without a qualifier; `None` if nothing of it happened.
    pub fn metric(&self, name: &str) -> Option<&Stats> {
        self.metrics
            .iter()
            .find(|metric| metric.metric == name && metric.qualifier.is_none())
            .map(|metric| &metric.stats)
    }
}

/// One number of a bucket.
#[derive(Clone, PartialEq, Debug, Deserialize)]
pub struct Metric {
    /// Its name, such as `tAnswered`.
    pub metric: String,
    /// Which of several it is, such as `ON_QUEUE`.
    #[serde(default)]
    pub qualifier: Option<String>,
    /// What it says.
    #[serde(default, deserialize_with = "or_nothing")]
    pub stats: Stats,
}

/// What a metric says. Times are in milliseconds.
#[derive(Clone, Copy, PartialEq, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Stats {
    /// How often.
    #[serde(deserialize_with = "whole")]
    pub count: Option<i64>,
    /// All times together.
    pub sum: Option<f64>,
    /// The shortest time.
    pub min: Option<f64>,
    /// The longest time.
    pub max: Option<f64>,
    /// A share, in 0.0..=1.0.
    pub ratio: Option<f64>,
    /// What the share is of.
    pub numerator: Option<f64>,
    /// What the share is by.
    pub denominator: Option<f64>,
    /// The share that is aimed at.
    pub target: Option<f64>,
    /// What the platform calculated itself, such as the longest wait.
    #[serde(deserialize_with = "whole")]
    pub calculated_metric_value: Option<i64>,
}

#[derive(Deserialize)]
struct AnswerShape<'a> {
    #[serde(borrow, default, deserialize_with = "or_nothing")]
    results: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct GroupShape<'a> {
    #[serde(default, deserialize_with = "or_nothing")]
    group: std::collections::BTreeMap<String, Option<String>>,
    #[serde(borrow, default, deserialize_with = "or_nothing")]
    data: Vec<BucketShape<'a>>,
}

#[derive(Deserialize)]
struct BucketShape<'a> {
    #[serde(borrow)]
    interval: std::borrow::Cow<'a, str>,
    #[serde(default, deserialize_with = "or_nothing")]
    metrics: Vec<Metric>,
}

impl Aggregates {
    /// Reads an answer; `{}` is one without groups.
    ///
    /// # Errors
    /// Not an object with a list of results. A single unreadable group is no error.
    pub fn read(answer: &str) -> Result<Aggregates, JsonError> {
        let shape: AnswerShape<'_> = read_object(answer)?;
        let mut aggregates = Aggregates::default();
        for (idx, raw) in shape.results.into_iter().enumerate() {
            match read_group(raw.get()) {
                Some(group) => aggregates.groups.push(group),
                None => aggregates
                    .rejected
                    .push(format!("result {} is not of the published shape", idx + 1)),
            }
        }
        Ok(aggregates)
    }
}

fn read_group(text: &str) -> Option<Group> {
    let shape: GroupShape<'_> = read_object(text).ok()?;
    let buckets = shape.data.into_iter().map(|bucket| {
        Some(Bucket {
            window: read_interval(&bucket.interval)?,
            metrics: bucket.metrics,
        })
    });
    Some(Group {
        buckets: buckets.collect::<Option<_>>()?,
        dimensions: shape
            .group
            .into_iter()
            .filter_map(|(key, value)| Some((key, value?)))
            .collect(),
    })
}

fn read_interval(text: &str) -> Option<Window> {
    let (from, to) = text.split_once('/')?;
    let instant = |text: &str| text.parse::<Timestamp>().ok();
    Some(Window {
        from: instant(from)?,
        to: instant(to)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window() -> Window {
        Window {
            from: "2026-03-02T00:00:00Z".parse().unwrap(),
            to: "2026-03-03T00:00:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn the_body_has_only_what_was_asked() {
        let mut query = AggregateQuery {
            window: window(),
            metrics: vec!["nOffered"],
            group_by: vec![],
            filter: Filter::all(),
            granularity: Granularity::Whole,
            time_zone: None,
        };
        let head = r#"{"interval":"2026-03-02T00:00:00.000Z/2026-03-03T00:00:00.000Z","metrics":["nOffered"]"#;
        assert_eq!(query.body(), format!("{head}}}"));
        query.group_by = vec!["queueId"];
        query.granularity = Granularity::Day;
        query.time_zone = Some("Europe/Dublin".to_owned());
        query.filter = Filter::all().is("queueId", "q1");
        assert_eq!(
            query.body(),
            format!(
                r#"{head},"groupBy":["queueId"],"granularity":"P1D","timeZone":"Europe/Dublin","filter":{{"type":"and","predicates":[{{"type":"dimension","dimension":"queueId","operator":"matches","value":"q1"}}]}}}}"#
            )
        );
    }

    #[test]
    fn an_answer_is_read_however_its_numbers_are_written() {
        let answer = Aggregates::read(
            r#"{"results":[
              {"group":{"queueId":"q1","mediaType":"voice"},"new":1,"data":[
                {"interval":"2026-03-02T00:00:00.000Z/2026-03-03T01:00:00.000+01:00","views":[],"metrics":[
                  {"metric":"nOffered","stats":{"count":4.1E1}},
                  {"metric":"tAgentRoutingStatus","qualifier":"IDLE","stats":{"sum":5}},
                  {"metric":"tAnswered","stats":{"max":310000,"min":900.5,"count":38,"sum":2.204E6,"p95":1}}]}]},
              {"group":{"mediaType":"voice","wrapUpCode":null}},
              {"group":{"mediaType":"voice"},"data":[{"interval":"yesterday"}]},
              7]}"#,
        )
        .unwrap();
        let [first, second] = answer.groups.as_slice() else {
            panic!("{answer:?}");
        };
        assert_eq!(first.dimension("queueId"), Some("q1"));
        assert_eq!(second.dimension("wrapUpCode"), None);
        let bucket = &first.buckets[0];
        assert_eq!(bucket.window, window());
        assert_eq!(bucket.metric("nOffered").unwrap().count, Some(41));
        assert_eq!(bucket.metric("tAnswered").unwrap().sum, Some(2_204_000.0));
        assert_eq!(bucket.metric("tAgentRoutingStatus"), None);
        assert_eq!(bucket.metric("tWait"), None);
        assert_eq!(answer.rejected.len(), 2);
        assert!(answer.rejected[0].starts_with("result 3 "));
    }

    #[test]
    fn nothing_is_a_legal_answer() {
        for text in ["{}", r#"{"results":[]}"#, r#"{"results":null}"#] {
            assert_eq!(Aggregates::read(text).unwrap(), Aggregates::default());
        }
        assert!(Aggregates::read("[]").is_err());
    }
}
