//! Who was at work when, and what they can take.
//!
//! Where the source tells how long each agent was on queue in each half-hour, that is taken. Else it is inferred from their
//! work: an agent was at work from one visit to the next if the pause between them is no longer than chance makes it. Before
//! the first visit of a stretch of work the agent waited for it as long as for others, and left some time after the last
//! answer, as people do who leave at any moment. Single days are off by minutes for one agent; over a group that evens out.
//! In hours so quiet that agents wait for half an hour, staffing is inferred too low; the assumption is stated beside every
//! prediction that rests on it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use waitwise_model::Ending;

use crate::seen::{ClassKey, Day, SLOT_MS, SLOTS, Seen};

/// How long agents were on queue, in milliseconds by half-hour, by agent's id and local day.
pub type OnQueue = BTreeMap<(String, Date), [u32; SLOTS]>;

/// Agents who can take the same visits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The classes that they take, places among the fitted classes, sorted.
    pub classes: Vec<usize>,
    /// The agents, places among the seen agents, sorted.
    pub agents: Vec<u16>,
}

/// How many of each group are at work, by half-hour of one day.
pub type Roster = Vec<[u32; SLOTS]>;

/// A pause that is so many times as long as the day's median one is a break: of pauses that end by chance,
/// one in four thousand is.
const USUAL_PAUSES: u32 = 12;
/// But a shorter one than this never is, however busy the day,
const PAUSE_MS_LEAST: u32 = 10 * 60 * 1000;
/// and a longer one than this always is.
const PAUSE_MS_MOST: u32 = 45 * 60 * 1000;
/// An agent who took a class less often than this may have been given it by mistake.
const TAKEN_MIN: usize = 2;
/// Or whose share of all that the agent took is below this.
const TAKEN_SHARE_MIN: f64 = 0.002;

/// Which skills and queues agents have, by agent's id.
pub type Abilities = BTreeMap<String, Able>;

/// What an agent can take.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Able {
    /// The queues' ids.
    pub queues: BTreeSet<String>,
    /// The skills' ids.
    pub skills: BTreeSet<String>,
}

impl Able {
    fn takes(&self, key: &ClassKey) -> bool {
        self.queues.contains(&key.queue)
            && key.skills.iter().all(|skill| self.skills.contains(skill))
    }

    fn learn(&mut self, key: &ClassKey) {
        self.queues.insert(key.queue.clone());
        self.skills.extend(key.skills.iter().cloned());
    }
}

/// Groups the agents who answered by the classes that they can take: as told, else the queues and the skills of all that
/// they took.
pub(crate) fn groups(
    seen: &Seen,
    class_of: &dyn Fn(u16) -> Option<usize>,
    keys: &[&ClassKey],
    told: Option<&Abilities>,
) -> Vec<Group> {
    let mut groups: BTreeMap<Vec<usize>, Vec<u16>> = BTreeMap::new();
    for (agent, counts) in taken(seen, class_of) {
        let told = told.and_then(|told| told.get(&seen.agents[usize::from(agent)]));
        let able = match told {
            Some(able) => able.clone(),
            None => shown(&counts, keys),
        };
        let classes: Vec<usize> = (0..keys.len())
            .filter(|class| able.takes(keys[*class]))
            .collect();
        if !classes.is_empty() {
            groups.entry(classes).or_default().push(agent);
        }
    }
    let group = |(classes, agents)| Group { classes, agents };
    groups.into_iter().map(group).collect()
}

/// Counts by agent how often each class was taken.
fn taken(
    seen: &Seen,
    class_of: &dyn Fn(u16) -> Option<usize>,
) -> BTreeMap<u16, BTreeMap<usize, usize>> {
    let mut taken: BTreeMap<u16, BTreeMap<usize, usize>> = BTreeMap::new();
    for visit in seen.visits() {
        if let (Ending::Answered, Some(agent), Some(class)) =
            (visit.ending, visit.agent, class_of(visit.class))
        {
            *taken.entry(agent).or_default().entry(class).or_default() += 1;
        }
    }
    taken
}

