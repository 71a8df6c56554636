//! An overview of files as text: where people wait most, and when.

use std::fmt::Write as _;

use waitwise_app::files::overview::{Group, Overview, Quality};
use waitwise_app::files::{Asked, FilesAnalysis, HourOfWeek, Input, Label, Records};

use super::number::{count, percent, secs};
use super::table::{Align, Column, more, unbroken};

/// Longer names would leave no room for the figures in 80 columns.
const NAME_CHARS: usize = 22;

/// Writes who waits most: figures in a line, and how to read them in the next.
pub(crate) fn text(
    asked: &Asked,
    analysis: &FilesAnalysis,
    overview: &Overview,
    top: usize,
) -> String {
    let mut text = head(asked, overview);
    text += &ranked(asked, overview, top);
    text += &quality(asked, analysis, overview);
    text
}

/// What the records are called.
pub(crate) fn noun(asked: &Asked) -> &'static str {
    match asked.records {
        Records::Calls(_) => "calls",
        Records::Conversations => "visits",
    }
}

/// Returns the files' names: the first ones, and how many more there are.
pub(crate) fn sources(inputs: &[Input]) -> String {
    const SHOWN: usize = 3;
    let names: Vec<_> = inputs.iter().take(SHOWN).map(Input::name).collect();
    let more = match inputs.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{more}", names.join(", "))
}

/// Returns how a group is called: each of its names once.
pub(crate) fn name(labels: &[Label]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for label in labels {
        if let Label::Text(Some(name)) = label
            && !names.contains(&&**name)
        {
            names.push(name);
        }
    }
    match names.is_empty() {
        true => "(none)".to_owned(),
        false => names.join(" · "),
    }
}

/// Returns the two hours that begin with this one: `Mon 09–11`.
pub(crate) fn two_hours(from: HourOfWeek) -> String {
    format!(
        "{} {:02}–{:02}",
        weekday(from),
        from.hour(),
        from.hour() + 2
    )
}

fn weekday(hour: HourOfWeek) -> String {
    let name = format!("{:?}", hour.weekday());
    name.chars().take(3).collect()
}

/// Returns a share in whole percent: `9%`, `<1%`.
pub(crate) fn whole(share: f64) -> String {
    match share {
        0.0 => "none".to_owned(),
        ..0.005 => "<1%".to_owned(),
        share => format!("{:.0}%", share * 100.0),
    }
}

/// Returns how a group's figures are to be read: `9% of calls, 31% of waiting hours, worst Mon 09–11`.
pub(crate) fn reading(group: &Group, overview: &Overview, noun: &str) -> String {
    let portrait = &group.portrait;
    let mut text = format!(
        "{} of {noun}, {} of waiting hours",
        whole(portrait.visits_share(&overview.all)),
        whole(portrait.waiting_share(&overview.all)),
    );
    if let Some(worst) = portrait.worst() {
        let _ = write!(text, ", worst {}", two_hours(worst.from));
    }
    text
}

fn head(asked: &Asked, overview: &Overview) -> String {
    let figures = &overview.all.figures;
    let mut text = format!("{}\n", sources(&asked.inputs));
    let days = (overview.days.first(), overview.days.last());
    let (Some((first, _)), Some((last, _))) = days else {
        return text + "Nothing in them entered a queue.\n\n";
    };
    let zone = asked.grouping.zone.iana_name().unwrap_or("local time");
    let _ = writeln!(
        text,
        "{} {} from {first} to {last}, {zone}",
        n(overview.all.visits()),
        noun(asked)
    );
    let share = |share: Option<f64>| share.map_or_else(|| "none".to_owned(), percent);
    let _ = writeln!(
        text,
        "{} hours waited, mean {}, {} gave up, {} of the offered answered in {} s\n",
        count(figures.waiting_hours().round()),
        milliseconds(figures.mean_wait_ms()),
        share(figures.abandon_share()),
        share(figures.service_level()),
        asked.grouping.target_ms / 1000
    );
    text
}

