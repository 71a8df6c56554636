//! The conditions of an analytics question: all of some predicates, and at least one of each of some lists.

use serde::Serialize;

/// What an answer is restricted to. Two levels: that is as deep as the platform goes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Filter {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    predicates: Vec<Predicate>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    clauses: Vec<Clause>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
struct Clause {
    #[serde(rename = "type")]
    kind: &'static str,
    predicates: Vec<Predicate>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
struct Predicate {
    #[serde(rename = "type")]
    kind: &'static str,
    dimension: &'static str,
    operator: &'static str,
    value: String,
}

impl Filter {
    /// Returns a filter that lets everything through, for adding to.
    pub fn all() -> Filter {
        Filter {
            kind: "and",
            predicates: Vec::new(),
            clauses: Vec::new(),
        }
    }

    /// Demands that `dimension` has this value.
    #[must_use]
    pub fn is(mut self, dimension: &'static str, value: impl Into<String>) -> Filter {
        self.predicates.push(predicate(dimension, value.into()));
        self
    }

    /// Demands that `dimension` has one of these values: a clause with a predicate each. Without values nothing is
    /// demanded.
    #[must_use]
    pub fn is_one_of<T: ToString>(mut self, dimension: &'static str, values: &[T]) -> Filter {
        let predicates = values
            .iter()
            .map(|value| predicate(dimension, value.to_string()));
        let predicates: Vec<_> = predicates.collect();
        match predicates.len() {
            0 => {}
            1 => self.predicates.extend(predicates),
            _ => self.clauses.push(Clause {
                kind: "or",
                predicates,
            }),
        }
        self
    }

    /// Returns whether it demands nothing, so that it is not sent.
    pub fn is_empty(&self) -> bool {
        self.predicates.is_empty() && self.clauses.is_empty()
    }
}

fn predicate(dimension: &'static str, value: String) -> Predicate {
    Predicate {
        kind: "dimension",
        dimension,
        operator: "matches",
        value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_values_of_a_dimension_are_a_clause_of_their_own() {
        let filter = Filter::all()
            .is("mediaType", "voice")
            .is_one_of("queueId", &["q1", "q2"])
            .is_one_of("purpose", &["agent"])
            .is_one_of::<String>("userId", &[]);
        let text = serde_json::to_string(&filter).unwrap();
        let one = |dimension, value| {
            format!(
                r#"{{"type":"dimension","dimension":"{dimension}","operator":"matches","value":"{value}"}}"#
            )
        };
        assert_eq!(
            text,
            format!(
                r#"{{"type":"and","predicates":[{},{}],"clauses":[{{"type":"or","predicates":[{},{}]}}]}}"#,
                one("mediaType", "voice"),
                one("purpose", "agent"),
                one("queueId", "q1"),
                one("queueId", "q2"),
            )
        );
        assert!(Filter::all().is_empty() && !filter.is_empty());
    }
}
