//! What the columns of a file of call records mean.

use serde::Deserialize;

/// A column mapping, as its TOML document says it.
///
/// Columns are named as in the file's header. An instant's text is that of its column or, where there is a `date`
/// column, that column's, a space, and its own.
///
/// ```
/// let mapping = waitwise_sandbox::calls::mapping::Mapping::parse(
///     r#"
///     queue = "line"
///     time_format = "%Y-%m-%d %H:%M:%S"
///     offered = "came"
///     answered = "taken"
///     abandoned = "gone"
///     "#,
/// );
/// assert!(mapping.is_ok());
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Between columns; a comma unless said otherwise.
    #[serde(default = "comma")]
    pub delimiter: Delimiter,
    /// Column of the queue or skill asked for.
    pub queue: Option<String>,
    /// Name of the one queue, where there is no such column.
    pub queue_name: Option<String>,
    /// Column of the date, where instants are times of day. One more than 12 hours before the caller's entry is taken to
    /// lie after midnight.
    pub date: Option<String>,
    /// Format of the date, as in `strptime`.
    pub date_format: Option<String>,
    /// Format of an instant, or of a time of day, as in `strptime`.
    pub time_format: String,
    /// Values that mean that something did not happen; the empty text unless said otherwise.
    #[serde(default = "empty")]
    pub blank: Vec<String>,
    /// Column of the instant at which the caller entered the queue. Where it is blank the caller never did.
    pub offered: String,
    /// Column of the instant of an answered call's entry where `offered` is blank: it was answered at once,
    /// which is a wait of 0 unless `wait_secs` says more.
    pub offered_at_once: Option<String>,
    /// Column of the instant of answer. Unless `outcome` says otherwise, a call is answered if it isn't blank.
    pub answered: Option<String>,
    /// Column of the instant at which an unanswered caller gave up.
    pub abandoned: Option<String>,
    /// Column of the end of handling.
    pub ended: Option<String>,
    /// Column of the wait in seconds, instead of `answered` and `abandoned`.
    pub wait_secs: Option<String>,
    /// Column of the handle time in seconds, instead of `ended`.
    pub handle_secs: Option<String>,
    /// How a call's outcome is told, if not by `answered`.
    pub outcome: Option<OutcomeColumn>,
}

/// A column that says how a call ended.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutcomeColumn {
    /// The column.
    pub column: String,
    /// Its values for answered calls.
    pub answered: Vec<String>,
    /// Its values for rows that are no calls.
    #[serde(default)]
    pub dropped: Vec<String>,
}

/// A character of one byte between columns.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "char")]
pub struct Delimiter(u8);

impl TryFrom<char> for Delimiter {
    type Error = &'static str;

    fn try_from(delimiter: char) -> Result<Delimiter, Self::Error> {
        match u8::try_from(delimiter) {
            Ok(byte) if byte.is_ascii() && !b"\r\n\"".contains(&byte) => Ok(Delimiter(byte)),
            _ => Err("a delimiter is one ASCII character, neither a quote nor the end of a line"),
        }
    }
}

/// The mappings carried along.
const SHIPPED: [&str; 3] = [
    include_str!("mappings/vanad_2014.toml"),
    include_str!("mappings/anonymous_bank_1999.toml"),
    include_str!("mappings/simulated_2021.toml"),
];

impl Mapping {
    /// Reads a mapping from its TOML text.
    ///
    /// # Errors
    /// The parser's, with the place: syntax, unknown or missing keys.
    pub fn parse(text: &str) -> Result<Mapping, toml::de::Error> {
        toml::from_str(text)
    }

    /// The first of the mappings carried along all of whose columns are in this header line.
    pub(super) fn fitting(header_line: &[u8]) -> Option<Mapping> {
        let shipped = SHIPPED.iter().filter_map(|text| Mapping::parse(text).ok());
        shipped.into_iter().find(|mapping| {
            let mut reader = csv::ReaderBuilder::new()
                .delimiter(mapping.delimiter_byte())
                .from_reader(header_line);
            reader.headers().is_ok_and(|header| {
                mapping
                    .columns()
                    .iter()
                    .all(|column| header.iter().any(|present| present == *column))
            })
        })
    }

    pub(super) fn delimiter_byte(&self) -> u8 {
        self.delimiter.0
    }

    /// All columns that the mapping names.
    fn columns(&self) -> Vec<&str> {
        let optional = [
            &self.queue,
            &self.date,
            &self.offered_at_once,
            &self.answered,
            &self.abandoned,
            &self.ended,
            &self.wait_secs,
            &self.handle_secs,
        ];
        let mut columns: Vec<&str> = optional.into_iter().flatten().map(String::as_str).collect();
        columns.push(&self.offered);
        columns.extend(self.outcome.as_ref().map(|outcome| &*outcome.column));
        columns
    }
}

fn comma() -> Delimiter {
    Delimiter(b',')
}

fn empty() -> Vec<String> {
    vec![String::new()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_mappings_are_mappings() {
        for text in SHIPPED {
            Mapping::parse(text).unwrap();
        }
    }

    #[test]
    fn a_mapping_is_refused_for_what_it_misspells() {
        for text in [
            "",
            "time_format = 1",
            "offered = 'a'\ntime_format = ''\nofered = ''",
            "delimiter = 'ab'",
        ] {
            assert!(Mapping::parse(text).is_err(), "{text}");
        }
        let quote = Mapping::parse("offered = 'a'\ntime_format = ''\ndelimiter = '\"'");
        assert!(quote.unwrap_err().to_string().contains("neither a quote"));
    }
}
