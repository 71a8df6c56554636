//! What keeps settings from being proposed.

use waitwise_client::{ClientError, SendError};

use super::fit::Unfit;
use crate::error::ErrorKind;

/// Why a tenant cannot be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InitError {
    /// Nothing to choose from.
    #[error("the client sees no queue")]
    NoQueues,
    /// A queue that is not there.
    #[error("there is no queue `{wanted}` among the {} that the client sees", names.len())]
    UnknownQueue {
        /// What was asked for.
        wanted: String,
        /// The queues' names.
        names: Vec<String>,
    },
    /// A name that several queues have.
    #[error("several queues are called `{wanted}`: {}", ids.join(", "))]
    SeveralQueues {
        /// What was asked for.
        wanted: String,
        /// Their ids.
        ids: Vec<String>,
    },
    /// Weights can do nothing good there.
    #[error("this queue is refused")]
    Unfit(#[from] Unfit),
    /// The data table was not made, or nobody knows.
    #[error("cannot make the data table `{name}`")]
    Table {
        /// Its name.
        name: String,
        /// What stood in the way.
        source: Box<SendError>,
    },
    /// The data table was made, and is not listed.
    #[error("the data table `{name}` was made, but the tenant does not list it")]
    TableGone {
        /// Its name.
        name: String,
    },
    /// A name that several data tables have.
    #[error("several data tables are called `{name}`: {}", ids.join(", "))]
    SeveralTables {
        /// The name.
        name: String,
        /// Their ids.
        ids: Vec<String>,
    },
}

impl InitError {
    /// Returns what kind of failure it is.
    pub(crate) fn kind(&self) -> ErrorKind {
        match self {
            InitError::Unfit(_) => ErrorKind::Refused,
            InitError::NoQueues => ErrorKind::SignIn,
            InitError::TableGone { .. } => ErrorKind::Failed,
            InitError::UnknownQueue { .. }
            | InitError::SeveralQueues { .. }
            | InitError::SeveralTables { .. } => ErrorKind::Usage,
            InitError::Table { source, .. } => match cause(source).and_then(ClientError::refusal) {
                Some((401 | 403, _)) => ErrorKind::SignIn,
                Some((429, _)) => ErrorKind::RateLimit,
                Some(_) | None => ErrorKind::Failed,
            },
        }
    }

    /// Returns what to try, one sentence a line.
    pub(crate) fn hints(&self) -> Vec<String> {
        match self {
            InitError::Unfit(unfit) => vec![unfit.hint().to_owned()],
            InitError::NoQueues => vec![
                "give the OAuth client a role with `routing:queue:view` in the divisions of the queues".to_owned(),
            ],
            InitError::UnknownQueue { names, .. } => vec![
                format!("the queues are {}", names.join(", ")),
                "a queue of a division that the client's role was not given for is not shown".to_owned(),
            ],
            InitError::SeveralQueues { .. } | InitError::SeveralTables { .. } => {
                vec!["give the id of the right one in place of the name".to_owned()]
            }
            InitError::TableGone { .. } => vec!["the list may be late: try again in a minute".to_owned()],
            InitError::Table { source, .. } => {
                let mut hints = cause(source).map(ClientError::hints).unwrap_or_default();
                hints.push("the same command again looks for the table first, so that it is not made twice".to_owned());
                hints
            }
        }
    }
}

fn cause(error: &SendError) -> Option<&ClientError> {
    match error {
        SendError::Encode(_) => None,
        SendError::Refused(source)
        | SendError::Moved(source)
        | SendError::Unknown(source)
        | SendError::NotYet { source, .. } => Some(source),
        _ => None,
    }
}
