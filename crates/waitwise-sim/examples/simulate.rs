//! Runs a model file on one core and prints each class's mean wait: the shortest way from a file to figures.
//!
//! `cargo run --release -p waitwise-sim --example simulate -- centre.toml 1000000`

use std::error::Error;
use std::ops::ControlFlow;

use waitwise_sim::estimate::Collector;
use waitwise_sim::file::{from_json, from_toml};
use waitwise_sim::{Extent, Length, Plan, run};

#[expect(clippy::print_stdout, reason = "an example prints its answer")]
fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let path = args.next().ok_or("name a model file")?;
    let interactions = args.next().map_or(Ok(1_000_000), |n| n.parse())?;
    let text = std::fs::read_to_string(path)?;
    let described = match text.trim_start().starts_with('{') {
        true => from_json(&text)?,
        false => from_toml(&text)?,
    };
    let closes = described.model.spec().calendar.day_secs.is_some();
    let endless = Extent::Endless {
        warmup: Length::Interactions(interactions / 10),
        measured: Length::Interactions(interactions),
        batches: 30,
    };
    let plan = Plan {
        seed: 1,
        first: 0,
        replications: if closes { 100 } else { 1 },
        extent: if closes { Extent::Day } else { endless },
        threads: 1,
    };
    let mut collector = Collector::new(plan.replications, &[]);
    run(&described.model, &described.policy, &plan, |_, blocks| {
        collector.take(blocks);
        ControlFlow::Continue(())
    });
    let estimates = collector.estimates().ok_or("nothing was simulated")?;
    for (class, of) in described
        .model
        .spec()
        .classes
        .iter()
        .zip(&estimates.classes)
    {
        println!("{}: {:?} s", class.name, of.mean_wait_secs);
    }
    Ok(())
}
