//! What the tenant is made of.

use waitwise_model::{AgentId, AgentSkill, Queue, QueueId, QueueMember, WrapUpCode};
use waitwise_wire::platform::limits::{Limit, TokenOwner, read_limit, read_token_owner};
use waitwise_wire::platform::queue::{
    Predictor, read_agent_skill, read_member, read_predictor, read_queue, read_wrap_up_code,
};
use waitwise_wire::platform::{
    LIMITS, PREDICTORS, QUEUE, QUEUE_MEMBERS, QUEUE_WRAP_UP_CODES, QUEUES, TOKENS_ME, USER_SKILLS,
    WRAP_UP_CODES,
};
use waitwise_wire::tutorial::listing::entity_id;

use super::unreadable;
use crate::error::ClientError;
use crate::list::{List, Paging};
use crate::read::{Listing, ReadClient};
use crate::request::Request;

/// The largest pages that the vendor's own programs ask for: proof that they are taken, not that larger ones are
/// refused.
const QUEUES_PAGE: u32 = 500;
const MEMBERS_PAGE: u32 = 100;
const CODES_PAGE: u32 = 100;
const AGENT_SKILLS_PAGE: u32 = 50;
/// What the published description says.
const PREDICTORS_PAGE: u32 = 200;

impl ReadClient {
    /// Reads whose the token is: the cheapest question that needs one.
    ///
    /// # Errors
    /// Sign-in fails, or the token is not taken.
    pub async fn check_token(&self) -> Result<TokenOwner, ClientError> {
        let request = Request::get(&TOKENS_ME, Vec::new(), String::new());
        let answer = self.transport().call(&request).await?;
        read_token_owner(&answer).map_err(|reason| unreadable(&TOKENS_ME, &reason))
    }

    /// Reads the queues that the client may see, every page.
    ///
    /// # Errors
    /// [`ClientError::Incomplete`] if the pages contradict each other; an unreadable queue is no error.
    pub async fn queues(&self) -> Result<Listing<Queue>, ClientError> {
        let list = List::of(&QUEUES, self.page_size(QUEUES_PAGE));
        self.listing(&list, read_queue).await
    }

    /// Reads one queue.
    ///
    /// # Errors
    /// There is no such queue, the client may not see it, or it cannot be read.
    pub async fn queue(&self, queue: &QueueId) -> Result<Queue, ClientError> {
        let request = Request::get(&QUEUE, vec![queue.to_string()], String::new());
        let answer = self.transport().call(&request).await?;
        read_queue(&answer).map_err(|reason| unreadable(&QUEUE, &reason))
    }

    /// Reads who serves a queue, every page. The host tells no total, so a page that it forgets cannot be missed.
    ///
    /// # Errors
    /// [`ClientError::Incomplete`] if the pages contradict each other; an unreadable member is no error.
    pub async fn queue_members(
        &self,
        queue: &QueueId,
    ) -> Result<Listing<QueueMember>, ClientError> {
        let list = List::of(&QUEUE_MEMBERS, self.page_size(MEMBERS_PAGE)).at(queue.as_str());
        self.listing(&list, read_member).await
    }

    /// Reads the tenant's wrap-up codes, every page.
    ///
    /// # Errors
    /// [`ClientError::Incomplete`] if the pages contradict each other; an unreadable code is no error.
    pub async fn wrap_up_codes(&self) -> Result<Listing<WrapUpCode>, ClientError> {
        let list = List::of(&WRAP_UP_CODES, self.page_size(CODES_PAGE));
        self.listing(&list, read_wrap_up_code).await
    }

    /// Reads the wrap-up codes that agents of one queue choose from, every page.
    ///
    /// # Errors
    /// [`ClientError::Incomplete`] if the pages contradict each other; an unreadable code is no error.
    pub async fn queue_wrap_up_codes(
        &self,
        queue: &QueueId,
    ) -> Result<Listing<WrapUpCode>, ClientError> {
        let list = List::of(&QUEUE_WRAP_UP_CODES, self.page_size(CODES_PAGE)).at(queue.as_str());
        self.listing(&list, read_wrap_up_code).await
    }

    /// Reads the skills of one agent, every page.
    ///
    /// # Errors
    /// [`ClientError::Incomplete`] if the pages contradict each other; an unreadable skill is no error.
    pub async fn agent_skills(&self, agent: &AgentId) -> Result<Listing<AgentSkill>, ClientError> {
        let list = List::of(&USER_SKILLS, self.page_size(AGENT_SKILLS_PAGE)).at(agent.as_str());
        self.listing(&list, read_agent_skill).await
    }

    /// Reads the predictors that are made for a queue, every page. If one of them may route, weights do nothing there.
    ///
    /// # Errors
    /// [`ClientError::Incomplete`] if the pages contradict each other; an unreadable predictor is no error.
    pub async fn predictors(&self, queue: &QueueId) -> Result<Listing<Predictor>, ClientError> {
        let size = self.page_size(PREDICTORS_PAGE);
        let encoded = url_encoded(queue.as_str());
        let list = List {
            paging: Paging::Sized { size },
            also: format!("queueId={encoded}"),
            ..List::of(&PREDICTORS, size)
        };
        let mut listing = self.listing(&list, read_predictor).await?;
        listing
            .items
            .retain(|predictor| predictor.queues.contains(queue));
        Ok(listing)
    }

    /// Reads the organisation's limits of one namespace, such as `platform.api`.
    ///
    /// # Errors
    /// There is no such namespace; an unreadable limit is no error.
    pub async fn limits(&self, namespace: &str) -> Result<Listing<Limit>, ClientError> {
        let list = List {
            paging: Paging::Plain,
            id_of: |entity| entity_key(entity).or_else(|| entity_id(entity)),
            ..List::of(&LIMITS, 0).at(namespace)
        };
        self.listing(&list, read_limit).await
    }
}

fn entity_key(entity: &str) -> Option<String> {
    read_limit(entity).ok().map(|limit| limit.key)
}

fn url_encoded(text: &str) -> String {
    let mut url = reqwest::Url::parse("http://x").expect("a URL");
    url.query_pairs_mut().append_pair("x", text);
    let query = url.query().unwrap_or_default();
    query.trim_start_matches("x=").to_owned()
}
