//! The simulator: one event after the other, nothing that is particular to one model.
//!
//! Of what happens at one instant, this is the order: agents who are to leave do; interactions end, by agent number; agents
//! begin to work, by number; interactions arrive, by class. Who gives up at an instant is gone before any choice at it.
//! Whoever arrives is given to an idle agent if there is one, however short their patience.

mod idle;
mod line;
mod parts;
mod source;
mod tournament;

use self::idle::Idle;
use self::line::{Caller, Lines};
pub use self::parts::{Extent, Length};
use self::parts::{Parts, Stop};
use self::source::{Drawn, Replication, Source, offset_of_day};
use self::tournament::Tournament;
use crate::model::{Kind, Model, bit};
use crate::policy::{Order, Policy};
use crate::tally::{Block, Counter, GroupTally};

/// How an interaction's time in the queue ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// This agent took it.
    Answered(u32),
    /// The caller gave up.
    Abandoned,
    /// There was no room.
    Blocked,
}

/// Is told of every interaction, in no particular order.
pub trait Watch {
    /// The `number`-th interaction of `class`, both from 0, arrived `arrived_secs` into the run and left the queue
    /// `wait_secs` later.
    fn left(&mut self, class: usize, number: u32, arrived_secs: f64, wait_secs: f64, ended: Ended);
}

/// Nobody looks.
impl Watch for () {
    #[inline]
    fn left(
        &mut self,
        _class: usize,
        _number: u32,
        _arrived_secs: f64,
        _wait_secs: f64,
        _ended: Ended,
    ) {
    }
}

/// Runs one model under one policy, one replication after the other. Memory is kept between them.
pub struct Simulator<'a> {
    model: &'a Model,
    order: Order,
    targets_secs: &'a [f64],
    sources: Vec<Source<'a>>,
    /// When the next interaction of each class arrives.
    arrivals: Tournament,
    /// When each agent's interaction ends.
    services: Tournament,
    lines: Lines,
    idle: Idle,
    agents: Vec<Agent>,
    groups: Vec<Group>,
    room: u64,
    /// Nobody in line gives up before this.
    nobody_gone_before: f64,
    parts: Parts,
    /// Per part and class.
    counters: Vec<Counter>,
    changes: Changes,
    now: f64,
    busy: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Agent {
    Away,
    Idle,
    Busy,
    /// Busy, and gone when the interaction ends.
    Leaving,
}

#[derive(Clone, Copy, Debug, Default)]
struct Group {
    busy: u32,
    /// At work, those included who leave when their interaction ends.
    present: u32,
    /// How many there should be; of persons with working hours any number.
    wanted: u32,
    /// Time that agents were busy in this part of the run, for those who are as if it had ended at its beginning.
    busy_secs: f64,
    present_secs: f64,
}

/// Where in the list of the model's changes the run is.
#[derive(Clone, Copy, Debug)]
struct Changes {
    next: usize,
    at: f64,
    is_leaving: bool,
    /// When the present cycle began.
    cycle_began: f64,
    /// No change happens from here on.
    until: f64,
}

