//! The account of the rate limit, shared by all tasks of a client and, through a small file, by all processes of one
//! OAuth client that have a folder in common.
//!
//! The file is locked by the operating system while it is read and written, which takes microseconds, so a process
//! that ends can hold up nobody. It holds counts and a time, no secret; what is damaged or out of date is passed over.
//! Requests of *another* process that are on their way when a window ends are not known here: the second by which
//! every window is taken to be longer is what they have.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use waitwise_model::Clock;
use waitwise_wire::lenient::Object;

use crate::allowance::{Allowance, WINDOW_MAX};
use crate::settings::Settings;

/// The account behind its locks.
pub(crate) struct SharedAllowance {
    clock: Arc<dyn Clock>,
    account: Mutex<Allowance>,
    file: Option<PathBuf>,
    has_warned: AtomicBool,
}

impl SharedAllowance {
    pub(crate) fn new(settings: &Settings, clock: Arc<dyn Clock>) -> SharedAllowance {
        let name = file_name(&settings.client_id, &settings.base_url.to_string());
        SharedAllowance {
            clock,
            account: Mutex::default(),
            file: settings.state_dir.as_ref().map(|dir| dir.join(name)),
            has_warned: AtomicBool::new(false),
        }
    }

    /// Reads or changes the account as it is now. Without its file a process goes on by its own account.
    pub(crate) fn with<R>(&self, act: impl FnOnce(&mut Allowance, Duration) -> R) -> R {
        // Nobody panics while holding the lock, so a poisoned one is as good.
        let mut account = self.account.lock().unwrap_or_else(PoisonError::into_inner);
        let mut file = self.file.as_deref().and_then(|path| self.open(path));
        let (mono, wall) = (self.clock.monotonic(), self.clock.now());
        if let Some(file) = &mut file {
            adopt(&mut account, &read(file), mono, wall);
        }
        let outcome = act(&mut account, mono);
        if let Some(mut file) = file {
            let text = told(&account, mono, wall);
            if let Err(error) = replace(&mut file, &text) {
                self.warn(&error);
            }
        }
        outcome
    }

    /// Opens and locks the file; the lock ends with the handle.
    fn open(&self, path: &Path) -> Option<File> {
        let opened = open(path).and_then(|file| file.lock().map(|()| file));
        opened.map_err(|error| self.warn(&error)).ok()
    }

    fn warn(&self, error: &io::Error) {
        if !self.has_warned.swap(true, Ordering::Relaxed) {
            let path = self.file.as_deref().map(|path| path.display().to_string());
            tracing::warn!(path, %error, "cannot share the rate limit with other processes");
        }
    }
}

/// A name that says nothing: two clients or hosts that came to the same one would only go slower.
fn file_name(client_id: &str, host: &str) -> String {
    let mut digest: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in client_id.bytes().chain([0]).chain(host.bytes()) {
        digest = (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("pace-{digest:016x}.json")
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    let mut folders = DirBuilder::new();
    folders.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        options.mode(0o600);
        folders.mode(0o700);
    }
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            folders.create(path.parent().unwrap_or(Path::new(".")))?;
            options.open(path)
        }
        outcome => outcome,
    }
}

/// What cannot be read is as good as empty. A file of ours is far below the bound.
fn read(file: &mut File) -> String {
    let mut text = String::new();
    let outcome = file.take(4096).read_to_string(&mut text);
    if outcome.is_err() {
        text.clear();
    }
    text
}

fn replace(file: &mut File, text: &str) -> io::Result<()> {
    file.rewind()?;
    file.set_len(0)?;
    file.write_all(text.as_bytes())
}

fn told(account: &Allowance, mono: Duration, wall: Timestamp) -> String {
    let left = |ends: Duration| i64::try_from(ends.saturating_sub(mono).as_millis()).ok();
    let ends_ms = account.ends.and_then(left);
    let ends_ms = ends_ms.map(|left| wall.as_millisecond().saturating_add(left));
    serde_json::json!({
        "format": "waitwise-pace/1",
        "allowed": account.allowed,
        "ends_unix_ms": ends_ms,
        "is_guess": account.is_guess,
        "left": account.left,
        "counted": account.counted,
    })
    .to_string()
}

/// Takes over what another process, or we ourselves, wrote last; nothing of it if any of it is odd.
fn adopt(account: &mut Allowance, text: &str, mono: Duration, wall: Timestamp) {
    let Some(written) = parse(text, mono, wall) else {
        return;
    };
    *account = Allowance {
        allowed: written.allowed.or(account.allowed),
        in_flight: account.in_flight,
        is_silent: account.is_silent,
        ..written
    };
}

fn parse(text: &str, mono: Duration, wall: Timestamp) -> Option<Allowance> {
    let file = Object::read(text).ok()?;
    if file.text("format").as_deref() != Some("waitwise-pace/1") {
        return None;
    }
    let allowed = file.whole::<u32>("allowed").filter(|allowed| *allowed > 0);
    let ends = match file.whole::<i64>("ends_unix_ms") {
        None => None,
        Some(ends_ms) => {
            let left_ms = ends_ms.checked_sub(wall.as_millisecond())?;
            let left = Duration::from_millis(u64::try_from(left_ms).unwrap_or(0));
            // A clock that was set back, or another program's file.
            if left > WINDOW_MAX + Duration::from_secs(1) {
                return None;
            }
            Some(mono + left)
        }
    };
    Some(Allowance {
        allowed,
        ends,
        is_guess: file.flag("is_guess")?,
        left: file.whole("left")?,
        counted: file.whole("counted")?,
        ..Allowance::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MONO: Duration = Duration::from_secs(1000);

    fn wall(secs: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + secs).unwrap()
    }

    fn account() -> Allowance {
        Allowance {
            allowed: Some(30),
            ends: Some(MONO + Duration::from_secs(40)),
            left: 12,
            counted: 11,
            ..Allowance::default()
        }
    }

    #[test]
    fn what_one_process_writes_another_reads_by_its_own_clock() {
        let text = told(&account(), MONO, wall(0));
        let mut other = Allowance {
            in_flight: 3,
            ..Allowance::default()
        };
        adopt(&mut other, &text, Duration::from_secs(5), wall(10));
        let expected = Allowance {
            ends: Some(Duration::from_secs(35)),
            in_flight: 3,
            ..account()
        };
        assert_eq!(other, expected);
    }

    #[test]
    fn what_is_over_damaged_or_odd_is_passed_over() {
        let text = told(&account(), MONO, wall(0));
        let mut late = Allowance::default();
        adopt(&mut late, &text, MONO, wall(100));
        assert_eq!(late.ends, Some(MONO));
        let half = &text[..text.len() / 2];
        let set_back = told(&account(), MONO, wall(100_000));
        let newer = text.replace("pace/1", "pace/2");
        let negative = text.replace(":12", ":-12");
        assert_ne!(negative, text);
        for odd in ["", "7", "{}", half, &set_back, &newer, &negative] {
            let mut same = account();
            same.left = 29;
            adopt(&mut same, odd, MONO, wall(0));
            assert_eq!(same.left, 29, "{odd}");
        }
    }

    #[test]
    fn clients_and_hosts_have_files_of_their_own() {
        let name = file_name("id", "https://host");
        assert_ne!(name, file_name("id2", "https://host"));
        assert_ne!(name, file_name("id", "https://host2"));
        assert!(name.starts_with("pace-") && !name.contains("id"), "{name}");
    }
}
