//! What is killed, and what must hold afterwards.

use std::collections::BTreeMap;

use serde_json::Value;
use waitwise_sandbox::{Fault, FaultRule, When};

use crate::bench::Bench;
use crate::journal::Journal;
use crate::kill::{Point, kill_at};
use crate::what::{End, Stored, What};

/// A command that is killed at every point of its way.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    what: What,
    /// What has happened before.
    before: Before,
    /// The command.
    command: &'static str,
    /// The trouble that its first write meets.
    trouble: Option<Trouble>,
}

#[derive(Clone, Copy)]
enum Before {
    /// A plan was made.
    Planned,
    /// It was applied.
    Applied,
    /// It was being applied when its program was killed, on this side of its write.
    ApplyCutOff(When),
    /// It was being rolled back when the program was killed, on this side of its write.
    RollbackCutOff(When),
}

#[derive(Clone, Copy)]
enum Trouble {
    /// Not handled, answered 503.
    Refused,
    /// Handled, answered 503.
    UnansweredCommit,
    /// Not handled, answered 429.
    PutOff,
}

/// How many points there were, and how the objects read right after the kill.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) records: usize,
    pub(crate) sides: usize,
    pub(crate) old: usize,
    pub(crate) new: usize,
    /// Some objects were old, some new.
    pub(crate) between: usize,
}

const fn case(name: &'static str, before: Before, command: &'static str) -> Case {
    Case {
        name,
        what: What::Rule,
        before,
        command,
        trouble: None,
    }
}

const fn troubled(
    name: &'static str,
    before: Before,
    command: &'static str,
    trouble: Trouble,
) -> Case {
    Case {
        name,
        what: What::Rule,
        before,
        command,
        trouble: Some(trouble),
    }
}

/// The same case of a change of several rows.
const fn of_rows(case: Case) -> Case {
    Case {
        what: What::Table,
        ..case
    }
}

const APPLY: &str = "apply plan.json";

pub(crate) const CASES: &[Case] = &[
    case("apply", Before::Planned, APPLY),
    troubled(
        "apply, 503 after commit",
        Before::Planned,
        APPLY,
        Trouble::UnansweredCommit,
    ),
    troubled(
        "apply, 503 and nothing done",
        Before::Planned,
        APPLY,
        Trouble::Refused,
    ),
    troubled(
        "apply, put off by a 429",
        Before::Planned,
        APPLY,
        Trouble::PutOff,
    ),
    case("rollback", Before::Applied, "rollback"),
    troubled(
        "rollback, 503 after commit",
        Before::Applied,
        "rollback",
        Trouble::UnansweredCommit,
    ),
    case(
        "resume of an apply, its write not handled",
        Before::ApplyCutOff(When::Before),
        "resume",
    ),
    case(
        "resume of an apply, its write handled",
        Before::ApplyCutOff(When::After),
        "resume",
    ),
    case(
        "resume --undo, the write not handled",
        Before::ApplyCutOff(When::Before),
        "resume --undo",
    ),
    case(
        "resume --undo, the write handled",
        Before::ApplyCutOff(When::After),
        "resume --undo",
    ),
    case(
        "resume of a rollback, its write not handled",
        Before::RollbackCutOff(When::Before),
        "resume",
    ),
    case(
        "resume of a rollback, its write handled",
        Before::RollbackCutOff(When::After),
        "resume",
    ),
    of_rows(case("rows: apply", Before::Planned, APPLY)),
    of_rows(troubled(
        "rows: apply, 503 after each commit",
        Before::Planned,
        APPLY,
        Trouble::UnansweredCommit,
    )),
    of_rows(case("rows: rollback", Before::Applied, "rollback")),
    of_rows(troubled(
        "rows: rollback, each write put off by a 429",
        Before::Applied,
        "rollback",
        Trouble::PutOff,
    )),
    of_rows(case(
        "rows: resume of an apply, its second write not handled",
        Before::ApplyCutOff(When::Before),
        "resume",
    )),
    of_rows(case(
        "rows: resume --undo, the second write handled",
        Before::ApplyCutOff(When::After),
        "resume --undo",
    )),
    of_rows(case(
        "rows: resume of a rollback, its second write handled",
        Before::RollbackCutOff(When::After),
        "resume",
    )),
];

