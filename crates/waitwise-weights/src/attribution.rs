//! Which skill each wrap-up code tells about.

use std::collections::{BTreeMap, HashMap, HashSet};

use waitwise_model::{
    Evidence, Skill, SkillEvidence, SkillId, SkillMapping, SkillName, UnmappedGroup, WrapUpCodeId,
    WrapUpGroup,
};

/// Evidence by skill, and everything that could not be brought to one.
#[derive(Clone, PartialEq, Debug)]
pub struct Attribution {
    /// One entry per skill that the history tells about, most waiting hours first: the bottleneck leads.
    pub skills: Vec<SkillEvidence>,
    /// Groups without a skill, most waiting hours first.
    pub unmapped: Vec<UnmappedGroup>,
    /// Codes of the mapping that do not occur in the history.
    pub unseen: Vec<WrapUpCodeId>,
    /// The skill of each group, in the order of the evidence.
    pub skill_of: Vec<Option<SkillId>>,
}

/// Pools the groups of each skill: volumes are summed, waits weighted by volume; a lone group's numbers pass through
/// untouched.
///
/// Both sides of the name match are normalised. Where several skills share a name, the only active one is meant;
/// where that doesn't decide, the group stays unmapped.
pub fn attribute(evidence: &Evidence, mapping: &SkillMapping, skills: &[Skill]) -> Attribution {
    let by_name = SkillsByName::new(skills);
    let hours_all: f64 = evidence.groups.iter().map(WrapUpGroup::waiting_hours).sum();
    let mut pools: BTreeMap<&SkillId, Pool<'_>> = BTreeMap::new();
    let mut unmapped = Vec::new();
    let mut skill_of = Vec::with_capacity(evidence.groups.len());
    for group in &evidence.groups {
        let found = find_skill(group, mapping, &by_name);
        skill_of.push(found.as_ref().ok().map(|(_, skill)| skill.id.clone()));
        match found {
            Ok((code, skill)) => pools
                .entry(&skill.id)
                .or_insert_with(|| Pool::new(skill))
                .add(code, group),
            Err(reason) => unmapped.push(UnmappedGroup {
                code: group.code.clone(),
                conversations: group.conversations,
                mean_wait_secs: group.mean_wait_secs,
                waiting_share: share(group.waiting_hours(), hours_all),
                reason,
            }),
        }
    }
    let mut skills: Vec<_> = pools
        .into_values()
        .map(|pool| pool.into_evidence(hours_all))
        .collect();
    // Stable sorts: ties stay in the order of skill ids, or of the source.
    skills.sort_by(|a, b| b.waiting_hours.total_cmp(&a.waiting_hours));
    unmapped.sort_by(|a, b| b.waiting_share.total_cmp(&a.waiting_share));
    Attribution {
        skills,
        unmapped,
        unseen: unseen(evidence, mapping),
        skill_of,
    }
}

fn find_skill<'a>(
    group: &'a WrapUpGroup,
    mapping: &SkillMapping,
    by_name: &SkillsByName<'a>,
) -> Result<(&'a WrapUpCodeId, &'a Skill), String> {
    let code = group
        .code
        .as_ref()
        .ok_or("no wrap-up code: given up, or never coded")?;
    let name = mapping.get(code).ok_or("not in the mapping")?;
    Ok((code, by_name.find(name)?))
}

fn unseen(evidence: &Evidence, mapping: &SkillMapping) -> Vec<WrapUpCodeId> {
    let seen: HashSet<_> = evidence
        .groups
        .iter()
        .filter_map(|group| group.code.as_ref())
        .collect();
    mapping
        .keys()
        .filter(|code| !seen.contains(code))
        .cloned()
        .collect()
}

fn share(hours: f64, of: f64) -> f64 {
    if of > 0.0 { hours / of } else { 0.0 }
}

struct SkillsByName<'a>(HashMap<SkillName, Vec<&'a Skill>>);

impl<'a> SkillsByName<'a> {
    fn new(skills: &'a [Skill]) -> Self {
        let mut by_name: HashMap<_, Vec<_>> = HashMap::new();
        for skill in skills {
            by_name
                .entry(SkillName::new(&skill.name))
                .or_default()
                .push(skill);
        }
        SkillsByName(by_name)
    }

    fn find(&self, name: &SkillName) -> Result<&'a Skill, String> {
        let named = self.0.get(name).map_or(&[][..], Vec::as_slice);
        let mut active = named.iter().filter(|skill| skill.state.is_active());
        match (active.next(), active.next(), named) {
            (Some(skill), None, _) | (None, None, [skill]) => Ok(skill),
            (None, None, []) => Err(format!("the tenant has no skill named `{name}`")),
            _ => Err(format!(
                "{} skills of the tenant are named `{name}`",
                named.len()
            )),
        }
    }
}

struct Pool<'a> {
    skill: &'a Skill,
    codes: Vec<WrapUpCodeId>,
    groups: Vec<&'a WrapUpGroup>,
}

impl<'a> Pool<'a> {
    fn new(skill: &'a Skill) -> Self {
        Pool {
            skill,
            codes: Vec::new(),
            groups: Vec::new(),
        }
    }

    fn add(&mut self, code: &WrapUpCodeId, group: &'a WrapUpGroup) {
        self.codes.push(code.clone());
        self.groups.push(group);
    }

    fn into_evidence(self, hours_all: f64) -> SkillEvidence {
        let hours: f64 = self.groups.iter().map(|group| group.waiting_hours()).sum();
        SkillEvidence {
            skill: self.skill.id.clone(),
            name: self.skill.name.clone(),
            conversations: self.groups.iter().map(|group| group.conversations).sum(),
            mean_wait_secs: self.mean_wait_secs(),
            waiting_hours: hours,
            waiting_share: share(hours, hours_all),
            codes: self.codes,
        }
    }

