//! Small centres for tests.

use waitwise_model::{Scale, SkillId, Weight};
use waitwise_sim::Model;
use waitwise_sim::file::from_toml;

use super::tuning::{TunedSkill, Tuning};
use crate::writable::Writable;

pub(crate) const TARGET_SECS: f64 = 20.0;

pub(crate) fn model(text: &str) -> Model {
    from_toml(&format!("format = \"waitwise-model/1\"\n{text}"))
        .unwrap()
        .model
}

/// Tunes skills by name, with their weights.
pub(crate) fn tuning<'a>(model: &'a Model, skills: &[(&str, i64)]) -> Tuning<'a> {
    let skill = |(name, weight): &(&str, i64)| TunedSkill {
        id: SkillId::new(*name),
        name: (*name).to_owned(),
        present: Weight::try_from(*weight).ok(),
        service_goal: 0.8,
    };
    let writable = Writable::weights(Scale::DEFAULT);
    Tuning::new(
        model,
        skills.iter().map(skill).collect(),
        writable,
        TARGET_SECS,
    )
    .unwrap()
}

/// Ten agents, five of whom take help only while all take sales: whoever is flexible should keep to help.
pub(crate) const N: &str = r#"
[[classes]]
name = "sales"
arrivals = { per_hour = 80 }
service = { law = "exponential", mean_secs = 180 }

[[classes]]
name = "help"
arrivals = { per_hour = 90 }
service = { law = "exponential", mean_secs = 180 }

[[groups]]
name = "sellers"
skills = ["sales"]
agents = 5

[[groups]]
name = "all"
skills = ["sales", "help"]
agents = 5
"#;

/// Claims have one agent of their own, who can hardly bear it: 1,020 s of wait, whatever the weights. The others form a chain.
pub(crate) const ALONE: &str = r#"
[[classes]]
name = "claims"
arrivals = { per_hour = 17 }
service = { law = "exponential", mean_secs = 180 }

[[classes]]
name = "sales"
arrivals = { per_hour = 80 }
service = { law = "exponential", mean_secs = 180 }

[[classes]]
name = "help"
arrivals = { per_hour = 90 }
service = { law = "exponential", mean_secs = 180 }

[[classes]]
name = "returns"
arrivals = { per_hour = 18 }
service = { law = "exponential", mean_secs = 600 }

[[groups]]
name = "adjuster"
skills = ["claims"]
agents = 1

[[groups]]
name = "sellers"
skills = ["sales"]
agents = 5

[[groups]]
name = "both"
skills = ["sales", "help"]
agents = 5

[[groups]]
name = "helpers"
skills = ["help", "returns"]
agents = 5
"#;

/// Twenty agents who take everything; 8 and 10 erlangs.
pub(crate) const ONE_POOL: &str = r#"
[[classes]]
name = "sales"
arrivals = { per_hour = 160 }
service = { law = "exponential", mean_secs = 180 }

[[classes]]
name = "help"
arrivals = { per_hour = 200 }
service = { law = "exponential", mean_secs = 180 }

[[groups]]
name = "all"
skills = ["sales", "help"]
agents = 20
"#;

/// Ten agents who take short calls and long ones: first come, first served is best for the worst skill, and short calls
/// first for all.
pub(crate) const UNLIKE: &str = r#"
[[classes]]
name = "sales"
arrivals = { per_hour = 120 }
service = { law = "exponential", mean_secs = 60 }

[[classes]]
name = "help"
arrivals = { per_hour = 40 }
service = { law = "exponential", mean_secs = 600 }

[[groups]]
name = "all"
skills = ["sales", "help"]
agents = 10
"#;
