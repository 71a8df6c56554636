//! Answers for programs: versioned shapes. A plan's shape is its file's.

use schemars::JsonSchema;
use serde::Serialize;
use waitwise_app::analysis::{Analysis, CodeRow, SkillRow};
use waitwise_app::model::UnmappedGroup;

use super::visits::VisitsShape;

/// Writes one JSON value and a line feed to stdout.
pub(crate) fn answer(value: &impl Serialize) {
    // The shapes are plain data with string keys: serialising them cannot fail.
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    super::answer_line(&text);
}

/// `waitwise-analysis/1`.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "waitwise-analysis/1")]
pub(crate) struct AnalysisShape<'a> {
    #[schemars(extend("const" = "waitwise-analysis/1"))]
    format: &'static str,
    tenant: &'a str,
    queue: &'a str,
    from: String,
    to: String,
    pages: u32,
    groups: usize,
    skills: Vec<SkillShape<'a>>,
    wrap_up_codes: Vec<CodeShape<'a>>,
    unmapped: Vec<UnmappedShape<'a>>,
    unseen: Vec<&'a str>,
    rejected: Vec<RejectedShape<'a>>,
    /// Per kind of contact, also of who gave up; empty where the host tells of the answered alone.
    visits: Vec<VisitsShape>,
    warnings: &'a [String],
}

#[derive(Serialize, JsonSchema)]
struct SkillShape<'a> {
    skill: &'a str,
    name: &'a str,
    wrap_up_codes: Vec<&'a str>,
    conversations: f64,
    mean_wait_secs: f64,
    waiting_hours: f64,
    waiting_share: f64,
    weight_now: Option<&'a str>,
    is_thin: bool,
}

#[derive(Serialize, JsonSchema)]
struct CodeShape<'a> {
    wrap_up_code: Option<&'a str>,
    skill: &'a str,
    conversations: f64,
    mean_wait_secs: f64,
    waiting_share: f64,
    is_thin: bool,
}

#[derive(Serialize, JsonSchema)]
struct UnmappedShape<'a> {
    wrap_up_code: Option<&'a str>,
    conversations: f64,
    mean_wait_secs: f64,
    waiting_share: f64,
    reason: &'a str,
}

#[derive(Serialize, JsonSchema)]
struct RejectedShape<'a> {
    wrap_up_code: Option<&'a str>,
    reason: &'a str,
}

impl<'a> AnalysisShape<'a> {
    pub(crate) fn of(analysis: &'a Analysis) -> Self {
        AnalysisShape {
            format: "waitwise-analysis/1",
            tenant: &analysis.tenant,
            queue: analysis.queue.as_str(),
            from: analysis.window.from.to_string(),
            to: analysis.window.to.to_string(),
            pages: analysis.pull.pages,
            groups: analysis.pull.unique,
            skills: analysis.skills.iter().map(skill).collect(),
            wrap_up_codes: analysis.codes.iter().map(code).collect(),
            unmapped: analysis.unmapped.iter().map(unmapped).collect(),
            unseen: analysis.unseen.iter().map(|code| code.as_str()).collect(),
            rejected: analysis
                .rejected
                .iter()
                .map(|group| RejectedShape {
                    wrap_up_code: group.code.as_ref().map(|code| code.as_str()),
                    reason: &group.reason,
                })
                .collect(),
            visits: analysis.visits.iter().map(VisitsShape::of).collect(),
            warnings: &analysis.warnings,
        }
    }
}

fn skill(row: &SkillRow) -> SkillShape<'_> {
    SkillShape {
        skill: row.evidence.skill.as_str(),
        name: &row.evidence.name,
        wrap_up_codes: row
            .evidence
            .codes
            .iter()
            .map(|code| code.as_str())
            .collect(),
        conversations: row.evidence.conversations,
        mean_wait_secs: row.evidence.mean_wait_secs,
        waiting_hours: row.evidence.waiting_hours,
        waiting_share: row.evidence.waiting_share,
        weight_now: row.present.as_deref(),
        is_thin: row.is_thin,
    }
}

fn code(row: &CodeRow) -> CodeShape<'_> {
    CodeShape {
        wrap_up_code: row.group.code.as_ref().map(|code| code.as_str()),
        skill: row.skill.as_str(),
        conversations: row.group.conversations,
        mean_wait_secs: row.group.mean_wait_secs,
        waiting_share: row.waiting_share,
        is_thin: row.is_thin,
    }
}

fn unmapped(group: &UnmappedGroup) -> UnmappedShape<'_> {
    UnmappedShape {
        wrap_up_code: group.code.as_ref().map(|code| code.as_str()),
        conversations: group.conversations,
        mean_wait_secs: group.mean_wait_secs,
        waiting_share: group.waiting_share,
        reason: &group.reason,
    }
}
