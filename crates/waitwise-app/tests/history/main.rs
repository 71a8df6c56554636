//! Pulling a history over HTTP: complete or named as missing, whatever the host does, and cut off anywhere.

#![expect(
    clippy::unwrap_used,
    reason = "clippy takes only functions marked as tests for tests"
)]
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a trouble leaves alone what it is not about"
)]

mod host;
mod sandbox;
mod storm;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use host::{DAILY, Host, Trouble, last_day};
use jiff::SignedDuration;
use waitwise_app::history::facts::{Columns, Reader};
use waitwise_app::history::{History, Origin, Pulled, Wanted, check, evidence_of, pull};
use waitwise_app::model::{Clock, QueueId, Window};
use waitwise_app::{
    AppError, BaseUrl, Contract, ErrorKind, JOB_PAGE_SIZE, Limits, ReadClient, Settings, WaitUnit,
};
use waitwise_testkit::TestClock;

/// Three days and the one before them.
const DAYS: usize = 4;

struct Bench {
    host: Host,
    client: ReadClient,
    clock: Arc<TestClock>,
    dir: tempfile::TempDir,
}

impl Bench {
    async fn with(troubles: &[Trouble]) -> Bench {
        let host = Host::with(troubles).await;
        let clock = TestClock::at(last_day() + SignedDuration::from_hours(30));
        let settings = Settings {
            base_url: BaseUrl::parse(&host.address.to_string(), false).unwrap(),
            login_url: None,
            contract: Contract::Platform,
            client_id: "client".to_owned(),
            client_secret: "secret".to_owned().into(),
            ca_file: None,
            wait_unit: WaitUnit::Seconds,
            page_size: 10,
            job_page_size: JOB_PAGE_SIZE,
            state_dir: None,
            limits: Limits {
                // The clock of the tests lets hours pass in no time.
                deadline: Duration::from_secs(1_000_000),
                ..Limits::default()
            },
            jitter_seed: 1,
        };
        let client = ReadClient::connect(settings, clock.clone()).unwrap();
        Bench {
            host,
            client,
            clock,
            dir: tempfile::tempdir().unwrap(),
        }
    }

    fn wanted(&self) -> Wanted {
        let to = last_day() + SignedDuration::from_hours(24);
        Wanted {
            queues: vec![QueueId::new("q1")],
            window: Window {
                from: to - SignedDuration::from_hours(72),
                to,
            },
        }
    }

    fn history(&self) -> History {
        History::at(self.dir.path())
    }

    async fn pull(&self) -> Result<Pulled, AppError> {
        let clock: &dyn Clock = &*self.clock;
        pull(
            &self.client,
            clock,
            &self.history(),
            &self.wanted(),
            &|_| (),
        )
        .await
    }
}

/// Every file under a folder with its bytes.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => drop(found.insert(path.clone(), std::fs::read(&path).unwrap())),
        }
    }
    found
}

/// What every file under a folder says: facts are compressed, so their rows are shown.
fn texts(folder: &Path) -> BTreeMap<PathBuf, String> {
    let text = |(path, bytes): (PathBuf, Vec<u8>)| {
        let mut text = String::from_utf8_lossy(&bytes).into_owned();
        if path.extension().is_some_and(|end| end == "parquet") {
            let mut reader = Reader::open(std::fs::File::open(&path).unwrap()).unwrap();
            let rows = reader.for_each(Columns::ALL, |row| text += &format!("{row:?}"));
            rows.unwrap();
        }
        (path, text)
    };
    files(folder).into_iter().map(text).collect()
}

/// All files' bytes by their names, wherever the folder is.
fn facts(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let relative = |path: PathBuf| path.strip_prefix(folder).unwrap().to_owned();
    let all = files(folder).into_iter();
    all.map(|(path, text)| (relative(path), text)).collect()
}

async fn undisturbed() -> BTreeMap<PathBuf, Vec<u8>> {
    let bench = Bench::with(&[]).await;
    bench.pull().await.unwrap();
    facts(bench.dir.path())
}

#[tokio::test]
async fn a_pull_is_complete_agrees_with_the_aggregates_and_knows_no_customer() {
    let bench = Bench::with(&[]).await;
    let pulled = bench.pull().await.unwrap();
    assert_eq!(pulled.days.len(), DAYS);
    for proof in &pulled.days {
        assert_eq!((proof.records, proof.legs, proof.tries), (DAILY, DAILY, 1));
        assert_eq!((proof.origin, proof.repeated), (Origin::Job, 0));
    }
    let comparison = check(&bench.client, &bench.history(), &bench.wanted())
        .await
        .unwrap();
    assert_eq!(comparison.numbers.len(), 3 * 5);
    comparison.verdict().unwrap();
    let [sharing] = pulled.sharing.as_slice() else {
        panic!("{:?}", pulled.sharing)
    };
    assert_eq!(
        (sharing.other.as_str(), sharing.agents, sharing.of),
        ("q2", 1, 1)
    );
    let evidence = evidence_of(&bench.history(), &QueueId::new("q1"), bench.wanted().window);
    let evidence = evidence.unwrap().remove(0);
    assert_eq!(evidence.all.offered, 3 * DAILY as u64);
    let texts = texts(bench.dir.path());
    assert!(texts.values().any(|text| text.contains("wait_ms: Some")));
    for (path, text) in texts {
        assert!(
            !text.contains("CANARY") && !text.contains("tel:"),
            "{}",
            path.display()
        );
    }
    bench.host.take_pages();
    let again = bench.pull().await.unwrap();
    assert!(again.days.iter().all(|proof| proof.origin == Origin::Kept));
    assert!(bench.host.take_pages().is_empty());
}

