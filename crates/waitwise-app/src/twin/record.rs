//! What is kept of a prediction.

use waitwise_plan::{
    Basis, Judged, Predicted, PredictedChange, PredictedLine, PredictedVariant, Prediction,
};

use super::names::Called;
use super::prediction::{Change, LinePrediction};
use super::{Answer, Judging, Variant};

impl Answer {
    /// Returns what a plan keeps of it, and people are shown.
    pub fn record(&self, days: usize, judging: &Judging, called: Called<'_>) -> Prediction {
        let variant = |(variant, prediction): &(Variant, _)| variant_of(*variant, prediction);
        Prediction {
            first_day: self.first,
            days,
            futures: self.prediction.futures,
            seed: judging.seed,
            target_secs: judging.target_secs,
            basis: Basis {
                from: self.basis.days.0,
                to: self.basis.days.1,
                visits: self.basis.n_visits,
                agents: self.basis.n_agents,
                staffing_is_told: self.basis.staffing_is_told,
            },
            backtest: self.backtest.as_ref().map(|found| Judged {
                from: found.days.0,
                to: found.days.1,
                mean_wait_error: found.mean_wait_error(),
                coverage: found.coverage(),
            }),
            lines: told(&self.prediction)
                .map(|line| line_of(line, called))
                .collect(),
            sensitivity: self.sensitivity.iter().map(variant).collect(),
        }
    }
}

/// Lines that came in too few futures have no interval.
fn told(prediction: &super::prediction::Prediction) -> impl Iterator<Item = &LinePrediction> {
    let is_told = |line: &&LinePrediction| {
        let widths = line.changes.iter().map(|change| change.half_width);
        widths.into_iter().all(f64::is_finite)
    };
    prediction.lines.iter().filter(is_told)
}

fn line_of(line: &LinePrediction, called: Called<'_>) -> PredictedLine {
    let [mean, p50, p90, abandoned, service_level] = line.changes.map(predicted);
    PredictedLine {
        queue: line.line.queue.clone(),
        skill: line.line.skill.clone(),
        name: called.line(&line.line),
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

fn variant_of(variant: Variant, prediction: &super::prediction::Prediction) -> PredictedVariant {
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
