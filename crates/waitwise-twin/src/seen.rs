//! What fitting reads of a history: every visit in short, by local day.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use waitwise_model::{Ending, Visit, Window};

/// Half-hours of a day, the grain of rates and of staffing.
pub const SLOTS: usize = 48;

/// Length of a half-hour.
pub const SLOT_MS: u32 = 30 * 60 * 1000;

/// What callers of one class have in common: the queue, and the skills that they ask for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ClassKey {
    /// The queue's id.
    pub queue: String,
    /// The skills' ids, sorted.
    pub skills: Vec<String>,
}

/// A history in short.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The classes, sorted; visits name them by place.
    pub classes: Vec<ClassKey>,
    /// The agents' ids, sorted; visits name them by place.
    pub agents: Vec<String>,
    /// Every local day that lies in the window as a whole, in order, those without a visit too.
    pub days: Vec<Day>,
    /// Visits that could not be used, because nothing tells how they ended.
    pub n_untold: usize,
    /// Answered visits that were going on, by their record, when their agent answered the next one: they end there.
    pub n_cut: usize,
}

/// One local day.
#[derive(Clone, Debug)]
pub struct Day {
    /// The day.
    pub date: Date,
    /// Its visits by time of entry; of several at once, in a stated order.
    pub visits: Vec<SeenVisit>,
}

/// One visit in short.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct SeenVisit {
    /// When it entered, in milliseconds since local midnight.
    pub entered_ms: u32,
    /// Its class, a place among the classes.
    pub class: u16,
    /// How it ended: answered, given up, or left some other way.
    pub ending: Ending,
    /// How long it waited.
    pub wait_ms: u32,
    /// Talk, hold and after-call work together, if it was answered and the record says so.
    pub handle_ms: Option<u32>,
    /// Who answered, a place among the agents.
    pub agent: Option<u16>,
}

impl Day {
    /// Returns the day's place in the week, from Monday.
    pub fn weekday(&self) -> usize {
        weekday_of(self.date)
    }
}

impl SeenVisit {
    /// Returns the half-hour of the day in which it entered.
    pub fn slot(&self) -> usize {
        std::cmp::min((self.entered_ms / SLOT_MS) as usize, SLOTS - 1)
    }

    /// Returns whether the customer gave up, after however short a time.
    pub fn is_abandoned(&self) -> bool {
        match self.ending {
            Ending::Abandoned | Ending::ShortAbandoned | Ending::ShortOnly => true,
            Ending::Answered | Ending::FlowedOut | Ending::Waiting | Ending::Untold => false,
        }
    }
}

/// Returns a day's place in the week, from Monday.
pub fn weekday_of(date: Date) -> usize {
    match date.weekday() {
        Weekday::Monday => 0,
        Weekday::Tuesday => 1,
        Weekday::Wednesday => 2,
        Weekday::Thursday => 3,
        Weekday::Friday => 4,
        Weekday::Saturday => 5,
        Weekday::Sunday => 6,
    }
}

/// Collects a history, visit by visit, in any order.
#[derive(Debug)]
pub struct Collector {
    zone: TimeZone,
    days: BTreeMap<Date, Vec<SeenVisit>>,
    classes: Names<ClassKey>,
    agents: Names<String>,
    n_untold: usize,
}

impl Collector {
    /// Collects the local days of `zone` that lie in `window` as a whole.
    pub fn new(window: Window, zone: TimeZone) -> Collector {
        let mut days = BTreeMap::new();
        let begins = |date: Date| Some(date.to_zoned(zone.clone()).ok()?.timestamp());
        let mut date = window.from.to_zoned(zone.clone()).date();
        if begins(date).is_none_or(|begin| begin < window.from) {
            date = date.tomorrow().unwrap_or(date);
        }
        while let Ok(next) = date.tomorrow()
            && begins(next).is_some_and(|end| end <= window.to)
        {
            days.insert(date, Vec::new());
            date = next;
        }
        Collector {
            zone,
            days,
            classes: Names::default(),
            agents: Names::default(),
            n_untold: 0,
        }
    }

