//! A pulled or checked history as text and as JSON.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;
use waitwise_app::history::evidence::{Outcomes, QueueEvidence};
use waitwise_app::history::tally::Waits;
use waitwise_app::history::{
    Compared, Comparison, DayProof, Number, Origin, Pulled, Sharing, Wanted,
};
use waitwise_app::model::RejectedRecord;

use super::number::{count, percent, secs};
use super::table::{Align, Column, more, table};

/// Writes what a pull gave: the proof by day, the evidence, what else to know.
pub(crate) fn pulled(
    wanted: &Wanted,
    pulled: &Pulled,
    evidence: &[QueueEvidence],
    top: usize,
) -> String {
    let window = wanted.window;
    let mut text = format!("History {} to {}, read whole\n\n", window.from, window.to);
    text += &proofs(&pulled.days, top);
    for evidence in evidence {
        text += &of_queue(evidence, top);
    }
    text += "Waits by wrap-up code are those of the answered only: they leave out everyone who gave up.\n\
             An interaction that asked for two skills counts under both.\n";
    for sharing in &pulled.sharing {
        let Sharing {
            queue,
            other,
            agents,
            of,
        } = sharing;
        let _ = writeln!(
            text,
            "warning: queue {other} shares {agents} of the {of} agents of queue {queue}: helping one can starve the other"
        );
    }
    if pulled.days.iter().all(|day| day.origin == Origin::Kept) {
        // Facts are kept of the wanted queues alone.
        text += "Every day was on disk already, so no other queue's agents were seen: \
                 `waitwise plan` names the queues that share members.\n";
    }
    for record in pulled.days.iter().flat_map(|day| &day.rejected) {
        let _ = writeln!(text, "warning: {}", left_out(record));
    }
    let n_different = pulled.comparison.residual().count();
    let n_compared = pulled.comparison.numbers.len();
    let _ = match n_different {
        0 => writeln!(
            text,
            "All {n_compared} numbers agree with the tenant's aggregates."
        ),
        _ => writeln!(
            text,
            "warning: {n_different} of {n_compared} numbers differ from the tenant's aggregates; `waitwise history check` shows them"
        ),
    };
    text
}

/// Says of a record that could not be read that it is left out.
pub(crate) fn left_out(record: &RejectedRecord) -> String {
    let id = record.conversation.as_ref();
    let id = id.map_or("(no id)", |id| id.as_str());
    format!("conversation {id} is left out: {}", record.reason)
}

fn proofs(days: &[DayProof], top: usize) -> String {
    const COLUMNS: [Column; 7] = [
        Column("Day (UTC)", Align::Left),
        Column("From", Align::Left),
        Column("Pages", Align::Right),
        Column("Records", Align::Right),
        Column("Repeated", Align::Right),
        Column("Visits", Align::Right),
        Column("Going on", Align::Right),
    ];
    let line = |proof: &DayProof| {
        vec![
            proof.day.to_string(),
            origin(proof.origin).to_owned(),
            proof.pages.to_string(),
            proof.records.to_string(),
            proof.repeated.to_string(),
            proof.legs.to_string(),
            proof.in_progress.to_string(),
        ]
    };
    let lines = days.iter().take(top).map(line).collect();
    format!("{}{}\n", table(&COLUMNS, lines), more(top, days.len()))
}

fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Kept => "disk",
        Origin::Job => "job",
        Origin::Query => "query",
    }
}

