//! Who is answered when, call by call.

use super::super::blueprint::{Demand, Duty, Hours};
use super::super::calendar::{DAY, SLOTS};
use super::super::callers::{Fate, Onward};
use super::super::contact::{Coding, Skills};
use super::super::line::{Evaluation, Scoring};
use super::super::troubles::Troubles;
use super::*;

#[test]
fn waiting_time_and_head_start_add_up() {
    let callers = [
        call(0, 0, 100),
        call(1, 0, 50),
        call(2, 1, 50),
        call(3, 0, 50),
    ];
    // With equal head starts by arrival; with a second's more for skill 1 its caller ties with the one before, who
    // came earlier; with more than that it overtakes.
    assert_eq!(
        order_of_service(&[&[0, 1]], &[0.0, 0.0], &callers),
        [0, 1, 2, 3]
    );
    assert_eq!(
        order_of_service(&[&[0, 1]], &[0.0, 1.0 / 60.0], &callers),
        [0, 1, 2, 3]
    );
    assert_eq!(
        order_of_service(&[&[0, 1]], &[0.0, 1.1 / 60.0], &callers),
        [0, 2, 1, 3]
    );
    assert_eq!(
        order_of_service(&[&[0, 1]], &[2.0 / 60.0, 0.0], &callers),
        [0, 1, 3, 2]
    );
}

#[test]
fn a_negative_or_absurd_head_start_is_none() {
    let callers = [call(0, 0, 100), call(1, 1, 50), call(2, 0, 50)];
    assert_eq!(
        order_of_service(&[&[0, 1]], &[-5.0, f64::NAN], &callers),
        [0, 1, 2]
    );
}

#[test]
fn a_head_start_given_while_callers_wait_moves_them() {
    let mut floor = floor(
        &[&[0, 1]],
        &[call(0, 0, 100), call(1, 0, 50), call(2, 1, 50)],
    );
    let mut past = Past::default();
    floor.run_to(50 * SECOND, &mut past);
    floor.set_head_starts(&[0.0, 1.0]);
    floor.run_to(DAY - 1, &mut past);
    assert_eq!(waits_secs(&past), [0, 149, 98]);
}

#[test]
fn agents_take_only_callers_whose_skill_they_have() {
    let callers = [
        call(0, 0, 100),
        call(1, 1, 30),
        call(2, 0, 10),
        call(3, 1, 10),
    ];
    let past = day(&[&[0], &[1]], &[0.0, 0.0], &callers);
    assert_eq!(waits_secs(&past), [0, 0, 98, 28]);
}

#[test]
fn who_gives_up_as_an_agent_gets_free_is_gone() {
    let impatient = Caller {
        fate: Fate {
            patience_ms: Some(99_000),
            ..call(1, 0, 10).fate
        },
        ..call(1, 0, 10)
    };
    let past = day(
        &[&[0]],
        &[0.0, 0.0],
        &[call(0, 0, 100), impatient, call(2, 0, 10)],
    );
    let outcomes: Vec<Outcome> = past.conversations.iter().map(|one| one.outcome).collect();
    assert_eq!(
        outcomes,
        [Outcome::Answered, Outcome::Abandoned, Outcome::Answered]
    );
    assert_eq!(waits_secs(&past), [0, 99, 98]);
    assert_eq!(
        (past.conversations[1].code, past.conversations[1].handle_ms),
        (None, 0)
    );
}

#[test]
fn a_caller_goes_to_whoever_has_been_idle_longest() {
    // The first two callers settle who is idle since when: the first agent since 10 s, the second since 5 s. The
    // caller at 20 s thus goes to the second, and the one at 21 s to the first, whom the last one has to wait for.
    let callers = [
        call(0, 1, 10),
        call(1, 0, 4),
        call(20, 0, 100),
        call(21, 0, 50),
        call(22, 1, 1),
    ];
    assert_eq!(
        waits_secs(&day(&[&[0, 1], &[0]], &[0.0, 0.0], &callers)),
        [0, 0, 0, 0, 49]
    );
}

