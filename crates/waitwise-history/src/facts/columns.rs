//! What a row has: the columns, in their order in the file.

use std::sync::{Arc, LazyLock};

use parquet::basic::{
    Compression, Encoding, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel,
};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::schema::types::{ColumnPath, Type};

use super::GROUP_ROWS_MAX;

/// One column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Column {
    /// Stands for the conversation: see [`ConversationKey`](crate::ConversationKey).
    ConversationKey,
    /// Which visit of its conversation, from 1. With the conversation's key it stands for the visit.
    Leg,
    /// The queue's id, the same in all rows.
    QueueId,
    /// What kind of contact.
    MediaType,
    /// The ids of the skills it asked for.
    Skills,
    /// When it entered the queue.
    OfferedAt,
    /// When the conversation began.
    ConversationStart,
    /// When the conversation ended.
    ConversationEnd,
    /// When the wait ended.
    DecidedAt,
    /// How the wait ended.
    Outcome,
    /// How long it waited.
    WaitMs,
    /// The wrap-up code's id.
    WrapUpCode,
    /// The reserved text that stands in the code's place.
    ReservedCode,
    /// Stands for the agent: see [`agent_key`](crate::agent_key).
    AgentKey,
    /// Time talking.
    TalkMs,
    /// Time on hold.
    HoldMs,
    /// After-call work.
    AcwMs,
    /// The three together, as the source counts them.
    HandleMs,
    /// Whether the source counts it among the offered.
    IsOffered,
    /// Whether the agent passed it on.
    IsTransferred,
    /// How often it rang at an agent who did not take it.
    MissedAlerts,
    /// The priority in force.
    Priority,
    /// By which way of routing it found the agent.
    RoutingUsed,
    /// The record's own date.
    RecordedAt,
}

/// How many columns there are.
pub(super) const N_COLUMNS: usize = 24;

/// What a column is made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// Sixteen bytes.
    Key,
    /// A text, from a dictionary.
    Text,
    /// A list of texts, from a dictionary.
    Texts,
    /// An instant: milliseconds since 1970, UTC.
    Instant,
    /// An integer of 64 bits.
    Long,
    /// An integer of 32 bits.
    Int,
    /// Yes or no.
    Flag,
}

impl Column {
    /// All columns, in their order.
    pub(super) const ALL: [Column; N_COLUMNS] = [
        Column::ConversationKey,
        Column::Leg,
        Column::QueueId,
        Column::MediaType,
        Column::Skills,
        Column::OfferedAt,
        Column::ConversationStart,
        Column::ConversationEnd,
        Column::DecidedAt,
        Column::Outcome,
        Column::WaitMs,
        Column::WrapUpCode,
        Column::ReservedCode,
        Column::AgentKey,
        Column::TalkMs,
        Column::HoldMs,
        Column::AcwMs,
        Column::HandleMs,
        Column::IsOffered,
        Column::IsTransferred,
        Column::MissedAlerts,
        Column::Priority,
        Column::RoutingUsed,
        Column::RecordedAt,
    ];

    /// Returns its name in the file.
    pub fn name(self) -> &'static str {
        self.shape().0
    }

    pub(super) fn kind(self) -> Kind {
        self.shape().1
    }

    /// Returns whether a row may have nothing there.
    pub(super) fn is_optional(self) -> bool {
        self.shape().2
    }

    fn shape(self) -> (&'static str, Kind, bool) {
        match self {
            Column::ConversationKey => ("conversation_key", Kind::Key, false),
            Column::Leg => ("leg", Kind::Int, false),
            Column::QueueId => ("queue_id", Kind::Text, false),
            Column::MediaType => ("media_type", Kind::Text, false),
            Column::Skills => ("skills", Kind::Texts, false),
            Column::OfferedAt => ("offered_at", Kind::Instant, false),
            Column::ConversationStart => ("conversation_start", Kind::Instant, false),
            Column::ConversationEnd => ("conversation_end", Kind::Instant, true),
            Column::DecidedAt => ("decided_at", Kind::Instant, true),
            Column::Outcome => ("outcome", Kind::Text, false),
            Column::WaitMs => ("wait_ms", Kind::Long, true),
            Column::WrapUpCode => ("wrap_up_code", Kind::Text, true),
            Column::ReservedCode => ("reserved_code", Kind::Text, true),
            Column::AgentKey => ("agent_key", Kind::Text, true),
            Column::TalkMs => ("talk_ms", Kind::Long, true),
            Column::HoldMs => ("hold_ms", Kind::Long, true),
            Column::AcwMs => ("acw_ms", Kind::Long, true),
            Column::HandleMs => ("handle_ms", Kind::Long, true),
            Column::IsOffered => ("is_offered", Kind::Flag, false),
            Column::IsTransferred => ("is_transferred", Kind::Flag, false),
            Column::MissedAlerts => ("missed_alerts", Kind::Int, false),
            Column::Priority => ("priority", Kind::Int, true),
            Column::RoutingUsed => ("routing_used", Kind::Text, true),
            Column::RecordedAt => ("recorded_at", Kind::Instant, false),
        }
    }
}

