//! What several of these tests need.

use std::error::Error;
use std::time::Duration;

use serde_json::value::RawValue;
use waitwise_client::ReadClient;
use waitwise_client::{ClientError, FailureKind};
use waitwise_model::Evidence;
use waitwise_testkit::Rig;

/// Returns `n` groups as a host sends them, in pages of 100.
pub(crate) fn groups(n: usize) -> Option<Vec<Box<RawValue>>> {
    let group =
        |i| format!(r#"{{"wrapupCodeId":"code-{i}","conversationCount":{i},"avgWaitTime":1.5}}"#);
    let raw = |i| RawValue::from_string(group(i)).unwrap();
    Some((0..n).map(raw).collect())
}

/// Reads the rig's history without looking at its progress.
pub(crate) async fn history(rig: &Rig, client: &ReadClient) -> Result<Evidence, ClientError> {
    client.history(&rig.queue(), rig.window(), &|_| ()).await
}

/// Returns the error and its causes, a line each.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut lines = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        lines.push(error.to_string());
        cause = error.source();
    }
    lines.join("\n")
}

/// Checks an error's kind and that its chain says each of `parts`.
#[track_caller]
pub(crate) fn check_error(error: &ClientError, kind: FailureKind, parts: &[&str]) {
    let text = chain(error);
    assert_eq!(error.kind(), kind, "{text}");
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in:\n{text}");
    }
}

/// Checks that the naps since the last look have these lengths, jitter apart: (at least, at most) in seconds.
#[track_caller]
pub(crate) fn check_naps(rig: &Rig, expected: &[(f64, f64)]) {
    let naps = rig.clock.take_naps();
    let fits =
        |(nap, (low, high)): (&Duration, &(f64, f64))| (*low..=*high).contains(&nap.as_secs_f64());
    assert_eq!(naps.len(), expected.len(), "{naps:?}");
    assert!(
        naps.iter().zip(expected).all(fits),
        "{naps:?} are not {expected:?}"
    );
}

/// The naps before the second, third … try when the host says nothing about it.
pub(crate) const BACKOFF: [(f64, f64); 4] = [(1.0, 1.25), (2.0, 2.5), (4.0, 5.0), (8.0, 10.0)];
