//! Things that happen at one instant.

use serde_json::json;
use waitwise_sim::Ended;

use crate::support::{agents, class, day, waits, with};

fn one_agent() -> serde_json::Value {
    json!([{ "name": "g", "skills": ["A", "B"], "agents": 1 }])
}

#[test]
fn who_gives_up_as_an_agent_gets_free_is_gone() {
    let calls = [
        (0.0, 100.0, None),
        (10.0, 5.0, Some(90.0)),
        (20.0, 5.0, None),
    ];
    let fates = day(
        json!({}),
        json!([class("A", &calls)]),
        json!([{ "name": "g", "skills": ["A"], "agents": 1 }]),
    );
    assert_eq!(waits(&fates, 0), [0.0, -1.0, 80.0]);
    assert_eq!(fates[0][1], Some((90.0, Ended::Abandoned)));
}

#[test]
fn patience_of_nothing_is_enough_for_an_idle_agent() {
    let calls = [(0.0, 100.0, Some(0.0)), (10.0, 5.0, Some(0.0))];
    let fates = day(
        json!({}),
        json!([class("A", &calls)]),
        json!([{ "name": "g", "skills": ["A"], "agents": 1 }]),
    );
    assert_eq!(waits(&fates, 0), [0.0, -1.0]);
}

#[test]
fn an_interaction_ends_before_another_arrives_at_the_same_instant() {
    let classes = json!([
        class("A", &[(0.0, 50.0, None)]),
        class("B", &[(50.0, 5.0, None)])
    ]);
    let fates = day(json!({}), classes, one_agent());
    assert_eq!(waits(&fates, 1), [0.0]);
}

#[test]
fn of_equal_scores_the_longer_wait_goes_first_then_the_first_class() {
    // Both of B score as much as the one of A that came 30 s before.
    let classes = |start: f64| {
        json!([
            class(
                "A",
                &[(0.0, 100.0, None), (40.0, 10.0, None), (70.0, 10.0, None)]
            ),
            with(
                class("B", &[(70.0, 10.0, None)]),
                json!({ "head_start_secs": start })
            ),
        ])
    };
    let order = json!({ "order": "head-start" });
    let fates = day(order.clone(), classes(30.0), one_agent());
    assert_eq!(
        (waits(&fates, 0), waits(&fates, 1)),
        (vec![0.0, 60.0, 50.0], vec![40.0])
    );
    let fates = day(order.clone(), classes(30.1), one_agent());
    assert_eq!(
        (waits(&fates, 0), waits(&fates, 1)),
        (vec![0.0, 70.0, 50.0], vec![30.0])
    );
    // Came together, score the same: the first class.
    let fates = day(order, classes(0.0), one_agent());
    assert_eq!(
        (waits(&fates, 0), waits(&fates, 1)),
        (vec![0.0, 60.0, 40.0], vec![50.0])
    );
}

#[test]
fn agents_who_get_free_at_one_instant_choose_by_number() {
    let groups = json!([
        { "name": "both", "skills": ["A", "B"], "agents": 1 },
        { "name": "only A", "skills": ["A"], "agents": 1 },
    ]);
    // Both are free at 60; the one of both takes the longest wait, which is A's, though the other could.
    let classes = json!([
        class(
            "A",
            &[(0.0, 60.0, None), (1.0, 59.0, None), (10.0, 30.0, None)]
        ),
        class("B", &[(20.0, 30.0, None)]),
    ]);
    let fates = day(json!({}), classes, groups);
    assert_eq!(agents(&fates, 0), [0, 1, 0]);
    assert_eq!(waits(&fates, 1), [70.0]);
}

#[test]
fn idle_since_the_same_instant_the_first_by_number_is_chosen() {
    let groups = json!([{ "name": "g", "skills": ["A"], "agents": 3 }]);
    let calls = [
        (0.0, 30.0, None),
        (0.0, 20.0, None),
        (0.0, 20.0, None),
        (40.0, 1.0, None),
        (40.0, 1.0, None),
        (40.0, 1.0, None),
    ];
    let fates = day(json!({}), json!([class("A", &calls)]), groups);
    assert_eq!(agents(&fates, 0), [0, 1, 2, 1, 2, 0]);
}

#[test]
fn who_is_to_leave_takes_nobody_at_that_instant_and_who_comes_does() {
    let groups = json!([{
        "name": "g",
        "skills": ["A"],
        "shifts": [
            { "agents": 1, "stretches_secs": [[0, 100]] },
            { "agents": 1, "stretches_secs": [[150, 10_000]] },
        ],
    }]);
    let calls = [(0.0, 100.0, None), (10.0, 5.0, None), (150.0, 5.0, None)];
    let fates = day(json!({}), json!([class("A", &calls)]), groups);
    assert_eq!(waits(&fates, 0), [0.0, 140.0, 5.0]);
    assert_eq!(agents(&fates, 0), [0, 1, 1]);
}