/// What an agent has shown to be able to take.
fn shown(counts: &BTreeMap<usize, usize>, keys: &[&ClassKey]) -> Able {
    let all: usize = counts.values().sum();
    let enough = |n: usize| n >= TAKEN_MIN && n as f64 >= TAKEN_SHARE_MIN * all as f64;
    let any = counts.values().any(|n| enough(*n));
    let mut able = Able::default();
    for (class, n) in counts {
        if enough(*n) || !any {
            able.learn(keys[*class]);
        }
    }
    able
}

/// Returns how many of each group were at work on a day.
pub(crate) fn roster(day: &Day, seen: &Seen, groups: &[Group], told: Option<&OnQueue>) -> Roster {
    let at_work = match told {
        Some(told) => told_of(day, seen, told),
        None => inferred(day),
    };
    let of_group = |group: &Group| {
        let members = group.agents.iter().filter_map(|agent| at_work.get(agent));
        let mut ms = [0_u64; SLOTS];
        for member in members {
            for (slot, part) in ms.iter_mut().zip(member) {
                *slot += u64::from(*part);
            }
        }
        ms.map(whole_agents)
    };
    groups.iter().map(of_group).collect()
}

fn whole_agents(ms: u64) -> u32 {
    u32::try_from((ms + u64::from(SLOT_MS) / 2) / u64::from(SLOT_MS)).unwrap_or(u32::MAX)
}

type AtWork = BTreeMap<u16, [u32; SLOTS]>;

/// Of agents whom nothing is told of on any day, as those who have left, it is inferred.
fn told_of(day: &Day, seen: &Seen, told: &OnQueue) -> AtWork {
    let inferred = inferred(day);
    let of_agent = |(place, id): (u16, &String)| {
        let key = (id.clone(), day.date);
        let at_work = match told.get(&key) {
            Some(at_work) => Some(at_work),
            None if is_told_of(id, told) => None,
            None => inferred.get(&place),
        };
        Some((place, *at_work?))
    };
    (0..).zip(&seen.agents).filter_map(of_agent).collect()
}

fn is_told_of(agent: &str, told: &OnQueue) -> bool {
    let mut from = told.range((agent.to_owned(), Date::MIN)..);
    from.next().is_some_and(|((id, _), _)| id == agent)
}

fn inferred(day: &Day) -> AtWork {
    let mut work: BTreeMap<u16, Vec<(u32, u32)>> = BTreeMap::new();
    for visit in &day.visits {
        if let (Ending::Answered, Some(agent)) = (visit.ending, visit.agent) {
            let from = visit.entered_ms.saturating_add(visit.wait_ms);
            let to = from.saturating_add(visit.handle_ms.unwrap_or(0));
            work.entry(agent).or_default().push((from, to));
        }
    }
    work.values_mut().for_each(|spells| spells.sort_unstable());
    let rhythm = Rhythm::of(work.values());
    let at_work = work.into_iter().map(|(agent, spells)| {
        let mut slots = [0; SLOTS];
        for (from, to) in rhythm.stretches(&spells) {
            lay(from, to, &mut slots);
        }
        (agent, slots)
    });
    at_work.collect()
}

/// How visits followed each other on a day, all agents together.
struct Rhythm {
    /// A longer pause than this is a break.
    pause_ms_max: u32,
    /// Mean pause between two visits, which is also how long an agent who begins waits for the first one.
    pause_ms: u32,
    /// How long before an agent leaves the last visit was answered, on average: whoever leaves does so at some moment
    /// between two answers, which is more often in a long stretch between them.
    since_answer_ms: u32,
    /// When the first visit of the day was answered and the last one: before and after there is nothing to be seen at.
    answered_ms: (u32, u32),
}

