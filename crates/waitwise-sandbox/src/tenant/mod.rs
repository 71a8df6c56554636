//! A tenant: names, ids and routing rules around a contact centre.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::calls::CallHistory;
use crate::centre::blueprint::{Blueprint, CodeShares, Ways};
use crate::centre::draw::Stream;
use crate::centre::{Centre, TimeMs, Troubles};
use rules::RuleBook;

mod names;
mod organisation;
mod rules;

pub use organisation::{Division, Organisation, Queue, User};

/// The weight of a skill that the target queue's rule does not name, in points: the middle of the scale.
pub const NEUTRAL_WEIGHT: u8 = 50;

/// Head start that one point of weight is worth, in minutes.
pub const MINUTES_PER_POINT: f64 = 0.1;

/// Days of history a tenant has unless told otherwise: the 30-day default window and five days to spare.
pub const DEFAULT_HISTORY_DAYS: u16 = 35;

/// What a generated tenant is made from: the same specification gives the same tenant, byte for byte.
#[derive(Clone, Debug)]
pub struct TenantSpec {
    /// Decides everything that is drawn.
    pub seed: u64,
    /// The start instant, which is two in the morning of the centre's local day.
    pub now: TimeMs,
    /// Whole local days of history before the day of `now`.
    pub history_days: u16,
    /// Further active skills that nobody calls for and no rule names ("Archive 001", …).
    pub archived_skills: u16,
    /// Further rules of other queues, listed before the target queue's.
    pub archived_rules: u16,
    /// How many skills have callers, and how many codes there are; `None`: drawn, 3 to 8 skills.
    pub size: Option<Size>,
    /// How many call the target queue on an average working day, within [`CALLS_A_DAY`]; `None`: drawn, 700 to 1,350. There are as
    /// many agents as they need.
    pub calls_a_day: Option<u32>,
    /// What happens in the centre that is left out of most models.
    pub troubles: Troubles,
}

/// How large a tenant is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Skills with callers, 2..=[`SKILLS_MAX`].
    pub skills: u16,
    /// Wrap-up codes, those that stand for no skill included: two more than skills at least, and for each skill at most
    /// [`CODES_PER_SKILL_MAX`] of its own.
    pub codes: u16,
}

/// How many callers a tenant's target queue can have on an average working day.
pub const CALLS_A_DAY: std::ops::RangeInclusive<u32> = 300..=20_000;

/// The most skills with callers that a tenant can have.
pub const SKILLS_MAX: u16 = names::MANY_MAX;

/// The most codes that one skill can have.
pub const CODES_PER_SKILL_MAX: u16 = 8;

impl Size {
    /// Returns whether such a tenant can be made.
    pub fn is_possible(self) -> bool {
        let strays = names::CODES_OF_NO_SKILL.len() as u64;
        let (skills, codes) = (u64::from(self.skills), u64::from(self.codes));
        let of_skills = skills..=skills * u64::from(CODES_PER_SKILL_MAX);
        (2..=SKILLS_MAX).contains(&self.skills)
            && codes >= strays
            && of_skills.contains(&(codes - strays))
    }
}

impl TenantSpec {
    /// The usual tenant of `seed`: [`DEFAULT_HISTORY_DAYS`] of history, at most 20 skills and 20 rules, no troubles.
    pub fn new(seed: u64, now: TimeMs) -> TenantSpec {
        TenantSpec {
            seed,
            now,
            history_days: DEFAULT_HISTORY_DAYS,
            archived_skills: 0,
            archived_rules: 0,
            size: None,
            calls_a_day: None,
            troubles: Troubles::NONE,
        }
    }
}

/// Whether a skill can be routed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SkillState {
    /// In use.
    Active,
    /// Kept, but not to be used.
    Inactive,
    /// Gone; listed for old records only.
    Deleted,
}

/// A routing skill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skill {
    /// UUID text.
    pub id: String,
    /// Display name, such as "Technical Support".
    pub name: String,
    /// Whether it can be routed to.
    pub state: SkillState,
}

/// A wrap-up code that agents set at the end of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrapUpCode {
    /// UUID text.
    pub id: String,
    /// Display name.
    pub name: String,
    /// The skill it stands for, as an index into [`Tenant::skills`]; `None` for a code that stands for none.
    pub skill: Option<usize>,
}

