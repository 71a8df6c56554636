//! Changes of a data table with several rows: made, replaced, taken back, and met by somebody else at every moment.

use std::collections::BTreeMap;

use waitwise_apply::{Applied, ApplyError, ErrorKind, Progress};
use waitwise_model::{Clock, Scale, Skill, SkillId, SkillState, Weight};
use waitwise_plan::{Place, Plan, PriorityTable, Step};
use waitwise_sandbox::{Edit, EditedPart, Fault, When};
use waitwise_store::{ChangeState, Store};
use waitwise_wire::json::Members;
use waitwise_wire::priority_table::{ABSENT, object, observe, write};

use crate::bench::{Bench, chain};

const NAME: &str = "Priorities";

const COLUMNS: &str = r#""key":{"type":"string"},"skillId":{"type":"string"},"priority":{"type":"integer"},
    "updatedBy":{"type":"string"},"updatedAt":{"type":"string"},"site":{"type":"string","default":"all"},
    "note":{"type":"string"},"open":{"type":"boolean"},"n":{"type":"number"}"#;

/// Rows as an administrator may have made them: of skill a, of skill b, and of no skill of ours. None of c and d.
const ROWS: [&str; 3] = [
    r#"{ "note":"R\u00e9gle", "key":"Skill a","priority" : 3.0,"site":"all", "n":1E2 }"#,
    r#"{"updatedBy":"me","updatedAt":"2026-01-01","key":"Skill b","skillId":"b","priority":7,"site":"","open":true}"#,
    r#"{"key":"VIP","priority":9,"site":"x","n":-0.0}"#,
];

/// The bench with a table of these rows.
pub(crate) struct TableBench {
    pub(crate) bench: Bench,
    id: String,
}

impl TableBench {
    pub(crate) async fn new() -> TableBench {
        let bench = Bench::new().await;
        plant(&bench, COLUMNS, &ROWS);
        let listed = bench.client.read().data_tables().await.unwrap().items;
        let found = listed.iter().find(|table| table.name == NAME).unwrap();
        let id = found.id.clone();
        bench.rig.sandbox.clear_requests();
        TableBench { bench, id }
    }

    pub(crate) fn set_rows(&self, rows: &[&str]) {
        plant(&self.bench, COLUMNS, rows);
    }

