//! Requests that are held until they are released.

use tokio::sync::watch;

/// The requests that are being held.
#[derive(Debug)]
pub(crate) struct Holds {
    /// How many there are.
    held: watch::Sender<usize>,
    /// How often they were released.
    releases: watch::Sender<u64>,
}

impl Holds {
    /// Nobody is held.
    pub(crate) fn new() -> Holds {
        Holds {
            held: watch::Sender::new(0),
            releases: watch::Sender::new(0),
        }
    }

    /// Holds a request until the next release. Whoever is dropped meanwhile, because the connection ended, is held no
    /// more.
    pub(crate) async fn hold(&self) {
        let mut releases = self.releases.subscribe();
        let _held = Held::new(&self.held);
        // The sender lives as long as this borrow of it, so it cannot be gone.
        let _ = releases.changed().await;
    }

    /// Lets all that are held go on.
    pub(crate) fn release(&self) {
        self.releases.send_modify(|releases| *releases += 1);
    }

    /// Returns how many are held.
    pub(crate) fn count(&self) -> usize {
        *self.held.borrow()
    }

    /// Waits until `n` are held.
    pub(crate) async fn until(&self, n: usize) {
        let mut held = self.held.subscribe();
        let _ = held.wait_for(|held| *held == n).await;
    }
}

/// Counts one held request for as long as it lives.
struct Held<'a>(&'a watch::Sender<usize>);

impl<'a> Held<'a> {
    fn new(count: &'a watch::Sender<usize>) -> Held<'a> {
        count.send_modify(|held| *held += 1);
        Held(count)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|held| *held -= 1);
    }
}