    /// Adds a visit; one that entered outside the days counts for nothing.
    pub fn add(&mut self, visit: &Visit<'_>) {
        let Ok(entered) = Timestamp::from_millisecond(visit.entered_at_ms) else {
            return;
        };
        let local = entered.to_zoned(self.zone.clone());
        let Some(visits) = self.days.get_mut(&local.date()) else {
            return;
        };
        let told = !matches!(visit.ending, Ending::Waiting | Ending::Untold);
        let Some(wait_ms) = visit
            .wait_ms
            .filter(|_| told)
            .and_then(|ms| u32::try_from(ms).ok())
        else {
            self.n_untold += 1;
            return;
        };
        let time = local.time();
        let since_midnight = ((i64::from(time.hour()) * 60 + i64::from(time.minute())) * 60
            + i64::from(time.second()))
            * 1000
            + i64::from(time.millisecond());
        visits.push(SeenVisit {
            entered_ms: u32::try_from(since_midnight).unwrap_or(0),
            class: self.classes.place(ClassKey {
                queue: visit.queue.to_owned(),
                skills: visit
                    .skills
                    .iter()
                    .map(|skill| (*skill).to_owned())
                    .collect(),
            }),
            ending: visit.ending,
            wait_ms,
            handle_ms: visit.handle_ms.and_then(|ms| u32::try_from(ms).ok()),
            agent: visit.agent.map(|agent| self.agents.place(agent.to_owned())),
        });
    }

    /// Returns the history, the same whatever the order in which visits came.
    pub fn finish(self) -> Seen {
        let (classes, class_places) = self.classes.sorted();
        let (agents, agent_places) = self.agents.sorted();
        let days = self.days.into_iter().map(|(date, mut visits)| {
            for visit in &mut visits {
                visit.class = class_places[usize::from(visit.class)];
                visit.agent = visit.agent.map(|agent| agent_places[usize::from(agent)]);
            }
            visits.sort_unstable();
            let n_cut = cut_short(&mut visits);
            (Day { date, visits }, n_cut)
        });
        let (days, n_cut): (Vec<Day>, Vec<usize>) = days.unzip();
        Seen {
            days,
            classes,
            agents,
            n_untold: self.n_untold,
            n_cut: n_cut.into_iter().sum(),
        }
    }
}

/// An agent who answers has done with the visit before, whatever its record says: after a transfer it goes on with somebody
/// else, and records have its end. Ends such visits there, and returns how many.
fn cut_short(visits: &mut [SeenVisit]) -> usize {
    let mut answers: BTreeMap<u16, Vec<(u32, usize)>> = BTreeMap::new();
    for (place, visit) in visits.iter().enumerate() {
        if let (Ending::Answered, Some(agent)) = (visit.ending, visit.agent) {
            let at = visit.entered_ms.saturating_add(visit.wait_ms);
            answers.entry(agent).or_default().push((at, place));
        }
    }
    let mut n_cut = 0;
    for answers in answers.values_mut() {
        answers.sort_unstable();
        for pair in answers.windows(2) {
            let (from, to) = (pair[0].0, pair[1].0);
            let handle_ms = &mut visits[pair[0].1].handle_ms;
            if handle_ms.is_some_and(|ms| ms > to - from) {
                *handle_ms = Some(to - from);
                n_cut += 1;
            }
        }
    }
    n_cut
}

impl Seen {
    /// Returns all visits.
    pub fn visits(&self) -> impl Iterator<Item = &SeenVisit> {
        self.days.iter().flat_map(|day| &day.visits)
    }

    /// Returns the history of these days only, each as often as it is named.
    #[must_use]
    pub fn of_days(&self, places: &[usize]) -> Seen {
        Seen {
            days: places
                .iter()
                .map(|place| self.days[*place].clone())
                .collect(),
            ..Seen {
                days: Vec::new(),
                classes: self.classes.clone(),
                agents: self.agents.clone(),
                n_untold: self.n_untold,
                n_cut: self.n_cut,
            }
        }
    }
}

/// Things numbered in the order of their first appearance.
#[derive(Debug)]
struct Names<T> {
    places: BTreeMap<T, u16>,
}

impl<T> Default for Names<T> {
    fn default() -> Self {
        Names {
            places: BTreeMap::new(),
        }
    }
}

impl<T: Ord> Names<T> {
    /// Beyond 65,535 names all share the last one: no centre has so many agents or skills, and nothing breaks.
    fn place(&mut self, name: T) -> u16 {
        let next = u16::try_from(self.places.len()).unwrap_or(u16::MAX);
        *self.places.entry(name).or_insert(next)
    }

