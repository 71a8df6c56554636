//! Whether a model can be run, and which field stands in the way.

use std::collections::BTreeSet;

use super::{Arrivals, Calendar, Class, Group, Level, Rate, Shift, Spec, Staffing, Trace};
use crate::error::{Problem, at_least_zero, between, finite, positive, share};
use crate::law::{CV_MIN, Law};

const CLASSES_MAX: usize = 4_096;
const GROUPS_MAX: usize = 65_536;
const AGENTS_MAX: u64 = 1_000_000;
const TARGETS_MAX: usize = 8;

pub(super) fn check(spec: &Spec) -> Result<(), Problem> {
    calendar(&spec.calendar)?;
    busyness(spec.busyness_cv)?;
    at_most("targets_secs", spec.targets_secs.len(), TARGETS_MAX)?;
    for (place, target) in spec.targets_secs.iter().enumerate() {
        at_least_zero(&format!("targets_secs[{place}]"), *target)?;
    }
    some("classes", spec.classes.len(), CLASSES_MAX)?;
    some("groups", spec.groups.len(), GROUPS_MAX)?;
    unique("classes", spec.classes.iter().map(|class| &class.name))?;
    unique("groups", spec.groups.iter().map(|group| &group.name))?;
    for (place, of) in spec.classes.iter().enumerate() {
        class(spec, of).map_err(|problem| problem.inside(&format!("classes[{place}]")))?;
    }
    for (place, of) in spec.groups.iter().enumerate() {
        group(spec, of).map_err(|problem| problem.inside(&format!("groups[{place}]")))?;
    }
    let agents: u64 = spec.groups.iter().map(|group| most(&group.staffing)).sum();
    if agents > AGENTS_MAX {
        let said = format!("must have at most {AGENTS_MAX} agents together, got {agents}");
        return Err(Problem::at("groups", said));
    }
    Ok(())
}

/// Beyond ten nearly all days would be empty, and the others overrun; what is above 0 and smaller than any law's spread may
/// be, no law of days can be drawn from.
fn busyness(cv: f64) -> Result<(), Problem> {
    match cv == 0.0 || (CV_MIN..=10.0).contains(&cv) {
        true => Ok(()),
        false => {
            let said = format!("must be 0, or from {CV_MIN} to 10, got {cv}");
            Err(Problem::at("busyness_cv", said))
        }
    }
}

fn calendar(calendar: &Calendar) -> Result<(), Problem> {
    // Shorter, and a run would be busy with nothing but beginning again.
    between("cycle_secs", calendar.cycle_secs, 1.0, 1e9)?;
    let Some(day_secs) = calendar.day_secs else {
        return Ok(());
    };
    positive("day_secs", day_secs)?;
    let days = calendar.cycle_secs / day_secs;
    if days < 0.5 || (days - libm::round(days)).abs() > 1e-9 {
        let said = format!(
            "must be a whole number of days of {day_secs} s, got {}",
            calendar.cycle_secs
        );
        return Err(Problem::at("cycle_secs", said));
    }
    Ok(())
}

fn class(spec: &Spec, class: &Class) -> Result<(), Problem> {
    busyness(class.busyness_cv)?;
    duration("service", &class.service)?;
    if let Some(law) = &class.after_call {
        duration("after_call", law)?;
    }
    if let Some(patience) = &class.patience {
        let in_patience = |problem: Problem| problem.inside("patience");
        patience.law.check().map_err(in_patience)?;
        share("never_share", patience.never_share).map_err(in_patience)?;
    }
    match &class.arrivals {
        Arrivals::Poisson(rates) => poisson(rates, spec.calendar.cycle_secs),
        Arrivals::Trace(seen) => trace(seen, &spec.calendar),
    }
    .map_err(|problem| problem.inside("arrivals"))?;
    for (place, name) in class.group_order.iter().enumerate() {
        known(name, spec.groups.iter().map(|group| &group.name))
            .map_err(|problem| problem.inside(&format!("group_order[{place}]")))?;
    }
    if class.group_order.iter().collect::<BTreeSet<_>>().len() < class.group_order.len() {
        return Err(Problem::at("group_order", "must name each group once"));
    }
    can_be_served(spec, class)
}

