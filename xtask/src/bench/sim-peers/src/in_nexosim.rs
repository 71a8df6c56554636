//! In NeXosim: one model that schedules its own events, on one thread.

use std::error::Error;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use nexosim::model::{Context, Model, schedulable};
use nexosim::simulation::{Mailbox, SimInit};
use nexosim::time::MonotonicTime;
use serde::{Deserialize, Serialize};

use crate::centre::{Centre, Event};

/// Models must be serialisable; the centre is taken along beside.
#[derive(Serialize, Deserialize)]
struct Floor {
    #[serde(skip)]
    centre: Option<Centre>,
    #[serde(skip)]
    waits: Arc<Mutex<Option<Vec<f64>>>>,
}

/// The shortest time that can be scheduled.
const TICK: Duration = Duration::from_nanos(1);

#[Model]
impl Floor {
    #[nexosim(init)]
    async fn init(&mut self, cx: &Context<Self>) {
        let Some(centre) = &mut self.centre else {
            return;
        };
        for class in 0..centre.n_classes() {
            let gap = Duration::from_secs_f64(centre.first_gap(class)).max(TICK);
            let _ = cx.schedule_event(gap, schedulable!(Self::happen), Event::Arrive(class));
        }
    }

    #[nexosim(schedulable)]
    async fn happen(&mut self, event: Event, cx: &Context<Self>) {
        let Some(centre) = &mut self.centre else {
            return;
        };
        let now = cx.time().duration_since(MonotonicTime::EPOCH).as_secs_f64();
        centre.happen(now, event, &mut |secs, event| {
            let after = Duration::from_secs_f64(secs).max(TICK);
            let _ = cx.schedule_event(after, schedulable!(Self::happen), event);
        });
        if centre.is_over() {
            let waits = centre.mean_waits();
            self.centre = None;
            if let Ok(mut told) = self.waits.lock() {
                *told = Some(waits);
            }
        }
    }
}

pub fn run(centre: Centre) -> Result<Vec<f64>, Box<dyn Error>> {
    let waits = Arc::new(Mutex::new(None));
    let floor = Floor {
        centre: Some(centre),
        waits: Arc::clone(&waits),
    };
    let mut simulation = SimInit::with_num_threads(1)
        .add_model(floor, Mailbox::new(), "floor")
        .init(MonotonicTime::EPOCH)?;
    // Whoever is over schedules nothing more, and what was scheduled is passed over.
    simulation.run()?;
    let told = waits.lock().map_err(|_| "a model panicked")?.take();
    told.ok_or_else(|| "the run did not come to its end".into())
}
