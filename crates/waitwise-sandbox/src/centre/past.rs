//! What has happened so far.

use std::collections::BTreeSet;

use super::contact::{Contact, Queue, Service, Skills, Visit, Wait};
use super::{Conversation, Outcome};

/// All contacts, and the target queue's conversations that have ended.
#[derive(Clone, Debug, Default)]
pub(super) struct Past {
    /// Everybody who has entered, in that order, filled in as things happen.
    pub(super) contacts: Vec<Contact>,
    /// By contact number, which is also the order of their starts.
    pub(super) conversations: Vec<Conversation>,
    /// The contact number of each conversation.
    numbers: Vec<usize>,
}

impl Past {
    /// A past that was recorded elsewhere, in order of start.
    pub(super) fn recorded(conversations: Vec<Conversation>) -> Past {
        Past {
            contacts: contacts(&conversations),
            numbers: (0..conversations.len()).collect(),
            conversations,
        }
    }

    /// Agents who have answered somebody; recorded ones are numbered without gaps.
    pub(super) fn n_agents(&self) -> usize {
        let agents = self.services().map(|(_, service)| service.agent);
        agents.max().map_or(0, |agent| usize::from(agent) + 1)
    }

    /// The skills that an agent was asked for.
    pub(super) fn skills_of(&self, agent: u16) -> Vec<u16> {
        let of_agent = self
            .services()
            .filter(|(_, service)| service.agent == agent);
        let skills: BTreeSet<u16> = of_agent
            .flat_map(|(visit, _)| visit.skills.iter())
            .collect();
        skills.into_iter().collect()
    }

    fn services(&self) -> impl Iterator<Item = (&Visit, Service)> {
        let visits = self.contacts.iter().flat_map(|contact| &contact.visits);
        visits.filter_map(|visit| Some((visit, visit.service?)))
    }

    pub(super) fn visit(&mut self, contact: usize, leg: usize) -> &mut Visit {
        &mut self.contacts[contact].visits[leg]
    }

    /// Puts a contact's first visit, which has ended, where its number belongs: near the end, as all of a day end within
    /// the day.
    pub(super) fn end(&mut self, contact: usize) {
        let place = self
            .numbers
            .iter()
            .rposition(|earlier| *earlier < contact)
            .map_or(0, |before| before + 1);
        let conversation = conversation(&self.contacts[contact].visits[0]);
        self.numbers.insert(place, contact);
        self.conversations.insert(place, conversation);
    }
}

/// A visit that has ended, in short.
fn conversation(visit: &Visit) -> Conversation {
    let wait = visit.wait.expect("the visit has ended");
    Conversation {
        start: visit.entered,
        skill: visit.skills.first,
        code: visit.service.and_then(|service| service.coding.code()),
        outcome: wait.outcome,
        wait_ms: wait.ms,
        handle_ms: visit
            .service
            .map_or(0, |service| service.talk_ms + service.after_call_ms),
    }
}

/// Recorded conversations as contacts. Call records name neither agents nor after-call work: each goes to the first agent
/// who is free, and all handling is talk.
fn contacts(conversations: &[Conversation]) -> Vec<Contact> {
    let mut answered: Vec<usize> = (0..conversations.len())
        .filter(|place| conversations[*place].outcome == Outcome::Answered)
        .collect();
    let answer =
        |place: &usize| conversations[*place].start + i64::from(conversations[*place].wait_ms);
    answered.sort_by_key(|place| (answer(place), *place));
    let mut contacts: Vec<Contact> = conversations.iter().map(contact).collect();
    let mut free_from = Vec::new();
    for place in answered {
        let from = answer(&place);
        let agent = free_from
            .iter()
            .position(|free| *free <= from)
            .unwrap_or_else(|| {
                free_from.push(from);
                free_from.len() - 1
            });
        free_from[agent] = from + i64::from(conversations[place].handle_ms);
        if let Some(service) = &mut contacts[place].visits[0].service {
            service.agent = u16::try_from(agent).unwrap_or(u16::MAX);
        }
    }
    contacts
}

fn contact(conversation: &Conversation) -> Contact {
    let service = Service {
        agent: 0,
        ring_ms: 0,
        talk_ms: conversation.handle_ms,
        after_call_ms: 0,
        coding: conversation
            .code
            .map_or(super::Coding::Never, super::Coding::Code),
        passed_on: false,
    };
    let visit = Visit {
        queue: Queue::Target,
        skills: Skills::one(conversation.skill),
        entered: conversation.start,
        priority: 0,
        alerts: Vec::new(),
        wait: Some(Wait {
            outcome: conversation.outcome,
            ms: conversation.wait_ms,
        }),
        service: (conversation.outcome == Outcome::Answered).then_some(service),
    };
    Contact {
        visits: vec![visit],
    }
}