fn ranked(asked: &Asked, overview: &Overview, top: usize) -> String {
    const COLUMNS: [Column; 7] = [
        Column("#", Align::Right),
        Column("Where", Align::Left),
        Column("Number", Align::Right),
        Column("Mean wait", Align::Right),
        Column("p90", Align::Right),
        Column("Gave up", Align::Right),
        Column("Hours", Align::Right),
    ];
    let shown = overview.groups.iter().take(top);
    let lines = (1..).zip(shown).map(|(rank, group)| line(rank, group));
    let figures = unbroken(&COLUMNS, lines.collect());
    let mut figures = figures.lines();
    let mut text = String::new();
    text.extend(figures.next().map(|head| format!("{head}\n")));
    for (line, group) in figures.zip(&overview.groups) {
        let _ = writeln!(text, "{line}");
        let whole = name(&group.labels);
        let whole = match whole.chars().count() > NAME_CHARS {
            true => format!("{whole}: "),
            false => String::new(),
        };
        let _ = writeln!(
            text,
            "     {whole}{}",
            reading(group, overview, noun(asked))
        );
    }
    text += &more(top, overview.groups.len());
    text.push('\n');
    text
}

fn line(rank: usize, group: &Group) -> Vec<String> {
    let figures = &group.portrait.figures;
    let share = figures.abandon_share();
    vec![
        rank.to_string(),
        shortened(&name(&group.labels)),
        n(group.portrait.visits()),
        milliseconds(figures.mean_wait_ms()),
        milliseconds(figures.wait_percentile_ms(900)),
        share.map_or_else(String::new, percent),
        format!("{:.1}", figures.waiting_hours()),
    ]
}

fn shortened(name: &str) -> String {
    match name.chars().count() > NAME_CHARS {
        true => name.chars().take(NAME_CHARS - 1).chain(['…']).collect(),
        false => name.to_owned(),
    }
}

/// What to know before trusting the figures, in a few lines.
fn quality(asked: &Asked, analysis: &FilesAnalysis, overview: &Overview) -> String {
    let mut text = String::new();
    for line in quality_lines(asked, analysis, overview) {
        let _ = writeln!(text, "{line}");
    }
    text
}

fn quality_lines(asked: &Asked, analysis: &FilesAnalysis, overview: &Overview) -> Vec<String> {
    let Quality {
        answered,
        uncoded,
        reserved,
        transferred,
        flowed_out,
        with_several_skills,
        ..
    } = overview.quality;
    let noun = noun(asked);
    let mut lines = Vec::new();
    let of_answered = |n| format!("{} of the answered", part(n, answered));
    if uncoded + reserved > 0 {
        lines.push(format!(
            "Without a wrap-up code: {}.",
            of_answered(uncoded + reserved)
        ));
    }
    if transferred > 0 {
        lines.push(format!(
            "Passed on by the agent: {}.",
            of_answered(transferred)
        ));
    }
    if flowed_out > 0 {
        let share = part(flowed_out, overview.quality.visits);
        lines.push(format!("Left the queue some other way: {share} of all."));
    }
    if with_several_skills > 0 {
        lines.push(format!(
            "{} {noun} asked for several skills and count under each.",
            n(with_several_skills)
        ));
    }
    if analysis.left_out > 0 {
        lines.push(format!(
            "{} rows are left out: no calls, or never in a queue.",
            n(analysis.left_out)
        ));
    }
    if !overview.gaps.is_empty() {
        lines.push(format!(
            "{} stretches without any {noun} where other weeks have some; --html FILE lists them.",
            overview.gaps.len()
        ));
    }
    lines
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
fn part(n: u64, of: u64) -> String {
    match of {
        0 => "none".to_owned(),
        of => percent(n as f64 / of as f64),
    }
}

fn milliseconds(ms: Option<f64>) -> String {
    ms.map_or_else(String::new, |ms| secs(ms / 1000.0))
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
fn n(n: u64) -> String {
    count(n as f64)
}
