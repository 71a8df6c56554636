//! The floor: who serves whom, and what happens next.
//!
//! Simultaneous events leave in the order of [`Happening`], then of contact or agent number. In particular a caller who
//! gives up is gone before the selection at the same instant.

mod presence;
mod today;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

pub use self::presence::Activity;
use self::presence::Presence;
use self::today::Today;
use super::blueprint::{Agent, Blueprint, Duty, UNTIL_DRAINED};
use super::calendar::{Calendar, MINUTE, SECOND, SLOT, kind_of, weekday};
use super::callers::{Caller, callers_of};
use super::contact::{Alert, Contact, Queue, Service, Visit, Wait};
use super::draw::whole;
use super::line::{Lines, Routing, Visitor, Waiting};
use super::past::Past;
use super::troubles;
use super::{NEUTRAL_MINUTES, Outcome, TimeMs};

/// The centre's state and how it goes on.
#[derive(Clone, Debug)]
pub(super) struct Floor {
    blueprint: Blueprint,
    calendar: Calendar,
    /// What is to come, earliest first.
    agenda: BinaryHeap<Reverse<(TimeMs, Happening)>>,
    today: Today,
    /// Who waits, except those for whom a telephone rings.
    pub(super) lines: Lines,
    /// Per agent, what they are at.
    agents: Vec<Presence>,
    /// Per agent, when they are missing on that day though the roster says otherwise.
    absences: Vec<Vec<Duty>>,
    /// All visits so far, by queue.
    tallies: [Tally; 2],
    /// First visits to the target queue so far.
    offered: usize,
}

/// What can happen; the order of the variants is the order of simultaneous events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Happening {
    /// Local midnight of this day.
    DayBegins(i64),
    /// On this visit of a contact, patience ends.
    GivesUp { contact: usize, leg: usize },
    /// On this visit of a contact, voicemail is offered.
    FlowsOut { contact: usize, leg: usize },
    /// This agent's telephone stops ringing: answered or missed.
    RingEnds(usize),
    /// This agent has finished a call and its after-call work.
    Finishes(usize),
    /// This agent begins a shift, is back from lunch or a break, or has noticed a missed call.
    Returns(usize),
    /// The agent passes this contact on to the other queue.
    PassedOn(usize),
    /// This caller enters the queue.
    Enters(usize),
}

/// What became of the visits to one queue.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    offered: usize,
    served: usize,
    abandoned: usize,
    flowed_out: usize,
}

impl Floor {
    /// The floor at midnight, `history_days` days before the local day of `start`, with all head starts alike.
    pub(super) fn new(blueprint: Blueprint, start: TimeMs, history_days: u16) -> Floor {
        let calendar = Calendar::with_start_at_two(start);
        let day = calendar.day_of(start) - i64::from(history_days);
        Floor::at_midnight(blueprint, calendar, day)
    }

    /// All who enter on a local day, and what became of them, as if all head starts had always been alike.
    ///
    /// Nobody is in the centre at midnight, and callers are drawn by the day's number: a day needs no other before it.
    pub(super) fn contacts_of(&self, day: i64) -> Vec<Contact> {
        let mut apart = Floor::at_midnight(self.blueprint.clone(), self.calendar, day);
        let mut past = Past::default();
        apart.run_to(self.calendar.midnight(day + 1) - 1, &mut past);
        past.contacts
    }

    /// The local day of an instant.
    pub(super) fn day_of(&self, instant: TimeMs) -> i64 {
        self.calendar.day_of(instant)
    }

    fn at_midnight(blueprint: Blueprint, calendar: Calendar, day: i64) -> Floor {
        Floor {
            calendar,
            agenda: BinaryHeap::from([Reverse((
                calendar.midnight(day),
                Happening::DayBegins(day),
            ))]),
            today: Today::nobody(day),
            lines: Lines::new(blueprint.n_skills()),
            agents: Vec::new(),
            absences: Vec::new(),
            tallies: [Tally::default(); 2],
            offered: 0,
            blueprint,
        }
    }

