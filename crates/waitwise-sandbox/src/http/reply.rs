//! Answers, and refusals in the API's error body.

use std::collections::BTreeMap;

use hyper::body::Bytes;
use serde::Serialize;

/// An answer before it goes out.
#[derive(Debug)]
pub(crate) struct Reply {
    /// HTTP status.
    pub(crate) status: u16,
    /// Header names in lower case and values, in order; a later one of the same name replaces an earlier.
    pub(crate) headers: Vec<(String, String)>,
    /// The body, JSON unless a fault says otherwise.
    pub(crate) body: Bytes,
}

impl Reply {
    /// An answer of 200 with `value` as its JSON.
    pub(crate) fn json(value: &impl Serialize) -> Reply {
        Reply::with_status(200, value)
    }

    /// An answer with `value` as its JSON.
    pub(crate) fn with_status(status: u16, value: &impl Serialize) -> Reply {
        let body = serde_json::to_vec(value).expect("own shapes have text keys and can be written");
        Reply::raw(status, body)
    }

    /// An answer whose body is JSON already.
    pub(crate) fn raw(status: u16, body: impl Into<Bytes>) -> Reply {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Reply {
            status,
            headers,
            body: body.into(),
        }
    }

    /// An answer without a body.
    pub(crate) fn empty(status: u16) -> Reply {
        Reply {
            status,
            headers: Vec::new(),
            body: Bytes::new(),
        }
    }

    /// Adds a header that one of the same name given later or already replaces.
    pub(crate) fn default_header(mut self, name: &str, value: impl ToString) -> Reply {
        self.headers.insert(0, (name.to_owned(), value.to_string()));
        self
    }

    /// Adds a header.
    pub(crate) fn header(mut self, name: &str, value: impl ToString) -> Reply {
        self.headers.push((name.to_owned(), value.to_string()));
        self
    }

    /// Returns the value of a header, by its name in lower case.
    pub(crate) fn last_header(&self, name: &str) -> Option<&str> {
        let of_name = |(own, _): &&(String, String)| own.eq_ignore_ascii_case(name);
        let found = self.headers.iter().rev().find(of_name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Why a request is not done, in the API's terms.
#[derive(Debug, Default)]
pub(crate) struct Refusal {
    status: u16,
    code: &'static str,
    message: String,
    /// Boxed, as most refusals have none of it.
    more: Box<More>,
}

#[derive(Debug, Default)]
struct More {
    params: BTreeMap<&'static str, String>,
    details: Vec<Detail>,
    limit: Option<Limit>,
    headers: Vec<(&'static str, String)>,
}

/// What exactly was wrong.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Detail {
    error_code: &'static str,
    /// A JSON pointer into the body, or a query parameter's name.
    field_name: String,
}

/// The limit that was hit.
#[derive(Debug, Serialize)]
struct Limit {
    namespace: &'static str,
    key: &'static str,
    value: u32,
}

impl Refusal {
    /// A refusal without further members.
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Refusal {
        Refusal {
            status,
            code,
            message: message.into(),
            ..Refusal::default()
        }
    }

    /// 400 about one member of the body or one query parameter.
    pub(crate) fn invalid(field: impl Into<String>, message: impl Into<String>) -> Refusal {
        let mut refusal = Refusal::new(400, "invalid.value", message);
        refusal.more.details.push(Detail {
            error_code: "invalid.value",
            field_name: field.into(),
        });
        refusal
    }

    /// 404 for a path that leads nowhere.
    pub(crate) fn no_such_path(path: &str) -> Refusal {
        Refusal::new(
            404,
            "not.found",
            format!("HTTP 404 Not Found: there is no `{path}`"),
        )
    }

    /// 405 for a path that has other methods.
    pub(crate) fn method_not_allowed(method: &str, path: &str, allowed: &str) -> Refusal {
        let message = format!("HTTP 405 Method Not Allowed: `{path}` does not take {method}");
        Refusal::new(405, "method.not.allowed", message).header("allow", allowed)
    }

    /// 413 for a body beyond `bytes_max`.
    pub(crate) fn too_large(bytes_max: usize) -> Refusal {
        let message = format!("The request body is larger than {bytes_max} bytes");
        Refusal::new(413, "request.entity.too.large", message)
    }

    /// 403 for a scope that the client lacks.
    pub(crate) fn missing_scope(scope: &str) -> Refusal {
        let message = format!(
            "Unable to perform the requested action. You must have at least one of: {scope}"
        );
        Refusal::new(403, "missing.permissions", message).param("permissions", scope)
    }

    /// 403 for a client whose roles have none of these permissions.
    pub(crate) fn missing_any_permission(any: &[&str]) -> Refusal {
        let any = any.join(", ");
        let message =
            format!("Unable to perform the requested action. You must have at least one of: {any}");
        Refusal::new(403, "missing.any.permissions", message).param("permissions", any)
    }

    /// 429: `allowed` requests a minute are used up; the next one may come in `retry_secs`.
    pub(crate) fn rate_limited(allowed: u32, retry_secs: u64) -> Refusal {
        let message =
            format!("Rate limit exceeded the maximum. Retry the request in [{retry_secs}] seconds");
        let mut refusal = Refusal::new(429, "too.many.requests.retry.after", message)
            .param("retryAfter", retry_secs)
            .header("retry-after", retry_secs);
        let key = "client.credentials.token.rate.per.minute";
        refusal.more.limit = Some(Limit {
            namespace: "platform.api",
            key,
            value: allowed,
        });
        refusal
    }

    /// Returns the sentence for people.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    fn param(mut self, key: &'static str, value: impl ToString) -> Refusal {
        self.more.params.insert(key, value.to_string());
        self
    }

    fn header(mut self, name: &'static str, value: impl ToString) -> Refusal {
        self.more.headers.push((name, value.to_string()));
        self
    }

    /// The refusal as it goes out, logged under `context_id`.
    pub(crate) fn reply(self, context_id: &str) -> Reply {
        let body = ErrorBody {
            message: &self.message,
            code: self.code,
            status: self.status,
            message_params: &self.more.params,
            context_id,
            details: &self.more.details,
            errors: [],
            limit: self.more.limit.as_ref(),
        };
        let reply = Reply::with_status(self.status, &body);
        self.more
            .headers
            .into_iter()
            .fold(reply, |reply, (name, value)| reply.header(name, value))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ErrorBody<'a> {
    message: &'a str,
    code: &'a str,
    status: u16,
    message_params: &'a BTreeMap<&'static str, String>,
    context_id: &'a str,
    details: &'a [Detail],
    errors: [(); 0],
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<&'a Limit>,
}
