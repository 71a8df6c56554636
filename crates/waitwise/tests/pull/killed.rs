//! Killed anywhere and begun again, a pull ends in the same bytes, and reads again only what was in flight.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use rand_core::{Rng as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;
use tokio::task::JoinSet;
use waitwise_sandbox::When;

use crate::kill::{Point, kill_at};
use crate::tenant::{Facts, Pages, bench, evidence, facts, files, pull};

/// Each lane has a tenant of its own, of the same seed.
const LANES: u64 = 4;

/// So many days are read at once, and each has at most one page in flight.
const IN_FLIGHT: usize = 4;

/// How often a pull is killed before it is let through, at most.
const KILLS_MAX: u64 = 3;

fn kills() -> usize {
    match std::env::var("WAITWISE_PULL_KILLS") {
        Ok(text) => text.parse().unwrap(),
        Err(_) => 8,
    }
}

/// What a pull that nobody disturbs does.
struct Whole {
    facts: Facts,
    evidence: String,
    pages: Pages,
    requests: usize,
    files: usize,
}

/// What became of the kills of one lane.
#[derive(Default)]
struct Tally {
    /// Kills at requests not handled, handled, and at files.
    kills: [usize; 3],
    /// Files on disk at each kill.
    files: Vec<usize>,
    /// Pulls that were let through, and by how many kills each had been cut off.
    pulls: Vec<usize>,
    /// Pages of days that have ended, read again in a pull, at most.
    again_most: usize,
}

#[tokio::test(flavor = "multi_thread")]
async fn wherever_it_is_killed_the_same_bytes_result() {
    let all = kills();
    let mut lanes = JoinSet::new();
    for lane in 0..LANES {
        let share = all / 4 + usize::from(usize::try_from(lane).unwrap() < all % 4);
        lanes.spawn(async move { run_lane(lane, share).await });
    }
    let lanes = lanes.join_all().await;
    assert!(lanes.windows(2).all(|two| two[0].0.facts == two[1].0.facts));
    let whole = &lanes[0].0;
    let tallies: Vec<&Tally> = lanes.iter().map(|(_, tally)| tally).collect();
    let sum = |nth: usize| tallies.iter().map(|tally| tally.kills[nth]).sum::<usize>();
    let killed = sum(0) + sum(1) + sum(2);
    assert_eq!(killed, all);
    println!("{}", table(whole, &tallies, [sum(0), sum(1), sum(2)]));
}

async fn run_lane(lane: u64, kills: usize) -> (Whole, Tally) {
    let bench = bench().await;
    let whole = {
        let pulled = pull(&bench, "whole").await;
        let (pages, facts) = (Pages::of(&bench), facts(&bench, "whole"));
        Whole {
            evidence: evidence(&pulled),
            pages,
            requests: bench.rig.sandbox.requests().len(),
            files: pages.job + pages.query + facts.len(),
            facts,
        }
    };
    let mut draws = Draws(Xoshiro256PlusPlus::seed_from_u64(lane));
    let mut tally = Tally::default();
    let mut left = kills;
    for nth in 0.. {
        if left == 0 {
            break;
        }
        let folder = format!("pull-{nth}");
        let before = Pages::of(&bench);
        let (mut cut_off, mut whole_before) = (0, 0);
        for _ in 0..std::cmp::min(draws.within(1, KILLS_MAX), left as u64) {
            let point = draws.point(&whole);
            // A pull that goes on has fewer points before it than the whole one.
            if !kill_at(&bench, &folder, point).await {
                whole_before = 1;
                break;
            }
            cut_off += 1;
            tally.kills[kind(point)] += 1;
            let root = bench.rig.dir().join(&folder);
            tally.files.push(files(&root).len());
        }
        let pulled = pull(&bench, &folder).await;
        let told = format!("lane {lane}, {folder}, killed {cut_off} times");
        let differ = different(&facts(&bench, &folder), &whole.facts);
        assert!(differ.is_empty(), "{told}: {differ:?}");
        assert_eq!(evidence(&pulled), whole.evidence, "{told}");
        let after = Pages::of(&bench);
        let again = after.job - before.job - whole.pages.job;
        assert!(again <= cut_off * IN_FLIGHT, "{told}: {again} pages again");
        // A day that is going on has gone on since: each command that comes to it reads it whole.
        let today = after.query - before.query;
        let commands = cut_off + whole_before + 1;
        assert!(
            today <= commands * whole.pages.query,
            "{told}: {today} pages of today"
        );
        tally.again_most = std::cmp::max(tally.again_most, again);
        tally.pulls.push(cut_off);
        left -= cut_off;
    }
    (whole, tally)
}

/// The files that only one of the two has, or has with other bytes.
fn different(one: &Facts, other: &Facts) -> Vec<PathBuf> {
    let names: BTreeSet<&PathBuf> = one.keys().chain(other.keys()).collect();
    let differ = names
        .into_iter()
        .filter(|name| one.get(*name) != other.get(*name));
    differ.cloned().collect()
}

fn kind(point: Point) -> usize {
    match point {
        Point::Side(_, When::Before) => 0,
        Point::Side(_, When::After) => 1,
        Point::File(_) => 2,
    }
}

struct Draws(Xoshiro256PlusPlus);

impl Draws {
    fn within(&mut self, from: u64, to: u64) -> u64 {
        from + self.0.next_u64() % (to - from + 1)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.within(0, n as u64 - 1)).unwrap()
    }

    /// Even over all points: a pull has two sides of each request, and its files.
    fn point(&mut self, whole: &Whole) -> Point {
        let nth = self.below(2 * whole.requests + whole.files);
        match nth.checked_sub(2 * whole.requests) {
            Some(file) => Point::File(file),
            None if nth.is_multiple_of(2) => Point::Side(nth / 2, When::Before),
            None => Point::Side(nth / 2, When::After),
        }
    }
}

/// What `cargo xtask prove pull` writes down.
fn table(whole: &Whole, tallies: &[&Tally], [before, after, files]: [usize; 3]) -> String {
    let on_disk: Vec<usize> = tallies
        .iter()
        .flat_map(|tally| tally.files.clone())
        .collect();
    let pulls: Vec<usize> = tallies
        .iter()
        .flat_map(|tally| tally.pulls.clone())
        .collect();
    let again = tallies.iter().map(|tally| tally.again_most);
    let mut text = String::from("<!-- pull -->\n| killed | kills |\n|---|---:|\n");
    let _ = writeln!(text, "| with a request on its way to the host | {before} |");
    let _ = writeln!(text, "| with an answer on its way back | {after} |");
    let _ = writeln!(text, "| as a file was written | {files} |");
    let _ = writeln!(
        text,
        "\n{} kills of {} pulls, up to {} of one, with {} to {} files on disk. Each pull ended in the facts and the evidence of \
        the one that nobody disturbed, byte by byte: {} files of facts, from {} pages of jobs and {} of the \
        query. At most {} pages of the jobs of a pull were read again; the day that is going on is always read anew.",
        before + after + files,
        pulls.len(),
        pulls.iter().max().unwrap(),
        on_disk.iter().min().unwrap(),
        on_disk.iter().max().unwrap(),
        whole.facts.len(),
        whole.pages.job,
        whole.pages.query,
        again.max().unwrap(),
    );
    text + "<!-- /pull -->"
}
