//! A model file in other simulation crates: `sim-peers CRATE MODEL INTERACTIONS SEED` prints each class's mean wait as JSON.
//!
//! What the centre does is written once, in `centre`, and is as plain as it can be; each crate schedules its events.

mod centre;
mod in_nexosim;
mod in_simrs;

use std::error::Error;

use centre::Centre;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [of, model, interactions, seed] = args.as_slice() else {
        return Err("give a crate, a model file, a number of interactions and a seed".into());
    };
    let text = std::fs::read_to_string(model)?;
    let centre = Centre::new(&text, interactions.parse()?, seed.parse()?)?;
    let waits = match of.as_str() {
        "nexosim" => in_nexosim::run(centre)?,
        "simrs" => in_simrs::run(centre),
        other => return Err(format!("there is no crate `{other}`").into()),
    };
    println!("{}", serde_json::to_string(&waits)?);
    Ok(())
}
