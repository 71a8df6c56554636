//! Answers of the platform's analytics: aggregates, observations, activity, estimates, and the states of jobs. What is
//! taken for a number is one.

#![no_main]

use libfuzzer_sys::fuzz_target;
use waitwise_wire::platform::activity::ActivityPage;
use waitwise_wire::platform::aggregates::Aggregates;
use waitwise_wire::platform::details::{Availability, JobStatus, RecordPage, Submitted};
use waitwise_wire::platform::estimated_wait::read_estimates;
use waitwise_wire::platform::observations::QueueNow;
use waitwise_wire::platform::totals::{on_queue, totals};

fuzz_target!(|data: &[u8]| {
    let Some([text]) = fuzz::parts(data) else {
        return;
    };
    if let Ok(answer) = Aggregates::read(text) {
        check(&answer);
    }
    let _ = QueueNow::read(text);
    let _ = ActivityPage::read(text);
    let _ = read_estimates(text);
    let _ = RecordPage::read(text);
    let _ = Availability::read(text);
    if let Ok(submitted) = Submitted::read(text) {
        assert!(!submitted.job_id.is_empty(), "a job without a name");
    }
    if let Ok(status) = JobStatus::read(text) {
        let _ = status.state.is_under_way();
    }
});

fn check(answer: &Aggregates) {
    for totals in totals(answer) {
        for waits in [
            totals.answered,
            totals.abandoned,
            totals.short_abandoned,
            totals.flowed_out,
            totals.waits,
        ] {
            assert!(waits.sum_ms.is_finite(), "{totals:?}");
            assert!(waits.mean_ms().is_none_or(f64::is_finite), "{totals:?}");
        }
        assert!(totals.window.from <= totals.window.to, "{totals:?}");
    }
    for agent in on_queue(answer) {
        assert!(agent.on_queue_ms.is_finite(), "{agent:?}");
    }
}
