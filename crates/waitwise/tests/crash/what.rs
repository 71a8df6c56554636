//! What a case changes: the one rule of a queue, or several rows of a data table.

use std::collections::BTreeMap;

use serde_json::Value;
use waitwise_app::gather::{MIN_VOLUME_DEFAULT, Question, gather};
use waitwise_app::model::{Clock, Scale, SkillName, WrapUpCodeId};
use waitwise_app::planning::plan_table;
use waitwise_app::planning::priority_table::{MINUTES_MAX_DEFAULT, PriorityRows, TableChoice};
use waitwise_app::{VolumeWait, plan_file};

use crate::bench::Bench;

/// The table's name.
pub(crate) const TABLE: &str = "Priorities";

const COLUMNS: &str = r#"{"key":{"type":"string"},"skillId":{"type":"string"},"priority":{"type":"integer"},
    "updatedBy":{"type":"string"},"updatedAt":{"type":"string"},"note":{"type":"string"}}"#;

/// A row to replace, one to replace that has others' columns, and one that is nobody's. Technical Support's is to be made.
const ROWS: [&str; 3] = [
    r#"{"key":"Billing","skillId":"s-bill","priority":5.0}"#,
    r#"{ "note":"gepr\u00fcft", "key":"Sales","priority":1 }"#,
    r#"{"key":"VIP","priority":9}"#,
];

/// The keys of the plan's rows, in the order of its steps.
const KEYS: [&str; 3] = ["Billing", "Sales", "Technical Support"];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum What {
    Rule,
    Table,
}

/// Where an object is to be, or is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum End {
    Old,
    New,
}

/// The tenant's objects as they are stored.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Stored(Vec<String>);

impl What {
    /// Makes the tenant ready.
    pub(crate) fn set_up(self, bench: &Bench) {
        match self {
            What::Rule => {}
            What::Table => plant(bench, ROWS),
        }
    }

    /// Writes the plan's file.
    pub(crate) async fn plan(self, bench: &Bench) {
        match self {
            What::Rule => {
                bench.waitwise("plan -o plan.json").await.with(0);
            }
            What::Table => plan_rows(bench).await,
        }
    }

    /// The operations that write, by the names of faults.
    pub(crate) fn writes(self) -> &'static [&'static str] {
        match self {
            What::Rule => &["put_rule"],
            What::Table => &["put_row", "create_row", "delete_row"],
        }
    }

    /// How many requests only an apply sends, before its first reading: it asks for the skills, and what the table is.
    pub(crate) fn n_checks(self) -> usize {
        match self {
            What::Rule => 1,
            What::Table => 2,
        }
    }

    pub(crate) fn stored(self, bench: &Bench) -> Stored {
        Stored(match self {
            What::Rule => bench.rig.sandbox.rules(),
            What::Table => rows(bench).into_values().collect(),
        })
    }

    pub(crate) fn store(self, bench: &Bench, stored: &Stored) {
        match self {
            What::Rule => bench.rig.sandbox.set_rules(stored.0.clone()).unwrap(),
            What::Table => plant(bench, &stored.0),
        }
    }

    /// The objects of the plan in the order of its steps, and at last everything else; absent ones are null.
    pub(crate) fn objects(self, bench: &Bench) -> Vec<Value> {
        match self {
            What::Rule => vec![bench.stored(), Value::Null],
            What::Table => {
                let mut rows = rows(bench);
                let value = |row: String| serde_json::from_str(&row).unwrap();
                let mut objects: Vec<Value> = KEYS
                    .iter()
                    .map(|key| rows.remove(*key).map_or(Value::Null, value))
                    .collect();
                objects.push(serde_json::to_value(rows).unwrap());
                objects
            }
        }
    }

    /// Each object is one of two, whole, and nothing else has changed.
    #[track_caller]
    pub(crate) fn ends(self, bench: &Bench, old: &[Value], new: &[Value]) -> Vec<End> {
        let mut ends = Vec::new();
        for (idx, found) in self.objects(bench).iter().enumerate() {
            if found == &old[idx] {
                ends.push(End::Old);
            } else {
                assert_eq!(found, &new[idx], "neither old nor new");
                ends.push(End::New);
            }
        }
        assert_eq!(
            ends.pop(),
            Some(End::Old),
            "what is not in the plan changed"
        );
        ends
    }
}

fn rows(bench: &Bench) -> BTreeMap<String, String> {
    bench.rig.sandbox.rows(TABLE).unwrap()
}

fn plant<T: AsRef<str>>(bench: &Bench, rows: impl IntoIterator<Item = T>) {
    let rows: Vec<String> = rows
        .into_iter()
        .map(|row| row.as_ref().to_owned())
        .collect();
    let tables = format!(
        r#"[{{"name":"{TABLE}","schema":{{"type":"object","required":["key"],"properties":{COLUMNS}}},"rows":[{}]}}]"#,
        rows.join(",")
    );
    bench.rig.sandbox.set_tables(&tables).unwrap();
}

/// As `plan` does it for a rule: Billing from 5 minutes to 0, Sales from 1 to 5, Technical Support to 10.
async fn plan_rows(bench: &Bench) {
    let client = bench.rig.read();
    let mapping: BTreeMap<String, String> = serde_json::from_str(&bench.read("map.json")).unwrap();
    let question = Question {
        queue: bench.rig.queue(),
        days: 2,
        until: Some(bench.rig.sandbox.now()),
        mapping: mapping
            .iter()
            .map(|(code, name)| (WrapUpCodeId::new(code), SkillName::new(name)))
            .collect(),
        min_volume: MIN_VOLUME_DEFAULT,
        strategy: VolumeWait::default().into(),
        max_step: None,
    };
    let clock: &dyn Clock = &*bench.rig.clock;
    let gathered = gather(&client, &question, clock, &|_| ()).await.unwrap();
    let choice = TableChoice {
        table: table_id(bench).await,
        scale: Scale::DEFAULT,
        minutes_max: MINUTES_MAX_DEFAULT,
    };
    let read = PriorityRows::read(&client, &question.queue, choice).await;
    let planned = plan_table(&gathered, &question, &read.unwrap(), None, clock).unwrap();
    let plan = planned.plan.unwrap();
    assert_eq!(plan.steps().len(), KEYS.len());
    bench.file("plan.json", &plan_file::file::to_json(&plan));
}

/// The table's id, by its name.
pub(crate) async fn table_id(bench: &Bench) -> String {
    let tables = bench.rig.read().data_tables().await.unwrap().items;
    let found = tables.into_iter().find(|table| table.name == TABLE);
    found.unwrap().id
}
