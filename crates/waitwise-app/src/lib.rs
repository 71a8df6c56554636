//! The use cases: analyse, plan, apply, roll back, look at changes, the demo.
//!
//! A face (the command line) asks for one of these and shows what comes back; nothing here prints, reads the
//! environment or knows a terminal. Read [`gather`](mod@gather) first: every question begins with it.
//!
//! | use case | function |
//! |---|---|
//! | read what a question needs | [`gather::gather`], from a pulled history [`gather::pulled::gather`] |
//! | where do people wait | [`analysis::analyze`] |
//! | what would be written | [`planning::plan`], to a data table [`planning::plan_pulled`] |
//! | write it, undo it, look back | [`changing::Changes`] |
//! | where do people wait, straight from files | [`files::analyze`] |
//! | keep conversations as evidence, check them | [`history`] |
//! | read call records of other systems | [`call_records`] |
//! | who waits now, and who is next | [`explain::explain`] |
//! | what waits a described centre has | [`sim`] |
//! | what would other weights do | [`twin::what_if`], how far to believe it [`twin::judge`] |
//! | what stands in the way of all that | [`doctor::examine`] |
//! | all of it against the sandbox | [`demo::demo`] |

pub mod analysis;
pub mod call_records;
pub mod changing;
pub mod demo;
pub mod doctor;
pub mod error;
pub mod explain;
pub mod files;
pub mod gather;
pub mod history;
pub mod init;
pub mod planning;
pub mod twin;
mod warnings;

pub use error::{AppError, ErrorKind};
pub use secrecy::SecretString;
pub use waitwise_apply::{Applied, Outcome};
pub use waitwise_client::clock::SystemClock;
pub use waitwise_client::{
    BaseUrl, BaseUrlError, Contract, JOB_PAGE_SIZE, Limits, ReadClient, Region, Settings,
    UnknownRegion,
};
pub use waitwise_model as model;
pub use waitwise_plan as plan_file;
pub use waitwise_sim as sim;
pub use waitwise_store as store;
pub use waitwise_weights as weights;
pub use waitwise_weights::{FactorError, Strategy, VolumeWait};
pub use waitwise_wire::tutorial::summary::WaitUnit;
