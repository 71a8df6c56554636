//! Rows → a Parquet file, for other tools.

use std::sync::Arc;

use jiff::civil::{Date, date};
use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::writer::{
    SerializedColumnWriter, SerializedFileWriter, SerializedRowGroupWriter,
};
use parquet::schema::types::Type;

use super::{Dimension, Figure, Label, Row, Slot};

/// The Parquet library refused to write the rows.
#[derive(Debug, thiserror::Error)]
#[error("the answer cannot be written as Parquet")]
pub struct Unwritable(#[from] ParquetError);

/// Returns rows as one Parquet file: a column for each of `by`, which must be what the rows were broken down by, then how
/// many waits there are, and each [`Figure`]. The same rows give the same bytes.
///
/// A day is a date, any other label a text; what a group has no label or no figure for is absent.
///
/// # Errors
/// The library refuses.
pub fn parquet(by: &[Dimension], rows: &[Row]) -> Result<Vec<u8>, Unwritable> {
    let mut columns: Vec<_> = by.iter().copied().enumerate().map(Content::label).collect();
    columns.push(Content::Count);
    columns.extend(Figure::ALL.map(Content::Figure));
    let properties = Arc::new(properties());
    let mut writer = SerializedFileWriter::new(Vec::new(), schema(&columns)?, properties)?;
    for rows in rows.chunks(GROUP_ROWS) {
        write(writer.next_row_group()?, &columns, rows)?;
    }
    Ok(writer.into_inner()?)
}

/// Rows of one row group.
const GROUP_ROWS: usize = 65_536;

/// What a column holds.
#[derive(Clone, Copy)]
enum Content {
    /// The label at a place among a row's labels.
    Label(usize, Dimension),
    Count,
    Figure(Figure),
}

impl Content {
    fn label((place, dimension): (usize, Dimension)) -> Content {
        Content::Label(place, dimension)
    }

    fn field(self) -> Result<Type, ParquetError> {
        let (name, physical, logical) = match self {
            Content::Label(_, day @ Dimension::Day) => {
                (day.name(), Physical::INT32, Some(LogicalType::Date))
            }
            Content::Label(_, dimension) => (
                dimension.name(),
                Physical::BYTE_ARRAY,
                Some(LogicalType::String),
            ),
            Content::Count => ("count", Physical::INT64, None),
            Content::Figure(figure) => (figure.name(), Physical::DOUBLE, None),
        };
        let repetition = match self {
            Content::Count => Repetition::REQUIRED,
            Content::Label(..) | Content::Figure(_) => Repetition::OPTIONAL,
        };
        Type::primitive_type_builder(name, physical)
            .with_repetition(repetition)
            .with_logical_type(logical)
            .build()
    }

    fn write(
        self,
        into: &mut SerializedColumnWriter<'_>,
        rows: &[Row],
    ) -> Result<(), ParquetError> {
        match self {
            Content::Label(place, Dimension::Day) => {
                some::<Int32Type>(into, rows, |row| day_number(row.labels.get(place)?))
            }
            Content::Label(place, _) => {
                some::<ByteArrayType>(into, rows, |row| text(row.labels.get(place)?))
            }
            Content::Count => {
                let count = |row: &Row| i64::try_from(row.figures.waits).unwrap_or(i64::MAX);
                let counts: Vec<_> = rows.iter().map(count).collect();
                into.typed::<Int64Type>().write_batch(&counts, None, None)?;
                Ok(())
            }
            Content::Figure(figure) => {
                some::<DoubleType>(into, rows, |row| figure.of(&row.figures))
            }
        }
    }
}

fn schema(columns: &[Content]) -> Result<Arc<Type>, ParquetError> {
    let fields: Result<Vec<_>, _> = columns
        .iter()
        .map(|column| column.field().map(Arc::new))
        .collect();
    let group = Type::group_type_builder("answer").with_fields(fields?);
    group.build().map(Arc::new)
}

fn properties() -> WriterProperties {
    WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        // The default names the library's version, which would make new bytes of the same answer.
        .set_created_by("waitwise-answer version 1".to_owned())
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .build()
}

fn write(
    mut group: SerializedRowGroupWriter<'_, Vec<u8>>,
    columns: &[Content],
    rows: &[Row],
) -> Result<(), ParquetError> {
    for column in columns {
        let missing = || ParquetError::General("the schema has fewer columns".to_owned());
        let mut into = group.next_column()?.ok_or_else(missing)?;
        column.write(&mut into, rows)?;
        into.close()?;
    }
    group.close()?;
    Ok(())
}

/// Writes a column that not every row has.
fn some<T: DataType>(
    into: &mut SerializedColumnWriter<'_>,
    rows: &[Row],
    of: impl Fn(&Row) -> Option<T::T>,
) -> Result<(), ParquetError> {
    let values: Vec<_> = rows.iter().map(of).collect();
    let levels: Vec<_> = values
        .iter()
        .map(|value| i16::from(value.is_some()))
        .collect();
    let values: Vec<_> = values.into_iter().flatten().collect();
    into.typed::<T>()
        .write_batch(&values, Some(&levels), None)?;
    Ok(())
}

fn text(label: &Label) -> Option<ByteArray> {
    let text = match label {
        Label::Text(text) => text.as_deref()?.to_owned(),
        Label::Slot(Slot::Hour(hour)) => hour.to_string(),
        Label::Slot(Slot::Day(day)) => (*day)?.to_string(),
    };
    Some(ByteArray::from(text.into_bytes()))
}

/// Days since 1970, as Parquet counts them.
fn day_number(label: &Label) -> Option<i32> {
    const ZERO: Date = date(1970, 1, 1);
    match label {
        Label::Slot(Slot::Day(day)) => Some(((*day)? - ZERO).get_days()),
        Label::Slot(Slot::Hour(_)) | Label::Text(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use jiff::tz::TimeZone;
    use parquet::file::reader::{FileReader as _, SerializedFileReader};
    use parquet::record::Field;
    use waitwise_model::{Abandonment, Outcome};

    use super::*;
    use crate::breakdown::{Breakdown, Question};
    use crate::samples::{abandoned, answered, conversation, leg};
    use crate::sketch::Precision;

    fn question(by: &[Dimension]) -> Question {
        Question {
            by: by.to_vec(),
            zone: TimeZone::get("Europe/Dublin").unwrap(),
            target_ms: 20_000,
            precision: Precision::Bounded,
        }
    }

    /// Two answers, somebody who gave up, and one in a queue where nobody's wait has ended.
    fn rows(question: &Question) -> Vec<Row> {
        let mut record = conversation("k", 60, false);
        let mut waiting = leg(4, 0, Outcome::Waiting);
        waiting.queue = waitwise_model::QueueId::new("q2");
        waiting.skills.clear();
        record.legs = vec![
            leg(1, 0, answered(60, Some("c1"))),
            leg(2, 0, answered(20, Some("c1"))),
            leg(3, 0, abandoned(9, Abandonment::Patient)),
            waiting,
        ];
        let mut breakdown = Breakdown::new(question);
        let mut table = crate::samples::table(&[record]);
        for part in table.parts() {
            part.for_each(|row| breakdown.add(&row.visit));
        }
        breakdown.rows().unwrap()
    }

    fn read(bytes: Vec<u8>) -> Vec<Vec<(String, Field)>> {
        let reader = SerializedFileReader::new(Bytes::from(bytes)).unwrap();
        let rows = reader.get_row_iter(None).unwrap();
        rows.map(|row| row.unwrap().into_columns()).collect()
    }

    fn named(row: &[(&str, Field)]) -> Vec<(String, Field)> {
        let named = row.iter();
        named
            .map(|(name, field)| ((*name).to_owned(), field.clone()))
            .collect()
    }

    fn text(text: &str) -> Field {
        Field::Str(text.to_owned())
    }

    #[test]
    fn another_reader_finds_the_rows_as_they_were() {
        let by = [Dimension::Queue, Dimension::Skill, Dimension::WrapUp];
        let question = question(&by);
        let read = read(parquet(&by, &rows(&question)).unwrap());
        let number = Field::Double;
        let expected = [
            named(&[
                ("queue", text("q1")),
                ("skill", text("s1")),
                ("wrap_up", Field::Null),
                ("count", Field::Long(1)),
                ("mean_wait_ms", number(9000.0)),
                ("p50_wait_ms", number(9000.0)),
                ("p90_wait_ms", number(9000.0)),
                ("p99_wait_ms", number(9000.0)),
                ("abandon_share", number(1.0)),
            ]),
            named(&[
                ("queue", text("q1")),
                ("skill", text("s1")),
                ("wrap_up", text("c1")),
                ("count", Field::Long(2)),
                ("mean_wait_ms", number(40_000.0)),
                ("p50_wait_ms", number(40_000.0)),
                ("p90_wait_ms", number(56_000.0)),
                ("p99_wait_ms", number(59_600.0)),
                ("abandon_share", number(0.0)),
            ]),
            named(&[
                ("queue", text("q2")),
                ("skill", Field::Null),
                ("wrap_up", Field::Null),
                ("count", Field::Long(0)),
                ("mean_wait_ms", Field::Null),
                ("p50_wait_ms", Field::Null),
                ("p90_wait_ms", Field::Null),
                ("p99_wait_ms", Field::Null),
                ("abandon_share", Field::Null),
            ]),
        ];
        assert_eq!(read, expected);
    }

    #[test]
    fn a_day_is_a_date_and_an_hour_is_a_text() {
        let by = [Dimension::Day, Dimension::HourOfWeek];
        let question = question(&by);
        let bytes = parquet(&by, &rows(&question)).unwrap();
        let read = read(bytes.clone());
        // 2026-03-02, a Monday, from midnight on.
        let expected = named(&[
            ("day", Field::Date(20_514)),
            ("hour_of_week", text("Mon 00")),
        ]);
        assert_eq!(read.len(), 1);
        assert_eq!(read[0][..2], expected);
        assert_eq!(parquet(&by, &rows(&question)).unwrap(), bytes);
    }

    #[test]
    fn an_answer_without_rows_has_its_columns() {
        let bytes = parquet(&[Dimension::Media], &[]).unwrap();
        let reader = SerializedFileReader::new(Bytes::from(bytes)).unwrap();
        let schema = reader.metadata().file_metadata().schema();
        let names: Vec<_> = schema
            .get_fields()
            .iter()
            .map(|field| field.name())
            .collect();
        assert_eq!(names[..2], ["media", "count"]);
        assert_eq!(names.len(), 7);
        assert_eq!(reader.num_row_groups(), 0);
    }
}
