//! Filters: predicates over dimensions, joined by and/or, at most two levels deep.

use serde_json::Value;

use super::body::{Body, invalid};
use crate::http::reply::Refusal;
use crate::records::Dimension;

/// What is asked for: nothing unless `parts` says so.
#[derive(Debug)]
pub(super) struct Filter {
    any: bool,
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    Clause(Filter),
    Predicate(Predicate),
}

#[derive(Debug)]
struct Predicate {
    dimension: Dimension,
    demand: Demand,
}

#[derive(Debug)]
enum Demand {
    Matches(String),
    Exists,
    NotExists,
}

impl Filter {
    /// Demands nothing.
    pub(super) fn all() -> Filter {
        Filter {
            any: false,
            parts: Vec::new(),
        }
    }

    /// Reads the filter that is the member `filter`; absent: all.
    ///
    /// # Errors
    /// It is none, or asks for a dimension that is not in `allowed` or not served.
    pub(super) fn of(body: &Body, allowed: &[&str]) -> Result<Filter, Refusal> {
        match body.get("filter") {
            Some(filter) => Filter::read(filter, "filter", allowed, true),
            None => Ok(Filter::all()),
        }
    }

    /// Reads the filters of a list, all of which have to match.
    pub(super) fn list(body: &Body, name: &str, allowed: &[&str]) -> Result<Vec<Filter>, Refusal> {
        let filters = body.list(name)?.iter();
        filters
            .map(|filter| Filter::read(filter, name, allowed, true))
            .collect()
    }

    fn read(filter: &Value, at: &str, allowed: &[&str], may_nest: bool) -> Result<Filter, Refusal> {
        let any = match filter.get("type").and_then(Value::as_str) {
            Some("and") => false,
            Some("or") => true,
            Some(_) | None => return Err(invalid(at, "needs the type `and` or `or`")),
        };
        let list = |name: &str| match filter.get(name) {
            None | Some(Value::Null) => Ok(&[][..]),
            Some(Value::Array(list)) => Ok(&list[..]),
            Some(_) => Err(invalid(at, &format!("has `{name}` that are no list"))),
        };
        let mut parts = Vec::new();
        for predicate in list("predicates")? {
            parts.push(Part::Predicate(Predicate::read(predicate, at, allowed)?));
        }
        let clauses = list("clauses")?;
        if !may_nest && !clauses.is_empty() {
            return Err(invalid(at, "nests more than two levels deep"));
        }
        for clause in clauses {
            parts.push(Part::Clause(Filter::read(clause, at, allowed, false)?));
        }
        Ok(Filter { any, parts })
    }

    /// Returns whether it matches something whose values in a dimension are given by `values`.
    pub(super) fn matches(&self, values: &dyn Fn(Dimension) -> Vec<String>) -> bool {
        let matches = |part: &Part| match part {
            Part::Clause(clause) => clause.matches(values),
            Part::Predicate(predicate) => predicate.matches(values),
        };
        match (self.parts.is_empty(), self.any) {
            (true, _) => true,
            (false, true) => self.parts.iter().any(matches),
            (false, false) => self.parts.iter().all(matches),
        }
    }
}

impl Predicate {
    fn read(predicate: &Value, at: &str, allowed: &[&str]) -> Result<Predicate, Refusal> {
        let text = |name: &str| predicate.get(name).and_then(Value::as_str);
        if text("type").is_some_and(|kind| kind != "dimension") {
            return Err(invalid(at, "has a predicate that is not about a dimension"));
        }
        let name = text("dimension")
            .filter(|name| allowed.contains(name))
            .ok_or_else(|| invalid(at, "has a predicate without a dimension that there is"))?;
        let dimension = Dimension::named(name).ok_or_else(|| {
            invalid(
                at,
                &format!("asks for `{name}`: not served by this sandbox"),
            )
        })?;
        let demand = match (text("operator").unwrap_or("matches"), text("value")) {
            ("matches", Some(value)) => Demand::Matches(value.to_owned()),
            ("exists", None) => Demand::Exists,
            ("notExists", None) => Demand::NotExists,
            _ => {
                return Err(invalid(
                    at,
                    "has a predicate with neither value nor operator",
                ));
            }
        };
        Ok(Predicate { dimension, demand })
    }

    fn matches(&self, values: &dyn Fn(Dimension) -> Vec<String>) -> bool {
        let values = values(self.dimension);
        match &self.demand {
            Demand::Matches(value) => values.contains(value),
            Demand::Exists => !values.is_empty(),
            Demand::NotExists => values.is_empty(),
        }
    }
}
