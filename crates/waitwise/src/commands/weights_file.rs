//! A file of weights: what the twin is to compare.

use std::collections::BTreeMap;
use std::path::Path;

use schemars::JsonSchema;
use serde::Deserialize;
use waitwise_app::model::{Scale, SkillId, Weight};
use waitwise_app::twin::WeightSet;

use crate::args::LeverArg;
use crate::failure::Failure;

/// In the place of a file: nobody has a head start.
const NONE: &str = "none";

/// `waitwise-weights/1`: weights by skill, and what they are worth.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields)]
#[schemars(title = "waitwise-weights/1")]
pub(crate) struct WeightsFile {
    /// By the skill's id, 1 to 100.
    #[serde(default)]
    weights: BTreeMap<String, i64>,
    /// The weight of a skill that has none here; without it such a skill has no head start.
    unnamed: Option<i64>,
    /// How many minutes of head start one point is worth, 0.1 unless said otherwise.
    minutes_per_point: Option<f64>,
    /// What the weights are written to: `priority-table` has whole minutes alone.
    lever: Option<LeverArg>,
    /// What skills are called, by id, for the answer.
    #[serde(default)]
    names: BTreeMap<String, String>,
}

/// A set of weights, and what its skills are called.
pub(crate) struct Named {
    pub(crate) set: WeightSet,
    pub(crate) names: BTreeMap<String, String>,
}

impl Named {
    pub(crate) fn none() -> Named {
        Named {
            set: WeightSet::none(),
            names: BTreeMap::new(),
        }
    }
}

pub(crate) fn read(path: &Path) -> Result<Named, Failure> {
    if path == Path::new(NONE) {
        return Ok(Named::none());
    }
    let failure = || Failure::usage(format!("cannot use the weights in {}", path.display()));
    let unread = || {
        failure().hint(format!(
            "name a file of weights, or `{NONE}` for no head starts"
        ))
    };
    let text = std::fs::read_to_string(path).map_err(|error| unread().because(error))?;
    let file: WeightsFile = match text.trim_start().starts_with('{') {
        true => serde_json::from_str(&text).map_err(|error| failure().because(error))?,
        false => toml::from_str(&text).map_err(|error| failure().because(error))?,
    };
    let scale = match file.minutes_per_point {
        None => Scale::DEFAULT,
        Some(minutes) => Scale::per_point(minutes).map_err(|error| failure().because(error))?,
    };
    let weight = |(skill, points): (&String, &i64)| {
        let of_skill = || failure().hint(format!("look at the weight of skill `{skill}`"));
        let weight = Weight::try_from(*points).map_err(|error| of_skill().because(error))?;
        Ok((SkillId::new(skill), weight))
    };
    let unnamed = file.unnamed.map(Weight::try_from).transpose();
    Ok(Named {
        set: WeightSet {
            weights: file
                .weights
                .iter()
                .map(weight)
                .collect::<Result<_, Failure>>()?,
            unnamed: unnamed.map_err(|error| failure().because(error))?,
            scale,
            is_in_whole_minutes: file.lever == Some(LeverArg::PriorityTable),
        },
        names: file.names,
    })
}
