//! What a person can do about a failure, per status: the tutorial's explanations, in our words and corrected.

use jiff::Timestamp;
use waitwise_wire::operation::{Needs, Operation, Paging};
use waitwise_wire::tutorial::{OPERATIONS, PUT_RULE, RULES, SUMMARY, TOKEN};

use crate::error::{ClientError, Failure, Obstacle};
use crate::region::{self, Region};

/// Returns the hints for an error, a sentence each; empty if its text says it all.
pub(crate) fn of(error: &ClientError) -> Vec<String> {
    let hints: Vec<&str> = match error {
        ClientError::Call {
            operation,
            retry_at,
            source,
            ..
        } => {
            return of_call(operation, *retry_at, source);
        }
        ClientError::CaFile { .. } => {
            vec!["the file must hold certificates in PEM form (`-----BEGIN CERTIFICATE-----`)"]
        }
        ClientError::Setup { .. } => vec![
            "if this machine has no certificate store, install one (the package is often called ca-certificates) or give --ca-file",
        ],
        ClientError::Incomplete { .. } => vec![
            "nothing of this pull was used; the list may have changed while it was read, so try again",
            "if it stays so, the host's paging is at fault: show its operator this message",
        ],
        ClientError::Shape { .. } => vec![
            "the host answers this address, but not as the contract says: is it the right host?",
        ],
        ClientError::Table { .. } => vec![
            "a table needs a key and the columns `skillId`, `updatedBy`, `updatedAt` (string) and `priority` (integer); add what is missing in Architect, or name another table",
        ],
        ClientError::Setting { .. } | ClientError::Rule { .. } | ClientError::Object { .. } => {
            vec![]
        }
    };
    hints.into_iter().map(str::to_owned).collect()
}

fn of_call(operation: &Operation, retry_at: Option<Timestamp>, failure: &Failure) -> Vec<String> {
    match failure {
        Failure::Status { status, region, .. } => {
            let mut hints = of_status(*status, operation, retry_at);
            if let (400 | 401 | 403, true, Some(region)) = (status, operation.signs_in(), region) {
                hints.extend(another_region(region));
            }
            hints
        }
        Failure::HeldBack => rate_limit(retry_at),
        Failure::NotConnected { host, obstacle, .. } => of_obstacle(*obstacle, host),
        Failure::TimedOut { .. } => unclear(operation),
        Failure::CutOff { host, .. } => {
            let mut hints = unclear(operation);
            if host.starts_with("http://") {
                hints.push("if the host speaks TLS, write https:// before its name".to_owned());
            }
            hints
        }
        Failure::NotJson { .. } => {
            let mut hints = unclear(operation);
            hints
                .push("a proxy or a sign-in page may have answered in the host's place".to_owned());
            hints
        }
        Failure::NoToken => vec!["is this the host that issues the tokens?".to_owned()],
        Failure::Overtaken => vec!["try again".to_owned()],
        Failure::TooLarge { .. } => vec!["ask for a smaller page".to_owned()],
        Failure::OutOfTime { .. } => {
            vec!["the host is slow or limits the rate: try again later".to_owned()]
        }
    }
}

fn of_status(status: u16, operation: &Operation, retry_at: Option<Timestamp>) -> Vec<String> {
    let signs_in = *operation == TOKEN;
    match status {
        400 | 401 | 403 if signs_in => sign_in(),
        401 => token_refused(),
        403 => missing_right(operation),
        429 => rate_limit(retry_at),
        400 => bad_request(operation),
        404 | 405 if [SUMMARY, RULES].contains(operation) => not_served(),
        404 | 405 if operation.paging == Paging::Numbered && !operation.path.contains('{') => {
            no_such_place()
        }
        404 if *operation == PUT_RULE => {
            vec!["the rule was deleted since it was read: make a new plan".to_owned()]
        }
        300..400 => vec![
            "redirects are not followed: give the address that it leads to as the host".to_owned(),
        ],
        500.. => server_error(operation),
        _ => vec![],
    }
}

fn sign_in() -> Vec<String> {
    vec![
        "check the client id and the client secret: they must belong to one OAuth client of this host".to_owned(),
        "that OAuth client must use the grant `client credentials`".to_owned(),
    ]
}