fn can_be_served(spec: &Spec, class: &Class) -> Result<(), Problem> {
    let has_all = |group: &&Group| {
        class
            .skills
            .iter()
            .all(|skill| group.skills.contains(skill))
    };
    let mut able = spec.groups.iter().filter(has_all).peekable();
    let said = if able.peek().is_none() {
        "must all be in one group; none has"
    } else if able.all(|group| most(&group.staffing) == 0) {
        "must all be in a group with agents; no agent has"
    } else {
        return Ok(());
    };
    Err(Problem::at(
        "skills",
        format!("{said} {}", list(&class.skills)),
    ))
}

fn list(skills: &[String]) -> String {
    let quoted: Vec<String> = skills.iter().map(|skill| format!("`{skill}`")).collect();
    quoted.join(" and ")
}

/// Service and after-call work end some time.
fn duration(field: &str, law: &Law) -> Result<(), Problem> {
    law.check()
        .and_then(|()| finite("", law.mean_secs()))
        .map_err(|problem| problem.inside(field))
}

fn poisson(rates: &[Rate], cycle_secs: f64) -> Result<(), Problem> {
    pieces("rates", rates.iter().map(|rate| rate.from_secs), cycle_secs)?;
    for (place, rate) in rates.iter().enumerate() {
        at_least_zero("per_hour", rate.per_hour)
            .map_err(|problem| problem.inside(&format!("rates[{place}]")))?;
    }
    let ends = rates.iter().skip(1).map(|rate| rate.from_secs);
    let lengths = ends.chain([cycle_secs]).zip(rates);
    let in_a_cycle: f64 = lengths
        .map(|(end, rate)| (end - rate.from_secs) * rate.per_hour / 3_600.0)
        .sum();
    // Fewer, and looking for the next one would go through thousands of cycles; more, and a day would not end.
    match in_a_cycle <= 0.0 || (0.001..=1e9).contains(&in_a_cycle) {
        true => Ok(()),
        false => {
            let said =
                format!("must bring none, or 0.001 to 1,000,000,000 a cycle, got {in_a_cycle}");
            Err(Problem::at("rates", said))
        }
    }
}

/// Pieces begin at 0, follow each other, and lie within the cycle.
fn pieces(field: &str, starts: impl Iterator<Item = f64>, cycle_secs: f64) -> Result<(), Problem> {
    let mut before = None;
    for (place, from) in starts.enumerate() {
        let place = format!("{field}[{place}].from_secs");
        at_least_zero(&place, from)?;
        let is_next = before.map_or(from < f64::MIN_POSITIVE, |before| from > before);
        if !is_next || from >= cycle_secs {
            let wanted = match before {
                None => "0".to_owned(),
                Some(before) => format!("after {before} and before the cycle's end, {cycle_secs}"),
            };
            return Err(Problem::at(place, format!("must be {wanted}, got {from}")));
        }
        before = Some(from);
    }
    match before {
        Some(_) => Ok(()),
        None => Err(Problem::at(field, "must have at least one entry")),
    }
}

fn trace(trace: &Trace, calendar: &Calendar) -> Result<(), Problem> {
    let mut before = 0.0;
    for (place, at) in trace.at_secs.iter().enumerate() {
        let place = format!("at_secs[{place}]");
        at_least_zero(&place, *at)?;
        if *at < before {
            let said = format!("must not be before the arrival before it, got {at}");
            return Err(Problem::at(place, said));
        }
        if calendar.day_secs.is_some_and(|day_secs| *at >= day_secs) {
            let said = format!("must be before the day's end, got {at}");
            return Err(Problem::at(place, said));
        }
        before = *at;
    }
    let columns = [
        ("service_secs", &trace.service_secs),
        ("after_call_secs", &trace.after_call_secs),
        ("patience_secs", &trace.patience_secs),
    ];
    for (name, column) in columns {
        let Some(column) = column else { continue };
        if column.len() != trace.at_secs.len() {
            let said = format!(
                "must have one value for each of the {} arrivals, got {}",
                trace.at_secs.len(),
                column.len()
            );
            return Err(Problem::at(name, said));
        }
        let may_be_infinite = name == "patience_secs";
        for (place, secs) in column.iter().enumerate() {
            if !(may_be_infinite && *secs == f64::INFINITY) {
                at_least_zero(&format!("{name}[{place}]"), *secs)?;
            }
        }
    }
    Ok(())
}

