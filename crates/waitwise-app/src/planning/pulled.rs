//! Planning at a host of the published platform: which data table is meant, and who else is served by the same agents.

use waitwise_client::ReadClient;
use waitwise_model::{Clock, QueueId, Scale};
use waitwise_twin::seen::{Day, SeenVisit};
use waitwise_weights::{Guardrail, Strategy};

use super::ahead::Ahead;
use super::on_queue::on_queue;
use super::priority_table::{PriorityRows, TableChoice};
use super::{NoPlan, Planned, plan_table};
use crate::analysis::analyze;
use crate::error::AppError;
use crate::gather::{Gathered, Question};
use crate::init::InitError;
use crate::init::table::{Found, find};
use crate::init::tenant::{Shared, sharing_queues};

/// Which table a person means, and what a weight is to be worth in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TableWish {
    /// The table's name or id.
    pub table: String,
    /// What a point of weight is worth.
    pub scale: Scale,
    /// The farthest that two skills' minutes may be apart.
    pub minutes_max: u32,
}

/// Finds weights from a pulled history and plans to write them into the data table. Nothing here can write.
///
/// # Errors
/// There is no such table, weights do nothing in this queue, or as [`plan_table`] has it.
pub async fn plan_pulled(
    client: &ReadClient,
    mut gathered: Gathered,
    question: &Question,
    wish: &TableWish,
    ahead: Option<&Ahead<'_>>,
    clock: &dyn Clock,
) -> Result<Planned, AppError> {
    if question.strategy == Strategy::Keep {
        let analysis = analyze(&gathered, question)?;
        return Ok(Planned::nothing(analysis, NoPlan::Kept));
    }
    let choice = choose(client, wish).await?;
    let rows = PriorityRows::read(client, &question.queue, choice).await?;
    let (sharing, left_out) = sharing_queues(client, &question.queue).await?;
    gathered
        .notes
        .extend(said(&question.queue, &sharing, left_out));
    let named = sharing
        .iter()
        .map(|other| (other.queue.clone(), other.name.clone()));
    gathered.queue_names.extend(named);
    let mut ahead = ahead.cloned();
    if let Some(ahead) = &mut ahead {
        let unseen = unseen(ahead, &sharing);
        let others = sharing.iter().map(|other| other.queue.clone());
        let queues: Vec<QueueId> = others.chain([question.queue.clone()]).collect();
        let is_all_known = unseen.is_empty()
            && left_out == 0
            && sharing.iter().all(|other| is_seen_throughout(ahead, other));
        let told = match is_all_known {
            true => on_queue(client, &queues, ahead.seen, &ahead.zone).await,
            // Part of the time on queue went to callers whom the history does not have.
            false => {
                Err("agents were on queue for callers who are not in the history, too".to_owned())
            }
        };
        gathered.notes.extend(unseen);
        match told {
            Ok(told) => ahead.on_queue = Some(told),
            Err(why) => gathered.notes.push(format!(
                "who was at work is inferred from who answered, for the prediction: {why}"
            )),
        }
    }
    let question = within(question, wish.minutes_max);
    plan_table(&gathered, &question, &rows, ahead.as_ref(), clock)
}

/// A search looks at no head starts that the table may not have.
fn within(question: &Question, minutes_max: u32) -> Question {
    let mut question = question.clone();
    if let Strategy::Search(settings) = &mut question.strategy {
        let limits = settings.guardrails.iter();
        let gaps = limits.filter_map(|guardrail| match guardrail {
            Guardrail::HeadStartGap(minutes) => Some(minutes),
            Guardrail::P90Rise(_)
            | Guardrail::AbandonmentRise(_)
            | Guardrail::ServiceLevelFall(_) => None,
        });
        let gap = gaps.fold(f64::from(minutes_max), f64::min);
        // A limit of minutes is a number of at least 0.
        let _ = settings.guardrails.set(Guardrail::HeadStartGap(gap));
    }
    question
}

async fn choose(client: &ReadClient, wish: &TableWish) -> Result<TableChoice, AppError> {
    let tables = client.data_tables().await?.items;
    match find(&tables, &wish.table) {
        Found::One(table) => Ok(TableChoice {
            table: table.id.clone(),
            scale: wish.scale,
            minutes_max: wish.minutes_max,
        }),
        Found::None => Err(AppError::NoTable {
            name: wish.table.clone(),
        }),
        Found::Several(ids) => Err(InitError::SeveralTables {
            name: wish.table.clone(),
            ids: ids.into_iter().map(str::to_owned).collect(),
        }
        .into()),
    }
}

/// A queue with the same agents whose history was not pulled is none that a prediction can count on.
fn unseen(ahead: &Ahead<'_>, sharing: &[Shared]) -> Vec<String> {
    let is_seen = |other: &&Shared| {
        let classes = &ahead.seen.classes;
        classes
            .iter()
            .any(|class| class.queue == other.queue.as_str())
    };
    let unseen = sharing.iter().filter(|other| !is_seen(other));
    unseen
        .map(|other| {
            format!(
                "the history on disk has nobody of queue `{}`, which shares agents: what happens to its callers is not predicted; `waitwise history pull --queue {}` reads them",
                other.name, other.queue
            )
        })
        .collect()
}

/// Whether a queue was called from the first seen days to the last ones, so that its history is there and not a part of it.
fn is_seen_throughout(ahead: &Ahead<'_>, other: &Shared) -> bool {
    const EDGE_DAYS: usize = 4;
    let classes = &ahead.seen.classes;
    let days = &ahead.seen.days;
    let calls = |day: &Day| {
        let of_queue =
            |visit: &SeenVisit| classes[usize::from(visit.class)].queue == other.queue.as_str();
        day.visits.iter().any(of_queue)
    };
    let edge = std::cmp::min(EDGE_DAYS, days.len());
    days[..edge].iter().any(calls) && days[days.len() - edge..].iter().any(calls)
}

/// One sentence for each queue with the same agents.
fn said(queue: &QueueId, sharing: &[Shared], left_out: usize) -> Vec<String> {
    let shared = sharing.iter().map(|other| {
        format!(
            "queue `{}` ({}) shares {} agents with queue {queue}: helping one can starve the other",
            other.name, other.queue, other.agents
        )
    });
    let unseen = (left_out > 0)
        .then(|| format!("{left_out} other queues were not looked at for shared agents"));
    shared.chain(unseen).collect()
}
