use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::*;
use crate::tenant::{Tenant, TenantSpec};

const NOW: TimeMs = 1_772_420_123_456;
const DAY: TimeMs = 24 * 60 * 60 * 1_000;

/// A tenant with the ids of a book.
struct Library {
    tenant: Tenant,
    queues: [String; 2],
    skills: Vec<String>,
    codes: Vec<String>,
    users: Vec<String>,
    divisions: [String; 2],
}

impl Library {
    fn new(seed: u64, history_days: u16) -> Library {
        let tenant = Tenant::generate(&TenantSpec {
            history_days,
            ..TenantSpec::new(seed, NOW)
        });
        Library {
            queues: ["q-target", "q-other"].map(str::to_owned),
            skills: tenant.skills.iter().map(|skill| skill.id.clone()).collect(),
            codes: tenant.codes.iter().map(|code| code.id.clone()).collect(),
            users: (0..tenant.centre.n_agents())
                .map(|agent| format!("u-{agent}"))
                .collect(),
            divisions: ["d-home", "d-other"].map(str::to_owned),
            tenant,
        }
    }

    fn book(&self) -> Book<'_> {
        Book {
            seed: 7,
            centre: &self.tenant.centre,
            queues: &self.queues,
            skills: &self.skills,
            codes: &self.codes,
            users: &self.users,
            divisions: &self.divisions,
        }
    }

    /// Every record as of an instant, as JSON.
    fn records(&self, until: TimeMs) -> Vec<Value> {
        let book = self.book();
        let records = (0..).map_while(|number| book.record(number, until));
        let texts = records.map(|record| record.text(&book, Detail::Job));
        texts
            .map(|text| serde_json::from_str(text.get()).unwrap())
            .collect()
    }

    /// Aggregates by these dimensions and UTC day, over all time, with nothing filtered.
    fn aggregates(&self, group_by: &[Dimension], metrics: &[MetricName]) -> Sums {
        let days: Vec<Range<TimeMs>> = (-9..2)
            .map(|day| NOW.div_euclid(DAY) * DAY + day * DAY)
            .map(|start| start..start + DAY)
            .collect();
        let question = Question {
            buckets: &days,
            metrics,
            group_by,
            flatten: false,
            filter: &|_| true,
            until: self.tenant.centre.now(),
        };
        let mut sums = Sums::new();
        for (group, buckets) in aggregate(&self.book(), &question) {
            let group: Vec<String> = group
                .iter()
                .map(|value| value.as_deref().unwrap_or("-").to_owned())
                .collect();
            for (bucket, found) in buckets {
                for (metric, stats) in found {
                    let key = (
                        group.join(" "),
                        days[bucket].start,
                        metric.as_str().to_owned(),
                    );
                    sums.insert(key, (stats.count, stats.sum));
                }
            }
        }
        sums
    }
}

/// Group, day and metric → count and sum.
type Sums = BTreeMap<(String, TimeMs, String), (i64, i64)>;

#[test]
fn aggregates_are_sums_of_the_records_by_queue_medium_and_day() {
    for seed in [1, 5] {
        let library = Library::new(seed, 7);
        let metrics = [
            MetricName::Offered,
            MetricName::Acd,
            MetricName::Answered,
            MetricName::Abandon,
            MetricName::ShortAbandon,
            MetricName::FlowOut,
            MetricName::Alert,
            MetricName::NotResponding,
            MetricName::Talk,
            MetricName::Acw,
            MetricName::Handle,
            MetricName::Transferred,
            MetricName::OverSla,
        ];
        let mut by_hand = Sums::new();
        for record in library.records(NOW) {
            for session in sessions(&record) {
                let Some(queue) = text(&session["segments"][0]["queueId"]) else {
                    continue;
                };
                let group = format!("{queue} {}", text(&session["mediaType"]).unwrap());
                for metric in list(&session["metrics"]) {
                    let name = text(&metric["name"]).unwrap();
                    let day = ms(&metric["emitDate"]).div_euclid(DAY) * DAY;
                    if metrics.iter().any(|one| one.as_str() == name) {
                        let sum = by_hand.entry((group.clone(), day, name)).or_default();
                        *sum = (sum.0 + 1, sum.1 + whole(&metric["value"]));
                    }
                }
            }
        }
        let found = library.aggregates(&[Dimension::Queue, Dimension::Media], &metrics);
        assert!(found.len() > 300, "seed {seed}: {}", found.len());
        assert_eq!(found, by_hand, "seed {seed}");
        let seen: BTreeSet<&str> = found.keys().map(|(_, _, metric)| metric.as_str()).collect();
        assert_eq!(seen.len(), metrics.len());
    }
}

