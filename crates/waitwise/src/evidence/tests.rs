use std::num::NonZeroUsize;
use std::path::PathBuf;

use jiff::tz::TimeZone;
use waitwise_app::call_records::Chosen;
use waitwise_app::files::overview::Collector;
use waitwise_app::files::{
    Dimension, Grouping, Input, Place, Precision, Records, Tally, Trouble, Wanted,
};
use waitwise_app::model::{Coded, Ending, Visit};

use super::*;

fn asked() -> Asked {
    Asked {
        inputs: vec![Input::File(PathBuf::from("calls.csv"))],
        records: Records::Calls(Chosen::ByHeader),
        grouping: Grouping {
            by: vec![Dimension::Queue, Dimension::Skill],
            zone: TimeZone::get("Europe/Amsterdam").unwrap(),
            target_ms: 20_000,
            precision: Precision::Bounded,
        },
        wanted: Wanted {
            rows: false,
            overview: true,
        },
        threads: NonZeroUsize::MIN,
        max_refused_share: 0.01,
    }
}

/// Twenty-five queues of which the later ones wait longer; a week in the middle has nobody.
fn overview(asked: &Asked, names: &[String]) -> Overview {
    // 2014-06-02, a Monday, 09:00 in Amsterdam.
    const BEGIN_MS: i64 = 1_401_692_400_000;
    const HOUR_MS: i64 = 3_600_000;
    let mut collector = Collector::new(&asked.grouping);
    for (idx, name) in (0_u32..).zip(names) {
        for hour in 0..8 {
            for day in (0..28).filter(|day| !(7..14).contains(day)) {
                for n in 0..4_u32 {
                    let wait_secs = u64::from((idx + 1) * n * 10) + hour;
                    let entered_at_ms = BEGIN_MS
                        + i64::from(day) * 24 * HOUR_MS
                        + i64::try_from(hour).unwrap() * HOUR_MS;
                    let visit = visit(name, entered_at_ms, wait_secs, n == 3);
                    collector.add(&visit);
                }
            }
        }
    }
    collector.finish().unwrap()
}

fn visit(queue: &str, entered_at_ms: i64, wait_secs: u64, is_abandoned: bool) -> Visit<'_> {
    Visit {
        conversation: "c",
        started_at_ms: entered_at_ms,
        ended_at_ms: None,
        number: 1,
        queue,
        media: "voice",
        skills: &[],
        entered_at_ms,
        is_offered: true,
        ending: if is_abandoned {
            Ending::Abandoned
        } else {
            Ending::Answered
        },
        wait_ms: Some(wait_secs * 1000),
        coding: Coded::Nothing,
        agent: None,
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

fn names(n: usize) -> Vec<String> {
    (0..n).map(|idx| format!("queue {idx}.")).collect()
}

fn analysis(troubles: Vec<Trouble>) -> FilesAnalysis {
    FilesAnalysis {
        rows: Vec::new(),
        overview: None,
        tally: Tally {
            records: 100,
            refused_records: troubles.len() as u64,
            troubles,
            ..Tally::default()
        },
        left_out: 7,
        in_repeated_hour: 3,
    }
}

fn rendered(n_groups: usize) -> String {
    let asked = asked();
    page(
        &asked,
        &analysis(Vec::new()),
        &overview(&asked, &names(n_groups)),
    )
}

/// What stands between the tags of each element of this kind.
fn inside<'a>(page: &'a str, open: &str, close: &str) -> Vec<&'a str> {
    let parts = page.split(open).skip(1);
    parts
        .map(|part| part.split(close).next().unwrap())
        .collect()
}

#[test]
fn every_section_is_there_and_the_same_overview_gives_the_same_bytes() {
    let page = rendered(3);
    let headings = inside(&page, "<h2>", "</h2>");
    assert_eq!(
        headings,
        [
            "Who waits most",
            "When people wait",
            "How long people wait",
            "From day to day",
            "How far the records can be trusted",
        ]
    );
    assert_eq!(page, rendered(3));
    for text in [
        "calls.csv",
        "2014-06-02 to 2014-06-29",
        "Europe/Amsterdam",
        "Most time is spent waiting for queue 2.: 33.3% of calls, ",
        "The worst day was 2014-06-02, a Monday: 96 calls",
        "25.0%",
    ] {
        assert!(page.contains(text), "{text}");
    }
}

