//! What the centre did, as the published platform records it: conversation records, and aggregates of the same.
//!
//! Start at `Book`, which puts ids on a centre. `record` turns one contact into the sessions, metrics and segments that
//! the platform would have seen up to an instant; `json` writes them; `emission` says which numbers go into aggregates, and
//! `aggregate` sums them up. `quirks` is where the records are less tidy than one would like, `customer` what they tell
//! about people. Nothing is kept: a record is made when it is asked for, the same bytes each time.

mod aggregate;
mod customer;
mod emission;
mod json;
mod quirks;
mod record;
#[cfg(test)]
mod tests;

pub use customer::CANARY;

pub(crate) use aggregate::{Question, Stats, aggregate};
pub(crate) use emission::{Dimension, MetricName};
pub(crate) use json::Detail;
pub(crate) use record::{Facts, Record};

use std::ops::Range;

use uuid::Uuid;

use crate::centre::{Centre, Coding, Contact, Queue, TimeMs};
use crate::tenant::Tenant;

/// Every call is greeted for so long before it enters a queue. The same for all, so that conversations begin in the order
/// in which they enter.
pub(crate) const GREETING_MS: i64 = 5_000;

/// An abandonment before this is a short one.
pub(crate) const SHORT_ABANDON_MS: u32 = 5_000;

/// An answer within this is within the service level of each queue.
pub(crate) const SERVICE_LEVEL_MS: u32 = 20_000;

/// The share of answers within the service level that each queue aims at.
pub(crate) const SERVICE_LEVEL_TARGET: f64 = 0.8;

/// The ids under which the platform knows a centre's queues, skills, codes, people and divisions; see `Book`.
#[derive(Clone, Debug)]
pub(crate) struct Ids {
    pub(crate) queues: Vec<String>,
    pub(crate) skills: Vec<String>,
    pub(crate) codes: Vec<String>,
    pub(crate) users: Vec<String>,
    pub(crate) divisions: Vec<String>,
}

impl Ids {
    /// Those of a tenant.
    pub(crate) fn of(tenant: &Tenant) -> Ids {
        let organisation = &tenant.organisation;
        let own = |id: &String| id.clone();
        Ids {
            queues: organisation.queues.iter().map(|one| own(&one.id)).collect(),
            skills: tenant.skills.iter().map(|one| own(&one.id)).collect(),
            codes: tenant.codes.iter().map(|one| own(&one.id)).collect(),
            users: organisation.users.iter().map(|one| own(&one.id)).collect(),
            divisions: organisation
                .divisions
                .iter()
                .map(|one| own(&one.id))
                .collect(),
        }
    }

    /// Puts the ids on a centre.
    pub(crate) fn book<'a>(&'a self, seed: u64, centre: &'a Centre) -> Book<'a> {
        Book {
            seed,
            centre,
            queues: &self.queues,
            skills: &self.skills,
            codes: &self.codes,
            users: &self.users,
            divisions: &self.divisions,
        }
    }
}

/// A centre with the ids under which the platform knows its queues, skills, codes, people and divisions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Book<'a> {
    /// Makes the ids of conversations, and their quirks.
    pub(crate) seed: u64,
    /// What happened.
    pub(crate) centre: &'a Centre,
    /// Ids by [`Queue::index`].
    pub(crate) queues: &'a [String],
    /// Ids by the centre's skill index.
    pub(crate) skills: &'a [String],
    /// Ids by the centre's code index.
    pub(crate) codes: &'a [String],
    /// Ids by agent number.
    pub(crate) users: &'a [String],
    /// Everybody's home first, then the one of those whose conversations are not for all to see.
    pub(crate) divisions: &'a [String],
}

impl<'a> Book<'a> {
    /// The numbers of the contacts whose conversations started in a stretch, as far as they had entered by `until`.
    pub(crate) fn started(&self, from: TimeMs, to: TimeMs, until: TimeMs) -> Range<usize> {
        let contacts = self.centre.contacts();
        let entered_before = |at: TimeMs| contacts.partition_point(|contact| contact.start() < at);
        let from = entered_before(from.saturating_add(GREETING_MS));
        let to = entered_before(std::cmp::min(
            to.saturating_add(GREETING_MS),
            until.saturating_add(1),
        ));
        from..std::cmp::max(from, to)
    }

    /// The record of one contact as known at `until`; `None` if it had not entered a queue by then.
    pub(crate) fn record(&self, number: usize, until: TimeMs) -> Option<Record> {
        let contact = self.centre.contacts().get(number)?;
        (contact.start() <= until).then(|| Record::of(self.seed, number, contact, until))
    }

    /// The record of a contact that the centre does not remember, all of which has ended.
    pub(crate) fn whole_record(&self, number: usize, contact: &Contact) -> Record {
        Record::of(self.seed, number, contact, TimeMs::MAX)
    }

    /// The id of a contact's conversation.
    pub(crate) fn conversation_id(&self, number: usize) -> Uuid {
        conversation_id(self.seed, number)
    }

    /// A queue's id.
    pub(crate) fn queue(&self, queue: Queue) -> &'a str {
        id(self.queues, queue.index())
    }

    /// A skill's id.
    pub(crate) fn skill(&self, skill: u16) -> &'a str {
        id(self.skills, usize::from(skill))
    }

    /// An agent's id.
    pub(crate) fn user(&self, agent: u16) -> &'a str {
        id(self.users, usize::from(agent))
    }

    /// What stands in the place of a code; `None` where nothing does.
    pub(crate) fn code(&self, coding: Coding) -> Option<&'a str> {
        match coding {
            Coding::Code(code) => Some(id(self.codes, usize::from(code))),
            Coding::RanOut => Some("ININ-WRAP-UP-TIMEOUT"),
            Coding::Skipped => Some("ININ-WRAP-UP-SKIPPED"),
            Coding::Empty | Coding::Never => None,
        }
    }

    /// The divisions of a contact's conversation.
    pub(crate) fn divisions(&self, number: usize) -> &'a [String] {
        let n = 1 + usize::from(quirks::is_outsourced(self.seed, number));
        self.divisions.get(..n).unwrap_or(self.divisions)
    }
}

/// How a contact's customer got in touch.
pub(crate) fn media_of(seed: u64, number: usize) -> quirks::Media {
    quirks::Quirks::of(seed, number).media
}

/// The id of the queue's session on one visit of a contact; `None` if there is no such visit.
pub(crate) fn session_id(book: &Book<'_>, number: usize, leg: usize) -> Option<String> {
    let record = book.record(number, book.centre.now())?;
    let sessions = (0..).zip(&record.parties);
    let mut of_queue = sessions.filter(|(_, party)| party.facts.purpose == record::Purpose::Acd);
    let (place, _) = of_queue.nth(leg)?;
    Some(json::part(book.conversation_id(number), "session", place))
}

/// The id of a contact's conversation.
fn conversation_id(seed: u64, number: usize) -> Uuid {
    let name = format!("{seed}/conversation/{number}");
    Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes())
}

/// An id by its place. The centre's indices are those of its tenant; a stranger's book still yields something to see.
fn id(ids: &[String], place: usize) -> &str {
    ids.get(place).map_or("unknown", String::as_str)
}
