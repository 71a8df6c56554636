//! What was found in an organisation and is proposed for a queue of it, as an answer.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;
use waitwise_app::init::draft::{Draft, DraftCode};
use waitwise_app::init::tenant::Surveyed;
use waitwise_app::model::AgentChoice;

use super::number::{count, percent};
use super::table::{Align, Column, table};

/// Everything that is told.
pub(crate) struct Told {
    pub(crate) tenant: String,
    pub(crate) surveyed: Surveyed,
    pub(crate) draft: Draft,
    pub(crate) table_name: String,
    pub(crate) table: TableState,
    /// The file that was written.
    pub(crate) written: Option<String>,
}

/// What is with the data table.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum TableState {
    /// It is not there.
    Missing,
    /// It is there, with the right columns.
    There,
    /// It was made just now.
    Made,
}

/// `waitwise-init/1`.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "waitwise-init/1")]
pub(crate) struct InitShape<'a> {
    #[schemars(extend("const" = "waitwise-init/1"))]
    format: &'static str,
    tenant: &'a str,
    queue: &'a str,
    queue_name: &'a str,
    agents: usize,
    sharing: Vec<SharingShape<'a>>,
    other_queues_left_out: usize,
    from: String,
    to: String,
    coded_conversations: u64,
    uncoded: u64,
    /// Which part of the coded conversations comes to a skill.
    coverage: Option<f64>,
    wrap_up_codes: Vec<CodeShape<'a>>,
    data_table: &'a str,
    data_table_state: TableState,
    /// How a flow must read the table, step by step.
    flow: Vec<String>,
    /// The settings file, if it was written.
    written: Option<&'a str>,
}

#[derive(Serialize, JsonSchema)]
struct SharingShape<'a> {
    queue: &'a str,
    name: &'a str,
    agents: usize,
}

#[derive(Serialize, JsonSchema)]
struct CodeShape<'a> {
    wrap_up_code: &'a str,
    name: Option<&'a str>,
    skill: Option<&'a str>,
    conversations: u64,
    share: Option<f64>,
    reason: Option<&'a str>,
}

impl<'a> InitShape<'a> {
    pub(crate) fn of(told: &'a Told) -> Self {
        let (surveyed, draft) = (&told.surveyed, &told.draft);
        let sharing = surveyed.sharing.iter().map(|shared| SharingShape {
            queue: shared.queue.as_str(),
            name: &shared.name,
            agents: shared.agents,
        });
        let codes = draft.codes.iter().map(|code| CodeShape {
            wrap_up_code: code.code.as_str(),
            name: code.name.as_deref(),
            skill: code.skill.as_deref(),
            conversations: code.conversations,
            share: code.share,
            reason: code.reason.as_deref(),
        });
        InitShape {
            format: "waitwise-init/1",
            tenant: &told.tenant,
            queue: surveyed.queue.id.as_str(),
            queue_name: &surveyed.queue.name,
            agents: surveyed.agents.len(),
            sharing: sharing.collect(),
            other_queues_left_out: surveyed.others_left_out,
            from: draft.window.from.to_string(),
            to: draft.window.to.to_string(),
            coded_conversations: draft.conversations,
            uncoded: draft.uncoded,
            coverage: draft.coverage(),
            wrap_up_codes: codes.collect(),
            data_table: &told.table_name,
            data_table_state: told.table,
            flow: flow(&told.table_name),
            written: told.written.as_deref(),
        }
    }
}

/// What was found, and the mapping that follows from it.
pub(crate) fn proposal(told: &Told) -> String {
    let (surveyed, draft) = (&told.surveyed, &told.draft);
    let mut text = queue(surveyed);
    let _ = writeln!(
        text,
        "\nWhat each wrap-up code tells about, from {} to {}:\n",
        draft.window.from, draft.window.to
    );
    let (mapped, unmapped): (Vec<_>, Vec<_>) =
        draft.codes.iter().partition(|code| code.skill.is_some());
    text.push_str(&codes("Skill proposed", &mapped, |code| {
        code.skill.as_deref()
    }));
    if !unmapped.is_empty() {
        text.push_str("\nThese stay without a skill:\n\n");
        text.push_str(&codes("Because", &unmapped, |code| code.reason.as_deref()));
    }
    let covered = draft.coverage().map_or("nothing".to_owned(), percent);
    let _ = writeln!(
        text,
        "\nThe mapping covers {covered} of {} coded conversations (one that asked for two skills counts twice).",
        counted(draft.conversations)
    );
    let _ = writeln!(
        text,
        "{} answered ones have no code. Who gave up has none either: a mapping says nothing about them.",
        counted(draft.uncoded)
    );
    text
}