impl<'a> Simulator<'a> {
    /// Makes a model ready under a policy.
    ///
    /// # Panics
    /// If the policy is for another number of classes than the model has.
    pub fn new(model: &'a Model, policy: &Policy) -> Simulator<'a> {
        let (n_classes, n_groups) = (model.n_classes(), model.n_groups());
        Simulator {
            model,
            order: Order::of(model, policy),
            targets_secs: &model.spec().targets_secs,
            sources: Vec::new(),
            arrivals: Tournament::new(n_classes),
            services: Tournament::new(model.n_agents()),
            lines: Lines::new(n_classes),
            idle: Idle::new(n_groups, model.n_agents()),
            agents: vec![Agent::Away; model.n_agents()],
            groups: vec![Group::default(); n_groups],
            room: model.spec().waiting_room.unwrap_or(u64::MAX),
            nobody_gone_before: f64::INFINITY,
            parts: Parts::new(Extent::Day, 0.0),
            counters: Vec::new(),
            changes: Changes {
                next: 0,
                at: f64::INFINITY,
                is_leaving: false,
                cycle_began: 0.0,
                until: f64::INFINITY,
            },
            now: 0.0,
            busy: 0,
        }
    }

    /// Runs one replication and returns its measured parts, in order of time: of a day one, of a long run one per batch.
    ///
    /// Two policies see the same interactions in the same replication of the same seed.
    ///
    /// # Panics
    /// If the model closes each day and `extent` is not a day, or the other way round; or if a count does not add up,
    /// which would be an error of this crate.
    pub fn run(&mut self, seed: u64, replication: u64, extent: Extent) -> Vec<Block> {
        self.run_watched(seed, replication, extent, &mut ())
    }

    /// The same, with somebody told of each interaction.
    ///
    /// # Panics
    /// As [`Simulator::run`].
    pub fn run_watched<W: Watch>(
        &mut self,
        seed: u64,
        replication: u64,
        extent: Extent,
        watch: &mut W,
    ) -> Vec<Block> {
        self.begin(seed, replication, extent);
        let until = self.go_on(watch);
        self.notice_all_gone(until, watch);
        self.parts.finish(self.now, &mut self.groups);
        self.blocks()
    }

    fn begin(&mut self, seed: u64, number: u64, extent: Extent) {
        let day_secs = self.model.spec().calendar.day_secs;
        assert_eq!(
            day_secs.is_some(),
            matches!(extent, Extent::Day),
            "a model that closes each day is run by the day, and no other is"
        );
        let replication = Replication { seed, number };
        self.now = 0.0;
        self.busy = 0;
        self.nobody_gone_before = f64::INFINITY;
        self.lines.clear();
        self.idle.clear();
        self.agents.fill(Agent::Away);
        self.groups.fill(Group::default());
        self.services = Tournament::new(self.agents.len());
        self.parts = Parts::new(extent, day_secs.unwrap_or(f64::INFINITY));
        self.make_counters();
        let n_classes = self.model.n_classes();
        self.sources = (0..n_classes)
            .map(|class| Source::new(self.model, class, replication))
            .collect();
        for class in 0..n_classes {
            let first = self.sources[class].next_arrival(0.0);
            self.arrivals.set(class, first);
        }
        self.open(day_secs, number);
    }

    fn make_counters(&mut self) {
        let wanted = self.parts.n() * self.model.n_classes();
        if self.counters.len() != wanted {
            let new = |_| Counter::new(self.targets_secs.len());
            self.counters = (0..wanted).map(new).collect();
        }
    }

    /// Lets those begin who are at work at the run's place in the cycle.
    fn open(&mut self, day_secs: Option<f64>, number: u64) {
        let cycle_secs = self.model.spec().calendar.cycle_secs;
        let offset = day_secs.map_or(0.0, |day_secs| offset_of_day(number, day_secs, cycle_secs));
        for (group, wanted) in self.model.ready.wanted.iter().enumerate() {
            match wanted {
                Some(agents) => self.set_level(group, *agents, &mut ()),
                None => self.groups[group].wanted = u32::MAX,
            }
        }
        let changes = &self.model.ready.changes;
        let next = changes.partition_point(|change| change.at <= offset);
        for change in &changes[..next] {
            self.change(change.kind, &mut ());
        }
        self.changes = Changes {
            next,
            at: f64::INFINITY,
            is_leaving: false,
            cycle_began: -offset,
            until: day_secs.unwrap_or(f64::INFINITY),
        };
        self.look_for_change();
    }

    fn look_for_change(&mut self) {
        let changes = &self.model.ready.changes;
        self.changes.at = f64::INFINITY;
        if changes.is_empty() {
            return;
        }
        if self.changes.next == changes.len() {
            self.changes.next = 0;
            self.changes.cycle_began += self.model.spec().calendar.cycle_secs;
        }
        let change = changes[self.changes.next];
        let at = self.changes.cycle_began + change.at;
        if at < self.changes.until {
            self.changes.at = at;
            self.changes.is_leaving = change.kind.is_leaving();
        }
    }

    /// Lets one event after the other happen; returns the time up to which everything has.
    fn go_on<W: Watch>(&mut self, watch: &mut W) -> f64 {
        loop {
            let (ends, agent) = self.services.first();
            let (comes, class) = self.arrivals.first();
            let next = if ends <= comes { ends } else { comes };
            if self.parts.ends_at <= next && self.is_part_over(ends, comes) {
                self.end_part(self.parts.ends_at);
            } else if self.changes.at <= next && self.is_change_next(ends, comes) {
                self.now = self.changes.at;
                let kind = self.model.ready.changes[self.changes.next].kind;
                self.change(kind, watch);
                self.changes.next += 1;
                self.look_for_change();
            } else if next == f64::INFINITY {
                return f64::INFINITY;
            } else if ends <= comes {
                self.now = ends;
                self.end_service(agent, watch);
            } else {
                self.now = comes;
                self.arrive(class, watch);
            }
            if self.parts.is_closing && self.is_over(watch) {
                return self.now;
            }
        }
    }

    /// Whether this part of the run ends, given that no service ends and nobody arrives before it does: agents may still
    /// come and go.
    fn is_part_over(&self, ends: f64, comes: f64) -> bool {
        let ends_at = self.parts.ends_at;
        let changes_first = self.changes.at < ends_at && self.is_change_next(ends, comes);
        ends_at < f64::INFINITY && !changes_first
    }

    /// Whether the next change happens before the next end of a service and the next arrival.
    fn is_change_next(&self, ends: f64, comes: f64) -> bool {
        let Changes { at, is_leaving, .. } = self.changes;
        if at == f64::INFINITY {
            return false;
        }
        // Where nobody comes any more and nobody waits, agents who come and go for ever change nothing for anybody.
        let for_ever = self.changes.until == f64::INFINITY && self.parts.ends_at == f64::INFINITY;
        let is_settled = for_ever && comes == f64::INFINITY && self.lines.n == 0;
        !is_settled && at <= comes && (at < ends || (at <= ends && is_leaving))
    }

    fn end_part(&mut self, at: f64) {
        self.check_nobody_is_lost();
        self.parts.end(at, &mut self.groups);
    }

    #[inline]
    fn arrive<W: Watch>(&mut self, class: usize, watch: &mut W) {
        while self.parts.left == 0 {
            self.end_part(self.now);
        }
        self.parts.left -= 1;
        let now = self.now;
        let source = &mut self.sources[class];
        let number = source.number;
        let drawn = source.draw();
        let next = source.next_arrival(now);
        self.arrivals.set(class, next);
        let place = self.parts.current as usize * self.order_classes() + class;
        let counter = &mut self.counters[place];
        counter.offered += 1;
        if let Some((group, agent)) = self.idle_agent_for(class) {
            self.counters[place].at_once += 1;
            self.idle.remove(group, agent);
            self.serve(group, agent, class, drawn);
            watch.left(class, number, now, 0.0, Ended::Answered(agent));
        } else if self.is_room(watch) {
            let caller = Caller {
                arrived: now,
                gives_up: now + drawn.patience,
                service: drawn.service,
                after_call: drawn.after_call,
                number,
                block: self.parts.current,
            };
            self.join(class, caller, watch);
        } else {
            self.counters[place].blocked += 1;
            watch.left(class, number, now, 0.0, Ended::Blocked);
        }
    }

    #[inline]
    fn order_classes(&self) -> usize {
        self.sources.len()
    }

    #[inline]
    fn join<W: Watch>(&mut self, class: usize, caller: Caller, watch: &mut W) {
        // Rather than let a line grow, look whether its people are still there.
        if self.lines.is_full(class) {
            self.notice_gone(class, self.now, watch);
        }
        self.nobody_gone_before = self.nobody_gone_before.min(caller.gives_up);
        self.lines.join(class, caller);
    }

    #[inline]
    fn is_room<W: Watch>(&mut self, watch: &mut W) -> bool {
        if self.lines.n < self.room {
            return true;
        }
        if self.nobody_gone_before <= self.now {
            self.notice_all_gone(self.now, watch);
        }
        self.lines.n < self.room
    }

    /// The idle agent who gets an interaction of this class, with the group.
    #[inline]
    fn idle_agent_for(&self, class: usize) -> Option<(usize, u32)> {
        for tier in &self.model.ready.able[class].tiers {
            let mut longest: Option<(f64, u32, usize)> = None;
            for (word, (groups, idle)) in tier.iter().zip(&self.idle.occupied).enumerate() {
                let mut groups = groups & idle;
                while groups != 0 {
                    let group = word * 64 + groups.trailing_zeros() as usize;
                    groups &= groups - 1;
                    let (since, agent) = self.idle.longest(group);
                    let is_longer = longest.is_none_or(|(longest, first, _)| {
                        since < longest || (since <= longest && agent < first)
                    });
                    if is_longer {
                        longest = Some((since, agent, group));
                    }
                }
            }
            if let Some((_, agent, group)) = longest {
                return Some((group, agent));
            }
        }
        None
    }

    #[inline]
    fn serve(&mut self, group: usize, agent: u32, class: usize, drawn: Drawn) {
        let ready = &self.model.ready;
        let mut secs = ready.service[class].secs(drawn.service, group);
        if let Some(after_call) = &ready.after_call[class] {
            secs += after_call.secs(drawn.after_call, group);
        }
        let state = &mut self.agents[agent as usize];
        assert!(*state == Agent::Idle, "an agent serves one at a time");
        *state = Agent::Busy;
        self.busy += 1;
        self.groups[group].begin(self.now - self.parts.began);
        self.services.set(agent as usize, self.now + secs);
    }

    #[inline]
    fn end_service<W: Watch>(&mut self, agent: usize, watch: &mut W) {
        let group = self.model.ready.group_of[agent] as usize;
        let since_began = self.now - self.parts.began;
        self.busy -= 1;
        self.groups[group].end(since_began);
        let state = &mut self.agents[agent];
        let leaves =
            *state == Agent::Leaving || self.groups[group].present > self.groups[group].wanted;
        if leaves {
            *state = Agent::Away;
            self.groups[group].leave(since_began);
            self.services.set(agent, f64::INFINITY);
            return;
        }
        assert!(*state == Agent::Busy, "only who serves comes to an end");
        *state = Agent::Idle;
        if !self.take_next(group, agent, watch) {
            self.services.set(agent, f64::INFINITY);
        }
    }

    /// Gives a free agent the next interaction; without one the agent is idle, and the answer no.
    #[inline]
    fn take_next<W: Watch>(&mut self, group: usize, agent: usize, watch: &mut W) -> bool {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a model has at most a million agents"
        )]
        let agent_number = agent as u32;
        let Some(class) = self.next_for(group, watch) else {
            self.idle.add(group, agent_number, self.now);
            return false;
        };
        let caller = self.lines.take(class);
        let wait = self.now - caller.arrived;
        let place = caller.block as usize * self.order_classes() + class;
        let counter = &mut self.counters[place];
        if wait > 0.0 {
            counter.answered_after(wait, self.targets_secs);
        } else {
            counter.at_once += 1;
        }
        watch.left(
            class,
            caller.number,
            caller.arrived,
            wait,
            Ended::Answered(agent_number),
        );
        let drawn = Drawn {
            service: caller.service,
            after_call: caller.after_call,
            patience: 0.0,
        };
        self.serve(group, agent_number, class, drawn);
        true
    }

    /// The class whose head an agent of this group takes next.
    #[inline]
    fn next_for<W: Watch>(&mut self, group: usize, watch: &mut W) -> Option<usize> {
        for tier in self.order.tiers(group) {
            let mut best: Option<(f64, f64, usize)> = None;
            for word in 0..self.order.n_words {
                let mut classes = self.order.word(tier, word) & self.lines.occupied[word];
                while classes != 0 {
                    let class = word * 64 + classes.trailing_zeros() as usize;
                    classes &= classes - 1;
                    if self.lines.gives_up[class] <= self.now && !self.has_head(class, watch) {
                        continue;
                    }
                    let wait = self.now - self.lines.arrived[class];
                    let score = self.order.slope[class] * wait + self.order.head_start[class];
                    let is_better = best.is_none_or(|(highest, longest, _)| {
                        score > highest || (score >= highest && wait > longest)
                    });
                    if is_better {
                        best = Some((score, wait, class));
                    }
                }
            }
            if let Some((_, _, class)) = best {
                return Some(class);
            }
        }
        None
    }

    /// Notices who has given up at the head of a line; whether anybody is left.
    #[cold]
    fn has_head<W: Watch>(&mut self, class: usize, watch: &mut W) -> bool {
        while self.lines.len(class) > 0 {
            if self.lines.gives_up[class] > self.now {
                return true;
            }
            let caller = self.lines.take(class);
            let place = caller.block as usize * self.sources.len() + class;
            count_gone(
                &mut self.counters[place],
                class,
                caller,
                self.targets_secs,
                watch,
            );
        }
        false
    }

    /// Notices who has given up anywhere in a line.
    #[cold]
    fn notice_gone<W: Watch>(&mut self, class: usize, now: f64, watch: &mut W) {
        let (counters, n_classes) = (&mut self.counters, self.sources.len());
        let targets_secs = self.targets_secs;
        self.lines.take_gone(class, now, |caller| {
            let place = caller.block as usize * n_classes + class;
            count_gone(&mut counters[place], class, caller, targets_secs, watch);
        });
    }

    fn notice_all_gone<W: Watch>(&mut self, now: f64, watch: &mut W) {
        // Who never gives up has not given up at the end of all time.
        let now = now.min(f64::MAX);
        for class in 0..self.sources.len() {
            self.notice_gone(class, now, watch);
        }
        self.nobody_gone_before = self.lines.first_to_give_up();
    }

    fn change<W: Watch>(&mut self, kind: Kind, watch: &mut W) {
        match kind {
            Kind::Leaves(agent) => self.leave(agent),
            Kind::Comes(agent) => self.come(agent, watch),
            Kind::Fewer { group, agents } | Kind::More { group, agents } => {
                self.set_level(group as usize, agents, watch);
            }
        }
    }

    fn leave(&mut self, agent: u32) {
        let group = self.model.ready.group_of[agent as usize] as usize;
        let since_began = self.now - self.parts.began;
        match self.agents[agent as usize] {
            Agent::Idle => {
                self.idle.remove(group, agent);
                self.agents[agent as usize] = Agent::Away;
                self.groups[group].leave(since_began);
            }
            Agent::Busy => self.agents[agent as usize] = Agent::Leaving,
            Agent::Away | Agent::Leaving => {}
        }
    }

    fn come<W: Watch>(&mut self, agent: u32, watch: &mut W) {
        let group = self.model.ready.group_of[agent as usize] as usize;
        match self.agents[agent as usize] {
            Agent::Away => self.begin_work(group, agent, watch),
            // A call has outlasted the whole break.
            Agent::Leaving => self.agents[agent as usize] = Agent::Busy,
            Agent::Idle | Agent::Busy => {}
        }
    }

    fn begin_work<W: Watch>(&mut self, group: usize, agent: u32, watch: &mut W) {
        self.agents[agent as usize] = Agent::Idle;
        self.groups[group].come(self.now - self.parts.began);
        self.take_next(group, agent as usize, watch);
    }

    fn set_level<W: Watch>(&mut self, group: usize, agents: u32, watch: &mut W) {
        let since_began = self.now - self.parts.began;
        self.groups[group].wanted = agents;
        while self.groups[group].present > agents && bit(&self.idle.occupied, group) {
            let (_, agent) = self.idle.longest(group);
            self.idle.remove(group, agent);
            self.agents[agent as usize] = Agent::Away;
            self.groups[group].leave(since_began);
        }
        let ready = &self.model.ready;
        for agent in ready.first_agent[group]..ready.first_agent[group + 1] {
            if self.groups[group].present >= agents {
                return;
            }
            if self.agents[agent as usize] == Agent::Away {
                self.begin_work(group, agent, watch);
            }
        }
    }

    /// After the last measured arrival, everybody else goes on arriving until all the measured have left the queue, so
    /// that they are served as if there were no end. Who has not by the time limit is reported as waiting.
    #[inline]
    fn is_over<W: Watch>(&mut self, watch: &mut W) -> bool {
        match self.parts.when_to_stop(self.now) {
            Stop::GoOn => false,
            Stop::Now => true,
            Stop::IfNobodyWaits => {
                self.notice_all_gone(self.now, watch);
                let n_classes = self.sources.len();
                let measured = &self.counters[self.parts.measured_places(n_classes)];
                measured.iter().all(|counter| counter.waiting() == 0)
            }
        }
    }

    fn blocks(&mut self) -> Vec<Block> {
        let n_classes = self.sources.len();
        self.check_nobody_is_lost();
        let measured = self.parts.measured_places(n_classes);
        let mut taken: Vec<_> = self.counters.iter_mut().map(Counter::take).collect();
        let classes = taken.drain(measured).collect::<Vec<_>>();
        let mut classes = classes.into_iter();
        let parts = self.parts.measured().iter();
        parts
            .map(|part| Block {
                secs: part.secs,
                classes: classes.by_ref().take(n_classes).collect(),
                groups: part.groups.clone(),
            })
            .collect()
    }

    /// Offered = answered + abandoned + blocked + waiting, and nobody serves whom nobody counted.
    fn check_nobody_is_lost(&self) {
        let waiting: u64 = self.counters.iter().map(Counter::waiting).sum();
        assert_eq!(
            waiting, self.lines.n,
            "offered = answered + abandoned + blocked + waiting"
        );
        let busy: u64 = self.groups.iter().map(|group| u64::from(group.busy)).sum();
        assert_eq!(busy, self.busy, "each agent at work serves one at a time");
    }
}

