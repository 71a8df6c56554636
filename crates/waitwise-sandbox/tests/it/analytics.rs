//! The platform's analytics: records, jobs, aggregates and what goes on now, over HTTP, told of the same centre.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Value, json};
use waitwise_sandbox::{JobTrouble, SandboxOptions};

use crate::rig::{Rig, Seen};

const DETAILS: &str = "/api/v2/analytics/conversations/details/query";
const JOBS: &str = "/api/v2/analytics/conversations/details/jobs";
const AGGREGATES: &str = "/api/v2/analytics/conversations/aggregates/query";
const ACTIVITY: &str = "/api/v2/analytics/conversations/activity/query";
const OBSERVATIONS: &str = "/api/v2/analytics/queues/observations/query";
const USERS: &str = "/api/v2/analytics/users/aggregates/query";

/// Friday: the tenant's time is the Monday after.
const FRIDAY: &str = "2026-03-27T00:00:00.000Z/2026-03-28T00:00:00.000Z";
const ALL: &str = "2026-03-24T00:00:00.000Z/2026-03-31T00:00:00.000Z";

#[tokio::test]
async fn details_and_aggregates_tell_the_same_story() {
    let rig = quick().await;
    let records = all_pages(&rig, &json!({"interval": ALL, "paging": {"pageSize": 100}})).await;
    assert!(records.len() > 2_000);
    let mut by_hand: BTreeMap<(String, String, String), (i64, f64)> = BTreeMap::new();
    for session in records.iter().flat_map(sessions) {
        let Some(queue) = session["segments"][0]["queueId"].as_str() else {
            continue;
        };
        let media = session["mediaType"].as_str().unwrap();
        for metric in session["metrics"].as_array().unwrap() {
            let name = metric["name"].as_str().unwrap();
            let key = (queue.to_owned(), media.to_owned(), name.to_owned());
            let sum = by_hand.entry(key).or_default();
            *sum = (sum.0 + 1, sum.1 + metric["value"].as_f64().unwrap());
        }
    }
    let names = [
        "nOffered",
        "tAcd",
        "tAnswered",
        "tAbandon",
        "tFlowOut",
        "tHandle",
        "tAlert",
    ];
    let question = json!({"interval": ALL, "groupBy": ["queueId"], "metrics": names});
    let found = post(&rig, AGGREGATES, &question).await.json();
    let mut compared = 0;
    for result in found["results"].as_array().unwrap() {
        assert_eq!(result["data"].as_array().unwrap().len(), 1);
        for metric in result["data"][0]["metrics"].as_array().unwrap() {
            let of = |name: &str| result["group"][name].as_str().unwrap().to_owned();
            let name = metric["metric"].as_str().unwrap().to_owned();
            let (count, sum) = by_hand[&(of("queueId"), of("mediaType"), name.clone())];
            assert_eq!(metric["stats"]["count"], count);
            if name.starts_with('t') {
                let told = metric["stats"]["sum"].as_f64().unwrap();
                assert!((told - sum).abs() < 0.5, "{metric} {sum}");
            } else {
                assert!(metric["stats"]["sum"].is_null());
            }
            compared += 1;
        }
    }
    // Two queues, three media; some metric may be missing for the rarer media.
    assert!((30..=42).contains(&compared), "{compared}");
}

#[tokio::test]
async fn an_interval_selects_whole_utc_days_of_starts() {
    let rig = quick().await;
    let minutes = "2026-03-27T10:00:00.000Z/2026-03-27T10:10:00.000Z";
    let [day, part] = [FRIDAY, minutes]
        .map(|interval| json!({"interval": interval, "paging": {"pageSize": 100}}));
    let (day, part) = (all_pages(&rig, &day).await, all_pages(&rig, &part).await);
    assert_eq!(day, part);
    let starts: Vec<&str> = day
        .iter()
        .map(|one| one["conversationStart"].as_str().unwrap())
        .collect();
    assert!(starts.is_sorted() && starts.len() > 300);
    assert!(starts.iter().all(|start| start.starts_with("2026-03-27T")));
    let ids: BTreeSet<String> = day
        .iter()
        .map(|one| one["conversationId"].to_string())
        .collect();
    assert_eq!(ids.len(), day.len());
    let backwards = json!({"interval": FRIDAY, "order": "desc", "paging": {"pageSize": 100}});
    let mut backwards = all_pages(&rig, &backwards).await;
    backwards.reverse();
    assert_eq!(backwards, day);
}

