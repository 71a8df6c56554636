//! What can go wrong between us and the host, and what kind of trouble each is.

use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use waitwise_model::ObjectId;
use waitwise_wire::lever::LeverError;
use waitwise_wire::operation::{Operation, Repeat};
use waitwise_wire::priority_table::TableError;
use waitwise_wire::routing_rule::RuleError;

use crate::hints;
use crate::region::Region;
use crate::retry::{StopReason, Trouble};

/// Why something that was asked for was not got. Shows no secret and no token, not in `Debug` either.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The certificate file cannot be used; nothing was sent.
    #[error("cannot use the certificates in `{}`", path.display())]
    CaFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A setting cannot be used; nothing was sent.
    #[error("cannot use the {name}: {problem}")]
    Setting {
        /// Which setting.
        name: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// HTTP or TLS cannot be set up on this machine; nothing was sent.
    #[error("cannot set up the HTTP client")]
    Setup {
        /// Why.
        source: reqwest::Error,
    },
    /// A request was given up.
    #[error(
        "cannot {} ({} {path}; {tries} {} in {:.1} s{})",
        operation.name,
        operation.method.as_str(),
        if *tries == 1 { "try" } else { "tries" },
        spent.as_secs_f64(),
        gave_up(*stop, *retry_at)
    )]
    Call {
        /// What was asked.
        operation: &'static Operation,
        /// The path, with the object's id in it.
        path: String,
        /// How often it was tried.
        tries: u32,
        /// How long all tries and the waits between them took.
        spent: Duration,
        /// Why there is no further try.
        stop: StopReason,
        /// When the host lets requests through again, if it said so.
        retry_at: Option<Timestamp>,
        /// What the last try ended in.
        source: Box<Failure>,
    },
    /// The answers of a pull contradict each other, or do not end; nothing of them is used.
    #[error("cannot {} completely ({} {}): page {page}: {seen}", operation.name, operation.method.as_str(), operation.path)]
    Incomplete {
        /// What was asked.
        operation: &'static Operation,
        /// Which page showed it, from 1.
        page: u32,
        /// What was seen there.
        seen: String,
    },
    /// The host answered JSON of another shape. What stands there instead is not quoted.
    #[error("cannot understand the answer of {} {} (page {page}) {place}", operation.method.as_str(), operation.path)]
    Shape {
        /// What was asked.
        operation: &'static Operation,
        /// Which page, from 1.
        page: u32,
        /// Where: "at line 1 column 7".
        place: String,
    },
    /// A rule of the queue cannot be read.
    #[error("cannot read a routing rule of queue `{queue}`")]
    Rule {
        /// The queue.
        queue: String,
        /// What is wrong with the rule.
        source: RuleError,
    },
    /// An object of a plan cannot be read.
    #[error("cannot read {object}")]
    Object {
        /// The object.
        object: ObjectId,
        /// What is wrong with it.
        source: LeverError,
    },
    /// A data table cannot take what we would write.
    #[error("cannot use data table `{table}` for priorities")]
    Table {
        /// Its id.
        table: String,
        /// What is wrong with it.
        source: TableError,
    },
}

/// What one try ended in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The host refused.
    #[error("{}", refused(*status, code.as_deref(), message.as_deref(), correlation_id.as_deref(), body.as_deref()))]
    Status {
        /// The HTTP status, outside 2xx.
        status: u16,
        /// The host's word for programs.
        code: Option<String>,
        /// The host's sentence for people, redacted.
        message: Option<String>,
        /// The id under which the host logged the request.
        correlation_id: Option<String>,
        /// How long to wait before the next try, as the host says.
        retry_after: Option<Duration>,
        /// The platform's region that was asked, if it was one.
        region: Option<&'static Region>,
        /// For 5xx only: the beginning of the body, redacted.
        body: Option<String>,
    },
    /// No connection came about, so the request was certainly not sent.
    #[error("no connection to {host}")]
    NotConnected {
        /// The host.
        host: String,
        /// What stood in the way.
        obstacle: Obstacle,
        /// The cause.
        source: reqwest::Error,
    },
    /// No whole answer in time; the host may have acted.
    #[error("no complete answer from {host} in {:.1} s", limit.as_secs_f64())]
    TimedOut {
        /// The host.
        host: String,
        /// How long was waited.
        limit: Duration,
        /// The cause.
        source: reqwest::Error,
    },
    /// The connection broke after the request had left, or within the answer; the host may have acted.
    #[error("the connection to {host} broke before the answer was complete")]
    CutOff {
        /// The host.
        host: String,
        /// The cause.
        source: reqwest::Error,
    },
    /// Success by its status, but the body is not JSON: something between us and the host answered, or the host is
    /// unwell.
    #[error("the answer with status {status} is not JSON, it begins: {body:?}")]
    NotJson {
        /// The HTTP status.
        status: u16,
        /// The beginning of the body, redacted; empty for a sign-in.
        body: String,
        /// The cause.
        source: serde_json::Error,
    },
    /// The answer is larger than what is read.
    #[error("the answer is larger than the {limit} bytes that are read")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// A sign-in answered without a token and its lifetime, or with a token that no header can carry.
    #[error("the answer has no usable `access_token` and `expires_in`")]
    NoToken,
    /// Not sent: a sign-in came between the reading that the write was made from and the write.
    #[error("not sent, because signing in took time in which the rule may have changed")]
    Overtaken,
    /// Not sent: the host asked for a pause that is too long to wait for.
    #[error("not sent, because the host asked for a pause")]
    HeldBack,
    /// Not sent: the time for all requests is used up.
    #[error("not sent, because the {:.0} s for all requests are used up", deadline.as_secs_f64())]
    OutOfTime {
        /// [`crate::Limits::deadline`].
        deadline: Duration,
    },
}