fn count_gone<W: Watch>(
    counter: &mut Counter,
    class: usize,
    caller: Caller,
    targets_secs: &[f64],
    watch: &mut W,
) {
    let wait = caller.gives_up - caller.arrived;
    counter.abandoned_after(wait, targets_secs);
    watch.left(class, caller.number, caller.arrived, wait, Ended::Abandoned);
}

impl Group {
    #[inline]
    fn begin(&mut self, since_began: f64) {
        self.busy += 1;
        self.busy_secs -= since_began;
        assert!(
            self.busy <= self.present,
            "no more agents serve than are at work"
        );
    }

    #[inline]
    fn end(&mut self, since_began: f64) {
        self.busy -= 1;
        self.busy_secs += since_began;
    }

    fn come(&mut self, since_began: f64) {
        self.present += 1;
        self.present_secs -= since_began;
    }

    fn leave(&mut self, since_began: f64) {
        self.present -= 1;
        self.present_secs += since_began;
    }

    /// What this part of the run amounts to, which ends after `secs`.
    fn take(&mut self, secs: f64) -> GroupTally {
        let tally = GroupTally {
            busy_secs: (self.busy_secs + f64::from(self.busy) * secs).max(0.0),
            present_secs: (self.present_secs + f64::from(self.present) * secs).max(0.0),
        };
        self.busy_secs = 0.0;
        self.present_secs = 0.0;
        tally
    }
}
