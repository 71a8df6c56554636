//! The floor: who serves whom, and what happens next.
//!
//! Simultaneous events leave in the order of [`Happening`], then of contact or agent number. In particular a caller who
//! gives up is gone before the selection at the same instant.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::blueprint::{Agent, Blueprint, UNTIL_DRAINED};
use super::calendar::{Calendar, MINUTE, SECOND, SLOT, kind_of, weekday};
use super::callers::{Caller, callers_of};
use super::contact::{Alert, Contact, Queue, Service, Visit, Wait};
use super::draw::whole;
use super::line::{Lines, Routing, Visitor, Waiting};
use super::past::Past;
use super::{NEUTRAL_MINUTES, Outcome, TimeMs};

/// The centre's state and how it goes on.
#[derive(Clone, Debug)]
pub(super) struct Floor {
    blueprint: Blueprint,
    calendar: Calendar,
    /// What is to come, earliest first.
    agenda: BinaryHeap<Reverse<(TimeMs, Happening)>>,
    /// The local day being simulated, from 1970-01-01.
    day: i64,
    /// That day's callers in order of arrival, those yet to come included.
    callers: Vec<Caller>,
    /// Contact number of the day's first caller.
    first_number: usize,
    /// How many of the day's callers have entered.
    entered: usize,
    /// Who waits, except those for whom a telephone rings.
    pub(super) lines: Lines,
    /// Per agent, what they are at.
    agents: Vec<Presence>,
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
    /// This agent begins a shift, is back from lunch, or has noticed a missed call.
    Returns(usize),
    /// The agent passes this contact on to the other queue.
    PassedOn(usize),
    /// This caller enters the queue.
    Enters(usize),
}

/// What an agent is at. An idle agent off duty is at home or at lunch.
#[derive(Clone, Copy, Debug)]
enum Presence {
    Idle {
        since: TimeMs,
    },
    Ringing {
        visitor: Visitor,
        since: TimeMs,
        until: TimeMs,
    },
    Serving(Visitor),
    /// Has not answered the telephone.
    Away,
}

