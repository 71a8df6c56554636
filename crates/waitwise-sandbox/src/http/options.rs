//! How a sandbox is started.

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;

use super::api::Api;
use super::platform::Flow;
use super::rate_limit::MINUTE;
use super::state::Origin;
use super::world::{ControlError, check_speed};
use crate::calls::{CallsError, read_calls};
use crate::centre::{TimeMs, Troubles};
use crate::tenant::{CALLS_A_DAY, DEFAULT_HISTORY_DAYS, Size, Tenant, TenantSpec};
use crate::tls::TlsError;

/// What to serve, and how. The default is the tenant of seed 1, on any port, without TLS, its time standing still.
#[derive(Clone, Debug)]
pub struct SandboxOptions {
    /// Which contracts to serve.
    pub api: Api,
    /// Decides everything about the tenant that is drawn.
    pub seed: u64,
    /// The tenant's time at the start, cut to milliseconds; `None` for that of the service clock, cut to seconds.
    pub now: Option<Timestamp>,
    /// The port on 127.0.0.1; 0 for any that is free.
    pub port: u16,
    /// Whether to serve HTTPS, with a throw-away authority.
    pub tls: bool,
    /// Tenant seconds per second of the service clock, 0..=[`super::SPEED_MAX`]; 0: tenant time stands still.
    pub speed: f64,
    /// Call records that are the tenant's history; `None` for a simulated one that goes on.
    pub calls: Option<PathBuf>,
    /// How the call records are to be read; `None` to tell from their header.
    pub calls_mapping: Option<PathBuf>,
    /// Requests a minute for each token, at least 1.
    pub requests_per_minute: u32,
    /// How long the minute of [`SandboxOptions::requests_per_minute`] is, for tests on real time; not zero.
    pub rate_window: Duration,
    /// Whether requests and answers are held against the contract's tables: a request that departs is refused by 400, an
    /// answer that does becomes a 500. The default is on in builds with debug assertions, so in every test.
    pub check_contract: bool,
    /// Whole days of simulated history, at least 1.
    pub history_days: u16,
    /// How many skills with callers and how many wrap-up codes; `None`: as the seed draws them, 3 to 8 skills.
    pub size: Option<Size>,
    /// How many call the target queue on an average working day, within [`CALLS_A_DAY`]; `None`: as the seed draws.
    pub calls_a_day: Option<u32>,
    /// What happens in the centre that is left out of most models; none by default.
    pub troubles: Troubles,
    /// The data table that the simulated Architect flow looks priorities up in, by its name.
    pub flow_table: String,
    /// Whether that table is there from the start, empty.
    pub make_flow_table: bool,
}

impl Default for SandboxOptions {
    fn default() -> SandboxOptions {
        SandboxOptions {
            api: Api::Both,
            seed: 1,
            now: None,
            port: 0,
            tls: false,
            speed: 0.0,
            calls: None,
            calls_mapping: None,
            // What the platform allows by default.
            requests_per_minute: 300,
            rate_window: MINUTE,
            check_contract: cfg!(debug_assertions),
            history_days: DEFAULT_HISTORY_DAYS,
            size: None,
            calls_a_day: None,
            troubles: Troubles::NONE,
            flow_table: FLOW_TABLE.to_owned(),
            make_flow_table: false,
        }
    }
}

/// The data table that the simulated Architect flow reads unless told otherwise.
pub const FLOW_TABLE: &str = "Waitwise priorities";

