//! What is wrong with a model: the field, and what was expected of it.

use std::fmt;

/// A field of a model that cannot be used, with the reason: ``classes[2].service.mean_secs must be above 0, got -3``.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Problem {
    field: String,
    said: String,
}

impl Problem {
    /// A problem of `field`; `said` goes on after its name: "must be …, got …".
    pub fn at(field: impl Into<String>, said: impl Into<String>) -> Problem {
        Problem {
            field: field.into(),
            said: said.into(),
        }
    }

    /// Returns the same problem seen from outside: its field is one of `outer`.
    #[must_use]
    pub fn inside(self, outer: &str) -> Problem {
        let field = match self.field.chars().next() {
            None => outer.to_owned(),
            Some('[') => format!("{outer}{}", self.field),
            Some(_) => format!("{outer}.{}", self.field),
        };
        Problem { field, ..self }
    }

    /// Returns the field, such as `classes[2].service.mean_secs`; empty for the whole.
    pub fn field(&self) -> &str {
        &self.field
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.field.is_empty() {
            true => f.write_str(&self.said),
            false => write!(f, "{} {}", self.field, self.said),
        }
    }
}

pub(crate) fn positive(field: &str, value: f64) -> Result<(), Problem> {
    require(value.is_finite() && value > 0.0, field, "above 0", value)
}

pub(crate) fn at_least_zero(field: &str, value: f64) -> Result<(), Problem> {
    require(
        value.is_finite() && value >= 0.0,
        field,
        "at least 0",
        value,
    )
}

pub(crate) fn finite(field: &str, value: f64) -> Result<(), Problem> {
    require(value.is_finite(), field, "a finite number", value)
}

pub(crate) fn share(field: &str, value: f64) -> Result<(), Problem> {
    between(field, value, 0.0, 1.0)
}

pub(crate) fn between(field: &str, value: f64, low: f64, high: f64) -> Result<(), Problem> {
    let wanted = format!("from {low} to {high}");
    require((low..=high).contains(&value), field, &wanted, value)
}

fn require(is_met: bool, field: &str, wanted: &str, value: f64) -> Result<(), Problem> {
    match is_met {
        true => Ok(()),
        false => Err(Problem::at(field, format!("must be {wanted}, got {value}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::Problem;

    #[test]
    fn a_problem_is_named_from_the_outside_in() {
        let problem = Problem::at("[3]", "must be above 0, got -3").inside("at_secs");
        let problem = problem.inside("classes[2].arrivals");
        assert_eq!(
            problem.to_string(),
            "classes[2].arrivals.at_secs[3] must be above 0, got -3"
        );
        assert_eq!(Problem::at("", "has no class").to_string(), "has no class");
    }
}
