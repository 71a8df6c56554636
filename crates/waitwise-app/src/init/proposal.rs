//! Which skill each wrap-up code tells about, proposed from how they occur together in the history.

use std::collections::BTreeMap;

use waitwise_model::{SkillId, WrapUpCodeId};

/// How many conversations a code needs before anything is proposed for it: below some ten, one agent's habit or one odd
/// day decides.
pub const CONVERSATIONS_MIN: u64 = 10;

/// Which part of a code's conversations must have asked for the skill. Most codes are given to one skill nearly always;
/// one that is given to all alike ("no action needed") tells about none.
pub const SHARE_MIN: f64 = 0.6;

/// What is proposed for one code.
#[derive(Clone, PartialEq, Debug)]
pub struct Proposal {
    /// The code.
    pub code: WrapUpCodeId,
    /// The skill proposed; `None` if the history does not say.
    pub skill: Option<SkillId>,
    /// The skill that most of its conversations asked for, proposed or not.
    pub most: SkillId,
    /// How many conversations with a skill have the code; one that asked for two skills counts twice.
    pub conversations: u64,
    /// Which part of them asked for `most`, in 0.0..=1.0.
    pub share: f64,
}

/// A mapping, and how much of the history it covers.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Proposed {
    /// Per code, most conversations first.
    pub codes: Vec<Proposal>,
}

impl Proposed {
    /// Proposes a skill for each code. `code_and_skill` says how often each code was given to a conversation that asked
    /// for each skill.
    pub fn new(code_and_skill: &BTreeMap<(WrapUpCodeId, SkillId), u64>) -> Proposed {
        let mut by_code: BTreeMap<&WrapUpCodeId, Vec<(&SkillId, u64)>> = BTreeMap::new();
        for ((code, skill), count) in code_and_skill {
            by_code.entry(code).or_default().push((skill, *count));
        }
        let mut codes: Vec<Proposal> = by_code
            .into_iter()
            .filter_map(|(code, skills)| propose(code, &skills))
            .collect();
        // Stable: equal ones stay in the order of their ids.
        codes.sort_by_key(|proposal| std::cmp::Reverse(proposal.conversations));
        Proposed { codes }
    }

    /// Returns the part of the coded conversations whose code has a skill, in 0.0..=1.0; `None` without any.
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
    pub fn coverage(&self) -> Option<f64> {
        let sum = |codes: &mut dyn Iterator<Item = &Proposal>| -> u64 {
            codes.map(|proposal| proposal.conversations).sum()
        };
        let all = sum(&mut self.codes.iter());
        let mut mapped = self
            .codes
            .iter()
            .filter(|proposal| proposal.skill.is_some());
        (all > 0).then(|| sum(&mut mapped) as f64 / all as f64)
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
fn propose(code: &WrapUpCodeId, skills: &[(&SkillId, u64)]) -> Option<Proposal> {
    let conversations: u64 = skills.iter().map(|(_, count)| count).sum();
    // Of several alike, the first by id.
    let (most, count) = skills.iter().rev().max_by_key(|(_, count)| *count)?;
    let share = *count as f64 / conversations as f64;
    let is_clear = conversations >= CONVERSATIONS_MIN && share >= SHARE_MIN;
    Some(Proposal {
        code: code.clone(),
        skill: is_clear.then(|| SkillId::clone(most)),
        most: SkillId::clone(most),
        conversations,
        share,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proposed(counts: &[(&str, &str, u64)]) -> Proposed {
        let pair = |(code, skill, count): &(&str, &str, u64)| {
            ((WrapUpCodeId::new(code), SkillId::new(skill)), *count)
        };
        Proposed::new(&counts.iter().map(pair).collect())
    }

    fn shown(proposed: &Proposed) -> Vec<(&str, Option<&str>)> {
        let mut shown = Vec::new();
        for proposal in &proposed.codes {
            let skill = proposal.skill.as_ref();
            shown.push((proposal.code.as_str(), skill.map(SkillId::as_str)));
        }
        shown
    }

    #[test]
    fn a_code_tells_about_the_skill_that_it_mostly_occurs_with() {
        let proposed = proposed(&[
            ("refund", "billing", 90),
            ("refund", "sales", 10),
            ("reset", "technical", 200),
            ("no action", "billing", 50),
            ("no action", "sales", 49),
            ("rare", "sales", 9),
        ]);
        assert_eq!(
            shown(&proposed),
            [
                ("reset", Some("technical")),
                ("refund", Some("billing")),
                ("no action", None),
                ("rare", None),
            ]
        );
        assert!((proposed.codes[1].share - 0.9).abs() < 1e-12);
        assert!((proposed.coverage().unwrap() - 300.0 / 408.0).abs() < 1e-12);
    }

    #[test]
    fn of_two_skills_alike_none_is_proposed_and_the_first_is_named() {
        let proposed = proposed(&[("c", "b", 20), ("c", "a", 20)]);
        assert_eq!(shown(&proposed), [("c", None)]);
        assert_eq!(proposed.codes[0].most.as_str(), "a");
    }

    #[test]
    fn nothing_gives_nothing() {
        assert_eq!(proposed(&[]).coverage(), None);
    }
}
