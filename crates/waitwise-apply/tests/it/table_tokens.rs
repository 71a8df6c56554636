//! Random tables: after a plan was applied, and after it was rolled back, no row and no column differs that is not in
//! the plan, token for token.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use waitwise_apply::Target;
use waitwise_store::ChangeId;
use waitwise_wire::json::{Members, quoted, same};

use crate::table::TableBench;

/// The columns that are written.
const OURS: [&str; 4] = ["priority", "skillId", "updatedBy", "updatedAt"];

/// Other columns by type. Every other default is one that a row may leave out only together with the whole row.
const OTHERS: &str = r#","text":{"type":"string"},"whole":{"type":"integer"},"number":{"type":"number"},
    "yes":{"type":"boolean"},"filled":{"type":"string","default":"\u00e9 by default"}"#;

const SKILLS: [&str; 6] = ["s0", "s1", "s2", "s3", "s4", "s5"];

/// Cells by column, in the row's order.
type Row = Vec<(String, String)>;

#[test]
fn no_row_and_no_column_changes_that_is_not_planned() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let table = runtime.block_on(TableBench::new());
    table
        .bench
        .set_skills(&SKILLS.map(|skill| (skill, "active")));
    let case = std::sync::atomic::AtomicU32::new(0);
    let wanted = prop::collection::btree_map("s[0-5]", 1..=100i64, 1..6);
    let config = Config {
        cases: 32,
        failure_persistence: None,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(&(rows(), wanted), |(rows, wanted)| {
        let n = case.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        runtime.block_on(there_and_back(&table, n, &rows, &wanted))
    });
    outcome.unwrap();
    let changes = runtime.block_on(table.bench.store.changes()).unwrap();
    // Three events a step.
    let several = changes.iter().filter(|change| change.events.len() > 3);
    assert!(changes.len() > 48, "nearly all plans have rows to write");
    assert!(3 * several.count() > changes.len(), "many have several");
}

async fn there_and_back(
    table: &TableBench,
    n: u32,
    rows: &[String],
    wanted: &BTreeMap<String, i64>,
) -> Result<(), TestCaseError> {
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    table.set_rows_of(OTHERS, &rows);
    let before = table.rows();
    // A plan of its own, also for rows and weights that came before.
    table.bench.rig.clock.advance(Duration::from_secs(1));
    let weights: Vec<(&str, i64)> = wanted
        .iter()
        .map(|(id, weight)| (id.as_str(), *weight))
        .collect();
    let plan = table.plan(&weights).await;
    if plan.steps().is_empty() {
        return Ok(());
    }
    let change = format!("c{n}");
    table.bench.apply(&plan, &change).await.unwrap();
    let after = table.rows();
    let planned: Vec<String> = plan
        .moves()
        .map(|(skill, _, _)| format!("Skill {skill}"))
        .collect();
    for (key, row) in &before {
        match planned.contains(key) {
            true => prop_assert_eq!(others(row), others(&after[key]), "{}", key),
            false => prop_assert_eq!(Some(row), after.get(key), "{}", key),
        }
    }
    for (skill, _, weight) in plan.moves() {
        let row = Members::of(&after[&format!("Skill {skill}")]).unwrap();
        let minutes = plan.head_starts()[skill].written_minutes().to_string();
        prop_assert!(
            same(row.get("priority").unwrap().get(), &minutes),
            "{}",
            weight
        );
        prop_assert_eq!(row.text("skillId"), Some(skill.to_string()));
    }
    let made = after.keys().filter(|key| !before.contains_key(*key));
    prop_assert!(made.into_iter().all(|key| planned.contains(key)));
    let target = Target::Change(ChangeId::new(&change));
    let undo = format!("back{n}");
    table
        .bench
        .roll_back_as(&undo, target, false)
        .await
        .unwrap();
    prop_assert_eq!(table.rows(), before);
    Ok(())
}

/// The cells that are not ours, token for token and in their order.
fn others(row: &str) -> Row {
    let cells = Members::of(row).unwrap().0.into_iter();
    let others = cells.filter(|(column, _)| !OURS.contains(&column.as_str()));
    others
        .map(|(column, cell)| (column, cell.get().to_owned()))
        .collect()
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(r#""\u00e9\/\ud83d\ude00""#.to_owned()),
        "[a-z \u{2028}é]{0,6}".prop_map(|text| quoted(&text)),
    ]
}

/// Whole by value, however it is written.
fn whole() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("-0".to_owned()),
        "-?[1-9][0-9]{0,30}",
        "[1-9][0-9]{0,5}\\.0{1,3}",
        "[1-9][0-9]{0,2}[eE]\\+?[0-9]{1,2}",
    ]
}

fn number() -> impl Strategy<Value = String> {
    "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,9})?([eE][+-]?[0-9]{1,2})?"
}

/// A row of the skill, or of nobody for a key that is no skill's name, with its cells in any order.
fn row(key: String, skill: Option<String>) -> impl Strategy<Value = String> {
    use prop::option::of;
    let minutes = prop_oneof![
        (0..20u8).prop_map(|minutes| minutes.to_string()),
        (0..20u8).prop_map(|minutes| format!("{minutes}.0")),
    ];
    let ours = (of(minutes), any::<bool>(), of(text()), of(text()));
    let others = (
        of(text()),
        of(whole()),
        of(number()),
        of(any::<bool>()),
        text(),
    );
    let cells = (ours, others).prop_map(move |(ours, others)| {
        let id = match (&skill, ours.1) {
            (Some(skill), true) => Some(quoted(skill)),
            _ => None,
        };
        let cells = [
            ("key", Some(quoted(&key))),
            ("priority", ours.0),
            ("skillId", id),
            ("updatedBy", ours.2),
            ("updatedAt", ours.3),
            ("text", others.0),
            ("whole", others.1),
            ("number", others.2),
            ("yes", others.3.map(|yes| yes.to_string())),
            ("filled", Some(others.4)),
        ];
        let cells = cells
            .into_iter()
            .filter_map(|(column, cell)| Some((column.to_owned(), cell?)));
        cells.collect::<Row>()
    });
    cells.prop_shuffle().prop_map(|cells| {
        let cell = |(column, cell): (String, String)| format!("{}\t: {cell}", quoted(&column));
        let cells: Vec<String> = cells.into_iter().map(cell).collect();
        format!("{{ {}\n}}", cells.join(" , "))
    })
}

/// Rows of some of the skills, and of others that no plan is about.
fn rows() -> impl Strategy<Value = Vec<String>> {
    let of_skills: Vec<_> = SKILLS
        .into_iter()
        .map(|skill| prop::option::of(row(format!("Skill {skill}"), Some(skill.to_owned()))))
        .collect();
    let of_others = prop::collection::btree_set("[a-zé /%.]{2,9}", 0..4).prop_flat_map(|keys| {
        keys.into_iter()
            .map(|key| row(key, None))
            .collect::<Vec<_>>()
    });
    (of_skills, of_others)
        .prop_map(|(skills, others)| skills.into_iter().flatten().chain(others).collect())
}