    /// Plants rows of a table that has these columns besides ours.
    pub(crate) fn set_rows_of(&self, others: &str, rows: &[&str]) {
        let ours = COLUMNS.split(r#","site""#).next().unwrap();
        plant(&self.bench, &format!("{ours}{others}"), rows);
    }

    pub(crate) fn rows(&self) -> BTreeMap<String, String> {
        self.bench.rig.sandbox.rows(NAME).unwrap_or_default()
    }

    fn row(&self, key: &str) -> String {
        let mut rows = self.rows();
        rows.remove(key).unwrap_or_else(|| ABSENT.to_owned())
    }

    /// Plans to give skills these weights, at a tenth of a minute per point.
    pub(crate) async fn plan(&self, weights: &[(&str, i64)]) -> Plan {
        let table = self.bench.client.read().priority_table(&self.id).await;
        let table = table.unwrap();
        let mut steps = Vec::new();
        let mut planned = BTreeMap::new();
        for (id, weight) in weights {
            let skill = Skill {
                id: SkillId::new(id),
                name: format!("Skill {id}"),
                state: SkillState::Active,
            };
            let weight = Weight::try_from(*weight).unwrap();
            let observed = object(&self.id, &skill.name).unwrap();
            let observed = observe(&observed, &self.row(&skill.name)).unwrap();
            let valued = (weight, Scale::DEFAULT.head_start(weight));
            let written = write(&table, &observed, &skill, valued, "2026-03-30T12:00:00Z");
            steps.extend(written.unwrap().map(|write| Step::new(&observed, write)));
            planned.insert(skill.id, weight);
        }
        let mut intent = self.bench.plan(&[]).intent().clone();
        intent.weights = planned;
        intent.lever = "priority-table".to_owned();
        intent.priority_table = Some(PriorityTable {
            id: self.id.clone(),
            name: NAME.to_owned(),
            scale: Scale::DEFAULT,
            minutes_max: 10,
        });
        self.bench.rig.sandbox.clear_requests();
        Plan::seal(intent, steps)
    }

    /// Replaces b's minutes and makes the row of c.
    async fn two_rows(&self) -> Plan {
        self.plan(&[("b", 20), ("c", 95)]).await
    }

    /// Somebody else edits beside the next request of `route`.
    fn meet(&self, route: &str, when: When, set: EditedPart) {
        self.bench
            .rig
            .fault(route, 1, Fault::Edit(Edit { when, set }));
    }

    /// Nothing may differ from the rows at first but those whose text is given.
    #[track_caller]
    fn assert_rows(&self, changed: &[(&str, &str)]) {
        let row = |row: &str| {
            (
                Members::of(row).unwrap().text("key").unwrap(),
                row.to_owned(),
            )
        };
        let mut expected: BTreeMap<String, String> = ROWS.into_iter().map(row).collect();
        for (key, text) in changed {
            match *text {
                ABSENT => expected.remove(*key),
                text => expected.insert((*key).to_owned(), text.to_owned()),
            };
        }
        assert_eq!(self.rows(), expected);
    }
}

fn plant(bench: &Bench, columns: &str, rows: &[&str]) {
    let tables = format!(
        r#"[{{"name":"{NAME}","schema":{{"type":"object","required":["key"],"properties":{{{columns}}}}},"rows":[{}]}}]"#,
        rows.join(",")
    );
    bench.rig.sandbox.set_tables(&tables).unwrap();
}

fn row_is(key: &str, row: Option<&str>) -> EditedPart {
    EditedPart::Row {
        table: NAME.to_owned(),
        key: key.to_owned(),
        row: row.map(str::to_owned),
    }
}

fn cell_is(key: &str, column: &str, value: &str) -> EditedPart {
    EditedPart::Cell {
        table: NAME.to_owned(),
        key: key.to_owned(),
        column: column.to_owned(),
        value: value.to_owned(),
    }
}

const B_WRITTEN: &str = r#"{"updatedBy":"waitwise","updatedAt":"2026-03-30T12:00:00Z","key":"Skill b","skillId":"b","priority":2,"site":"","open":true}"#;
const C_MADE: &str = r#"{"key":"Skill c","priority":10,"skillId":"c","updatedBy":"waitwise","updatedAt":"2026-03-30T12:00:00Z","site":"all"}"#;
const BOTH: [(&str, &str); 2] = [("Skill b", B_WRITTEN), ("Skill c", C_MADE)];

fn tries(applied: &Applied) -> Vec<u32> {
    applied
        .objects
        .iter()
        .map(|outcome| outcome.tries)
        .collect()
}

#[tokio::test]
async fn rows_are_written_one_by_one_and_taken_back_byte_for_byte() {
    let table = TableBench::new().await;
    let plan = table.two_rows().await;
    let applied = table.bench.apply(&plan, "c1").await.unwrap();
    assert_eq!(tries(&applied), [1, 1]);
    table.assert_rows(&BOTH);
    let skill = |key: &str| key.replace(' ', "%20");
    let (b, c) = (skill("Skill b"), skill("Skill c"));
    assert_eq!(
        table.bench.rig.requests(),
        [
            "GET skills 200".to_owned(),
            format!("GET {} 200", table.id),
            format!("GET {b} 200"),
            format!("PUT {b} 200"),
            format!("GET {b} 200"),
            format!("GET {c} 404"),
            "POST rows 200".to_owned(),
            format!("GET {c} 200"),
        ]
    );
    let (state, events) = table.bench.journalled("c1").await;
    assert_eq!(state, ChangeState::Done);
    assert_eq!(
        events[2..],
        ["0 sent", "0 confirmed", "1 sent", "1 confirmed"]
    );
    let undone = table.bench.roll_back("c1", false).await.unwrap();
    assert_eq!(tries(&undone), [1, 1]);
    table.assert_rows(&[]);
    let writes = table.bench.rig.requests();
    let removed = format!("DELETE {c} 204");
    assert!(writes.contains(&removed), "{writes:?}");
}

#[tokio::test]
async fn a_row_that_came_or_went_since_the_reading_is_the_tenant_having_moved() {
    let theirs = r#"{"key":"Skill c","priority":1,"site":"theirs"}"#;
    for (route, set, rows) in [
        (
            "create_row",
            row_is("Skill c", Some(theirs)),
            vec![("Skill b", B_WRITTEN), ("Skill c", theirs)],
        ),
        (
            "put_row",
            row_is("Skill b", None),
            vec![("Skill b", ABSENT)],
        ),
    ] {
        let table = TableBench::new().await;
        let plan = table.two_rows().await;
        table.meet(route, When::Before, set);
        let error = table.bench.apply(&plan, "c1").await.unwrap_err();
        assert!(
            matches!(error, ApplyError::Moved { .. }),
            "{route}: {error:?}"
        );
        assert_eq!(error.kind(), ErrorKind::Moved);
        table.assert_rows(&rows);
        let is_first = route == "put_row";
        let expected = if is_first {
            ChangeState::Refused
        } else {
            ChangeState::Failed
        };
        assert_eq!(table.bench.journalled("c1").await.0, expected, "{route}");
    }
}

#[tokio::test]
async fn a_table_that_is_gone_is_named_before_and_beside_the_write() {
    let table = TableBench::new().await;
    let plan = table.two_rows().await;
    table.bench.rig.sandbox.set_tables("[]").unwrap();
    let error = table.bench.apply(&plan, "c1").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Moved, "{}", chain(&error));
    assert!(chain(&error).contains(&table.id), "{}", chain(&error));