/// A case with its tenant and its journal, and both as they were before the command.
struct Scene {
    case: &'static Case,
    bench: Bench,
    journal: Journal,
    old: Vec<Value>,
    new: Vec<Value>,
    /// As the command finds them.
    stored: Stored,
    ends: Vec<End>,
}

impl Case {
    /// Kills the command at every `stride`-th point, and goes on both ways from there.
    pub(crate) async fn run(&'static self, stride: usize) -> Tally {
        let scene = Scene::set(self).await;
        let mut tally = Tally::default();
        for nth in (0..).step_by(stride) {
            if !scene.try_point(Point::Record(nth), &mut tally).await {
                break;
            }
            tally.records += 1;
        }
        for nth in (0..).step_by(stride) {
            if !scene
                .try_point(Point::Side(nth, When::Before), &mut tally)
                .await
            {
                break;
            }
            assert!(
                scene
                    .try_point(Point::Side(nth, When::After), &mut tally)
                    .await
            );
            tally.sides += 2;
        }
        tally
    }

    /// Whether the command, and what is done after its death, is to bring the rule back.
    fn undoes(&self) -> bool {
        self.command != APPLY && (self.command != "resume" || self.is_rollback())
    }

    fn is_rollback(&self) -> bool {
        matches!(self.before, Before::RollbackCutOff(_))
    }
}

impl Scene {
    async fn set(case: &'static Case) -> Scene {
        let bench = Bench::start().await;
        let journal = Journal(bench.rig.dir().join("state/journal.db"));
        let what = case.what;
        what.set_up(&bench);
        let old = what.objects(&bench);
        what.plan(&bench).await;
        bench.waitwise("changes list").await.with(0);
        bench.rig.sandbox.clear_requests();
        let fresh = what.stored(&bench);
        bench.waitwise(APPLY).await.with(0);
        let new = what.objects(&bench);
        let write = middle_write(&bench);
        match case.before {
            Before::Applied => {}
            Before::RollbackCutOff(when) => {
                // The way back takes as many requests, but for the checks that only an apply makes.
                let point = Point::Side(write - what.n_checks(), when);
                assert!(kill_at(&bench, &journal, "rollback", point).await);
            }
            Before::Planned | Before::ApplyCutOff(_) => {
                std::fs::remove_dir_all(bench.rig.dir().join("state")).unwrap();
                bench.waitwise("changes list").await.with(0);
                what.store(&bench, &fresh);
                if let Before::ApplyCutOff(when) = case.before {
                    let point = Point::Side(write, when);
                    assert!(kill_at(&bench, &journal, APPLY, point).await);
                }
            }
        }
        journal.save(&bench.rig.dir().join("before"));
        let stored = what.stored(&bench);
        let ends = what.ends(&bench, &old, &new);
        Scene {
            case,
            bench,
            journal,
            old,
            new,
            stored,
            ends,
        }
    }

    /// Kills the command at a point and goes on from there both ways. `false` if the command ends before the point.
    async fn try_point(&self, point: Point, tally: &mut Tally) -> bool {
        let what = self.case.what;
        self.journal.restore(&self.bench.rig.dir().join("before"));
        what.store(&self.bench, &self.stored);
        if let Some(trouble) = self.case.trouble {
            for route in what.writes() {
                let rule = FaultRule::times(*route, 1, fault(trouble));
                self.bench.rig.sandbox.add_fault(rule).unwrap();
            }
        }
        if !kill_at(&self.bench, &self.journal, self.case.command, point).await {
            return false;
        }
        let killed = self.ends();
        match killed.iter().filter(|end| **end == End::New).count() {
            0 => tally.old += 1,
            n if n == killed.len() => tally.new += 1,
            _ => tally.between += 1,
        }
        self.check_journal(&killed, point).await;
        let stored = what.stored(&self.bench);
        self.journal.save(&self.bench.rig.dir().join("killed"));
        let ends = match self.case.undoes() {
            true => [End::Old, End::Old],
            false => [End::New, End::Old],
        };
        for (way, end) in ends.into_iter().enumerate() {
            self.journal.restore(&self.bench.rig.dir().join("killed"));
            what.store(&self.bench, &stored);
            self.go_on(way, end).await;
            let all = self.ends().into_iter().all(|found| found == end);
            assert!(all, "{} at {point:?}: not all {end:?}", self.case.name);
            let unfinished = self.changes().await.into_iter().filter(is_unfinished);
            assert_eq!(unfinished.count(), 0, "{} at {point:?}", self.case.name);
        }
        true
    }