#[tokio::test]
async fn filters_choose_by_segments_and_by_conversations() {
    let rig = quick().await;
    let all = all_pages(
        &rig,
        &json!({"interval": FRIDAY, "paging": {"pageSize": 100}}),
    )
    .await;
    let queue = rig.sandbox.connection().queue_id.clone();
    let is = |dimension: &str, value: &str| json!({"dimension": dimension, "value": value});
    let some_id = all[7]["conversationId"].as_str().unwrap();
    let with_segment = |is: &dyn Fn(&Value) -> bool| {
        let has = |record: &&Value| {
            let sessions = sessions(record);
            sessions
                .iter()
                .any(|one| one["segments"].as_array().unwrap().iter().any(is))
        };
        all.iter().filter(has).count()
    };
    let of_queue = with_segment(&|segment| segment["queueId"] == *queue);
    let timed_out = with_segment(&|segment| segment["wrapUpCode"] == "ININ-WRAP-UP-TIMEOUT");
    let messages = all
        .iter()
        .filter(|one| sessions(one)[0]["mediaType"] == "message")
        .count();
    assert!(of_queue < all.len() && timed_out > 0 && messages > 0);
    for (filters, predicates, expected) in [
        (
            "segmentFilters",
            json!([is("queueId", &queue), is("purpose", "acd")]),
            of_queue,
        ),
        (
            "segmentFilters",
            json!([is("wrapUpCode", "ININ-WRAP-UP-TIMEOUT")]),
            timed_out,
        ),
        (
            "segmentFilters",
            json!([is("mediaType", "message")]),
            messages,
        ),
        (
            "segmentFilters",
            json!([{"dimension": "userId", "operator": "exists"}, is("purpose", "acd")]),
            0,
        ),
        (
            "conversationFilters",
            json!([is("conversationId", some_id)]),
            1,
        ),
        (
            "conversationFilters",
            json!([is("originatingDirection", "outbound")]),
            0,
        ),
    ] {
        let question =
            json!({"interval": FRIDAY, filters: [{"type": "and", "predicates": predicates}]});
        let seen = post(&rig, DETAILS, &question).await.json();
        assert_eq!(seen["totalHits"], expected, "{question}");
        assert_eq!(seen["conversations"].is_null(), expected == 0);
    }
    let either =
        json!({"type": "or", "predicates": [is("mediaType", "message"), is("mediaType", "voice")]});
    let question = json!({"interval": FRIDAY, "segmentFilters": [{"type": "and", "clauses": [either],
        "predicates": [is("purpose", "external")]}]});
    let callbacks = all
        .iter()
        .filter(|one| sessions(one)[0]["mediaType"] == "callback")
        .count();
    let seen = post(&rig, DETAILS, &question).await.json();
    assert_eq!(seen["totalHits"], all.len() - callbacks);
}

