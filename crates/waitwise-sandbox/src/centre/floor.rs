//! The floor: who waits, who serves, and who is answered next.
//!
//! Simultaneous events leave in the order of [`Happening`], then of caller or agent number. In particular a caller who
//! gives up is gone before the selection at the same instant.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use super::blueprint::Blueprint;
use super::calendar::{Calendar, MINUTE, weekday};
use super::callers::{Caller, callers_of};
use super::draw::whole;
use super::{Conversation, Outcome, Past, TimeMs};

/// The routing engine and its state.
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
    /// Arrival number of the day's first caller.
    first_number: usize,
    /// How many of the day's callers have entered.
    entered: usize,
    /// Per skill, the callers waiting, by place in `callers`.
    lines: Vec<VecDeque<usize>>,
    /// Per agent, what they are at.
    agents: Vec<Presence>,
    /// Per skill, in milliseconds.
    head_starts: Vec<i64>,
}

/// What can happen; the order of the variants is the order of simultaneous events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Happening {
    /// Local midnight of this day.
    DayBegins(i64),
    /// This caller's patience ends.
    GivesUp(usize),
    /// This agent has finished a call and its after-call work.
    Finishes(usize),
    /// This agent begins a shift or is back from lunch.
    Returns(usize),
    /// This caller enters the queue.
    Enters(usize),
}

