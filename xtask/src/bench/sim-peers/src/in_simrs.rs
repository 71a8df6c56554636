//! In simrs: one component; the centre is a value of the state.

use std::time::Duration;

use simrs::{Component, ComponentId, Key, Scheduler, Simulation, State};

use crate::centre::{Centre, Event};

struct Floor {
    centre: Key<Centre>,
}

impl Component for Floor {
    type Event = Event;

    fn process_event(
        &self,
        own: ComponentId<Event>,
        event: &Event,
        scheduler: &mut Scheduler,
        state: &mut State,
    ) {
        let now = scheduler.time().as_secs_f64();
        if let Some(centre) = state.get_mut(self.centre) {
            centre.happen(now, *event, &mut |secs, event| {
                scheduler.schedule(Duration::from_secs_f64(secs), own, event);
            });
        }
    }
}

pub fn run(mut centre: Centre) -> Vec<f64> {
    let mut simulation = Simulation::default();
    let gaps: Vec<f64> = (0..centre.n_classes()).map(|class| centre.first_gap(class)).collect();
    let key = simulation.state.insert(centre);
    let floor = simulation.add_component(Floor { centre: key });
    for (class, gap) in gaps.into_iter().enumerate() {
        simulation.schedule(Duration::from_secs_f64(gap), floor, Event::Arrive(class));
    }
    while !simulation.state.get(key).is_none_or(Centre::is_over) && simulation.step() {}
    simulation.state.get(key).map(Centre::mean_waits).unwrap_or_default()
}