    /// Lets everything up to and including `until` happen, and notes it in `past`.
    pub(super) fn run_to(&mut self, until: TimeMs, past: &mut Past) {
        while let Some(Reverse((at, happening))) = self.agenda.peek().copied()
            && at <= until
        {
            self.agenda.pop();
            match happening {
                Happening::DayBegins(day) => self.begin_day(day),
                Happening::GivesUp { contact, leg } => {
                    self.leave(contact, leg, Outcome::Abandoned, at, past);
                }
                Happening::FlowsOut { contact, leg } => {
                    self.leave(contact, leg, Outcome::FlowedOut, at, past);
                }
                Happening::RingEnds(agent) => self.end_ring(agent, at, past),
                Happening::Finishes(agent) => self.finish(agent, at, past),
                Happening::Returns(agent) => self.return_to_work(agent, at),
                Happening::PassedOn(contact) => self.pass_on(contact, at, past),
                Happening::Enters(caller) => self.enter(caller, at, past),
            }
            self.check_nobody_is_lost(past);
        }
    }

    fn check_nobody_is_lost(&self, past: &Past) {
        for queue in Queue::ALL {
            let here = |visitor: &&Visitor| visitor.queue == queue;
            let present = self.visitors().filter(here).count();
            let tally = self.tallies[queue.index()];
            assert!(
                tally.offered == tally.served + tally.abandoned + tally.flowed_out + present,
                "offered = served + abandoned + flowed out + waiting + alerting + in service"
            );
        }
        assert!(
            self.offered == past.conversations.len() + self.busy() + self.waiting(),
            "callers of the target queue = ended + in service + waiting"
        );
    }

    pub(super) fn set_head_starts(&mut self, minutes: &[f64]) {
        assert!(
            minutes.len() >= self.lines.head_starts.len(),
            "each skill with callers has a head start"
        );
        let ms = |minutes: f64| i64::from(whole(libm::round(minutes * MINUTE as f64)));
        for (head_start, minutes) in self.lines.head_starts.iter_mut().zip(minutes) {
            *head_start = ms(*minutes) - ms(NEUTRAL_MINUTES);
        }
    }

    /// Routes a queue so; who may be served by an idle agent all at once, is.
    pub(super) fn set_routing(&mut self, queue: Queue, routing: Routing, now: TimeMs) {
        self.lines.routing[queue.index()] = routing;
        let mut idle: Vec<(TimeMs, usize)> = self.idle(now).collect();
        idle.sort_unstable();
        for (_, agent) in idle {
            self.take_next(agent, now);
        }
    }

    pub(super) fn agents(&self) -> &[Agent] {
        &self.blueprint.agents
    }

    #[cfg(test)]
    pub(super) fn blueprint(&self) -> &Blueprint {
        &self.blueprint
    }

    /// The target queue's callers in line or with a telephone ringing for them.
    pub(super) fn waiting(&self) -> usize {
        let in_line = self.lines.waiting().iter();
        in_line
            .chain(self.alerting())
            .filter(|visitor| visitor.is_caller_of_target())
            .count()
    }

    /// Agents with a caller of the target queue.
    pub(super) fn busy(&self) -> usize {
        self.served()
            .filter(|visitor| visitor.is_caller_of_target())
            .count()
    }

    pub(super) fn offered(&self) -> usize {
        self.offered
    }

    /// Everybody who waits, by contact number.
    pub(super) fn waiting_now(&self) -> Vec<Waiting> {
        let in_line = self.lines.waiting().iter();
        let in_line = in_line.map(|visitor| self.lines.seen(visitor, false));
        let alerting = self
            .alerting()
            .map(|visitor| self.lines.seen(visitor, true));
        let mut waiting: Vec<Waiting> = in_line.chain(alerting).collect();
        waiting.sort_by_key(|one| one.contact);
        waiting
    }

    pub(super) fn activity(&self, agent: usize, now: TimeMs) -> Activity {
        self.agents
            .get(agent)
            .map_or(Activity::OffQueue, |presence| {
                presence.activity(self.is_on_duty(agent, now))
            })
    }

    /// The agent's stretches of work on all days that the stretch from `from` to `to` touches.
    ///
    /// Those who close the centre are taken to leave half an hour after closing: a little after the last caller.
    pub(super) fn duties(&self, agent: usize, from: TimeMs, to: TimeMs) -> Vec<(TimeMs, TimeMs)> {
        let mut stretches = Vec::new();
        let Some(roster) = self.blueprint.agents.get(agent) else {
            return stretches;
        };
        for day in self.calendar.day_of(from)..=self.calendar.day_of(to) {
            let midnight = self.calendar.midnight(day);
            let close = self.blueprint.hours(kind_of(weekday(day))).close as i64 * SLOT;
            let absences = troubles::absences(&self.blueprint, agent, day);
            for duty in &roster.duties[weekday(day)] {
                let end = if duty.end == UNTIL_DRAINED {
                    close + SLOT
                } else {
                    duty.end
                };
                let present = troubles::present(Duty { end, ..*duty }, &absences);
                stretches.extend(present.map(|duty| (midnight + duty.start, midnight + duty.end)));
            }
        }
        stretches
    }

