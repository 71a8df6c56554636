//! From the shape of a file to a model and a policy: what is given for nothing, and what is missing, is said.

use std::collections::BTreeMap;

use super::shape::{
    AgentChoiceShape, ArrivalsShape, CalendarShape, ClassShape, GroupShape, LawName, LawShape,
    ModelShape, OrderShape,
};
use super::{Described, FORMAT};
use crate::error::Problem;
use crate::law::{Hazard, Law, Part, Patience};
use crate::model::{
    AgentChoice, Arrivals, Calendar, Class, Group, Level, Model, Rate, Shift, Spec, Staffing, Trace,
};
use crate::policy::{Policy, Standing};

/// A cycle where none is given: a day.
const CYCLE_SECS: f64 = 86_400.0;
/// A target where none is given: the most common one.
const TARGET_SECS: f64 = 20.0;

pub(super) fn described(shape: ModelShape) -> Result<Described, Problem> {
    if shape.format != FORMAT {
        let said = format!("must be `{FORMAT}`, got `{}`", shape.format);
        return Err(Problem::at("format", said));
    }
    let order = shape.routing.order;
    let agent_choice = match shape.routing.agent_choice {
        AgentChoiceShape::LongestIdle => AgentChoice::LongestIdle,
        AgentChoiceShape::GroupPreference => AgentChoice::GroupPreference,
        AgentChoiceShape::Proficiency => AgentChoice::Proficiency,
    };
    let mut classes = Vec::with_capacity(shape.classes.len());
    let mut standings = Vec::with_capacity(shape.classes.len());
    for (place, of) in shape.classes.into_iter().enumerate() {
        let inside = |problem: Problem| problem.inside(&format!("classes[{place}]"));
        standings.push(standing(&of, order).map_err(inside)?);
        classes.push(class(of, agent_choice).map_err(inside)?);
    }
    let mut groups = Vec::with_capacity(shape.groups.len());
    for (place, of) in shape.groups.into_iter().enumerate() {
        let inside = |problem: Problem| problem.inside(&format!("groups[{place}]"));
        groups.push(group(of, agent_choice).map_err(inside)?);
    }
    let model = Model::new(Spec {
        classes,
        groups,
        waiting_room: shape.routing.waiting_room,
        agent_choice,
        calendar: calendar(&shape.calendar),
        busyness_cv: shape.busyness_cv,
        targets_secs: shape.targets_secs.unwrap_or_else(|| vec![TARGET_SECS]),
    })
    .map_err(in_the_file)?;
    Ok(Described {
        name: shape.name,
        model,
        policy: Policy::of(standings)?,
    })
}

/// The calendar's fields stand in a table of their own.
fn in_the_file(problem: Problem) -> Problem {
    match problem.field() {
        "cycle_secs" | "day_secs" => problem.inside("calendar"),
        _ => problem,
    }
}

fn calendar(shape: &CalendarShape) -> Calendar {
    Calendar {
        cycle_secs: shape.cycle_secs.or(shape.day_secs).unwrap_or(CYCLE_SECS),
        day_secs: shape.day_secs,
    }
}

fn standing(class: &ClassShape, order: OrderShape) -> Result<Standing, Problem> {
    let given = [
        (
            "head_start_secs",
            class.head_start_secs.is_some(),
            OrderShape::HeadStart,
        ),
        ("priority", class.priority.is_some(), OrderShape::Priority),
        ("slope", class.slope.is_some(), OrderShape::Accumulating),
    ];
    for (field, is_given, of) in given {
        if is_given && order != of {
            let said = format!(
                "counts with routing.order = \"{}\" only, got \"{}\"",
                of.name(),
                order.name()
            );
            return Err(Problem::at(field, said));
        }
    }
    Ok(Standing {
        priority: class.priority.unwrap_or(Standing::PLAIN.priority),
        slope: class.slope.unwrap_or(Standing::PLAIN.slope),
        head_start_secs: class
            .head_start_secs
            .unwrap_or(Standing::PLAIN.head_start_secs),
    })
}

