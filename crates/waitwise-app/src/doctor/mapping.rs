//! Whether the mapping covers the history.

use std::collections::BTreeSet;

use waitwise_model::{Evidence, Skill, SkillMapping, SkillName, UnmappedGroup};
use waitwise_weights::{Attribution, attribute};

use super::{Check, Status, listed};
use crate::error::ErrorKind;

/// What is expected of a mapping.
#[derive(Clone, Copy)]
pub(super) enum Expected {
    /// Every code of the history is in it, and it has no others.
    Exact,
    /// At least this part of the coded interactions comes to a skill, in 0.0..=1.0.
    Share(f64),
}

/// How much of the coded history comes to a skill, and what stands in the way of the rest.
pub(super) fn check(
    name: &'static str,
    history: &Evidence,
    mapping: &SkillMapping,
    skills: &[Skill],
    expected: Expected,
) -> Check {
    if mapping.is_empty() {
        let to_do = match expected {
            Expected::Exact => {
                "name the pairs with --map CODE=SKILL or a file with --map-file; `waitwise analyze` lists the codes"
            }
            Expected::Share(_) => {
                "`waitwise init` proposes a mapping from the history; --map-file takes one of your own"
            }
        };
        let found = "no wrap-up code is mapped to a skill";
        return Check::with(name, Status::Wrong(ErrorKind::Usage), found).advise(to_do);
    }
    let found = attribute(history, mapping, skills);
    let coverage = Coverage::of(history, mapping, skills, &found);
    let status = coverage.status(expected);
    let to_do = match status {
        Status::Ok => Vec::new(),
        Status::Warning | Status::Wrong(_) | Status::Unknown | Status::Skipped => coverage.to_do(),
    };
    Check {
        to_do,
        ..Check::with(name, status, coverage.text())
    }
}

struct Coverage {
    /// Interactions with a wrap-up code, and those of them that came to a skill.
    coded: f64,
    mapped: f64,
    /// Codes of the history that the mapping leaves out.
    left_out: Vec<String>,
    /// Names that no skill of the tenant has, or several have.
    misnamed: Vec<String>,
    /// Skills that would get a weight, but cannot be routed on.
    inactive: Vec<String>,
    /// Codes that the history does not have.
    unseen: Vec<String>,
}

impl Coverage {
    fn of(
        history: &Evidence,
        mapping: &SkillMapping,
        skills: &[Skill],
        found: &Attribution,
    ) -> Self {
        let coded = history.groups.iter().filter(|group| group.code.is_some());
        let is_mapped = |group: &&UnmappedGroup| {
            group
                .code
                .as_ref()
                .is_some_and(|code| mapping.contains_key(code))
        };
        let of_mapping = |group: &UnmappedGroup| {
            group
                .code
                .as_ref()
                .and_then(|code| mapping.get(code))
                .cloned()
        };
        let known: BTreeSet<_> = skills
            .iter()
            .map(|skill| SkillName::new(&skill.name))
            .collect();
        let absent = mapping
            .values()
            .filter(|name| !known.contains(name))
            .cloned();
        // What is mapped and still came to nothing has a name that several skills have.
        let doubtful = found
            .unmapped
            .iter()
            .filter(is_mapped)
            .filter_map(of_mapping);
        let misnamed: BTreeSet<SkillName> = absent.chain(doubtful).collect();
        let is_inactive = |skill: &&Skill| {
            !skill.state.is_active() && found.skills.iter().any(|row| row.skill == skill.id)
        };
        let left_out = found.unmapped.iter().filter(|group| !is_mapped(group));
        Coverage {
            coded: coded.map(|group| group.conversations).sum(),
            mapped: found.skills.iter().map(|skill| skill.conversations).sum(),
            left_out: left_out
                .filter_map(|group| group.code.as_ref())
                .map(ToString::to_string)
                .collect(),
            misnamed: misnamed.iter().map(ToString::to_string).collect(),
            inactive: skills
                .iter()
                .filter(is_inactive)
                .map(|skill| skill.name.clone())
                .collect(),
            unseen: found.unseen.iter().map(ToString::to_string).collect(),
        }
    }

    fn status(&self, expected: Expected) -> Status {
        let falls_short = match expected {
            Expected::Exact => !self.left_out.is_empty() || !self.unseen.is_empty(),
            Expected::Share(least) => self.mapped < least * self.coded,
        };
        if !self.misnamed.is_empty() || (self.coded > 0.0 && self.mapped <= 0.0) {
            Status::Wrong(ErrorKind::Usage)
        } else if !self.inactive.is_empty() {
            Status::Wrong(ErrorKind::Refused)
        } else if falls_short || self.coded <= 0.0 {
            Status::Warning
        } else {
            Status::Ok
        }
    }

    fn text(&self) -> String {
        let mut text = match self.coded > 0.0 {
            true => format!(
                "{:.1}% of {} coded interactions come to a skill",
                100.0 * self.mapped / self.coded,
                self.coded
            ),
            false => "the history has no coded interactions".to_owned(),
        };
        for (names, what) in [
            (&self.left_out, "codes not in the mapping"),
            (&self.misnamed, "names of no skill, or of several"),
            (&self.inactive, "skills that are not active"),
            (&self.unseen, "mapped codes not in this history"),
        ] {
            if !names.is_empty() {
                text = format!("{text}; {what}: {}", listed(names));
            }
        }
        text
    }

    fn to_do(&self) -> Vec<String> {
        let to_do = [
            (
                !self.left_out.is_empty(),
                "map the codes that tell about a skill; the others may stay out",
            ),
            (
                !self.misnamed.is_empty(),
                "write each name as the tenant spells it (case and spaces do not count), and give skills different names",
            ),
            (
                !self.inactive.is_empty(),
                "activate the skills, or take their codes out of the mapping: the host refuses weights for them",
            ),
            (
                !self.unseen.is_empty(),
                "check the spelling of the codes' ids, or ask for more --days",
            ),
            (
                self.coded <= 0.0,
                "check the queue's id, or ask for more --days",
            ),
        ];
        let applies = to_do.into_iter().filter(|(applies, _)| *applies);
        applies.map(|(_, to_do)| to_do.to_owned()).collect()
    }
}
