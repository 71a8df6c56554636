//! What a search has found, in sentences.

use super::estimate::Estimate;
use super::report::{CONFIDENCE, Floor, FloorKind, Report, Verdict};
use crate::bounds::pools::{Pool, Power};
use crate::guardrail::Guardrail;

impl Report {
    /// Returns what is to be told, the verdict first; each without an end of line.
    pub fn sentences(&self) -> Vec<String> {
        let mut said = vec![self.verdict_said()];
        said.extend(self.changes_said());
        said.extend(self.pools.iter().filter_map(|pool| self.pool_said(pool)));
        said.extend(self.short_said());
        said.extend(self.gap_said());
        if self.verdict == Verdict::Better {
            said.extend(self.sensitivity_said());
        }
        said.push(self.choice_said());
        said
    }

    fn verdict_said(&self) -> String {
        let (name, unit) = (self.objective.to_string(), self.objective.unit());
        let before = self.objective.value(&self.present);
        let change = with_error(&self.change);
        let days = format!(
            "{:.0} simulated days that it was not chosen by",
            self.fresh_days
        );
        match self.verdict {
            Verdict::Better => format!(
                "better: {name} goes from {before:.1} to {:.1} {unit}, {change}, on {days}",
                before + self.change.value
            ),
            Verdict::NoEvidence => format!(
                "no evidence of anything better for {name} ({before:.1} {unit} now, {change} on {days}): keep the present weights"
            ),
            Verdict::BreaksGuardrail => format!(
                "{name} would change by {change} {unit} on {days}, but {}: keep the present weights",
                self.broken().join("; ")
            ),
        }
    }

    /// Which guardrails are broken by more than chance, for whom, by how much.
    fn broken(&self) -> Vec<String> {
        let broken = self
            .excesses
            .iter()
            .filter(|(_, _, excess)| excess.interval(CONFIDENCE).0 > 0.0);
        let said = broken.map(|(guardrail, place, excess)| {
            let unit = match guardrail {
                Guardrail::P90Rise(_) => "s of p90",
                Guardrail::AbandonmentRise(_) => "points of abandonment",
                Guardrail::ServiceLevelFall(_) => "points of service level",
                Guardrail::HeadStartGap(_) => "minutes",
            };
            let name = guardrail.name();
            format!(
                "the guardrail {name} is broken for {} by {:.2} {unit} (±{:.2})",
                self.names[*place],
                excess.value,
                excess.half_width(CONFIDENCE)
            )
        });
        said.collect()
    }

    /// Who waits less, who more, and for whom that is open.
    fn changes_said(&self) -> Vec<String> {
        if self.verdict == Verdict::NoEvidence {
            return Vec::new();
        }
        let (mut said, mut open) = (Vec::new(), Vec::new());
        for (name, change) in self.names.iter().zip(&self.skills) {
            let Some(change) = change else { continue };
            match (
                direction(&change.mean_wait_secs),
                change.mean_wait_secs.value.abs(),
            ) {
                (Some(way), secs) => said.push(format!(
                    "callers of {name} wait {secs:.1} s {way} (±{:.1})",
                    change.mean_wait_secs.half_width(CONFIDENCE)
                )),
                (None, _) => open.push(name.as_str()),
            }
        }
        if !open.is_empty() {
            said.push(format!(
                "no evidence of a change for callers of {}",
                open.join(", ")
            ));
        }
        said.push(format!(
            "the mean wait of all: {}",
            with_error(&self.mean_wait_change)
        ));
        said
    }

