//! The lever `priority-table`: one row per skill in a data table, and in it whole minutes of head start.
//!
//! A flow looks the row up when an interaction is to be queued, and hands the minutes to routing as the priority.
//! Until a flow does so, nothing that is written here has any effect.
//!
//! * The row's key is the skill's name as the organisation spells it, because a name is what a flow has at hand. The row
//!   says the skill's id as well, which survives renaming: a row whose id is another skill's is never written.
//! * `updatedBy` and `updatedAt` say who planned the minutes and when, so that the same plan sends the same bytes each
//!   time. They are written, and put back, but they never count when rows are compared.
//! * A PUT replaces the row, so it carries the row's own text with only our columns replaced. A row that is absent is
//!   an object too: its document is `null`. Taking back a row that we made removes it, unless it has changed since.
//!
//! | step | function |
//! |---|---|
//! | the table's text → its columns, checked | [`Table::read`] |
//! | what the host gave → observed object | [`observe`] |
//! | observed + a skill's weight → operation, its inverse, what it looks like afterwards | [`write()`] |
//! | operation + the row as it is → request | [`encode`] |
//! | operation + the row as it is → what keeps it from being carried out | [`conflicts`] |

mod making;
mod operation;
mod table;
#[cfg(test)]
mod tests;

use serde_json::value::RawValue;
use waitwise_model::{HeadStart, ObjectId, Observed, Skill, SkillId, Weight, WeightChange, Write};

pub use making::creation;
pub use operation::RowError;
use operation::{Act, CellEdit, RowOperation};
pub use table::{COLUMNS, ColumnType, Table, TableError};

use crate::json::{self, Members, quoted};
use crate::lever::{Conflict, Sending};
use crate::platform::data_table::row_key;

/// How objects of this lever begin: `priority-table/TABLE/KEY`.
pub const PREFIX: &str = "priority-table/";

/// The document of a row that is not there.
pub const ABSENT: &str = "null";

/// Who we are in the column `updatedBy`.
pub const WRITER: &str = "waitwise";

/// Characters of a key, at most, as the platform allows.
pub const KEY_CHARS_MAX: usize = 256;

/// Our stamps: not compared, so that neither they nor anybody else's make a row another one.
pub const NOT_COMPARED: [&str; 2] = [UPDATED_BY, UPDATED_AT];

const KEY: &str = "key";
const PRIORITY: &str = "priority";
const SKILL_ID: &str = "skillId";
const UPDATED_BY: &str = "updatedBy";
const UPDATED_AT: &str = "updatedAt";

/// Returns the object that row `key` of `table` is.
///
/// # Errors
/// The key cannot stand in an address.
pub fn object(table: &str, key: &str) -> Result<ObjectId, RowError> {
    if key.chars().count() > KEY_CHARS_MAX || !is_segment(key) {
        let name = key.to_owned();
        return Err(RowError::NoKey { name });
    }
    Ok(ObjectId::new(format!("{PREFIX}{table}/{key}")))
}

/// Returns the table and the key of an object of this lever; `None` for other levers' objects.
pub fn place_of(object: &ObjectId) -> Option<(&str, &str)> {
    object.as_str().strip_prefix(PREFIX)?.split_once('/')
}

/// Whether a text can be one segment of an address: `.` and `..` mean something else there.
fn is_segment(text: &str) -> bool {
    !matches!(text, "" | "." | "..")
}

/// Reads one row as the host gave it; [`ABSENT`] if there is none.
///
/// Columns that are not ours count as absent while they are null or say nothing (an empty text, zero, false): whether
/// the host shows a column that a row was made without is not known, and must not look like somebody's edit.
///
/// # Errors
/// The row's key is another one, or one column stands twice.
pub fn observe(object: &ObjectId, document: &str) -> Result<Observed, RowError> {
    let (_, key) = place_of(object).unwrap_or_default();
    let comparable = match Row::read(document, key)? {
        None => ABSENT.to_owned(),
        Some(row) => row.comparable(document)?,
    };
    Ok(Observed {
        object: object.clone(),
        document: document.to_owned(),
        comparable,
    })
}

