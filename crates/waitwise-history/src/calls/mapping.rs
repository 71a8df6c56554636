//! What the columns of a file of call records mean.

use jiff::tz::TimeZone;
use serde::Deserialize;
pub use toml::de::Error as MappingError;

/// A column mapping, as its TOML document says it.
///
/// Columns are named as in the file's header. An instant's text is that of its column or, where there is a `date`
/// column, that column's, a space, and its own. Durations are seconds, with or without a fraction, or `h:mm:ss`.
///
/// ```
/// let mapping = waitwise_history::calls::Mapping::parse(
///     r#"
///     queue = "line"
///     time_format = "%Y-%m-%d %H:%M:%S"
///     time_zone = "Europe/Amsterdam"
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
    /// Values that mean that something did not happen or is not known; the empty text unless said otherwise.
    #[serde(default = "empty")]
    pub blank: Vec<String>,

    /// Column of the record's own id. Records that share it, their entry and their queue are one record.
    pub id: Option<String>,
    /// Column of the queue.
    pub queue: Option<String>,
    /// Name of the one queue, where there is no such column.
    pub queue_name: Option<String>,
    /// Column of the skills asked for; it may be the queue's.
    pub skills: Option<String>,
    /// Between several skills in their column. Without it the whole text is one skill.
    pub skill_separator: Option<String>,
    /// Column of the kind of contact.
    pub media: Option<String>,
    /// The kind of contact, where there is no such column; `voice` unless said otherwise.
    pub media_name: Option<String>,
    /// Column of the agent who took an answered call.
    pub agent: Option<String>,
    /// Column of an answered call's wrap-up code.
    pub code: Option<String>,
    /// Column of the priority in force while the call waited: a whole number.
    pub priority: Option<String>,
    /// Column that isn't blank where the agent passed the call on.
    pub transferred: Option<String>,

    /// Column of the date, where instants are times of day. One more than 12 hours before the caller's entry is taken to
    /// lie after midnight.
    pub date: Option<String>,
    /// Format of the date, as in `strptime`.
    pub date_format: Option<String>,
    /// Format of an instant, or of a time of day, as in `strptime`; `%z` and `%s` stand for instants that need no zone.
    pub time_format: String,
    /// The zone of instants without one, by its name in the time zone database; UTC unless said otherwise.
    pub time_zone: Option<Zone>,

    /// Column of the instant at which the caller entered the queue. Where it is blank the caller never did.
    pub offered: String,
    /// Column of the instant of an answered call's entry where `offered` is blank: it was answered at once,
    /// which is a wait of 0 unless `wait_secs` says more.
    pub offered_at_once: Option<String>,
    /// Column of the instant of answer. Unless `outcome` says otherwise, a call is answered if it isn't blank.
    pub answered: Option<String>,
    /// Column of the instant at which an unanswered caller gave up or left.
    pub abandoned: Option<String>,
    /// Column of the end of handling.
    pub ended: Option<String>,
    /// Column of the wait, instead of `answered` and `abandoned`.
    pub wait_secs: Option<String>,
    /// Column of the time talking.
    pub talk_secs: Option<String>,
    /// Column of the time on hold.
    pub hold_secs: Option<String>,
    /// Column of the after-call work.
    pub after_call_secs: Option<String>,
    /// Column of the handle time. Without it: from the answer to `ended`, else the sum of its parts.
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
    /// Its values for callers who gave up. Without them, all that is not in another list.
    pub abandoned: Option<Vec<String>>,
    /// Its values for calls that left the queue some other way.
    #[serde(default)]
    pub flowed_out: Vec<String>,
    /// Its values for rows that are no calls.
    #[serde(default)]
    pub dropped: Vec<String>,
}

/// A character of one byte between columns.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(try_from = "char")]
pub struct Delimiter(u8);

impl Delimiter {
    pub(super) const COMMA: Delimiter = Delimiter(b',');

    /// Returns it as the byte that it is.
    pub fn byte(self) -> u8 {
        self.0
    }
}

impl TryFrom<char> for Delimiter {
    type Error = &'static str;

    fn try_from(delimiter: char) -> Result<Delimiter, Self::Error> {
        match u8::try_from(delimiter) {
            Ok(byte) if byte.is_ascii() && !b"\r\n\"".contains(&byte) => Ok(Delimiter(byte)),
            _ => Err("a delimiter is one ASCII character, neither a quote nor the end of a line"),
        }
    }
}

/// A time zone that is in the time zone database.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Zone(TimeZone);

