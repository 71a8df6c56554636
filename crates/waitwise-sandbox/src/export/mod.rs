//! A simulated history as a file: the conversation records of one tenant or of several, one a line, of any length.
//!
//! Start at [`to_file`]. A line is what a details job answers for the conversation, byte for byte. Days are simulated one
//! by one, each apart from the others, so that memory holds one day whatever the length; `file` is where the bytes go.

mod file;
#[cfg(test)]
mod tests;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::value::RawValue;

use self::file::Sink;
use crate::centre::calendar::{DAY, HOUR};
use crate::centre::{Contact, TimeMs, Troubles};
use crate::http::{POSSIBLE_CALLS_A_DAY, POSSIBLE_SIZES, YEARS};
use crate::records::{Detail, Ids};
use crate::tenant::{CALLS_A_DAY, Size, Tenant, TenantSpec};

/// What to export: the same specification gives the same bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExportSpec {
    /// The first tenant's seed; each further tenant has the next one.
    pub seed: u64,
    /// How many tenants, 1..=[`TENANTS_MAX`]; their records stand mixed, by time.
    pub tenants: u16,
    /// How large each tenant is; `None`: as its seed draws it.
    pub size: Option<Size>,
    /// How many call each target queue on an average working day, within [`CALLS_A_DAY`]; `None`: as the seeds draw.
    pub calls_a_day: Option<u32>,
    /// What happens in the centres that is left out of most models.
    pub troubles: Troubles,
    /// The first day, in UTC, which is also the tenants' local time.
    pub from: Date,
    /// Where it ends.
    pub extent: Extent,
}

/// How long a history is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// So many whole days, at least 1.
    ///
    /// A sandbox with so many days of history whose time is two in the morning of the day after the last one has the
    /// same conversations.
    Days(u16),
    /// As many records as it takes to reach so many bytes, at least 1; counted before compression.
    Bytes(u64),
}

/// How much has been written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Conversations, which is also lines.
    pub records: u64,
    /// Bytes of them, line feeds included, before compression.
    pub bytes: u64,
    /// Days that have been begun.
    pub days: u32,
}

/// The most tenants in one file.
pub const TENANTS_MAX: u16 = 100;

/// Why there is no export.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// A part of the specification is out of its range.
    #[error("cannot export with `{option}`: {reason}")]
    Option {
        /// The part.
        option: &'static str,
        /// Its range.
        reason: &'static str,
    },
    /// The calendar ends before the history does.
    #[error("the year 9000 comes before the history is so long")]
    Calendar,
    /// The file cannot be written.
    #[error("cannot write `{}`", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Writes the history to a file: plain, or compressed where the name ends in `.gz`, `.zst` or `.xz`.
///
/// It is written as `PATH.part` and gets its name when it is whole; a file that was there is replaced. `progress` hears
/// of each day that has been written, and of the end.
///
/// # Errors
/// A specification that cannot be, or a file that cannot be written: then nothing stands at `path` that did not before.
pub fn to_file(
    spec: &ExportSpec,
    path: &Path,
    progress: &mut dyn FnMut(Exported),
) -> Result<Exported, ExportError> {
    let mut history = History::of(spec)?;
    let failed = |source| ExportError::Write {
        path: path.to_owned(),
        source,
    };
    let mut sink = Sink::create(path).map_err(failed)?;
    let mut written = Exported::default();
    while let Some(day) = history.next_day()? {
        written.days += 1;
        let has_room = history
            .write(&day, &mut written, &mut sink)
            .map_err(failed)?;
        progress(written);
        if !has_room {
            break;
        }
    }
    sink.finish().map_err(failed)?;
    Ok(written)
}

/// The tenants, and how far their days have been simulated.
struct History {
    sites: Vec<Site>,
    extent: Extent,
    /// The first day's midnight.
    start: TimeMs,
    next_day: u32,
}

/// A tenant, and how many of its conversations have been simulated.
struct Site {
    seed: u64,
    tenant: Tenant,
    ids: Ids,
    n_contacts: usize,
}

/// A conversation of a day.
struct Entry {
    site: usize,
    /// The contact's number in its tenant.
    number: usize,
    contact: Contact,
}

