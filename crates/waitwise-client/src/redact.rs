//! Makes a host's text fit for logs and errors: no secret, no token, short, on one line.

/// How much of a body is shown: enough for a gateway's error page title or an API's sentence.
const SHOWN_CHARS_MAX: usize = 500;

/// Runs of token characters from this length on are taken for tokens. Genesys tokens have 86 characters, UUIDs 36;
/// UUIDs are kept, because they name things.
const TOKEN_CHARS_MIN: usize = 32;

const HIDDEN: &str = "****";

/// Returns the beginning of `text` without `secrets` and without what looks like one.
pub(crate) fn redact(text: &str, secrets: &[&str]) -> String {
    let mut text = text.to_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        text = text.replace(secret, HIDDEN);
    }
    let text = hide_long_runs(&hide_named_values(&text));
    one_line(&text)
}

fn one_line(text: &str) -> String {
    let mut shown: String = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    if let Some((cut, _)) = shown.char_indices().nth(SHOWN_CHARS_MAX) {
        shown.truncate(cut);
        shown.push('…');
    }
    shown
}

/// Hides the word after a name such as `"client_secret":`, `access_token=` or `Bearer`.
fn hide_named_values(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(after_name) = next_name_end(rest) {
        let value = value_start(rest, after_name);
        let end = rest[value..]
            .find(|c: char| !is_token_char(c))
            .map_or(rest.len(), |len| value + len);
        out.push_str(&rest[..value]);
        if end > value {
            out.push_str(HIDDEN);
        }
        rest = &rest[end..];
    }
    out + rest
}

const NAMES: [&str; 6] = ["token", "secret", "password", "bearer", "basic", "api_key"];

fn next_name_end(text: &str) -> Option<usize> {
    // ASCII lower case keeps every byte position.
    let lower = text.to_ascii_lowercase();
    NAMES
        .iter()
        .filter_map(|name| lower.find(name).map(|start| start + name.len()))
        .filter(|end| *end < text.len())
        .min()
}

/// Only quotes, white space and one of `:` and `=` may stand between a name and its value.
fn value_start(text: &str, from: usize) -> usize {
    text[from..]
        .find(|c: char| !matches!(c, '"' | '\'' | '\\' | ':' | '=' | ' '))
        .map_or(text.len(), |len| from + len)
}

fn hide_long_runs(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_token_char) {
        let (before, run) = rest.split_at(start);
        let (run, after) = run.split_at(run.find(|c| !is_token_char(c)).unwrap_or(run.len()));
        out.push_str(before);
        out.push_str(if looks_like_token(run) { HIDDEN } else { run });
        rest = after;
    }
    out + rest
}

fn looks_like_token(run: &str) -> bool {
    run.len() >= TOKEN_CHARS_MIN && run.contains(|c: char| c.is_ascii_digit()) && !is_uuid(run)
}

fn is_uuid(run: &str) -> bool {
    run.len() == 36 && run.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}

fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+' | '/' | '=' | '.' | '~')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(redact(text, &["s3cr3t", ""]), expected);
    }

    #[test]
    fn secrets_and_what_looks_like_them_are_hidden() {
        check("no s3cr3t here", "no **** here");
        check(
            r#"{"access_token":"abc","x":1}"#,
            r#"{"access_token":"****","x":1}"#,
        );
        check("client_secret=abc&x=1", "client_secret=****&x=1");
        check(
            "Authorization: Bearer abc.def!",
            "Authorization: Bearer ****!",
        );
        check("ends in token", "ends in token");
        check("a0123456789012345678901234567890123456789 b", "**** b");
    }

    #[test]
    fn names_of_things_stay() {
        let text = "rule 0b0d3c58-6e0a-4f5e-9d0e-6d6c2f1d7a11 has weight 101";
        check(text, text);
        check(
            "<html><h1>502 Bad Gateway</h1></html>",
            "<html><h1>502 Bad Gateway</h1></html>",
        );
    }

    #[test]
    fn a_page_becomes_a_short_line() {
        check("a\r\n\t b\u{1b}[31m", "a b [31m");
        let long = redact(&"é ".repeat(2000), &[]);
        assert_eq!(long.chars().count(), SHOWN_CHARS_MAX + 1);
        assert!(long.ends_with('…'));
    }
}
