//! Weights planned as whole minutes in a data table: what is written, what is said about it, and what is refused.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use waitwise_app::model::{Clock, Scale, Skill, SkillId, SkillState, Weight, Weights};
use waitwise_app::planning::priority_table::{PriorityRows, TableChoice, TableWrites};
use waitwise_app::{AppError, ErrorKind};
use waitwise_sandbox::SandboxOptions;
use waitwise_testkit::Rig;

const COLUMNS: &str = r#"{"key":{"type":"string"},"skillId":{"type":"string"},"priority":{"type":"integer"},
    "updatedBy":{"type":"string"},"updatedAt":{"type":"string"},"site":{"type":"string","default":"all"}}"#;

/// A table with these rows, and how its weights are to be planned.
struct Table {
    rig: Rig,
    choice: TableChoice,
    max_step: Option<u8>,
}

impl Table {
    async fn of(rows: &str) -> Table {
        let rig = Rig::with(SandboxOptions {
            history_days: 1,
            ..SandboxOptions::default()
        })
        .await;
        let tables = format!(
            r#"[{{"name":"P","schema":{{"type":"object","required":["key"],"properties":{COLUMNS}}},"rows":{rows}}}]"#
        );
        rig.sandbox.set_tables(&tables).unwrap();
        let listed = rig.read().data_tables().await.unwrap();
        Table {
            choice: TableChoice {
                table: listed.items[0].id.clone(),
                scale: Scale::DEFAULT,
                minutes_max: 10,
            },
            rig,
            max_step: None,
        }
    }

    async fn plan(&self, wanted: &[(&str, i64)]) -> Result<TableWrites, AppError> {
        let (client, queue) = (self.rig.read(), self.rig.queue());
        let rows = PriorityRows::read(&client, &queue, self.choice.clone()).await?;
        let skills: Vec<Skill> = wanted.iter().map(|(id, _)| skill(id)).collect();
        let weight = |(id, weight): &(&str, i64)| (SkillId::new(id), w(*weight));
        let wanted: Weights = wanted.iter().map(weight).collect();
        rows.writes(&wanted, self.max_step, &skills, self.rig.clock.now())
    }

    async fn refused(&self, wanted: &[(&str, i64)]) -> String {
        let error = self.plan(wanted).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
        assert!(!error.hints().is_empty(), "{error}");
        assert_eq!(self.rig.sandbox.writes(), 0);
        match std::error::Error::source(&error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        }
    }
}

fn w(weight: i64) -> Weight {
    Weight::try_from(weight).unwrap()
}

fn skill(id: &str) -> Skill {
    Skill {
        id: SkillId::new(id),
        name: format!("Skill {id}"),
        state: SkillState::Active,
    }
}

#[tokio::test]
async fn only_rows_that_say_other_minutes_are_written_and_what_rounding_costs_is_said() {
    let rows = r#"[{"key":"Skill a","priority":6.0},{"key":"Skill b","priority":3,"site":"x"},
        {"key":"Old name","skillId":"c","priority":2}]"#;
    let table = Table::of(rows).await;
    let writes = table.plan(&[("a", 64), ("b", 62), ("c", 1)]).await.unwrap();
    let written: Vec<&str> = writes
        .steps
        .iter()
        .map(|step| step.write.object.as_str().rsplit('/').next().unwrap())
        .collect();
    assert_eq!(written, ["Skill b", "Skill c"]);
    assert_eq!(
        writes.warnings,
        [
            "nothing changes until a flow looks rows up in table `P` by a skill's name and hands their minutes to routing as the priority",
            "in whole minutes these different weights are the same, 6: `Skill a` (64, 6.4 min), `Skill b` (62, 6.2 min)",
            "row `Old name` is of skill `Skill c` as well, which may have been renamed: it stays as it is, so take it away once no flow looks it up",
        ]
    );
}

#[tokio::test]
async fn skills_too_far_apart_are_refused_unless_more_is_allowed() {
    let mut table = Table::of(r#"[{"key":"VIP","priority":12}]"#).await;
    assert_eq!(
        table.refused(&[("a", 1), ("b", 50)]).await,
        "the plan is refused: `VIP` would get 12 minutes of head start and `Skill a` 0: more than 10 minutes apart"
    );
    table.plan(&[("a", 20), ("b", 50)]).await.unwrap();
    table.choice.minutes_max = 12;
    table.plan(&[("a", 1), ("b", 50)]).await.unwrap();
    table.choice.scale = Scale::per_point(0.2).unwrap();
    assert_eq!(
        table.refused(&[("a", 1), ("b", 90)]).await,
        "the plan is refused: `Skill b` would get 18 minutes of head start and `Skill a` 0: more than 12 minutes apart"
    );
}

#[tokio::test]
async fn a_step_is_bounded_in_points_of_what_the_row_is_worth() {
    let mut table = Table::of(r#"[{"key":"Skill a","priority":5,"site":"x"}]"#).await;
    table.max_step = Some(20);
    let writes = table.plan(&[("a", 100), ("b", 100)]).await.unwrap();
    let weights = [(SkillId::new("a"), w(70)), (SkillId::new("b"), w(100))];
    assert_eq!(writes.bounded.weights, weights.into());
    assert_eq!(
        writes.bounded.held_back,
        [(SkillId::new("a"), w(100))].into()
    );
    // No minutes are no weight, but a distance to one all the same.
    let mut table = Table::of(r#"[{"key":"Skill a","priority":0,"site":"x"}]"#).await;
    table.max_step = Some(20);
    let writes = table.plan(&[("a", 100)]).await.unwrap();
    assert_eq!(writes.bounded.weights, [(SkillId::new("a"), w(20))].into());
}

#[tokio::test]
async fn rows_and_tables_that_cannot_be_used_are_refused() {
    let others = Table::of(r#"[{"key":"Skill a","skillId":"z"}]"#).await;
    assert_eq!(
        others.refused(&[("a", 50)]).await,
        "row `Skill a` belongs to skill `z`, not to `a`"
    );
    let unfilled = Table::of(r#"[{"key":"Skill a","priority":1}]"#).await;
    assert_eq!(
        unfilled.refused(&[("a", 50)]).await,
        "row `Skill a` says nothing in column `site`, where a host may put the column's default when the row is written"
    );
    let mut gone = Table::of("[]").await;
    gone.choice.table = "none".to_owned();
    assert_eq!(
        gone.refused(&[("a", 50)]).await,
        "cannot use data table `none` for priorities: there is no such data table in the tenant"
    );
}

#[tokio::test]
async fn queues_in_which_minutes_do_nothing_or_everything_are_refused() {
    let table = Table::of("[]").await;
    let queue = table.rig.queue();
    let set = |scoring: &str| {
        let members = format!(r#"{{"scoringMethod":"{scoring}"}}"#);
        table
            .rig
            .sandbox
            .set_queue(queue.as_str(), &members)
            .unwrap();
    };
    set("PriorityOnly");
    assert_eq!(
        table.refused(&[("a", 50)]).await,
        format!(
            "queue `{queue}` orders who waits by priority alone, so that a minute of head start would put a skill before all others for ever"
        )
    );
    set("TimestampAndPriority");
    table.plan(&[("a", 50)]).await.unwrap();
    table.rig.sandbox.set_predictive([queue.as_str()]).unwrap();
    assert_eq!(
        table.refused(&[("a", 50)]).await,
        format!("queue `{queue}` is on predictive routing, which orders who waits by itself")
    );
}