/// A fake tenant: one target queue with a contact centre behind it.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// OAuth client id.
    pub client_id: String,
    /// OAuth client secret; worthless outside this sandbox.
    pub client_secret: String,
    /// The target queue's id.
    pub queue_id: String,
    /// The target queue's display name.
    pub queue_name: String,
    /// All skills; those with callers come first, so that [`crate::centre::Conversation::skill`] indexes this list.
    pub skills: Vec<Skill>,
    /// All wrap-up codes of the target queue.
    pub codes: Vec<WrapUpCode>,
    /// Routing rules, each one JSON object as text, kept as written.
    pub rules: Vec<String>,
    /// What stands around the queue.
    pub organisation: Organisation,
    /// Conversations so far, and how to go on.
    pub centre: Centre,
}

impl Tenant {
    /// Makes the tenant of a specification, with its history.
    pub fn generate(spec: &TenantSpec) -> Tenant {
        let ids = Ids { seed: spec.seed };
        let mut stream = Stream::new(spec.seed, "tenant", &[]);
        let names = match spec.size {
            None => names::skills(stream.pick(3, 8), &mut stream),
            Some(size) => names::many(size.skills),
        };
        let skills = skills(&ids, &names, spec.archived_skills);
        let (codes, shares) = match spec.size {
            None => codes(&ids, &names, &mut stream),
            Some(size) => many_codes(&ids, &names, size.codes),
        };
        let rules = RuleBook {
            ids: &ids,
            now: spec.now,
            skills: &skills,
        }
        .generated(names.len(), spec, &mut stream);
        let blueprint = Blueprint::draw(
            spec.seed,
            shares,
            Ways {
                calls_a_day: spec.calls_a_day,
                troubles: spec.troubles,
            },
        );
        let other_codes = codes_of_other_queue(&blueprint);
        let centre = Centre::simulated(blueprint, spec.now, spec.history_days);
        let agents = organisation::agents(&centre);
        let organisation = Organisation::new(&ids, codes.len(), other_codes, &agents);
        ids.tenant(skills, codes, rules, organisation, centre)
    }

    /// Makes a tenant whose history is `calls`; its centre has no further callers.
    ///
    /// Each queue name is an active skill, which the rule names, and a wrap-up code of that skill.
    pub fn from_calls(seed: u64, now: TimeMs, calls: CallHistory) -> Tenant {
        let ids = Ids { seed };
        let skills: Vec<Skill> = calls
            .names
            .iter()
            .map(|name| ids.skill(name, SkillState::Active))
            .collect();
        let codes: Vec<WrapUpCode> = calls
            .names
            .iter()
            .enumerate()
            .map(|(skill, name)| ids.code(name, Some(skill)))
            .collect();
        let rules = RuleBook {
            ids: &ids,
            now,
            skills: &skills,
        }
        .recorded(&mut Stream::new(seed, "tenant", &[]));
        let centre = Centre::recorded(calls.conversations, now);
        let agents = organisation::recorded_agents(&centre);
        let organisation = Organisation::new(&ids, codes.len(), BTreeSet::new(), &agents);
        ids.tenant(skills, codes, rules, organisation, centre)
    }

    /// Code id → normalised skill name (lower case, no spaces), for codes that stand for a skill.
    pub fn wrapup_to_skill(&self) -> BTreeMap<String, String> {
        let normalised = |skill: usize| self.skills[skill].name.to_lowercase().replace(' ', "");
        self.codes
            .iter()
            .filter_map(|code| Some((code.id.clone(), normalised(code.skill?))))
            .collect()
    }

    /// Head starts in minutes by skill index, given weights by skill id; a skill without one has [`NEUTRAL_WEIGHT`].
    ///
    /// The result is what [`Centre::set_head_starts`] takes.
    pub fn head_starts(&self, weights: &BTreeMap<String, u8>) -> Vec<f64> {
        let weight = |skill: &Skill| weights.get(&skill.id).copied().unwrap_or(NEUTRAL_WEIGHT);
        self.skills
            .iter()
            .map(|skill| f64::from(weight(skill)) * MINUTES_PER_POINT)
            .collect()
    }
}

/// The codes that agents of the other queue set: those of what its callers want, and those that stand for no skill.
fn codes_of_other_queue(blueprint: &Blueprint) -> BTreeSet<usize> {
    let demands = blueprint.demands.iter();
    let demands = demands.filter(|demand| demand.queue == crate::centre::Queue::Other);
    let codes = demands.flat_map(|demand| demand.codes.iter().map(|(code, _)| *code));
    let all = codes.chain(blueprint.stray_codes.iter().copied());
    all.map(usize::from).collect()
}

