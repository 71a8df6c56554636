//! Routing rules as raw JSON.
//!
//! The documents carry members and spellings that a careless reader would lose: 25-digit integers, `1.10`, `1E2`,
//! escapes, nulls, empty arrays, and members in an order of their own. Whoever rewrites a rule has to keep them.

use crate::centre::TimeMs;
use crate::centre::draw::Stream;

use super::{Ids, NEUTRAL_WEIGHT, Skill, TenantSpec, names};

/// What a tenant's rules are made from.
pub(super) struct RuleBook<'a> {
    pub(super) ids: &'a Ids,
    pub(super) now: TimeMs,
    pub(super) skills: &'a [Skill],
}

impl RuleBook<'_> {
    /// The rules of a generated tenant, the first `n_with_callers` skills of which have callers.
    ///
    /// The target queue's rule names all of them but one, and the skill without callers.
    pub(super) fn generated(
        &self,
        n_with_callers: usize,
        spec: &TenantSpec,
        stream: &mut Stream,
    ) -> Vec<String> {
        let absent = stream.pick(1, n_with_callers - 1);
        let named: Vec<&Skill> = (0..=n_with_callers)
            .filter(|skill| *skill != absent)
            .map(|skill| &self.skills[skill])
            .collect();
        let archived = (1..=spec.archived_rules)
            .map(|number| self.other_rule(&format!("Archive {number:03}"), stream));
        let mut rules: Vec<String> = archived.collect();
        let others = self.other_rules(stream);
        let place = rules.len() + stream.pick(0, others.len());
        rules.extend(others);
        rules.insert(place, self.target_rule(&named));
        rules
    }

    /// The rules of a tenant whose history was recorded: the target queue's names every skill.
    pub(super) fn recorded(&self, stream: &mut Stream) -> Vec<String> {
        let named: Vec<&Skill> = self.skills.iter().collect();
        let mut rules = self.other_rules(stream);
        rules.insert(1, self.target_rule(&named));
        rules
    }

    fn target_rule(&self, named: &[&Skill]) -> String {
        let skills: Vec<String> = named
            .iter()
            .enumerate()
            .map(|(place, skill)| entry(place, skill))
            .collect();
        let (queue, id) = (
            self.ids.queue(names::TARGET_QUEUE),
            self.ids.id("rule", names::TARGET_QUEUE),
        );
        format!(
            concat!(
                r#"{{"name":"Customer Service \u2013 caf\u00e9 \"A\" desk","version":7,"dateModified":"{modified}","#,
                r#""origin":{{"import":{{"serial":1234567890123456789012345,"batch":[],"by":null}},"ratio":1.10}},"#,
                r#""skills":[{skills}],"ceiling":1E2,"queueId":"{queue}","notes":"50% \/ 50%\ttabs","#,
                r#""bullseye":[{{"ring":1,"expandAfter":3.0e1}},{{"expandAfter":null,"ring":2}}],"id":"{id}","enabled":true}}"#,
            ),
            modified = self.modified(),
            skills = skills.join(","),
            queue = queue,
            id = id,
        )
    }

    fn other_rules(&self, stream: &mut Stream) -> Vec<String> {
        let n_others = stream.pick(2, 3);
        names::OTHER_QUEUES[..n_others]
            .iter()
            .map(|queue| self.other_rule(queue, stream))
            .collect()
    }

    /// A rule of another queue, with one skill at another weight.
    fn other_rule(&self, queue: &str, stream: &mut Stream) -> String {
        let weight = stream.pick(1, 100);
        let skill = &self.skills[stream.pick(0, self.skills.len() - 1)].id;
        format!(
            concat!(
                r#"{{"id":"{id}","name":"{queue}","queueId":"{queue_id}","version":{version},"#,
                r#""dateModified":"{modified}","skills":[{{"id":"{skill}","weight":{weight}}}],"owner":null}}"#,
            ),
            id = self.ids.id("rule", queue),
            queue = queue,
            queue_id = self.ids.queue(queue),
            version = stream.pick(1, 30),
            modified = self.modified(),
            skill = skill,
            weight = weight,
        )
    }

    /// Twelve days before the tenant's start.
    fn modified(&self) -> String {
        let instant = jiff::Timestamp::from_millisecond(self.now - 12 * 24 * 60 * 60 * 1_000);
        instant
            .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
            .strftime("%Y-%m-%dT%H:%M:%S.%3fZ")
            .to_string()
    }
}

/// A skill's entry in the target rule, in one of three spellings.
fn entry(place: usize, skill: &Skill) -> String {
    let (id, weight) = (&skill.id, NEUTRAL_WEIGHT);
    match place % 3 {
        0 => format!(r#"{{"id":"{id}","weight":{weight}}}"#),
        1 => {
            format!(r#"{{"weight":{weight},"proficiency":{{"min":2.50,"hints":[]}},"id":"{id}"}}"#)
        }
        _ => format!(r#"{{"id":"{id}","label":"gepr\u00fcft","weight":{weight},"expires":null}}"#),
    }
}
