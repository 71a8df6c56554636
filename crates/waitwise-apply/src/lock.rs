//! One writer at a time: the lock that every change holds from its beginning to its end.

use std::convert::Infallible;
use std::future::Future;
use std::time::Duration;

use waitwise_plan::{Place, Plan};
use waitwise_store::Locking;

use crate::{Applier, ApplyError};

/// How often the lock is renewed: three times in a lease.
const HEARTBEAT: Duration = Duration::from_secs(10);

impl Applier<'_> {
    /// Does `work` as the only writer to the plan's place among those who share the journal.
    ///
    /// The lock is renewed while the work lasts. If that fails for a whole lease, such as while the machine sleeps,
    /// somebody else can take it; the journal then refuses to record the next send, and nothing more leaves.
    pub(crate) async fn alone<T>(
        &self,
        plan: &Plan,
        work: impl Future<Output = Result<T, ApplyError>>,
    ) -> Result<T, ApplyError> {
        let (tenant, place) = (&plan.intent().tenant, plan.place());
        let locking = self.store.lock(tenant, &place, self.clock.now()).await?;
        if let Locking::Held(holder) = locking {
            return Err(ApplyError::Locked { place, holder });
        }
        let result = tokio::select! {
            result = work => result,
            never = self.beat(tenant, &place) => match never {},
        };
        if let Err(error) = self.store.unlock(tenant, &place).await {
            tracing::warn!(%error, "the lock was not given back; it ends by itself");
        }
        result
    }

    /// Renews the lock again and again.
    ///
    /// By the runtime's time, not by the clock: a heartbeat says that this process lives, and a process does not live
    /// longer because a test lets an hour pass at once.
    async fn beat(&self, tenant: &str, place: &Place) -> Infallible {
        let mut beats = tokio::time::interval(HEARTBEAT);
        beats.tick().await;
        loop {
            beats.tick().await;
            if let Err(error) = self.store.renew(tenant, place, self.clock.now()).await {
                tracing::warn!(%error, "the lock was not renewed");
            }
        }
    }
}
