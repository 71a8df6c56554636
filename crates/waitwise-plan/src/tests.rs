//! Plans as people keep them.

use std::collections::BTreeMap;

use waitwise_model::{
    ObjectId, Observed, Pull, QueueId, Scale, Skill, SkillEvidence, SkillId, SkillState,
    UnmappedGroup, Weight, WeightChange, Window, WrapUpCodeId, Write,
};

use crate::check::{Minutes, check_spread};
use crate::{
    Basis, Intent, Place, Plan, PlanFileError, Predicted, PredictedChange, PredictedLine,
    PredictedVariant, Prediction, PriorityTable, Refusal, Search, Step, Strategy, file,
};

fn plan() -> Plan {
    let w = |value| Weight::try_from(value).unwrap();
    let observed = Observed {
        object: ObjectId::new("routing-rule/r"),
        document: "{ \"id\":\"r\", \"n\":1.10, \"skills\":[{\"id\":\"a\",\"weight\":50.0}] }"
            .to_owned(),
        comparable: "{}".to_owned(),
    };
    let write = Write {
        object: observed.object.clone(),
        forward: r#"{"set":1}"#.to_owned(),
        inverse: r#"{"set":5E1}"#.to_owned(),
        changes: vec![
            WeightChange {
                skill: SkillId::new("a"),
                before: Some("50.0".to_owned()),
                after: w(100),
                pointer: "/skills/0/weight".to_owned(),
            },
            WeightChange {
                skill: SkillId::new("b"),
                before: None,
                after: w(1),
                pointer: "/skills/1/weight".to_owned(),
            },
        ],
        comparable_after: "{1}".to_owned(),
    };
    Plan::seal(
        Intent {
            created_at: "2026-03-30T01:02:03Z".parse().unwrap(),
            tenant: "https://example.invalid".to_owned(),
            queue: QueueId::new("q"),
            lever: "routing-rule".to_owned(),
            priority_table: None,
            strategy: Strategy {
                name: "volume-wait".to_owned(),
                settings: BTreeMap::from([("volume_factor".to_owned(), 0.6)]),
            },
            window: Window::days_before("2026-03-30T01:02:03Z".parse().unwrap(), 30).unwrap(),
            pull: Pull {
                pages: 1,
                entities: 2,
                unique: 2,
                claimed: None,
            },
            weights: [(SkillId::new("a"), w(100)), (SkillId::new("b"), w(1))].into(),
            held_back: [(SkillId::new("b"), w(9))].into(),
            max_step: Some(60),
            evidence: vec![SkillEvidence {
                skill: SkillId::new("a"),
                name: "A".to_owned(),
                codes: vec![WrapUpCodeId::new("c")],
                conversations: 3.0,
                mean_wait_secs: 34.217_000_000_000_01,
                waiting_hours: 0.1,
                waiting_share: 1.0 / 3.0,
            }],
            unmapped: vec![UnmappedGroup {
                code: None,
                conversations: 1.0,
                mean_wait_secs: 2.0,
                waiting_share: 0.0,
                reason: "no code".to_owned(),
            }],
            prediction: None,
            search: None,
            warnings: vec!["look".to_owned()],
        },
        vec![Step::new(&observed, write)],
    )
}

#[test]
fn a_plan_survives_its_file_to_the_last_token() {
    let text = file::to_json(&plan());
    assert!(text.contains("\"n\":1.10"), "the snapshot is verbatim");
    assert_eq!(file::from_json(&text).unwrap(), plan());
}

#[test]
fn what_was_foreseen_survives_too() {
    let figure = Predicted {
        present: 98.300_000_000_000_01,
        proposed: 87.1,
        difference: -11.2,
        half_width: 6.8,
    };
    let line = PredictedLine {
        queue: Some("q".to_owned()),
        skill: Some("a".to_owned()),
        name: "A".to_owned(),
        offered: 2_600.5,
        mean_wait_secs: figure,
        p50_wait_secs: figure,
        p90_wait_secs: figure,
        abandoned_share: figure,
        service_level: figure,
    };
    let day = |text: &str| text.parse().unwrap();
    let prediction = Prediction {
        first_day: day("2026-03-30"),
        days: 20,
        futures: 120,
        seed: u64::MAX,
        target_secs: 20.0,
        basis: Basis {
            from: day("2026-03-01"),
            to: day("2026-03-29"),
            visits: 27_009,
            agents: 38,
            staffing_is_told: true,
        },
        backtest: None,
        sensitivity: vec![PredictedVariant {
            supposed: "more-load".to_owned(),
            lines: vec![PredictedChange {
                queue: line.queue.clone(),
                skill: line.skill.clone(),
                difference_secs: 1.5,
                half_width_secs: 0.5,
            }],
        }],
        lines: vec![line],
    };
    let search = Search {
        objective: "worst-wait".to_owned(),
        unit: "s".to_owned(),
        present: 98.3,
        change: -11.2,
        half_width: None,
        fresh_days: 32.0,
        simulated: 3,
        seed: 1,
        said: vec!["better".to_owned()],
        front: Vec::new(),
    };
    let plain = plan();
    let intent = Intent {
        prediction: Some(prediction),
        search: Some(search),
        ..plain.intent().clone()
    };
    let foreseen = Plan::seal(intent, plain.steps().to_vec());
    assert_ne!(foreseen.id(), plain.id());
    let prediction = foreseen.intent().prediction.as_ref().unwrap();
    let change = prediction.sensitivity[0].of(&prediction.lines[0]).unwrap();
    assert!((change.difference_secs - 1.5).abs() < 1e-9);
    assert_eq!(
        file::from_json(&file::to_json(&foreseen)).unwrap(),
        foreseen
    );
}