impl Rhythm {
    fn of<'a>(work: impl Iterator<Item = &'a Vec<(u32, u32)>> + Clone) -> Rhythm {
        let pairs = || work.clone().flat_map(|spells| spells.windows(2));
        let pause = |pair: &[(u32, u32)]| pair[1].0.saturating_sub(pair[0].1);
        let mut pauses: Vec<u32> = pairs().map(pause).collect();
        pauses.sort_unstable();
        let usual = pauses.get(pauses.len() / 2).copied().unwrap_or(0);
        let pause_ms_max = usual
            .saturating_mul(USUAL_PAUSES)
            .clamp(PAUSE_MS_LEAST, PAUSE_MS_MOST);
        let short = || pairs().filter(|pair| pause(pair) <= pause_ms_max);
        let (mut n, mut pauses, mut cycles, mut squares) = (0.0, 0.0, 0.0, 0.0);
        for pair in short() {
            let cycle = f64::from(pair[1].0 - pair[0].0);
            n += 1.0;
            pauses += f64::from(pause(pair));
            cycles += cycle;
            squares += cycle * cycle;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a mean of times of one day"
        )]
        let whole = |sum: f64, n: f64| if n > 0.0 { (sum / n) as u32 } else { 0 };
        Rhythm {
            pause_ms_max,
            pause_ms: whole(pauses, n),
            since_answer_ms: whole(squares, 2.0 * cycles),
            answered_ms: (
                work.clone()
                    .filter_map(|spells| Some(spells.first()?.0))
                    .min()
                    .unwrap_or(0),
                work.clone()
                    .filter_map(|spells| Some(spells.last()?.0))
                    .max()
                    .unwrap_or(0),
            ),
        }
    }

    /// Returns the stretches in which an agent with these visits was at work.
    fn stretches(&self, spells: &[(u32, u32)]) -> Vec<(u32, u32)> {
        let mut stretches: Vec<(u32, u32)> = Vec::new();
        let mut last_end = 0;
        for (from, to) in spells {
            let until = from.saturating_add(self.since_answer_ms);
            match stretches.last_mut() {
                Some(last) if *from <= u32::saturating_add(last_end, self.pause_ms_max) => {
                    last.1 = until;
                }
                Some(_) | None => stretches.push((from.saturating_sub(self.pause_ms), until)),
            }
            last_end = std::cmp::max(last_end, *to);
        }
        self.reach_the_edges(&mut stretches, last_end);
        stretches
    }

    /// Whoever was first seen within a pause of the day's first answer was there from its half-hour on; whoever was last
    /// seen within a pause of the last one stayed to the end of its half-hour.
    fn reach_the_edges(&self, stretches: &mut [(u32, u32)], last_end: u32) {
        let (opening, closing) = self.answered_ms;
        if let Some(first) = stretches.first_mut()
            && first.0 <= opening.saturating_add(self.pause_ms_max)
        {
            first.0 = std::cmp::min(first.0, opening / SLOT_MS * SLOT_MS);
        }
        if let Some(last) = stretches.last_mut()
            && last_end.saturating_add(self.pause_ms_max) >= closing
        {
            last.1 = std::cmp::max(last.1, closing.div_ceil(SLOT_MS) * SLOT_MS);
        }
    }
}