/// What an agent is at. An idle agent off duty is at home or at lunch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Presence {
    Idle { since: TimeMs },
    Serving { caller: usize, since: TimeMs },
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
            lines: vec![VecDeque::new(); blueprint.demands.len()],
            agents: Vec::new(),
            head_starts: vec![0; blueprint.demands.len()],
            blueprint,
        }
    }

    /// Lets everything up to and including `until` happen; conversations that end go to `past`.
    pub(super) fn run_to(&mut self, until: TimeMs, past: &mut Past) {
        while let Some(Reverse((at, happening))) = self.agenda.peek().copied()
            && at <= until
        {
            self.agenda.pop();
            match happening {
                Happening::DayBegins(day) => self.begin_day(day),
                Happening::GivesUp(caller) => self.give_up(caller, past),
                Happening::Finishes(agent) => self.finish(agent, at, past),
                Happening::Returns(agent) => self.return_to_work(agent, at),
                Happening::Enters(caller) => self.enter(caller, at),
            }
            let accounted = past.conversations.len() + self.busy() + self.waiting();
            assert!(
                self.offered() == accounted,
                "offered = ended + in service + waiting"
            );
        }
    }

    pub(super) fn set_head_starts(&mut self, minutes: &[f64]) {
        assert!(
            minutes.len() >= self.head_starts.len(),
            "each skill with callers has a head start"
        );
        for (head_start, minutes) in self.head_starts.iter_mut().zip(minutes) {
            *head_start = i64::from(whole(libm::round(minutes * MINUTE as f64)));
        }
    }

    #[cfg(test)]
    pub(super) fn blueprint(&self) -> &Blueprint {
        &self.blueprint
    }

    pub(super) fn waiting(&self) -> usize {
        self.lines.iter().map(VecDeque::len).sum()
    }

    pub(super) fn busy(&self) -> usize {
        self.agents
            .iter()
            .filter(|agent| matches!(agent, Presence::Serving { .. }))
            .count()
    }

    pub(super) fn offered(&self) -> usize {
        self.first_number + self.entered
    }

    fn begin_day(&mut self, day: i64) {
        assert!(
            self.waiting() + self.busy() == 0,
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

    fn expect_caller(&mut self, caller: usize) {
        if let Some(next) = self.callers.get(caller) {
            self.agenda
                .push(Reverse((next.start, Happening::Enters(caller))));
        }
    }

    fn enter(&mut self, caller: usize, now: TimeMs) {
        self.entered += 1;
        self.expect_caller(caller + 1);
        let Caller {
            skill, patience_ms, ..
        } = self.callers[caller];
        if let Some(agent) = self.longest_idle(skill, now) {
            self.serve(agent, caller, now);
            return;
        }
        self.lines[usize::from(skill)].push_back(caller);
        if let Some(patience) = patience_ms {
            self.agenda.push(Reverse((
                now + i64::from(patience),
                Happening::GivesUp(caller),
            )));
        }
    }

    /// The idle agent on duty with this skill who has been idle longest; of several, the first by number.
    fn longest_idle(&self, skill: u16, now: TimeMs) -> Option<usize> {
        let time_of_day = now - self.calendar.midnight(self.day);
        let idle = self
            .agents
            .iter()
            .enumerate()
            .filter_map(|(index, presence)| match presence {
                Presence::Idle { since } => Some((*since, index)),
                Presence::Serving { .. } => None,
            });
        let eligible = idle.filter(|(_, index)| {
            let agent = &self.blueprint.agents[*index];
            agent.skills.contains(&skill) && agent.on_duty(weekday(self.day), time_of_day)
        });
        eligible.min().map(|(_, index)| index)
    }

    fn serve(&mut self, agent: usize, caller: usize, now: TimeMs) {
        assert!(
            matches!(self.agents[agent], Presence::Idle { .. }),
            "an agent serves one caller at a time"
        );
        self.agents[agent] = Presence::Serving { caller, since: now };
        let end = now + i64::from(self.callers[caller].handle_ms);
        self.agenda.push(Reverse((end, Happening::Finishes(agent))));
    }

    fn finish(&mut self, agent: usize, now: TimeMs, past: &mut Past) {
        let Presence::Serving { caller, since } = self.agents[agent] else {
            panic!("only an agent with a caller finishes");
        };
        let Caller {
            start,
            skill,
            code,
            handle_ms,
            ..
        } = self.callers[caller];
        let wait_ms = milliseconds(since - start);
        let ended = Conversation {
            start,
            skill,
            code: Some(code),
            outcome: Outcome::Answered,
            wait_ms,
            handle_ms,
        };
        past.insert(self.first_number + caller, ended);
        self.agents[agent] = Presence::Idle { since: now };
        self.take_next(agent, now);
    }

    fn return_to_work(&mut self, agent: usize, now: TimeMs) {
        // A call may have outlasted the whole lunch break.
        if matches!(self.agents[agent], Presence::Idle { .. }) {
            self.agents[agent] = Presence::Idle { since: now };
            self.take_next(agent, now);
        }
    }

    /// Gives a free agent the waiting caller with the highest score among all the agent's skills, if on duty.
    fn take_next(&mut self, agent: usize, now: TimeMs) {
        let this = &self.blueprint.agents[agent];
        if !this.on_duty(weekday(self.day), now - self.calendar.midnight(self.day)) {
            return;
        }
        let fronts = this
            .skills
            .iter()
            .filter_map(|skill| self.lines[usize::from(*skill)].front());
        if let Some(caller) = fronts
            .copied()
            .max_by_key(|caller| (self.score(*caller, now), Reverse(*caller)))
        {
            self.lines[usize::from(self.callers[caller].skill)].pop_front();
            self.serve(agent, caller, now);
        }
    }

    /// Milliseconds waited plus head start.
    ///
    /// Within one skill the longest-waiting caller has the highest score, so only the fronts of the lines compete.
    fn score(&self, caller: usize, now: TimeMs) -> i64 {
        let Caller { start, skill, .. } = self.callers[caller];
        now - start + self.head_starts[usize::from(skill)]
    }

    fn give_up(&mut self, caller: usize, past: &mut Past) {
        let Caller {
            start,
            skill,
            patience_ms,
            ..
        } = self.callers[caller];
        let line = &mut self.lines[usize::from(skill)];
        // Whoever has been answered in the meantime stands in no line.
        if let (Ok(place), Some(wait_ms)) = (line.binary_search(&caller), patience_ms) {
            line.remove(place);
            let ended = Conversation {
                start,
                skill,
                code: None,
                outcome: Outcome::Abandoned,
                wait_ms,
                handle_ms: 0,
            };
            past.insert(self.first_number + caller, ended);
        }
    }
}

/// A wait of less than a day, which fits.
fn milliseconds(wait: i64) -> u32 {
    u32::try_from(wait).expect("a wait is neither negative nor longer than a day")
}

#[cfg(test)]
mod tests {
    use super::super::blueprint::{Agent, Demand, Duty, Hours};
    use super::super::calendar::{DAY, SECOND, SLOTS};
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
            patience_ms: Some(99_000),
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
        let patience = |secs: u32| Some(secs * 1_000);
        let waits = Caller {
            patience_ms: patience(86_600 - 400),
            ..call(400, 0, 1)
        };
        let mut floor = floor(&[&[0]], &[call(399, 0, 9), waits]);
        let mut past = Past::default();
        floor.run_to(DAY, &mut past);
        let next_day = |secs: i64| DAY / SECOND + secs;
        let waits_too = Caller {
            patience_ms: patience(80_000),
            ..call(next_day(1), 0, 1)
        };
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

    fn call(at_secs: i64, skill: u16, handle_secs: u32) -> Caller {
        Caller {
            start: at_secs * SECOND,
            skill,
            handle_ms: handle_secs * 1_000,
            patience_ms: None,
            code: 0,
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
            demands: vec![nobody(), nobody()],
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

    fn nobody() -> Demand {
        Demand {
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
}
