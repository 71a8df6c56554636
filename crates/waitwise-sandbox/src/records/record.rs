//! One contact as the platform sees it: who took part, in which sessions, with which metrics and segments.
//!
//! A record is made as of an instant: what begins later is not in it, what ends later has no end in it.

use super::emission::MetricName;
use super::quirks::{Media, Quirks};
use super::{GREETING_MS, SERVICE_LEVEL_MS, SHORT_ABANDON_MS};
use crate::centre::{Alert, Coding, Contact, Outcome, Queue, Service, Skills, TimeMs, Visit};

/// A conversation.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    /// The contact's number.
    pub(crate) number: usize,
    /// When the customer got in touch: the greeting comes before the queue.
    pub(crate) start: TimeMs,
    /// When all was done; `None` while something is not.
    pub(crate) end: Option<TimeMs>,
    pub(crate) quirks: Quirks,
    /// The customer, then per visit the queue and the agents, each with one session.
    pub(crate) parties: Vec<Party>,
}

/// A participant with its session.
#[derive(Clone, Debug)]
pub(crate) struct Party {
    pub(crate) facts: Facts,
    pub(crate) metrics: Vec<Metric>,
    pub(crate) segments: Vec<Segment>,
}

/// What dimensions know a session by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    /// The contact's number.
    pub(crate) number: usize,
    pub(crate) media: Media,
    pub(crate) purpose: Purpose,
    /// `None` for the customer.
    pub(crate) queue: Option<Queue>,
    /// What was asked for, also where the record omits it.
    pub(crate) skills: Option<Skills>,
    pub(crate) agent: Option<u16>,
    /// What the agent noted, as soon as the work has ended.
    pub(crate) coding: Option<Coding>,
}

/// What a participant is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Customer,
    Acd,
    Agent,
}

/// A number that a session has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Metric {
    pub(crate) name: MetricName,
    /// Milliseconds, or a count.
    pub(crate) value: i64,
    /// When it was known.
    pub(crate) emitted: TimeMs,
}

/// A stretch of a session.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment {
    pub(crate) kind: SegmentType,
    pub(crate) start: TimeMs,
    pub(crate) end: Option<TimeMs>,
    pub(crate) disconnect: Option<&'static str>,
    /// Only after-call work has one.
    pub(crate) coding: Option<Coding>,
}

/// A kind of stretch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SegmentType {
    Alert,
    Delay,
    Interact,
    WrapUp,
}

impl SegmentType {
    /// The vendor's word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            SegmentType::Alert => "alert",
            SegmentType::Delay => "delay",
            SegmentType::Interact => "interact",
            SegmentType::WrapUp => "wrapup",
        }
    }
}

impl Purpose {
    /// The vendor's word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Purpose::Customer => "external",
            Purpose::Acd => "acd",
            Purpose::Agent => "agent",
        }
    }
}

impl Record {
    /// The record of a contact as of `until`.
    pub(super) fn of(seed: u64, number: usize, contact: &Contact, until: TimeMs) -> Record {
        let quirks = Quirks::of(seed, number);
        let maker = Maker {
            number,
            quirks,
            until,
        };
        let mut parties = vec![maker.customer(contact)];
        for visit in contact.visits.iter().filter(|visit| visit.entered <= until) {
            maker.visit(visit, &mut parties);
        }
        Record {
            number,
            start: contact.start() - GREETING_MS,
            end: contact.end().filter(|end| *end <= until),
            quirks,
            parties,
        }
    }
}

/// Makes the parties of one record.
struct Maker {
    number: usize,
    quirks: Quirks,
    until: TimeMs,
}

impl Maker {
    fn customer(&self, contact: &Contact) -> Party {
        let start = contact.start() - GREETING_MS;
        let last = contact.visits.last();
        let left = last.and_then(|visit| visit.talk_end().or(visit.left_queue()));
        let leaves_first = last.is_none_or(|visit| visit.service.is_none());
        let gone = match leaves_first {
            true => "client",
            false => "peer",
        };
        Party {
            facts: self.facts(Purpose::Customer, None, None),
            metrics: vec![metric(MetricName::Connected, 1, start)],
            segments: vec![self.segment(SegmentType::Interact, start, left, gone)],
        }
    }

    fn visit(&self, visit: &Visit, parties: &mut Vec<Party>) {
        parties.push(self.queue_side(visit));
        for alert in visit.alerts.iter().filter(|alert| alert.to <= self.until) {
            parties.push(self.unanswered(visit, alert));
        }
        if let (Some(service), Some(answer)) = (visit.service, visit.left_queue())
            && answer <= self.until
        {
            parties.push(self.answer(visit, service, answer));
        }
    }

    fn queue_side(&self, visit: &Visit) -> Party {
        let mut metrics = vec![metric(MetricName::Offered, 1, visit.entered)];
        let left = visit.left_queue();
        if let (Some(wait), Some(left)) = (visit.wait, left) {
            let ms = i64::from(wait.ms);
            metrics.push(metric(MetricName::Acd, ms, left));
            match wait.outcome {
                Outcome::Answered => {}
                Outcome::Abandoned => {
                    metrics.push(metric(MetricName::Abandon, ms, left));
                    if wait.ms < SHORT_ABANDON_MS {
                        metrics.push(metric(MetricName::ShortAbandon, ms, left));
                    }
                }
                Outcome::FlowedOut => metrics.push(metric(MetricName::FlowOut, ms, left)),
            }
        }
        let ended = match visit.wait.map(|wait| wait.outcome) {
            Some(Outcome::Abandoned) => "client",
            Some(Outcome::Answered | Outcome::FlowedOut) | None => "transfer",
        };
        Party {
            facts: self.facts(Purpose::Acd, Some(visit), None),
            metrics: self.known(metrics),
            segments: self.waiting(visit.entered, left, ended),
        }
    }

