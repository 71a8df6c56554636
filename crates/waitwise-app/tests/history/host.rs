//! A host that hands out conversation records by job and by query, with troubles that a test switches on.
//!
//! Each conversation of its tenant is one visit to queue `q1`; every seventh gives up. Its aggregates count the same.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Records of one day.
pub(crate) const DAILY: usize = 40;

/// Records on a page.
const PAGE: usize = 7;

/// What goes wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Trouble {
    /// The first jobs end so.
    Ends(&'static str, u32),
    /// The first jobs never end.
    Stuck(u32),
    /// The results of the first jobs are gone at their third page.
    LosesResults(u32),
    /// The third page's cursor of the first jobs leads back to the second page.
    LeadsBack(u32),
    /// Every page repeats the last record of the one before, and some pages are short.
    Repeats,
    /// So many records of each day are never shown.
    Hides(usize),
    /// The job store has nothing of the last day.
    Late,
    /// The last day gets another record while its pages are turned, so many times.
    Grows(u32),
    /// From this request for a page on, every one is refused.
    DownAfter(usize),
}

/// The host's memory.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) troubles: Vec<Trouble>,
    /// How often each page was asked for: `job day page`.
    pub(crate) pages: Vec<String>,
    jobs: HashMap<String, (Timestamp, u32)>,
    tries: HashMap<Timestamp, u32>,
    grown: u32,
}

pub(crate) struct Host {
    pub(crate) address: SocketAddr,
    pub(crate) state: Arc<Mutex<State>>,
    _server: JoinSet<()>,
}

impl Host {
    pub(crate) async fn with(troubles: &[Trouble]) -> Host {
        let state = Arc::new(Mutex::new(State {
            troubles: troubles.to_vec(),
            pages: Vec::new(),
            jobs: HashMap::new(),
            tries: HashMap::new(),
            grown: 0,
        }));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut server = JoinSet::new();
        let shared = Arc::clone(&state);
        server.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, Arc::clone(&shared)));
            }
        });
        Host {
            address,
            state,
            _server: server,
        }
    }

    pub(crate) fn mend(&self) {
        self.state.lock().unwrap().troubles.clear();
    }

    pub(crate) fn take_pages(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().pages)
    }
}

pub(crate) fn last_day() -> Timestamp {
    "2026-03-04T00:00:00Z".parse().unwrap()
}