    /// A pool of nothing but empty groups takes their plain mean.
    fn mean_wait_secs(&self) -> f64 {
        let volume: f64 = self.groups.iter().map(|group| group.conversations).sum();
        match self.groups.as_slice() {
            [lone] => lone.mean_wait_secs,
            groups if volume > 0.0 => {
                groups
                    .iter()
                    .map(|group| group.conversations * group.mean_wait_secs)
                    .sum::<f64>()
                    / volume
            }
            groups => {
                let n_groups = u32::try_from(groups.len()).unwrap_or(u32::MAX);
                groups.iter().map(|group| group.mean_wait_secs).sum::<f64>() / f64::from(n_groups)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use waitwise_model::{Pull, QueueId, SkillState, Window};

    use super::*;

    fn evidence(groups: &[(&str, f64, f64)]) -> Evidence {
        let group = |(code, conversations, mean_wait_secs): &(&str, f64, f64)| WrapUpGroup {
            code: Some(*code)
                .filter(|code| !code.is_empty())
                .map(WrapUpCodeId::new),
            conversations: *conversations,
            mean_wait_secs: *mean_wait_secs,
            missing: Vec::new(),
        };
        Evidence {
            queue: QueueId::new("q"),
            window: Window::days_before("2026-03-30T01:02:03Z".parse().unwrap(), 30).unwrap(),
            groups: groups.iter().map(group).collect(),
            rejected: Vec::new(),
            pull: Pull::default(),
        }
    }

    fn mapping(of: &[(&str, &str)]) -> SkillMapping {
        of.iter()
            .map(|(code, name)| (WrapUpCodeId::new(*code), SkillName::new(name)))
            .collect()
    }

    fn skill(id: &str, name: &str, state: SkillState) -> Skill {
        Skill {
            id: SkillId::new(id),
            name: name.to_owned(),
            state,
        }
    }

    #[test]
    fn codes_of_one_skill_are_pooled_by_volume() {
        let skills = [skill("s", "Technical Support", SkillState::Active)];
        let found = attribute(
            &evidence(&[("a", 30.0, 10.0), ("b", 10.0, 50.0)]),
            &mapping(&[("a", "technicalsupport"), ("b", "TECHNICAL support")]),
            &skills,
        );
        assert_eq!(found.skills.len(), 1);
        assert_eq!(found.skills[0].conversations.to_bits(), 40f64.to_bits());
        assert_eq!(found.skills[0].mean_wait_secs.to_bits(), 20f64.to_bits());
        assert_eq!(found.skills[0].codes.len(), 2);
    }

    #[test]
    fn a_lone_code_passes_through_untouched() {
        // 0.1 × 3 / 3 is not 0.1.
        let skills = [skill("s", "S", SkillState::Active)];
        let found = attribute(
            &evidence(&[("a", 3.0, 0.1)]),
            &mapping(&[("a", "s")]),
            &skills,
        );
        assert_eq!(found.skills[0].mean_wait_secs.to_bits(), 0.1f64.to_bits());
    }

    #[test]
    fn empty_groups_pool_to_their_plain_mean() {
        let skills = [skill("s", "S", SkillState::Active)];
        let found = attribute(
            &evidence(&[("a", 0.0, 2.0), ("b", 0.0, 4.0)]),
            &mapping(&[("a", "s"), ("b", "s")]),
            &skills,
        );
        assert_eq!(found.skills[0].mean_wait_secs.to_bits(), 3f64.to_bits());
        assert_eq!(found.skills[0].waiting_share.to_bits(), 0f64.to_bits());
    }

    #[test]
    fn what_cannot_be_mapped_is_named_with_its_reason() {
        let skills = [
            skill("1", "Dup", SkillState::Active),
            skill("2", "d u p", SkillState::Active),
            skill("3", "Old", SkillState::Deleted),
            skill("4", "old", SkillState::Active),
        ];
        let found = attribute(
            &evidence(&[
                ("", 4.0, 1.0),
                ("a", 3.0, 1.0),
                ("b", 2.0, 1.0),
                ("c", 1.0, 1.0),
                ("d", 1.0, 1.0),
            ]),
            &mapping(&[("b", "nobody"), ("c", "dup"), ("d", "old"), ("z", "old")]),
            &skills,
        );
        let reasons: Vec<_> = found
            .unmapped
            .iter()
            .map(|group| group.reason.as_str())
            .collect();
        assert_eq!(
            reasons,
            [
                "no wrap-up code: given up, or never coded",
                "not in the mapping",
                "the tenant has no skill named `nobody`",
                "2 skills of the tenant are named `dup`",
            ]
        );
        assert_eq!(
            found.skills[0].skill.as_str(),
            "4",
            "the only active one of a name is meant"
        );
        assert_eq!(found.unseen, [WrapUpCodeId::new("z")]);
    }

    #[test]
    fn the_bottleneck_leads_and_shares_count_everybody() {
        let skills = [
            skill("s", "S", SkillState::Active),
            skill("t", "T", SkillState::Active),
        ];
        let found = attribute(
            &evidence(&[("a", 10.0, 10.0), ("b", 10.0, 20.0), ("", 10.0, 10.0)]),
            &mapping(&[("a", "s"), ("b", "t")]),
            &skills,
        );
        let shares: Vec<_> = found
            .skills
            .iter()
            .map(|skill| (skill.skill.as_str(), skill.waiting_share.to_bits()))
            .collect();
        assert_eq!(shares, [("t", 0.5f64.to_bits()), ("s", 0.25f64.to_bits())]);
    }
}
