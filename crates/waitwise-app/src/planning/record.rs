//! What a plan keeps of a search.

use waitwise_plan::{FrontPoint, Search};
use waitwise_weights::Measure;
use waitwise_weights::search::{CONFIDENCE, Report};

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