    fn pool_said(&self, pool: &Pool) -> Option<String> {
        let skills: Vec<&str> = pool
            .skills
            .iter()
            .map(|skill| self.names[*skill].as_str())
            .collect();
        let names = skills.join(", ");
        let only = match pool.power {
            Power::Change => return None,
            Power::None if skills.is_empty() => return None,
            Power::None => {
                return Some(format!(
                    "weights make no difference to {names}: its callers share their agents with nobody else's"
                ));
            }
            Power::Redistribute => "weights can only redistribute",
            Power::NearlyRedistribute => "weights can do little but redistribute",
        };
        let paying = pool.skills.iter().filter(|skill| {
            let change = self.skills[**skill].as_ref();
            change.is_some_and(|change| direction(&change.mean_wait_secs) == Some("more"))
        });
        let paying: Vec<&str> = paying.map(|skill| self.names[*skill].as_str()).collect();
        let who = match (self.verdict, paying.is_empty()) {
            (Verdict::NoEvidence, _) | (_, true) => {
                "whoever is to wait less is paid for by the others".to_owned()
            }
            (_, false) => format!("here it is paid for by callers of {}", paying.join(", ")),
        };
        Some(format!(
            "{only} among {names}: they share all their agents and take as long, so that the mean wait of all stays what it is; {who}"
        ))
    }

    fn short_said(&self) -> Vec<String> {
        let of = |classes: &[usize]| {
            let names: Vec<&str> = classes
                .iter()
                .map(|class| self.class_names[*class].as_str())
                .collect();
            names.join(", ")
        };
        let said = self.short_of_staff.iter().map(|short| {
            format!(
                "short of staff whatever the weights: {} (load is {:.2} times what their agents can do)",
                of(&short.classes),
                short.load_share
            )
        });
        said.collect()
    }

    /// How far the objective is from what no weights can beat, by the highest floor of each kind.
    fn gap_said(&self) -> Vec<String> {
        let [(_, measure)] = self.objective.terms() else {
            return Vec::new();
        };
        let value = measure.value(if self.verdict == Verdict::Better {
            &self.proposed
        } else {
            &self.present
        });
        let of_measure = |is_proved: bool| {
            let floors = self
                .floors
                .iter()
                .filter(move |floor| floor.measure == *measure && floor.is_proved == is_proved);
            floors.max_by(|one, other| one.value.total_cmp(&other.value))
        };
        let said = |floor: &Floor| {
            let source = match floor.kind {
                FloorKind::Pooled => "if every agent took everything",
                FloorKind::Alone => "if each skill had all its agents to itself",
                FloorKind::Fluid => "by the work that comes and the agents there are",
            };
            let bound = if floor.is_proved {
                "no weights go below"
            } else {
                "to compare with, not a proved bound:"
            };
            format!(
                "{}: {value:.1} {unit}; {bound} {:.1} {unit}, {source}",
                measure.name(),
                floor.value,
                unit = measure.unit()
            )
        };
        [of_measure(true), of_measure(false)]
            .into_iter()
            .flatten()
            .map(said)
            .collect()
    }

    fn sensitivity_said(&self) -> Vec<String> {
        let said = self.sensitivity.iter().map(|scenario| {
            let verdict = match direction(&scenario.change) {
                Some("less") => "still better",
                Some(_) => "worse than the present weights",
                None => "no evidence that it is better",
            };
            format!(
                "with {}: {} ({verdict})",
                scenario.name,
                with_error(&scenario.change)
            )
        });
        said.collect()
    }

    fn choice_said(&self) -> String {
        format!(
            "chosen among {}; with a probability of at least {:.3} none of those that kept the guardrails is better by more than {:.2} {}",
            self.choice.finalists,
            self.choice.confidence,
            self.choice.indifference,
            self.objective.unit()
        )
    }
}

/// `None` where the interval holds 0.
fn direction(change: &Estimate) -> Option<&'static str> {
    let (low, high) = change.interval(CONFIDENCE);
    match (high < 0.0, low > 0.0) {
        (true, _) => Some("less"),
        (_, true) => Some("more"),
        (false, false) => None,
    }
}

fn with_error(change: &Estimate) -> String {
    let half_width = change.half_width(CONFIDENCE);
    match half_width.is_finite() {
        true => format!("{:+.2} (±{half_width:.2})", change.value),
        false => format!("{:+.2} (by too few days to say how sure)", change.value),
    }
}