#[test]
fn every_wait_ends_once_and_none_has_a_wrap_up_code() {
    let library = Library::new(2, 7);
    let waits = [
        MetricName::Wait,
        MetricName::Acd,
        MetricName::Answered,
        MetricName::Abandon,
        MetricName::FlowOut,
        MetricName::Offered,
    ];
    let by_queue = library.aggregates(&[Dimension::Queue], &waits);
    for ((queue, day, metric), wait) in &by_queue {
        let of = |name: &str| {
            by_queue
                .get(&(queue.clone(), *day, name.to_owned()))
                .copied()
        };
        if metric == "tWait" {
            let ends = ["tAnswered", "tAbandon", "tFlowOut"].map(|name| of(name).unwrap_or((0, 0)));
            let total = ends
                .iter()
                .fold((0, 0), |sum, end| (sum.0 + end.0, sum.1 + end.1));
            assert_eq!(*wait, total);
            assert_eq!(of("tAcd"), Some(*wait));
            assert_eq!(
                of("nOffered").map(|offered| offered.0),
                Some(wait.0),
                "the days are whole"
            );
        }
    }
    let metrics = [&waits[..], &[MetricName::Handle, MetricName::Acw]].concat();
    let by_code = library.aggregates(&[Dimension::WrapUpCode], &metrics);
    let coded: BTreeSet<&str> = by_code
        .keys()
        .filter(|(code, ..)| code != "-")
        .map(|(_, _, metric)| metric.as_str())
        .collect();
    assert_eq!(coded, BTreeSet::from(["tAcw", "tHandle"]));
    let reserved = |(code, ..): &&(String, TimeMs, String)| code == "ININ-WRAP-UP-TIMEOUT";
    assert!(by_code.keys().any(|key| reserved(&key)));
    let uncoded =
        |(code, _, metric): &&(String, TimeMs, String)| code == "-" && metric == "tHandle";
    assert!(by_code.keys().any(|key| uncoded(&key)));
}

#[test]
fn a_conversation_with_two_skills_counts_under_both_and_once_without_them() {
    let library = Library::new(3, 7);
    let metrics = [MetricName::Offered, MetricName::Conversations];
    let total = |group_by: &[Dimension], name: &str| -> i64 {
        let sums = library.aggregates(group_by, &metrics);
        let named = sums.iter().filter(|((_, _, metric), _)| metric == name);
        named.map(|(_, (count, _))| count).sum()
    };
    let n_double = library
        .tenant
        .centre
        .contacts()
        .iter()
        .flat_map(|contact| &contact.visits)
        .filter(|visit| visit.skills.second.is_some())
        .count();
    let offered = total(&[], "nOffered");
    assert!(n_double > 20);
    assert_eq!(
        total(&[Dimension::RequestedSkill], "nOffered"),
        offered + i64::try_from(n_double).unwrap()
    );
    let n_contacts = i64::try_from(library.tenant.centre.contacts().len()).unwrap();
    assert_eq!(total(&[], "nConversations"), n_contacts);
    assert!(offered > n_contacts, "who is passed on is offered twice");
}

#[test]
fn the_service_level_is_that_of_the_waits() {
    let library = Library::new(4, 3);
    let found = library.aggregates(&[Dimension::Queue], &[MetricName::ServiceLevel]);
    let (mut within, mut all) = (0, 0);
    for visit in library
        .tenant
        .centre
        .contacts()
        .iter()
        .flat_map(|one| &one.visits)
    {
        let Some(wait) = visit.wait else { continue };
        let answered = wait.outcome == crate::centre::Outcome::Answered;
        all += i64::from(wait.outcome != crate::centre::Outcome::FlowedOut);
        within += i64::from(answered && wait.ms <= SERVICE_LEVEL_MS);
    }
    let total = found
        .values()
        .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    assert_eq!(total, (all, within));
    assert!(within > 0 && within < all);
}

#[test]
fn a_record_in_progress_tells_only_what_is_known() {
    let mut library = Library::new(1, 0);
    // Some hour of the day that follows has people in all states.
    library.tenant.centre.advance_to(NOW + 10 * 60 * 60 * 1_000);
    let until = library.tenant.centre.now();
    let (mut waiting, mut talking, mut wrapping_up, mut ended) = (0, 0, 0, 0);
    for record in library.records(until) {
        let mut dates = Vec::new();
        for session in sessions(&record) {
            let metrics = list(&session["metrics"]);
            dates.extend(metrics.iter().map(|metric| ms(&metric["emitDate"])));
            for segment in list(&session["segments"]) {
                dates.push(ms(&segment["segmentStart"]));
                match (&segment["segmentEnd"], &segment["segmentType"]) {
                    (Value::Null, kind) if kind == "wrapup" => {
                        assert!(segment["wrapUpCode"].is_null());
                        wrapping_up += 1;
                    }
                    (Value::Null, _) if session["userId"].is_null() => talking += 1,
                    (Value::Null, _) => {}
                    (end, _) => dates.push(ms(end)),
                }
            }
            let named = |name: &str| metrics.iter().any(|metric| metric["name"] == name);
            waiting += usize::from(named("nOffered") && !named("tAcd"));
        }
        assert!(dates.iter().all(|date| *date <= until), "{record}");
        ended += usize::from(!record["conversationEnd"].is_null());
    }
    assert_eq!(waiting, library.tenant.centre.waiting_now().len());
    let n_contacts = library.tenant.centre.contacts().len();
    assert!(talking > 0 && wrapping_up > 0 && ended > 100 && ended < n_contacts);

    let before = library.records(until);
    library.tenant.centre.advance_to(until + DAY);
    assert_eq!(
        before,
        library.records(until)[..],
        "the past does not change"
    );
    let after = library.records(until + DAY);
    for (early, late) in before.iter().zip(&after) {
        assert_eq!(early["conversationId"], late["conversationId"]);
        assert!(late["conversationEnd"].is_string());
        if !early["conversationEnd"].is_null() {
            assert_eq!(early, late);
        }
    }
}

