use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::sketch::Precision;

fn question(by: &[Dimension]) -> Question {
    Question {
        by: by.to_vec(),
        zone: TimeZone::get("Europe/Amsterdam").unwrap(),
        target_ms: 20_000,
        precision: Precision::Bounded,
    }
}

/// Local time of 2014.
fn at(written: &str) -> i64 {
    let civil: jiff::civil::DateTime = format!("2014-{written}").parse().unwrap();
    let zone = TimeZone::get("Europe/Amsterdam").unwrap();
    zone.to_ambiguous_timestamp(civil)
        .unambiguous()
        .unwrap()
        .as_millisecond()
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    queue: &'static str,
    skills: &'static [&'static str],
    entered_at_ms: i64,
    wait_secs: u64,
    ending: Ending,
}

fn visit(seen: &Seen) -> Visit<'_> {
    let is_answered = seen.ending == Ending::Answered;
    Visit {
        conversation: "c",
        started_at_ms: seen.entered_at_ms,
        ended_at_ms: None,
        number: 1,
        queue: seen.queue,
        media: "voice",
        skills: seen.skills,
        entered_at_ms: seen.entered_at_ms,
        is_offered: true,
        ending: seen.ending,
        wait_ms: (seen.ending != Ending::Waiting).then_some(seen.wait_secs * 1000),
        coding: Coded::Nothing,
        agent: is_answered.then_some("a"),
        talk_ms: None,
        hold_ms: None,
        after_call_ms: None,
        handle_ms: is_answered.then_some(1000),
        is_transferred: false,
        missed_alerts: 0,
        priority: None,
        routing: None,
    }
}

fn seen(
    queue: &'static str,
    skills: &'static [&'static str],
    written: &str,
    wait_secs: u64,
) -> Seen {
    Seen {
        queue,
        skills,
        entered_at_ms: at(written),
        wait_secs,
        ending: Ending::Answered,
    }
}

fn overview(by: &[Dimension], all: &[Seen]) -> Overview {
    let question = question(by);
    let mut collector = Collector::new(&question);
    for seen in all {
        collector.add(&visit(seen));
    }
    collector.finish().unwrap()
}

fn names(overview: &Overview) -> Vec<Vec<&str>> {
    let text = |label: &Label| match label {
        Label::Text(text) => text.clone().unwrap_or_default(),
        Label::Slot(_) => panic!("time is no name"),
    };
    // Leaked: a test's few names.
    let names = |group: &Group| {
        group
            .labels
            .iter()
            .map(|label| &*Box::leak(text(label)))
            .collect()
    };
    overview.groups.iter().map(names).collect()
}

#[test]
fn groups_come_by_time_spent_waiting_and_two_skills_count_twice() {
    let all = [
        seen("q", &["a"], "06-02T09:10:00", 10),
        seen("q", &["a", "b"], "06-02T10:10:00", 30),
        seen("q", &["b"], "06-02T11:10:00", 50),
        seen("p", &[], "06-02T11:20:00", 5),
    ];
    let by_skill = overview(&[Dimension::Queue, Dimension::Day, Dimension::Skill], &all);
    assert_eq!(by_skill.by, [Dimension::Queue, Dimension::Skill]);
    assert_eq!(names(&by_skill), [["q", "b"], ["q", "a"], ["p", ""]]);
    let all = &by_skill.all;
    assert_eq!((all.visits(), all.figures.wait_sum_ms), (4, 95_000));
    let group = &by_skill.groups[0].portrait;
    assert!((group.visits_share(all) - 0.5).abs() < 1e-12);
    assert!((group.waiting_share(all) - 80.0 / 95.0).abs() < 1e-12);
    let quality = by_skill.quality;
    assert_eq!(
        (
            quality.without_skill,
            quality.with_several_skills,
            quality.uncoded
        ),
        (1, 1, 4)
    );
}

#[test]
fn hours_and_days_are_local_and_the_worst_two_hours_lie_on_one_day() {
    let all = [
        // Monday.
        seen("q", &[], "06-02T09:59:59", 60),
        seen("q", &[], "06-02T10:00:00", 70),
        seen("q", &[], "06-02T13:00:00", 100),
        // The longest waits, around midnight from Tuesday to Wednesday.
        seen("q", &[], "06-03T23:30:00", 80),
        seen("q", &[], "06-04T00:30:00", 90),
    ];
    let overview = overview(&[Dimension::Queue], &all);
    let worst = overview.all.worst().unwrap();
    assert_eq!(
        (worst.from.weekday(), worst.from.hour()),
        (jiff::civil::Weekday::Monday, 9)
    );
    assert_eq!((worst.cell.visits, worst.cell.wait_sum_ms), (2, 130_000));
    let days = overview
        .days
        .iter()
        .map(|(day, cell)| (day.to_string(), cell.visits));
    let expected = [("2014-06-02", 3), ("2014-06-03", 1), ("2014-06-04", 1)];
    assert_eq!(
        days.collect::<Vec<_>>(),
        expected.map(|(day, n)| (day.to_owned(), n))
    );
}

