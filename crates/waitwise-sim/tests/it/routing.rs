//! Who goes first, who takes whom, and who finds room.

use serde_json::{Value, json};

use crate::support::{agents, class, day, day_with, told, waits, with};

/// Ten callers of two classes who all find the one agent busy until 100 s.
fn classes(fields: [Value; 2]) -> Value {
    let [a, b] = fields;
    json!([
        with(
            class(
                "A",
                &[(0.0, 100.0, None), (10.0, 10.0, None), (30.0, 10.0, None)]
            ),
            a
        ),
        with(class("B", &[(20.0, 10.0, None), (40.0, 10.0, None)]), b),
    ])
}

fn order_of_service(routing: Value, fields: [Value; 2], levels: Value) -> Vec<(f64, &'static str)> {
    let groups = json!([{ "name": "g", "skills": ["A", "B"], "agents": 1, "levels": levels }]);
    let fates = day(routing, classes(fields), groups);
    let a = [0.0, 10.0, 30.0]
        .iter()
        .zip(waits(&fates, 0))
        .map(|(at, wait)| (at + wait, "A"));
    let b = [20.0, 40.0]
        .iter()
        .zip(waits(&fates, 1))
        .map(|(at, wait)| (at + wait, "B"));
    let mut order: Vec<(f64, &str)> = a.chain(b).collect();
    order.sort_by(|one, other| one.0.total_cmp(&other.0));
    order
}

fn letters(order: &[(f64, &str)]) -> String {
    order.iter().map(|(_, letter)| *letter).collect()
}

#[test]
fn each_order_is_what_it_says() {
    let none = || [json!({}), json!({})];
    let of_b = |field: &str, value: f64| [json!({}), json!({ field: value })];
    let priority = |value: i64| [json!({}), json!({ "priority": value })];
    for (routing, fields, levels, expected) in [
        (json!({}), none(), json!({}), "AABAB"),
        (
            json!({ "order": "priority" }),
            priority(1),
            json!({}),
            "ABBAA",
        ),
        (
            json!({ "order": "priority" }),
            priority(-1),
            json!({}),
            "AAABB",
        ),
        // At 100 s A has waited 90 and 70, B 80 and 60: with 25 s more it goes first once, and again at 110.
        (
            json!({ "order": "head-start" }),
            of_b("head_start_secs", 5.0),
            json!({}),
            "AABAB",
        ),
        (
            json!({ "order": "head-start" }),
            of_b("head_start_secs", 25.0),
            json!({}),
            "ABABA",
        ),
        (
            json!({ "order": "head-start" }),
            of_b("head_start_secs", 35.0),
            json!({}),
            "ABBAA",
        ),
        (
            json!({ "order": "accumulating" }),
            of_b("slope", 1.3),
            json!({}),
            "ABABA",
        ),
        (
            json!({ "order": "accumulating" }),
            of_b("slope", 0.0),
            json!({}),
            "AAABB",
        ),
        // A group's levels beat any score.
        (
            json!({ "order": "head-start" }),
            of_b("head_start_secs", 1e6),
            json!({ "A": 1, "B": 2 }),
            "AAABB",
        ),
        (
            json!({ "order": "priority" }),
            priority(9),
            json!({ "A": 3 }),
            "AAABB",
        ),
    ] {
        let order = order_of_service(routing.clone(), fields.clone(), levels.clone());
        assert_eq!(letters(&order), expected, "{routing} {fields:?} {levels}");
    }
}

#[test]
fn a_free_agent_looks_at_all_lines_that_it_may_serve() {
    // The one who knows both gets free first; the longest wait is of the class that stands last in the list.
    let groups = json!([
        { "name": "A only", "skills": ["A"], "agents": 1 },
        { "name": "both", "skills": ["A", "B"], "agents": 1 },
    ]);
    let classes = json!([
        class(
            "A",
            &[(0.0, 500.0, None), (0.0, 100.0, None), (30.0, 10.0, None)]
        ),
        class("B", &[(20.0, 10.0, None)]),
    ]);
    let fates = day(json!({}), classes, groups);
    assert_eq!(
        (waits(&fates, 0), waits(&fates, 1)),
        (vec![0.0, 0.0, 80.0], vec![80.0])
    );
}

#[test]
fn a_class_of_two_skills_needs_an_agent_with_both() {
    let groups = json!([
        { "name": "x", "skills": ["x"], "agents": 2 },
        { "name": "x and y", "skills": ["y", "x"], "agents": 1 },
    ]);
    let calls = [(0.0, 50.0, None), (1.0, 50.0, None)];
    let both = with(class("A", &calls), json!({ "skills": ["x", "y"] }));
    let fates = day(json!({}), json!([both]), groups);
    assert_eq!(agents(&fates, 0), [2, 2]);
    assert_eq!(waits(&fates, 0), [0.0, 49.0]);
}