/// Why a sandbox cannot be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// An option is out of its range.
    #[error("cannot start the sandbox with `{option}`: {reason}")]
    Option {
        /// The option.
        option: &'static str,
        /// Its range.
        reason: &'static str,
    },
    /// Tenant time cannot run so fast.
    #[error("cannot set the sandbox's speed")]
    Speed(#[source] ControlError),
    /// The call records cannot be read.
    #[error("cannot take call records as the sandbox's history")]
    Calls(#[from] CallsError),
    /// The tenant cannot be made.
    #[error("the making of the sandbox's tenant broke down")]
    Broken {
        /// What the runtime said.
        source: tokio::task::JoinError,
    },
    /// The port cannot be opened.
    #[error("cannot open port {port} of 127.0.0.1")]
    Listen {
        /// The port; 0 means any.
        port: u16,
        /// What the system said.
        source: std::io::Error,
    },
    /// There is no TLS.
    #[error("cannot serve HTTPS")]
    Tls(#[from] TlsError),
}

/// Which [`Size`]s there are.
pub(crate) const POSSIBLE_SIZES: &str =
    "there are 2 to 56 skills, each with 1 to 8 codes, and 2 codes that stand for none";

/// How many calls a day there can be.
pub(crate) const POSSIBLE_CALLS_A_DAY: &str = "a day has 300 to 20000 callers";

/// The tenant's time starts in these years: the history before and the days after can be written.
pub(crate) const YEARS: std::ops::RangeInclusive<i16> = 1971..=8999;

/// Makes the tenant that the options ask for; `now` is the service clock's.
pub(super) fn origin(options: &SandboxOptions, now: Timestamp) -> Result<Origin, SandboxError> {
    check(options)?;
    let start = start(options, now)?;
    let tenant = match &options.calls {
        Some(path) => Tenant::from_calls(
            options.seed,
            start,
            read_calls(path, options.calls_mapping.as_deref(), start)?,
        ),
        None => Tenant::generate(&TenantSpec {
            history_days: options.history_days,
            size: options.size,
            calls_a_day: options.calls_a_day,
            troubles: options.troubles,
            ..TenantSpec::new(options.seed, start)
        }),
    };
    let SandboxOptions {
        api,
        seed,
        speed,
        requests_per_minute,
        rate_window,
        make_flow_table,
        check_contract,
        ..
    } = *options;
    Ok(Origin {
        api,
        seed,
        start,
        speed,
        requests_per_minute,
        rate_window,
        flow: Flow {
            table: Some(options.flow_table.clone()),
        },
        make_flow_table,
        check_contract,
        tenant,
    })
}

fn check(options: &SandboxOptions) -> Result<(), SandboxError> {
    let refuse = |option, reason| Err(SandboxError::Option { option, reason });
    match options {
        SandboxOptions {
            requests_per_minute: 0,
            ..
        } => refuse("requests_per_minute", "it is at least 1"),
        SandboxOptions {
            history_days: 0, ..
        } => refuse("history_days", "it is at least 1"),
        SandboxOptions {
            rate_window: Duration::ZERO,
            ..
        } => refuse("rate_window", "it is longer than nothing"),
        SandboxOptions {
            calls: None,
            calls_mapping: Some(_),
            ..
        } => refuse("calls_mapping", "there are no call records"),
        SandboxOptions {
            calls: Some(_),
            size: Some(_),
            ..
        } => refuse("skills", "call records say which skills there are"),
        SandboxOptions {
            calls: Some(_),
            calls_a_day: Some(_),
            ..
        } => refuse("calls_a_day", "call records say how many calls there are"),
        SandboxOptions {
            calls_a_day: Some(calls),
            ..
        } if !CALLS_A_DAY.contains(calls) => refuse("calls_a_day", POSSIBLE_CALLS_A_DAY),
        SandboxOptions {
            calls: Some(_),
            troubles,
            ..
        } if *troubles != Troubles::NONE => refuse("trouble", "call records say what happened"),
        SandboxOptions {
            size: Some(size), ..
        } if !size.is_possible() => refuse("skills and codes", POSSIBLE_SIZES),
        _ => check_speed(options.speed).map_err(SandboxError::Speed),
    }
}

fn start(options: &SandboxOptions, now: Timestamp) -> Result<TimeMs, SandboxError> {
    let start = options
        .now
        .map_or(now.as_second() * 1000, Timestamp::as_millisecond);
    let year = jiff::tz::Offset::UTC
        .to_datetime(options.now.unwrap_or(now))
        .year();
    match YEARS.contains(&year) {
        true => Ok(start),
        false => Err(SandboxError::Option {
            option: "now",
            reason: "its year lies between 1971 and 8999",
        }),
    }
}
