//! A seeded mix of troubles for one pull.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use rand_core::{Rng as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;
use waitwise_sandbox::{Fault, FaultRule, FurtherPages, JobTrouble, RetryAfter, Sandbox};

use super::kind::Kind;

/// The troubles of one run.
#[derive(Debug)]
pub(crate) struct Weather {
    /// All of them.
    pub(crate) kinds: Vec<Kind>,
    /// Those that are faults of requests, in the order in which they are switched on.
    faults: Vec<(Kind, FaultRule)>,
    /// What happens to the jobs.
    jobs: Vec<JobTrouble>,
    /// How far the job store lies behind from the start.
    behind_secs: Option<u32>,
}

impl Weather {
    /// One to three troubles that follow from the seed.
    pub(crate) fn of(seed: u64) -> Weather {
        let mut draws = Draws(Xoshiro256PlusPlus::seed_from_u64(seed));
        let n = draws.within(1..=3);
        let mut weather = Weather {
            kinds: Vec::new(),
            faults: Vec::new(),
            jobs: Vec::new(),
            behind_secs: None,
        };
        for _ in 0..n {
            let kind = *draws.one_of(&Kind::ALL);
            if !weather.kinds.contains(&kind) {
                weather.kinds.push(kind);
                weather.add(kind, &mut draws);
            }
        }
        weather
    }

    /// The query always claims fewer records than there are, by a number of whole pages.
    pub(crate) fn small_total() -> Weather {
        let fault = FaultRule::always("details", Fault::TotalOff(-400));
        Weather {
            kinds: vec![Kind::TotalOff],
            faults: vec![(Kind::TotalOff, fault)],
            jobs: Vec::new(),
            behind_secs: None,
        }
    }

    fn add(&mut self, kind: Kind, draws: &mut Draws) {
        match kind {
            Kind::JobFailed => self.jobs.extend(draws.jobs(JobTrouble::Failed)),
            Kind::JobExpired => self.jobs.extend(draws.jobs(JobTrouble::Expired)),
            Kind::JobCancelled => self.jobs.extend(draws.jobs(JobTrouble::Cancelled)),
            Kind::JobStuck => self.jobs.extend(draws.jobs(JobTrouble::Stuck)),
            Kind::LateStore => self.behind_secs = Some(draws.within(0..=72) * 3_600),
            Kind::TooMany
            | Kind::TooManyHours
            | Kind::CursorExpired
            | Kind::CursorRepeated
            | Kind::EndlessEmpty
            | Kind::EndlessSame
            | Kind::StoreFallsBehind
            | Kind::ShortPages
            | Kind::Duplicates
            | Kind::Missing
            | Kind::TotalOff
            | Kind::RecordsComeIn
            | Kind::ServerError
            | Kind::Reset
            | Kind::NotJson => self.faults.push((kind, draws.rule(kind))),
        }
    }

    /// Lets it begin.
    pub(crate) fn begin(&self, sandbox: &Sandbox) {
        for (_, rule) in &self.faults {
            sandbox.add_fault(rule.clone()).unwrap();
        }
        sandbox.trouble_jobs(self.jobs.iter().copied());
        if let Some(secs) = self.behind_secs {
            sandbox.set_jobs_behind(secs);
        }
    }

    /// Returns the kinds that are known to have struck a request, or, of jobs and the store, that were there.
    pub(crate) fn struck(&self, sandbox: &Sandbox) -> Vec<Kind> {
        let faults = self.faults.iter().zip(sandbox.struck());
        let faults: BTreeMap<usize, bool> = faults
            .map(|((kind, _), struck)| (*kind as usize, struck > 0))
            .collect();
        let is_struck = |kind: &Kind| faults.get(&(*kind as usize)).copied().unwrap_or(true);
        self.kinds.iter().copied().filter(is_struck).collect()
    }
}

/// Ends every trouble.
pub(crate) fn clear_up(sandbox: &Sandbox) {
    sandbox.clear_faults();
    sandbox.trouble_jobs([]);
    sandbox.set_jobs_behind(6 * 3_600);
}

struct Draws(Xoshiro256PlusPlus);

/// Every operation of a pull.
const ANY: [&str; 7] = [
    "*",
    "availability",
    "submit_job",
    "job",
    "job_results",
    "details",
    "aggregates",
];

/// Those that give pages of records.
const PAGES: [&str; 3] = ["*", "job_results", "details"];

impl Draws {
    fn within(&mut self, range: RangeInclusive<u32>) -> u32 {
        let n = u64::from(range.end() - range.start()) + 1;
        range.start() + u32::try_from(self.0.next_u64() % n).unwrap()
    }

    fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        let last = u32::try_from(all.len() - 1).unwrap();
        &all[self.within(0..=last) as usize]
    }

    fn route(&mut self, routes: &[&'static str]) -> &'static str {
        self.one_of::<&'static str>(routes)
    }

    /// Some of the next jobs, or so many that a day runs out of tries.
    fn jobs(&mut self, trouble: JobTrouble) -> Vec<JobTrouble> {
        let n = *self.one_of(&[1, 2, 3, 6, 20]);
        let fine = self.within(0..=2) as usize;
        let mut jobs = vec![JobTrouble::Fine; fine];
        jobs.extend(std::iter::repeat_n(trouble, n));
        jobs
    }

    fn rule(&mut self, kind: Kind) -> FaultRule {
        let (route, fault) = self.fault(kind);
        let plain = FaultRule {
            times: *self.one_of(&[Some(1), Some(1), Some(2), Some(5), None]),
            rate: *self.one_of(&[None, None, Some(0.2), Some(0.6)]),
            after: *self.one_of(&[0, 0, 1, 2, 5, 9]),
            seed: self.0.next_u64(),
            ..FaultRule::always(route, fault)
        };
        match kind {
            // The tenant lives through the time that it jumps over.
            Kind::RecordsComeIn => FaultRule {
                times: Some(self.within(1..=4)),
                ..plain
            },
            Kind::TooMany
            | Kind::TooManyHours
            | Kind::JobFailed
            | Kind::JobExpired
            | Kind::JobCancelled
            | Kind::JobStuck
            | Kind::CursorExpired
            | Kind::CursorRepeated
            | Kind::EndlessEmpty
            | Kind::EndlessSame
            | Kind::LateStore
            | Kind::StoreFallsBehind
            | Kind::ShortPages
            | Kind::Duplicates
            | Kind::Missing
            | Kind::TotalOff
            | Kind::ServerError
            | Kind::Reset
            | Kind::NotJson => plain,
        }
    }

    fn fault(&mut self, kind: Kind) -> (&'static str, Fault) {
        let text = |text: &str| RetryAfter::Text(text.to_owned());
        match kind {
            Kind::TooMany => {
                let secs = self.within(1..=90);
                let when = [
                    text(&secs.to_string()),
                    RetryAfter::DateIn(secs.into()),
                    RetryAfter::Absent,
                    text("soon"),
                ];
                let when = self.one_of(&when).clone();
                (self.route(&ANY), Fault::TooMany(when))
            }
            Kind::TooManyHours => (self.route(&ANY), Fault::TooMany(text("7200"))),
            Kind::CursorExpired => {
                let fault = Fault::Status {
                    status: *self.one_of(&[400, 404, 410]),
                    headers: BTreeMap::new(),
                    body: None,
                };
                (self.route(&["job_results", "job"]), fault)
            }
            Kind::CursorRepeated => ("job_results", Fault::RepeatPageToken),
            Kind::EndlessEmpty => {
                let fault = Fault::EndlessPages(FurtherPages::Empty);
                (self.route(&PAGES), fault)
            }
            Kind::EndlessSame => {
                let fault = Fault::EndlessPages(FurtherPages::Same);
                (self.route(&PAGES), fault)
            }
            Kind::StoreFallsBehind => {
                let fault = Fault::JobsBehind(self.within(7..=72) * 3_600);
                (self.route(&["submit_job", "job", "job_results"]), fault)
            }
            Kind::ShortPages => {
                let fault = Fault::ShortPage(self.within(1..=60));
                (self.route(&PAGES), fault)
            }
            Kind::Duplicates => (self.route(&PAGES), Fault::DuplicateEntity),
            Kind::Missing => {
                let fault = Fault::MissingEntities(self.within(1..=30) as usize);
                (self.route(&PAGES), fault)
            }
            Kind::TotalOff => {
                let by = *self.one_of(&[-400, -1, 1, 400]);
                ("details", Fault::TotalOff(by))
            }
            Kind::RecordsComeIn => {
                let fault = Fault::ClockJump(self.within(30..=900).into());
                (self.route(&["details", "job_results"]), fault)
            }
            Kind::ServerError => {
                let status = *self.one_of(&[500, 502, 503, 504]);
                let fault = Fault::Status {
                    status,
                    headers: BTreeMap::new(),
                    body: None,
                };
                (self.route(&ANY), fault)
            }
            Kind::Reset => {
                let faults = [
                    Fault::ResetBefore,
                    Fault::ResetAfter,
                    Fault::ResetInBody(40),
                ];
                (self.route(&ANY), self.one_of(&faults).clone())
            }
            Kind::NotJson => {
                let bodies = ["", "<html>busy</html>", "{\"conversations\": ["];
                let fault = Fault::Body((*self.one_of(&bodies)).to_owned());
                (self.route(&ANY), fault)
            }
            Kind::JobFailed
            | Kind::JobExpired
            | Kind::JobCancelled
            | Kind::JobStuck
            | Kind::LateStore => unreachable!("it is no fault of a request"),
        }
    }
}