#[test]
fn agents_are_chosen_as_the_model_says() {
    let groups = |proficiency: [f64; 2]| {
        let group = |name: &str, skill: f64| {
            let mut group = json!({ "name": name, "skills": ["A"], "agents": 1 });
            if skill > 0.0 {
                group = with(group, json!({ "proficiency": { "A": skill } }));
            }
            group
        };
        json!([
            group("first", proficiency[0]),
            group("second", proficiency[1])
        ])
    };
    // The first agent is idle again from 10 s on, the second from 5 s.
    let calls = [(0.0, 10.0, None), (0.0, 5.0, None), (20.0, 1.0, None)];
    let last = |choice: &str, proficiency: [f64; 2], fields: Value| {
        let classes = json!([with(class("A", &calls), fields)]);
        let fates = day(
            json!({ "agent_choice": choice }),
            classes,
            groups(proficiency),
        );
        agents(&fates, 0)[2]
    };
    assert_eq!(last("longest-idle", [0.0, 0.0], json!({})), 1);
    assert_eq!(
        last(
            "group-preference",
            [0.0, 0.0],
            json!({ "group_order": ["first"] })
        ),
        0
    );
    assert_eq!(
        last(
            "group-preference",
            [0.0, 0.0],
            json!({ "group_order": ["second", "first"] })
        ),
        1
    );
    assert_eq!(last("group-preference", [0.0, 0.0], json!({})), 1);
    assert_eq!(last("proficiency", [4.0, 3.0], json!({})), 0);
    assert_eq!(last("proficiency", [3.0, 3.0], json!({})), 1);
}

#[test]
fn the_room_is_for_those_who_wait_and_who_gives_up_leaves_it() {
    let groups = json!([{ "name": "g", "skills": ["A"], "agents": 1 }]);
    let calls = [
        (0.0, 100.0, None),
        (10.0, 5.0, None),
        (20.0, 5.0, Some(15.0)),
        (30.0, 5.0, None),
        (35.0, 5.0, None),
        (36.0, 5.0, None),
    ];
    let fates = day(
        json!({ "waiting_room": 2 }),
        json!([class("A", &calls)]),
        groups.clone(),
    );
    // At 30 two wait, at 35 one of them has given up.
    assert_eq!(waits(&fates, 0), [0.0, 90.0, -1.0, -2.0, 70.0, -2.0]);
    let fates = day(
        json!({ "waiting_room": 0 }),
        json!([class("A", &calls)]),
        groups,
    );
    assert_eq!(waits(&fates, 0)[..2], [0.0, -2.0]);
}

#[test]
fn speed_and_after_call_work_keep_agents_for_longer_or_less() {
    let classes = |after_call: Value| {
        let arrivals = json!({ "at_secs": [0, 1], "service_secs": [60, 60] });
        json!([with(
            json!({ "name": "A", "arrivals": arrivals }),
            after_call
        )])
    };
    let groups = |speed: f64| json!([{ "name": "g", "skills": ["A"], "agents": 1, "speed": { "A": speed } }]);
    let work = json!({ "after_call": { "law": "deterministic", "secs": 30 } });
    let second = |classes: Value, speed: f64| waits(&day(json!({}), classes, groups(speed)), 0)[1];
    let found = [
        second(classes(json!({})), 1.0),
        second(classes(json!({})), 2.0),
        second(classes(work.clone()), 1.0),
        second(classes(work), 2.0),
    ];
    assert_eq!(found, [59.0, 29.0, 89.0, 44.0]);
}

#[test]
fn figures_are_of_those_let_in() {
    let groups = json!([{ "name": "g", "skills": ["A"], "agents": 1 }]);
    let calls = [
        (0.0, 100.0, None),
        (10.0, 10.0, None),
        (20.0, 10.0, Some(30.0)),
        (30.0, 10.0, None),
    ];
    let model = json!({
        "routing": { "waiting_room": 2 },
        "targets_secs": [30, 90],
        "classes": [class("A", &calls)],
        "groups": groups,
    });
    let (_, block) = day_with(model);
    let tally = &block.classes[0];
    assert_eq!((tally.offered, tally.at_once, tally.after_wait), (4, 1, 1));
    assert_eq!(
        (
            tally.abandoned,
            tally.blocked,
            tally.waiting(),
            tally.let_in()
        ),
        (1, 1, 0, 3)
    );
    assert_eq!(
        (tally.answered_wait_secs, tally.abandoned_wait_secs),
        (90.0, 30.0)
    );
    assert_eq!(
        (
            tally.answered_within.as_slice(),
            tally.abandoned_within.as_slice()
        ),
        (&[0, 1][..], &[1, 1][..])
    );
    assert_eq!(
        (block.groups[0].busy_secs, block.groups[0].present_secs),
        (110.0, 10_000.0)
    );
}

#[test]
fn a_watcher_is_told_when_each_arrived_however_they_left() {
    let calls = [
        (5.0, 100.0, None),
        (10.0, 10.0, None),
        (20.0, 10.0, Some(30.0)),
        (30.0, 10.0, None),
    ];
    let model = json!({
        "routing": { "waiting_room": 2 },
        "classes": [class("A", &calls)],
        "groups": [{ "name": "g", "skills": ["A"], "agents": 1 }],
    });
    let (told, _) = told(model);
    assert_eq!(waits(&told.fates, 0), [0.0, 95.0, -1.0, -2.0]);
    let mut arrived = told.arrived;
    arrived.sort_by_key(|(_, number, _)| *number);
    let expected = [(0, 0, 5.0), (0, 1, 10.0), (0, 2, 20.0), (0, 3, 30.0)];
    assert_eq!(arrived, expected);
}
