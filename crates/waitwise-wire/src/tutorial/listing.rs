//! Lists of skills and of rules, page by page.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use waitwise_model::{Skill, SkillId, SkillState};

use crate::json::{JsonError, Members};
use crate::lenient::{or_nothing, read_object, whole};

/// The page size that hosts use when none is asked for.
pub const PAGE_SIZE_DEFAULT: u32 = 25;

/// One page of a list. Entities stay in the host's own text.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListPage<'a> {
    /// The page's entities.
    #[serde(borrow, default, deserialize_with = "or_nothing")]
    pub entities: Vec<&'a RawValue>,
    /// Entities on a full page.
    #[serde(
        default,
        deserialize_with = "whole",
        skip_serializing_if = "Option::is_none"
    )]
    pub page_size: Option<u32>,
    /// This page, from 1.
    #[serde(
        default,
        deserialize_with = "whole",
        skip_serializing_if = "Option::is_none"
    )]
    pub page_number: Option<u32>,
    /// Entities on all pages.
    #[serde(
        default,
        deserialize_with = "whole",
        skip_serializing_if = "Option::is_none"
    )]
    pub total: Option<usize>,
    /// Number of pages.
    #[serde(
        default,
        deserialize_with = "whole",
        skip_serializing_if = "Option::is_none"
    )]
    pub page_count: Option<u32>,
    /// Server-relative address of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_uri: Option<String>,
}

impl<'a> ListPage<'a> {
    /// Reads one page.
    ///
    /// # Errors
    /// Not a JSON object of this shape.
    pub fn read(body: &'a str) -> Result<Self, JsonError> {
        read_object(body)
    }
}

/// Returns an entity's `id`; `None` if it has none or it is no text.
pub fn entity_id(entity: &str) -> Option<String> {
    Members::of(entity).ok()?.text("id")
}

/// Reads a skill; an absent `state` means active.
///
/// # Errors
/// Which member is missing, as a fragment.
pub fn read_skill(entity: &str) -> Result<Skill, String> {
    let members = Members::of(entity).map_err(|_| "is not an object".to_owned())?;
    let text = |key: &str| {
        members
            .text(key)
            .ok_or_else(|| format!("has no text `{key}`"))
    };
    let state = match members.text("state").as_deref() {
        None | Some("active") => SkillState::Active,
        Some("inactive") => SkillState::Inactive,
        Some("deleted") => SkillState::Deleted,
        Some(other) => SkillState::Other(other.to_owned()),
    };
    Ok(Skill {
        id: SkillId::new(text("id")?),
        name: text("name")?,
        state,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_however_its_numbers_are_written() {
        let text = r#"{"entities":null,"total":1.2E1,"pageCount":3.0,"nextUri":null,"new":{}}"#;
        let page = ListPage::read(text).unwrap();
        assert_eq!((page.entities.len(), page.total), (0, Some(12)));
        assert_eq!((page.page_count, page.page_size), (Some(3), None));
        for other in [r#"{"total":-1}"#, "[]", "null"] {
            assert!(ListPage::read(other).is_err(), "{other}");
        }
    }

    #[test]
    fn skills_are_read_with_what_may_be_missing() {
        let skill = read_skill(r#"{"name":"Billing","id":"s1","more":[1]}"#).unwrap();
        assert_eq!((skill.id.as_str(), skill.state), ("s1", SkillState::Active));
        let odd = read_skill(r#"{"name":"B","id":"s1","state":"paused"}"#).unwrap();
        assert!(!odd.state.is_active());
        assert_eq!(
            read_skill(r#"{"id":"s1"}"#),
            Err("has no text `name`".to_owned())
        );
        assert_eq!(read_skill("7"), Err("is not an object".to_owned()));
    }
}
