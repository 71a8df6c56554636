//! The kinds of trouble that a pull meets.

/// A kind of trouble, a row of the table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    TooMany,
    TooManyHours,
    JobFailed,
    JobExpired,
    JobCancelled,
    JobStuck,
    CursorExpired,
    CursorRepeated,
    EndlessEmpty,
    EndlessSame,
    LateStore,
    StoreFallsBehind,
    ShortPages,
    Duplicates,
    Missing,
    TotalOff,
    RecordsComeIn,
    ServerError,
    Reset,
    NotJson,
}

impl Kind {
    pub(crate) const ALL: [Kind; 20] = [
        Kind::TooMany,
        Kind::TooManyHours,
        Kind::JobFailed,
        Kind::JobExpired,
        Kind::JobCancelled,
        Kind::JobStuck,
        Kind::CursorExpired,
        Kind::CursorRepeated,
        Kind::EndlessEmpty,
        Kind::EndlessSame,
        Kind::LateStore,
        Kind::StoreFallsBehind,
        Kind::ShortPages,
        Kind::Duplicates,
        Kind::Missing,
        Kind::TotalOff,
        Kind::RecordsComeIn,
        Kind::ServerError,
        Kind::Reset,
        Kind::NotJson,
    ];

    /// Its name in the table.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::TooMany => "429 storm",
            Kind::TooManyHours => "429, `Retry-After` in hours",
            Kind::JobFailed => "jobs FAILED",
            Kind::JobExpired => "jobs EXPIRED",
            Kind::JobCancelled => "jobs CANCELLED",
            Kind::JobStuck => "jobs stuck",
            Kind::CursorExpired => "cursor refused (400, 404, 410)",
            Kind::CursorRepeated => "cursor leads back",
            Kind::EndlessEmpty => "empty pages without end",
            Kind::EndlessSame => "the same page without end",
            Kind::LateStore => "job store late",
            Kind::StoreFallsBehind => "job store falls behind on the way",
            Kind::ShortPages => "short pages",
            Kind::Duplicates => "record twice",
            Kind::Missing => "records missing from pages",
            Kind::TotalOff => "totals that change",
            Kind::RecordsComeIn => "records that come in between pages",
            Kind::ServerError => "5xx",
            Kind::Reset => "connection reset",
            Kind::NotJson => "body not JSON",
        }
    }
}
