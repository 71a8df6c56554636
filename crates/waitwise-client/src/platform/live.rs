//! Who waits now.

use waitwise_model::{Pull, QueueId};
use waitwise_wire::platform::activity::{self, ActivityPage, WaitingGroup};
use waitwise_wire::platform::estimated_wait::{EstimatedWait, read_estimates};
use waitwise_wire::platform::observations::{self, QueueNow};
use waitwise_wire::platform::{ACTIVITY, ESTIMATED_WAIT, OBSERVATIONS};

use super::unreadable;
use crate::error::ClientError;
use crate::pages::{PageGuard, page_query};
use crate::read::{Listing, ReadClient};
use crate::request::Request;

/// Groups to ask for on a page of activity.
const ACTIVITY_PAGE: u32 = 100;

impl ReadClient {
    /// Reads how many wait now in these queues, by queue and skill; no queues: in all.
    ///
    /// The answer says neither how many pages there are nor whether the host pages at all: the end is a page that is
    /// not full, or one that repeats the one before.
    ///
    /// # Errors
    /// The host cannot be asked, or does not stop.
    pub async fn activity(&self, queues: &[QueueId]) -> Result<Listing<WaitingGroup>, ClientError> {
        let size = self.page_size(ACTIVITY_PAGE);
        let mut guard = PageGuard::new(&ACTIVITY, self.pages_max());
        let (mut items, mut rejected) = (Vec::new(), Vec::new());
        let mut last = String::new();
        loop {
            let query = page_query(size, guard.page() + 1);
            guard.turn(&query)?;
            let request = Request::question_page(&ACTIVITY, query, activity::question(queues));
            let answer = self.transport().call(&request).await?;
            if answer == last {
                break;
            }
            let page = ActivityPage::read(&answer).map_err(|why| unreadable(&ACTIVITY, &why))?;
            items.extend(page.groups);
            rejected.extend(page.rejected);
            if u32::try_from(page.results) != Ok(size) {
                break;
            }
            last = answer;
        }
        let entities = items.len() + rejected.len();
        let pull = Pull {
            pages: guard.page(),
            entities,
            unique: entities,
            claimed: None,
        };
        Ok(Listing {
            items,
            rejected,
            pull,
        })
    }

    /// Reads one queue as it is now, with those who wait one by one.
    ///
    /// # Errors
    /// The host cannot be asked, or answers something else.
    pub async fn observations(&self, queue: &QueueId) -> Result<QueueNow, ClientError> {
        let request = Request::question(&OBSERVATIONS, observations::question(queue));
        let answer = self.transport().call(&request).await?;
        QueueNow::read(&answer).map_err(|reason| unreadable(&OBSERVATIONS, &reason))
    }

    /// Reads the platform's own estimate of a queue's wait, which is not per skill.
    ///
    /// # Errors
    /// There is no such queue, or the host answers something else.
    pub async fn estimated_wait(&self, queue: &QueueId) -> Result<Vec<EstimatedWait>, ClientError> {
        let request = Request::get(&ESTIMATED_WAIT, vec![queue.to_string()], String::new());
        let answer = self.transport().call(&request).await?;
        read_estimates(&answer).map_err(|reason| unreadable(&ESTIMATED_WAIT, &reason))
    }
}
