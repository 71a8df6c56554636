//! Queues, members, wrap-up codes and agents' skills, each read from one entity of a list.
//!
//! A reader's error is a fragment that names the member and quotes nothing.

use waitwise_model::{
    AgentChoice, AgentId, AgentSkill, DivisionId, Queue, QueueId, QueueMember, QueueOrder,
    ServiceTarget, SkillId, SkillState, WrapUpCode, WrapUpCodeId,
};

use crate::lenient::Object;

/// Reads a queue.
///
/// # Errors
/// It has no id.
pub fn read_queue(entity: &str) -> Result<Queue, String> {
    let queue = Object::read(entity)?;
    let id = queue.need("id")?;
    let rings = queue
        .object("bullseye")
        .map_or(0, |b| b.list("rings").len());
    Ok(Queue {
        // The published shape lets the name be absent; the id then serves people too.
        name: queue.text("name").unwrap_or_else(|| id.clone()),
        id: QueueId::new(id),
        division: division(&queue),
        agent_choice: agent_choice(queue.text("skillEvaluationMethod")),
        order: order(queue.text("scoringMethod")),
        targets: targets(&queue),
        rings,
        members: queue.whole("memberCount"),
    })
}

fn division(object: &Object<'_>) -> Option<DivisionId> {
    let id = object.object("division")?.text("id")?;
    Some(DivisionId::new(id))
}

fn agent_choice(method: Option<String>) -> AgentChoice {
    match method.as_deref() {
        None => AgentChoice::Unsaid,
        Some("NONE") => AgentChoice::AnyAgent,
        Some("BEST") => AgentChoice::MostProficient,
        Some("ALL") => AgentChoice::LongestIdle,
        Some(other) => AgentChoice::Other(other.to_owned()),
    }
}

/// The platform's default where the queue does not say.
fn order(method: Option<String>) -> QueueOrder {
    match method.as_deref() {
        None | Some("TimestampAndPriority") => QueueOrder::MinutesAndPriority,
        Some("PriorityOnly") => QueueOrder::PriorityOnly,
        Some(other) => QueueOrder::Other(other.to_owned()),
    }
}

fn targets(queue: &Object<'_>) -> Vec<ServiceTarget> {
    let Some(media) = queue.object("mediaSettings") else {
        return Vec::new();
    };
    let target = |(name, raw): &(String, &serde_json::value::RawValue)| {
        let level = Object::read(raw.get()).ok()?.object("serviceLevel")?;
        Some(ServiceTarget {
            media: name.clone(),
            share: level.number("percentage")?,
            within_ms: level.whole("durationMs")?,
        })
    };
    media.members().iter().filter_map(target).collect()
}

/// Reads a member of a queue; the name stays unread.
///
/// # Errors
/// It has no id.
pub fn read_member(entity: &str) -> Result<QueueMember, String> {
    let member = Object::read(entity)?;
    Ok(QueueMember {
        agent: AgentId::new(member.need("id")?),
        joined: member.flag("joined"),
        ring: member.whole("ringNumber"),
    })
}

/// Reads a wrap-up code.
///
/// # Errors
/// It has no id or no name.
pub fn read_wrap_up_code(entity: &str) -> Result<WrapUpCode, String> {
    let code = Object::read(entity)?;
    Ok(WrapUpCode {
        id: WrapUpCodeId::new(code.need("id")?),
        name: code.need("name")?,
    })
}

/// Reads a skill that an agent has; an absent `state` means active.
///
/// # Errors
/// It has no id.
pub fn read_agent_skill(entity: &str) -> Result<AgentSkill, String> {
    let skill = Object::read(entity)?;
    let state = match skill.text("state").as_deref() {
        None | Some("active") => SkillState::Active,
        Some("inactive") => SkillState::Inactive,
        Some("deleted") => SkillState::Deleted,
        Some(other) => SkillState::Other(other.to_owned()),
    };
    Ok(AgentSkill {
        skill: SkillId::new(skill.need("id")?),
        name: skill.text("name"),
        proficiency: skill.number("proficiency"),
        state,
    })
}