impl Zone {
    /// Returns the zone.
    pub fn time_zone(&self) -> &TimeZone {
        &self.0
    }
}

impl TryFrom<String> for Zone {
    type Error = String;

    fn try_from(name: String) -> Result<Zone, Self::Error> {
        let found = TimeZone::get(&name);
        found.map(Zone).map_err(|_| {
            format!("the time zone database of this machine has no `{name}`; zones are named like `Europe/Amsterdam`")
        })
    }
}

/// The mappings carried along, by name.
const SHIPPED: [(&str, &str); 3] = [
    ("vanad-2014", include_str!("mappings/vanad_2014.toml")),
    (
        "anonymous-bank-1999",
        include_str!("mappings/anonymous_bank_1999.toml"),
    ),
    (
        "simulated-2021",
        include_str!("mappings/simulated_2021.toml"),
    ),
];

impl Mapping {
    /// Reads a mapping from its TOML text.
    ///
    /// # Errors
    /// The parser's, with the place: syntax, unknown or missing keys, a zone that the machine does not know.
    pub fn parse(text: &str) -> Result<Mapping, MappingError> {
        toml::from_str(text)
    }

    /// Returns the names of the mappings carried along, which is what [`Mapping::shipped`] takes.
    pub fn names() -> impl Iterator<Item = &'static str> {
        SHIPPED.iter().map(|(name, _)| *name)
    }

    /// Returns the TOML text of a mapping carried along; `None` if there is none of that name.
    pub fn shipped(name: &str) -> Option<&'static str> {
        let found = SHIPPED.iter().find(|(shipped, _)| *shipped == name);
        found.map(|(_, text)| *text)
    }

    /// Returns the zone of instants without one: `UTC` unless the mapping says otherwise.
    pub fn zone_name(&self) -> &str {
        let zone = self.time_zone.as_ref();
        zone.and_then(|zone| zone.0.iana_name()).unwrap_or("UTC")
    }

    /// The first of the mappings carried along all of whose columns are in a header, with its name. `header` splits the
    /// header line at a delimiter.
    pub(super) fn fitting(
        header: impl Fn(Delimiter) -> Vec<String>,
    ) -> Option<(&'static str, Mapping)> {
        let parsed = SHIPPED
            .iter()
            .filter_map(|(name, text)| Some((*name, Mapping::parse(text).ok()?)));
        parsed.into_iter().find(|(_, mapping)| {
            let header = header(mapping.delimiter);
            let columns = mapping.columns();
            columns.iter().all(|column| header.contains(column))
        })
    }

    /// All columns that the mapping names.
    pub(super) fn columns(&self) -> Vec<&String> {
        let optional = [
            &self.id,
            &self.queue,
            &self.skills,
            &self.media,
            &self.agent,
            &self.code,
            &self.priority,
            &self.transferred,
            &self.date,
            &self.offered_at_once,
            &self.answered,
            &self.abandoned,
            &self.ended,
            &self.wait_secs,
            &self.talk_secs,
            &self.hold_secs,
            &self.after_call_secs,
            &self.handle_secs,
        ];
        let mut columns: Vec<&String> = optional.into_iter().flatten().collect();
        columns.push(&self.offered);
        columns.extend(self.outcome.as_ref().map(|outcome| &outcome.column));
        columns
    }
}

fn comma() -> Delimiter {
    Delimiter::COMMA
}

fn empty() -> Vec<String> {
    vec![String::new()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_mappings_are_mappings() {
        for name in Mapping::names() {
            Mapping::parse(Mapping::shipped(name).unwrap()).unwrap();
        }
        assert_eq!(Mapping::shipped("vanad"), None);
    }

    #[test]
    fn a_mapping_is_refused_for_what_it_misspells() {
        let whole = |more: &str| {
            Mapping::parse(&format!("offered = 'a'\ntime_format = '%H'\n{more}"))
                .map(|_| ())
                .map_err(|error| error.to_string())
        };
        assert_eq!(whole(""), Ok(()));
        for (more, why) in [
            ("ofered = ''", "unknown field `ofered`"),
            ("delimiter = 'ab'", "expected a character"),
            ("delimiter = '\"'", "neither a quote"),
            (
                "time_zone = 'Europe/Amsterdamm'",
                "has no `Europe/Amsterdamm`",
            ),
            ("[outcome]\ncolumn = 'o'", "missing field `answered`"),
        ] {
            let said = whole(more).unwrap_err();
            assert!(said.contains(why), "{more}: {said}");
        }
        assert!(
            Mapping::parse("time_format = ''").is_err(),
            "nothing says when a call came"
        );
    }
}