#[test]
fn patience_that_lasts_past_midnight_is_forgotten() {
    // Were it remembered, the second caller of the next day would give up 200 seconds past midnight in the place of the
    // second of this day, who was answered.
    let patient = |caller: Caller, secs: u32| Caller {
        fate: Fate {
            patience_ms: Some(secs * 1_000),
            ..caller.fate
        },
        ..caller
    };
    let waits = patient(call(400, 0, 1), 86_600 - 400);
    let mut floor = floor(&[&[0]], &[call(399, 0, 9), waits]);
    let mut past = Past::default();
    floor.run_to(DAY, &mut past);
    let next_day = |secs: i64| DAY / SECOND + secs;
    let waits_too = patient(call(next_day(1), 0, 1), 80_000);
    expect(&mut floor, vec![call(next_day(0), 0, 3_000), waits_too]);
    floor.run_to(2 * DAY - 1, &mut past);
    assert_eq!(waits_secs(&past), [0, 8, 0, 2_999]);
}

#[test]
fn nobody_answers_during_lunch_but_a_call_goes_on() {
    let mut floor = floor(&[&[0]], &[call(90, 0, 20), call(100, 0, 10)]);
    let before_and_after = [
        Duty {
            start: 0,
            end: 100 * SECOND,
        },
        Duty {
            start: 160 * SECOND,
            end: DAY,
        },
    ];
    floor.blueprint.agents[0].duties = std::array::from_fn(|_| before_and_after.to_vec());
    floor
        .agenda
        .push(Reverse((160 * SECOND, Happening::Returns(0))));
    let mut past = Past::default();
    floor.run_to(DAY - 1, &mut past);
    assert_eq!(waits_secs(&past), [0, 60]);
}

#[test]
fn a_priority_counts_from_entering_on_and_may_be_negative() {
    let callers = [
        call(0, 0, 100),
        call(10, 0, 50),
        call(20, 1, 50),
        call(30, 1, 50),
    ];
    let mut floor = floor(&[&[0, 1]], &callers);
    let mut past = Past::default();
    floor.run_to(25 * SECOND, &mut past);
    floor.lines.priorities = vec![0, 1];
    floor.run_to(50 * SECOND, &mut past);
    floor.lines.priorities = vec![0, -60];
    let scores: Vec<i64> = floor
        .waiting_now()
        .iter()
        .map(|one| one.score_ms(50 * SECOND) / SECOND)
        .collect();
    assert_eq!(scores, [40, 30, 80]);
    floor.run_to(DAY - 1, &mut past);
    // The last, with a minute's priority; then those who entered before there was any.
    assert_eq!(waits_secs(&past), [0, 140, 180, 70]);
}

#[test]
fn by_priority_alone_time_only_breaks_ties() {
    let callers = [
        call(0, 0, 600),
        call(1, 0, 50),
        call(2, 0, 50),
        call(500, 1, 50),
    ];
    let order = |scoring: Scoring| {
        let mut floor = floor(&[&[0, 1]], &callers);
        floor.lines.priorities = vec![0, 1];
        let routing = Routing {
            scoring,
            ..Routing::default()
        };
        floor.set_routing(Queue::Target, routing, 0);
        let mut past = Past::default();
        floor.run_to(DAY - 1, &mut past);
        waits_secs(&past)
    };
    assert_eq!(order(Scoring::TimestampAndPriority), [0, 599, 648, 200]);
    assert_eq!(order(Scoring::PriorityOnly), [0, 649, 698, 100]);
}

#[test]
fn a_queue_by_priority_alone_is_served_before_the_others() {
    let elsewhere = |caller: Caller| Caller {
        queue: Queue::Other,
        ..caller
    };
    let callers = [call(0, 0, 600), call(1, 0, 50), elsewhere(call(500, 1, 50))];
    let mut floor = floor(&[&[0, 1]], &callers);
    let routing = Routing {
        scoring: Scoring::PriorityOnly,
        ..Routing::default()
    };
    floor.set_routing(Queue::Other, routing, 0);
    let mut past = Past::default();
    floor.run_to(DAY - 1, &mut past);
    assert_eq!(all_waits_secs(&past), [0, 649, 100]);
    assert_eq!(past.conversations.len(), 2);
}

