//! Random tenants: centres with few and many skills, agents who have some of them, and work of unlike length.

use std::collections::BTreeMap;

use waitwise_model::{SkillId, Weight};
use waitwise_sim::{
    AgentChoice, Arrivals, Calendar, Class, Group, Law, Level, Model, Patience, Rate, Spec,
    Staffing,
};
use waitwise_weights::search::TunedSkill;

/// A centre, and its skills with the weights that they have.
pub(crate) struct Tenant {
    pub(crate) model: Model,
    pub(crate) skills: Vec<TunedSkill>,
}

pub(crate) const TARGET_SECS: f64 = 20.0;
const HOURS: u32 = 10;
const DAY_SECS: f64 = 36_000.0;

/// How the day goes, as a share of its busiest hour.
const SHAPE: [f64; HOURS as usize] = [0.55, 0.8, 0.95, 1.0, 0.85, 0.7, 0.75, 0.85, 0.75, 0.5];

/// A tenant with 2 to 12 skills, partly skilled agents and unlike work.
pub(crate) fn tenant(seed: u64) -> Tenant {
    let mut draw = Draw::new(seed);
    let n_skills = 2 + draw.below(11);
    sized(&mut draw, n_skills, None)
}

/// The same with so many skills and about so many agents.
pub(crate) fn sized(draw: &mut Draw, n_skills: usize, n_agents: Option<f64>) -> Tenant {
    let busyness = [0.0, 0.05, 0.1][draw.below(3)];
    // Sizes are far apart, as they are in centres.
    let erlangs: Vec<f64> = (0..n_skills)
        .map(|_| draw.between(1.0, 5.0).powf(1.6))
        .collect();
    let load = draw.between(0.82, 1.0);
    let all: f64 = erlangs.iter().sum();
    let times = n_agents.map_or(1.0, |agents| agents * load / all);
    let erlangs: Vec<f64> = erlangs.iter().map(|erlangs| erlangs * times).collect();
    let classes = erlangs
        .iter()
        .enumerate()
        .map(|(skill, erlangs)| class(draw, skill, *erlangs));
    let classes: Vec<Class> = classes.collect();
    let skills: Vec<Vec<usize>> = groups(draw, n_skills);
    let agents = staffed(draw, &erlangs, &skills, load);
    let named = skills.iter().zip(&agents).enumerate();
    let groups =
        named.map(|(place, (skills, agents))| group(&format!("group {place}"), skills, *agents));
    let model = model(classes, groups.collect(), busyness);
    Tenant {
        skills: tuned(&present(draw, n_skills)),
        model,
    }
}

/// A tenant in which weights can only redistribute: one pool, one law of work, and one exponential patience or none.
pub(crate) fn one_pool(seed: u64) -> Tenant {
    let mut draw = Draw::new(seed ^ 0x9d2c_5680);
    let n_skills = 2 + draw.below(5);
    let mean_secs = draw.between(120.0, 400.0);
    let work = match draw.below(2) {
        0 => Law::Exponential { mean_secs },
        _ => Law::Lognormal {
            mean_secs,
            cv: draw.between(0.6, 1.3),
        },
    };
    let patience = (draw.below(2) == 0).then(|| Patience {
        law: Law::Exponential {
            mean_secs: draw.between(120.0, 600.0),
        },
        never_share: 0.0,
    });
    let erlangs: Vec<f64> = (0..n_skills).map(|_| draw.between(1.0, 6.0)).collect();
    let classes = erlangs.iter().enumerate().map(|(skill, erlangs)| Class {
        service: work.clone(),
        after_call: None,
        patience: patience.clone(),
        arrivals: Arrivals::Poisson(rates(*erlangs, mean_secs)),
        ..class(&mut Draw::new(0), skill, *erlangs)
    });
    let classes = classes.collect();
    let agents = erlangs.iter().sum::<f64>() / draw.between(0.85, 0.95);
    let all: Vec<usize> = (0..n_skills).collect();
    let present = present(&mut draw, n_skills);
    Tenant {
        model: model(classes, vec![group("all", &all, agents)], 0.0),
        skills: tuned(&present),
    }
}

fn model(classes: Vec<Class>, groups: Vec<Group>, busyness_cv: f64) -> Model {
    let spec = Spec {
        classes,
        groups,
        waiting_room: None,
        agent_choice: AgentChoice::LongestIdle,
        calendar: Calendar {
            cycle_secs: DAY_SECS,
            day_secs: Some(DAY_SECS),
        },
        busyness_cv,
        targets_secs: vec![TARGET_SECS],
    };
    Model::new(spec).expect("a centre that can be run")
}

fn name(skill: usize) -> String {
    format!("skill {skill}")
}