fn class(shape: ClassShape, choice: AgentChoice) -> Result<Class, Problem> {
    if shape.group_order.is_some() && choice != AgentChoice::GroupPreference {
        return Err(Problem::at(
            "group_order",
            "counts with routing.agent_choice = \"group-preference\" only",
        ));
    }
    let service = match shape.service {
        Some(service) => law(service, "service")?,
        None if shape.arrivals.service_secs.is_some() => Law::Deterministic { secs: 0.0 },
        None => return Err(Problem::at("service", "is missing")),
    };
    let skills = shape.skills.unwrap_or_else(|| vec![shape.name.clone()]);
    Ok(Class {
        skills,
        arrivals: arrivals(shape.arrivals).map_err(|problem| problem.inside("arrivals"))?,
        busyness_cv: shape.busyness_cv,
        service,
        after_call: shape
            .after_call
            .map(|after_call| law(after_call, "after_call"))
            .transpose()?,
        patience: shape.patience.map(patience).transpose()?,
        group_order: shape.group_order.unwrap_or_default(),
        name: shape.name,
    })
}

fn arrivals(shape: ArrivalsShape) -> Result<Arrivals, Problem> {
    let columns = [
        ("service_secs", shape.service_secs.is_some()),
        ("after_call_secs", shape.after_call_secs.is_some()),
        ("patience_secs", shape.patience_secs.is_some()),
    ];
    for (field, is_given) in columns {
        if is_given && shape.at_secs.is_none() {
            return Err(Problem::at(field, "counts with at_secs only"));
        }
    }
    let never = |secs: Option<f64>| secs.unwrap_or(f64::INFINITY);
    match (shape.per_hour, shape.rates, shape.at_secs) {
        (Some(per_hour), None, None) => {
            crate::error::at_least_zero("per_hour", per_hour)?;
            Ok(Arrivals::Poisson(vec![Rate {
                from_secs: 0.0,
                per_hour,
            }]))
        }
        (None, Some(rates), None) => Ok(Arrivals::Poisson(
            rates
                .iter()
                .map(|rate| Rate {
                    from_secs: rate.from_secs,
                    per_hour: rate.per_hour,
                })
                .collect(),
        )),
        (None, None, Some(at_secs)) => Ok(Arrivals::Trace(Trace {
            at_secs,
            service_secs: shape.service_secs,
            after_call_secs: shape.after_call_secs,
            patience_secs: shape
                .patience_secs
                .map(|all| all.into_iter().map(never).collect()),
        })),
        _ => Err(Problem::at(
            "",
            "must have one of per_hour, rates and at_secs",
        )),
    }
}

fn group(shape: GroupShape, choice: AgentChoice) -> Result<Group, Problem> {
    if !shape.proficiency.is_empty() && choice != AgentChoice::Proficiency {
        return Err(Problem::at(
            "proficiency",
            "counts with routing.agent_choice = \"proficiency\" only",
        ));
    }
    let staffing = match (shape.agents, shape.staffing, shape.shifts) {
        (Some(agents), None, None) => Staffing::Always(agents),
        (None, Some(levels), None) => Staffing::Levels(
            levels
                .iter()
                .map(|level| Level {
                    from_secs: level.from_secs,
                    agents: level.agents,
                })
                .collect(),
        ),
        (None, None, Some(shifts)) => Staffing::Shifts(
            shifts
                .into_iter()
                .map(|shift| Shift {
                    agents: shift.agents,
                    stretches_secs: shift.stretches_secs,
                })
                .collect(),
        ),
        _ => {
            let said = "must have one of agents, staffing and shifts";
            return Err(Problem::at("", said));
        }
    };
    Ok(Group {
        name: shape.name,
        skills: shape.skills,
        staffing,
        levels: shape.levels,
        proficiency: shape.proficiency,
        speed: shape.speed,
        service: laws(shape.service, "service")?,
        after_call: laws(shape.after_call, "after_call")?,
    })
}

fn laws(shapes: BTreeMap<String, LawShape>, field: &str) -> Result<BTreeMap<String, Law>, Problem> {
    let laws = shapes.into_iter().map(|(class, shape)| {
        let law = law(shape, &class).map_err(|problem| problem.inside(field))?;
        Ok((class, law))
    });
    laws.collect()
}