#[test]
fn where_nobody_waited_there_is_no_worst_hour() {
    let all = [seen("q", &[], "06-02T09:00:00", 0)];
    assert_eq!(overview(&[Dimension::Queue], &all).all.worst(), None);
    assert_eq!(overview(&[Dimension::Queue], &[]).all.worst(), None);
}

#[test]
fn waits_are_told_apart_by_how_they_ended() {
    let endings = [
        (Ending::Answered, 1),
        (Ending::Abandoned, 2),
        (Ending::ShortAbandoned, 3),
        (Ending::ShortOnly, 4),
        (Ending::FlowedOut, 5),
        (Ending::Waiting, 6),
    ];
    let all = endings.map(|(ending, wait_secs)| Seen {
        ending,
        ..seen("q", &[], "06-02T09:00:00", wait_secs)
    });
    let overview = overview(&[Dimension::Queue], &all);
    let counts = |waits: &crate::sketch::Ordered| waits.counts().collect::<Vec<_>>();
    assert_eq!(
        counts(&overview.all.gave_up),
        [(2000, 1), (3000, 1), (4000, 1)]
    );
    assert_eq!(counts(&overview.all.served), [(1000, 1), (5000, 1)]);
    let hour = overview.all.hours[9];
    assert_eq!((hour.visits, hour.waits, hour.abandoned), (6, 5, 3));
    assert_eq!(
        (overview.quality.flowed_out, overview.quality.waiting),
        (1, 1)
    );
}

#[test]
fn a_holiday_is_a_gap_and_a_quiet_night_is_none() {
    let mut all = Vec::new();
    for day in 1..29 {
        // Twenty visits an hour from 9 to 17, on working days but one; 2014-09-01 is a Monday.
        let is_open = !matches!(day % 7, 6 | 0) && day != 17;
        for minute in 0..20 {
            for hour in 9..17 {
                let written = format!("09-{day:02}T{hour:02}:{minute:02}:00");
                if is_open && !(day == 10 && hour == 12) && !(day == 11 && (12..14).contains(&hour))
                {
                    all.push(seen("q", &[], &written, 1));
                }
            }
        }
    }
    let overview = overview(&[Dimension::Queue], &all);
    let said: Vec<_> = overview
        .gaps
        .iter()
        .map(|gap| {
            let local = |ms: i64| {
                let zone = TimeZone::get("Europe/Amsterdam").unwrap();
                let at = Timestamp::from_millisecond(ms).unwrap();
                at.to_zoned(zone).strftime("%d %H:%M").to_string()
            };
            (local(gap.from_ms), local(gap.to_ms), gap.expected.round())
        })
        .collect();
    // One empty hour might be chance; two on end, where 20 and 20 are usual less what the empty ones take away, are not.
    let expected = [
        ("11 12:00", "11 14:00", 30.0),
        ("17 09:00", "17 17:00", 115.0),
    ];
    assert_eq!(
        said,
        expected.map(|(from, to, n)| (from.to_owned(), to.to_owned(), n))
    );
}

#[test]
fn too_many_groups_are_refused() {
    let question = question(&[Dimension::Queue]);
    let mut collector = Collector::new(&question);
    for number in 0..=GROUPS_MAX {
        let queue: &'static str = Box::leak(number.to_string().into_boxed_str());
        collector.add(&visit(&seen(queue, &[], "06-02T09:00:00", 1)));
    }
    assert_eq!(collector.finish().unwrap_err().limit, GROUPS_MAX);
}

proptest! {
    #[test]
    fn parts_merged_in_any_order_are_the_whole(
        visits in prop::collection::vec((0..3_usize, 0..4_usize, 0..2_000_000_u64, 0..900_u64, 0..4_usize), 0..120),
        cut in any::<prop::sample::Index>(),
    ) {
        const QUEUES: [&str; 3] = ["p", "q", "r"];
        const SKILLS: [&[&str]; 4] = [&[], &["a"], &["b"], &["a", "b"]];
        const ENDINGS: [Ending; 4] = [Ending::Answered, Ending::Abandoned, Ending::FlowedOut, Ending::Waiting];
        let all: Vec<Seen> = visits.iter().map(|(queue, skills, after, wait_secs, ending)| Seen {
            queue: QUEUES[*queue],
            skills: SKILLS[*skills],
            entered_at_ms: at("06-01T00:00:00") + i64::try_from(*after).unwrap() * 1000,
            wait_secs: *wait_secs,
            ending: ENDINGS[*ending],
        }).collect();
        let by = [Dimension::Queue, Dimension::Skill];
        let question = question(&by);
        let part = |part: &[Seen]| {
            let mut collector = Collector::new(&question);
            for seen in part {
                collector.add(&visit(seen));
            }
            collector
        };
        let (left, right) = all.split_at(if all.is_empty() { 0 } else { cut.index(all.len()) });
        let merged = |first: &[Seen], second: &[Seen]| {
            let mut first = part(first);
            first.merge(part(second));
            first.finish().unwrap()
        };
        let whole = overview(&by, &all);
        prop_assert_eq!(&merged(left, right), &whole);
        prop_assert_eq!(&merged(right, left), &whole);
        let visits: u64 = whole.days.iter().map(|(_, cell)| cell.visits).sum();
        prop_assert_eq!(visits, all.len() as u64);
    }
}
