//! What those are called of whom the twin speaks.

use std::collections::BTreeMap;

use super::fit::Line;

/// What skills and queues are called, by id.
pub type Names = BTreeMap<String, String>;

/// What is called how.
#[derive(Clone, Copy, Debug)]
pub struct Called<'a> {
    /// By id; what is not in it is called by the beginning of its id.
    pub names: &'a Names,
    /// The queue that goes without saying.
    pub queue: Option<&'a str>,
}

impl Called<'_> {
    /// Returns what a skill or a queue is called.
    pub fn id(&self, id: &str) -> String {
        let known = self.names.get(id);
        known.cloned().unwrap_or_else(|| beginning(id))
    }

    /// Returns what those are called who ask one queue for these skills.
    pub fn class(&self, queue: &str, skills: &[String]) -> String {
        let skills: Vec<String> = skills.iter().map(|skill| self.id(skill)).collect();
        match (skills.is_empty(), self.queue == Some(queue)) {
            (true, true) => "no skill".to_owned(),
            (true, false) => self.id(queue),
            (false, true) => skills.join(" + "),
            (false, false) => format!("{} in {}", skills.join(" + "), self.id(queue)),
        }
    }

    /// Returns what a line of a prediction is called.
    pub fn line(&self, line: &Line) -> String {
        match (&line.queue, &line.skill) {
            (None, _) => "all".to_owned(),
            // Some records know queues alone, which are the skills, too.
            (Some(queue), Some(skill)) if queue == skill => self.id(skill),
            (Some(queue), skill) => self.class(queue, skill.as_slice()),
        }
    }
}

/// An id fills a line of a table.
fn beginning(id: &str) -> String {
    const WHOLE: usize = 12;
    const SHOWN: usize = 8;
    match id.chars().count() > WHOLE {
        true => id.chars().take(SHOWN).chain(['…']).collect(),
        false => id.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_no_name_is_called_by_the_beginning_of_the_id() {
        let names = [("s1".to_owned(), "Sales".to_owned())].into();
        let line = |queue: Option<&str>, skill: Option<&str>| Line {
            queue: queue.map(str::to_owned),
            skill: skill.map(str::to_owned),
            classes: Vec::new(),
        };
        let called = Called {
            names: &names,
            queue: Some("q1"),
        };
        for (line, name) in [
            (line(None, None), "all"),
            (line(Some("q1"), None), "no skill"),
            (line(Some("q1"), Some("s1")), "Sales"),
            (line(Some("q2"), Some("s1")), "Sales in q2"),
            (line(Some("s1"), Some("s1")), "Sales"),
            (
                line(Some("ccf0b419-673d-53c0-bd1d-01cd7bb988a0"), None),
                "ccf0b419…",
            ),
        ] {
            assert_eq!(called.line(&line), name);
        }
        let both = ["s1".to_owned(), "s2".to_owned()];
        assert_eq!(called.class("q1", &both), "Sales + s2");
    }
}
