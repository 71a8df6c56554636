//! Agents who come and go.

use serde_json::{Value, json};

use crate::support::{agents, class, day, day_with, waits};

fn group(field: &str, staffing: Value) -> Value {
    json!([{ "name": "g", "skills": ["A"], field: staffing }])
}

#[test]
fn whoever_is_to_leave_finishes_first() {
    let levels = json!([{ "from_secs": 0, "agents": 2 }, { "from_secs": 50, "agents": 1 }]);
    let calls = [
        (0.0, 80.0, None),
        (0.0, 200.0, None),
        (10.0, 10.0, None),
        (20.0, 10.0, None),
    ];
    let fates = day(
        json!({}),
        json!([class("A", &calls)]),
        group("staffing", levels),
    );
    // The first to finish after 50 s leaves; the other goes on alone.
    assert_eq!(waits(&fates, 0), [0.0, 0.0, 190.0, 190.0]);
    assert_eq!(agents(&fates, 0), [0, 1, 1, 1]);
}

#[test]
fn idle_agents_leave_first_the_longest_idle_before_others() {
    let levels = json!([{ "from_secs": 0, "agents": 3 }, { "from_secs": 50, "agents": 2 }]);
    let calls = [
        (0.0, 30.0, None),
        (0.0, 10.0, None),
        (0.0, 20.0, None),
        (60.0, 9.0, None),
        (60.0, 9.0, None),
    ];
    let fates = day(
        json!({}),
        json!([class("A", &calls)]),
        group("staffing", levels),
    );
    assert_eq!(agents(&fates, 0), [0, 1, 2, 2, 0]);
}

#[test]
fn who_comes_takes_those_who_wait() {
    let levels = json!([
        { "from_secs": 0, "agents": 0 },
        { "from_secs": 100, "agents": 2 },
        { "from_secs": 200, "agents": 1 },
        { "from_secs": 300, "agents": 3 },
    ]);
    let calls = [(0.0, 50.0, None), (10.0, 50.0, None), (20.0, 10.0, None)];
    let fates = day(
        json!({}),
        json!([class("A", &calls)]),
        group("staffing", levels),
    );
    assert_eq!(waits(&fates, 0), [100.0, 90.0, 130.0]);
}

#[test]
fn a_call_that_outlasts_a_break_ends_it() {
    let shifts = json!([{ "agents": 1, "stretches_secs": [[0, 100], [200, 10_000]] }]);
    let fates = |service: f64| {
        let calls = [(90.0, service, None), (95.0, 10.0, None)];
        day(
            json!({}),
            json!([class("A", &calls)]),
            group("shifts", shifts.clone()),
        )
    };
    assert_eq!(waits(&fates(20.0), 0), [0.0, 105.0]);
    assert_eq!(waits(&fates(150.0), 0), [0.0, 145.0]);
}

#[test]
fn after_the_last_arrival_nobody_leaves() {
    let shifts = json!([
        { "agents": 1, "stretches_secs": [[0, 10_000]] },
        { "agents": 1, "stretches_secs": [[0, 9_500]] },
    ]);
    let calls = [
        (9_000.0, 2_000.0, None),
        (9_001.0, 400.0, None),
        (9_999.0, 50.0, None),
    ];
    let fates = day(
        json!({}),
        json!([class("A", &calls)]),
        group("shifts", shifts),
    );
    // The second has gone; the first goes on after closing.
    assert_eq!(waits(&fates, 0), [0.0, 0.0, 1_001.0]);
}

#[test]
fn without_anybody_left_the_patient_still_wait() {
    let shifts = json!([{ "agents": 1, "stretches_secs": [[0, 100]] }]);
    let calls = [
        (10.0, 200.0, None),
        (20.0, 10.0, None),
        (30.0, 10.0, Some(50_000.0)),
    ];
    let model = json!({ "classes": [class("A", &calls)], "groups": group("shifts", shifts) });
    let (fates, block) = day_with(model);
    assert_eq!(fates[0].len(), 3);
    assert_eq!(waits(&fates, 0), [0.0, f64::INFINITY, -1.0]);
    assert_eq!(block.classes[0].waiting(), 1);
    // Time at work includes the overtime.
    assert_eq!(
        (block.groups[0].busy_secs, block.groups[0].present_secs),
        (200.0, 210.0)
    );
}

#[test]
fn days_take_their_rates_and_staffing_from_their_place_in_the_cycle() {
    let model = json!({
        "format": "waitwise-model/1",
        "calendar": { "day_secs": 1_000, "cycle_secs": 2_000 },
        "classes": [{
            "name": "A",
            "arrivals": { "rates": [{ "from_secs": 0, "per_hour": 0 }, { "from_secs": 1_000, "per_hour": 3_600 }] },
            "service": { "law": "deterministic", "secs": 1 },
        }],
        "groups": [{
            "name": "g",
            "skills": ["A"],
            "staffing": [{ "from_secs": 0, "agents": 3 }, { "from_secs": 1_000, "agents": 7 }],
        }],
    });
    let described = crate::support::described(&model);
    let mut simulator = waitwise_sim::Simulator::new(&described.model, &described.policy);
    for day in 0..4 {
        let block = simulator.run(5, day, waitwise_sim::Extent::Day).remove(0);
        let offered = block.classes[0].offered;
        if day % 2 == 0 {
            assert_eq!((offered, block.groups[0].present_secs), (0, 3_000.0));
        } else {
            assert!((850..1_150).contains(&offered), "{offered}");
            assert_eq!(block.groups[0].present_secs, 7_000.0);
        }
    }
}

#[test]
fn agents_come_and_go_on_a_day_without_callers() {
    let levels = json!([{ "from_secs": 0, "agents": 1 }, { "from_secs": 4_000, "agents": 3 }]);
    let model = json!({ "classes": [class("A", &[])], "groups": group("staffing", levels) });
    let (_, block) = day_with(model);
    assert_eq!(block.groups[0].present_secs, 4_000.0 + 3.0 * 6_000.0);
}