    #[track_caller]
    fn ends(&self) -> Vec<End> {
        self.case.what.ends(&self.bench, &self.old, &self.new)
    }

    /// An object that is not as it was before the command has a step in the journal that says it was sent, and what the
    /// journal calls confirmed is so.
    async fn check_journal(&self, killed: &[End], point: Point) {
        let Some(newest) = self.changes().await.into_iter().next() else {
            let is_old = killed.iter().all(|end| *end == End::Old);
            assert!(is_old, "{} at {point:?}", self.case.name);
            return;
        };
        let line = format!("changes show {} --output json", id(&newest));
        let shown = self.bench.waitwise(&line).await.with(0).json();
        let events = shown["events"].as_array().unwrap();
        for (step, (killed, was)) in killed.iter().zip(&self.ends).enumerate() {
            let of_step = |event: &&Value| event["step"] == step;
            let has = |name: &str| {
                let mut of_step = events.iter().filter(of_step);
                of_step.any(|event| event["event"] == name)
            };
            if killed != was {
                assert!(has("sent"), "{} at {point:?}: {shown}", self.case.name);
            }
            if has("confirmed") {
                let expected = match newest["kind"] == "apply" {
                    true => End::New,
                    false => End::Old,
                };
                assert_eq!(*killed, expected, "{} at {point:?}", self.case.name);
            }
        }
    }

    /// What a person would do after looking at the journal; the second way is the other one.
    async fn go_on(&self, way: usize, end: End) {
        let unfinished = self.changes().await.into_iter().find(is_unfinished);
        let of_apply = self.apply_change().await;
        let line = match (&unfinished, end, way) {
            (Some(open), End::New, _) => format!("resume {}", id(open)),
            (Some(open), End::Old, _) if open["kind"] == "apply" => {
                format!("resume {} --undo", id(open))
            }
            (Some(open), End::Old, 0) => format!("resume {}", id(open)),
            (Some(open), End::Old, _) => {
                let undone = open["of"].as_str().unwrap();
                self.bench
                    .waitwise(&format!("rollback {undone}"))
                    .await
                    .with(0);
                format!("resume {}", id(open))
            }
            (None, End::New, _) if of_apply.is_none() => APPLY.to_owned(),
            (None, End::Old, _) if of_apply.as_deref() == Some("done") => "rollback".to_owned(),
            (None, ..) => return,
        };
        self.bench.waitwise(&line).await.with(0);
        // A change that was cut off may have been taken back by a rollback that was cut off itself.
        if let Some(open) = self.changes().await.into_iter().find(is_unfinished) {
            let undo = if open["kind"] == "apply" {
                " --undo"
            } else {
                ""
            };
            let line = format!("resume {}{undo}", id(&open));
            self.bench.waitwise(&line).await.with(0);
        }
    }

    /// The state of the change that applied the plan and may have written.
    async fn apply_change(&self) -> Option<String> {
        let changes = self.changes().await.into_iter();
        let states: BTreeMap<_, _> = changes
            .filter(|change| change["kind"] == "apply" && change["state"] != "refused")
            .map(|change| (id(&change), change["state"].as_str().unwrap().to_owned()))
            .collect();
        states.into_values().next_back()
    }

    async fn changes(&self) -> Vec<Value> {
        let list = self.bench.waitwise("changes list --output json").await;
        list.with(0).json()["changes"].as_array().unwrap().clone()
    }
}

fn fault(trouble: Trouble) -> Fault {
    let status = |status| Fault::Status {
        status,
        headers: BTreeMap::new(),
        body: None,
    };
    match trouble {
        Trouble::Refused => status(503),
        Trouble::UnansweredCommit => Fault::StatusAfter(503),
        Trouble::PutOff => status(429),
    }
}

fn id(change: &Value) -> String {
    change["change"].as_str().unwrap().to_owned()
}

fn is_unfinished(change: &Value) -> bool {
    change["state"] == "open" || change["state"] == "unknown"
}

/// Which of an apply's requests, counted from 0, is its write; of several the one in the middle.
fn middle_write(bench: &Bench) -> usize {
    let requests = bench.rig.requests();
    let is_write =
        |request: &str| !request.starts_with("GET") && !request.starts_with("POST token");
    let writes: Vec<usize> = (0..requests.len())
        .filter(|idx| is_write(&requests[*idx]))
        .collect();
    writes[writes.len() / 2]
}
