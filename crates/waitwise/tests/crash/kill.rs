//! Ending a command by SIGKILL at a chosen point.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, Command};
use waitwise_sandbox::{Fault, FaultRule, When};

use crate::bench::Bench;
use crate::journal::Journal;

/// A test that waits longer than this for a point has failed.
const DEADLINE: Duration = Duration::from_secs(60);

/// Where a command is killed. Both count from 0.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Point {
    /// In the transaction of its nth record, before it is committed.
    Record(usize),
    /// While its nth request is on one side of being handled.
    Side(usize, When),
}

/// Runs a command until the point, and kills it there. Returns whether it came so far; if not, it has ended well.
pub(crate) async fn kill_at(bench: &Bench, journal: &Journal, line: &str, point: Point) -> bool {
    let hold = |nth: usize, when| {
        let after = u32::try_from(nth).unwrap();
        let rule = FaultRule {
            after,
            ..FaultRule::times("*", 1, Fault::Hold(when))
        };
        bench.rig.sandbox.add_fault(rule).unwrap();
    };
    match point {
        Point::Record(nth) => journal.hold(nth + 1).await,
        Point::Side(nth, when) => hold(nth, when),
    }
    let mut child = start(bench.command(line));
    let process = child.id().unwrap();
    let killed = tokio::time::timeout(DEADLINE, async {
        tokio::select! {
            ended = child.wait() => {
                let ended = ended.unwrap();
                assert!(ended.success(), "{line} at {point:?} ended with {ended}");
                false
            }
            () = reached(bench, journal, process, point) => true,
        }
    });
    let killed = killed.await.unwrap();
    child.kill().await.unwrap();
    bench.rig.sandbox.clear_faults();
    // The sandbox must have noticed that nobody waits for the answer any more.
    let let_go = bench.rig.sandbox.until_held(0);
    tokio::time::timeout(DEADLINE, let_go).await.unwrap();
    journal.release().await;
    journal.expire_locks().await;
    killed
}

fn start(mut command: Command) -> Child {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

async fn reached(bench: &Bench, journal: &Journal, process: u32, point: Point) {
    match point {
        Point::Side(..) => bench.rig.sandbox.until_held(1).await,
        Point::Record(_) => journal.until_held(process).await,
    }
}