    fn alerting(&self) -> impl Iterator<Item = &Visitor> {
        self.agents.iter().filter_map(Presence::alerting)
    }

    fn served(&self) -> impl Iterator<Item = &Visitor> {
        self.agents.iter().filter_map(Presence::served)
    }

    /// Everybody in the centre.
    fn visitors(&self) -> impl Iterator<Item = &Visitor> {
        let in_line = self.lines.waiting().iter();
        in_line.chain(self.alerting()).chain(self.served())
    }

    fn begin_day(&mut self, day: i64) {
        assert!(
            self.visitors().next().is_none(),
            "nobody is in the centre at midnight"
        );
        // All that can be left on the agenda is the patience of callers answered long ago.
        self.agenda.clear();
        let midnight = self.calendar.midnight(day);
        let callers = callers_of(&self.blueprint, day, midnight);
        self.open(day, callers);
        self.agenda.push(Reverse((
            self.calendar.midnight(day + 1),
            Happening::DayBegins(day + 1),
        )));
    }

    /// Lets a day pass with these callers, in order of their start, until nobody is left.
    pub(super) fn replay(&mut self, day: i64, callers: Vec<Caller>, past: &mut Past) {
        self.agenda.clear();
        self.open(day, callers);
        self.run_to(self.calendar.midnight(day + 1), past);
    }

    /// Begins a day with these callers, in order of their start.
    fn open(&mut self, day: i64, callers: Vec<Caller>) {
        let midnight = self.calendar.midnight(day);
        self.today.begin(day, callers);
        self.agents = vec![Presence::Idle { since: midnight }; self.blueprint.agents.len()];
        for (index, agent) in self.blueprint.agents.iter().enumerate() {
            for duty in &agent.duties[weekday(day)] {
                self.agenda
                    .push(Reverse((midnight + duty.start, Happening::Returns(index))));
            }
        }
        let agents = 0..self.blueprint.agents.len();
        self.absences = agents
            .map(|agent| troubles::absences(&self.blueprint, agent, day))
            .collect();
        for (index, absences) in self.absences.iter().enumerate() {
            for absence in absences {
                self.agenda
                    .push(Reverse((midnight + absence.end, Happening::Returns(index))));
            }
        }
        self.expect_caller();
    }

    fn expect(&mut self, at: TimeMs, happening: Happening) {
        self.agenda.push(Reverse((at, happening)));
    }

    fn expect_caller(&mut self) {
        if let Some((start, place)) = self.today.expected() {
            self.expect(start, Happening::Enters(place));
        }
    }

    fn enter(&mut self, place: usize, now: TimeMs, past: &mut Past) {
        let Some(contact) = self.today.enter(place) else {
            return;
        };
        self.expect_caller();
        let Caller {
            queue,
            skills,
            fate,
            ..
        } = self.today.caller(contact);
        self.offered += usize::from(queue == Queue::Target);
        past.contacts.push(Contact { visits: Vec::new() });
        let visitor = Visitor {
            contact,
            leg: 0,
            queue,
            skills,
            entered: now,
            priority: self.lines.priority_on_entry(queue, skills),
            fate,
            missed: 0,
        };
        self.admit(visitor, now, past);
    }

    /// Lets a caller who has given up call again, if they will and it is not too late in the day.
    fn expect_again(&mut self, contact: usize, now: TimeMs) {
        let day = self.today.day;
        let hours = self.blueprint.hours(kind_of(weekday(day)));
        let closes = self.calendar.midnight(day) + hours.last_entry();
        if self.today.call_again(contact, now, closes) {
            self.expect_caller();
        }
    }

