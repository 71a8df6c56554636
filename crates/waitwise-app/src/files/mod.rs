//! Answers straight from files of conversation records, or of call records, keeping nothing.

mod analyze;
mod error;
mod open;
mod unpack;

pub(crate) use analyze::Sums;
pub use analyze::{Asked, FilesAnalysis, Records, Wanted, analyze};
pub use error::FilesError;
pub(crate) use open::Queue;
pub use open::{Input, Progress};
pub use waitwise_history::breakdown::{
    Dimension, Figure, Figures, HourOfWeek, Label, Question as Grouping, Row, Slot, Unwritable,
    parquet,
};
pub use waitwise_history::overview;
pub use waitwise_history::records::{Place, Tally, Trouble};
pub use waitwise_history::sketch::{Ordered, Precision};