#[test]
fn without_skills_anybody_in_the_queue_answers_at_once() {
    let mut floor = floor(&[&[0]], &[call(0, 1, 10)]);
    let mut past = Past::default();
    floor.run_to(30 * SECOND, &mut past);
    assert_eq!(floor.waiting(), 1);
    let routing = Routing {
        evaluation: Evaluation::None,
        ..Routing::default()
    };
    floor.set_routing(Queue::Target, routing, 30 * SECOND);
    floor.run_to(DAY - 1, &mut past);
    assert_eq!(waits_secs(&past), [30]);
}

#[test]
fn two_skills_need_an_agent_with_both_and_have_the_larger_head_start() {
    let both = Caller {
        skills: Skills {
            first: 0,
            second: Some(1),
        },
        ..call(3, 0, 10)
    };
    let callers = [call(0, 1, 100), call(1, 0, 50), both];
    let past = day(&[&[0, 1], &[0]], &[0.0, 0.0], &callers);
    assert_eq!(waits_secs(&past), [0, 0, 97]);
    let callers = [call(0, 0, 100), call(1, 0, 50), both];
    let past = day(&[&[0, 1]], &[0.0, 1.0], &callers);
    assert_eq!(waits_secs(&past), [0, 109, 97]);
}

#[test]
fn a_missed_alert_goes_to_the_next_agent_and_its_agent_is_away() {
    let missed = Caller {
        fate: Fate {
            misses: 1,
            ..call(0, 0, 10).fate
        },
        ..call(0, 0, 10)
    };
    let callers = [missed, call(30, 0, 10), call(31, 0, 10)];
    let past = day(&[&[0], &[0]], &[0.0, 0.0], &callers);
    let first = &past.contacts[0].visits[0];
    let alert = first.alerts[0];
    // 8 s, and 1,999 ms from the length of the talk.
    assert_eq!(
        (alert.agent, alert.to - alert.from, alert.missed),
        (0, 9_998, true)
    );
    assert_eq!(first.service.unwrap().agent, 1);
    assert_eq!(first.wait.unwrap().ms, 9_998);
    // The first agent is away until 70 s, so that the third caller waits for the second agent.
    assert_eq!(waits_secs(&past), [9, 0, 9]);
}

#[test]
fn who_leaves_while_the_telephone_rings_frees_the_agent() {
    let patient = call(0, 0, 10);
    let leaves = |patience_ms, voicemail_ms| Caller {
        fate: Fate {
            patience_ms,
            voicemail_ms,
            ..patient.fate
        },
        ..patient
    };
    for (caller, outcome) in [
        (leaves(Some(2_000), Some(2_500)), Outcome::Abandoned),
        (leaves(Some(2_500), Some(2_000)), Outcome::FlowedOut),
    ] {
        let mut floor = floor(&[&[0]], &[caller, call(1, 0, 10)]);
        floor.blueprint.ring_ms = 3_000;
        let mut past = Past::default();
        floor.run_to(DAY - 1, &mut past);
        let first = &past.contacts[0].visits[0];
        assert_eq!(first.wait, Some(Wait { outcome, ms: 2_000 }));
        assert!(!first.alerts[0].missed && first.service.is_none());
        // A second after entering the telephone is free, and rings for three.
        assert_eq!(waits_secs(&past), [2, 4]);
    }
}

