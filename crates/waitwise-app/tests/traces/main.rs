//! The twin's engine and the sandbox's own centre give every interaction of the same day the same wait, from the same agent.
//!
//! The two share no code: one is written for speed, the other to be read, and each judges the other. Days are drawn at
//! random, with times on a coarse grid so that much happens at one instant, and with everything that both know: two queues,
//! one or two skills, head starts, priorities, both ways of scoring, working hours with breaks, patience, after-call work.
//!
//! `WAITWISE_TRACES=N` sets how many centres; 200 by default.

#![expect(
    clippy::unwrap_used,
    reason = "clippy takes only functions marked as tests for tests"
)]
#![expect(
    clippy::cast_possible_truncation,
    reason = "numbers drawn from small ranges, and milliseconds of a day"
)]

mod drawn;

use std::collections::BTreeMap;

use waitwise_app::sim::{Ended, Extent, Simulator, Watch};
use waitwise_sandbox::centre::{Contact, Outcome};

use crate::drawn::Drawn;

const CENTRES_DEFAULT: u64 = 200;

/// The sandbox's day ends here. The twin's goes on until everybody is served; in a centre overrun beyond measure somebody may
/// still wait then.
const MIDNIGHT_MS: u64 = 86_400_000;

/// How one interaction's wait ended: `None`: never.
type Fate = Option<(End, u64)>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    Answered(u32),
    Abandoned,
}

#[test]
fn both_centres_give_everybody_the_same_wait() {
    let centres = std::env::var("WAITWISE_TRACES")
        .ok()
        .map_or(CENTRES_DEFAULT, |n| {
            n.parse().expect("WAITWISE_TRACES is a number")
        });
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in 0..centres {
        let drawn = Drawn::new(seed);
        let (of_twin, of_sandbox) = (twin(&drawn), sandbox(&drawn));
        for (number, (one, other)) in of_twin.iter().zip(&of_sandbox).enumerate() {
            assert_eq!(
                one, other,
                "centre {seed}, interaction {number}: twin, sandbox"
            );
            *seen.entry(kind(*one)).or_default() += 1;
        }
        assert_eq!(of_twin.len(), of_sandbox.len());
    }
    println!(
        "<!-- traces -->\n{}<!-- /traces -->",
        figures(centres, &seen)
    );
    // Days in which nobody waits, or nobody is answered, would show nothing.
    for kind in ["at once", "after waiting", "abandoned"] {
        assert!(
            seen.get(kind).is_some_and(|n| *n as u64 > 20 * centres),
            "{seen:?}"
        );
    }
}

fn figures(centres: u64, seen: &BTreeMap<&str, usize>) -> String {
    let all: usize = seen.values().sum();
    let kinds: Vec<String> = seen.iter().map(|(kind, n)| format!("{n} {kind}")).collect();
    format!(
        "{centres} centres, seeds from 0 on: {all} interactions, each with the same wait and the same agent in both ({}).\n",
        kinds.join(", ")
    )
}

fn kind(fate: Fate) -> &'static str {
    match fate {
        Some((End::Answered(_), 0)) => "at once",
        Some((End::Answered(_), _)) => "after waiting",
        Some((End::Abandoned, _)) => "abandoned",
        None => "never",
    }
}

fn sandbox(drawn: &Drawn) -> Vec<Fate> {
    let of = |contact: Contact| {
        let visit = contact.visits.first()?;
        let wait = visit.wait?;
        let end = match wait.outcome {
            Outcome::Answered => End::Answered(u32::from(visit.service?.agent)),
            Outcome::Abandoned => End::Abandoned,
            Outcome::FlowedOut => panic!("nobody was offered voicemail"),
        };
        Some((end, u64::from(wait.ms)))
    };
    drawn.day.run().into_iter().map(of).collect()
}

fn twin(drawn: &Drawn) -> Vec<Fate> {
    let (model, policy) = drawn.model();
    let mut fates = Fates {
        of_class: drawn.callers_by_class(),
        fates: vec![None; drawn.day.callers.len()],
    };
    Simulator::new(&model, &policy).run_watched(0, 0, Extent::Day, &mut fates);
    let callers = drawn.day.callers.iter().zip(fates.fates);
    callers
        .map(|(caller, fate)| fate.filter(|(_, wait)| u64::from(caller.at_ms) + wait < MIDNIGHT_MS))
        .collect()
}

struct Fates {
    /// Per class: which callers, in order.
    of_class: Vec<Vec<usize>>,
    fates: Vec<Fate>,
}

impl Watch for Fates {
    fn left(
        &mut self,
        class: usize,
        number: u32,
        _arrived_secs: f64,
        wait_secs: f64,
        ended: Ended,
    ) {
        // The model's seconds are the day's milliseconds, all of them whole.
        let wait = wait_secs as u64;
        assert!(
            (wait as f64 - wait_secs).abs() < 1e-9,
            "{wait_secs} is not whole"
        );
        let caller = self.of_class[class][number as usize];
        let end = match ended {
            Ended::Answered(agent) => End::Answered(agent),
            Ended::Abandoned => End::Abandoned,
            Ended::Blocked => panic!("there is room for everybody"),
        };
        let before = self.fates[caller].replace((end, wait));
        assert_eq!(before, None, "an interaction ends once");
    }
}
