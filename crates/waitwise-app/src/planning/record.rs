//! What a plan keeps of a prediction and of a search.

use std::collections::BTreeMap;

use waitwise_model::QueueId;
use waitwise_plan::{
    Basis, FrontPoint, Judged, Predicted, PredictedChange, PredictedLine, PredictedVariant,
    Prediction, Search,
};
use waitwise_weights::Measure;
use waitwise_weights::search::{CONFIDENCE, Report};

use super::ahead::Ahead;
use crate::twin::fit::Line;
use crate::twin::prediction::{Change, LinePrediction};
use crate::twin::{Answer, Variant};

/// What skills and queues are called, by id.
type Names = BTreeMap<String, String>;

/// What is called how: skills and queues by id, and the queue that goes without saying.
pub(super) struct Called<'a> {
    pub(super) names: &'a Names,
    pub(super) queue: &'a QueueId,
}

pub(super) fn prediction(answer: &Answer, ahead: &Ahead<'_>, called: &Called<'_>) -> Prediction {
    let variant = |(variant, prediction): &(Variant, _)| variant_of(*variant, prediction);
    Prediction {
        first_day: answer.first,
        days: ahead.horizon.days,
        futures: answer.prediction.futures,
        seed: ahead.judging.seed,
        target_secs: ahead.judging.target_secs,
        basis: Basis {
            from: answer.basis.days.0,
            to: answer.basis.days.1,
            visits: answer.basis.n_visits,
            agents: answer.basis.n_agents,
            staffing_is_told: answer.basis.staffing_is_told,
        },
        backtest: answer.backtest.as_ref().map(|found| Judged {
            from: found.days.0,
            to: found.days.1,
            mean_wait_error: found.mean_wait_error(),
            coverage: found.coverage(),
        }),
        lines: told(&answer.prediction)
            .map(|line| line_of(line, called))
            .collect(),
        sensitivity: answer.sensitivity.iter().map(variant).collect(),
    }
}

/// Lines that came in too few futures have no interval.
fn told(prediction: &crate::twin::prediction::Prediction) -> impl Iterator<Item = &LinePrediction> {
    let is_told = |line: &&LinePrediction| {
        let widths = line.changes.iter().map(|change| change.half_width);
        widths.into_iter().all(f64::is_finite)
    };
    prediction.lines.iter().filter(is_told)
}

fn line_of(line: &LinePrediction, called: &Called<'_>) -> PredictedLine {
    let [mean, p50, p90, abandoned, service_level] = line.changes.map(predicted);
    PredictedLine {
        queue: line.line.queue.clone(),
        skill: line.line.skill.clone(),
        name: called.name(&line.line),
        offered: line.offered,
        mean_wait_secs: mean,
        p50_wait_secs: p50,
        p90_wait_secs: p90,
        abandoned_share: abandoned,
        service_level,
    }
}

fn predicted(change: Change) -> Predicted {
    Predicted {
        present: change.present,
        proposed: change.proposed,
        difference: change.difference,
        half_width: change.half_width,
    }
}

fn variant_of(
    variant: Variant,
    prediction: &crate::twin::prediction::Prediction,
) -> PredictedVariant {
    let change = |line: &LinePrediction| PredictedChange {
        queue: line.line.queue.clone(),
        skill: line.line.skill.clone(),
        difference_secs: line.changes[0].difference,
        half_width_secs: line.changes[0].half_width,
    };
    PredictedVariant {
        supposed: variant.name().to_owned(),
        lines: told(prediction).map(change).collect(),
    }
}

impl Called<'_> {
    fn name(&self, line: &Line) -> String {
        let called = |id: &String| self.names.get(id).unwrap_or(id).clone();
        match (&line.queue, &line.skill) {
            (None, _) => "all".to_owned(),
            (Some(queue), None) if queue == self.queue.as_str() => "no skill".to_owned(),
            (Some(queue), None) => called(queue),
            (Some(queue), Some(skill)) if queue == self.queue.as_str() => called(skill),
            (Some(queue), Some(skill)) => format!("{} in {}", called(skill), called(queue)),
        }
    }
}

pub(super) fn search(report: &Report) -> Search {
    let point = |point: &waitwise_weights::search::FrontPoint| {
        let minutes = point.head_starts_minutes.iter().copied();
        let values = Measure::ALL.iter().map(|measure| measure.name().to_owned());
        FrontPoint {
            label: point.label.to_owned(),
            head_starts_minutes: report.names.iter().cloned().zip(minutes).collect(),
            values: values.zip(point.values).collect(),
            keeps_guardrails: point.keeps_guardrails,
        }
    };
    Search {
        objective: report.objective.to_string(),
        unit: report.objective.unit().to_owned(),
        present: report.objective.value(&report.present),
        change: report.change.value,
        half_width: Some(report.change.half_width(CONFIDENCE)).filter(|width| width.is_finite()),
        fresh_days: report.fresh_days,
        simulated: report.simulated,
        seed: report.seed,
        said: report.sentences(),
        front: report.front.iter().map(point).collect(),
    }
}
