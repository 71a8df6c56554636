//! The journal's file: made, opened, checked, brought to this version's schema.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{Connection, SqliteConnection};

/// The schema, one script per version: script number n takes version n to n + 1. Only ever appended to.
const SCHEMA: &[&str] = &[
    "
    CREATE TABLE change (
        begun      INTEGER PRIMARY KEY,
        id         TEXT NOT NULL UNIQUE,
        kind       TEXT NOT NULL CHECK (kind IN ('apply', 'rollback')),
        undoes     TEXT REFERENCES change (id),
        tenant     TEXT NOT NULL,
        queue      TEXT NOT NULL,
        plan_id    TEXT NOT NULL,
        plan       TEXT NOT NULL,
        created_at TEXT NOT NULL,
        state      TEXT NOT NULL,
        ended_at   TEXT
    ) STRICT;
    CREATE TABLE event (
        change TEXT NOT NULL REFERENCES change (id),
        n      INTEGER NOT NULL,
        at     TEXT NOT NULL,
        step   INTEGER NOT NULL,
        event  TEXT NOT NULL,
        PRIMARY KEY (change, n)
    ) STRICT, WITHOUT ROWID;
    ",
    "
    ALTER TABLE change ADD COLUMN forced INTEGER NOT NULL DEFAULT 0 CHECK (forced IN (0, 1));
    CREATE INDEX change_plan ON change (plan_id);
    CREATE INDEX change_state ON change (state);
    CREATE TABLE lock (
        tenant     TEXT NOT NULL,
        queue      TEXT NOT NULL,
        holder     TEXT NOT NULL,
        process    INTEGER NOT NULL,
        taken_at   TEXT NOT NULL,
        expires_at TEXT NOT NULL,
        PRIMARY KEY (tenant, queue)
    ) STRICT, WITHOUT ROWID;
    ",
    "
    ALTER TABLE change ADD COLUMN place TEXT;
    ",
];

/// What a journal says in `PRAGMA application_id`: the letters `WAIT`.
const APPLICATION_ID: i64 = 0x5741_4954;

/// Another process's longest transaction is a few milliseconds; only a stuck one takes this long.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// A journal that cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The file or its folder cannot be made.
    #[error("cannot make the journal `{}`", path.display())]
    Make {
        /// The journal.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// SQLite cannot work with the file.
    #[error("cannot open the journal `{}`", path.display())]
    Sqlite {
        /// The journal.
        path: PathBuf,
        /// Why not.
        source: sqlx::Error,
    },
    /// SQLite does not do here what durable writes need: on some network file systems it cannot.
    #[error("the journal `{}` has {name} `{found}`, where `{expected}` is needed", path.display())]
    Setting {
        /// The journal.
        path: PathBuf,
        /// SQLite's name of the setting.
        name: &'static str,
        /// What it must be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// A newer version wrote the file; this one could misread it.
    #[error(
        "the journal `{}` has schema version {found}; this version knows up to {known}",
        path.display()
    )]
    Newer {
        /// The journal.
        path: PathBuf,
        /// What the file says.
        found: i64,
        /// The newest version that this program knows.
        known: usize,
    },
    /// A database, but somebody else's.
    #[error("`{}` is a database, but no journal", path.display())]
    NotAJournal {
        /// The file.
        path: PathBuf,
    },
}

pub(crate) async fn open(path: &Path) -> Result<SqliteConnection, OpenError> {
    let made = make(path.to_owned()).await;
    let _lock = made.map_err(|source| OpenError::Make {
        path: path.to_owned(),
        source,
    })?;
    let sqlite = |source| OpenError::Sqlite {
        path: path.to_owned(),
        source,
    };
    let options = SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(BUSY_TIMEOUT)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true);
    let mut connection = SqliteConnection::connect_with(&options)
        .await
        .map_err(sqlite)?;
    let settings = read_settings(&mut connection).await.map_err(sqlite)?;
    check_settings(path, settings)?;
    migrate(&mut connection, path).await?;
    Ok(connection)
}

/// Makes what is missing, and returns a lock that keeps other processes from opening the journal at the same time:
/// SQLite switches to write-ahead logging only for somebody who is alone, and does not wait for that.
async fn make(path: PathBuf) -> io::Result<File> {
    let work = tokio::task::spawn_blocking(move || {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        make_folder_durably(folder)?;
        let mut lock_path = path.clone().into_os_string();
        lock_path.push("-lock");
        let lock = options().create(true).truncate(false).open(lock_path)?;
        lock.lock()?;
        make_file_durably(&path, folder)?;
        Ok(lock)
    });
    work.await.map_err(io::Error::other)?
}

