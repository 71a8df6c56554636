//! What is meant by a strategy and a lever, given what the host speaks.

use waitwise_app::model::{Scale, SkillId};
use waitwise_app::planning::TableWish;
use waitwise_app::planning::priority_table::MINUTES_MAX_DEFAULT;
use waitwise_app::weights::{Balanced, Cmu, Guardrails, search};
use waitwise_app::{Contract, Strategy};

use crate::args::{AheadArgs, LeverArg, LeverArgs, StrategyArg};
use crate::commands::threads;
use crate::failure::Failure;
use crate::settings::File;

/// What weights are written to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Lever {
    /// The queue's routing rule.
    RoutingRule,
    /// A data table that a flow reads.
    PriorityTable(TableWish),
}

impl Lever {
    /// Works out what is meant. Each contract has one lever: another one is a mistake, and better told than forgotten.
    pub(crate) fn meant(
        file: &File,
        args: &LeverArgs,
        contract: Contract,
    ) -> Result<Lever, Failure> {
        match (contract, args.lever.or(file.lever)) {
            (Contract::Tutorial, None | Some(LeverArg::RoutingRule)) => Ok(Lever::RoutingRule),
            (Contract::Platform, None | Some(LeverArg::PriorityTable)) => {
                Ok(Lever::PriorityTable(table(file, args)?))
            }
            (Contract::Tutorial, Some(LeverArg::PriorityTable)) => Err(Failure::usage(
                "the lever priority-table does not go with the tutorial's contract, which has no data tables",
            )
            .hint("leave out --lever, or name a host of the published platform with --region or --api-url")),
            (Contract::Platform, Some(LeverArg::RoutingRule)) => Err(Failure::usage(
                "the lever routing-rule does not go with the published platform, which has no routing rules",
            )
            .hint("leave out --lever: priority-table is the only one there")),
        }
    }
}

/// Returns the strategy that is meant; `formula` is the tutorial's with the factors that are meant. On the platform
/// nothing is written until something better than the present weights has been shown, or is asked for by its name.
pub(crate) fn strategy(
    file: &File,
    args: &LeverArgs,
    ahead: &AheadArgs,
    contract: Contract,
    formula: Strategy,
) -> Result<Strategy, Failure> {
    let wanted = args.strategy.or(file.strategy);
    check_flags(wanted, ahead)?;
    Ok(match (contract, wanted) {
        (_, Some(StrategyArg::Keep)) | (Contract::Platform, None) => Strategy::Keep,
        (_, Some(StrategyArg::VolumeWait)) | (Contract::Tutorial, None) => formula,
        (_, Some(StrategyArg::Balanced)) => Strategy::Balanced(Balanced::default()),
        (_, Some(StrategyArg::Cmu)) => Strategy::Cmu(cmu(ahead)?),
        (_, Some(StrategyArg::Search)) => Strategy::Search(Box::new(search(ahead)?)),
    })
}

/// What another strategy would go by is better refused than forgotten.
fn check_flags(strategy: Option<StrategyArg>, ahead: &AheadArgs) -> Result<(), Failure> {
    let of_search = [
        ("--guardrail", !ahead.guardrail.is_empty()),
        ("--budget", ahead.budget.is_some()),
    ];
    let of_cmu = [("--cost", !ahead.cost.is_empty())];
    let typed = |(flag, is_typed): &(&'static str, bool)| is_typed.then_some(*flag);
    let other = match strategy {
        Some(StrategyArg::Search) => None,
        _ => of_search
            .iter()
            .find_map(typed)
            .map(|flag| (flag, "search")),
    };
    let other = other.or(match strategy {
        Some(StrategyArg::Cmu) => None,
        _ => of_cmu.iter().find_map(typed).map(|flag| (flag, "cmu")),
    });
    match other {
        None => Ok(()),
        Some((flag, name)) => Err(Failure::usage(format!(
            "{flag} is for the strategy {name}, which was not asked for"
        ))
        .hint(format!("add --strategy {name}, or leave {flag} out"))),
    }
}

fn cmu(ahead: &AheadArgs) -> Result<Cmu, Failure> {
    let costs = ahead.cost.iter();
    let costs = costs.map(|(skill, cost)| (SkillId::new(skill), *cost));
    Cmu::new(costs.collect()).map_err(|error| Failure::usage("cannot use --cost").because(error))
}

fn search(ahead: &AheadArgs) -> Result<search::Settings, Failure> {
    let mut guardrails = Guardrails::default();
    for guardrail in &ahead.guardrail {
        guardrails
            .set(*guardrail)
            .map_err(|error| Failure::usage("cannot use --guardrail").because(error))?;
    }
    Ok(search::Settings {
        objective: ahead.objective.clone(),
        guardrails,
        seed: ahead.seed,
        threads: threads(ahead.threads),
        budget: ahead.budget,
    })
}

fn table(file: &File, args: &LeverArgs) -> Result<TableWish, Failure> {
    let minutes = args.minutes_per_point.or(file.minutes_per_point);
    let scale = minutes.map_or(Ok(Scale::DEFAULT), Scale::per_point);
    let minutes_max = args.minutes_max.or(file.minutes_max);
    Ok(TableWish {
        table: file.data_table(&args.table),
        scale: scale
            .map_err(|error| Failure::usage("cannot use --minutes-per-point").because(error))?,
        minutes_max: minutes_max.unwrap_or(MINUTES_MAX_DEFAULT),
    })
}