fn queue(surveyed: &Surveyed) -> String {
    let queue = &surveyed.queue;
    let choice = match &queue.agent_choice {
        AgentChoice::AnyAgent => "skills do not decide who answers",
        AgentChoice::MostProficient => "the best agent with all the skills answers",
        AgentChoice::LongestIdle => "any agent with all the skills answers",
        AgentChoice::Other(_) | AgentChoice::Unsaid => "how agents are chosen is not known",
    };
    let mut text = format!(
        "Queue {} ({}): {} agents with {} skills, {} wrap-up codes; {choice}.\nIt orders by {}, so a head start counts.\n",
        queue.name,
        queue.id,
        surveyed.agents.len(),
        surveyed.able.len(),
        surveyed.codes.len(),
        queue.order,
    );
    for shared in &surveyed.sharing {
        let _ = writeln!(
            text,
            "{} of its agents also serve {} ({}): helping a skill here can make people wait there.",
            shared.agents, shared.name, shared.queue
        );
    }
    if surveyed.others_left_out > 0 {
        let _ = writeln!(
            text,
            "{} other queues were not looked at for shared agents.",
            surveyed.others_left_out
        );
    }
    text
}

fn codes(
    heading: &'static str,
    codes: &[&DraftCode],
    last: impl Fn(&DraftCode) -> Option<&str>,
) -> String {
    let columns = [
        Column("Wrap-up code", Align::Left),
        Column("Conversations", Align::Right),
        Column("Share", Align::Right),
        Column(heading, Align::Left),
    ];
    let row = |code: &&DraftCode| {
        let name = code.name.as_deref().unwrap_or(code.code.as_str());
        vec![
            name.to_owned(),
            counted(code.conversations),
            code.share.map(percent).unwrap_or_default(),
            last(code).unwrap_or_default().to_owned(),
        ]
    };
    table(&columns, codes.iter().map(row).collect())
}

/// What was done, and what is left to do.
pub(crate) fn ending(told: &Told) -> String {
    let name = &told.table_name;
    let mut text = match told.table {
        TableState::There => {
            format!("\nThe data table `{name}` is there, with the right columns.\n")
        }
        TableState::Made => format!("\nThe data table `{name}` was made; it is empty.\n"),
        TableState::Missing => format!(
            "\nThere is no data table `{name}` yet: `waitwise init --create-table` makes it.\n"
        ),
    };
    text.push_str(
        "\nNothing changes for anybody until a flow reads the table. In Architect, once:\n\n",
    );
    for (place, step) in flow(name).iter().enumerate() {
        let _ = writeln!(text, "{:2}. {step}", place + 1);
    }
    match &told.written {
        Some(file) => {
            let _ = writeln!(
                text,
                "\nSettings written to {file}. Next: `waitwise doctor`."
            );
        }
        None => text.push_str("\nNo settings were written; --yes writes them.\n"),
    }
    text
}

/// How a flow must read the table.
fn flow(table: &str) -> Vec<String> {
    vec![
        "Open the inbound flow that transfers to the queue, at the place just before Transfer to ACD, where the skill is known.".to_owned(),
        format!("Add a Data Table Lookup on `{table}`; as the lookup value give the skill's name exactly as the organisation spells it: it is the row's key."),
        "On the path Found, take the column `priority` (whole minutes) into an integer variable, such as Flow.headStart.".to_owned(),
        "On the paths Not Found and Failure, set this variable to 0: nobody gets a head start that was not planned.".to_owned(),
        "In Transfer to ACD choose the queue and the skill as before, and as Priority give the expression Flow.headStart (the box for a number ends at 10, an expression does not).".to_owned(),
        "If an interaction asks for several skills, look up each and take the largest priority.".to_owned(),
        "Publish the flow. One point of priority counts as one minute of waiting; a changed row should count from the flow's next lookup on, for who waits already nothing changes.".to_owned(),
    ]
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
fn counted(value: u64) -> String {
    count(value as f64)
}