fn of_queue(evidence: &QueueEvidence, top: usize) -> String {
    let by_code = &evidence.by_code;
    let mut text = format!("Queue {}, {}\n\n", by_code.queue, evidence.media);
    const SKILLS: [Column; 8] = [
        Column("Skill", Align::Left),
        Column("Offered", Align::Right),
        Column("Answered", Align::Right),
        Column("Mean wait", Align::Right),
        Column("Gave up", Align::Right),
        Column("Mean wait", Align::Right),
        Column("Short", Align::Right),
        Column("Flowed out", Align::Right),
    ];
    let line = |(name, outcomes): (&str, &Outcomes)| {
        vec![
            name.to_owned(),
            n(outcomes.offered),
            n(outcomes.answered.count),
            mean(outcomes.answered),
            n(outcomes.abandoned.count),
            mean(outcomes.abandoned),
            n(outcomes.short_abandoned.count),
            n(outcomes.flowed_out.count),
        ]
    };
    let named = evidence.by_skill.iter().map(|(skill, outcomes)| {
        let name = skill.as_ref().map_or("(no skill)", |skill| skill.as_str());
        (name, outcomes)
    });
    let lines = named.take(top).chain([("all", &evidence.all)]).map(line);
    text += &table(&SKILLS, lines.collect());
    text += &more(top, evidence.by_skill.len());
    const CODES: [Column; 3] = [
        Column("Wrap-up code", Align::Left),
        Column("Answered", Align::Right),
        Column("Mean wait", Align::Right),
    ];
    let lines = by_code.groups.iter().take(top).map(|group| {
        let code = group
            .code
            .as_ref()
            .map_or("(uncoded)", |code| code.as_str());
        vec![
            code.to_owned(),
            count(group.conversations),
            secs(group.mean_wait_secs),
        ]
    });
    text.push('\n');
    text += &table(&CODES, lines.collect());
    text += &more(top, by_code.groups.len());
    let all = &evidence.all;
    let _ = writeln!(
        text,
        "\nPassed on: {}; alerts not taken: {}; still waiting: {}; uncoded: {}\n",
        n(all.transferred),
        n(all.missed_alerts),
        n(all.waiting),
        all.uncoded_share().map_or("–".to_owned(), percent),
    );
    text
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
pub(crate) fn n(value: u64) -> String {
    count(value as f64)
}

pub(crate) fn mean(waits: Waits) -> String {
    waits.mean_secs().map_or("–".to_owned(), secs)
}

/// Writes a comparison: what differs, or that nothing does.
pub(crate) fn checked(comparison: &Comparison, top: usize) -> String {
    const COLUMNS: [Column; 7] = [
        Column("Queue", Align::Left),
        Column("Kind", Align::Left),
        Column("Day (UTC)", Align::Left),
        Column("Number", Align::Left),
        Column("Facts", Align::Right),
        Column("Aggregates", Align::Right),
        Column("Residual", Align::Right),
    ];
    let residual: Vec<_> = comparison.residual().collect();
    let mut text = String::new();
    if !residual.is_empty() {
        let lines = residual.iter().take(top).map(|compared| {
            vec![
                compared.queue.to_string(),
                compared.media.to_string(),
                compared.day.to_string(),
                number(compared.number).to_owned(),
                compared.facts.to_string(),
                compared.tenant.to_string(),
                difference(compared).to_string(),
            ]
        });
        text += &table(&COLUMNS, lines.collect());
        text += &more(top, residual.len());
        text.push('\n');
    }
    for (queue, day) in &comparison.left_out {
        let _ = writeln!(
            text,
            "Left out: {day} of queue {queue}, of which only a part is read."
        );
    }
    let _ = writeln!(
        text,
        "{} numbers compared, {} different.",
        comparison.numbers.len(),
        residual.len()
    );
    text
}

fn difference(compared: &Compared) -> i128 {
    i128::from(compared.facts) - i128::from(compared.tenant)
}

fn number(number: Number) -> &'static str {
    match number {
        Number::Offered => "offered",
        Number::Answered => "answered",
        Number::AnsweredWaitMs => "waits of the answered (ms)",
        Number::Abandoned => "abandoned",
        Number::AbandonedWaitMs => "waits of the abandoned (ms)",
    }
}

/// `waitwise-history-pull/1`.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "waitwise-history-pull/1")]
pub(crate) struct PulledShape {
    #[schemars(extend("const" = "waitwise-history-pull/1"))]
    format: &'static str,
    from: String,
    to: String,
    days: Vec<DayShape>,
    evidence: Vec<EvidenceShape>,
    sharing: Vec<SharingShape>,
    compared: usize,
    residual: Vec<ResidualShape>,
}

#[derive(Serialize, JsonSchema)]
struct DayShape {
    day: String,
    origin: &'static str,
    is_whole: bool,
    to: String,
    tries: u32,
    pages: usize,
    short_pages: usize,
    repeated_pages: usize,
    records: usize,
    repeated: usize,
    other_days: usize,
    visits: usize,
    in_progress: usize,
    rejected: Vec<RejectedShape>,
}

#[derive(Serialize, JsonSchema)]
struct RejectedShape {
    conversation: Option<String>,
    reason: String,
}

#[derive(Serialize, JsonSchema)]
struct EvidenceShape {
    queue: String,
    media: String,
    all: OutcomesShape,
    by_skill: Vec<SkillShape>,
    by_wrap_up_code: Vec<CodeShape>,
    uncoded: Vec<UncodedShape>,
}

#[derive(Serialize, JsonSchema)]
struct SkillShape {
    skill: Option<String>,
    outcomes: OutcomesShape,
}