#[tokio::test]
async fn what_the_platform_refuses_is_refused() {
    let rig = quick().await;
    let year = "2025-03-27T00:00:00.000Z/2026-03-28T00:00:00.000Z";
    let month = "2026-03-01T00:00:00.000Z/2026-03-30T00:00:00.000Z";
    let voice =
        json!([{"type": "and", "predicates": [{"dimension": "mediaType", "value": "voice"}]}]);
    for (path, body, field) in [
        (DETAILS, json!({"order": "asc"}), "/interval"),
        (DETAILS, json!({"interval": "yesterday"}), "/interval"),
        (DETAILS, json!({"interval": month}), "/interval"),
        (
            DETAILS,
            json!({"interval": year, "segmentFilters": voice}),
            "/interval",
        ),
        (
            DETAILS,
            json!({"interval": FRIDAY, "order": "up"}),
            "/order",
        ),
        (
            DETAILS,
            json!({"interval": FRIDAY, "paging": {"pageSize": 101}}),
            "/paging/pageSize",
        ),
        (
            DETAILS,
            json!({"interval": FRIDAY, "paging": {"pageNumber": 0}}),
            "/paging/pageNumber",
        ),
        (
            DETAILS,
            json!({"interval": FRIDAY, "segmentFilters": [{"type": "not"}]}),
            "/segmentFilters",
        ),
        (AGGREGATES, json!({"interval": FRIDAY}), "/metrics"),
        (
            AGGREGATES,
            json!({"interval": FRIDAY, "metrics": ["waits"]}),
            "/metrics",
        ),
        (
            AGGREGATES,
            json!({"interval": FRIDAY, "metrics": ["tWait"], "groupBy": ["wrapUpCodeId"]}),
            "/groupBy",
        ),
        (
            AGGREGATES,
            json!({"interval": FRIDAY, "metrics": ["tWait"], "granularity": "often"}),
            "/granularity",
        ),
        (
            AGGREGATES,
            json!({"interval": FRIDAY, "metrics": ["tWait"], "timeZone": "Mars/Base"}),
            "/timeZone",
        ),
        (ACTIVITY, json!({"metrics": []}), "/metrics"),
        (OBSERVATIONS, json!({"metrics": ["oWaiting"]}), "/filter"),
        (
            USERS,
            json!({"interval": FRIDAY, "metrics": ["tWait"]}),
            "/metrics",
        ),
    ] {
        post(&rig, path, &body).await.refused_field(field);
    }
    let filtered = json!({"interval": month, "segmentFilters": voice});
    assert_eq!(post(&rig, DETAILS, &filtered).await.status, 200);
    let far = json!({"interval": FRIDAY, "paging": {"pageSize": 100, "pageNumber": 1_001}});
    let message = post(&rig, DETAILS, &far).await.refused(400, "bad.request");
    assert_eq!(message, "Pagination may not exceed 100000 results.");
}