fn token_refused() -> Vec<String> {
    vec![
        "the token was fresh: it was renewed once and refused again, so it has not simply expired"
            .to_owned(),
        "is the OAuth client still active, and may it be used from this network?".to_owned(),
    ]
}

/// A region's host answers for an OAuth client of another region as for one that does not exist.
fn another_region(region: &Region) -> [String; 2] {
    [
        format!(
            "an OAuth client is known in one region only, and {} was asked: is it the organisation's?",
            region.domain
        ),
        format!("the regions are {}", region::names()),
    ]
}

fn missing_right(operation: &Operation) -> Vec<String> {
    match operation.needs {
        Needs::Scope(scope) => missing_scope(scope),
        Needs::AnyPermission(permissions) => missing_permission(permissions),
        Needs::Credentials | Needs::Token => vec![],
    }
}

fn missing_permission(permissions: &[&str]) -> Vec<String> {
    let named: Vec<String> = permissions.iter().map(|name| format!("`{name}`")).collect();
    vec![
        format!(
            "give the OAuth client a role with the permission {}",
            named.join(" or ")
        ),
        "the role counts only in the divisions that it is given for: it must be those of the queue"
            .to_owned(),
        "scopes do not matter for client credentials; a new role counts from the next sign-in on"
            .to_owned(),
    ]
}

fn missing_scope(scope: &str) -> Vec<String> {
    let all: Vec<&str> = OPERATIONS
        .iter()
        .filter_map(|operation| operation.scope())
        .collect();
    vec![
        format!("give the OAuth client the scope `{scope}`; in all, the scopes of the client must be {}", all.join(", ")),
        "the client secret stays valid and need not be generated anew; the next sign-in has the new scope".to_owned(),
        "where a host goes by roles instead of scopes, give the client a role with this permission".to_owned(),
    ]
}

fn rate_limit(retry_at: Option<Timestamp>) -> Vec<String> {
    let mut hints = vec![];
    if let Some(at) = retry_at {
        hints.push(format!("the host lets requests through again at {at}"));
    }
    hints.push("other programs with the same OAuth client use up the same limit".to_owned());
    hints
}

fn bad_request(operation: &Operation) -> Vec<String> {
    vec![match operation.paging {
        Paging::None if *operation == PUT_RULE => {
            "the rule was not changed; every skill in it must exist and be active, and every weight be an integer in 1..=100"
        }
        Paging::None => "the host's message says what is wrong with it",
        Paging::Token | Paging::Body => "check the queue's id and the number of days",
        Paging::Cursor => "the job or its place may have expired: ask for it again",
        Paging::Numbered => "check the page size: hosts allow 1..=500",
    }
    .to_owned()]
}

fn not_served() -> Vec<String> {
    vec![
        "this host does not serve the tutorial's contract: the published Genesys Cloud API has neither its summary query nor its routing rules".to_owned(),
        "`waitwise sandbox` serves it, and so may a gateway of your own".to_owned(),
    ]
}

fn no_such_place() -> Vec<String> {
    vec![
        "this host has no such address: does it speak the contract that --contract says, and is it an `api.` host?".to_owned(),
    ]
}

fn server_error(operation: &Operation) -> Vec<String> {
    let mut hints = unclear(operation);
    hints.push(
        "the fault is on the host's side: wait until it is stable, then try again".to_owned(),
    );
    hints.push("for the host's support, the correlation id names the request".to_owned());
    hints
}

fn unclear(operation: &Operation) -> Vec<String> {
    match *operation == PUT_RULE {
        true => {
            vec!["the rule may have been written or not: read it before writing again".to_owned()]
        }
        false => vec![],
    }
}

