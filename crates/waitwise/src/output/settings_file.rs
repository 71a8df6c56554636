//! `waitwise.toml` as `init` writes it: each value with where it came from, and never a secret.

use std::fmt::Write as _;

use jiff::Timestamp;
use waitwise_app::{Region, Settings};

use super::init::Told;
use super::number::percent;
use crate::args::InitArgs;
use crate::settings::File;

/// Returns the file's text.
pub(crate) fn text(
    settings: &Settings,
    file: &File,
    args: &InitArgs,
    told: &Told,
    now: &Timestamp,
) -> String {
    let mut text = format!(
        "#:schema ./waitwise.schema.json\n# Proposed by `waitwise init` at {now}; `waitwise schema` writes the schema.\n\
         # The client's secret is not in here: it comes from WAITWISE_CLIENT_SECRET, a file or a command.\n\n"
    );
    host(&mut text, settings);
    line(
        &mut text,
        "as told to init",
        "client_id",
        &settings.client_id,
    );
    let paths = [
        ("client_secret_file", file.secret_file(&args.host)),
        ("ca_file", settings.ca_file.clone()),
    ];
    for (key, path) in paths {
        if let Some(path) = path {
            line(&mut text, "as told to init", key, &path.to_string_lossy());
        }
    }
    let queue = &told.surveyed.queue;
    let about = format!("{}, found by init", one_line(&queue.name));
    line(&mut text, &about, "queue", queue.id.as_str());
    line(
        &mut text,
        "what priorities are written to",
        "data_table",
        &told.table_name,
    );
    let days = file.days(args.days);
    let _ = writeln!(
        text,
        "# how many days of history a question is about\ndays = {days}\n"
    );
    mapping(&mut text, told);
    text
}

fn host(text: &mut String, settings: &Settings) {
    match Region::of(&settings.base_url) {
        Some(region) => line(text, "as told to init", "region", region.domain),
        None => {
            line(
                text,
                "as told to init",
                "api_url",
                &settings.base_url.to_string(),
            );
            line(
                text,
                "as told to init",
                "login_url",
                &settings.login_url().to_string(),
            );
        }
    }
}

fn mapping(text: &mut String, told: &Told) {
    let draft = &told.draft;
    let _ = writeln!(
        text,
        "# Which skill each wrap-up code tells about: from how they occurred together from {} to {}.\n\
         # It covers {} of the coded conversations.\n[map]",
        draft.window.from,
        draft.window.to,
        draft.coverage().map_or("none".to_owned(), percent),
    );
    for code in &draft.codes {
        let name = one_line(
            code.name
                .as_deref()
                .unwrap_or("a code that the queue does not list"),
        );
        let n = code.conversations;
        let _ = match (&code.skill, &code.reason) {
            (Some(skill), _) => {
                let share = code.share.map(percent).unwrap_or_default();
                writeln!(
                    text,
                    "# {name}: {share} of {n} conversations\n{} = {}",
                    quoted(code.code.as_str()),
                    quoted(skill)
                )
            }
            (None, reason) => {
                let reason = one_line(reason.as_deref().unwrap_or_default());
                writeln!(
                    text,
                    "# {name} ({}) has no skill: {reason}",
                    one_line(code.code.as_str())
                )
            }
        };
    }
}

fn line(text: &mut String, about: &str, key: &str, value: &str) {
    let _ = writeln!(text, "# {about}\n{key} = {}\n", quoted(value));
}

/// A comment ends with its line, and TOML allows no control characters in it.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect()
}

/// A basic string. JSON's is one too, but for the one control character that JSON leaves as it is.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text)
        .to_string()
        .replace('\u{7f}', "\\u007f")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_is_one_string_and_one_comment() {
        for odd in ["a\"b\\c", "two\nlines", "\u{7f}\u{1}\u{e9}", "'''"] {
            let text = format!("# {}\nkey = {}\n", one_line(odd), quoted(odd));
            let read: toml::Table = toml::from_str(&text).unwrap();
            assert_eq!(read["key"].as_str(), Some(odd));
            assert_eq!(read.len(), 1);
        }
    }
}