    /// Lets a caller whom an agent passes on enter the other queue, where they have no priority.
    fn pass_on(&mut self, contact: usize, now: TimeMs, past: &mut Past) {
        if let Some(onward) = self.today.caller(contact).onward {
            let visitor = Visitor {
                contact,
                leg: 1,
                queue: onward.queue,
                skills: onward.skills,
                entered: now,
                priority: 0,
                fate: onward.fate,
                missed: 0,
            };
            self.admit(visitor, now, past);
        }
    }

    /// Lets a visitor enter a queue: to an idle agent, or into the line.
    fn admit(&mut self, visitor: Visitor, now: TimeMs, past: &mut Past) {
        let Visitor {
            contact, leg, fate, ..
        } = visitor;
        self.tallies[visitor.queue.index()].offered += 1;
        past.contacts[contact].visits.push(Visit {
            queue: visitor.queue,
            skills: visitor.skills,
            entered: now,
            priority: visitor.priority,
            alerts: Vec::new(),
            wait: None,
            service: None,
        });
        if let Some(patience) = fate.patience_ms {
            self.expect(
                now + i64::from(patience),
                Happening::GivesUp { contact, leg },
            );
        }
        if let Some(voicemail) = fate.voicemail_ms {
            self.expect(
                now + i64::from(voicemail),
                Happening::FlowsOut { contact, leg },
            );
        }
        self.find_agent(visitor, now);
    }

    /// Rings the idle agent who has been idle longest of those who may serve the visitor; of several, the first by number.
    fn find_agent(&mut self, visitor: Visitor, now: TimeMs) {
        let able = |(_, agent): &(TimeMs, usize)| {
            self.lines
                .may_serve(&self.blueprint.agents[*agent], &visitor)
        };
        match self.idle(now).filter(able).min() {
            Some((_, agent)) => self.ring(agent, visitor, now),
            None => self.lines.join(visitor),
        }
    }

    /// Idle agents on duty, with the instant since which they are idle.
    fn idle(&self, now: TimeMs) -> impl Iterator<Item = (TimeMs, usize)> {
        let presences = self.agents.iter().enumerate();
        presences.filter_map(move |(index, presence)| {
            let since = presence.idle_since()?;
            self.is_on_duty(index, now).then_some((since, index))
        })
    }

    fn is_on_duty(&self, agent: usize, now: TimeMs) -> bool {
        let day = self.today.day;
        let time_of_day = now - self.calendar.midnight(day);
        self.blueprint.agents[agent].on_duty(weekday(day), time_of_day)
            && !self.absences[agent]
                .iter()
                .any(|absence| (absence.start..absence.end).contains(&time_of_day))
    }

    fn ring(&mut self, agent: usize, visitor: Visitor, now: TimeMs) {
        assert!(
            matches!(self.agents[agent], Presence::Idle { .. }),
            "an agent serves one caller at a time"
        );
        let until = if visitor.missed < visitor.fate.misses {
            // Between eight and twelve seconds, by the caller's own number, so that it is no draw.
            now + 8 * SECOND + i64::from(visitor.fate.talk_ms % 4_001)
        } else {
            now + i64::from(self.blueprint.ring_ms)
        };
        self.agents[agent] = Presence::Ringing {
            visitor,
            since: now,
            until,
        };
        self.expect(until, Happening::RingEnds(agent));
    }

    fn end_ring(&mut self, agent: usize, now: TimeMs, past: &mut Past) {
        match self.agents[agent] {
            Presence::Ringing {
                visitor,
                since,
                until,
            } if until == now => {
                if visitor.missed < visitor.fate.misses {
                    self.miss(agent, visitor, since, now, past);
                } else {
                    self.answer(agent, visitor, now, past);
                }
            }
            // The caller for whom it rang has left.
            Presence::Idle { .. }
            | Presence::Ringing { .. }
            | Presence::Serving(_)
            | Presence::Away => {}
        }
    }

    /// Lets the next agent have a caller whom this one did not answer. The caller keeps their time of entry.
    fn miss(
        &mut self,
        agent: usize,
        visitor: Visitor,
        since: TimeMs,
        now: TimeMs,
        past: &mut Past,
    ) {
        self.agents[agent] = Presence::Away;
        self.expect(now + AWAY, Happening::Returns(agent));
        note_alert(visitor, agent, since, now, true, past);
        let missed = visitor.missed + 1;
        self.find_agent(Visitor { missed, ..visitor }, now);
    }

