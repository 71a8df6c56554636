//! A simulated Architect flow: every interaction that enters the queue looks its skill up in a data table, and its
//! priority there is its head start in minutes.

use serde_json::Value;

use super::Setup;
use super::tables::Table;
use crate::centre::TimeMs;
use crate::http::state::State;
use crate::tenant::{Skill, Tenant};

/// The flow: which table it reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flow {
    /// The table's name; `None` for a flow that reads none. A table that is not there gives nobody a priority.
    pub(crate) table: Option<String>,
}

impl Setup {
    /// Makes the flow's table, empty, unless there is one of its name.
    pub(crate) fn make_flow_table(&mut self, seed: u64, tenant: &Tenant) {
        let Some(name) = self.flow.table.clone() else {
            return;
        };
        if self.tables.iter().all(|table| table.name != name) {
            let id = self.next_table_id(seed);
            let home = &tenant.organisation.divisions[0];
            self.tables.push(Table::of_priorities(id, name, home));
        }
    }

    /// Returns what the flow finds for each of the tenant's skills, in whole minutes: the row whose key is the skill's
    /// name or id, and in it `priority`; 0 where there is none.
    pub(crate) fn priorities(&self, skills: &[Skill]) -> Vec<i64> {
        let name = self.flow.table.as_ref();
        let table = name.and_then(|name| self.tables.iter().find(|table| table.name == *name));
        let found = |skill: &Skill| {
            let rows = &table?.rows;
            let row = rows.get(&skill.name).or_else(|| rows.get(&skill.id))?;
            priority(row)
        };
        skills
            .iter()
            .map(|skill| found(skill).unwrap_or(0))
            .collect()
    }
}

/// A row's priority in any spelling of a whole number.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a number without a fraction is cut at the ends of the range, far beyond any priority"
)]
fn priority(row: &str) -> Option<i64> {
    let row: Value = serde_json::from_str(row).ok()?;
    let priority = row.get("priority")?.as_f64()?;
    (priority.fract() == 0.0).then_some(priority as i64)
}

impl State {
    /// Lets the flow read another table; with `make` the table is made where it is not there.
    pub(crate) fn set_flow(&mut self, flow: Flow, make: bool, now: TimeMs) {
        self.setup.flow = flow;
        if make {
            self.setup.make_flow_table(self.seed, &self.tenant);
        }
        self.follow_flow(now);
    }

    /// Lets those who enter the queue from `now` on have the priorities that the flow's table holds.
    pub(crate) fn follow_flow(&mut self, now: TimeMs) {
        self.tenant.centre.advance_to(now);
        let priorities = self.setup.priorities(&self.tenant.skills);
        self.tenant.centre.set_priorities(&priorities);
    }
}
