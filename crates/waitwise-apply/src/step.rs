//! One write to one object: journalled, sent, looked for when its outcome is unknown, read back.

use std::time::Duration;

use waitwise_client::{ClientError, SendError};
use waitwise_model::{ObjectId, Observed, QueueId};
use waitwise_plan::Fingerprint;
use waitwise_store::{ChangeId, StepEvent, StoreError};

use crate::error::chain;
use crate::{Applier, ApplyError, Outcome, Progress, Retry};

/// How often one write is sent, the first time included: the tutorial's five tries.
const SENDS_MAX: u32 = 5;

/// How often the object is read again while it still reads as before an accepted write. With pauses of 1, 2, 4, 8
/// and 16 seconds a list has half a minute to catch up.
const STALE_READS_MAX: u32 = 5;

/// A write that is about to be carried out.
pub(crate) struct Job<'a> {
    pub(crate) applier: &'a Applier<'a>,
    pub(crate) change: &'a ChangeId,
    pub(crate) queue: &'a QueueId,
    pub(crate) step: usize,
    pub(crate) object: &'a ObjectId,
    pub(crate) operation: &'a str,
    pub(crate) force: bool,
    /// The object as it must read afterwards.
    pub(crate) planned: Observed,
}

/// An object, and when reading it ended on the monotonic clock.
pub(crate) struct Reading {
    pub(crate) observed: Observed,
    pub(crate) at: Duration,
}

/// What an object turns out to be after a send.
enum Seen {
    Before(Reading),
    Planned(Reading),
    Else(Option<Reading>),
}

impl Job<'_> {
    /// Writes the object, which must have been read just before.
    pub(crate) async fn carry_out(&self, mut reading: Reading) -> Result<Outcome, ApplyError> {
        let before = Fingerprint::of(&reading.observed.comparable);
        let mut tries = 1;
        loop {
            let sent = self.send(&reading.observed).await?;
            let unseen_window = self.applier.clock.monotonic().saturating_sub(reading.at);
            let seen = match sent {
                Ok(()) => self.read_back(&before).await?,
                Err(error) => self.find_out(error, tries, &before).await?,
            };
            match seen {
                Seen::Planned(now) => return self.confirm(now, unseen_window, tries).await,
                Seen::Before(again) => reading = again,
                Seen::Else(found) => return Err(self.conflict(found)),
            }
            tries += 1;
        }
    }

    /// Sends only once the journal says durably that it is going to.
    async fn send(&self, observed: &Observed) -> Result<Result<(), SendError>, StoreError> {
        let document = observed.document.clone();
        self.record(StepEvent::Sent { document }).await?;
        self.report(Progress::Writing {
            object: self.object.clone(),
        });
        let client = self.applier.client;
        Ok(client.send(self.operation, observed, self.force).await)
    }

    /// After an accepted write: the object must read as planned, at the latest when the host's list has caught up.
    async fn read_back(&self, before: &Fingerprint) -> Result<Seen, ApplyError> {
        self.report(Progress::Verifying {
            object: self.object.clone(),
        });
        let mut rereads = 0;
        loop {
            match self.look(before).await {
                Err(source) => return Err(self.unreadable(source, true)),
                Ok(Seen::Before(found)) if rereads == STALE_READS_MAX => {
                    return Ok(Seen::Else(Some(found)));
                }
                Ok(Seen::Before(_)) => self.pause(rereads, Retry::StaleRead).await,
                Ok(seen) => return Ok(seen),
            }
            rereads += 1;
        }
    }

    /// After a write that was not accepted: whether it happened all the same, and whether it may be sent again.
    async fn find_out(
        &self,
        error: SendError,
        tries: u32,
        before: &Fingerprint,
    ) -> Result<Seen, ApplyError> {
        let is_refusal = !matches!(error, SendError::Unknown(_));
        if is_refusal && tries == 1 {
            return Err(self.refused(error));
        }
        // An earlier send may still arrive, so the refusal of a later one does not say that nothing was written.
        let reason = chain(&error);
        self.record(StepEvent::OutcomeUnknown { reason }).await?;
        self.pause(tries - 1, Retry::OutcomeUnknown).await;
        match self.look(before).await {
            Err(source) => Err(self.unreadable(source, false)),
            Ok(Seen::Before(_)) if is_refusal || tries == SENDS_MAX => {
                Err(ApplyError::OutcomeUnknown {
                    object: self.object.clone(),
                    change: self.change.clone(),
                    tries,
                    source: Box::new(error),
                })
            }
            Ok(seen) => Ok(seen),
        }
    }

    async fn look(&self, before: &Fingerprint) -> Result<Seen, ClientError> {
        let Some(reading) = self.applier.read_object(self.queue, self.object).await? else {
            return Ok(Seen::Else(None));
        };
        let found = Fingerprint::of(&reading.observed.comparable);
        Ok(match found {
            found if found == Fingerprint::of(&self.planned.comparable) => Seen::Planned(reading),
            found if found == *before => Seen::Before(reading),
            _ => Seen::Else(Some(reading)),
        })
    }

    async fn confirm(
        &self,
        now: Reading,
        unseen_window: Duration,
        tries: u32,
    ) -> Result<Outcome, ApplyError> {
        let document = now.observed.document;
        let confirmed = StepEvent::Confirmed {
            document: document.clone(),
        };
        self.record(confirmed).await?;
        self.report(Progress::Confirmed {
            object: self.object.clone(),
        });
        Ok(Outcome {
            object: self.object.clone(),
            document_now: document,
            unseen_window: Some(unseen_window),
            tries,
            others_edits: false,
        })
    }

    /// Pauses for 1, 2, 4, … seconds.
    async fn pause(&self, pauses_before: u32, reason: Retry) {
        let wait = Duration::from_secs(1 << pauses_before);
        self.report(Progress::Retrying {
            object: self.object.clone(),
            wait,
            reason,
        });
        self.applier.clock.sleep(wait).await;
    }

    async fn record(&self, event: StepEvent) -> Result<(), StoreError> {
        self.applier.record(self.change, self.step, event).await
    }

    fn report(&self, progress: Progress) {
        (self.applier.report)(progress);
    }

    fn refused(&self, error: SendError) -> ApplyError {
        let object = self.object.clone();
        if let SendError::Encode(source) = error {
            return ApplyError::Encode { object, source };
        }
        let source = Box::new(error);
        ApplyError::WriteRefused { object, source }
    }

    fn unreadable(&self, source: ClientError, accepted: bool) -> ApplyError {
        ApplyError::Unreadable {
            object: self.object.clone(),
            change: self.change.clone(),
            accepted,
            source: Box::new(source),
        }
    }

    fn conflict(&self, found: Option<Reading>) -> ApplyError {
        ApplyError::Conflict {
            object: self.object.clone(),
            change: self.change.clone(),
            ours: self.planned.document.clone(),
            found: found.map(|reading| reading.observed.document),
        }
    }
}