/// Returns the key of a row as the host gave it; `None` if it has no text as key.
pub fn key_of(document: &str) -> Option<String> {
    row_key(document)
}

/// Returns the skill whose row it is, if the row says so.
pub fn skill_of(document: &str) -> Option<SkillId> {
    let skill = Members::of(document).ok()?.text(SKILL_ID)?;
    (!skill.is_empty()).then(|| SkillId::new(skill))
}

/// Returns the priority that stands in a row, as the host wrote it; `None` if there is none, or no row.
pub fn present_priority(document: &str) -> Option<String> {
    let members = Members::of(document).ok()?;
    let token = members.get(PRIORITY)?.get();
    (token != "null").then(|| token.to_owned())
}

/// Plans to write `head_start`, in whole minutes, into the row of `skill`.
///
/// `updated_at` is when the plan is made, in RFC 3339. Returns `None` if the row says these minutes already.
///
/// # Errors
/// As [`observe`], the row is another skill's, or a PUT might change another column of it.
pub fn write(
    table: &Table,
    observed: &Observed,
    skill: &Skill,
    (weight, head_start): (Weight, HeadStart),
    updated_at: &str,
) -> Result<Option<Write>, RowError> {
    let Some((_, key)) = place_of(&observed.object) else {
        let name = observed.object.to_string();
        return Err(RowError::NoKey { name });
    };
    let minutes = head_start.written_minutes().to_string();
    let cells = [
        (PRIORITY, minutes.clone()),
        (SKILL_ID, quoted(skill.id.as_str())),
        (UPDATED_BY, quoted(WRITER)),
        (UPDATED_AT, quoted(updated_at)),
    ];
    let (before, act) = match Row::read(&observed.document, key)? {
        None => (None, create(table, key, &cells)),
        Some(row) => {
            row.check_skill(key, &skill.id)?;
            let before = row.get(PRIORITY).filter(|token| *token != "null");
            if before.is_some_and(|token| json::same(token, &minutes)) {
                return Ok(None);
            }
            if let Some((column, _)) = unfilled(table, &row) {
                let (key, column) = (key.to_owned(), column.clone());
                return Err(RowError::Unfilled { key, column });
            }
            let cell = |(column, to): &(&str, String)| CellEdit::new(column, row.get(column), to);
            let cells = cells.iter().map(cell).collect();
            (before.map(str::to_owned), Act::Replace { cells })
        }
    };
    let forward = RowOperation {
        table: table.id.clone(),
        key: key.to_owned(),
        skill: skill.id.to_string(),
        act,
    };
    let document = forward.apply(&observed.document, false)?;
    Ok(Some(Write {
        object: observed.object.clone(),
        inverse: forward.inverse().encode(),
        forward: forward.encode(),
        changes: vec![WeightChange {
            skill: skill.id.clone(),
            before,
            after: weight,
            pointer: format!("/{PRIORITY}"),
        }],
        comparable_after: observe(&observed.object, &document)?.comparable,
    }))
}

/// A column that a row is without and that has a default: whether a PUT without it leaves it so, or gives it its default,
/// is not published.
fn unfilled<'a>(table: &'a Table, row: &Row<'_>) -> Option<&'a (String, String)> {
    let mut defaults = table.defaults.iter();
    defaults.find(|(column, _)| row.get(column).is_none())
}

/// A new row says what the table's other columns have as default, so that it reads the same whether or not the host
/// fills them in.
fn create(table: &Table, key: &str, cells: &[(&str, String)]) -> Act {
    let ours = cells
        .iter()
        .map(|(column, token)| (*column, token.as_str()));
    let others = table
        .defaults
        .iter()
        .map(|(column, token)| (column.as_str(), token.as_str()));
    let members: Vec<String> = ours
        .chain(others)
        .map(|(column, token)| format!("{}:{token}", quoted(column)))
        .collect();
    let row = format!(
        "{{{}:{},{}}}",
        quoted(&table.key_column),
        quoted(key),
        members.join(",")
    );
    // Quoted texts, integers, and tokens that were read: always one JSON value.
    let row = RawValue::from_string(row).unwrap_or_default();
    Act::Create { row }
}

