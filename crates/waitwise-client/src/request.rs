//! Requests as values. What a module can ask for follows from what it can build: reading for all, writing only for
//! [`mod@write`].

pub(crate) mod write;

use std::borrow::Cow;

use reqwest::header::HeaderValue;
use waitwise_wire::operation::Operation;
use waitwise_wire::platform::DELETE_JOB;
use waitwise_wire::tutorial::{TOKEN, token};

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

/// A request to be sent as often as it takes.
pub(crate) struct Request {
    operation: &'static Operation,
    method: reqwest::Method,
    /// What stands in the path's places, in their order.
    ids: Vec<String>,
    query: Option<String>,
    content: Option<(HeaderValue, String)>,
}

impl Request {
    /// Reads an object or a page of a list; `ids` stand in the path's places, an empty query is none.
    pub(crate) fn get(operation: &'static Operation, ids: Vec<String>, query: String) -> Request {
        Request {
            operation,
            method: reqwest::Method::GET,
            ids,
            query: Some(query).filter(|query| !query.is_empty()),
            content: None,
        }
    }

    /// Asks a question that stands in the body.
    pub(crate) fn question(operation: &'static Operation, body: String) -> Request {
        Request::post(operation, JSON, body)
    }

    /// Asks for one page of a question that stands in the body.
    pub(crate) fn question_page(
        operation: &'static Operation,
        query: String,
        body: String,
    ) -> Request {
        Request {
            query: Some(query),
            ..Request::post(operation, JSON, body)
        }
    }

    /// Ends a job of ours. It is the only DELETE outside of [`mod@write`]: a job is a question, nobody is routed by it.
    pub(crate) fn cancel_job(job: &str) -> Request {
        Request {
            operation: &DELETE_JOB,
            method: reqwest::Method::DELETE,
            ids: vec![job.to_owned()],
            query: None,
            content: None,
        }
    }

    /// Signs in.
    pub(crate) fn sign_in() -> Request {
        Request::post(&TOKEN, FORM, token::FORM.to_owned())
    }

    fn post(operation: &'static Operation, content_type: HeaderValue, body: String) -> Request {
        Request {
            operation,
            method: reqwest::Method::POST,
            ids: Vec::new(),
            query: None,
            content: Some((content_type, body)),
        }
    }

    pub(crate) fn operation(&self) -> &'static Operation {
        self.operation
    }

    pub(crate) fn method(&self) -> &reqwest::Method {
        &self.method
    }

    /// Returns what stands in the path's places, in their order.
    pub(crate) fn ids(&self) -> &[String] {
        &self.ids
    }

    /// Returns the path for people: ids stand in it as they are.
    pub(crate) fn path(&self) -> Cow<'static, str> {
        match self.ids.as_slice() {
            [] => Cow::Borrowed(self.operation.path),
            ids => Cow::Owned(self.operation.path_with(ids)),
        }
    }

    pub(crate) fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }

    /// Returns the body with its type.
    pub(crate) fn content(&self) -> Option<&(HeaderValue, String)> {
        self.content.as_ref()
    }

    /// Returns whether this is the sign-in itself, which shows the secret instead of a token.
    pub(crate) fn signs_in(&self) -> bool {
        self.operation.signs_in()
    }
}
