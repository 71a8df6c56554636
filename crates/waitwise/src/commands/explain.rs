//! `waitwise explain`

use std::collections::{BTreeMap, BTreeSet};

use waitwise_app::explain::{self, Proposed};
use waitwise_app::model::{AgentId, ConversationId, SkillId};
use waitwise_app::{AppError, ErrorKind, ReadClient};

use super::{connect, read_plan};
use crate::args::{ExplainArgs, OutputFormat};
use crate::failure::Failure;
use crate::output;
use crate::output::explain::{ExplainShape, Told};
use crate::settings::File;

pub(crate) async fn run(args: ExplainArgs, file: &File) -> Result<(), Failure> {
    let queue = file.queue(args.queue.as_deref())?;
    let plan = args.plan.as_deref().map(read_plan).transpose()?;
    let proposed = plan.as_ref().map_or_else(Proposed::new, explain::proposed);
    let (client, clock) = connect(file.connection(&args.host, None)?)?;
    let explained = explain::explain(&client, &queue, &proposed, &*clock).await?;
    let told = Told {
        explained,
        names: names(&client).await?,
        has_plan: plan.is_some(),
        only: args.conversation.map(ConversationId::new),
        agent: agent(&client, args.agent).await?,
    };
    if let Some(only) = told.only.as_ref().filter(|_| told.place().is_none()) {
        let message = format!("conversation `{only}` does not wait in queue `{queue}`");
        return Err(Failure::new(ErrorKind::Failed, message)
            .hint("without --conversation everybody who waits is shown"));
    }
    match args.output.format {
        OutputFormat::Text => output::answer(&output::explain::text(&told, args.top)),
        OutputFormat::Json => output::json::answer(&ExplainShape::of(&told)),
    }
    Ok(())
}

async fn names(client: &ReadClient) -> Result<BTreeMap<SkillId, String>, Failure> {
    let skills = client.skills().await.map_err(AppError::from)?;
    let name = |skill: waitwise_app::model::Skill| (skill.id, skill.name);
    Ok(skills.items.into_iter().map(name).collect())
}

async fn agent(
    client: &ReadClient,
    id: Option<String>,
) -> Result<Option<(AgentId, BTreeSet<SkillId>)>, Failure> {
    let Some(id) = id.map(AgentId::new) else {
        return Ok(None);
    };
    let skills = client.agent_skills(&id).await.map_err(AppError::from)?;
    let skills = skills.items.into_iter().map(|skill| skill.skill).collect();
    Ok(Some((id, skills)))
}