#[test]
fn records_have_each_oddity_now_and_then() {
    let library = Library::new(1, 14);
    let records = library.records(NOW);
    let n = records.len() as f64;
    let check = |what: &str, share: std::ops::Range<f64>, is_odd: &dyn Fn(&Value) -> bool| {
        let found = records.iter().filter(|record| is_odd(record)).count() as f64 / n;
        assert!(share.contains(&found), "{what}: {found}");
    };
    let any_session = |record: &Value, is: &dyn Fn(&Value) -> bool| sessions(record).iter().any(is);
    let any_segment = |record: &Value, is: &dyn Fn(&Value) -> bool| {
        sessions(record)
            .iter()
            .any(|session| list(&session["segments"]).iter().any(is))
    };
    let written = |mark: &'static str| move |record: &Value| record.to_string().contains(mark);
    check(
        "callback",
        0.03..0.05,
        &written(r#""mediaType":"callback""#),
    );
    check("message", 0.02..0.04, &written(r#""mediaType":"message""#));
    check("delay", 0.02..0.05, &written(r#""segmentType":"delay""#));
    check("timeout", 0.015..0.04, &written("ININ-WRAP-UP-TIMEOUT"));
    check("skipped", 0.004..0.02, &written("ININ-WRAP-UP-SKIPPED"));
    check("tomorrow", 0.01..0.03, &written("tomorrowMember"));
    check(
        "two divisions",
        0.04..0.06,
        &written(r#"["d-home","d-other"]"#),
    );
    check("note", 0.05..0.11, &written("wrapUpNote"));
    check("no code", 0.004..0.02, &|record| {
        any_segment(record, &|one| {
            one["segmentType"] == "wrapup" && one["wrapUpCode"].is_null()
        })
    });
    check("no skills", 0.01..0.03, &|record| {
        any_segment(record, &|one| {
            one["queueId"].is_string() && one["requestedRoutingSkillIds"].is_null()
        })
    });
    check("missed", 0.008..0.025, &|record| {
        any_session(record, &|one| {
            let metrics = one["metrics"].to_string();
            metrics.contains("tNotResponding") && !metrics.contains("tAnswered")
        })
    });
    // Read and written again, both odd spellings have a point.
    check("odd numbers", 0.04..0.06, &|record| {
        record.to_string().contains(".0,\"") || record.to_string().contains(".0}")
    });
}

#[test]
fn ids_differ_and_customers_are_recognisable() {
    let library = Library::new(1, 2);
    let mut ids = BTreeSet::new();
    let mut n_ids = 0;
    let mut starts = Vec::new();
    for record in library.records(NOW) {
        starts.push(ms(&record["conversationStart"]));
        let mut own = vec![text(&record["conversationId"]).unwrap()];
        for participant in list(&record["participants"]) {
            own.push(text(&participant["participantId"]).unwrap());
            for session in list(&participant["sessions"]) {
                own.push(text(&session["sessionId"]).unwrap());
            }
            let is_customer = participant["purpose"] == "external";
            assert_eq!(
                participant["participantName"].to_string().contains(CANARY),
                is_customer
            );
            assert_eq!(
                participant["attributes"].to_string().contains(CANARY),
                is_customer
            );
        }
        assert!(own.iter().all(|id| uuid::Uuid::parse_str(id).is_ok()));
        n_ids += own.len();
        ids.extend(own);
    }
    assert_eq!(ids.len(), n_ids);
    assert!(starts.is_sorted());
    let book = library.book();
    let as_queried = book.record(0, NOW).unwrap().text(&book, Detail::Query);
    assert!(!as_queried.get().contains("attributes") && as_queried.get().contains("tel:+353"));
}

fn sessions(record: &Value) -> Vec<Value> {
    let participants = list(&record["participants"]);
    participants
        .iter()
        .flat_map(|one| list(&one["sessions"]))
        .collect()
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn ms(value: &Value) -> TimeMs {
    let at: jiff::Timestamp = value.as_str().unwrap().parse().unwrap();
    at.as_millisecond()
}

fn whole(value: &Value) -> i64 {
    let read = value.as_f64().unwrap();
    assert!(read.fract() == 0.0 && read < 1e15);
    #[expect(clippy::cast_possible_truncation, reason = "checked above")]
    let whole = read as i64;
    whole
}