/// A predictor: what routes some queues by prediction in the place of waiting time and priority.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Predictor {
    /// Its id.
    pub id: String,
    /// The queues that it is made for.
    pub queues: Vec<QueueId>,
    /// Its state as the host writes it, such as `Active`.
    pub state: Option<String>,
}

impl Predictor {
    /// Returns whether it may be routing: one that is being made or has failed does not, any other state might.
    pub fn may_route(&self) -> bool {
        !matches!(self.state.as_deref(), Some("Created" | "Error"))
    }
}

/// Reads a predictor.
///
/// # Errors
/// It has no id.
pub fn read_predictor(entity: &str) -> Result<Predictor, String> {
    let predictor = Object::read(entity)?;
    let queue = |raw: &serde_json::value::RawValue| Object::read(raw.get()).ok()?.text("id");
    let queues = predictor.list("queues").into_iter().filter_map(queue);
    Ok(Predictor {
        id: predictor.need("id")?,
        queues: queues.map(QueueId::new).collect(),
        state: predictor.text("state"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_read_with_its_settings() {
        let queue = read_queue(
            r#"{"id":"q1","name":"Support","division":{"id":"d1"},"memberCount":12.0,"new":{"x":1},
                "mediaSettings":{"call":{"serviceLevel":{"percentage":0.8,"durationMs":2E4}},
                                 "chat":{"serviceLevel":null},"email":null},
                "skillEvaluationMethod":"ALL","scoringMethod":"PriorityOnly","bullseye":{"rings":[{},{}]}}"#,
        )
        .unwrap();
        let target = ServiceTarget {
            media: "call".to_owned(),
            share: 0.8,
            within_ms: 20_000,
        };
        assert_eq!(queue.targets, [target]);
        assert_eq!((queue.rings, queue.members), (2, Some(12)));
        assert_eq!(queue.division, Some(DivisionId::new("d1")));
        assert_eq!(queue.agent_choice, AgentChoice::LongestIdle);
        assert_eq!(queue.order, QueueOrder::PriorityOnly);
    }

    #[test]
    fn what_a_queue_does_not_say_or_says_anew_is_kept_apart() {
        let bare = read_queue(r#"{"id":"q1","mediaSettings":null,"bullseye":null}"#).unwrap();
        assert_eq!((bare.name.as_str(), bare.rings), ("q1", 0));
        assert_eq!(bare.agent_choice, AgentChoice::Unsaid);
        assert_eq!(bare.order, QueueOrder::MinutesAndPriority);
        let newer =
            r#"{"id":"q1","name":"n","scoringMethod":"Lottery","skillEvaluationMethod":"SOME"}"#;
        let newer = read_queue(newer).unwrap();
        assert_eq!(newer.order, QueueOrder::Other("Lottery".to_owned()));
        assert_eq!(newer.agent_choice, AgentChoice::Other("SOME".to_owned()));
        assert_eq!(
            read_queue(r#"{"name":"secret"}"#),
            Err("has no text `id`".to_owned())
        );
    }

    #[test]
    fn members_codes_skills_and_predictors_are_read() {
        let member = read_member(r#"{"id":"u1","ringNumber":1.0,"joined":true,"user":{}}"#);
        assert_eq!(member.unwrap().ring, Some(1));
        assert!(read_wrap_up_code(r#"{"id":"w1"}"#).is_err());
        let skill = r#"{"id":"s1","proficiency":4,"state":"resting"}"#;
        let skill = read_agent_skill(skill).unwrap();
        assert_eq!(skill.proficiency, Some(4.0));
        assert!(!skill.state.is_active());
        let predictor = r#"{"id":"p1","queues":[{"id":"q1"},7],"state":"Active"}"#;
        let predictor = read_predictor(predictor).unwrap();
        assert_eq!(predictor.queues, [QueueId::new("q1")]);
        assert!(predictor.may_route());
    }
}
