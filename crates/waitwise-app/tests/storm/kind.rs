//! The kinds of trouble, and the errors that each may end a run in.

use waitwise_app::ErrorKind::{self, Failed, Incomplete, Moved, RateLimit, SignIn};

/// A kind of trouble, a row of the table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    TooManySeconds,
    TooManyDate,
    TooManyVague,
    TooManyHours,
    ServerError,
    ServerErrorAfter,
    Late,
    ResetBefore,
    ResetAfter,
    ResetInBody,
    Truncated,
    NotJson,
    Stale,
    ShortToken,
    ExpiredTokens,
    RepeatedToken,
    EndlessPages,
    Duplicates,
    EditBeforeApply,
    EditBeforeWrite,
    EditAfterWrite,
    ClockJump,
}

impl Kind {
    pub(crate) const ALL: [Kind; 22] = [
        Kind::TooManySeconds,
        Kind::TooManyDate,
        Kind::TooManyVague,
        Kind::TooManyHours,
        Kind::ServerError,
        Kind::ServerErrorAfter,
        Kind::Late,
        Kind::ResetBefore,
        Kind::ResetAfter,
        Kind::ResetInBody,
        Kind::Truncated,
        Kind::NotJson,
        Kind::Stale,
        Kind::ShortToken,
        Kind::ExpiredTokens,
        Kind::RepeatedToken,
        Kind::EndlessPages,
        Kind::Duplicates,
        Kind::EditBeforeApply,
        Kind::EditBeforeWrite,
        Kind::EditAfterWrite,
        Kind::ClockJump,
    ];

    /// Its name in the table.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::TooManySeconds => "429, `Retry-After` in seconds",
            Kind::TooManyDate => "429, `Retry-After` a date",
            Kind::TooManyVague => "429, `Retry-After` absent, negative, garbage",
            Kind::TooManyHours => "429, `Retry-After` in hours",
            Kind::ServerError => "5xx",
            Kind::ServerErrorAfter => "5xx after the work",
            Kind::Late => "answer later than the time-out",
            Kind::ResetBefore => "reset before the work",
            Kind::ResetAfter => "reset after the work",
            Kind::ResetInBody => "reset in the body",
            Kind::Truncated => "body cut off",
            Kind::NotJson => "body not JSON",
            Kind::Stale => "stale rules after the write",
            Kind::ShortToken => "token ends before it says",
            Kind::ExpiredTokens => "all tokens end",
            Kind::RepeatedToken => "page leads back",
            Kind::EndlessPages => "endless pages",
            Kind::Duplicates => "entity listed twice",
            Kind::EditBeforeApply => "second writer, plan to apply",
            Kind::EditBeforeWrite => "second writer, re-read to write",
            Kind::EditAfterWrite => "second writer, write to verify",
            Kind::ClockJump => "host's clock jumps",
        }
    }

    /// The errors in which a run may end because of it.
    pub(crate) fn may_end_in(self) -> &'static [ErrorKind] {
        match self {
            Kind::TooManySeconds | Kind::TooManyDate | Kind::TooManyVague | Kind::TooManyHours => {
                &[RateLimit]
            }
            Kind::ServerError
            | Kind::ServerErrorAfter
            | Kind::Late
            | Kind::ResetBefore
            | Kind::ResetAfter
            | Kind::ResetInBody
            | Kind::Truncated
            | Kind::NotJson => &[Failed],
            Kind::ShortToken | Kind::ExpiredTokens | Kind::ClockJump => &[SignIn],
            // A token that the host made up and then does not know is answered 400.
            Kind::EndlessPages => &[Incomplete, Failed],
            Kind::RepeatedToken | Kind::Duplicates => &[Incomplete],
            Kind::Stale | Kind::EditBeforeApply | Kind::EditBeforeWrite | Kind::EditAfterWrite => {
                &[Moved]
            }
        }
    }

    /// The error in which a run has to end if nothing else struck it; `None` if it may come through.
    pub(crate) fn must_end_in(self) -> Option<ErrorKind> {
        if self == Kind::TooManyHours {
            return Some(RateLimit);
        }
        matches!(self, Kind::EditBeforeApply | Kind::EditAfterWrite).then_some(Moved)
    }
}