impl History {
    fn of(spec: &ExportSpec) -> Result<History, ExportError> {
        check(spec)?;
        let midnight = spec.from.to_zoned(TimeZone::UTC);
        let midnight = midnight.map_err(|_| ExportError::Calendar)?;
        let start = midnight.timestamp().as_millisecond();
        let seeds = (0..u64::from(spec.tenants)).map(|place| spec.seed.wrapping_add(place));
        Ok(History {
            sites: seeds.map(|seed| Site::new(seed, spec, start)).collect(),
            extent: spec.extent,
            start,
            next_day: 0,
        })
    }

    /// Simulates a further day of all tenants, and returns its conversations in order of their start, of several at once
    /// by tenant; `None`: there is no further day.
    fn next_day(&mut self) -> Result<Option<Vec<Entry>>, ExportError> {
        let day = self.next_day;
        if matches!(self.extent, Extent::Days(days) if day >= u32::from(days)) {
            return Ok(None);
        }
        if self.start + i64::from(day) * DAY >= CALENDAR_END {
            return Err(ExportError::Calendar);
        }
        self.next_day += 1;
        let sites = self.sites.iter_mut().enumerate();
        let mut entries: Vec<Entry> = sites
            .flat_map(|(place, site)| site.simulate(place, day))
            .collect();
        // Stable: one tenant's contacts are in order already.
        entries.sort_by_key(|entry| entry.contact.start());
        Ok(Some(entries))
    }

    /// Writes a day's records, and returns whether there is room for more.
    fn write(
        &self,
        day: &[Entry],
        written: &mut Exported,
        to: &mut impl Write,
    ) -> io::Result<bool> {
        for entry in day {
            let text = self.sites[entry.site].record(entry);
            to.write_all(text.get().as_bytes())?;
            to.write_all(b"\n")?;
            written.records += 1;
            written.bytes += text.get().len() as u64 + 1;
            if matches!(self.extent, Extent::Bytes(bytes) if written.bytes >= bytes) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl Site {
    /// A tenant at the beginning of its history, all of which is yet to come.
    fn new(seed: u64, spec: &ExportSpec, start: TimeMs) -> Site {
        let tenant = Tenant::generate(&TenantSpec {
            history_days: 0,
            size: spec.size,
            calls_a_day: spec.calls_a_day,
            troubles: spec.troubles,
            // A tenant's clock starts at two in the morning of its local day.
            ..TenantSpec::new(seed, start + 2 * HOUR)
        });
        Site {
            seed,
            ids: Ids::of(&tenant),
            tenant,
            n_contacts: 0,
        }
    }

    fn simulate(&mut self, place: usize, day: u32) -> Vec<Entry> {
        let contacts = self.tenant.centre.contacts_of_day(day);
        let first = self.n_contacts;
        self.n_contacts += contacts.len();
        let entry = |(number, contact)| Entry {
            site: place,
            number,
            contact,
        };
        (first..).zip(contacts).map(entry).collect()
    }

    fn record(&self, entry: &Entry) -> Box<RawValue> {
        let book = self.ids.book(self.seed, &self.tenant.centre);
        let record = book.whole_record(entry.number, &entry.contact);
        record.text(&book, Detail::Job)
    }
}

fn check(spec: &ExportSpec) -> Result<(), ExportError> {
    let refuse = |option, reason| Err(ExportError::Option { option, reason });
    match spec {
        ExportSpec { tenants, .. } if !(1..=TENANTS_MAX).contains(tenants) => {
            refuse("tenants", "there are 1 to 100")
        }
        ExportSpec {
            extent: Extent::Days(0),
            ..
        } => refuse("days", "it is at least 1"),
        ExportSpec {
            extent: Extent::Bytes(0),
            ..
        } => refuse("size", "it is at least 1 byte"),
        ExportSpec {
            size: Some(size), ..
        } if !size.is_possible() => refuse("skills and codes", POSSIBLE_SIZES),
        ExportSpec {
            calls_a_day: Some(calls),
            ..
        } if !CALLS_A_DAY.contains(calls) => refuse("calls_a_day", POSSIBLE_CALLS_A_DAY),
        ExportSpec { from, .. } if !YEARS.contains(&from.year()) => {
            refuse("from", "its year lies between 1971 and 8999")
        }
        ExportSpec { .. } => Ok(()),
    }
}

/// 9000-01-01T00:00:00Z.
const CALENDAR_END: TimeMs = 221_845_392_000_000;