    /// The wait as one segment, or as two.
    fn waiting(&self, entered: TimeMs, left: Option<TimeMs>, ended: &'static str) -> Vec<Segment> {
        // The announcement of a delay takes a second, where there is one.
        let announced = entered + 1_000;
        match left {
            Some(left) if self.quirks.delayed && announced < left && announced < self.until => {
                vec![
                    self.segment(SegmentType::Delay, entered, Some(announced), "transfer"),
                    self.segment(SegmentType::Interact, announced, Some(left), ended),
                ]
            }
            Some(_) | None => vec![self.segment(SegmentType::Interact, entered, left, ended)],
        }
    }

    /// An agent whose telephone rang in vain.
    fn unanswered(&self, visit: &Visit, alert: &Alert) -> Party {
        let ms = alert.to - alert.from;
        let mut metrics = vec![metric(MetricName::Alert, ms, alert.to)];
        let mut ended = "client";
        if alert.missed {
            metrics.push(metric(MetricName::NotResponding, ms, alert.to));
            ended = "noAnswerTransfer";
        }
        Party {
            facts: self.facts(Purpose::Agent, Some(visit), Some((alert.agent, None))),
            metrics,
            segments: vec![self.segment(SegmentType::Alert, alert.from, Some(alert.to), ended)],
        }
    }

    fn answer(&self, visit: &Visit, service: Service, answer: TimeMs) -> Party {
        let wait_ms = visit.wait.map_or(0, |wait| wait.ms);
        let talk_ms = i64::from(service.talk_ms);
        let after_call_ms = i64::from(service.after_call_ms);
        let (hung_up, done) = (answer + talk_ms, answer + talk_ms + after_call_ms);
        let mut metrics = vec![
            metric(MetricName::Alert, i64::from(service.ring_ms), answer),
            metric(MetricName::Answered, i64::from(wait_ms), answer),
        ];
        if wait_ms > SERVICE_LEVEL_MS {
            metrics.push(metric(MetricName::OverSla, 1, answer));
        }
        metrics.push(metric(MetricName::Talk, talk_ms, hung_up));
        metrics.push(metric(MetricName::TalkComplete, talk_ms, hung_up));
        if service.passed_on {
            metrics.push(metric(MetricName::Transferred, 1, hung_up));
            metrics.push(metric(MetricName::BlindTransferred, 1, hung_up));
        }
        if after_call_ms > 0 {
            metrics.push(metric(MetricName::Acw, after_call_ms, done));
        }
        metrics.push(metric(MetricName::Handle, talk_ms + after_call_ms, done));
        let coding = (done <= self.until).then_some(service.coding);
        Party {
            facts: self.facts(Purpose::Agent, Some(visit), Some((service.agent, coding))),
            metrics: self.known(metrics),
            segments: self.work(service, answer, hung_up, done),
        }
    }

    fn work(
        &self,
        service: Service,
        answer: TimeMs,
        hung_up: TimeMs,
        done: TimeMs,
    ) -> Vec<Segment> {
        let rang = answer - i64::from(service.ring_ms);
        let ended = if service.passed_on {
            "transfer"
        } else {
            "peer"
        };
        let mut segments = vec![
            Segment {
                disconnect: None,
                ..self.segment(SegmentType::Alert, rang, Some(answer), ended)
            },
            self.segment(SegmentType::Interact, answer, Some(hung_up), ended),
        ];
        if service.coding != Coding::Never && hung_up <= self.until {
            segments.push(Segment {
                disconnect: None,
                coding: (done <= self.until).then_some(service.coding),
                ..self.segment(SegmentType::WrapUp, hung_up, Some(done), ended)
            });
        }
        segments
    }

    /// Only what is known by then.
    fn known(&self, mut metrics: Vec<Metric>) -> Vec<Metric> {
        metrics.retain(|metric| metric.emitted <= self.until);
        metrics
    }

    fn segment(
        &self,
        kind: SegmentType,
        start: TimeMs,
        end: Option<TimeMs>,
        disconnect: &'static str,
    ) -> Segment {
        let end = end.filter(|end| *end <= self.until);
        Segment {
            kind,
            start,
            end,
            disconnect: end.map(|_| disconnect),
            coding: None,
        }
    }

    fn facts(
        &self,
        purpose: Purpose,
        visit: Option<&Visit>,
        agent: Option<(u16, Option<Coding>)>,
    ) -> Facts {
        Facts {
            number: self.number,
            media: self.quirks.media,
            purpose,
            queue: visit.map(|visit| visit.queue),
            skills: visit.map(|visit| visit.skills),
            agent: agent.map(|(agent, _)| agent),
            coding: agent.and_then(|(_, coding)| coding),
        }
    }
}

fn metric(name: MetricName, value: i64, emitted: TimeMs) -> Metric {
    Metric {
        name,
        value,
        emitted,
    }
}
