//! A model file, TOML or JSON. One that can be read and is small is run for a moment: the engine checks that nobody is lost.

#![no_main]

use libfuzzer_sys::fuzz_target;
use waitwise_sim::file::{Described, ReadError, from_json, from_toml};
use waitwise_sim::{Arrivals, Extent, Length, Simulator, Spec, Staffing};

fuzz_target!(|data: &[u8]| {
    let Some([text]) = fuzz::parts(data) else {
        return;
    };
    let read = match text.trim_start().starts_with('{') {
        true => from_json(text),
        false => from_toml(text),
    };
    match read {
        Ok(described) if is_small(described.model.spec()) => run(&described),
        Ok(_) => {}
        Err(ReadError::Field(problem)) => assert!(!problem.to_string().is_empty()),
        Err(error @ (ReadError::Toml { .. } | ReadError::Json { .. })) => {
            assert!(error.to_string().starts_with("line "));
        }
    }
});

fn run(described: &Described) {
    let mut simulator = Simulator::new(&described.model, &described.policy);
    let extent = match described.model.spec().calendar.day_secs {
        Some(_) => Extent::Day,
        None => Extent::Endless {
            warmup: Length::Interactions(5),
            measured: Length::Interactions(200),
            batches: 3,
        },
    };
    for block in simulator.run(1, 0, extent) {
        for class in &block.classes {
            assert!(class.offered >= class.let_in() + class.blocked);
            assert!(class.answered_wait_secs >= 0.0 && class.abandoned_wait_secs >= 0.0);
        }
    }
}

/// Whether a moment is enough: few agents, few arrivals a cycle, and none of its times out of all proportion to another.
fn is_small(spec: &Spec) -> bool {
    let is_quick = |per_cycle: f64| per_cycle < 1e4 && spec.calendar.cycle_secs >= 60.0;
    let classes = spec.classes.iter().all(|class| match &class.arrivals {
        Arrivals::Poisson(rates) => {
            let most = rates.iter().map(|rate| rate.per_hour).fold(0.0, f64::max);
            class.service.mean_secs() < 1e5
                && is_quick(most / 3_600.0 * spec.calendar.cycle_secs)
                && (most <= 0.0 || most > 0.1)
        }
        Arrivals::Trace(trace) => {
            let columns = [&trace.service_secs, &trace.after_call_secs];
            let longest = columns.into_iter().flatten().flatten();
            longest.chain(&trace.at_secs).all(|secs| *secs < 1e5)
                && class.service.mean_secs() < 1e5
                && is_quick(0.0)
        }
    });
    let groups = spec.groups.iter().all(|group| match &group.staffing {
        Staffing::Always(agents) => *agents < 100,
        Staffing::Levels(levels) => levels.len() < 20 && levels.iter().all(|of| of.agents < 100),
        Staffing::Shifts(shifts) => shifts.len() < 20 && shifts.iter().all(|of| of.agents < 20),
    });
    let is_even = spec.busyness_cv < 2.0 && spec.classes.iter().all(|class| class.busyness_cv < 2.0);
    let speeds = spec.groups.iter().flat_map(|group| group.speed.values());
    let own = spec.groups.iter().flat_map(|group| group.service.values().chain(group.after_call.values()));
    classes
        && groups
        && is_even
        && spec.classes.len() < 10
        && spec.groups.len() < 10
        && speeds.copied().all(|speed| speed > 1e-3)
        && own.map(waitwise_sim::Law::mean_secs).all(|mean| mean < 1e5)
        && spec.classes.iter().filter_map(|class| class.after_call.as_ref()).all(|law| law.mean_secs() < 1e5)
}