    for progress in ["Writing", "Verifying"] {
        let table = TableBench::new().await;
        let plan = table.two_rows().await;
        let meanwhile = |seen: &Progress| {
            if format!("{seen:?}").starts_with(progress) {
                table.bench.rig.sandbox.set_tables("[]").unwrap();
            }
        };
        let error = table
            .bench
            .apply_and(&plan, "c1", meanwhile)
            .await
            .unwrap_err();
        let is_kind = match progress {
            "Writing" => error.kind() == ErrorKind::Moved,
            _ => error.kind() == ErrorKind::Conflict,
        };
        assert!(is_kind, "{progress}: {error:?}");
        assert!(error.to_string().ends_with("it is gone"), "{error}");
        assert!(error.to_string().contains("/Skill b"), "{error}");
    }
}

/// The columns are looked at before anything is written, also where they were right when the plan was made.
#[tokio::test]
async fn a_column_that_is_not_what_we_write_is_named_before_the_first_write() {
    for (from, to, said) in [
        (
            "integer",
            "string",
            "column `priority` of data table `Priorities` is of type string; integer was expected",
        ),
        (
            "\"skillId\"",
            "\"skill\"",
            "data table `Priorities` has no column `skillId`; one of type string was expected",
        ),
    ] {
        let table = TableBench::new().await;
        let plan = table.two_rows().await;
        plant(&table.bench, &COLUMNS.replacen(from, to, 1), &ROWS);
        let error = table.bench.apply(&plan, "c1").await.unwrap_err();
        assert!(chain(&error).ends_with(said), "{}", chain(&error));
        assert_eq!(error.kind(), ErrorKind::Moved);
        assert_eq!(table.bench.rig.sandbox.writes(), 0);
        assert_eq!(table.bench.journalled("c1").await.0, ChangeState::Refused);
    }
}

#[tokio::test]
async fn a_write_without_an_answer_is_looked_for() {
    for (route, row) in [("put_row", 0), ("create_row", 1)] {
        let table = TableBench::new().await;
        table.bench.rig.fault(route, 1, Fault::StatusAfter(503));
        let plan = table.two_rows().await;
        let applied = table.bench.apply(&plan, "c1").await.unwrap();
        assert_eq!(tries(&applied), [1, 1], "{route}: it had happened");
        table.assert_rows(&BOTH);

        let table = TableBench::new().await;
        table.bench.rig.refuse(route, 1, 503, &[], None);
        let plan = table.two_rows().await;
        let applied = table.bench.apply(&plan, "c1").await.unwrap();
        assert_eq!(tries(&applied)[row], 2, "{route}: it had not");
        table.assert_rows(&BOTH);
    }
    let table = TableBench::new().await;
    let plan = table.two_rows().await;
    table.bench.apply(&plan, "c1").await.unwrap();
    table.bench.rig.fault("delete_row", 1, Fault::ResetAfter);
    table.bench.roll_back("c1", false).await.unwrap();
    table.assert_rows(&[]);
}

/// The first send got no answer and arrives only when the second one does: 409, and the row is ours.
#[tokio::test]
async fn a_row_that_an_earlier_send_made_is_confirmed() {
    let table = TableBench::new().await;
    let plan = table.two_rows().await;
    table.bench.rig.refuse("create_row", 1, 503, &[], None);
    let late = waitwise_sandbox::FaultRule {
        after: 1,
        ..waitwise_sandbox::FaultRule::times(
            "create_row",
            1,
            Fault::Edit(Edit {
                when: When::Before,
                set: row_is("Skill c", Some(C_MADE)),
            }),
        )
    };
    table.bench.rig.sandbox.add_fault(late).unwrap();
    let applied = table.bench.apply(&plan, "c1").await.unwrap();
    assert_eq!(tries(&applied), [1, 2]);
    table.assert_rows(&BOTH);
    let (_, events) = table.bench.journalled("c1").await;
    assert_eq!(
        events[4..],
        [
            "1 sent",
            "1 outcome-unknown",
            "1 sent",
            "1 not-done",
            "1 confirmed"
        ]
    );
}

