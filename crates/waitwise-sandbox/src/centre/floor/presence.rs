//! What agents are at.

use super::super::TimeMs;
use super::super::line::Visitor;

/// What an agent is at. An idle agent off duty is at home or at lunch.
#[derive(Clone, Copy, Debug)]
pub(super) enum Presence {
    Idle {
        since: TimeMs,
    },
    Ringing {
        visitor: Visitor,
        since: TimeMs,
        until: TimeMs,
    },
    Serving(Visitor),
    /// Has not answered the telephone.
    Away,
}

/// What an agent is at, as seen from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Activity {
    /// At home or at lunch.
    OffQueue,
    /// Ready for a caller.
    Idle,
    /// The telephone rings.
    Alerting,
    /// With a caller, or at after-call work.
    Interacting,
    /// Has not answered the telephone.
    NotResponding,
}

impl Presence {
    /// Since when the agent is idle, on duty or not.
    pub(super) fn idle_since(&self) -> Option<TimeMs> {
        match self {
            Presence::Idle { since } => Some(*since),
            Presence::Ringing { .. } | Presence::Serving(_) | Presence::Away => None,
        }
    }

    /// For whom the telephone rings, and since when.
    pub(super) fn ringing(&self) -> Option<(&Visitor, TimeMs)> {
        match self {
            Presence::Ringing { visitor, since, .. } => Some((visitor, *since)),
            Presence::Idle { .. } | Presence::Serving(_) | Presence::Away => None,
        }
    }

    /// Whom the telephone rings for.
    pub(super) fn alerting(&self) -> Option<&Visitor> {
        self.ringing().map(|(visitor, _)| visitor)
    }

    /// Who is being served.
    pub(super) fn served(&self) -> Option<&Visitor> {
        match self {
            Presence::Serving(visitor) => Some(visitor),
            Presence::Idle { .. } | Presence::Ringing { .. } | Presence::Away => None,
        }
    }

    /// The same as seen from outside.
    pub(super) fn activity(&self, is_on_duty: bool) -> Activity {
        match self {
            Presence::Idle { .. } if is_on_duty => Activity::Idle,
            Presence::Idle { .. } => Activity::OffQueue,
            Presence::Ringing { .. } => Activity::Alerting,
            Presence::Serving(_) => Activity::Interacting,
            Presence::Away => Activity::NotResponding,
        }
    }
}