#[test]
fn an_edited_plan_is_refused() {
    let text = file::to_json(&plan()).replace("\"look\"", "\"fine\"");
    assert!(matches!(
        file::from_json(&text),
        Err(PlanFileError::Edited { .. })
    ));
}

#[test]
fn an_impossible_weight_is_named() {
    for value in ["0", "101", "-5"] {
        let text = file::to_json(&plan()).replace("\"a\": 100", &format!("\"a\": {value}"));
        let error = file::from_json(&text).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the plan gives skill `a` a weight that cannot be written"
        );
    }
}

#[test]
fn an_unknown_version_is_refused_before_its_shape_is_looked_at() {
    let error = file::from_json(r#"{"format":"waitwise-plan/2","news":[]}"#).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the file says format `waitwise-plan/2`; this version reads `waitwise-plan/1`"
    );
    assert!(matches!(
        file::from_json("[]"),
        Err(PlanFileError::Shape(_))
    ));
}

#[test]
fn the_id_is_the_content() {
    let plan = plan();
    let (mut intent, steps) = (plan.intent().clone(), plan.steps().to_vec());
    assert_eq!(Plan::seal(intent.clone(), steps.clone()).id(), plan.id());
    intent.warnings.clear();
    assert_ne!(Plan::seal(intent, steps).id(), plan.id());
    assert_eq!(plan.id().as_str().len(), 32);
}

#[test]
fn skills_must_exist_and_be_active() {
    let skill = |id: &str, state| Skill {
        id: SkillId::new(id),
        name: id.to_uppercase(),
        state,
    };
    let both = |state| vec![skill("a", SkillState::Active), skill("b", state)];
    assert_eq!(plan().check_skills(&both(SkillState::Active)), Ok(()));
    let inactive = plan()
        .check_skills(&both(SkillState::Inactive))
        .unwrap_err();
    assert_eq!(
        inactive.to_string(),
        "skill `B` (b) is inactive, not active"
    );
    let unknown = plan()
        .check_skills(&both(SkillState::Active)[..1])
        .unwrap_err();
    assert_eq!(
        unknown,
        Refusal::UnknownSkill {
            skill: SkillId::new("b")
        }
    );
}

#[test]
fn a_step_too_far_is_refused_and_a_new_weight_has_no_distance() {
    assert_eq!(plan().check_steps(50), Ok(()));
    let error = plan().check_steps(49).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the weight of skill `a` would move from 50.0 to 100, more than 49 points"
    );
}

/// Written by the program before it knew tables: an unbounded plan, and one that was held back.
#[test]
fn a_plan_of_before_tables_is_read_and_written_as_it_was() {
    for text in [
        include_str!("fixtures/rule-plan.json"),
        include_str!("fixtures/rule-plan-held-back.json"),
    ] {
        let plan = file::from_json(text).unwrap();
        assert_eq!(plan.intent().priority_table, None);
        assert_eq!(plan.place(), Place::queue(&plan.intent().queue));
        assert_eq!(file::to_json(&plan), text);
    }
}

/// The plan, with minutes in a table as its lever; skill `a` has five minutes there.
fn table_plan() -> Plan {
    let (mut intent, mut steps) = (plan().intent().clone(), plan().steps().to_vec());
    intent.lever = "priority-table".to_owned();
    intent.priority_table = Some(PriorityTable {
        id: "t".to_owned(),
        name: "Priorities".to_owned(),
        scale: Scale::DEFAULT,
        minutes_max: 10,
    });
    steps[0].write.changes[0].before = Some("5".to_owned());
    Plan::seal(intent, steps)
}

#[test]
fn a_plan_for_a_table_says_what_is_wanted_and_what_is_written() {
    let text = file::to_json(&table_plan());
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        value["priority_table"],
        serde_json::json!({
            "id": "t", "name": "Priorities", "minutes_per_point": 0.1, "minutes_max": 10,
            "minutes": {"a": {"wanted": 10.0, "written": 10}, "b": {"wanted": 0.1, "written": 0}},
        })
    );
    assert_eq!(file::from_json(&text).unwrap(), table_plan());
    assert_eq!(table_plan().place(), Place::table("t"));
    let other = text.replace("\"minutes_per_point\": 0.1", "\"minutes_per_point\": 0.2");
    assert!(matches!(
        file::from_json(&other),
        Err(PlanFileError::Edited { .. })
    ));
    let none = text.replace("\"minutes_per_point\": 0.1", "\"minutes_per_point\": 0");
    assert!(matches!(
        file::from_json(&none),
        Err(PlanFileError::Scale(_))
    ));
}

#[test]
fn a_step_of_a_table_is_counted_in_points_of_weight() {
    assert_eq!(table_plan().check_steps(50), Ok(()));
    let error = table_plan().check_steps(49).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the weight of skill `a` would move from 5 min to 100, more than 49 points"
    );
}

#[test]
fn only_skills_of_the_plan_can_be_too_far_apart() {
    let minutes = |name: &str, minutes, is_planned| Minutes {
        name: name.to_owned(),
        minutes,
        is_planned,
    };
    let vip = minutes("VIP", 25, false);
    let (low, high) = (minutes("Low", 0, true), minutes("High", 10, true));
    let others = [vip.clone(), minutes("Old", -3, false)];
    assert_eq!(check_spread(&others, 10), Ok(()));
    assert_eq!(check_spread(&[low.clone(), high.clone()], 10), Ok(()));
    assert_eq!(
        check_spread(&[low.clone(), high.clone()], 9)
            .unwrap_err()
            .to_string(),
        "`High` would get 10 minutes of head start and `Low` 0: more than 9 minutes apart"
    );
    let error = check_spread(&[high, vip, low], 10).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`VIP` would get 25 minutes of head start and `Low` 0: more than 10 minutes apart"
    );
}
