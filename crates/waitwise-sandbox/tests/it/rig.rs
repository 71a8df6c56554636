//! A sandbox on a clock that the test moves, and a client that hides nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use waitwise_model::{BoxFuture, Clock};
use waitwise_sandbox::{Sandbox, SandboxOptions};

pub(crate) const SUMMARY: &str = "/api/v2/analytics/conversations/summary/query";
pub(crate) const SKILLS: &str = "/api/v2/routing/skills";
pub(crate) const RULES: &str = "/api/v2/routing/rules";

/// A service clock that stands still unless moved.
#[derive(Default)]
pub(crate) struct ManualClock(Mutex<Duration>);

impl ManualClock {
    pub(crate) fn advance(&self, by: Duration) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        let start: Timestamp = "2026-03-30T09:30:15.250Z".parse().unwrap();
        start + SignedDuration::try_from(self.monotonic()).unwrap()
    }

    fn monotonic(&self) -> Duration {
        *self.0.lock().unwrap()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        self.advance(duration);
        Box::pin(std::future::ready(()))
    }
}

/// An answer, read whole.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Seen {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) text: String,
}

impl Seen {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// Asserts a refusal by its status and code, and returns its message.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) -> String {
        let body = self.json();
        assert_eq!(
            (self.status, body["code"].as_str()),
            (status, Some(code)),
            "{self:?}"
        );
        assert_eq!(body["status"], status);
        assert_eq!(
            body["contextId"].as_str(),
            Some(self.header("inin-correlation-id")),
            "{self:?}"
        );
        assert!(
            body["details"].is_array() && body["errors"].is_array(),
            "{self:?}"
        );
        body["message"].as_str().unwrap().to_owned()
    }

    /// Asserts a 400 about one field, and returns its message.
    #[track_caller]
    pub(crate) fn refused_field(&self, field: &str) -> String {
        let message = self.refused(400, "invalid.value");
        assert_eq!(self.json()["details"][0]["fieldName"], field, "{self:?}");
        message
    }
}

pub(crate) struct Rig {
    pub(crate) sandbox: Sandbox,
    pub(crate) clock: Arc<ManualClock>,
    http: reqwest::Client,
    token: Mutex<String>,
}

impl Rig {
    /// A small tenant, signed in.
    pub(crate) async fn start() -> Rig {
        Rig::with(|_| ()).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut SandboxOptions)) -> Rig {
        // The second test that comes here finds it installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut options = SandboxOptions {
            seed: 3,
            history_days: 4,
            ..SandboxOptions::default()
        };
        change(&mut options);
        let clock = Arc::new(ManualClock::default());
        let sandbox = Sandbox::start(options, clock.clone()).await.unwrap();
        let authority = sandbox
            .connection()
            .ca_file
            .iter()
            .map(|file| reqwest::Certificate::from_pem(&std::fs::read(file).unwrap()).unwrap());
        let http = reqwest::Client::builder()
            .no_proxy()
            .tls_certs_only(authority)
            .build()
            .unwrap();
        let rig = Rig {
            sandbox,
            clock,
            http,
            token: Mutex::default(),
        };
        rig.sign_in().await;
        rig
    }

    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.http
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.connection().base_url)
    }

    /// Gets a token, and uses it from here on.
    pub(crate) async fn sign_in(&self) -> Seen {
        let seen = self
            .token_request("grant_type=client_credentials", None)
            .await;
        if let Some(token) = seen.json()["access_token"].as_str() {
            *self.token.lock().unwrap() = token.to_owned();
        }
        seen
    }

    pub(crate) async fn token_request(
        &self,
        form: &str,
        authorization: Option<(&str, &str)>,
    ) -> Seen {
        let connection = self.sandbox.connection();
        let (id, secret) =
            authorization.unwrap_or((&connection.client_id, &connection.client_secret));
        let request = self
            .http
            .post(self.url("/oauth/token"))
            .basic_auth(id, Some(secret));
        send(
            request
                .header("content-type", "application/x-www-form-urlencoded")
                .body(form.to_owned()),
        )
        .await
        .unwrap()
    }

    pub(crate) fn request(
        &self,
        method: &str,
        path: &str,
        body: impl Into<reqwest::Body>,
    ) -> reqwest::RequestBuilder {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let token = self.token.lock().unwrap().clone();
        self.http
            .request(method, self.url(path))
            .bearer_auth(token)
            .header("content-type", "application/json")
            .body(body)
    }

    pub(crate) async fn call(&self, method: &str, path: &str, body: &str) -> Seen {
        self.try_call(method, path, body).await.unwrap()
    }

    pub(crate) async fn try_call(
        &self,
        method: &str,
        path: &str,
        body: &str,
    ) -> reqwest::Result<Seen> {
        send(self.request(method, path, body.to_owned())).await
    }

    pub(crate) async fn get(&self, path: &str) -> Seen {
        self.call("GET", path, "").await
    }

    /// The tutorial's query over the days before the tenant's now.
    pub(crate) fn query(&self, days: i64) -> Value {
        let to = self.sandbox.now();
        let from = to - SignedDuration::from_hours(24 * days);
        json!({
            "view": "conversations",
            "groupBy": ["wrapupCodeId"],
            "metrics": ["conversationCount", "avgWaitTime"],
            "filter": {"type": "and", "clauses": [
                {"type": "equals", "dimension": "queueId", "value": self.sandbox.connection().queue_id},
                {"type": "dateRange", "dimension": "conversationDate", "from": from.to_string(), "to": to.to_string()}]},
            "pageSize": 100
        })
    }

    pub(crate) async fn summary(&self, query: &Value) -> Seen {
        self.call("POST", SUMMARY, &query.to_string()).await
    }

    /// The stored rule of the tenant's queue: its id and text.
    pub(crate) fn target_rule(&self) -> (String, String) {
        let queue = &self.sandbox.connection().queue_id;
        let rules = self
            .sandbox
            .rules()
            .into_iter()
            .map(|text| (serde_json::from_str::<Value>(&text).unwrap(), text));
        let (rule, text) = rules
            .into_iter()
            .find(|(rule, _)| rule["queueId"] == queue.as_str())
            .unwrap();
        (rule["id"].as_str().unwrap().to_owned(), text)
    }
}

pub(crate) async fn send(request: reqwest::RequestBuilder) -> reqwest::Result<Seen> {
    let response = request.send().await?;
    let status = response.status().as_u16();
    let header = |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
        (name.as_str().to_owned(), value.to_str().unwrap().to_owned())
    };
    let headers = response.headers().iter().map(header).collect();
    Ok(Seen {
        status,
        headers,
        text: response.text().await?,
    })
}
