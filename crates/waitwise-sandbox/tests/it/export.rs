//! The exporter against the same tenant over HTTP.

use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use waitwise_sandbox::Troubles;
use waitwise_sandbox::export::{ExportSpec, Extent, to_file};

use crate::rig::Rig;

const JOBS: &str = "/api/v2/analytics/conversations/details/jobs";

#[derive(Deserialize)]
struct Page {
    conversations: Vec<Box<RawValue>>,
}

/// Every kind of tenant: one code per skill, several, and a large one.
#[tokio::test]
async fn a_line_is_what_a_job_answers_for_the_conversation() {
    let large = waitwise_sandbox::Size {
        skills: 12,
        codes: 40,
    };
    for (seed, size) in [(3, None), (5, None), (6, Some(large))] {
        let from = jiff::civil::date(2025, 3, 6);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("details.ndjson");
        let spec = ExportSpec {
            seed,
            tenants: 1,
            size,
            calls_a_day: None,
            troubles: Troubles::NONE,
            from,
            extent: Extent::Days(5),
        };
        to_file(&spec, &path, &mut |_| ()).unwrap();
        let exported = std::fs::read_to_string(path).unwrap();

        let rig = Rig::with(|options| {
            options.seed = seed;
            options.size = size;
            options.history_days = 5;
            options.now = Some("2025-03-11T02:00:00Z".parse().unwrap());
            options.requests_per_minute = 1_000_000;
        })
        .await;
        rig.sandbox.set_jobs_behind(0);
        let interval = "2025-03-06T00:00:00.000Z/2025-03-11T00:00:00.000Z";
        let body = json!({"interval": interval}).to_string();
        let submitted = rig.call("POST", JOBS, &body).await.json();
        let job = format!("{JOBS}/{}", submitted["jobId"].as_str().unwrap());
        while rig.get(&job).await.json()["state"] != "FULFILLED" {}
        let answer = rig.get(&format!("{job}/results?pageSize=10000")).await.text;
        let page: Page = serde_json::from_str(&answer).unwrap();
        let answered: Vec<&str> = page.conversations.iter().map(|one| one.get()).collect();
        assert!(answered.len() > 3_000, "{}", answered.len());
        assert!(answered.iter().copied().eq(exported.lines()), "seed {seed}");
    }
}
