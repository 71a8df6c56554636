//! The journal's file from outside: copied, looked at, and made to hold at a record.

use std::path::{Path, PathBuf};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

/// A journal's folder, by the path of its file.
pub(crate) struct Journal(pub(crate) PathBuf);

/// What a change's records do, and where a trigger can hold them.
const RECORDS: [(&str, &str); 6] = [
    ("lock_taken", "INSERT ON lock"),
    ("lock_renewed", "UPDATE ON lock"),
    ("lock_released", "DELETE ON lock"),
    ("change_begun", "INSERT ON change"),
    ("change_ended", "UPDATE ON change"),
    ("event", "INSERT ON event"),
];

/// A twentieth of a second of computing at the usual hundred ticks: no other transaction comes near it.
const HELD_TICKS: u64 = 5;

impl Journal {
    fn folder(&self) -> &Path {
        self.0.parent().unwrap()
    }

    /// Copies the folder; nobody may have the journal open.
    pub(crate) fn save(&self, to: &Path) {
        copy(self.folder(), to);
    }

    /// Puts a copy in the folder's place.
    pub(crate) fn restore(&self, from: &Path) {
        copy(from, self.folder());
    }

    /// Makes the `nth` record from now on, counted from 1, hold for ever before it is committed.
    pub(crate) async fn hold(&self, nth: usize) {
        let mut sql = format!(
            "CREATE TABLE point (left INTEGER NOT NULL); INSERT INTO point VALUES ({nth});"
        );
        for (name, record) in RECORDS {
            sql += &format!(
                "CREATE TRIGGER hold_{name} BEFORE {record} BEGIN
                     UPDATE point SET left = left - 1;
                     SELECT (WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n)
                         FROM point WHERE left = 0;
                 END;"
            );
        }
        self.run(sql).await;
    }

    /// Waits until a record of this process is being held.
    ///
    /// Other transactions wait for the disk; the held one counts without end, and that takes the processor.
    pub(crate) async fn until_held(&self, process: u32) {
        let mut connection = self.open(0).await;
        let mut since = None;
        loop {
            since = match is_writing(&mut connection).await {
                true => Some(since.unwrap_or_else(|| processor_ticks(process))),
                false => None,
            };
            if since.is_some_and(|since| processor_ticks(process) >= since + HELD_TICKS) {
                break;
            }
            tokio::task::yield_now().await;
        }
        connection.close().await.unwrap();
    }

    /// Takes the triggers away.
    pub(crate) async fn release(&self) {
        let triggers = RECORDS.map(|(name, _)| format!("DROP TRIGGER IF EXISTS hold_{name};"));
        let sql = triggers.concat() + "DROP TABLE IF EXISTS point;";
        self.run(sql).await;
    }

    /// Lets the lease of a dead holder run out, without waiting for it.
    pub(crate) async fn expire_locks(&self) {
        self.run("UPDATE lock SET expires_at = '2000-01-01T00:00:00Z'".to_owned())
            .await;
    }

    async fn run(&self, sql: String) {
        let mut connection = self.open(5).await;
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
    }

    async fn open(&self, busy_secs: u64) -> SqliteConnection {
        let options = SqliteConnectOptions::new()
            .filename(&self.0)
            .busy_timeout(std::time::Duration::from_secs(busy_secs));
        SqliteConnection::connect_with(&options).await.unwrap()
    }
}

/// Returns whether somebody keeps the write lock while few records are left to come: one transaction holds at most
/// three, which are counted when it is committed.
async fn is_writing(connection: &mut SqliteConnection) -> bool {
    let left = sqlx::query_scalar::<_, i64>("SELECT left FROM point");
    // Who opens or closes the file keeps readers out for a moment.
    let Ok(left) = left.fetch_one(&mut *connection).await else {
        return false;
    };
    match connection.begin_with("BEGIN IMMEDIATE").await {
        Ok(transaction) => {
            transaction.rollback().await.unwrap();
            false
        }
        Err(_) => left <= 3,
    }
}

/// Returns how long a process has computed so far.
fn processor_ticks(process: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let fields: Vec<u64> = after_name
        .split_whitespace()
        .map(|field| field.parse().unwrap_or(0))
        .collect();
    // Counted from the state, which follows the name: time in the program and in the kernel.
    fields.get(11).unwrap_or(&0) + fields.get(12).unwrap_or(&0)
}

/// SQLite's shared memory is made anew from the log that is copied.
fn copy(from: &Path, to: &Path) {
    if to.exists() {
        std::fs::remove_dir_all(to).unwrap();
    }
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap();
        if !name.to_string_lossy().ends_with("-shm") {
            std::fs::copy(&path, to.join(name)).unwrap();
        }
    }
}
