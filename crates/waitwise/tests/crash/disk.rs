//! A disk that fills up under the journal, by a limit on the size of files.

use std::process::Stdio;

use tokio::process::Command;

use crate::bench::{Bench, Ended, ended};
use crate::journal::Journal;
use crate::stride;

/// The shell's unit of `ulimit -f`, by POSIX.
const BLOCK_BYTES: usize = 512;

/// SQLite's shared memory alone takes this much.
const FIRST_BLOCKS: usize = 32 * 1024 / BLOCK_BYTES;

/// A page of the log, with its header, is a little over eight blocks: no record of two pages is passed over.
const STEP_BLOCKS: usize = 8;

#[tokio::test]
async fn on_a_full_disk_nothing_is_sent_that_the_journal_does_not_know() {
    let bench = Bench::start().await;
    bench.waitwise("plan -o plan.json").await.with(0);
    let (old, rules) = (bench.stored(), bench.rig.sandbox.rules());
    let (mut n_points, mut n_old, mut n_new) = (0, 0, 0);
    for blocks in (FIRST_BLOCKS - STEP_BLOCKS..).step_by(STEP_BLOCKS * stride()) {
        bench.rig.sandbox.set_rules(rules.clone()).unwrap();
        let state = bench.rig.dir().join("state");
        if state.exists() {
            std::fs::remove_dir_all(state).unwrap();
        }
        let full = limited(&bench, blocks).await;
        if full.code == 0 {
            break;
        }
        n_points += 1;
        assert_eq!(full.code, 1, "{blocks} blocks: {}", full.stderr);
        assert!(full.stderr.contains("journal"), "{}", full.stderr);
        let is_old = bench.stored() == old;
        *(if is_old { &mut n_old } else { &mut n_new }) += 1;
        finish(&bench).await;
        assert_ne!(bench.stored(), old, "{blocks} blocks");
        bench.waitwise("rollback").await.with(0);
        assert_eq!(bench.stored(), old, "{blocks} blocks");
    }
    assert!(n_points > 0, "the disk was never full");
    if stride() == 1 {
        println!("full disk: {n_points} points, rule old {n_old}, new {n_new}");
    }
}

/// With room again: what was cut off is resumed, and what never began is begun.
async fn finish(bench: &Bench) {
    bench.waitwise("changes list").await.with(0);
    // There was no room either to give the lock back.
    Journal(bench.rig.dir().join("state/journal.db"))
        .expire_locks()
        .await;
    let resumed = bench.waitwise("resume").await.with(0);
    if resumed.stdout != "No change is unfinished.\n" {
        return;
    }
    let again = bench.waitwise("apply plan.json").await;
    // Its last record may have found room, and only what follows it none.
    assert!(
        again.code == 0 || again.stderr.contains("was applied already"),
        "{again:?}"
    );
}

/// `apply` with files of at most so many blocks; a write beyond fails like one to a full disk.
async fn limited(bench: &Bench, blocks: usize) -> Ended {
    let apply = bench.command("apply plan.json");
    let apply = apply.as_std();
    let mut shell = Command::new("sh");
    shell
        .arg("-c")
        .arg(format!(
            "trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\""
        ))
        .arg(apply.get_program())
        .args(apply.get_args())
        .env_clear()
        .envs(
            apply
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .current_dir(bench.rig.dir())
        .stdin(Stdio::null());
    ended(shell).await
}
