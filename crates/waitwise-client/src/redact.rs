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

/// Hides the word after a name such as `"client_secret":`, `access_token=` or `Bearer`. A sentence about a secret
/// keeps its words: after a name there must be `:` or `=`, after a scheme a space is enough.
fn hide_named_values(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((after_name, is_scheme)) = next_name(rest) {
        let value = value_start(rest, after_name);
        let names_value = is_scheme || rest[after_name..value].contains([':', '=']);
        let len = rest[value..]
            .find(|c: char| !is_token_char(c))
            .unwrap_or(rest.len() - value);
        out.push_str(&rest[..value]);
        rest = &rest[value..];
        if names_value && len > 0 {
            out.push_str(HIDDEN);
            rest = &rest[len..];
        }
    }
    out + rest
}

/// Names of values, and whether each is the scheme of an `Authorization` header.
const NAMES: [(&str, bool); 6] = [
    ("token", false),
    ("secret", false),
    ("password", false),
    ("api_key", false),
    ("bearer", true),
    ("basic", true),
];

/// Returns where the next name ends, and whether it is a scheme.
fn next_name(text: &str) -> Option<(usize, bool)> {
    // ASCII lower case keeps every byte position.
    let lower = text.to_ascii_lowercase();
    let end = |(name, is_scheme): &(&str, bool)| Some((lower.find(name)? + name.len(), *is_scheme));
    NAMES
        .iter()
        .filter_map(end)
        .filter(|(end, _)| *end < text.len())
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
        check("the client secret is wrong", "the client secret is wrong");
        check("secret: abc, token = def", "secret: ****, token = ****");
        check("basic abc secret", "basic **** secret");
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