/// What an agent is at, as seen from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Activity {
    /// At home or at lunch.
    OffQueue,
    /// Ready for a caller.
    Idle,
    /// The telephone rings.
    Alerting,
    /// With a caller, or at after-call work.
    Interacting,
    /// Has not answered the telephone.
    NotResponding,
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
        Floor {
            calendar,
            agenda: BinaryHeap::from([Reverse((
                calendar.midnight(day),
                Happening::DayBegins(day),
            ))]),
            day,
            callers: Vec::new(),
            first_number: 0,
            entered: 0,
            lines: Lines::new(blueprint.n_skills()),
            agents: Vec::new(),
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
        match self.agents.get(agent) {
            Some(Presence::Idle { .. }) if self.is_on_duty(agent, now) => Activity::Idle,
            Some(Presence::Idle { .. }) | None => Activity::OffQueue,
            Some(Presence::Ringing { .. }) => Activity::Alerting,
            Some(Presence::Serving(_)) => Activity::Interacting,
            Some(Presence::Away) => Activity::NotResponding,
        }
    }

    /// The agent's stretches of work on all days that the stretch from `from` to `to` touches.
    ///
    /// Those who close the centre are taken to leave half an hour after closing: a little after the last caller.
    pub(super) fn duties(&self, agent: usize, from: TimeMs, to: TimeMs) -> Vec<(TimeMs, TimeMs)> {
        let mut stretches = Vec::new();
        let Some(agent) = self.blueprint.agents.get(agent) else {
            return stretches;
        };
        for day in self.calendar.day_of(from)..=self.calendar.day_of(to) {
            let midnight = self.calendar.midnight(day);
            let close = self.blueprint.hours(kind_of(weekday(day))).close as i64 * SLOT;
            for duty in &agent.duties[weekday(day)] {
                let end = if duty.end == UNTIL_DRAINED {
                    close + SLOT
                } else {
                    duty.end
                };
                stretches.push((midnight + duty.start, midnight + end));
            }
        }
        stretches
    }

    fn alerting(&self) -> impl Iterator<Item = &Visitor> {
        self.agents.iter().filter_map(|presence| match presence {
            Presence::Ringing { visitor, .. } => Some(visitor),
            Presence::Idle { .. } | Presence::Serving(_) | Presence::Away => None,
        })
    }

    fn served(&self) -> impl Iterator<Item = &Visitor> {
        self.agents.iter().filter_map(|presence| match presence {
            Presence::Serving(visitor) => Some(visitor),
            Presence::Idle { .. } | Presence::Ringing { .. } | Presence::Away => None,
        })
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
        self.first_number += self.entered;
        self.entered = 0;
        self.day = day;
        self.callers = callers_of(&self.blueprint, day, midnight);
        self.agents = vec![Presence::Idle { since: midnight }; self.blueprint.agents.len()];
        for (index, agent) in self.blueprint.agents.iter().enumerate() {
            for duty in &agent.duties[weekday(day)] {
                self.agenda
                    .push(Reverse((midnight + duty.start, Happening::Returns(index))));
            }
        }
        self.expect_caller(0);
        self.agenda.push(Reverse((
            self.calendar.midnight(day + 1),
            Happening::DayBegins(day + 1),
        )));
    }

    fn expect(&mut self, at: TimeMs, happening: Happening) {
        self.agenda.push(Reverse((at, happening)));
    }

    fn expect_caller(&mut self, caller: usize) {
        if let Some(next) = self.callers.get(caller) {
            self.expect(next.start, Happening::Enters(caller));
        }
    }

    fn enter(&mut self, caller: usize, now: TimeMs, past: &mut Past) {
        self.entered += 1;
        self.expect_caller(caller + 1);
        let Caller {
            queue,
            skills,
            fate,
            ..
        } = self.callers[caller];
        self.offered += usize::from(queue == Queue::Target);
        past.contacts.push(Contact { visits: Vec::new() });
        let visitor = Visitor {
            contact: self.first_number + caller,
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

    /// Lets a caller whom an agent passes on enter the other queue, where they have no priority.
    fn pass_on(&mut self, contact: usize, now: TimeMs, past: &mut Past) {
        if let Some(onward) = self.callers[contact - self.first_number].onward {
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
        presences.filter_map(move |(index, presence)| match presence {
            Presence::Idle { since } if self.is_on_duty(index, now) => Some((*since, index)),
            Presence::Idle { .. }
            | Presence::Ringing { .. }
            | Presence::Serving(_)
            | Presence::Away => None,
        })
    }

    fn is_on_duty(&self, agent: usize, now: TimeMs) -> bool {
        let time_of_day = now - self.calendar.midnight(self.day);
        self.blueprint.agents[agent].on_duty(weekday(self.day), time_of_day)
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
        let talk_end = now + i64::from(fate.talk_ms);
        let onward = self.callers[contact - self.first_number].onward;
        let passed_on = visitor.leg == 0 && onward.is_some();
        if passed_on {
            self.expect(talk_end, Happening::PassedOn(contact));
        }
        self.expect(
            talk_end + i64::from(fate.after_call_ms),
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
            talk_ms: fate.talk_ms,
            after_call_ms: fate.after_call_ms,
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
        let ringing = (0..)
            .zip(&self.agents)
            .find_map(|(agent, presence)| match presence {
                Presence::Ringing { visitor, since, .. } if is_it(visitor) => {
                    Some((agent, *visitor, *since))
                }
                Presence::Idle { .. }
                | Presence::Ringing { .. }
                | Presence::Serving(_)
                | Presence::Away => None,
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
            Outcome::Abandoned => tally.abandoned += 1,
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
mod tests {
    use super::super::blueprint::{Demand, Duty, Hours};
    use super::super::calendar::{DAY, SLOTS};
    use super::super::callers::{Fate, Onward};
    use super::super::contact::{Coding, Skills};
    use super::super::line::{Evaluation, Scoring};
    use super::*;

    #[test]
    fn waiting_time_and_head_start_add_up() {
        let callers = [
            call(0, 0, 100),
            call(1, 0, 50),
            call(2, 1, 50),
            call(3, 0, 50),
        ];
        // With equal head starts by arrival; with a second's more for skill 1 its caller ties with the one before, who
        // came earlier; with more than that it overtakes.
        assert_eq!(
            order_of_service(&[&[0, 1]], &[0.0, 0.0], &callers),
            [0, 1, 2, 3]
        );
        assert_eq!(
            order_of_service(&[&[0, 1]], &[0.0, 1.0 / 60.0], &callers),
            [0, 1, 2, 3]
        );
        assert_eq!(
            order_of_service(&[&[0, 1]], &[0.0, 1.1 / 60.0], &callers),
            [0, 2, 1, 3]
        );
        assert_eq!(
            order_of_service(&[&[0, 1]], &[2.0 / 60.0, 0.0], &callers),
            [0, 1, 3, 2]
        );
    }

    #[test]
    fn a_negative_or_absurd_head_start_is_none() {
        let callers = [call(0, 0, 100), call(1, 1, 50), call(2, 0, 50)];
        assert_eq!(
            order_of_service(&[&[0, 1]], &[-5.0, f64::NAN], &callers),
            [0, 1, 2]
        );
    }

    #[test]
    fn a_head_start_given_while_callers_wait_moves_them() {
        let mut floor = floor(
            &[&[0, 1]],
            &[call(0, 0, 100), call(1, 0, 50), call(2, 1, 50)],
        );
        let mut past = Past::default();
        floor.run_to(50 * SECOND, &mut past);
        floor.set_head_starts(&[0.0, 1.0]);
        floor.run_to(DAY - 1, &mut past);
        assert_eq!(waits_secs(&past), [0, 149, 98]);
    }

    #[test]
    fn agents_take_only_callers_whose_skill_they_have() {
        let callers = [
            call(0, 0, 100),
            call(1, 1, 30),
            call(2, 0, 10),
            call(3, 1, 10),
        ];
        let past = day(&[&[0], &[1]], &[0.0, 0.0], &callers);
        assert_eq!(waits_secs(&past), [0, 0, 98, 28]);
    }

    #[test]
    fn who_gives_up_as_an_agent_gets_free_is_gone() {
        let impatient = Caller {
            fate: Fate {
                patience_ms: Some(99_000),
                ..call(1, 0, 10).fate
            },
            ..call(1, 0, 10)
        };
        let past = day(
            &[&[0]],
            &[0.0, 0.0],
            &[call(0, 0, 100), impatient, call(2, 0, 10)],
        );
        let outcomes: Vec<Outcome> = past.conversations.iter().map(|one| one.outcome).collect();
        assert_eq!(
            outcomes,
            [Outcome::Answered, Outcome::Abandoned, Outcome::Answered]
        );
        assert_eq!(waits_secs(&past), [0, 99, 98]);
        assert_eq!(
            (past.conversations[1].code, past.conversations[1].handle_ms),
            (None, 0)
        );
    }

    #[test]
    fn a_caller_goes_to_whoever_has_been_idle_longest() {
        // The first two callers settle who is idle since when: the first agent since 10 s, the second since 5 s. The
        // caller at 20 s thus goes to the second, and the one at 21 s to the first, whom the last one has to wait for.
        let callers = [
            call(0, 1, 10),
            call(1, 0, 4),
            call(20, 0, 100),
            call(21, 0, 50),
            call(22, 1, 1),
        ];
        assert_eq!(
            waits_secs(&day(&[&[0, 1], &[0]], &[0.0, 0.0], &callers)),
            [0, 0, 0, 0, 49]
        );
    }

    #[test]
    fn patience_that_lasts_past_midnight_is_forgotten() {
        // Were it remembered, the second caller of the next day would give up 200 seconds past midnight in the place of the
        // second of this day, who was answered.
        let patient = |caller: Caller, secs: u32| Caller {
            fate: Fate {
                patience_ms: Some(secs * 1_000),
                ..caller.fate
            },
            ..caller
        };
        let waits = patient(call(400, 0, 1), 86_600 - 400);
        let mut floor = floor(&[&[0]], &[call(399, 0, 9), waits]);
        let mut past = Past::default();
        floor.run_to(DAY, &mut past);
        let next_day = |secs: i64| DAY / SECOND + secs;
        let waits_too = patient(call(next_day(1), 0, 1), 80_000);
        floor.callers = vec![call(next_day(0), 0, 3_000), waits_too];
        floor.expect_caller(0);
        floor.run_to(2 * DAY - 1, &mut past);
        assert_eq!(waits_secs(&past), [0, 8, 0, 2_999]);
    }

    #[test]
    fn nobody_answers_during_lunch_but_a_call_goes_on() {
        let mut floor = floor(&[&[0]], &[call(90, 0, 20), call(100, 0, 10)]);
        let before_and_after = [
            Duty {
                start: 0,
                end: 100 * SECOND,
            },
            Duty {
                start: 160 * SECOND,
                end: DAY,
            },
        ];
        floor.blueprint.agents[0].duties = std::array::from_fn(|_| before_and_after.to_vec());
        floor
            .agenda
            .push(Reverse((160 * SECOND, Happening::Returns(0))));
        let mut past = Past::default();
        floor.run_to(DAY - 1, &mut past);
        assert_eq!(waits_secs(&past), [0, 60]);
    }

    #[test]
    fn a_priority_counts_from_entering_on_and_may_be_negative() {
        let callers = [
            call(0, 0, 100),
            call(10, 0, 50),
            call(20, 1, 50),
            call(30, 1, 50),
        ];
        let mut floor = floor(&[&[0, 1]], &callers);
        let mut past = Past::default();
        floor.run_to(25 * SECOND, &mut past);
        floor.lines.priorities = vec![0, 1];
        floor.run_to(50 * SECOND, &mut past);
        floor.lines.priorities = vec![0, -60];
        let scores: Vec<i64> = floor
            .waiting_now()
            .iter()
            .map(|one| one.score_ms(50 * SECOND) / SECOND)
            .collect();
        assert_eq!(scores, [40, 30, 80]);
        floor.run_to(DAY - 1, &mut past);
        // The last, with a minute's priority; then those who entered before there was any.
        assert_eq!(waits_secs(&past), [0, 140, 180, 70]);
    }

    #[test]
    fn by_priority_alone_time_only_breaks_ties() {
        let callers = [
            call(0, 0, 600),
            call(1, 0, 50),
            call(2, 0, 50),
            call(500, 1, 50),
        ];
        let order = |scoring: Scoring| {
            let mut floor = floor(&[&[0, 1]], &callers);
            floor.lines.priorities = vec![0, 1];
            let routing = Routing {
                scoring,
                ..Routing::default()
            };
            floor.set_routing(Queue::Target, routing, 0);
            let mut past = Past::default();
            floor.run_to(DAY - 1, &mut past);
            waits_secs(&past)
        };
        assert_eq!(order(Scoring::TimestampAndPriority), [0, 599, 648, 200]);
        assert_eq!(order(Scoring::PriorityOnly), [0, 649, 698, 100]);
    }

    #[test]
    fn a_queue_by_priority_alone_is_served_before_the_others() {
        let elsewhere = |caller: Caller| Caller {
            queue: Queue::Other,
            ..caller
        };
        let callers = [call(0, 0, 600), call(1, 0, 50), elsewhere(call(500, 1, 50))];
        let mut floor = floor(&[&[0, 1]], &callers);
        let routing = Routing {
            scoring: Scoring::PriorityOnly,
            ..Routing::default()
        };
        floor.set_routing(Queue::Other, routing, 0);
        let mut past = Past::default();
        floor.run_to(DAY - 1, &mut past);
        assert_eq!(all_waits_secs(&past), [0, 649, 100]);
        assert_eq!(past.conversations.len(), 2);
    }

    #[test]
    fn without_skills_anybody_in_the_queue_answers_at_once() {
        let mut floor = floor(&[&[0]], &[call(0, 1, 10)]);
        let mut past = Past::default();
        floor.run_to(30 * SECOND, &mut past);
        assert_eq!(floor.waiting(), 1);
        let routing = Routing {
            evaluation: Evaluation::None,
            ..Routing::default()
        };
        floor.set_routing(Queue::Target, routing, 30 * SECOND);
        floor.run_to(DAY - 1, &mut past);
        assert_eq!(waits_secs(&past), [30]);
    }

    #[test]
    fn two_skills_need_an_agent_with_both_and_have_the_larger_head_start() {
        let both = Caller {
            skills: Skills {
                first: 0,
                second: Some(1),
            },
            ..call(3, 0, 10)
        };
        let callers = [call(0, 1, 100), call(1, 0, 50), both];
        let past = day(&[&[0, 1], &[0]], &[0.0, 0.0], &callers);
        assert_eq!(waits_secs(&past), [0, 0, 97]);
        let callers = [call(0, 0, 100), call(1, 0, 50), both];
        let past = day(&[&[0, 1]], &[0.0, 1.0], &callers);
        assert_eq!(waits_secs(&past), [0, 109, 97]);
    }

    #[test]
    fn a_missed_alert_goes_to_the_next_agent_and_its_agent_is_away() {
        let missed = Caller {
            fate: Fate {
                misses: 1,
                ..call(0, 0, 10).fate
            },
            ..call(0, 0, 10)
        };
        let callers = [missed, call(30, 0, 10), call(31, 0, 10)];
        let past = day(&[&[0], &[0]], &[0.0, 0.0], &callers);
        let first = &past.contacts[0].visits[0];
        let alert = first.alerts[0];
        // 8 s, and 1,999 ms from the length of the talk.
        assert_eq!(
            (alert.agent, alert.to - alert.from, alert.missed),
            (0, 9_998, true)
        );
        assert_eq!(first.service.unwrap().agent, 1);
        assert_eq!(first.wait.unwrap().ms, 9_998);
        // The first agent is away until 70 s, so that the third caller waits for the second agent.
        assert_eq!(waits_secs(&past), [9, 0, 9]);
    }

    #[test]
    fn who_leaves_while_the_telephone_rings_frees_the_agent() {
        let patient = call(0, 0, 10);
        let leaves = |patience_ms, voicemail_ms| Caller {
            fate: Fate {
                patience_ms,
                voicemail_ms,
                ..patient.fate
            },
            ..patient
        };
        for (caller, outcome) in [
            (leaves(Some(2_000), Some(2_500)), Outcome::Abandoned),
            (leaves(Some(2_500), Some(2_000)), Outcome::FlowedOut),
        ] {
            let mut floor = floor(&[&[0]], &[caller, call(1, 0, 10)]);
            floor.blueprint.ring_ms = 3_000;
            let mut past = Past::default();
            floor.run_to(DAY - 1, &mut past);
            let first = &past.contacts[0].visits[0];
            assert_eq!(first.wait, Some(Wait { outcome, ms: 2_000 }));
            assert!(!first.alerts[0].missed && first.service.is_none());
            // A second after entering the telephone is free, and rings for three.
            assert_eq!(waits_secs(&past), [2, 4]);
        }
    }

    #[test]
    fn who_is_passed_on_waits_in_the_other_queue_without_priority() {
        let passed_on = Caller {
            onward: Some(Onward {
                queue: Queue::Other,
                skills: Skills::one(1),
                fate: call(0, 1, 10).fate,
            }),
            ..call(0, 0, 10)
        };
        let mut floor = floor(&[&[0], &[1]], &[passed_on, call(5, 1, 50)]);
        floor.lines.priorities = vec![9, 9];
        let mut past = Past::default();
        floor.run_to(DAY - 1, &mut past);
        let visits = &past.contacts[0].visits;
        assert_eq!((visits[0].priority, visits[1].priority), (9, 0));
        assert_eq!(visits[1].entered, 10 * SECOND);
        assert_eq!(all_waits_secs(&past), [0, 45, 0]);
        assert_eq!(
            past.conversations.len(),
            2,
            "only callers of the target queue"
        );
    }

    fn call(at_secs: i64, skill: u16, handle_secs: u32) -> Caller {
        Caller {
            start: at_secs * SECOND,
            queue: Queue::Target,
            skills: Skills::one(skill),
            fate: Fate {
                talk_ms: handle_secs * 1_000,
                after_call_ms: 0,
                patience_ms: None,
                voicemail_ms: None,
                coding: Coding::Code(0),
                misses: 0,
            },
            onward: None,
        }
    }

    /// The places of `callers` in the order in which they are answered.
    fn order_of_service(agents: &[&[u16]], head_starts: &[f64], callers: &[Caller]) -> Vec<usize> {
        let past = day(agents, head_starts, callers);
        let mut order: Vec<usize> = (0..callers.len()).collect();
        let answered =
            |place: &usize| callers[*place].start + i64::from(past.conversations[*place].wait_ms);
        order.sort_by_key(answered);
        order
    }

    fn day(agents: &[&[u16]], head_starts: &[f64], callers: &[Caller]) -> Past {
        let mut floor = floor(agents, callers);
        floor.set_head_starts(head_starts);
        let mut past = Past::default();
        floor.run_to(DAY - 1, &mut past);
        past
    }

    /// A floor at midnight of 1970-01-01 UTC with these agents, always on duty, and these callers.
    fn floor(agents: &[&[u16]], callers: &[Caller]) -> Floor {
        let always = std::array::from_fn(|_| vec![Duty { start: 0, end: DAY }]);
        let agents = agents
            .iter()
            .map(|skills| Agent {
                skills: skills.to_vec(),
                queues: Queue::ALL.to_vec(),
                duties: always.clone(),
            })
            .collect();
        let hours = Hours {
            open: 0,
            close: SLOTS,
        };
        let blueprint = Blueprint {
            seed: 0,
            working: hours,
            short: hours,
            demands: vec![nobody(0), nobody(1)],
            pairs: [(0, 1); 2],
            ring_ms: 0,
            agents,
            day_sigma: 0.0,
            stray_codes: Vec::new(),
            stray_share: 0.0,
        };
        // Two in the morning UTC, so that local time is UTC.
        let mut floor = Floor::new(blueprint, 2 * 60 * MINUTE, 0);
        floor.run_to(0, &mut Past::default());
        floor.callers = callers.to_vec();
        floor.expect_caller(0);
        floor
    }

    fn nobody(skill: u16) -> Demand {
        Demand {
            queue: Queue::Target,
            skill,
            calls_per_slot: [[0.0; SLOTS]; 7],
            day_sigma: 0.0,
            talk_mean_secs: 1.0,
            talk_sigma: 0.0,
            after_call_mean_secs: 0.0,
            patience_scale_secs: 1.0,
            patience_shape: 1.0,
            endlessly_patient_share: 0.0,
            codes: vec![(0, 1.0)],
        }
    }

    fn waits_secs(past: &Past) -> Vec<u32> {
        past.conversations
            .iter()
            .map(|one| one.wait_ms / 1_000)
            .collect()
    }

    fn all_waits_secs(past: &Past) -> Vec<u32> {
        let visits = past.contacts.iter().flat_map(|contact| &contact.visits);
        visits
            .filter_map(|visit| Some(visit.wait?.ms / 1_000))
            .collect()
    }
}