#[test]
fn who_is_passed_on_waits_in_the_other_queue_without_priority() {
    let passed_on = Caller {
        onward: Some(Onward {
            queue: Queue::Other,
            skills: Skills::one(1),
            fate: call(0, 1, 10).fate,
        }),
        ..call(0, 0, 10)
    };
    let mut floor = floor(&[&[0], &[1]], &[passed_on, call(5, 1, 50)]);
    floor.lines.priorities = vec![9, 9];
    let mut past = Past::default();
    floor.run_to(DAY - 1, &mut past);
    let visits = &past.contacts[0].visits;
    assert_eq!((visits[0].priority, visits[1].priority), (9, 0));
    assert_eq!(visits[1].entered, 10 * SECOND);
    assert_eq!(all_waits_secs(&past), [0, 45, 0]);
    assert_eq!(
        past.conversations.len(),
        2,
        "only callers of the target queue"
    );
}

fn call(at_secs: i64, skill: u16, handle_secs: u32) -> Caller {
    Caller {
        start: at_secs * SECOND,
        queue: Queue::Target,
        skills: Skills::one(skill),
        fate: Fate {
            talk_ms: handle_secs * 1_000,
            after_call_ms: 0,
            patience_ms: None,
            voicemail_ms: None,
            coding: Coding::Code(0),
            misses: 0,
        },
        onward: None,
        again: None,
    }
}

/// The places of `callers` in the order in which they are answered.
fn order_of_service(agents: &[&[u16]], head_starts: &[f64], callers: &[Caller]) -> Vec<usize> {
    let past = day(agents, head_starts, callers);
    let mut order: Vec<usize> = (0..callers.len()).collect();
    let answered =
        |place: &usize| callers[*place].start + i64::from(past.conversations[*place].wait_ms);
    order.sort_by_key(answered);
    order
}

fn day(agents: &[&[u16]], head_starts: &[f64], callers: &[Caller]) -> Past {
    let mut floor = floor(agents, callers);
    floor.set_head_starts(head_starts);
    let mut past = Past::default();
    floor.run_to(DAY - 1, &mut past);
    past
}

/// A floor at midnight of 1970-01-01 UTC with these agents, always on duty, and these callers.
fn floor(agents: &[&[u16]], callers: &[Caller]) -> Floor {
    let always = std::array::from_fn(|_| vec![Duty { start: 0, end: DAY }]);
    let agents = agents
        .iter()
        .map(|skills| Agent {
            skills: skills.to_vec(),
            queues: Queue::ALL.to_vec(),
            duties: always.clone(),
        })
        .collect();
    let hours = Hours {
        open: 0,
        close: SLOTS,
    };
    let blueprint = Blueprint {
        seed: 0,
        working: hours,
        short: hours,
        demands: vec![nobody(0), nobody(1)],
        pairs: [(0, 1); 2],
        ring_ms: 0,
        agents,
        day_sigma: 0.0,
        stray_codes: Vec::new(),
        stray_share: 0.0,
        troubles: Troubles::NONE,
    };
    // Two in the morning UTC, so that local time is UTC.
    let mut floor = Floor::new(blueprint, 2 * 60 * MINUTE, 0);
    floor.run_to(0, &mut Past::default());
    expect(&mut floor, callers.to_vec());
    floor
}

/// Lets these come on the day that has begun.
fn expect(floor: &mut Floor, callers: Vec<Caller>) {
    floor.today.begin(floor.today.day, callers);
    floor.expect_caller();
}

fn nobody(skill: u16) -> Demand {
    Demand {
        queue: Queue::Target,
        skill,
        calls_per_slot: [[0.0; SLOTS]; 7],
        day_sigma: 0.0,
        talk_mean_secs: 1.0,
        talk_sigma: 0.0,
        after_call_mean_secs: 0.0,
        patience_scale_secs: 1.0,
        patience_shape: 1.0,
        endlessly_patient_share: 0.0,
        codes: vec![(0, 1.0)],
    }
}

fn waits_secs(past: &Past) -> Vec<u32> {
    past.conversations
        .iter()
        .map(|one| one.wait_ms / 1_000)
        .collect()
}

fn all_waits_secs(past: &Past) -> Vec<u32> {
    let visits = past.contacts.iter().flat_map(|contact| &contact.visits);
    visits
        .filter_map(|visit| Some(visit.wait?.ms / 1_000))
        .collect()
}
