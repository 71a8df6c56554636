//! What can be asked of a host: by the tutorial's contract here, by the published platform's in [`crate::platform`].
//! Nothing of it can change how anybody is routed.

use std::fmt;
use std::sync::Arc;

use jiff::SignedDuration;
use waitwise_model::{
    Clock, Evidence, Observed, Pull, QueueId, RejectedGroup, Skill, Window, WrapUpGroup,
};
use waitwise_wire::platform;
use waitwise_wire::routing_rule;
use waitwise_wire::tutorial::listing::read_skill;
use waitwise_wire::tutorial::summary::{SummaryPage, SummaryQuery, WaitUnit, read_group};
use waitwise_wire::tutorial::{RULES, SKILLS, SUMMARY};

use crate::base_url::BaseUrl;
use crate::error::ClientError;
use crate::list::{List, shape};
use crate::pages::PageGuard;
use crate::request::Request;
use crate::settings::{Contract, Settings};
use crate::transport::Transport;

/// Reads from one host. Clones share the sign-in, the deadline and the host's pauses.
#[derive(Clone)]
pub struct ReadClient {
    transport: Arc<Transport>,
    page_size: u32,
    pages_max: u32,
    job_page_size: u32,
    wait_unit: WaitUnit,
    contract: Contract,
}

/// A list that was read to its end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listing<T> {
    /// The readable entities, in the host's order.
    pub items: Vec<T>,
    /// The unreadable ones, each named by its id or else its place in the list, with the reason.
    pub rejected: Vec<String>,
    /// Shows that the list was read to its end.
    pub pull: Pull,
}

impl ReadClient {
    /// Prepares a client; nothing is sent, the first question signs in.
    ///
    /// # Errors
    /// A setting or the CA file cannot be used.
    pub fn connect(settings: Settings, clock: Arc<dyn Clock>) -> Result<ReadClient, ClientError> {
        Ok(ReadClient {
            transport: Arc::new(Transport::new(&settings, clock)?),
            page_size: settings.page_size,
            pages_max: settings.limits.pages_max,
            job_page_size: settings.job_page_size,
            wait_unit: settings.wait_unit,
            contract: settings.contract,
        })
    }

    /// Signs in, unless that was done already, and asks nothing else.
    ///
    /// # Errors
    /// The host cannot be reached, or does not take the credentials.
    pub async fn sign_in(&self) -> Result<(), ClientError> {
        self.transport.token().await.map(drop)
    }

    /// Returns how far the host's clock was ahead of ours at its last answer (negative: behind), to about a second;
    /// `None` if no answer has said its time.
    pub fn host_ahead(&self) -> Option<SignedDuration> {
        self.transport.host_ahead()
    }

    /// Returns how many requests the host said that it allows in a window, which is a minute as far as is known;
    /// `None` if no answer has said it.
    pub fn allowed_per_window(&self) -> Option<u32> {
        self.transport.allowed_per_window()
    }

    /// Reads a queue's history by wrap-up code, every page. `progress` is called after each page.
    ///
    /// # Errors
    /// Nothing of an incomplete history is returned: [`ClientError::Incomplete`] if its pages contradict each other.
    pub async fn history(
        &self,
        queue: &QueueId,
        window: Window,
        progress: &(dyn Fn(Pull) + Send + Sync),
    ) -> Result<Evidence, ClientError> {
        let mut query = SummaryQuery::new(queue, window, self.page_size);
        let mut guard = PageGuard::new(&SUMMARY, self.pages_max);
        let mut groups = Groups {
            unit: self.wait_unit,
            usable: Vec::new(),
            rejected: Vec::new(),
        };
        loop {
            guard.turn(query.next_page_token.as_deref().unwrap_or_default())?;
            let body =
                serde_json::to_string(&query).expect("texts and numbers can be written as JSON");
            let answer = self
                .transport
                .call(&Request::question(&SUMMARY, body))
                .await?;
            let page =
                SummaryPage::read(&answer).map_err(|error| shape(&SUMMARY, guard.page(), error))?;
            groups.add(&page, &mut guard)?;
            progress(guard.pull());
            query.next_page_token = page.next_page_token;
            if query.next_page_token.is_none() {
                break;
            }
        }
        Ok(Evidence {
            queue: queue.clone(),
            window,
            groups: groups.usable,
            rejected: groups.rejected,
            pull: guard.end(None)?,
        })
    }

    /// Reads the tenant's skills, every page.
    ///
    /// # Errors
    /// [`ClientError::Incomplete`] if the pages contradict each other; an unreadable skill is no error.
    pub async fn skills(&self) -> Result<Listing<Skill>, ClientError> {
        let operation = match self.contract {
            Contract::Tutorial => &SKILLS,
            Contract::Platform => &platform::SKILLS,
        };
        self.listing(&List::of(operation, self.page_size), read_skill)
            .await
    }

    /// Reads every page of the tenant's routing rules and returns those of `queue`, in the host's order.
    ///
    /// # Errors
    /// [`ClientError::Incomplete`] if the pages contradict each other, [`ClientError::Rule`] if a rule of the queue
    /// cannot be read. Unreadable rules of other queues are no error.
    pub async fn rules_of(&self, queue: &QueueId) -> Result<Vec<Observed>, ClientError> {
        let mut rules = Vec::new();
        let list = List::of(&RULES, self.page_size);
        self.list(&list, |_, entity| {
            if routing_rule::queue_of(entity).as_ref() == Some(queue) {
                let queue = queue.to_string();
                let rule = routing_rule::observe(entity)
                    .map_err(|source| ClientError::Rule { queue, source })?;
                rules.push(rule);
            }
            Ok(())
        })
        .await?;
        Ok(rules)
    }

    /// Returns the host.
    pub fn base_url(&self) -> &BaseUrl {
        self.transport.base_url()
    }

    pub(crate) fn transport(&self) -> &Transport {
        &self.transport
    }

    pub(crate) fn pages_max(&self) -> u32 {
        self.pages_max
    }

    /// Returns how many entities to ask for on a page of a list that takes up to `max`.
    pub(crate) fn page_size(&self, max: u32) -> u32 {
        std::cmp::min(self.page_size, max)
    }

    /// Returns how many conversation records to ask for on a page of a job.
    pub(crate) fn job_page_size(&self) -> u32 {
        self.job_page_size
    }
}

impl fmt::Debug for ReadClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadClient")
            .field("base_url", self.base_url())
            .finish_non_exhaustive()
    }
}

/// The groups of all pages so far.
struct Groups {
    unit: WaitUnit,
    usable: Vec<WrapUpGroup>,
    rejected: Vec<RejectedGroup>,
}

impl Groups {
    fn add(&mut self, page: &SummaryPage<'_>, guard: &mut PageGuard) -> Result<(), ClientError> {
        guard.size(page.entities.len())?;
        for entity in &page.entities {
            match read_group(entity.get(), self.unit) {
                Ok(group) => {
                    // The group without a code has a name of its own, since it too may come only once.
                    let code: Option<Arc<str>> = group.code.as_ref().map(Into::into);
                    guard.entity(Some(code.unwrap_or_else(|| "(no wrap-up code)".into())))?;
                    self.usable.push(group);
                }
                Err(rejected) => {
                    guard.entity(rejected.code.as_ref())?;
                    self.rejected.push(rejected);
                }
            }
        }
        Ok(())
    }
}