fn patience(shape: LawShape) -> Result<Patience, Problem> {
    let never_share = shape.never_share.unwrap_or(0.0);
    let law = law(
        LawShape {
            never_share: None,
            ..shape
        },
        "patience",
    )?;
    Ok(Patience { law, never_share })
}

fn law(mut shape: LawShape, field: &str) -> Result<Law, Problem> {
    let law = take_law(&mut shape).and_then(|law| nothing_left(&shape).map(|()| law));
    law.map_err(|problem| problem.inside(field))
}

/// Takes what the law needs out of the shape.
fn take_law(shape: &mut LawShape) -> Result<Law, Problem> {
    Ok(match shape.law {
        LawName::Exponential => Law::Exponential {
            mean_secs: needed("mean_secs", shape.mean_secs.take())?,
        },
        LawName::Deterministic => Law::Deterministic {
            secs: needed("secs", shape.secs.take())?,
        },
        LawName::Lognormal => Law::Lognormal {
            mean_secs: needed("mean_secs", shape.mean_secs.take())?,
            cv: needed("cv", shape.cv.take())?,
        },
        LawName::Gamma => Law::Gamma {
            mean_secs: needed("mean_secs", shape.mean_secs.take())?,
            cv: cv_of_gamma(shape)?,
        },
        LawName::Weibull => weibull(shape)?,
        LawName::Hyperexponential => Law::Hyperexponential {
            parts: needed("parts", shape.parts.take())?
                .iter()
                .map(|part| Part {
                    share: part.share,
                    mean_secs: part.mean_secs,
                })
                .collect(),
        },
        LawName::Empirical => Law::Empirical {
            values_secs: needed("values_secs", shape.values_secs.take())?,
        },
        LawName::PiecewiseHazard => Law::PiecewiseHazard {
            pieces: needed("pieces", shape.pieces.take())?
                .iter()
                .map(|piece| Hazard {
                    from_secs: piece.from_secs,
                    per_hour: piece.per_hour,
                })
                .collect(),
        },
    })
}

fn cv_of_gamma(shape: &mut LawShape) -> Result<f64, Problem> {
    match shape.shape.take() {
        Some(_) if shape.cv.is_some() => Err(Problem::at("shape", "says the same as cv: give one")),
        Some(phases) => {
            crate::error::positive("shape", phases)?;
            Ok(1.0 / phases.sqrt())
        }
        None => needed("cv", shape.cv.take()),
    }
}

fn weibull(of: &mut LawShape) -> Result<Law, Problem> {
    let shape = needed("shape", of.shape.take())?;
    crate::law::check_shape(shape)?;
    let scale_secs = match (of.scale_secs.take(), of.mean_secs) {
        (Some(_), Some(_)) => {
            let said = "says the same as scale_secs: give one";
            return Err(Problem::at("mean_secs", said));
        }
        (Some(scale_secs), None) => scale_secs,
        (None, _) => {
            let mean_secs = needed("scale_secs", of.mean_secs.take())?;
            crate::error::positive("mean_secs", mean_secs)?;
            mean_secs / libm::tgamma(1.0 + 1.0 / shape)
        }
    };
    Ok(Law::Weibull { scale_secs, shape })
}

fn needed<T>(field: &str, value: Option<T>) -> Result<T, Problem> {
    value.ok_or_else(|| Problem::at(field, "is missing: this law needs it"))
}

fn nothing_left(shape: &LawShape) -> Result<(), Problem> {
    let left = [
        ("mean_secs", shape.mean_secs.is_some()),
        ("secs", shape.secs.is_some()),
        ("cv", shape.cv.is_some()),
        ("scale_secs", shape.scale_secs.is_some()),
        ("shape", shape.shape.is_some()),
        ("parts", shape.parts.is_some()),
        ("values_secs", shape.values_secs.is_some()),
        ("pieces", shape.pieces.is_some()),
        ("never_share", shape.never_share.is_some()),
    ];
    match left.iter().find(|(_, is_left)| *is_left) {
        None => Ok(()),
        Some((field, _)) => Err(Problem::at(*field, "means nothing with this law")),
    }
}
