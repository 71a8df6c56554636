//! Ending a pull by SIGKILL at a chosen point.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::Duration;

use waitwise_sandbox::{Fault, FaultRule, When};

use crate::bench::Bench;
use crate::tenant::{files, line};

/// A test that waits longer than this for a point has failed.
const DEADLINE: Duration = Duration::from_secs(120);

/// Where a pull is killed. Both count from 0. Several days are pulled at once: what the others are doing is chance.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Point {
    /// While its nth request is on one side of being handled.
    Side(usize, When),
    /// As soon as its nth file is seen, which may be half written.
    File(usize),
}

/// Begins a pull and kills it at the point. Returns whether it came so far; if not, it has ended well.
pub(crate) async fn kill_at(bench: &Bench, folder: &str, point: Point) -> bool {
    if let Point::Side(nth, when) = point {
        let rule = FaultRule {
            after: u32::try_from(nth).unwrap(),
            ..FaultRule::times("*", 1, Fault::Hold(when))
        };
        bench.rig.sandbox.add_fault(rule).unwrap();
    }
    let mut command = bench.command(&line(folder));
    let output = (Stdio::null(), Stdio::null(), Stdio::null());
    command.stdin(output.0).stdout(output.1).stderr(output.2);
    let mut child = command.kill_on_drop(true).spawn().unwrap();
    let killed = tokio::time::timeout(DEADLINE, async {
        tokio::select! {
            ended = child.wait() => {
                let ended = ended.unwrap();
                assert!(ended.success(), "the pull to be killed at {point:?} ended with {ended}");
                false
            }
            () = reached(bench, folder, point) => true,
        }
    });
    let killed = killed.await.unwrap();
    child.kill().await.unwrap();
    bench.rig.sandbox.clear_faults();
    // The sandbox must have noticed that nobody waits for the answer any more.
    let let_go = bench.rig.sandbox.until_held(0);
    tokio::time::timeout(DEADLINE, let_go).await.unwrap();
    killed
}

async fn reached(bench: &Bench, folder: &str, point: Point) {
    let Point::File(nth) = point else {
        return bench.rig.sandbox.until_held(1).await;
    };
    let root = bench.rig.dir().join(folder);
    let mut seen = BTreeSet::new();
    while seen.len() <= nth {
        seen.extend(files(&root));
        tokio::task::yield_now().await;
    }
}