    /// Returns the names in order, and each old place's new one.
    fn sorted(self) -> (Vec<T>, Vec<u16>) {
        let mut moved = vec![0; self.places.len()];
        let mut names = Vec::with_capacity(self.places.len());
        for (new, (name, old)) in (0..).zip(self.places) {
            if let Some(place) = moved.get_mut(usize::from(old)) {
                *place = new;
            }
            names.push(name);
        }
        (names, moved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use waitwise_model::Coded;

    fn window(from: &str, to: &str) -> Window {
        Window {
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
        }
    }

    fn visit<'a>(at: &str, queue: &'a str, skills: &'a [&'a str], agent: &'a str) -> Visit<'a> {
        Visit {
            conversation: "c",
            started_at_ms: 0,
            ended_at_ms: None,
            number: 1,
            queue,
            media: "voice",
            skills,
            entered_at_ms: at.parse::<Timestamp>().unwrap().as_millisecond(),
            is_offered: true,
            ending: Ending::Answered,
            wait_ms: Some(5_000),
            coding: Coded::Nothing,
            agent: Some(agent),
            talk_ms: None,
            hold_ms: None,
            after_call_ms: None,
            handle_ms: Some(60_000),
            is_transferred: false,
            missed_alerts: 0,
            priority: None,
            routing: None,
        }
    }

    #[test]
    fn days_are_local_and_whole() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let seen = Collector::new(window("2026-03-27T12:00:00Z", "2026-03-31T12:00:00Z"), zone);
        let dates: Vec<_> = seen.days.keys().map(ToString::to_string).collect();
        assert_eq!(dates, ["2026-03-28", "2026-03-29", "2026-03-30"]);
        let whole = window("2026-03-27T23:00:00Z", "2026-03-29T22:00:00Z");
        let seen = Collector::new(whole, TimeZone::get("Europe/Berlin").unwrap());
        assert_eq!(seen.days.len(), 2);
    }

    #[test]
    fn a_visit_is_in_the_half_hour_of_its_wall_clock_on_both_sides_of_daylight_saving() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let mut collector =
            Collector::new(window("2026-03-20T00:00:00Z", "2026-04-05T00:00:00Z"), zone);
        collector.add(&visit("2026-03-28T08:10:00Z", "q", &["a"], "x"));
        collector.add(&visit("2026-03-30T07:10:00Z", "q", &["a"], "x"));
        let seen = collector.finish();
        let slots: Vec<_> = seen.visits().map(SeenVisit::slot).collect();
        assert_eq!(slots, [18, 18]);
    }

    #[test]
    fn a_visit_ends_where_its_agent_answers_the_next() {
        let at = |time, agent| Visit {
            handle_ms: Some(300_000),
            ..visit(time, "q", &["a"], agent)
        };
        let whole = window("2026-03-20T00:00:00Z", "2026-04-05T00:00:00Z");
        let mut collector = Collector::new(whole, TimeZone::UTC);
        collector.add(&at("2026-03-23T09:04:00Z", "x"));
        collector.add(&at("2026-03-23T09:00:00Z", "x"));
        collector.add(&at("2026-03-23T09:01:00Z", "y"));
        let seen = collector.finish();
        let handled: Vec<_> = seen.visits().filter_map(|visit| visit.handle_ms).collect();
        assert_eq!((handled, seen.n_cut), (vec![240_000, 300_000, 300_000], 1));
    }

    #[test]
    fn the_order_in_which_visits_come_does_not_show() {
        let visits = [
            visit("2026-03-21T08:10:00Z", "q2", &["b"], "y"),
            visit("2026-03-21T08:10:00Z", "q1", &["a", "b"], "x"),
            visit("2026-03-22T09:00:00Z", "q1", &["a"], "y"),
        ];
        let gather = |order: [usize; 3]| {
            let mut collector = Collector::new(
                window("2026-03-20T00:00:00Z", "2026-04-05T00:00:00Z"),
                TimeZone::UTC,
            );
            for place in order {
                collector.add(&visits[place]);
            }
            let seen = collector.finish();
            let all: Vec<_> = seen.visits().copied().collect();
            (seen.classes, seen.agents, all)
        };
        let first = gather([0, 1, 2]);
        assert_eq!(first, gather([2, 1, 0]));
        assert_eq!(first.1, ["x", "y"]);
        assert_eq!(first.0.len(), 3);
        // q2's class comes last, whichever visit came first.
        assert_eq!(first.2[1].class, 2);
    }
}