fn make_folder_durably(folder: &Path) -> io::Result<()> {
    if folder.exists() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    match folder.parent().filter(|above| above.is_dir()) {
        Some(above) => sync_folder(above),
        None => Ok(()),
    }
}

fn make_file_durably(path: &Path, folder: &Path) -> io::Result<()> {
    match options().create_new(true).open(path) {
        Ok(file) => file.sync_all()?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
        Err(error) => return Err(error),
    }
    sync_folder(folder)
}

/// For writing; a file made with them is its owner's alone.
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// So that a new entry of the folder is still there after a power cut. Only Unix has a way to say so.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

async fn read_settings(connection: &mut SqliteConnection) -> Result<[String; 3], sqlx::Error> {
    let number = |value: i64| value.to_string();
    let journal_mode = sqlx::query_scalar("PRAGMA journal_mode")
        .fetch_one(&mut *connection)
        .await?;
    let synchronous = sqlx::query_scalar("PRAGMA synchronous")
        .fetch_one(&mut *connection)
        .await
        .map(number)?;
    let foreign_keys = sqlx::query_scalar("PRAGMA foreign_keys")
        .fetch_one(connection)
        .await
        .map(number)?;
    Ok([journal_mode, synchronous, foreign_keys])
}

fn check_settings(path: &Path, found: [String; 3]) -> Result<(), OpenError> {
    // 2 is SQLite's number for FULL: a transaction is on the disk when it is committed.
    let needed = [
        ("journal_mode", "wal"),
        ("synchronous", "2"),
        ("foreign_keys", "1"),
    ];
    for ((name, expected), found) in needed.into_iter().zip(found) {
        if found != expected {
            let path = path.to_owned();
            return Err(OpenError::Setting {
                path,
                name,
                expected,
                found,
            });
        }
    }
    Ok(())
}

async fn migrate(connection: &mut SqliteConnection, path: &Path) -> Result<(), OpenError> {
    let sqlite = |source| OpenError::Sqlite {
        path: path.to_owned(),
        source,
    };
    // Immediate: of two processes that make a new journal, the second one sees the first one's tables.
    let mut transaction = connection
        .begin_with("BEGIN IMMEDIATE")
        .await
        .map_err(sqlite)?;
    let version = check_version(&mut transaction, path).await?;
    for script in &SCHEMA[version..] {
        sqlx::raw_sql(*script)
            .execute(&mut *transaction)
            .await
            .map_err(sqlite)?;
    }
    if version < SCHEMA.len() {
        stamp(&mut transaction).await.map_err(sqlite)?;
    }
    transaction.commit().await.map_err(sqlite)
}

/// Returns the file's schema version, 0 for an empty file.
async fn check_version(connection: &mut SqliteConnection, path: &Path) -> Result<usize, OpenError> {
    let path = path.to_owned();
    let (application, version, tables) = match read_stamp(connection).await {
        Ok(stamp) => stamp,
        Err(source) => return Err(OpenError::Sqlite { path, source }),
    };
    let is_empty = application == 0 && version == 0 && tables == 0;
    if !is_empty && application != APPLICATION_ID {
        return Err(OpenError::NotAJournal { path });
    }
    match usize::try_from(version) {
        Ok(version) if version <= SCHEMA.len() => Ok(version),
        _ => Err(OpenError::Newer {
            path,
            found: version,
            known: SCHEMA.len(),
        }),
    }
}

/// Returns the application id, the schema version and the number of tables.
async fn read_stamp(connection: &mut SqliteConnection) -> Result<(i64, i64, i64), sqlx::Error> {
    let application = sqlx::query_scalar("PRAGMA application_id")
        .fetch_one(&mut *connection)
        .await?;
    let version = sqlx::query_scalar("PRAGMA user_version")
        .fetch_one(&mut *connection)
        .await?;
    let tables = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema")
        .fetch_one(connection)
        .await?;
    Ok((application, version, tables))
}

async fn stamp(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let stamp = format!(
        "PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {};",
        SCHEMA.len()
    );
    // Two constants of this file: a pragma takes no bound parameters.
    sqlx::raw_sql(sqlx::AssertSqlSafe(stamp))
        .execute(connection)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_that_is_not_durable_is_refused() {
        let check = |found: [&str; 3]| check_settings(Path::new("j"), found.map(str::to_owned));
        assert!(check(["wal", "2", "1"]).is_ok());
        for found in [["delete", "2", "1"], ["wal", "1", "1"], ["wal", "2", "0"]] {
            assert!(matches!(check(found), Err(OpenError::Setting { .. })));
        }
        assert_eq!(
            check(["memory", "2", "1"]).unwrap_err().to_string(),
            "the journal `j` has journal_mode `memory`, where `wal` is needed"
        );
    }
}