    fn answer(&mut self, agent: usize, visitor: Visitor, now: TimeMs, past: &mut Past) {
        self.agents[agent] = Presence::Serving(visitor);
        let Visitor { contact, fate, .. } = visitor;
        let pace = troubles::pace(&self.blueprint, agent);
        let talk_ms = whole(pace * f64::from(fate.talk_ms));
        let after_call_ms = whole(pace * f64::from(fate.after_call_ms));
        let talk_end = now + i64::from(talk_ms);
        let onward = self.today.caller(contact).onward;
        let passed_on = visitor.leg == 0 && onward.is_some();
        if passed_on {
            self.expect(talk_end, Happening::PassedOn(contact));
        }
        self.expect(
            talk_end + i64::from(after_call_ms),
            Happening::Finishes(agent),
        );
        let visit = past.visit(contact, visitor.leg);
        visit.wait = Some(Wait {
            outcome: Outcome::Answered,
            ms: visitor.waited_ms(now),
        });
        visit.service = Some(Service {
            agent: number(agent),
            ring_ms: self.blueprint.ring_ms,
            talk_ms,
            after_call_ms,
            coding: fate.coding,
            passed_on,
        });
    }

    fn finish(&mut self, agent: usize, now: TimeMs, past: &mut Past) {
        let Presence::Serving(visitor) = self.agents[agent] else {
            panic!("only an agent with a caller finishes");
        };
        self.tallies[visitor.queue.index()].served += 1;
        if visitor.is_caller_of_target() {
            past.end(visitor.contact);
        }
        self.agents[agent] = Presence::Idle { since: now };
        self.take_next(agent, now);
    }

    fn return_to_work(&mut self, agent: usize, now: TimeMs) {
        // A call may have outlasted the whole lunch break.
        if matches!(self.agents[agent], Presence::Idle { .. } | Presence::Away) {
            self.agents[agent] = Presence::Idle { since: now };
            self.take_next(agent, now);
        }
    }

    /// Rings a free agent for the next caller, if on duty.
    fn take_next(&mut self, agent: usize, now: TimeMs) {
        if self.is_on_duty(agent, now)
            && let Some(visitor) = self.lines.take_next(&self.blueprint.agents[agent], now)
        {
            self.ring(agent, visitor, now);
        }
    }

    /// Ends a wait, unless it has ended: whoever has been answered in the meantime stays.
    fn leave(
        &mut self,
        contact: usize,
        leg: usize,
        outcome: Outcome,
        now: TimeMs,
        past: &mut Past,
    ) {
        let is_it = |visitor: &Visitor| (visitor.contact, visitor.leg) == (contact, leg);
        let mut agents = (0..).zip(&self.agents);
        let ringing = agents.find_map(|(agent, presence)| {
            let (visitor, since) = presence.ringing()?;
            is_it(visitor).then_some((agent, *visitor, since))
        });
        let Some(visitor) = self
            .lines
            .leave(contact, leg)
            .or(ringing.map(|(_, visitor, _)| visitor))
        else {
            return;
        };
        past.visit(contact, leg).wait = Some(Wait {
            outcome,
            ms: visitor.waited_ms(now),
        });
        let tally = &mut self.tallies[visitor.queue.index()];
        match outcome {
            Outcome::Abandoned => {
                tally.abandoned += 1;
                if leg == 0 {
                    self.expect_again(contact, now);
                }
            }
            Outcome::FlowedOut => tally.flowed_out += 1,
            Outcome::Answered => panic!("who is answered does not leave"),
        }
        if let Some((agent, _, since)) = ringing {
            note_alert(visitor, agent, since, now, false, past);
            self.agents[agent] = Presence::Idle { since: now };
        }
        if visitor.is_caller_of_target() {
            past.end(contact);
        }
        if let Some((agent, ..)) = ringing {
            self.take_next(agent, now);
        }
    }
}

/// How long an agent who has missed a call is away.
const AWAY: i64 = MINUTE;

/// Notes that a telephone rang in vain.
fn note_alert(
    visitor: Visitor,
    agent: usize,
    from: TimeMs,
    to: TimeMs,
    missed: bool,
    past: &mut Past,
) {
    let alert = Alert {
        agent: number(agent),
        from,
        to,
        missed,
    };
    past.visit(visitor.contact, visitor.leg).alerts.push(alert);
}

fn number(agent: usize) -> u16 {
    u16::try_from(agent).expect("a centre has a few dozen agents")
}

#[cfg(test)]
mod tests;