fn text(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

impl State {
    fn answer(&mut self, method: &str, path: &str, body: &str) -> (u16, String) {
        const JOBS: &str = "/api/v2/analytics/conversations/details/jobs";
        if path == "/oauth/token" {
            let token = r#"{"access_token":"t","token_type":"bearer","expires_in":86399}"#;
            return (200, token.to_owned());
        }
        let rest = path.strip_prefix(JOBS).unwrap_or("-");
        match (method, rest) {
            ("POST", "") => self.submit(body),
            ("GET", "/availability") => {
                let day = SignedDuration::from_hours(if self.has(Trouble::Late) { 0 } else { 24 });
                let until = text(last_day() + day);
                (200, format!(r#"{{"dataAvailabilityDate":"{until}"}}"#))
            }
            ("DELETE", _) => (204, String::new()),
            ("GET", rest) if rest.contains("/results") => self.results(rest),
            ("GET", rest) if rest.starts_with('/') => self.status(&rest[1..]),
            _ if path.ends_with("/details/query") => self.query(body),
            _ if path.ends_with("/aggregates/query") => (200, self.aggregates(body)),
            _ => (
                404,
                r#"{"status":404,"code":"not.found","message":"no"}"#.to_owned(),
            ),
        }
    }

    fn has(&self, trouble: Trouble) -> bool {
        self.troubles.contains(&trouble)
    }

    fn submit(&mut self, body: &str) -> (u16, String) {
        let day = interval(body).0;
        let tries = self.tries.entry(day).or_default();
        *tries += 1;
        let id = format!("job-{}-{tries}", day.as_second());
        self.jobs.insert(id.clone(), (day, *tries));
        (202, format!(r#"{{"jobId":"{id}"}}"#))
    }

    fn status(&mut self, job: &str) -> (u16, String) {
        let (_, tries) = self.jobs[job];
        let mut state = "FULFILLED";
        for trouble in &self.troubles {
            match trouble {
                Trouble::Ends(end, until) if tries <= *until => state = end,
                Trouble::Stuck(until) if tries <= *until => state = "PENDING",
                _ => {}
            }
        }
        (
            200,
            format!(r#"{{"state":"{state}","submissionDate":null}}"#),
        )
    }

    fn results(&mut self, rest: &str) -> (u16, String) {
        let (job, query) = rest[1..].split_once("/results").unwrap();
        let cursor = query
            .split_once("cursor=")
            .map_or("0", |(_, cursor)| cursor);
        let from: usize = cursor.parse().unwrap();
        let (day, tries) = self.jobs[job];
        if self.refuses() {
            return (503, "{}".to_owned());
        }
        self.pages.push(format!("{day} {from}"));
        let mut next = from + PAGE;
        for trouble in &self.troubles {
            match trouble {
                Trouble::LosesResults(until) if tries <= *until && from >= 2 * PAGE => {
                    return (404, r#"{"status":404,"code":"not.found"}"#.to_owned());
                }
                Trouble::LeadsBack(until) if tries <= *until && from >= 2 * PAGE => next = PAGE,
                Trouble::Repeats => next -= 1 + usize::from(from.is_multiple_of(2)),
                _ => {}
            }
        }
        let all = self.records(day);
        let end = std::cmp::min(all.len(), from + PAGE);
        let is_last = end == all.len() && next > from;
        let short = usize::from(self.has(Trouble::Repeats) && from.is_multiple_of(2) && !is_last);
        let page = all[from..end - short].join(",");
        let cursor = match is_last {
            true => String::new(),
            false => format!(r#","cursor":"{next}""#),
        };
        (200, format!(r#"{{"conversations":[{page}]{cursor}}}"#))
    }

    fn refuses(&self) -> bool {
        self.troubles
            .iter()
            .any(|trouble| matches!(trouble, Trouble::DownAfter(n) if self.pages.len() >= *n))
    }

    fn query(&mut self, body: &str) -> (u16, String) {
        let day = interval(body).0;
        let number = body.split_once(r#""pageNumber":"#).unwrap().1;
        let number: usize = number.trim_end_matches('}').parse().unwrap();
        let size = 10;
        self.pages.push(format!("{day} query {number}"));
        if number == 2
            && self
                .troubles
                .iter()
                .any(|t| matches!(t, Trouble::Grows(n) if self.grown < *n))
        {
            self.grown += 1;
        }
        let all = self.records(day);
        let from = std::cmp::min((number - 1) * size, all.len());
        let to = std::cmp::min(from + size, all.len());
        let page = all[from..to].join(",");
        (
            200,
            format!(r#"{{"conversations":[{page}],"totalHits":{}}}"#, all.len()),
        )
    }

    /// What the host shows of a day.
    fn records(&self, day: Timestamp) -> Vec<String> {
        let hidden = self.troubles.iter().find_map(|trouble| {
            let Trouble::Hides(n) = trouble else {
                return None;
            };
            Some(*n)
        });
        let n = self.happened(day) - hidden.unwrap_or(0);
        (0..n).map(|idx| record(day, idx)).collect()
    }

    /// How many conversations a day has, shown or not. Only the last one can grow.
    fn happened(&self, day: Timestamp) -> usize {
        match day == last_day() {
            true => DAILY + self.grown as usize,
            false => DAILY,
        }
    }

    fn aggregates(&self, body: &str) -> String {
        let (from, to) = interval(body);
        let mut buckets = Vec::new();
        let mut day = from;
        while day < to {
            let n = self.happened(day);
            let gave_up = n.div_ceil(7);
            let answered = n - gave_up;
            let next = day + SignedDuration::from_hours(24);
            buckets.push(format!(
                r#"{{"interval":"{}/{}","metrics":[{{"metric":"nOffered","stats":{{"count":{n}}}}},{{"metric":"tAnswered","stats":{{"count":{answered},"sum":{}.0}}}},{{"metric":"tAbandon","stats":{{"count":{gave_up},"sum":{}}}}}]}}"#,
                text(day), text(next), answered * 30_000, gave_up * 90_000
            ));
            day = next;
        }
        let group = r#""group":{"queueId":"q1","mediaType":"voice"}"#;
        format!(
            r#"{{"results":[{{{group},"data":[{}]}}]}}"#,
            buckets.join(",")
        )
    }
}

fn interval(body: &str) -> (Timestamp, Timestamp) {
    let from = body.split_once(r#""interval":""#).unwrap().1;
    let (both, _) = from.split_once('"').unwrap();
    let (from, to) = both.split_once('/').unwrap();
    (from.parse().unwrap(), to.parse().unwrap())
}

fn record(day: Timestamp, idx: usize) -> String {
    let second = |secs: usize| {
        text(day + SignedDuration::from_secs(i64::try_from(idx * 60 + secs).unwrap()))
    };
    let gave_up = idx.is_multiple_of(7);
    let (wait, how) = if gave_up {
        (90, "tAbandon")
    } else {
        (30, "tAcd")
    };
    let left = second(wait);
    let segment = |kind: &str, from: &str, to: &str, more: &str| {
        format!(
            r#"{{"segmentType":"{kind}","segmentStart":"{from}","segmentEnd":"{to}","queueId":"q1"{more}}}"#
        )
    };
    let metric = |name: &str, value: usize, at: &str| {
        format!(r#"{{"name":"{name}","value":{value},"emitDate":"{at}"}}"#)
    };
    let acd = format!(
        r#"{{"purpose":"acd","sessions":[{{"mediaType":"voice","metrics":[{},{}],"segments":[{}]}}]}}"#,
        metric("nOffered", 1, &second(0)),
        metric(how, wait * 1000, &left),
        segment(
            "interact",
            &second(0),
            &left,
            r#","requestedRoutingSkillIds":["s1"]"#
        ),
    );
    let queue_of_agent = if idx.is_multiple_of(5) { "q2" } else { "q1" };
    let agent = format!(
        r#",{{"purpose":"agent","userId":"u1","sessions":[{{"mediaType":"voice","ani":"tel:+353CANARY","metrics":[{}],"segments":[{},{}]}}]}}"#,
        metric("tAnswered", 30_000, &left),
        segment("interact", &left, &second(80), ""),
        segment(
            "wrapup",
            &second(80),
            &second(85),
            r#","wrapUpCode":"c1","wrapUpNote":"CANARY""#
        ),
    );
    // Some are passed on to another queue, which was not asked for.
    let passed_on = format!(
        r#",{{"purpose":"agent","userId":"u1","participantName":"CANARY","sessions":[{{"mediaType":"voice","metrics":[{}],"segments":[{}]}}]}}"#,
        metric("tAnswered", 1000, &second(100)),
        segment("interact", &second(100), &second(110), "").replace("\"q1\"", "\"q2\""),
    );
    let agents = match (gave_up, queue_of_agent) {
        (true, _) => String::new(),
        (false, "q2") => format!("{agent}{passed_on}"),
        (false, _) => agent,
    };
    format!(
        r#"{{"conversationId":"k-{}-{idx}","conversationStart":"{}","conversationEnd":"{}","externalTag":"CANARY","participants":[{acd}{agents}]}}"#,
        day.as_second(),
        second(0),
        second(120)
    )
}

async fn serve(mut stream: TcpStream, state: Arc<Mutex<State>>) {
    let request = read(&mut stream).await;
    let Some((head, body)) = request.split_once("\r\n\r\n") else {
        return;
    };
    let mut words = head.split(' ');
    let (method, path) = (words.next().unwrap(), words.next().unwrap());
    let (status, body) = state.lock().unwrap().answer(method, path, body);
    let reply = format!(
        "HTTP/1.1 {status} x\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    // The client may have gone: that is what some tests do.
    let _ = stream.write_all(reply.as_bytes()).await;
}

async fn read(stream: &mut TcpStream) -> String {
    let mut request = String::new();
    let mut buffer = [0; 4096];
    while !is_whole(&request) {
        let n = stream.read(&mut buffer).await.unwrap_or(0);
        request.push_str(std::str::from_utf8(&buffer[..n]).unwrap());
        if n == 0 {
            break;
        }
    }
    request
}

fn is_whole(request: &str) -> bool {
    let Some((head, body)) = request.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.to_ascii_lowercase().lines().find_map(|line| {
        let length = line.strip_prefix("content-length: ")?;
        length.parse().ok()
    });
    body.len() >= length.unwrap_or(0)
}