fn of_obstacle(obstacle: Obstacle, host: &str) -> Vec<String> {
    let hint = match obstacle {
        Obstacle::UnknownName => format!("check the spelling of {host}, and whether this machine can look up names"),
        Obstacle::NobodyListens => format!("is the host running, and is the port of {host} right?"),
        Obstacle::UnknownCa => {
            "give the certificate of the authority that signed the host's with --ca-file; it is then trusted in the place of the system's".to_owned()
        }
        Obstacle::WrongName => format!("the host's certificate is for another name: write the host as the certificate names it, not as {host}"),
        Obstacle::BadCertificate => "the host's certificate is out of date or damaged; is this machine's clock right?".to_owned(),
        Obstacle::NotTls => format!("{host} answers, but not in TLS: for a sandbox on this machine write http:// before it and leave out --ca-file"),
        Obstacle::Other => format!("can this machine reach {host}?"),
    };
    let proxy =
        "behind a proxy, set HTTPS_PROXY, and NO_PROXY for hosts that are reached without it"
            .to_owned();
    match obstacle {
        Obstacle::UnknownName | Obstacle::NobodyListens | Obstacle::Other | Obstacle::UnknownCa => {
            vec![hint, proxy]
        }
        Obstacle::WrongName | Obstacle::BadCertificate | Obstacle::NotTls => vec![hint],
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use waitwise_wire::platform;
    use waitwise_wire::tutorial::SKILLS;

    use super::*;
    use crate::error::FailureKind;
    use crate::retry::StopReason;

    fn refused(operation: &'static Operation, status: u16) -> ClientError {
        let failure = Failure::Status {
            status,
            code: None,
            message: None,
            correlation_id: None,
            retry_after: None,
            region: Region::named("mypurecloud.ie").ok(),
            body: None,
        };
        ClientError::Call {
            operation,
            path: operation.path.to_owned(),
            tries: 1,
            spent: Duration::ZERO,
            stop: StopReason::Useless,
            retry_at: "2026-03-30T12:00:01Z".parse().ok(),
            source: Box::new(failure),
        }
    }

    #[test]
    fn every_status_has_its_kind_and_its_explanation() {
        use FailureKind::{Host, Permission, RateLimit, Refused, SignIn};
        for (operation, status, kind, hint) in [
            (
                &TOKEN,
                400,
                SignIn,
                "check the client id and the client secret",
            ),
            (
                &TOKEN,
                401,
                SignIn,
                "check the client id and the client secret",
            ),
            (
                &TOKEN,
                400,
                SignIn,
                "known in one region only, and mypurecloud.ie",
            ),
            (&TOKEN, 503, Host, "wait until it is stable"),
            (
                &platform::ROW,
                403,
                Permission,
                "`architect:datatable:view` or `architect:datatableRow:view`",
            ),
            (&platform::SKILLS, 403, Permission, "only in the divisions"),
            (&platform::SKILLS, 404, Refused, "has no such address"),
            (&platform::JOB_RESULTS, 400, Refused, "may have expired"),
            (&SKILLS, 401, SignIn, "the token was fresh"),
            (
                &SUMMARY,
                403,
                Permission,
                "the scope `analytics:conversation:read`",
            ),
            (&SKILLS, 403, Permission, "the scope `routing:skill:read`"),
            (&RULES, 403, Permission, "the scope `routing:rule:read`"),
            (&PUT_RULE, 403, Permission, "the scope `routing:rule:write`"),
            (&PUT_RULE, 403, Permission, "need not be generated anew"),
            (
                &RULES,
                429,
                RateLimit,
                "lets requests through again at 2026-03-30T12:00:01Z",
            ),
            (
                &PUT_RULE,
                400,
                Refused,
                "every weight be an integer in 1..=100",
            ),
            (&SUMMARY, 400, Refused, "the number of days"),
            (
                &SUMMARY,
                404,
                Refused,
                "does not serve the tutorial's contract",
            ),
            (&PUT_RULE, 404, Refused, "the rule was deleted"),
            (&RULES, 301, Refused, "redirects are not followed"),
            (&RULES, 502, Host, "wait until it is stable"),
            (&PUT_RULE, 500, Host, "read it before writing again"),
        ] {
            let error = refused(operation, status);
            let hints = error.hints().join("\n");
            assert_eq!(error.kind(), kind, "{} {status}", operation.name);
            assert!(hints.contains(hint), "{} {status}: {hints}", operation.name);
        }
    }
}