#[test]
fn charts_say_what_they_show_and_have_their_numbers_beneath() {
    let page = rendered(3);
    let charts = page.matches("role=\"img\"").count();
    // Pareto, weeks, distribution, patience of everybody and of three groups, two trends.
    assert_eq!(charts, 9);
    assert_eq!(page.matches("<desc id=").count(), charts);
    assert_eq!(page.matches("<title id=").count(), charts);
    let ids = inside(&page, " id=\"", "\"");
    let mut different = ids.clone();
    different.sort_unstable();
    different.dedup();
    assert_eq!(different.len(), ids.len(), "{ids:?}");
    for section in inside(&page, "<section>", "</section>") {
        assert!(section.contains("<table"), "{}", &section[..60]);
    }
}

#[test]
fn the_page_asks_the_network_for_nothing_and_names_cannot_become_markup() {
    const EVIL: &str = "<script src=\"https://x\">&";
    let mut asked = asked();
    asked.inputs = vec![Input::File(PathBuf::from(EVIL))];
    let place = Place {
        file: 0,
        offset: 12,
        line: 3,
    };
    let troubles = vec![Trouble::new(place, EVIL)];
    let overview = overview(&asked, &[EVIL.to_owned(), EVIL.repeat(9)]);
    let page = page(&asked, &analysis(troubles), &overview);
    assert!(page.matches("&lt;script").count() >= 10);
    for request in ["<script", "href=", "@import", "<link", "<iframe", "http://"] {
        assert!(!page.contains(request), "{request}");
    }
    assert!(page.contains("default-src 'none'"));
    assert_eq!(
        page.matches("url(").count(),
        page.matches("url(#hatch)").count()
    );
}

#[test]
fn a_heat_map_has_a_field_for_each_hour_in_which_anybody_comes() {
    let page = rendered(2);
    let heat = inside(&page, "<table class=\"heat\"", "</table>")[0];
    assert_eq!(heat.matches("<td ").count(), 7 * 8);
    assert!(heat.contains(">09</th>") && heat.contains(">16</th>") && !heat.contains(">17</th>"));
    assert!(
        heat.contains("title=\"24 calls, mean wait "),
        "three weeks of four calls in two queues"
    );
    let strips = inside(&page, "<svg class=\"strip\"", "</svg>");
    assert_eq!(strips.len(), 2);
    assert!(strips[0].contains("viewBox=\"0 0 56 1\""));
}

#[test]
fn groups_beyond_the_first_dozen_are_counted() {
    let page = rendered(25);
    assert!(page.contains("13 more groups with "));
    assert!(page.contains("queue 13.") && !page.contains("queue 12."));
    assert_eq!(
        inside(&page, "<svg class=\"strip\"", "</svg>").len(),
        GROUPS_SHOWN
    );
}

#[test]
fn what_the_records_lack_is_told() {
    let asked = asked();
    let place = Place {
        file: 0,
        offset: 1234,
        line: 56,
    };
    let troubles = vec![Trouble::new(place, "`in` is blank")];
    let page = page(&asked, &analysis(troubles), &overview(&asked, &names(2)));
    let rows = inside(&page, "<tr>", "</tr>");
    let row = |what: &str| {
        rows.iter()
            .find(|row| row.contains(what))
            .unwrap()
            .to_owned()
    };
    assert!(row("Without a wrap-up code").contains("100.0% of answered"));
    assert!(row("Rows left out").contains(">7<"));
    assert!(row("Entered in an hour that").contains(">3<"));
    assert!(row("`in` is blank").contains("calls.csv") && row("`in` is blank").contains("1,234"));
    // The empty week, from its first busy hour to its last: 56 hours of 6 calls, as three of four weeks have 8.
    let gap = row("Mon 2014-06-09 09:00");
    assert!(
        gap.contains("Sun 2014-06-15 17:00") && gap.contains(">336<"),
        "{gap}"
    );
}

#[test]
fn nothing_at_all_is_a_page_too() {
    let asked = asked();
    let page = page(&asked, &analysis(Vec::new()), &overview(&asked, &[]));
    assert!(page.contains("Nothing in these files entered a queue."));
    assert_eq!(
        inside(&page, "<h2>", "</h2>"),
        ["How far the records can be trusted"]
    );
    assert!(!page.contains("role=\"img\""));
}

#[test]
fn one_call_that_did_not_wait_is_drawn_as_something_finite() {
    let asked = asked();
    let mut collector = Collector::new(&asked.grouping);
    collector.add(&visit("q", 1_401_692_400_000, 0, false));
    let page = page(&asked, &analysis(Vec::new()), &collector.finish().unwrap());
    assert!(page.contains("Nobody waited."));
    for word in ["NaN", "inf%", "inf\"", "=\"-"] {
        let charts = inside(&page, "<svg ", "</svg>").join("");
        assert!(!charts.contains(word), "{word}");
    }
}