/// A set of columns.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Columns(u32);

impl Columns {
    /// All there are.
    pub const ALL: Columns = Columns((1 << N_COLUMNS) - 1);

    /// No column: what is asked for is added by [`Columns::with`].
    pub const NONE: Columns = Columns(0);

    /// Returns the set with another column.
    #[must_use]
    pub const fn with(self, column: Column) -> Columns {
        Columns(self.0 | 1 << column as u32)
    }

    /// Returns the set without a column.
    #[must_use]
    pub const fn without(self, column: Column) -> Columns {
        Columns(self.0 & !(1 << column as u32))
    }

    /// Returns whether a column is in the set.
    pub const fn has(self, column: Column) -> bool {
        self.0 & 1 << column as u32 != 0
    }
}

/// The file's schema.
pub(super) static SCHEMA: LazyLock<Arc<Type>> = LazyLock::new(|| {
    let fields = Column::ALL.iter().map(|column| Arc::new(field(*column)));
    let group = Type::group_type_builder("facts").with_fields(fields.collect());
    // A fixed schema: whether it is sound is known since the first test that ran.
    Arc::new(
        group
            .build()
            .unwrap_or_else(|error| unreachable!("{error}")),
    )
});

fn field(column: Column) -> Type {
    let repetition = match column.is_optional() {
        true => Repetition::OPTIONAL,
        false => Repetition::REQUIRED,
    };
    let of = |physical, logical: Option<LogicalType>| {
        Type::primitive_type_builder(column.name(), physical)
            .with_repetition(repetition)
            .with_logical_type(logical)
    };
    let built = match column.kind() {
        Kind::Key => of(Physical::FIXED_LEN_BYTE_ARRAY, None)
            .with_length(16)
            .build(),
        Kind::Text => of(Physical::BYTE_ARRAY, Some(LogicalType::String)).build(),
        Kind::Texts => return list(column.name()),
        Kind::Instant => {
            let instant = LogicalType::timestamp(true, TimeUnit::MILLIS);
            of(Physical::INT64, Some(instant)).build()
        }
        Kind::Long => of(Physical::INT64, None).build(),
        Kind::Int => of(Physical::INT32, None).build(),
        Kind::Flag => of(Physical::BOOLEAN, None).build(),
    };
    built.unwrap_or_else(|error| unreachable!("{error}"))
}

/// A list as Parquet's rules have it: `group skills (LIST) { repeated group list { binary element (STRING) } }`.
fn list(name: &str) -> Type {
    let build = || {
        let element = Type::primitive_type_builder("element", Physical::BYTE_ARRAY)
            .with_repetition(Repetition::REQUIRED)
            .with_logical_type(Some(LogicalType::String))
            .build()?;
        let repeated = Type::group_type_builder("list")
            .with_repetition(Repetition::REPEATED)
            .with_fields(vec![Arc::new(element)])
            .build()?;
        Type::group_type_builder(name)
            .with_repetition(Repetition::REQUIRED)
            .with_logical_type(Some(LogicalType::List))
            .with_fields(vec![Arc::new(repeated)])
            .build()
    };
    build().unwrap_or_else(|error| unreachable!("{error}"))
}

/// The writer's settings: part of the format, since the same facts must give the same bytes.
pub(super) static PROPERTIES: LazyLock<Arc<WriterProperties>> = LazyLock::new(|| {
    let level = ZstdLevel::try_new(ZSTD_LEVEL).unwrap_or_default();
    let mut properties = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        // The default names the library's version, which would make new bytes of old facts.
        .set_created_by("waitwise-facts version 2".to_owned())
        .set_max_row_group_row_count(Some(GROUP_ROWS_MAX))
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_data_page_size_limit(1 << 20)
        .set_write_batch_size(1024)
        .set_compression(Compression::ZSTD(level))
        .set_dictionary_enabled(false)
        // Texts are read by their number in the dictionary, so there must be one, whatever its size.
        .set_dictionary_page_size_limit(1 << 30)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true);
    for column in Column::ALL {
        let path = path(column);
        properties = match column.kind() {
            Kind::Text | Kind::Texts => properties.set_column_dictionary_enabled(path, true),
            Kind::Instant | Kind::Long | Kind::Int => {
                properties.set_column_encoding(path, Encoding::DELTA_BINARY_PACKED)
            }
            // The least and the greatest of sixteen random bytes tell nothing.
            Kind::Key => properties
                .set_column_encoding(path.clone(), Encoding::PLAIN)
                .set_column_statistics_enabled(path, EnabledStatistics::None),
            Kind::Flag => properties.set_column_encoding(path, Encoding::PLAIN),
        };
    }
    Arc::new(properties.build())
});

/// The level that zstd itself takes by default.
const ZSTD_LEVEL: i32 = 3;

/// A page of this many rows is decompressed into some hundred kilobytes.
const PAGE_ROWS: usize = 16_384;

fn path(column: Column) -> ColumnPath {
    let mut parts = vec![column.name().to_owned()];
    if column.kind() == Kind::Texts {
        parts.extend(["list".to_owned(), "element".to_owned()]);
    }
    ColumnPath::new(parts)
}