/// The skills with callers, then one without any, one inactive, and the archived ones.
fn skills(ids: &Ids, names: &[String], n_archived: u16) -> Vec<Skill> {
    let active = names.iter().map(|name| ids.skill(name, SkillState::Active));
    let unused = [
        ids.skill(names::WITHOUT_CALLERS, SkillState::Active),
        ids.skill(names::INACTIVE, SkillState::Inactive),
    ];
    let archived = (1..=n_archived)
        .map(|number| ids.skill(&format!("Archive {number:03}"), SkillState::Active));
    active.chain(unused).chain(archived).collect()
}

/// The codes with the skills they stand for, and how often each is used.
///
/// One tenant in six has skills with several codes; with the others there is one per skill, so that pooling the codes of
/// a skill changes nothing.
fn codes(ids: &Ids, names: &[String], stream: &mut Stream) -> (Vec<WrapUpCode>, CodeShares) {
    let mut codes = Vec::new();
    let mut by_skill = Vec::new();
    for (skill, name) in names.iter().enumerate() {
        let several = ids.seed % 6 == 5 && skill % 2 == 0;
        let shares = if several {
            names::CODES_OF_SKILL[..stream.pick(2, 3)].to_vec()
        } else {
            vec![("Resolved", 1.0)]
        };
        let total: f64 = shares.iter().map(|(_, share)| share).sum();
        let mut of_skill = Vec::new();
        for (result, share) in shares {
            of_skill.push((index(&codes), share / total));
            codes.push(ids.code(&format!("{name}: {result}"), Some(skill)));
        }
        by_skill.push(of_skill);
    }
    let mut stray = Vec::new();
    for name in &names::CODES_OF_NO_SKILL[..stream.pick(1, 2)] {
        stray.push(index(&codes));
        codes.push(ids.code(name, None));
    }
    (codes, CodeShares { by_skill, stray })
}

/// As many codes as that: two that stand for no skill, and the others dealt to the skills in turn. A skill's later codes
/// are used half as often as the one before.
fn many_codes(ids: &Ids, names: &[String], n_codes: u16) -> (Vec<WrapUpCode>, CodeShares) {
    let mut codes = Vec::new();
    let mut by_skill = Vec::new();
    let n_of_skills = usize::from(n_codes) - names::CODES_OF_NO_SKILL.len();
    for (skill, name) in names.iter().enumerate() {
        let n_own = n_of_skills / names.len() + usize::from(skill < n_of_skills % names.len());
        let parts: Vec<f64> = (0..n_own)
            .map(|place| libm::exp2(-(place as f64)))
            .collect();
        let total: f64 = parts.iter().sum();
        let mut of_skill = Vec::new();
        for (place, part) in parts.into_iter().enumerate() {
            of_skill.push((index(&codes), part / total));
            codes.push(ids.code(&format!("{name}: {}", names::result(place)), Some(skill)));
        }
        by_skill.push(of_skill);
    }
    let mut stray = Vec::new();
    for name in names::CODES_OF_NO_SKILL {
        stray.push(index(&codes));
        codes.push(ids.code(name, None));
    }
    (codes, CodeShares { by_skill, stray })
}

/// The index that the next code will have.
fn index(codes: &[WrapUpCode]) -> u16 {
    u16::try_from(codes.len()).expect("a tenant has a few dozen codes")
}

/// Makes ids that depend on the seed and on what they name, and on nothing else.
struct Ids {
    seed: u64,
}

impl Ids {
    fn id(&self, kind: &str, name: &str) -> String {
        Uuid::new_v5(
            &Uuid::NAMESPACE_OID,
            format!("{}/{kind}/{name}", self.seed).as_bytes(),
        )
        .to_string()
    }

    fn skill(&self, name: &str, state: SkillState) -> Skill {
        Skill {
            id: self.id("skill", name),
            name: name.to_owned(),
            state,
        }
    }

    fn code(&self, name: &str, skill: Option<usize>) -> WrapUpCode {
        WrapUpCode {
            id: self.id("wrap-up code", name),
            name: name.to_owned(),
            skill,
        }
    }

    fn queue(&self, name: &str) -> String {
        self.id("queue", name)
    }

    fn tenant(
        &self,
        skills: Vec<Skill>,
        codes: Vec<WrapUpCode>,
        rules: Vec<String>,
        organisation: Organisation,
        centre: Centre,
    ) -> Tenant {
        Tenant {
            client_id: self.id("client", "id"),
            client_secret: self.id("client", "secret").replace('-', ""),
            queue_id: self.queue(names::TARGET_QUEUE),
            queue_name: names::TARGET_QUEUE.to_owned(),
            skills,
            codes,
            rules,
            organisation,
            centre,
        }
    }
}

#[cfg(test)]
mod tests;
