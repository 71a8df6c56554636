//! What the sandbox's answers get wrong on purpose, so that readers show that they can bear it.
//!
//! The platform's records grow members and values faster than its packages are released. The sandbox sends some that no
//! package knows; each stands here, so that every other unknown one is still a mistake.

/// One thing that is odd on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// A member of a definition that is not published.
    Member(&'static str, &'static str),
    /// A value of a definition's member that is not published.
    Value(&'static str, &'static str, &'static str),
}

/// All of them. Members and values are the sandbox's own inventions, recognisable by `tomorrow`.
pub const ODDITIES: &[Oddity] = &[
    Oddity::Member("AnalyticsConversation", "tomorrowMember"),
    Oddity::Member("AnalyticsConversationWithoutAttributes", "tomorrowMember"),
    Oddity::Member("AnalyticsParticipant", "tomorrowMember"),
    Oddity::Member("AnalyticsParticipantWithoutAttributes", "tomorrowMember"),
    Oddity::Member("AnalyticsSession", "tomorrowMember"),
    Oddity::Member("AnalyticsConversationSegment", "tomorrowMember"),
    Oddity::Value("AnalyticsParticipant", "purpose", "tomorrow"),
    Oddity::Value(
        "AnalyticsParticipantWithoutAttributes",
        "purpose",
        "tomorrow",
    ),
    Oddity::Value("AnalyticsSession", "mediaType", "tomorrow"),
    Oddity::Value("AnalyticsConversationSegment", "segmentType", "tomorrow"),
    Oddity::Value("AnalyticsConversationSegment", "disconnectType", "tomorrow"),
];

/// Returns whether a member (`value` absent) or a member's value is odd on purpose.
pub(super) fn is_odd(definition: &str, member: &str, value: Option<&str>) -> bool {
    ODDITIES.iter().any(|oddity| match (*oddity, value) {
        (Oddity::Member(of, own), None) => (of, own) == (definition, member),
        (Oddity::Value(of, own, odd), Some(value)) => (of, own, odd) == (definition, member, value),
        (Oddity::Member(..), Some(_)) | (Oddity::Value(..), None) => false,
    })
}