/// Returns the row as it reads once `operation` has been carried out on `current` and nothing else has happened.
///
/// # Errors
/// The operation cannot be read, is another row's, or (without `force`) the row is not as it expects it.
pub fn preview(operation: &str, current: &Observed, force: bool) -> Result<Observed, RowError> {
    let operation = RowOperation::decode(operation, &current.object)?;
    observe(&current.object, &operation.apply(&current.document, force)?)
}

/// Returns the request that carries out `operation` on the row as it is now.
///
/// With `force`, a row that is not as the operation expects it is written, or removed, all the same.
///
/// # Errors
/// As [`preview`].
pub fn encode(operation: &str, current: &Observed, force: bool) -> Result<Sending, RowError> {
    RowOperation::decode(operation, &current.object)?.sending(current, force)
}

/// Returns what keeps `operation` from being carried out on the row as it is now. Empty: nothing does.
///
/// # Errors
/// The operation or the row cannot be read.
pub fn conflicts(operation: &str, current: &Observed) -> Result<Vec<Conflict>, RowError> {
    let operation = RowOperation::decode(operation, &current.object)?;
    Ok(operation.conflict(&current.document)?.into_iter().collect())
}

/// A row's text, taken apart.
struct Row<'a>(Members<'a>);

impl<'a> Row<'a> {
    /// Reads a row, whose key must be `key`; `None` if it is absent.
    fn read(document: &'a str, key: &str) -> Result<Option<Row<'a>>, RowError> {
        if document == ABSENT {
            return Ok(None);
        }
        // Finds duplicate columns and too deep nesting.
        json::comparable(document, &[])?;
        let members = Members::of(document)?;
        let found = key_member(&members).and_then(|raw| serde_json::from_str(raw.get()).ok());
        if found.as_deref() != Some(key) {
            let key = key.to_owned();
            return Err(RowError::OtherKey { key, found });
        }
        Ok(Some(Row(members)))
    }

    fn get(&self, column: &str) -> Option<&'a str> {
        self.0.get(column).map(RawValue::get)
    }

    /// What the row says about its skill, for people.
    fn words(&self) -> String {
        operation::words(PRIORITY, self.get(PRIORITY))
    }

    fn check_skill(&self, key: &str, skill: &SkillId) -> Result<(), RowError> {
        match self.0.text(SKILL_ID) {
            Some(found) if !found.is_empty() && found != skill.as_str() => {
                Err(RowError::OtherSkill {
                    key: key.to_owned(),
                    skill: skill.clone(),
                    found,
                })
            }
            _ => Ok(()),
        }
    }

    fn comparable(&self, document: &str) -> Result<String, RowError> {
        let says_nothing = |(column, value): &&(String, &RawValue)| {
            !matches!(column.as_str(), PRIORITY | SKILL_ID) && is_blank(value.get())
        };
        let blank = self.0.0.iter().filter(says_nothing);
        let left_out: Vec<&str> = blank
            .map(|(column, _)| column.as_str())
            .chain(NOT_COMPARED)
            .collect();
        Ok(json::comparable(document, &left_out)?)
    }
}

fn key_member<'a>(members: &Members<'a>) -> Option<&'a RawValue> {
    let spelled = |(name, _): &&(String, &RawValue)| name.eq_ignore_ascii_case(KEY);
    members
        .get(KEY)
        .or_else(|| members.0.iter().find(spelled).map(|(_, value)| *value))
}

fn is_blank(token: &str) -> bool {
    matches!(token, "null" | "false" | "\"\"") || json::same(token, "0")
}

/// Whether a row still is the one that we made.
fn is_same_row(made: &str, current: &str) -> Result<bool, RowError> {
    let comparable = |document| Row(Members::of(document)?).comparable(document);
    Ok(comparable(made)? == comparable(current)?)
}