/// Lays a stretch over the half-hours of its day.
fn lay(from: u32, to: u32, slots: &mut [u32; SLOTS]) {
    for (slot, ms) in (0..).zip(slots) {
        let (begin, end) = (slot * SLOT_MS, (slot + 1) * SLOT_MS);
        let (first, last) = (std::cmp::max(from, begin), std::cmp::min(to, end));
        *ms += last.saturating_sub(first);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seen::SeenVisit;

    const MINUTE: u32 = 60_000;

    fn answered(minute: u32, class: u16, agent: u16, handle_minutes: u32) -> SeenVisit {
        SeenVisit {
            entered_ms: minute * MINUTE,
            class,
            ending: Ending::Answered,
            wait_ms: 0,
            handle_ms: Some(handle_minutes * MINUTE),
            agent: Some(agent),
        }
    }

    fn seen(visits: Vec<SeenVisit>) -> Seen {
        Seen {
            classes: Vec::new(),
            agents: vec!["a".to_owned(), "b".to_owned()],
            days: vec![Day {
                date: "2026-03-02".parse().unwrap(),
                visits,
            }],
            n_untold: 0,
            n_cut: 0,
        }
    }

    fn grouped(seen: &Seen) -> Vec<Group> {
        let key = |skill: &str| ClassKey {
            queue: "q".to_owned(),
            skills: vec![skill.to_owned()],
        };
        let (one, other) = (key("s0"), key("s1"));
        groups(
            seen,
            &|class| Some(usize::from(class)),
            &[&one, &other],
            None,
        )
    }

    #[test]
    fn breaks_are_told_from_pauses_by_the_rhythm_of_the_day() {
        // Ten minutes of work in every twelve, from nine to twelve and from one to four.
        let morning = (0..15).map(|n| answered(540 + 12 * n, 0, 0, 10));
        let afternoon = (0..15).map(|n| answered(780 + 12 * n, 0, 0, 10));
        let seen = seen(morning.chain(afternoon).collect());
        let rhythm = Rhythm::of([spells(&seen)].iter());
        assert_eq!(rhythm.pause_ms_max, 24 * MINUTE);
        assert_eq!(rhythm.pause_ms, 2 * MINUTE);
        assert_eq!(rhythm.since_answer_ms, 6 * MINUTE);
        let roster = roster(&seen.days[0], &seen, &grouped(&seen), None);
        let busy: Vec<usize> = (0..SLOTS).filter(|slot| roster[0][*slot] > 0).collect();
        assert_eq!(busy, [18, 19, 20, 21, 22, 23, 26, 27, 28, 29, 30, 31]);
    }

    #[test]
    fn inferred_staffing_is_on_average_what_it_was() {
        let past = crate::past::Past::calm(60, 6).seen();
        let groups = groups(
            &past,
            &|class| Some(usize::from(class)),
            &past.classes.iter().collect::<Vec<_>>(),
            None,
        );
        let mut agents = [0.0; SLOTS];
        for day in &past.days {
            for group in roster(day, &past, &groups, None) {
                for (sum, n) in agents.iter_mut().zip(group) {
                    *sum += f64::from(n) / past.days.len() as f64;
                }
            }
        }
        for (slot, agents) in agents.iter().enumerate().take(35).skip(16) {
            assert!((agents - 8.0).abs() < 0.5, "{slot}: {agents}");
        }
        assert!(agents[15] < 0.5 && agents[36] < 0.8, "{agents:?}");
    }

    fn spells(seen: &Seen) -> Vec<(u32, u32)> {
        let visits = seen.visits();
        visits
            .map(|one| (one.entered_ms, one.entered_ms + one.handle_ms.unwrap()))
            .collect()
    }

    #[test]
    fn what_the_source_tells_goes_before_what_work_suggests() {
        let seen = seen(vec![answered(540, 0, 0, 10), answered(545, 0, 1, 10)]);
        let mut on_queue = [0; SLOTS];
        on_queue[18] = SLOT_MS;
        on_queue[19] = SLOT_MS / 2 + 1;
        on_queue[20] = SLOT_MS / 2 - 1;
        let day = seen.days[0].date;
        let told = OnQueue::from([
            (("a".to_owned(), day), on_queue),
            (("b".to_owned(), day), on_queue),
        ]);
        let roster = roster(&seen.days[0], &seen, &grouped(&seen), Some(&told));
        assert_eq!(roster[0][17..22], [0, 2, 1, 1, 0]);
    }

    #[test]
    fn who_is_not_told_of_is_inferred_and_who_is_told_of_elsewhere_was_away() {
        let seen = seen(vec![answered(540, 0, 0, 10), answered(545, 0, 1, 10)]);
        let day = seen.days[0].date;
        let other = day.tomorrow().unwrap();
        let by = |told: &OnQueue| roster(&seen.days[0], &seen, &grouped(&seen), Some(told))[0];
        let nobody = by(&OnQueue::new());
        assert_eq!(
            nobody,
            roster(&seen.days[0], &seen, &grouped(&seen), None)[0]
        );
        let away = OnQueue::from([
            (("a".to_owned(), other), [SLOT_MS; SLOTS]),
            (("b".to_owned(), other), [SLOT_MS; SLOTS]),
        ]);
        assert_eq!(by(&away), [0; SLOTS]);
    }

    #[test]
    fn agents_who_take_the_same_are_one_group_and_slips_do_not_count() {
        let mut visits = Vec::new();
        for n in 0..400 {
            visits.push(answered(n, 0, 0, 0));
            visits.push(answered(n, 0, 1, 0));
            visits.push(answered(n, 1, 1, 0));
        }
        visits.push(answered(5, 1, 0, 0));
        let groups = grouped(&seen(visits));
        let classes: Vec<_> = groups
            .iter()
            .map(|group| (group.classes.clone(), group.agents.clone()))
            .collect();
        assert_eq!(classes, [(vec![0], vec![0]), (vec![0, 1], vec![1])]);
    }
}
