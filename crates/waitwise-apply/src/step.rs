//! One write to one object: journalled, sent, looked for when its outcome is unknown, read back.

use std::time::Duration;

use waitwise_client::{ClientError, SendError};
use waitwise_model::{ObjectId, Observed, QueueId};
use waitwise_plan::Fingerprint;
use waitwise_store::{ChangeId, StepEvent, StoreError};

use crate::error::chain;
use crate::{Applier, ApplyError, Outcome, Progress, Retry, place_of};

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
    pub(crate) async fn carry_out(&self, reading: Reading) -> Result<Outcome, ApplyError> {
        self.send_until_clear(reading, false).await
    }

    /// Finds out what became of a write that was sent when the object was `sent_from`, and goes on from there.
    ///
    /// `is_cut_off` says that nothing is known since it was sent, `in_doubt` that a send may have happened.
    pub(crate) async fn settle(
        &self,
        sent_from: &Observed,
        is_cut_off: bool,
        in_doubt: bool,
    ) -> Result<Outcome, ApplyError> {
        if is_cut_off {
            let reason = "the program ended before the answer was written down".to_owned();
            self.record(StepEvent::OutcomeUnknown { reason }).await?;
        }
        self.report(Progress::Verifying {
            object: self.object.clone(),
        });
        match self.look(&Fingerprint::of(&sent_from.comparable)).await {
            Err(source) => Err(self.unread(source, in_doubt)),
            Ok(Seen::Planned(now)) => self.confirm(now, None, 0).await,
            Ok(Seen::Before(reading)) => self.send_until_clear(reading, in_doubt).await,
            Ok(Seen::Else(found)) => Err(self.strange(found, in_doubt, &sent_from.document)),
        }
    }

    /// `in_doubt`: whether an earlier send may have happened, or may yet.
    async fn send_until_clear(
        &self,
        mut reading: Reading,
        mut in_doubt: bool,
    ) -> Result<Outcome, ApplyError> {
        let before = Fingerprint::of(&reading.observed.comparable);
        let mut signed_in = false;
        let mut tries = 1;
        loop {
            let sent = self.send(&reading.observed).await?;
            let unseen_window = self.applier.clock.monotonic().saturating_sub(reading.at);
            let seen = match sent {
                Ok(()) => {
                    in_doubt = true;
                    self.read_back(&before).await?
                }
                Err(SendError::NotYet { wait, source }) => {
                    let again = tries < SENDS_MAX && !(wait.is_zero() && signed_in);
                    signed_in |= wait.is_zero();
                    let error = SendError::NotYet { wait, source };
                    if !again {
                        return Err(self.give_up(error, tries, in_doubt).await?);
                    }
                    self.put_off(&error, wait, tries).await?;
                    let looked = self.look(&before).await;
                    looked.map_err(|source| self.unread(source, in_doubt))?
                }
                Err(error @ SendError::Moved(_)) => {
                    self.overtaken(error, tries, &before, in_doubt).await?
                }
                Err(error @ SendError::Unknown(_)) => {
                    in_doubt = true;
                    self.find_out(error, tries, &before).await?
                }
                Err(error) => return Err(self.give_up(error, tries, in_doubt).await?),
            };
            match seen {
                Seen::Planned(now) => return self.confirm(now, Some(unseen_window), tries).await,
                Seen::Before(again) => reading = again,
                Seen::Else(found) => {
                    return Err(self.strange(found, in_doubt, &reading.observed.document));
                }
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

    /// After a send without a clear answer: whether it happened all the same, and whether it may be sent again.
    async fn find_out(
        &self,
        error: SendError,
        tries: u32,
        before: &Fingerprint,
    ) -> Result<Seen, ApplyError> {
        let reason = chain(&error);
        self.record(StepEvent::OutcomeUnknown { reason }).await?;
        self.pause(tries - 1, Retry::OutcomeUnknown).await;
        match self.look(before).await {
            Err(source) => Err(self.unread(source, true)),
            Ok(Seen::Before(_)) if tries == SENDS_MAX => Err(self.unclear(error, tries)),
            Ok(seen) => Ok(seen),
        }
    }

    /// After a send that was refused because the object has come or gone: by somebody else, or by an earlier send of
    /// ours that arrived late.
    async fn overtaken(
        &self,
        error: SendError,
        tries: u32,
        before: &Fingerprint,
        in_doubt: bool,
    ) -> Result<Seen, ApplyError> {
        let reason = chain(&error);
        self.record(StepEvent::NotDone { reason }).await?;
        match self.look(before).await {
            Err(source) => Err(self.unread(source, in_doubt)),
            Ok(Seen::Before(_)) if in_doubt => Err(self.unclear(error, tries)),
            Ok(Seen::Before(_)) => Err(self.refused(error)),
            Ok(seen) => Ok(seen),
        }
    }

    /// After a send that certainly had no effect: waits as long as the host asks, and longer each time if it asks for
    /// less. A host that only wanted a new sign-in is not kept waiting.
    async fn put_off(
        &self,
        error: &SendError,
        wait: Duration,
        tries: u32,
    ) -> Result<(), StoreError> {
        let reason = chain(error);
        self.record(StepEvent::NotDone { reason }).await?;
        if !wait.is_zero() {
            let wait = std::cmp::max(wait, backoff(tries - 1));
            self.pause_for(wait, Retry::NotDone).await;
        }
        Ok(())
    }

    /// Returns the error for a send that certainly had no effect and is not tried again. What was sent before it may
    /// have had one.
    async fn give_up(
        &self,
        error: SendError,
        tries: u32,
        in_doubt: bool,
    ) -> Result<ApplyError, StoreError> {
        if !in_doubt {
            return Ok(self.refused(error));
        }
        let reason = chain(&error);
        self.record(StepEvent::NotDone { reason }).await?;
        Ok(self.unclear(error, tries))
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
        unseen_window: Option<Duration>,
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
            unseen_window,
            tries,
            others_edits: false,
        })
    }

    /// Pauses for 1, 2, 4, … seconds.
    async fn pause(&self, pauses_before: u32, reason: Retry) {
        self.pause_for(backoff(pauses_before), reason).await;
    }

    async fn pause_for(&self, wait: Duration, reason: Retry) {
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

    fn unclear(&self, error: SendError, tries: u32) -> ApplyError {
        ApplyError::OutcomeUnknown {
            object: self.object.clone(),
            change: self.change.clone(),
            tries,
            source: Box::new(error),
        }
    }

    /// The object cannot be read after a send that was not accepted.
    fn unread(&self, source: ClientError, in_doubt: bool) -> ApplyError {
        match in_doubt {
            true => self.unreadable(source, false),
            false => ApplyError::reading(&place_of(self.object))(source),
        }
    }

    fn unreadable(&self, source: ClientError, accepted: bool) -> ApplyError {
        ApplyError::Unreadable {
            object: self.object.clone(),
            change: self.change.clone(),
            accepted,
            source: Box::new(source),
        }
    }

    /// The object reads neither as before nor as planned: beside a write of ours, or before any had an effect.
    fn strange(&self, found: Option<Reading>, in_doubt: bool, before: &str) -> ApplyError {
        let found = found.map(|reading| reading.observed.document);
        if in_doubt {
            return ApplyError::Conflict {
                object: self.object.clone(),
                change: self.change.clone(),
                ours: self.planned.document.clone(),
                found,
            };
        }
        ApplyError::Moved {
            object: self.object.clone(),
            planned: before.to_owned(),
            found: found.into_iter().collect(),
        }
    }
}

/// 1, 2, 4, … seconds.
fn backoff(pauses_before: u32) -> Duration {
    Duration::from_secs(1 << pauses_before)
}
