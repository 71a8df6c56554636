//! A tenant of the sandbox: what the twin is shown of it, and what becomes of it.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use waitwise_model::{Coded, Ending, Visit, Window};
use waitwise_sandbox::Troubles;
use waitwise_sandbox::centre::{self, Outcome, Queue};
use waitwise_sandbox::tenant::{MINUTES_PER_POINT, Tenant, TenantSpec};
use waitwise_twin::seen::{ClassKey, Collector, Seen};

/// How many days the prediction is about.
pub(crate) const DAYS_AFTER: u16 = 20;
/// The id of the queue whose weights change.
pub(crate) const TARGET: &str = "target";
const OTHER: &str = "other";
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

pub(crate) struct Centre {
    seed: u64,
    tenant: Tenant,
    n_skills: usize,
    now: Timestamp,
}

impl Centre {
    /// A tenant after its history, at two in the morning of a Monday, in UTC.
    pub(crate) fn of(seed: u64, troubles: Troubles) -> Centre {
        let now: Timestamp = "2026-03-16T02:00:00Z".parse().unwrap();
        let tenant = Tenant::generate(&TenantSpec {
            troubles,
            ..TenantSpec::new(seed, now.as_millisecond())
        });
        let skills = tenant.centre.conversations().iter();
        let n_skills = skills.map(|one| usize::from(one.skill) + 1).max();
        Centre {
            seed,
            n_skills: n_skills.unwrap(),
            tenant,
            now,
        }
    }

    pub(crate) fn first_day(&self) -> Date {
        self.now.to_zoned(TimeZone::UTC).date()
    }

    /// What facts would say of the history.
    pub(crate) fn seen(&self) -> Seen {
        let window = Window {
            from: "2025-01-01T00:00:00Z".parse().unwrap(),
            to: "2026-03-16T00:00:00Z".parse().unwrap(),
        };
        let first = self
            .tenant
            .centre
            .contacts()
            .iter()
            .map(centre::Contact::start)
            .min();
        let first = Timestamp::from_millisecond(first.unwrap()).unwrap();
        let first = first
            .to_zoned(TimeZone::UTC)
            .date()
            .to_zoned(TimeZone::UTC)
            .unwrap();
        let window = Window {
            from: first.timestamp(),
            ..window
        };
        let mut collector = Collector::new(window, TimeZone::UTC);
        for contact in self.tenant.centre.contacts() {
            for visit in &contact.visits {
                show(visit, &mut collector);
            }
        }
        collector.finish()
    }

    /// The minutes of each skill before: all alike.
    pub(crate) fn present(&self) -> Vec<f64> {
        vec![centre::NEUTRAL_MINUTES; self.tenant.skills.len()]
    }

    /// The minutes of each skill after: any weight for each.
    pub(crate) fn proposed(&self) -> Vec<f64> {
        let mut word = self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5bd1_e995;
        let mut draw = || {
            word ^= word << 13;
            word ^= word >> 7;
            word ^= word << 17;
            word % 100 + 1
        };
        let mut minutes = self.present();
        for one in minutes.iter_mut().take(self.n_skills) {
            *one = draw() as f64 * MINUTES_PER_POINT;
        }
        minutes
    }

    /// The largest of a class's skills; another queue's callers have none.
    pub(crate) fn head_start_secs(&self, key: &ClassKey, minutes: &[f64]) -> f64 {
        if key.queue != TARGET {
            return 60.0 * centre::NEUTRAL_MINUTES;
        }
        let skills = key
            .skills
            .iter()
            .map(|skill| skill.parse::<usize>().unwrap());
        60.0 * skills.map(|skill| minutes[skill]).fold(0.0, f64::max)
    }

    /// By how many seconds each skill's mean wait changed over the days that followed.
    pub(crate) fn really(&self, minutes: &[f64]) -> Vec<f64> {
        let after = |minutes: &[f64]| {
            let mut centre = self.tenant.centre.clone();
            centre.set_head_starts(minutes);
            let (from, days) = (self.now.as_millisecond(), i64::from(DAYS_AFTER));
            let to = from + days * DAY_MS;
            centre.advance_to(to + DAY_MS);
            let mut waits = vec![(0.0, 0.0); self.n_skills];
            let visits = centre.contacts().iter().flat_map(|contact| &contact.visits);
            let visits = visits.filter(|visit| (from..to).contains(&visit.entered));
            for visit in visits.filter(|visit| visit.queue == Queue::Target) {
                for skill in visit.skills.iter() {
                    let (n, ms) = &mut waits[usize::from(skill)];
                    *n += 1.0;
                    *ms += f64::from(visit.wait.unwrap().ms);
                }
            }
            waits
        };
        let (before, after) = (after(&self.present()), after(minutes));
        let mean = |(n, ms): (f64, f64)| ms / n / 1000.0;
        before
            .into_iter()
            .zip(after)
            .map(|(before, after)| mean(after) - mean(before))
            .collect()
    }
}

fn show(visit: &centre::Visit, collector: &mut Collector) {
    let mut skills: Vec<String> = visit.skills.iter().map(|skill| skill.to_string()).collect();
    skills.sort();
    let skills: Vec<&str> = skills.iter().map(String::as_str).collect();
    let agent = visit.service.map(|service| service.agent.to_string());
    let handle =
        |service: centre::Service| u64::from(service.talk_ms) + u64::from(service.after_call_ms);
    collector.add(&Visit {
        conversation: "",
        started_at_ms: visit.entered,
        ended_at_ms: visit.end(),
        number: 1,
        queue: match visit.queue {
            Queue::Target => TARGET,
            Queue::Other => OTHER,
        },
        media: "voice",
        skills: &skills,
        entered_at_ms: visit.entered,
        is_offered: true,
        ending: match visit.wait.map(|wait| wait.outcome) {
            None => Ending::Waiting,
            Some(Outcome::Answered) => Ending::Answered,
            Some(Outcome::Abandoned) => Ending::Abandoned,
            Some(Outcome::FlowedOut) => Ending::FlowedOut,
        },
        wait_ms: visit.wait.map(|wait| u64::from(wait.ms)),
        coding: Coded::Nothing,
        agent: agent.as_deref(),
        talk_ms: None,
        hold_ms: None,
        after_call_ms: None,
        handle_ms: visit.service.map(handle),
        is_transferred: false,
        missed_alerts: 0,
        priority: None,
        routing: None,
    });
}
