//! The lever's own encoding of a write to one row: our columns from what to what, a row made, or a row removed.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use waitwise_model::{ObjectId, Observed, SkillId};

use super::{NOT_COMPARED, PRIORITY, Row, SKILL_ID, is_same_row, object, observe};
use crate::json::{self, JsonError, Members, quoted};
use crate::lever::{Conflict, Sending};
use crate::platform::{CREATE_ROW, DELETE_ROW, PUT_ROW};
use crate::splice;

/// A row or an operation that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RowError {
    /// The text cannot be read.
    #[error("cannot read the data table's row")]
    Json(#[from] JsonError),
    /// The row has no key, or another one than it was asked for by.
    #[error("the row that was asked for as `{key}` says {}", said(found.as_deref()))]
    OtherKey {
        /// The key that was asked for.
        key: String,
        /// The key in the row.
        found: Option<String>,
    },
    /// A skill's name that cannot be a row's key.
    #[error(
        "skill name `{name}` cannot be a row's key: 1 to 256 characters, not `.` or `..`, was expected"
    )]
    NoKey {
        /// The name.
        name: String,
    },
    /// The row of this name belongs to another skill: the name was given to a new skill, or two have it.
    #[error("row `{key}` belongs to skill `{found}`, not to `{skill}`")]
    OtherSkill {
        /// The row's key.
        key: String,
        /// The planned skill.
        skill: SkillId,
        /// The skill in the row.
        found: String,
    },
    /// What a PUT does to the column cannot be told, so it might change what is not planned.
    #[error(
        "row `{key}` says nothing in column `{column}`, where a host may put the column's default when the row is written"
    )]
    Unfilled {
        /// The row's key.
        key: String,
        /// The column.
        column: String,
    },
    /// The stored operation is damaged.
    #[error("cannot read the planned operation on the data table's row")]
    Operation(#[source] serde_json::Error),
    /// The operation belongs to another row.
    #[error("the operation is for {expected}, not for {found}")]
    OtherRow {
        /// From the operation.
        expected: ObjectId,
        /// The object it was to be carried out on.
        found: ObjectId,
    },
    /// There is no row whose columns could be replaced, and the columns that are not ours are known to nobody.
    #[error("row `{key}` is gone from the data table")]
    Gone {
        /// The row's key.
        key: String,
    },
    /// The row is not as the operation expects it.
    #[error("the row of skill `{}` is {}, where {} was expected", .0.skill, .0.found, .0.expected)]
    Conflict(Conflict),
    /// A splice would have changed more than was planned. Nothing was sent.
    #[error("writing row `{key}` would have changed more of it than the planned columns")]
    Residue {
        /// The row's key.
        key: String,
    },
}

fn said(key: Option<&str>) -> String {
    key.map_or("no key".to_owned(), |key| format!("`{key}`"))
}

/// What one column says.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Cell {
    /// The row does not have it.
    Absent,
    /// This token, which may be `null`.
    Says(Box<RawValue>),
}

impl Cell {
    /// `token` comes from JSON that was read, or is JSON that we wrote.
    fn of(token: Option<&str>) -> Cell {
        token
            .and_then(|token| RawValue::from_string(token.to_owned()).ok())
            .map_or(Cell::Absent, Cell::Says)
    }

    fn token(&self) -> Option<&str> {
        match self {
            Cell::Absent => None,
            Cell::Says(token) => Some(token.get()),
        }
    }
}

/// One of our columns, from what to what.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CellEdit {
    column: String,
    from: Cell,
    to: Cell,
}

impl CellEdit {
    pub(super) fn new(column: &str, from: Option<&str>, to: &str) -> CellEdit {
        CellEdit {
            column: column.to_owned(),
            from: Cell::of(from),
            to: Cell::of(Some(to)),
        }
    }

    /// Whether the edit may be carried out where the column says `found`.
    ///
    /// Our stamps may say anything. The skill's id may also be there already, or not yet: whose row it is stays the
    /// same, and who sets the minutes by hand leaves it alone.
    fn accepts(&self, found: Option<&str>) -> bool {
        let is = |cell: &Cell| match (cell.token(), found) {
            (Some(expected), Some(found)) => json::same(expected, found),
            (expected, found) => expected.is_none() && found.is_none(),
        };
        NOT_COMPARED.contains(&self.column.as_str())
            || is(&self.from)
            || (self.column == SKILL_ID && is(&self.to))
    }
}

/// What is done to the row.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Act {
    /// Columns of a row that is there say something else.
    Replace { cells: Vec<CellEdit> },
    /// A row that was not there is made.
    Create { row: Box<RawValue> },
    /// A row that reads exactly so is removed.
    Remove { row: Box<RawValue> },
}

/// A write to one row.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RowOperation {
    pub(super) table: String,
    pub(super) key: String,
    pub(super) skill: String,
    pub(super) act: Act,
}

impl RowOperation {
    pub(super) fn decode(text: &str, on: &ObjectId) -> Result<Self, RowError> {
        let operation: Self = serde_json::from_str(text).map_err(RowError::Operation)?;
        let expected = object(&operation.table, &operation.key)?;
        match expected == *on {
            true => Ok(operation),
            false => Err(RowError::OtherRow {
                expected,
                found: on.clone(),
            }),
        }
    }

