//! What a person should know before acting on an analysis, a sentence each.

use waitwise_model::WrapUpCodeId;

use crate::analysis::Analysis;
use crate::gather::Gathered;

/// How many names a warning lists; the rest is counted.
const SHOWN: usize = 8;

pub(crate) fn warnings(analysis: &Analysis, gathered: &Gathered, min_volume: f64) -> Vec<String> {
    let mut warnings = gathered.notes.clone();
    warnings.extend(few(analysis, min_volume));
    warnings.extend(left_out(analysis));
    warnings.extend(unreadable(analysis, gathered));
    warnings.extend(gathered.rules.as_ref().and_then(|all| rules(all.len())));
    warnings
}

/// Means that stand on too few interactions.
fn few(analysis: &Analysis, min_volume: f64) -> Vec<String> {
    let skills = analysis.skills.iter().filter(|row| row.is_thin).map(|row| {
        let evidence = &row.evidence;
        format!(
            "skill `{}` has fewer interactions ({}) than {min_volume}: its mean wait is not to be trusted",
            evidence.name, evidence.conversations
        )
    });
    let codes = analysis.codes.iter().filter(|row| row.is_thin);
    let codes: Vec<_> = codes.filter_map(|row| row.group.code.as_ref()).collect();
    let what = counted(
        codes.len(),
        "mapped wrap-up code has",
        "mapped wrap-up codes have",
    );
    let codes =
        some(&codes).map(|names| format!("{what} fewer than {min_volume} interactions: {names}"));
    skills.chain(codes).collect()
}

/// Codes that the history has and the mapping doesn't, and the other way round.
fn left_out(analysis: &Analysis) -> Vec<String> {
    let coded: Vec<_> = analysis
        .unmapped
        .iter()
        .filter_map(|group| group.code.as_ref())
        .collect();
    let what = counted(coded.len(), "wrap-up code is", "wrap-up codes are");
    let coded = some(&coded).map(|names| format!("{what} left out for want of a skill: {names}"));
    let unseen: Vec<_> = analysis.unseen.iter().collect();
    let what = counted(
        unseen.len(),
        "mapped wrap-up code is",
        "mapped wrap-up codes are",
    );
    let unseen = some(&unseen).map(|names| format!("{what} not in this history: {names}"));
    coded.into_iter().chain(unseen).collect()
}

/// What the host gave and nobody can use.
fn unreadable(analysis: &Analysis, gathered: &Gathered) -> Vec<String> {
    let rejected = &analysis.rejected;
    let mut warnings = Vec::new();
    for group in rejected.iter().take(SHOWN) {
        let code = group
            .code
            .as_ref()
            .map(|code| format!("wrap-up code `{code}`"));
        let what = code.unwrap_or_else(|| "a group without a code".to_owned());
        warnings.push(format!("{what} is left out: {}", group.reason));
    }
    if rejected.len() > SHOWN {
        warnings.push(format!(
            "{} more groups are left out for such reasons",
            rejected.len() - SHOWN
        ));
    }
    let missing = gathered
        .evidence
        .groups
        .iter()
        .filter(|group| !group.missing.is_empty())
        .count();
    if missing > 0 {
        let what = counted(missing, "group came", "groups came");
        warnings.push(format!("{what} without one of its numbers, counted as 0"));
    }
    let skills = gathered.skills.rejected.iter().take(SHOWN);
    warnings
        .extend(skills.map(|entry| format!("an entry of the skills list was not read: {entry}")));
    warnings
}

fn rules(n_rules: usize) -> Option<String> {
    match n_rules {
        1 => None,
        0 => Some("the queue has no routing rule: there is nothing to write weights to".to_owned()),
        _ => Some(format!(
            "the queue has {n_rules} routing rules: nobody can say which one counts"
        )),
    }
}

fn counted(n: usize, one: &str, several: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { several })
}

/// Lists the first few codes and counts the rest; `None` if there are none.
fn some(codes: &[&WrapUpCodeId]) -> Option<String> {
    let shown: Vec<_> = codes.iter().take(SHOWN).map(|code| code.as_str()).collect();
    match codes.len().saturating_sub(SHOWN) {
        0 => (!shown.is_empty()).then(|| shown.join(", ")),
        more => Some(format!("{} and {more} more", shown.join(", "))),
    }
}