#[tokio::test]
async fn troubles_end_in_the_same_facts() {
    let expected = undisturbed().await;
    for trouble in [
        Trouble::Ends("FAILED", 2),
        Trouble::Ends("EXPIRED", 3),
        Trouble::Ends("CANCELLED", 1),
        Trouble::Stuck(1),
        Trouble::LosesResults(2),
        Trouble::LeadsBack(2),
        Trouble::Repeats,
        Trouble::Late,
    ] {
        let bench = Bench::with(&[trouble]).await;
        let pulled = bench
            .pull()
            .await
            .unwrap_or_else(|error| panic!("{trouble:?}: {error}"));
        assert_eq!(facts(bench.dir.path()), expected, "{trouble:?}");
        let proof = &pulled.days[DAYS - 1];
        match trouble {
            Trouble::Repeats => {
                assert!(proof.repeated > 0 && proof.short_pages > 0, "{proof:?}");
            }
            Trouble::Late => assert_eq!(proof.origin, Origin::Query),
            other => assert!(proof.tries > 1, "{other:?}: {proof:?}"),
        }
    }
}

#[tokio::test]
async fn what_is_missing_is_named() {
    for (trouble, parts) in [
        (
            Trouble::Ends("FAILED", 99),
            vec![
                "2026-03-01",
                "4 times",
                "FAILED",
                "also missing: 2026-03-02, 2026-03-03",
            ],
        ),
        (
            Trouble::Stuck(99),
            vec!["did not come to its end in 30 minutes"],
        ),
        (
            Trouble::Hides(3),
            vec!["3 of 40 interactions", "`q1`", "2026-03-02"],
        ),
        (Trouble::DownAfter(9), vec!["is missing"]),
    ] {
        let bench = Bench::with(&[trouble]).await;
        let error = bench.pull().await.unwrap_err();
        let text = error.to_string();
        assert_eq!(error.kind(), ErrorKind::Incomplete, "{text}");
        for part in parts {
            assert!(text.contains(part), "`{part}` is not in: {text}");
        }
        assert!(!error.hints().is_empty());
    }
}

#[tokio::test]
async fn records_that_come_in_while_pages_are_turned_are_read() {
    let bench = Bench::with(&[Trouble::Late, Trouble::Grows(1)]).await;
    let pulled = bench.pull().await.unwrap();
    assert_eq!(
        (pulled.days[DAYS - 1].tries, pulled.days[DAYS - 1].records),
        (2, DAILY + 1)
    );
    pulled.comparison.verdict().unwrap();
    let day = "2026-03-04".parse().unwrap();
    let head = bench
        .history()
        .head(&QueueId::new("q1"), day)
        .unwrap()
        .unwrap();
    assert_eq!(head.legs, DAILY + 1);
}

/// Cut off while a page is in flight, at every page: only pages that were in flight are asked for twice.
#[tokio::test]
async fn cut_off_anywhere_it_goes_on_and_the_same_facts_result() {
    let expected = undisturbed().await;
    let n_pages = DAYS * DAILY.div_ceil(7);
    for n in 0..n_pages {
        let bench = Bench::with(&[Trouble::DownAfter(n)]).await;
        bench.pull().await.unwrap_err();
        bench.host.mend();
        bench.pull().await.unwrap();
        assert_eq!(facts(bench.dir.path()), expected, "cut off after {n} pages");
        let mut pages = bench.host.take_pages();
        pages.sort();
        let asked = pages.len();
        pages.dedup();
        assert_eq!(
            (asked, pages.len()),
            (n_pages, n_pages),
            "cut off after {n} pages"
        );
    }
}

/// The task is dropped wherever it happens to wait, as a killed process is.
#[tokio::test]
async fn dropped_in_the_middle_it_goes_on_and_the_same_facts_result() {
    let expected = undisturbed().await;
    for n_polls in (1..150).step_by(5) {
        let bench = Bench::with(&[]).await;
        let mut left = n_polls;
        let mut pulling = Box::pin(bench.pull());
        let cut = std::future::poll_fn(|context| {
            left -= 1;
            match pulling.as_mut().poll(context) {
                std::task::Poll::Ready(outcome) => std::task::Poll::Ready(Some(outcome)),
                std::task::Poll::Pending if left == 0 => std::task::Poll::Ready(None),
                std::task::Poll::Pending => std::task::Poll::Pending,
            }
        });
        let outcome = cut.await;
        drop(pulling);
        if let Some(outcome) = outcome {
            outcome.unwrap();
        }
        bench.pull().await.unwrap();
        assert_eq!(
            facts(bench.dir.path()),
            expected,
            "dropped after {n_polls} polls"
        );
    }
}