#[tokio::test]
async fn a_job_goes_its_way_and_knows_what_was_available() {
    let rig = quick().await;
    // The middle of Monday's work.
    rig.sandbox.advance(Duration::from_secs(14 * 3_600));
    let available = rig.get(&format!("{JOBS}/availability")).await.json();
    let available = available["dataAvailabilityDate"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(available, "2026-03-30T17:30:00.000Z");
    let submitted = post(&rig, JOBS, &json!({"interval": ALL})).await;
    assert_eq!(submitted.status, 202);
    let job = format!("{JOBS}/{}", submitted.json()["jobId"].as_str().unwrap());
    rig.get(&format!("{job}/results"))
        .await
        .refused(400, "bad.request");
    for state in ["QUEUED", "PENDING", "FULFILLED", "FULFILLED"] {
        assert_eq!(rig.get(&job).await.json()["state"], state);
    }
    let mut records = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = rig
            .get(&format!("{job}/results?pageSize=700{cursor}"))
            .await
            .json();
        assert_eq!(page["dataAvailabilityDate"], *available);
        records.extend(page["conversations"].as_array().unwrap().clone());
        match page["cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let queried = all_pages(&rig, &json!({"interval": ALL, "paging": {"pageSize": 100}})).await;
    let id = |record: &Value| record["conversationId"].as_str().unwrap().to_owned();
    let before = queried
        .iter()
        .filter(|one| *one["conversationStart"].as_str().unwrap() < *available);
    let expected: Vec<String> = before.map(id).collect();
    assert!(records.len() > 700 && records.len() < queried.len());
    assert_eq!(records.iter().map(id).collect::<Vec<_>>(), expected);
    assert!(
        records
            .iter()
            .all(|record| record.to_string().contains("attributes"))
    );
    assert!(
        queried
            .iter()
            .all(|record| !record.to_string().contains("attributes"))
    );
    rig.get(&format!("{job}/results?cursor=odd"))
        .await
        .refused_field("cursor");
    assert_eq!(rig.call("DELETE", &job, "").await.status, 204);
    assert_eq!(rig.get(&job).await.json()["state"], "CANCELLED");
    rig.get(&format!("{JOBS}/none"))
        .await
        .refused(404, "not.found");
}

#[tokio::test]
async fn jobs_can_fail_get_stuck_and_expire() {
    let rig = quick().await;
    rig.sandbox.trouble_jobs([JobTrouble::Stuck; 9]);
    let others = json!(["failed", "stuck", "expired", "cancelled", "fine"]).to_string();
    let planted = rig.call("PUT", "/sandbox/jobs", &others).await;
    assert_eq!(planted.status, 200);
    let unknown = rig.call("PUT", "/sandbox/jobs", r#"["lost"]"#).await;
    assert_eq!(unknown.status, 400);
    for (third, at_last) in [
        ("FAILED", "FAILED"),
        ("PENDING", "PENDING"),
        ("FULFILLED", "EXPIRED"),
        ("CANCELLED", "CANCELLED"),
        ("FULFILLED", "FULFILLED"),
    ] {
        let submitted = post(&rig, JOBS, &json!({"interval": FRIDAY})).await.json();
        let job = format!("{JOBS}/{}", submitted["jobId"].as_str().unwrap());
        rig.get(&job).await;
        rig.get(&job).await;
        assert_eq!(rig.get(&job).await.json()["state"], third);
        let results = rig.get(&format!("{job}/results?pageSize=10")).await;
        assert_eq!(results.status == 200, third == "FULFILLED");
        assert_eq!(rig.get(&job).await.json()["state"], at_last);
    }
    let submitted = post(&rig, JOBS, &json!({"interval": FRIDAY})).await.json();
    let job = format!("{JOBS}/{}", submitted["jobId"].as_str().unwrap());
    for _ in 0..3 {
        rig.get(&job).await;
    }
    rig.sandbox.advance(Duration::from_secs(25 * 3_600));
    rig.sign_in().await;
    assert_eq!(rig.get(&job).await.json()["state"], "EXPIRED");
}

#[tokio::test]
async fn pages_of_records_can_be_short_lose_records_and_claim_other_totals() {
    let rig = quick().await;
    let on = async |fault: Value| {
        let rule = json!({"route": "*", "times": 1, "fault": fault}).to_string();
        assert_eq!(rig.call("POST", "/sandbox/faults", &rule).await.status, 200);
    };
    let question = json!({"interval": FRIDAY, "paging": {"pageSize": 100, "pageNumber": 2}});
    let whole = post(&rig, DETAILS, &question).await.json();
    let ids = |page: &Value| -> Vec<String> {
        let records = page["conversations"].as_array().unwrap().iter();
        records
            .map(|one| one["conversationId"].as_str().unwrap().to_owned())
            .collect()
    };
    on(json!({"short_page": 7})).await;
    let short = post(&rig, DETAILS, &question).await.json();
    assert_eq!(
        (ids(&short).len(), &short["totalHits"]),
        (7, &whole["totalHits"])
    );
    on(json!({"missing_entities": 3})).await;
    let lossy = post(&rig, DETAILS, &question).await.json();
    assert_eq!(ids(&lossy), ids(&whole)[..97]);
    let total = whole["totalHits"].as_i64().unwrap();
    for (off, claimed) in [(5, total + 5), (-100_000, 0)] {
        on(json!({"total_off": off})).await;
        let page = post(&rig, DETAILS, &question).await.json();
        assert_eq!(
            (&page["totalHits"], ids(&page)),
            (&json!(claimed), ids(&whole))
        );
    }

    let submitted = post(&rig, JOBS, &json!({"interval": FRIDAY})).await.json();
    let job = format!("{JOBS}/{}", submitted["jobId"].as_str().unwrap());
    for _ in 0..3 {
        rig.get(&job).await;
    }
    let whole = rig.get(&format!("{job}/results?pageSize=10")).await.json();
    on(json!({"short_page": 4})).await;
    let short = rig.get(&format!("{job}/results?pageSize=10")).await.json();
    assert_eq!(ids(&short), ids(&whole)[..4]);
    let cursor = short["cursor"].as_str().unwrap();
    let rest = format!("{job}/results?pageSize=6&cursor={cursor}");
    assert_eq!(ids(&rig.get(&rest).await.json()), ids(&whole)[4..]);
    on(json!({"missing_entities": 20})).await;
    let empty = rig.get(&format!("{job}/results?pageSize=10")).await.json();
    assert_eq!((ids(&empty).len(), &empty["cursor"]), (0, &whole["cursor"]));
    let room = json!({"route": "*", "fault": {"short_page": 0}}).to_string();
    assert_eq!(rig.call("POST", "/sandbox/faults", &room).await.status, 400);
}

#[tokio::test]
async fn the_job_store_can_fall_behind_between_two_requests() {
    let rig = quick().await;
    let available = async || {
        let seen = rig.get(&format!("{JOBS}/availability")).await.json();
        seen["dataAvailabilityDate"].as_str().unwrap().to_owned()
    };
    let before = available().await;
    let rule = json!({"route": "submit_job", "fault": {"jobs_behind_secs": 864_000}}).to_string();
    assert_eq!(rig.call("POST", "/sandbox/faults", &rule).await.status, 200);
    assert_eq!(available().await, before);
    post(&rig, JOBS, &json!({"interval": FRIDAY})).await;
    assert!(available().await < before);
}

#[tokio::test]
async fn a_job_by_overlap_has_what_went_on_and_no_more() {
    let rig = quick().await;
    let minute = "2026-03-27T19:00:00.000Z/2026-03-27T19:01:00.000Z";
    for (by_day, interval) in [(false, minute), (true, FRIDAY)] {
        let body = json!({"interval": minute, "startOfDayIntervalMatching": by_day});
        let submitted = post(&rig, JOBS, &body).await.json();
        let job = format!("{JOBS}/{}", submitted["jobId"].as_str().unwrap());
        for _ in 0..3 {
            rig.get(&job).await;
        }
        let found = rig
            .get(&format!("{job}/results?pageSize=10000"))
            .await
            .json();
        let found = found["conversations"].as_array().unwrap().len();
        let (from, to) = interval.split_once('/').unwrap();
        let all = all_pages(
            &rig,
            &json!({"interval": FRIDAY, "paging": {"pageSize": 100}}),
        )
        .await;
        let goes_on = |one: &&Value| {
            *one["conversationStart"].as_str().unwrap() < *to
                && *one["conversationEnd"].as_str().unwrap() > *from
        };
        assert!(found > 0);
        assert_eq!(found, all.iter().filter(goes_on).count());
    }
}

#[tokio::test]
async fn conversations_of_a_hidden_division_are_missing_from_records_but_counted() {
    let rig = quick().await;
    let question = json!({"interval": FRIDAY, "paging": {"pageSize": 100}});
    let count = json!({"interval": FRIDAY, "metrics": ["nOffered"]});
    let all = all_pages(&rig, &question).await;
    let counted = post(&rig, AGGREGATES, &count).await.json();
    let division = all
        .iter()
        .find_map(|one| one["divisionIds"][1].as_str())
        .unwrap();
    rig.sandbox.hide_divisions([division]).unwrap();
    let seen = all_pages(&rig, &question).await;
    let visible = |one: &&Value| !one["divisionIds"].to_string().contains(division);
    assert!(seen.iter().eq(all.iter().filter(visible)));
    assert!(seen.len() < all.len());
    assert_eq!(post(&rig, AGGREGATES, &count).await.json(), counted);
}

#[tokio::test]
async fn buckets_follow_the_zone_and_hold_what_happened_in_them() {
    let rig = quick().await;
    rig.sandbox.advance(Duration::from_secs(14 * 3_600));
    // Clocks in Dublin went forward on Sunday the 29th.
    let body = json!({"interval": "2026-03-28T00:00:00.000Z/2026-03-29T23:00:00.000Z", "granularity": "P1D",
        "timeZone": "Europe/Dublin", "metrics": ["nOffered", "nConversations"]});
    let seen = post(&rig, AGGREGATES, &body).await.json();
    let data = &seen["results"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["group"]["mediaType"] == "voice")
        .unwrap()["data"];
    assert_eq!(
        data[0]["interval"],
        "2026-03-28T00:00:00.000Z/2026-03-29T00:00:00.000Z"
    );
    assert_eq!(
        data.as_array().unwrap().len(),
        1,
        "Sunday is quiet, and quiet is absent"
    );
    let across = json!({"interval": "2026-03-27T00:00:00.000Z/2026-03-31T00:00:00.000Z", "granularity": "P1D",
        "timeZone": "Europe/Dublin", "metrics": ["nOffered"]});
    let seen = post(&rig, AGGREGATES, &across).await.json();
    let intervals: BTreeSet<&str> = seen["results"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|one| one["data"].as_array().unwrap())
        .map(|bucket| bucket["interval"].as_str().unwrap())
        .collect();
    assert!(
        intervals.contains("2026-03-29T23:00:00.000Z/2026-03-30T23:00:00.000Z"),
        "{intervals:?}"
    );

    let half_hours = json!({"interval": FRIDAY, "granularity": "PT30M", "groupBy": ["wrapUpCode"],
        "metrics": ["nOffered", "tAnswered", "tAbandon", "tFlowOut", "tHandle", "oServiceLevel"]});
    let seen = post(&rig, AGGREGATES, &half_hours).await.json();
    let (mut uneven, mut coded) = (0, 0);
    for result in seen["results"].as_array().unwrap() {
        let is_coded = !result["group"]["wrapUpCode"].is_null();
        for bucket in result["data"].as_array().unwrap() {
            let metrics = bucket["metrics"].as_array().unwrap();
            let count = |name: &str| {
                let found = metrics.iter().find(|metric| metric["metric"] == name);
                found.map_or(0, |metric| metric["stats"]["count"].as_i64().unwrap())
            };
            for metric in metrics {
                assert!(metric["stats"]["count"] != 0);
                let is_wait = metric["metric"] != "tHandle";
                assert!(!(is_coded && is_wait), "{result}");
                if metric["metric"] == "oServiceLevel" {
                    assert_eq!(metric["stats"]["target"], 0.8);
                }
            }
            coded += usize::from(is_coded && count("tHandle") > 0);
            let ended = count("tAnswered") + count("tAbandon") + count("tFlowOut");
            uneven += usize::from(!is_coded && ended != count("nOffered"));
        }
    }
    assert!(coded > 20 && uneven > 3, "{coded} {uneven}");
}

#[tokio::test]
async fn those_who_wait_are_the_same_everywhere() {
    let rig = quick().await;
    rig.sandbox.advance(Duration::from_secs(8 * 3_600));
    let queue = rig.sandbox.connection().queue_id.clone();
    let mut seen_waiting = 0;
    for _ in 0..12 {
        rig.sandbox.advance(Duration::from_secs(1_200));
        rig.sign_in().await;
        let activity = json!({"groupBy": ["queueId"], "metrics": [
            {"metric": "oWaiting", "details": true}, {"metric": "oAlerting"}, {"metric": "oInteracting"},
            {"metric": "oLongestWaiting"}]});
        let activity = post(&rig, ACTIVITY, &activity).await.json();
        let filter =
            json!({"type": "and", "predicates": [{"dimension": "queueId", "value": queue}]});
        let observed = post(&rig, OBSERVATIONS, &json!({"filter": filter, "detailMetrics": ["oWaiting"],
            "metrics": ["oWaiting", "oAlerting", "oInteracting", "oOnQueueUsers", "oUserRoutingStatuses"]}))
            .await
            .json();
        let now = rig.sandbox.now();
        let day = json!({"interval": format!("{:.3}/{now:.3}", now - Duration::from_secs(3_600)),
            "paging": {"pageSize": 100}});
        let records = all_pages(&rig, &day).await;
        let mut by_records = BTreeMap::<&str, i64>::new();
        for session in records.iter().flat_map(sessions) {
            let metrics = session["metrics"].to_string();
            if session["segments"][0]["queueId"] != *queue {
                continue;
            }
            if metrics.contains("nOffered") && !metrics.contains("tAcd") {
                *by_records.entry("in queue").or_default() += 1;
            }
            if metrics.contains("tAnswered") && !metrics.contains("tTalk") {
                *by_records.entry("in talk").or_default() += 1;
            }
        }
        let of_records = |what: &str| by_records.get(what).copied().unwrap_or(0);
        let by_activity = |name: &str| {
            let results = activity["results"].as_array().unwrap().iter();
            let mut data = results
                .filter(|one| one["group"]["queueId"] == *queue)
                .flat_map(|one| one["data"].as_array().unwrap());
            let found = data.find(|metric| metric["metric"] == name);
            found.map_or(0, |metric| metric["count"].as_i64().unwrap())
        };
        let by_observation = |name: &str| -> i64 {
            let results = observed["results"].as_array().unwrap().iter();
            results
                .flat_map(|one| one["data"].as_array().unwrap())
                .filter(|metric| metric["metric"] == name)
                .map(|metric| metric["stats"]["count"].as_i64().unwrap())
                .sum()
        };
        for name in ["oWaiting", "oAlerting", "oInteracting"] {
            assert_eq!(by_activity(name), by_observation(name), "{name}");
        }
        assert_eq!(
            by_activity("oWaiting") + by_activity("oAlerting"),
            of_records("in queue")
        );
        assert_eq!(by_activity("oInteracting"), of_records("in talk"));
        let single: usize = observed["results"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|one| one["data"].as_array().unwrap())
            .map(|metric| metric["observations"].as_array().map_or(0, Vec::len))
            .sum();
        assert_eq!(i64::try_from(single).unwrap(), by_activity("oWaiting"));
        seen_waiting += single;
    }
    assert!(seen_waiting > 3, "{seen_waiting}");
}

#[tokio::test]
async fn agents_are_on_queue_and_then_idle_or_at_work() {
    let rig = quick().await;
    // From one night to the next, so that no work is cut.
    let night_to_night = "2026-03-27T09:30:00.000Z/2026-03-28T09:30:00.000Z";
    let body = json!({"interval": night_to_night, "groupBy": ["userId"], "metrics": ["tSystemPresence", "tAgentRoutingStatus"]});
    let seen = post(&rig, USERS, &body).await.json();
    let results = seen["results"].as_array().unwrap();
    assert!(results.len() > 10);
    let mut at_work = 0;
    for result in results {
        let metrics = result["data"][0]["metrics"].as_array().unwrap();
        let of = |qualifier: &str| {
            let found = metrics
                .iter()
                .find(|metric| metric["qualifier"] == qualifier);
            found.map_or(0, |metric| metric["stats"]["sum"].as_i64().unwrap())
        };
        assert_eq!(of("ON_QUEUE"), of("INTERACTING") + of("IDLE"));
        assert!(
            (60_000..12 * 3_600_000).contains(&of("ON_QUEUE")),
            "{result}"
        );
        at_work += of("INTERACTING");
    }
    let handle = json!({"interval": night_to_night, "metrics": ["tHandle", "tAlert"]});
    let seen = post(&rig, AGGREGATES, &handle).await.json();
    let metrics = seen["results"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|one| one["data"][0]["metrics"].as_array().unwrap());
    let total: f64 = metrics
        .map(|metric| metric["stats"]["sum"].as_f64().unwrap())
        .sum();
    assert!((total - at_work as f64).abs() < 1.0, "{total} {at_work}");
}

/// A tenant with a week's history and no limit to speak of.
async fn quick() -> Rig {
    Rig::with(|options: &mut SandboxOptions| {
        options.history_days = 6;
        options.requests_per_minute = 100_000;
    })
    .await
}

async fn post(rig: &Rig, path: &str, body: &Value) -> Seen {
    rig.call("POST", path, &body.to_string()).await
}

/// All pages of a details query.
async fn all_pages(rig: &Rig, question: &Value) -> Vec<Value> {
    let mut records = Vec::new();
    for number in 1.. {
        let mut question = question.clone();
        question["paging"]["pageNumber"] = json!(number);
        let seen = post(rig, DETAILS, &question).await;
        assert_eq!(seen.status, 200, "{seen:?}");
        let page = seen.json();
        records.extend(
            page["conversations"]
                .as_array()
                .cloned()
                .unwrap_or_default(),
        );
        if page["totalHits"] == records.len() {
            break;
        }
        assert!(number < 200);
    }
    records
}

fn sessions(record: &Value) -> Vec<Value> {
    let participants = record["participants"].as_array().unwrap();
    let sessions = participants
        .iter()
        .filter_map(|one| one["sessions"].as_array());
    sessions.flatten().cloned().collect()
}
