//! One sandbox for one neighbour.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// A running `waitwise sandbox`. It ends with this value.
#[derive(Debug)]
pub(super) struct Sandbox {
    /// The line in which it says where it is.
    pub(super) connection: String,
    host: String,
    child: Child,
}

impl Sandbox {
    /// Starts the tenant of seed 1, at an instant that `plan.json`'s window ends before.
    ///
    /// # Errors
    ///
    /// Fails if it cannot be started, or does not say where it is.
    pub(super) fn start(waitwise: &Path) -> Result<Sandbox> {
        #[derive(Deserialize)]
        struct Connection {
            host: String,
        }
        let mut child = Command::new(waitwise)
            .args(["sandbox", "--output=json", "--api=platform"])
            .args([
                "--now=2026-03-30T12:00:00Z",
                "--requests-per-minute=1000000",
            ])
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the sandbox")?;
        let stdout = child.stdout.take().context("the sandbox has no stdout")?;
        let mut connection = String::new();
        BufReader::new(stdout)
            .read_line(&mut connection)
            .context("cannot read from the sandbox")?;
        let read = serde_json::from_str::<Connection>(&connection);
        let host = read.map(|read| read.host).unwrap_or_default();
        let sandbox = Sandbox {
            connection,
            host,
            child,
        };
        ensure!(
            !sandbox.host.is_empty(),
            "the sandbox does not say where it is"
        );
        Ok(sandbox)
    }

    /// Returns where requests and answers departed from the contract.
    ///
    /// # Errors
    ///
    /// Fails if the sandbox does not answer.
    pub(super) fn violations(&self) -> Result<Vec<String>> {
        #[derive(Deserialize)]
        struct Violation {
            operation: String,
            place: String,
            problem: String,
        }
        let body = self.control("GET", "violations", "")?;
        let violations: Vec<Violation> =
            serde_json::from_str(&body).context("the sandbox lists no violations")?;
        let shown =
            |found: Violation| format!("{}: {} {}", found.operation, found.place, found.problem);
        Ok(violations.into_iter().map(shown).collect())
    }

    /// Lets the details jobs' data lie so far behind that records come from the query.
    ///
    /// # Errors
    ///
    /// Fails if the sandbox does not answer.
    pub(super) fn delay_jobs(&self) -> Result<()> {
        let answer = self.control("PUT", "jobs-behind", r#"{"seconds": 864000}"#)?;
        ensure!(
            answer.contains("true"),
            "the sandbox did not delay its jobs"
        );
        Ok(())
    }

    /// Sends a request to a control route, and returns the body of the answer.
    fn control(&self, method: &str, route: &str, body: &str) -> Result<String> {
        let mut stream = TcpStream::connect(&self.host).context("cannot reach the sandbox")?;
        let length = body.len();
        let request = format!(
            "{method} /sandbox/{route} HTTP/1.1\r\nHost: sandbox\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (_, body) = answer
            .split_once("\r\n\r\n")
            .context("the sandbox does not speak HTTP")?;
        Ok(body.to_owned())
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // It has nothing to keep, and may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
