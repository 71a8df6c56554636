//! The way to the host that signs us in: its name, a connection, TLS, sign-in.

use std::sync::Arc;

use waitwise_client::error::Obstacle;
use waitwise_client::{BaseUrl, ClientError, Contract, Failure, Limits, ReadClient, Settings};
use waitwise_model::Clock;

use super::{Check, Status, tenant};
use crate::error::{AppError, ErrorKind};

/// The stations of the way, in order.
const NAME: &str = "name";
const CONNECTION: &str = "connection";
const TLS: &str = "tls";
const SIGN_IN: &str = "sign-in";
const WAY: [&str; 4] = [NAME, CONNECTION, TLS, SIGN_IN];

/// Goes to the host once, without trying again. Returns whether it let us in.
pub(super) async fn reach(settings: &Settings, clock: &Arc<dyn Clock>) -> (Vec<Check>, bool) {
    let limits = Limits {
        tries: 1,
        ..settings.limits
    };
    let once = Settings {
        limits,
        ..settings.clone()
    };
    let client = match ReadClient::connect(once, Arc::clone(clock)) {
        Ok(client) => client,
        Err(error) => return (unsent(error), false),
    };
    match client.sign_in().await {
        Ok(()) => {
            let found = format!("the host takes the client `{}`", settings.client_id);
            let mut checks = passed(settings.login_url(), WAY.len() - 1);
            checks.push(Check::ok(SIGN_IN, found));
            (checks, true)
        }
        Err(error) => (stopped(settings, error), false),
    }
}

/// Everything at the host, where it is not known which host.
pub(super) fn skipped(because: &str) -> Vec<Check> {
    let way = WAY.into_iter().map(|name| Check::skipped(name, because));
    way.chain(tenant::skipped(because)).collect()
}

/// The first stations of the way, which are behind us.
fn passed(host: &BaseUrl, n_stations: usize) -> Vec<Check> {
    let found = |name| match name {
        NAME => format!("{host} is a host that this machine finds"),
        CONNECTION => "somebody answers there".to_owned(),
        _ if host.is_https() => {
            "the certificate is for this host and signed by a trusted authority".to_owned()
        }
        _ => "plain http, which does not leave this machine".to_owned(),
    };
    let stations = WAY.into_iter().take(n_stations);
    stations.map(|name| Check::ok(name, found(name))).collect()
}

/// The stations up to the one where the way ended, and those behind it.
fn stopped(settings: &Settings, error: ClientError) -> Vec<Check> {
    let at = station(&error);
    let host = settings.login_url();
    let mut checks = passed(host, at);
    let mut wrong = Check::wrong(WAY[at], &AppError::from(error));
    if settings.contract == Contract::Platform && matches!(WAY[at], NAME | SIGN_IN) {
        // What a region answers about another region's client is what it answers about one that does not exist.
        wrong = wrong.advise(format!(
            "is {host} the organisation's region? An OAuth client is known in one only; --region names it"
        ));
    }
    checks.push(wrong);
    let because = format!("see {}", WAY[at]);
    let behind = WAY.into_iter().skip(at + 1);
    checks.extend(behind.map(|name| Check::skipped(name, &because)));
    checks
}

/// The way where it could not even begin: what TLS or the sign-in needs cannot be used.
fn unsent(error: ClientError) -> Vec<Check> {
    let at = if matches!(error, ClientError::Setting { .. }) {
        SIGN_IN
    } else {
        TLS
    };
    let error = AppError::from(error);
    let because = format!("see {at}");
    let check = |name| match name == at {
        true => Check::wrong(name, &error),
        false => Check::skipped(name, &because),
    };
    WAY.into_iter().map(check).collect()
}

/// Where on the way a sign-in ended: the index into [`WAY`].
fn station(error: &ClientError) -> usize {
    let ClientError::Call { source, .. } = error else {
        return 3;
    };
    let Failure::NotConnected { obstacle, .. } = source.as_ref() else {
        return 3;
    };
    match obstacle {
        Obstacle::UnknownName => 0,
        Obstacle::NobodyListens | Obstacle::Other => 1,
        Obstacle::UnknownCa | Obstacle::WrongName | Obstacle::BadCertificate | Obstacle::NotTls => {
            2
        }
    }
}

/// How far a clock may be off: the `Date` of an answer counts whole seconds and is as old as its way was long, and a
/// window of days that is shifted by a minute still tells the same.
const SKEW_SECS_MAX: i64 = 60;

/// Compares the host's clock with ours.
pub(super) fn clock(client: &ReadClient) -> Check {
    const CLOCK: &str = "clock";
    let Some(ahead) = client.host_ahead() else {
        return Check::with(CLOCK, Status::Unknown, "the host does not say its time");
    };
    let secs = ahead.as_secs();
    let side = if secs < 0 { "behind" } else { "ahead of" };
    let found = format!("the host's clock is {} s {side} this machine's", secs.abs());
    if secs.abs() <= SKEW_SECS_MAX {
        return Check::ok(CLOCK, found);
    }
    Check::with(CLOCK, Status::Wrong(ErrorKind::Failed), found)
        .advise("set this machine's clock, best by a time service: tokens, certificates and the window of history go by it")
}