#[tokio::test]
async fn between_plan_and_reading_somebody_elses_row_is_left_alone() {
    for set in [
        cell_is("Skill b", "priority", "8"),
        cell_is("Skill b", "note", "\"theirs\""),
        row_is("Skill b", None),
    ] {
        let table = TableBench::new().await;
        let plan = table.two_rows().await;
        table.meet("row", When::Before, set);
        let error = table.bench.apply(&plan, "c1").await.unwrap_err();
        assert!(matches!(error, ApplyError::Moved { .. }), "{error:?}");
        assert_eq!(table.bench.rig.sandbox.writes(), 0);
    }
    // Our stamps are nobody's edit.
    let table = TableBench::new().await;
    let plan = table.two_rows().await;
    table.meet(
        "row",
        When::Before,
        cell_is("Skill b", "updatedBy", "\"them\""),
    );
    table.bench.apply(&plan, "c1").await.unwrap();
    table.assert_rows(&BOTH);
}

#[tokio::test]
async fn between_write_and_verification_both_sides_are_reported_and_theirs_stays() {
    let table = TableBench::new().await;
    let plan = table.two_rows().await;
    table.meet("put_row", When::After, cell_is("Skill b", "priority", "8"));
    let error = table.bench.apply(&plan, "c1").await.unwrap_err();
    let ApplyError::Conflict { ours, found, .. } = &error else {
        panic!("{error:?}");
    };
    assert_eq!(ours, B_WRITTEN);
    let theirs = B_WRITTEN.replace("\"priority\":2", "\"priority\":8");
    assert_eq!(found.as_deref(), Some(theirs.as_str()));
    let error = table.bench.roll_back("c1", false).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "priority-table/{}/Skill b was changed by somebody else since: skill `b` is priority 8, where priority 2 was written",
            table.id
        )
    );
    table.assert_rows(&[("Skill b", &theirs)]);
}

#[tokio::test]
async fn a_rollback_keeps_others_columns_and_rows_that_were_filled_in_since() {
    let table = TableBench::new().await;
    let plan = table.two_rows().await;
    table.bench.apply(&plan, "c1").await.unwrap();
    let noted = |row: &str| row.replace("\"site\":\"", "\"note\":\"theirs\",\"site\":\"");
    let (b, c) = (noted(B_WRITTEN), noted(C_MADE));
    table.set_rows(&[ROWS[0], &b, ROWS[2], &c]);
    let error = table.bench.roll_back("c1", false).await.unwrap_err();
    assert!(
        matches!(error, ApplyError::ChangedSince { .. }),
        "{error:?}"
    );
    assert!(
        error.to_string().contains("priority 10 and nothing else"),
        "{error}"
    );
    table.assert_rows(&[("Skill b", &b), ("Skill c", &c)]);
    let target = waitwise_apply::Target::Change(waitwise_store::ChangeId::new("c1"));
    let undone = table
        .bench
        .roll_back_as("again", target, true)
        .await
        .unwrap();
    assert!(undone.objects.iter().all(|outcome| outcome.others_edits));
    table.assert_rows(&[("Skill b", &noted(ROWS[1]))]);
}

#[tokio::test]
async fn what_was_taken_back_by_hand_needs_no_write() {
    let table = TableBench::new().await;
    let plan = table.two_rows().await;
    table.bench.apply(&plan, "c1").await.unwrap();
    let by_hand = B_WRITTEN.replace("\"priority\":2", "\"priority\":7.0");
    table.set_rows(&[ROWS[0], &by_hand, ROWS[2]]);
    let writes = table.bench.rig.sandbox.writes();
    let undone = table.bench.roll_back("c1", false).await.unwrap();
    assert_eq!(tries(&undone), [0, 0]);
    assert_eq!(table.bench.rig.sandbox.writes(), writes);
}

#[tokio::test]
async fn a_table_has_one_writer_whatever_the_queue() {
    let table = TableBench::new().await;
    let plan = table.two_rows().await;
    let other = Store::open(&table.bench.journal()).await.unwrap();
    let (tenant, now) = (&plan.intent().tenant, table.bench.rig.clock.now());
    let queue = Place::queue(&plan.intent().queue);
    other.lock(tenant, &queue, now).await.unwrap();
    other.lock(tenant, &plan.place(), now).await.unwrap();
    let error = table.bench.apply(&plan, "c1").await.unwrap_err();
    let expected = format!("table `{}` is being changed by process ", table.id);
    assert!(error.to_string().starts_with(&expected), "{error}");
    other.unlock(tenant, &plan.place()).await.unwrap();
    table.bench.apply(&plan, "c1").await.unwrap();
}
