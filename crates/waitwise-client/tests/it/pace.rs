//! The host's rate limit is used up and never passed, by several tasks and by several clients.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;
use waitwise_client::{FailureKind, ReadClient, SendError, Settings};
use waitwise_model::Clock;
use waitwise_sandbox::SandboxOptions;
use waitwise_testkit::Rig;

use crate::support::check_error;
use crate::writes::one_write;

const ALLOWED: u32 = 30;

async fn rig(requests_per_minute: u32, skills: usize) -> Rig {
    let rig = Rig::with(SandboxOptions {
        requests_per_minute,
        history_days: 1,
        ..SandboxOptions::default()
    })
    .await;
    rig.sandbox
        .set_skills((0..skills).map(skill).collect())
        .unwrap();
    rig
}

fn skill(i: usize) -> String {
    format!(r#"{{"id":"s{i}","name":"Skill {i}","state":"active"}}"#)
}

/// One entity on a page, so that a list of 60 takes 60 requests; time enough for all of them.
fn settings(rig: &Rig) -> Settings {
    let mut settings = rig.settings();
    settings.page_size = 1;
    settings.limits.deadline = Duration::from_secs(3600);
    settings
}

/// Reads the skills in `n` tasks at once.
async fn read_at_once(client: &ReadClient, n: usize) {
    let mut tasks = JoinSet::new();
    for _ in 0..n {
        let client = client.clone();
        tasks.spawn(async move { client.skills().await.unwrap().items.len() });
    }
    assert!(tasks.join_all().await.iter().all(|skills| *skills == 60));
}

/// Returns how many requests for pages there were in each of the host's minutes: one begins with the first request
/// after the last has ended.
fn minutes(rig: &Rig) -> Vec<u32> {
    let mut minutes: Vec<(Timestamp, u32)> = Vec::new();
    let sent = rig.sandbox.requests();
    for request in sent.iter().filter(|request| request.method == "GET") {
        assert_eq!(request.status, Some(200), "request {}", request.n);
        let minute = SignedDuration::from_secs(60);
        match minutes.last_mut() {
            Some((began, n)) if request.service_at.duration_since(*began) < minute => *n += 1,
            _ => minutes.push((request.service_at, 1)),
        }
    }
    minutes.into_iter().map(|(_, n)| n).collect()
}

/// Checks that each minute but the last was used up to at least 95%, none beyond the limit, and that no more time
/// passed than these minutes and the rounding of each take.
#[track_caller]
fn check_used_up(rig: &Rig, began: Duration, allowed: u32) {
    let minutes = minutes(rig);
    let full = &minutes[..minutes.len() - 1];
    assert!(full.len() >= 3, "{minutes:?}");
    assert!(minutes.iter().all(|n| *n <= allowed), "{minutes:?}");
    let used = |n: &u32| n * 100 >= allowed * 95;
    assert!(full.iter().all(used), "{minutes:?}");
    let passed = rig.clock.monotonic() - began;
    let most = Duration::from_secs(61) * u32::try_from(full.len()).unwrap();
    assert!(passed <= most, "{passed:?} for {minutes:?}");
}

#[tokio::test]
async fn several_tasks_use_up_each_minute_and_none_is_refused() {
    for tasks in [2, 4, 8] {
        let rig = rig(ALLOWED, 60).await;
        let began = rig.clock.monotonic();
        read_at_once(&rig.read_with(settings(&rig)), tasks).await;
        check_used_up(&rig, began, ALLOWED);
    }
}

#[tokio::test]
async fn two_clients_that_share_a_folder_stay_within_the_limit_together() {
    let rig = rig(ALLOWED, 60).await;
    let folder = rig.dir().join("state/of/nobody yet");
    let shared = || {
        let state_dir = Some(folder.clone());
        rig.read_with(Settings {
            state_dir,
            ..settings(&rig)
        })
    };
    let (one, other) = (shared(), shared());
    rig.sandbox.set_skills(vec![skill(1)]).unwrap();
    let began = rig.clock.monotonic();
    // Page by page in turns: the standing clock would jump while the other's request is on its way.
    for _ in 0..60 {
        one.skills().await.unwrap();
        other.skills().await.unwrap();
    }
    check_used_up(&rig, began, ALLOWED);

    let files: Vec<_> = std::fs::read_dir(&folder).unwrap().collect();
    assert_eq!(files.len(), 1);
    let file = files[0].as_ref().unwrap().path();
    let text = std::fs::read_to_string(&file).unwrap();
    let connection = rig.sandbox.connection();
    for hidden in [&connection.client_id, &connection.client_secret] {
        assert!(!text.contains(hidden.as_str()), "{text}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[tokio::test]
async fn a_damaged_file_or_none_at_all_stops_nobody() {
    let rig = rig(ALLOWED, 60).await;
    let with = |state_dir| {
        let state_dir = Some(state_dir);
        rig.read_with(Settings {
            state_dir,
            ..settings(&rig)
        })
    };
    with(rig.dir().to_owned()).skills().await.unwrap();
    let file = std::fs::read_dir(rig.dir())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|end| end == "json"))
        .unwrap();
    for damage in ["", "{\"format\":\"waitwise-pace/1\"", "\u{0}\u{1}"] {
        std::fs::write(&file, damage).unwrap();
        with(rig.dir().to_owned()).skills().await.unwrap();
    }
    // A file where the folder should be.
    with(file.join("folder")).skills().await.unwrap();
    minutes(&rig);
}

#[tokio::test]
async fn a_write_is_held_back_rather_than_sent_late() {
    let rig = Rig::with(SandboxOptions {
        requests_per_minute: 3,
        history_days: 1,
        ..SandboxOptions::default()
    })
    .await;
    let client = rig.write();
    let (write, rule) = one_write(&rig, &client).await;
    client.read().skills().await.unwrap();
    client.read().skills().await.unwrap();
    rig.clock.take_naps();
    let sent = rig.requests();
    let outcome = client.send(&write.forward, &rule, false).await;
    let Err(SendError::NotYet { wait, source }) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(wait, Duration::from_secs(61));
    check_error(&source, FailureKind::RateLimit, &["not sent"]);
    assert_eq!((rig.requests(), rig.clock.take_naps().len()), (sent, 0));
    rig.clock.advance(wait);
    let rule = client
        .read()
        .rules_of(&rig.queue())
        .await
        .unwrap()
        .remove(0);
    client.send(&write.forward, &rule, false).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_tasks_share_one_sign_in_and_read_the_same() {
    let rig = rig(10_000, 60).await;
    read_at_once(&rig.read_with(settings(&rig)), 8).await;
    let sent = rig.requests();
    let tokens = sent.iter().filter(|sent| sent.contains("token")).count();
    assert_eq!((tokens, sent.len()), (1, 1 + 8 * 60));
}