fn class(draw: &mut Draw, skill: usize, erlangs: f64) -> Class {
    let mean_secs = draw.between(90.0, 600.0);
    let service = match draw.below(3) {
        0 => Law::Exponential { mean_secs },
        1 => Law::Lognormal {
            mean_secs,
            cv: draw.between(0.5, 1.4),
        },
        _ => Law::Gamma {
            mean_secs,
            cv: draw.between(0.4, 1.1),
        },
    };
    let after_secs = draw.between(5.0, 60.0);
    let patience = match draw.below(4) {
        0 => None,
        1 | 2 => Some(Law::Exponential {
            mean_secs: draw.between(90.0, 900.0),
        }),
        _ => Some(Law::Weibull {
            scale_secs: draw.between(90.0, 600.0),
            shape: draw.between(0.7, 1.5),
        }),
    };
    Class {
        name: name(skill),
        skills: vec![name(skill)],
        arrivals: Arrivals::Poisson(rates(erlangs, mean_secs + after_secs)),
        busyness_cv: [0.0, 0.1][draw.below(2)],
        service,
        after_call: Some(Law::Exponential {
            mean_secs: after_secs,
        }),
        patience: patience.map(|law| Patience {
            law,
            never_share: 0.0,
        }),
        group_order: Vec::new(),
    }
}

fn group(name_of_it: &str, skills: &[usize], agents: f64) -> Group {
    Group {
        name: name_of_it.to_owned(),
        skills: skills.iter().map(|skill| name(*skill)).collect(),
        staffing: Staffing::Levels(levels(agents)),
        levels: BTreeMap::new(),
        proficiency: BTreeMap::new(),
        speed: BTreeMap::new(),
        service: BTreeMap::new(),
        after_call: BTreeMap::new(),
    }
}

fn rates(erlangs: f64, handle_secs: f64) -> Vec<Rate> {
    let rate = |(hour, share): (u32, &f64)| Rate {
        from_secs: f64::from(hour) * 3600.0,
        per_hour: share * erlangs / handle_secs * 3600.0,
    };
    (0..HOURS).zip(&SHAPE).map(rate).collect()
}

/// Staff follows the day, as far as whole persons can.
fn levels(agents: f64) -> Vec<Level> {
    let level = |(hour, share): (u32, &f64)| Level {
        from_secs: f64::from(hour) * 3600.0,
        agents: (1..10_000)
            .rev()
            .find(|n| f64::from(*n) <= share * agents + 0.5)
            .unwrap_or(1),
    };
    (0..HOURS).zip(&SHAPE).map(level).collect()
}

/// Groups by the skills that their agents have: each skill is had by one at least, and each has at least one.
fn groups(draw: &mut Draw, n_skills: usize) -> Vec<Vec<usize>> {
    let n_groups = 2 + draw.below(n_skills + 1);
    let flexibility = draw.between(0.15, 0.6);
    let mut groups: Vec<Vec<usize>> = (0..n_groups)
        .map(|_| {
            (0..n_skills)
                .filter(|_| draw.unit() < flexibility)
                .collect()
        })
        .collect();
    for skill in 0..n_skills {
        if !groups.iter().any(|group| group.contains(&skill)) {
            let group = draw.below(n_groups);
            groups[group].push(skill);
        }
    }
    groups.retain(|group| !group.is_empty());
    groups.iter_mut().for_each(|group| group.sort_unstable());
    groups
}

/// Agents by group: each skill's work is spread over those who can take it, unevenly, and staffed for the load.
fn staffed(draw: &mut Draw, erlangs: &[f64], groups: &[Vec<usize>], load: f64) -> Vec<f64> {
    let mut agents = vec![0.0; groups.len()];
    for (skill, erlangs) in erlangs.iter().enumerate() {
        let shares: Vec<f64> = groups
            .iter()
            .map(|group| {
                if group.contains(&skill) {
                    draw.between(0.3, 1.0)
                } else {
                    0.0
                }
            })
            .collect();
        let all: f64 = shares.iter().sum();
        for (agents, share) in agents.iter_mut().zip(&shares) {
            *agents += erlangs * share / all / load;
        }
    }
    agents
}

/// All equal, somewhat different, or anything.
fn present(draw: &mut Draw, n_skills: usize) -> Vec<i64> {
    match draw.below(3) {
        0 => vec![50; n_skills],
        1 => (0..n_skills).map(|_| 40 + draw.whole(21)).collect(),
        _ => (0..n_skills).map(|_| 1 + draw.whole(100)).collect(),
    }
}

fn tuned(present: &[i64]) -> Vec<TunedSkill> {
    let skill = |(place, weight): (usize, &i64)| TunedSkill {
        id: SkillId::new(format!("id {place:02}")),
        name: name(place),
        present: Weight::try_from(*weight).ok(),
        service_goal: 0.8,
    };
    present.iter().enumerate().map(skill).collect()
}

/// SplitMix64.
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) fn new(seed: u64) -> Draw {
        Draw(seed.wrapping_mul(0x2545_f491_4f6c_dd1d) ^ 0x5bd1_e995)
    }

    fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    pub(crate) fn unit(&mut self) -> f64 {
        (self.word() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    fn whole(&mut self, n: usize) -> i64 {
        i64::try_from(self.below(n)).unwrap_or(0)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.word() % n as u64).unwrap_or(0)
    }
}