fn group(spec: &Spec, group: &Group) -> Result<(), Problem> {
    let classes = || spec.classes.iter().map(|class| &class.name);
    let named = [
        ("levels", group.levels.keys().collect::<Vec<_>>()),
        ("speed", group.speed.keys().collect()),
        ("service", group.service.keys().collect()),
        ("after_call", group.after_call.keys().collect()),
    ];
    for (field, names) in named {
        for name in names {
            known(name, classes()).map_err(|problem| problem.inside(field))?;
        }
    }
    for (name, speed) in &group.speed {
        positive(name, *speed).map_err(|problem| problem.inside("speed"))?;
    }
    for (skill, proficiency) in &group.proficiency {
        known(skill, group.skills.iter())
            .and_then(|()| finite(skill, *proficiency))
            .map_err(|problem| problem.inside("proficiency"))?;
    }
    for (field, laws) in [
        ("service", &group.service),
        ("after_call", &group.after_call),
    ] {
        for (name, law) in laws {
            duration(name, law).map_err(|problem| problem.inside(field))?;
        }
    }
    staffing(&group.staffing, spec.calendar.cycle_secs)
}

fn staffing(staffing: &Staffing, cycle_secs: f64) -> Result<(), Problem> {
    match staffing {
        Staffing::Always(_) => Ok(()),
        Staffing::Levels(levels) => {
            let starts = levels.iter().map(|level| level.from_secs);
            pieces("staffing", starts, cycle_secs)
        }
        Staffing::Shifts(shifts) => {
            for (place, of) in shifts.iter().enumerate() {
                shift(of, cycle_secs)
                    .map_err(|problem| problem.inside(&format!("shifts[{place}]")))?;
            }
            Ok(())
        }
    }
}

fn shift(shift: &Shift, cycle_secs: f64) -> Result<(), Problem> {
    let mut earliest = 0.0;
    for (place, (from, to)) in shift.stretches_secs.iter().enumerate() {
        let is_in_order = (earliest..cycle_secs).contains(from) && *to > *from && *to <= cycle_secs;
        if !is_in_order {
            let said = format!(
                "must begin at {earliest} or later, end after it begins and by the cycle's end, {cycle_secs}, got [{from}, {to}]"
            );
            return Err(Problem::at(format!("stretches_secs[{place}]"), said));
        }
        earliest = *to;
    }
    Ok(())
}

/// The most agents that a group ever has.
pub(super) fn most(staffing: &Staffing) -> u64 {
    match staffing {
        Staffing::Always(agents) => u64::from(*agents),
        Staffing::Levels(levels) => {
            let most = levels.iter().map(|level: &Level| level.agents).max();
            u64::from(most.unwrap_or(0))
        }
        Staffing::Shifts(shifts) => shifts.iter().map(|shift| u64::from(shift.agents)).sum(),
    }
}

fn known<'a>(name: &str, mut names: impl Iterator<Item = &'a String>) -> Result<(), Problem> {
    match names.any(|known| known == name) {
        true => Ok(()),
        false => Err(Problem::at("", format!("must be known, got `{name}`"))),
    }
}

fn unique<'a>(field: &str, names: impl Iterator<Item = &'a String>) -> Result<(), Problem> {
    let mut seen = BTreeSet::new();
    for (place, name) in names.enumerate() {
        let place = format!("{field}[{place}].name");
        if name.is_empty() {
            return Err(Problem::at(place, "must not be empty"));
        }
        if !seen.insert(name) {
            return Err(Problem::at(
                place,
                format!("must be unique, got `{name}` again"),
            ));
        }
    }
    Ok(())
}

fn some(field: &str, n: usize, max: usize) -> Result<(), Problem> {
    match n {
        0 => Err(Problem::at(field, "must have at least one entry")),
        _ => at_most(field, n, max),
    }
}

fn at_most(field: &str, n: usize, max: usize) -> Result<(), Problem> {
    match n <= max {
        true => Ok(()),
        false => {
            let said = format!("must have at most {max} entries, got {n}");
            Err(Problem::at(field, said))
        }
    }
}