#[derive(Serialize, JsonSchema)]
struct CodeShape {
    wrap_up_code: Option<String>,
    answered: f64,
    mean_wait_secs: f64,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct UncodedShape {
    reserved: Option<String>,
    answered: u64,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct OutcomesShape {
    offered: u64,
    answered: WaitsShape,
    abandoned: WaitsShape,
    short_abandoned: WaitsShape,
    flowed_out: WaitsShape,
    waiting: u64,
    untold: u64,
    transferred: u64,
    missed_alerts: u64,
    coded: u64,
    in_progress: u64,
}

#[derive(Serialize, JsonSchema)]
struct WaitsShape {
    count: u64,
    mean_wait_secs: Option<f64>,
}

#[derive(Serialize, JsonSchema)]
struct SharingShape {
    queue: String,
    other: String,
    shared_agents: usize,
    agents: usize,
}

#[derive(Serialize, JsonSchema)]
struct ResidualShape {
    queue: String,
    media: String,
    day: String,
    number: &'static str,
    facts: u64,
    aggregates: u64,
}

impl PulledShape {
    pub(crate) fn of(wanted: &Wanted, pulled: &Pulled, evidence: &[QueueEvidence]) -> PulledShape {
        PulledShape {
            format: "waitwise-history-pull/1",
            from: wanted.window.from.to_string(),
            to: wanted.window.to.to_string(),
            days: pulled.days.iter().map(day).collect(),
            evidence: evidence.iter().map(evidence_shape).collect(),
            sharing: pulled.sharing.iter().map(sharing).collect(),
            compared: pulled.comparison.numbers.len(),
            residual: pulled.comparison.residual().map(residual).collect(),
        }
    }
}

fn day(proof: &DayProof) -> DayShape {
    let rejected = proof.rejected.iter().map(|record| RejectedShape {
        conversation: record.conversation.as_ref().map(ToString::to_string),
        reason: record.reason.clone(),
    });
    DayShape {
        day: proof.day.to_string(),
        origin: origin(proof.origin),
        is_whole: proof.coverage.is_whole(proof.day),
        to: proof.coverage.to.to_string(),
        tries: proof.tries,
        pages: proof.pages,
        short_pages: proof.short_pages,
        repeated_pages: proof.repeated_pages,
        records: proof.records,
        repeated: proof.repeated,
        other_days: proof.other_days,
        visits: proof.legs,
        in_progress: proof.in_progress,
        rejected: rejected.collect(),
    }
}

fn evidence_shape(evidence: &QueueEvidence) -> EvidenceShape {
    let by_skill = evidence.by_skill.iter().map(|(skill, found)| SkillShape {
        skill: skill.as_ref().map(ToString::to_string),
        outcomes: OutcomesShape::of(found),
    });
    let by_code = evidence.by_code.groups.iter().map(|group| CodeShape {
        wrap_up_code: group.code.as_ref().map(ToString::to_string),
        answered: group.conversations,
        mean_wait_secs: group.mean_wait_secs,
    });
    EvidenceShape {
        queue: evidence.by_code.queue.to_string(),
        media: evidence.media.to_string(),
        all: OutcomesShape::of(&evidence.all),
        by_skill: by_skill.collect(),
        by_wrap_up_code: by_code.collect(),
        uncoded: UncodedShape::all(&evidence.uncoded),
    }
}

impl UncodedShape {
    pub(crate) fn all(uncoded: &BTreeMap<Option<Arc<str>>, u64>) -> Vec<UncodedShape> {
        let shape = |(text, answered): (&Option<Arc<str>>, &u64)| UncodedShape {
            reserved: text.as_ref().map(ToString::to_string),
            answered: *answered,
        };
        uncoded.iter().map(shape).collect()
    }
}

impl OutcomesShape {
    pub(crate) fn of(outcomes: &Outcomes) -> OutcomesShape {
        let waits = |waits: Waits| WaitsShape {
            count: waits.count,
            mean_wait_secs: waits.mean_secs(),
        };
        OutcomesShape {
            offered: outcomes.offered,
            answered: waits(outcomes.answered),
            abandoned: waits(outcomes.abandoned),
            short_abandoned: waits(outcomes.short_abandoned),
            flowed_out: waits(outcomes.flowed_out),
            waiting: outcomes.waiting,
            untold: outcomes.untold,
            transferred: outcomes.transferred,
            missed_alerts: outcomes.missed_alerts,
            coded: outcomes.coded,
            in_progress: outcomes.in_progress,
        }
    }
}

fn sharing(sharing: &Sharing) -> SharingShape {
    SharingShape {
        queue: sharing.queue.to_string(),
        other: sharing.other.to_string(),
        shared_agents: sharing.agents,
        agents: sharing.of,
    }
}

fn residual(compared: &Compared) -> ResidualShape {
    ResidualShape {
        queue: compared.queue.to_string(),
        media: compared.media.to_string(),
        day: compared.day.to_string(),
        number: match compared.number {
            Number::Offered => "offered",
            Number::Answered => "answered",
            Number::AnsweredWaitMs => "answered_wait_ms",
            Number::Abandoned => "abandoned",
            Number::AbandonedWaitMs => "abandoned_wait_ms",
        },
        facts: compared.facts,
        aggregates: compared.tenant,
    }
}

/// `waitwise-history-check/1`.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "waitwise-history-check/1")]
pub(crate) struct CheckedShape {
    #[schemars(extend("const" = "waitwise-history-check/1"))]
    format: &'static str,
    compared: Vec<ResidualShape>,
    different: usize,
    left_out: Vec<LeftOutShape>,
}

#[derive(Serialize, JsonSchema)]
struct LeftOutShape {
    queue: String,
    day: String,
}

impl CheckedShape {
    pub(crate) fn of(comparison: &Comparison) -> CheckedShape {
        let left_out = comparison.left_out.iter().map(|(queue, day)| LeftOutShape {
            queue: queue.to_string(),
            day: day.to_string(),
        });
        CheckedShape {
            format: "waitwise-history-check/1",
            compared: comparison.numbers.iter().map(residual).collect(),
            different: comparison.residual().count(),
            left_out: left_out.collect(),
        }
    }
}