/// What stood in the way of a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Obstacle {
    /// The host's name is unknown.
    UnknownName,
    /// Nobody listens there.
    NobodyListens,
    /// The certificate is signed by nobody whom this machine trusts.
    UnknownCa,
    /// The certificate is for another name.
    WrongName,
    /// The certificate is out of date or otherwise bad.
    BadCertificate,
    /// What answers does not speak TLS.
    NotTls,
    /// Something else.
    Other,
}

/// Kinds of trouble by what a person would do about them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FailureKind {
    /// The host does not accept who we are.
    SignIn,
    /// The host knows us, but does not allow this.
    Permission,
    /// The host's rate limit; come back later.
    RateLimit,
    /// What the host sent is not whole.
    Incomplete,
    /// The host does not accept what was asked.
    Refused,
    /// The host or the way to it is in trouble.
    Host,
    /// Our own settings.
    Usage,
}

/// Why a write is not known to be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The operation does not fit the rule as it is; nothing was sent.
    #[error("cannot encode the write")]
    Encode(#[source] LeverError),
    /// Certainly not done, and not to be tried again.
    #[error("the write was not done")]
    Refused(#[source] ClientError),
    /// Certainly not done. It may be sent again after a wait, if the rule then still reads as it did.
    #[error("the write was not done yet")]
    NotYet {
        /// The wait; zero if only the sign-in had to be renewed.
        wait: Duration,
        /// What stood in the way.
        source: ClientError,
    },
    /// Certainly not done, because the object has gone, or come, since it was read. Reading shows what it is.
    #[error("the write was not done: the object is another one by now")]
    Moved(#[source] ClientError),
    /// It may have been done or not: read before sending again.
    #[error("the write may have been done or not")]
    Unknown(#[source] ClientError),
}

impl ClientError {
    /// Returns what kind of trouble it is.
    pub fn kind(&self) -> FailureKind {
        match self {
            ClientError::CaFile { .. }
            | ClientError::Setting { .. }
            | ClientError::Setup { .. } => FailureKind::Usage,
            ClientError::Call {
                operation, source, ..
            } => source.kind(operation),
            ClientError::Incomplete { .. } => FailureKind::Incomplete,
            ClientError::Shape { .. } => FailureKind::Host,
            ClientError::Rule { .. } | ClientError::Object { .. } | ClientError::Table { .. } => {
                FailureKind::Refused
            }
        }
    }

    /// Returns what can be done about it, a sentence each.
    pub fn hints(&self) -> Vec<String> {
        hints::of(self)
    }

    /// Returns the status and the host's word for programs, if the host refused.
    pub fn refusal(&self) -> Option<(u16, Option<&str>)> {
        let ClientError::Call { source, .. } = self else {
            return None;
        };
        match source.as_ref() {
            Failure::Status { status, code, .. } => Some((*status, code.as_deref())),
            Failure::NotConnected { .. }
            | Failure::TimedOut { .. }
            | Failure::CutOff { .. }
            | Failure::NotJson { .. }
            | Failure::TooLarge { .. }
            | Failure::NoToken
            | Failure::Overtaken
            | Failure::HeldBack
            | Failure::OutOfTime { .. } => None,
        }
    }

    /// Returns after which wait a write may be sent again, if that is all that keeps it from being done.
    pub(crate) fn wait_before_next(&self) -> Option<Duration> {
        let ClientError::Call {
            stop: StopReason::ReadFirst { wait },
            ..
        } = self
        else {
            return None;
        };
        Some(*wait)
    }

    /// Returns whether the host may have acted on the request in spite of the error.
    pub(crate) fn may_have_acted(&self) -> bool {
        match self {
            // Before a write is sent, a sign-in can fail, which does nothing.
            ClientError::Call {
                operation, source, ..
            } => operation.repeat == Repeat::ReadFirst && source.may_have_acted(),
            ClientError::CaFile { .. }
            | ClientError::Setting { .. }
            | ClientError::Setup { .. }
            | ClientError::Incomplete { .. }
            | ClientError::Shape { .. }
            | ClientError::Rule { .. }
            | ClientError::Object { .. }
            | ClientError::Table { .. } => false,
        }
    }
}

impl Failure {
    pub(crate) fn trouble(&self) -> Trouble {
        match self {
            Failure::Status {
                status,
                retry_after,
                ..
            } => Trouble::Status {
                status: *status,
                retry_after: *retry_after,
            },
            Failure::NotConnected { obstacle, .. } if obstacle.is_lasting() => Trouble::Final,
            Failure::NotConnected { .. } => Trouble::NotSent,
            Failure::TimedOut { .. } | Failure::CutOff { .. } | Failure::NotJson { .. } => {
                Trouble::Unclear
            }
            Failure::TooLarge { .. }
            | Failure::NoToken
            | Failure::Overtaken
            | Failure::HeldBack
            | Failure::OutOfTime { .. } => Trouble::Final,
        }
    }

    fn kind(&self, operation: &Operation) -> FailureKind {
        let signs_in = operation.signs_in();
        match self {
            Failure::Status { status: 401, .. } => FailureKind::SignIn,
            Failure::Status {
                status: 400 | 403, ..
            } if signs_in => FailureKind::SignIn,
            Failure::Status { status: 403, .. } => FailureKind::Permission,
            Failure::Status { status: 429, .. } | Failure::HeldBack => FailureKind::RateLimit,
            Failure::Status { status: 500.., .. } => FailureKind::Host,
            Failure::Status { .. } => FailureKind::Refused,
            Failure::TooLarge { .. } => FailureKind::Incomplete,
            Failure::NotConnected { .. }
            | Failure::TimedOut { .. }
            | Failure::CutOff { .. }
            | Failure::NotJson { .. }
            | Failure::NoToken
            | Failure::Overtaken
            | Failure::OutOfTime { .. } => FailureKind::Host,
        }
    }

    /// Notes which region's host refused.
    pub(crate) fn at(mut self, asked: Option<&'static Region>) -> Failure {
        if let Failure::Status { region, .. } = &mut self {
            *region = asked;
        }
        self
    }

    fn may_have_acted(&self) -> bool {
        match self {
            // 408: the host gave up reading the request, or something before it did, and nobody says which.
            Failure::Status {
                status: 408 | 500..,
                ..
            } => true,
            Failure::TimedOut { .. }
            | Failure::CutOff { .. }
            | Failure::NotJson { .. }
            | Failure::TooLarge { .. } => true,
            Failure::Status { .. }
            | Failure::NotConnected { .. }
            | Failure::NoToken
            | Failure::Overtaken
            | Failure::HeldBack
            | Failure::OutOfTime { .. } => false,
        }
    }
}

impl Obstacle {
    /// Certificates do not mend themselves within a minute; a host that restarts does.
    fn is_lasting(self) -> bool {
        match self {
            Obstacle::UnknownCa
            | Obstacle::WrongName
            | Obstacle::BadCertificate
            | Obstacle::NotTls => true,
            Obstacle::UnknownName | Obstacle::NobodyListens | Obstacle::Other => false,
        }
    }
}

fn gave_up(stop: StopReason, retry_at: Option<Timestamp>) -> String {
    match stop {
        StopReason::Useless
        | StopReason::Unclear
        | StopReason::ReadFirst { .. }
        | StopReason::TriesSpent => String::new(),
        StopReason::Deadline { wait } => format!(
            "; waiting another {:.1} s would take longer than allowed",
            wait.as_secs_f64()
        ),
        StopReason::RetryAfterTooLong { .. } => match retry_at {
            Some(at) => format!("; the host asks to come back at {at}"),
            None => "; the host asks to come back at no time that can be told".to_owned(),
        },
    }
}

fn refused(
    status: u16,
    code: Option<&str>,
    message: Option<&str>,
    correlation_id: Option<&str>,
    body: Option<&str>,
) -> String {
    let mut text = format!("the host answered {status}");
    if let Some(reason) = reqwest::StatusCode::from_u16(status)
        .ok()
        .and_then(|s| s.canonical_reason())
    {
        text += &format!(" {reason}");
    }
    if let Some(code) = code {
        text += &format!(", {code}");
    }
    if let Some(message) = message {
        text += &format!(": {message}");
    }
    if let Some(id) = correlation_id {
        text += &format!(" (correlation id {id})");
    }
    if let Some(body) = body {
        text += &format!("; its body begins: {body}");
    }
    text
}