    pub(super) fn encode(&self) -> String {
        // Plain data with string keys: serialising it cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What takes the row back: last cell first.
    pub(super) fn inverse(&self) -> Self {
        let back = |cell: &CellEdit| CellEdit {
            column: cell.column.clone(),
            from: cell.to.clone(),
            to: cell.from.clone(),
        };
        let act = match &self.act {
            Act::Replace { cells } => Act::Replace {
                cells: cells.iter().rev().map(back).collect(),
            },
            Act::Create { row } => Act::Remove { row: row.clone() },
            Act::Remove { row } => Act::Create { row: row.clone() },
        };
        RowOperation {
            act,
            ..self.clone()
        }
    }

    /// Returns what keeps the operation from being carried out: at most one, since a row is one skill's.
    ///
    /// Our stamps say nothing about who may write: they are written over whatever they say.
    pub(super) fn conflict(&self, current: &str) -> Result<Option<Conflict>, RowError> {
        let row = Row::read(current, &self.key)?;
        let conflict = |expected: String, found: String| {
            Some(Conflict {
                skill: SkillId::new(&self.skill),
                expected,
                found,
            })
        };
        Ok(match (&self.act, row) {
            (Act::Create { .. }, None) => None,
            (Act::Create { .. }, Some(row)) => conflict("absent".to_owned(), row.words()),
            (Act::Replace { .. } | Act::Remove { .. }, None) => {
                conflict(self.expected(), "absent".to_owned())
            }
            (Act::Remove { row: made }, Some(row)) => match is_same_row(made.get(), current)? {
                true => None,
                false => conflict(format!("{} and nothing else", self.expected()), row.words()),
            },
            (Act::Replace { cells }, Some(row)) => {
                let differs = |cell: &&CellEdit| !cell.accepts(row.get(&cell.column));
                cells.iter().find(differs).and_then(|cell| {
                    let found = words(&cell.column, row.get(&cell.column));
                    conflict(words(&cell.column, cell.from.token()), found)
                })
            }
        })
    }

    /// What the operation expects the row to say, in words.
    fn expected(&self) -> String {
        let priority = match &self.act {
            Act::Replace { cells } => cells
                .iter()
                .find(|cell| cell.column == PRIORITY)
                .and_then(|cell| cell.from.token()),
            Act::Create { row } | Act::Remove { row } => Members::of(row.get())
                .ok()
                .and_then(|row| row.get(PRIORITY))
                .map(RawValue::get),
        };
        words(PRIORITY, priority)
    }

    /// Returns the row as it reads once the operation has been carried out: `null` if it is gone then.
    pub(super) fn apply(&self, current: &str, force: bool) -> Result<String, RowError> {
        let conflict = self.conflict(current)?;
        match (&self.act, conflict) {
            // A row is never made over one that is there: its other columns would be lost.
            (Act::Create { .. }, Some(conflict)) => Err(RowError::Conflict(conflict)),
            (_, Some(conflict)) if !force => Err(RowError::Conflict(conflict)),
            (Act::Create { row }, _) => Ok(row.get().to_owned()),
            (Act::Remove { .. }, _) => Ok(super::ABSENT.to_owned()),
            (Act::Replace { cells }, _) => self.replace(current, cells),
        }
    }

    fn replace(&self, current: &str, cells: &[CellEdit]) -> Result<String, RowError> {
        if Row::read(current, &self.key)?.is_none() {
            let key = self.key.clone();
            return Err(RowError::Gone { key });
        }
        let mut written = current.to_owned();
        // One after another: stretches of neighbours would overlap where both are taken out.
        for cell in cells {
            written = splice::set_member(&written, &cell.column, cell.to.token())?;
        }
        self.check(current, &written, cells)?;
        Ok(written)
    }

    /// Reads both texts again: our columns say what they should, and every other one is there token for token.
    fn check(&self, before: &str, after: &str, cells: &[CellEdit]) -> Result<(), RowError> {
        json::comparable(after, &[])?;
        let new = Members::of(after)?;
        let done = cells
            .iter()
            .all(|cell| cell.to.token() == new.get(&cell.column).map(RawValue::get));
        let others = |text| -> Result<Vec<String>, RowError> {
            let members = Members::of(text)?.0.into_iter();
            let others = members.filter(|(key, _)| cells.iter().all(|cell| cell.column != *key));
            Ok(others
                .map(|(key, value)| format!("{}:{}", quoted(&key), value.get()))
                .collect())
        };
        if done && others(before)? == others(after)? {
            return Ok(());
        }
        let key = self.key.clone();
        Err(RowError::Residue { key })
    }

    /// Returns the request that carries the operation out on the row as it is.
    pub(super) fn sending(&self, current: &Observed, force: bool) -> Result<Sending, RowError> {
        let written = self.apply(&current.document, force)?;
        // What is sent must be what will be looked for.
        observe(&current.object, &written)?;
        let (table, key) = (self.table.clone(), self.key.clone());
        Ok(match &self.act {
            Act::Replace { .. } => Sending {
                operation: &PUT_ROW,
                ids: vec![table, key],
                body: Some(written),
            },
            Act::Create { .. } => Sending {
                operation: &CREATE_ROW,
                ids: vec![table],
                body: Some(written),
            },
            Act::Remove { .. } => Sending {
                operation: &DELETE_ROW,
                ids: vec![table, key],
                body: None,
            },
        })
    }
}

/// What a column says, for people.
pub(super) fn words(column: &str, token: Option<&str>) -> String {
    let what = if column == SKILL_ID { "skill" } else { column };
    match token {
        Some(token) => format!("{what} {token}"),
        None => format!("without {what}"),
    }
}
