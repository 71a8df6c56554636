use proptest::prelude::*;
use waitwise_model::{Abandonment, Coding, Leg, Outcome, Uncoded};

use super::*;

/// How the tests' records write a number and what they mix in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dialect {
    pub(super) floats: bool,
    pub(super) strangers: bool,
    pub(super) customer: bool,
}

pub(super) const PLAIN: Dialect = Dialect {
    floats: false,
    strangers: false,
    customer: false,
};

/// What happened in one visit, in seconds after the conversation's start.
#[derive(Clone, Debug)]
pub(super) struct Happened {
    queue: &'static str,
    enters: i64,
    wait: i64,
    how: How,
    skills_on_agent: bool,
    missed: u32,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum How {
    Coded,
    NoWrapUp,
    EmptyWrapUp,
    TimedOut,
    GaveUp,
    GaveUpSoon,
    FlowedOut,
    StillThere,
}

fn at(second: i64) -> String {
    let at = Timestamp::from_second(1_772_442_000 + second).unwrap();
    format!(r#""{}""#, at.strftime("%Y-%m-%dT%H:%M:%S.000Z"))
}

impl Dialect {
    fn number(self, value: i64) -> String {
        match self.floats {
            true if value % 1000 == 0 && value > 0 => format!("{}E3", value / 1000),
            true => format!("{value}.0"),
            false => value.to_string(),
        }
    }

    fn metric(self, name: &str, value: i64, emitted: i64) -> String {
        let number = self.number(value);
        format!(
            r#"{{"name":"{name}","value":{number},"emitDate":{}}}"#,
            at(emitted)
        )
    }

    fn extras(self) -> &'static str {
        match (self.strangers, self.customer) {
            (true, true) => {
                r#""novelty":{"a":[1,{"b":null}]},"ani":"tel:+35312345678","attributes":{"note":"CANARY"},"#
            }
            (true, false) => r#""novelty":{"a":[1,{"b":null}]},"proposedAgents":null,"#,
            (false, true) => {
                r#""ani":"tel:+35312345678","dnis":"CANARY","participantName":"CANARY","wrapUpNote":"CANARY","externalTag":"CANARY","#
            }
            (false, false) => "",
        }
    }

    fn segment(self, kind: &str, queue: &str, from: i64, to: Option<i64>, more: &str) -> String {
        let end = to.map_or_else(String::new, |to| format!(r#","segmentEnd":{}"#, at(to)));
        format!(
            r#"{{{}"segmentType":"{kind}","segmentStart":{}{end},"queueId":"{queue}"{more}}}"#,
            self.extras(),
            at(from)
        )
    }

    fn session(self, who: &str, metrics: &[String], segments: &[String]) -> String {
        format!(
            r#"{{{}{who},"sessions":[{{{}"mediaType":"voice","usedRouting":"Standard","metrics":[{}],"segments":[{}]}}]}}"#,
            self.extras(),
            self.extras(),
            metrics.join(","),
            segments.join(",")
        )
    }

    fn visit(self, visit: &Happened) -> Vec<String> {
        let (from, to) = (visit.enters, visit.enters + visit.wait);
        let ms = visit.wait * 1000;
        let mut metrics = vec![self.metric("nOffered", 1, from)];
        let left = (visit.how != How::StillThere).then_some(to);
        if left.is_some() {
            metrics.push(self.metric("tAcd", ms, to));
        }
        match visit.how {
            How::GaveUp => metrics.push(self.metric("tAbandon", ms, to)),
            How::GaveUpSoon => {
                metrics.push(self.metric("tAbandon", ms, to));
                metrics.push(self.metric("tShortAbandon", ms, to));
            }
            How::FlowedOut => metrics.push(self.metric("tFlowOut", ms, to)),
            How::Coded | How::NoWrapUp | How::EmptyWrapUp | How::TimedOut | How::StillThere => {}
        }
        let skills = r#","requestedRoutingSkillIds":["s2","s1",null,"s1"]"#;
        let segment = self.segment("interact", visit.queue, from, left, skills);
        let mut all = vec![self.session(r#""purpose":"acd""#, &metrics, &[segment])];
        for _ in 0..visit.missed {
            let rang = self.metric("tAlert", 8000, to);
            let segment = self.segment("alert", visit.queue, from, Some(to), "");
            all.push(self.session(r#""purpose":"agent","userId":"u9""#, &[rang], &[segment]));
        }
        all.extend(self.answer(visit, to));
        all
    }

    fn answer(self, visit: &Happened, at: i64) -> Option<String> {
        let code = match visit.how {
            How::Coded => r#","wrapUpCode":"c1""#,
            How::TimedOut => r#","wrapUpCode":"ININ-WRAP-UP-TIMEOUT""#,
            How::NoWrapUp | How::EmptyWrapUp => "",
            How::GaveUp | How::GaveUpSoon | How::FlowedOut | How::StillThere => return None,
        };
        let skills = match visit.skills_on_agent {
            true => r#","requestedRoutingSkillIds":["s1","s2"]"#,
            false => "",
        };
        let metrics = [
            self.metric("tAnswered", visit.wait * 1000, at),
            self.metric("tTalk", 60_000, at + 60),
            self.metric("tTalk", 20_000, at + 90),
            self.metric("tHandle", 110_000, at + 120),
        ];
        let mut segments = vec![self.segment("alert", visit.queue, at - 1, Some(at), skills)];
        segments.push(self.segment("interact", visit.queue, at, Some(at + 90), skills));
        if visit.how != How::NoWrapUp {
            segments.push(self.segment("wrapup", visit.queue, at + 90, Some(at + 120), code));
        }
        Some(self.session(r#""purpose":"agent","userId":"u1""#, &metrics, &segments))
    }

    pub(super) fn record(self, visits: &[Happened]) -> String {
        let going_on = visits.iter().any(|visit| visit.how == How::StillThere);
        let end = match going_on {
            true => r#""conversationEnd":null"#.to_owned(),
            false => format!(r#""conversationEnd":{}"#, at(100_000)),
        };
        let mut participants: Vec<_> = visits.iter().flat_map(|visit| self.visit(visit)).collect();
        if self.strangers {
            participants.insert(0, r#"{"purpose":"oracle","sessions":null}"#.to_owned());
            participants.push("null".to_owned());
        }
        format!(
            r#"{{{}"conversationId":"k1","conversationStart":{},{end},"divisionIds":["d2","d1"],"participants":[{}]}}"#,
            self.extras(),
            at(-10),
            participants.join(",")
        )
    }
}

pub(super) fn happened(how: How) -> Happened {
    Happened {
        queue: "q1",
        enters: 0,
        wait: 105,
        how,
        skills_on_agent: true,
        missed: 0,
    }
}

fn only_leg(visit: &Happened) -> Leg {
    let read = read(&PLAIN.record(std::slice::from_ref(visit))).unwrap();
    assert_eq!((read.conversation.legs.len(), read.rejected.len()), (1, 0));
    read.conversation.legs[0].clone()
}

#[test]
fn an_answer_has_its_wait_its_code_and_its_times() {
    let leg = only_leg(&happened(How::Coded));
    let answer = leg.answer().unwrap();
    assert_eq!((answer.wait_ms, answer.talk_ms), (105_000, Some(80_000)));
    assert_eq!(
        (answer.handle_ms, answer.after_call_ms),
        (Some(110_000), None)
    );
    assert_eq!(answer.agent.as_ref().unwrap().as_str(), "u1");
    assert_eq!(answer.routing.as_ref().unwrap().as_str(), "Standard");
    let Coding::Code(code) = &answer.coding else {
        panic!("{:?}", answer.coding)
    };
    assert_eq!(code.as_str(), "c1");
    assert_eq!(answer.at, leg.decided_at().unwrap());
    assert!(leg.is_offered);
}

#[test]
fn without_a_code_the_reason_is_kept() {
    for (how, expected) in [
        (How::NoWrapUp, Uncoded::Absent),
        (How::EmptyWrapUp, Uncoded::Absent),
        (
            How::TimedOut,
            Uncoded::Reserved("ININ-WRAP-UP-TIMEOUT".into()),
        ),
    ] {
        let leg = only_leg(&happened(how));
        assert_eq!(leg.answer().unwrap().coding, Coding::Uncoded(expected));
    }
}

#[test]
fn skills_come_from_the_queue_where_the_agent_has_none() {
    for skills_on_agent in [true, false] {
        let leg = only_leg(&Happened {
            skills_on_agent,
            ..happened(How::Coded)
        });
        let skills: Vec<_> = leg.skills.iter().map(|skill| skill.as_str()).collect();
        assert_eq!(skills, ["s1", "s2"]);
    }
}

#[test]
fn what_cannot_be_read_is_named_without_quoting_it() {
    for (record, id, reason) in [
        (
            "7",
            None,
            "something in it is of the wrong kind, or comes twice at line 1 column 1",
        ),
        ("{}", None, "its id is missing"),
        (
            r#"{"conversationId":"k"}"#,
            Some("k"),
            "its start is missing or is no instant of time",
        ),
        (
            r#"{"conversationId":"k","conversationStart":{"secret":1}}"#,
            Some("k"),
            "something in it is of the wrong kind, or comes twice at line 1 column 42",
        ),
    ] {
        let rejected = read(record).unwrap_err();
        assert_eq!(rejected.conversation.as_ref().map(|id| id.as_str()), id);
        assert_eq!(rejected.reason, reason, "{record}");
    }
}

#[test]
fn one_bad_visit_does_not_lose_the_others() {
    let record = PLAIN
        .record(&[happened(How::Coded), happened(How::GaveUp)])
        .replace(
            r#""name":"tAbandon","value":105000"#,
            r#""name":"tAbandon","value":-1"#,
        );
    let read = read(&record).unwrap();
    assert_eq!(read.conversation.legs.len(), 1);
    assert_eq!(read.rejected.len(), 1);
    assert_eq!(read.rejected[0].reason, "a wait cannot be read");
}

#[test]
fn an_answer_without_its_queue_session_is_a_leg_that_nobody_offered() {
    let answer = PLAIN.answer(&happened(How::Coded), 105).unwrap();
    let record = format!(
        r#"{{"conversationId":"k","conversationStart":{},"participants":[{answer}]}}"#,
        at(0)
    );
    let read = read(&record).unwrap();
    let leg = &read.conversation.legs[0];
    assert!(!leg.is_offered && read.conversation.is_in_progress());
    assert_eq!(leg.entered_at.as_second(), 1_772_442_000);
}

fn any_how() -> impl Strategy<Value = How> {
    prop::sample::select(vec![
        How::Coded,
        How::NoWrapUp,
        How::EmptyWrapUp,
        How::TimedOut,
        How::GaveUp,
        How::GaveUpSoon,
        How::FlowedOut,
    ])
}

/// Visits one after the other, as transfers make them, to few queues so that one queue is often visited twice.
pub(super) fn any_visits() -> impl Strategy<Value = Vec<Happened>> {
    let visit = (
        prop::sample::select(vec!["q1", "q2"]),
        0..300_i64,
        any_how(),
        any::<bool>(),
        0..3_u32,
    );
    (prop::collection::vec(visit, 1..6), any::<bool>()).prop_map(|(visits, is_waiting)| {
        let mut enters = 0;
        let mut all: Vec<_> = visits
            .into_iter()
            .map(|(queue, wait, how, skills_on_agent, missed)| {
                let enters_now = enters;
                enters += wait + 121;
                Happened {
                    queue,
                    enters: enters_now,
                    wait,
                    how,
                    skills_on_agent,
                    missed,
                }
            })
            .collect();
        if let Some(last) = all.last_mut().filter(|_| is_waiting) {
            last.how = How::StillThere;
        }
        all
    })
}

fn check(leg: &Leg, visit: &Happened) {
    assert_eq!(leg.queue.as_str(), visit.queue);
    assert_eq!(leg.missed_alerts, visit.missed, "{visit:?}");
    let wait = (visit.how != How::StillThere).then_some(visit.wait.unsigned_abs() * 1000);
    assert_eq!(leg.wait_ms(), wait, "{visit:?}");
    let kind = if let Outcome::Abandoned { kind, .. } = &leg.outcome {
        Some(*kind)
    } else {
        None
    };
    let expected = match visit.how {
        How::GaveUp => Some(Abandonment::Patient),
        How::GaveUpSoon => Some(Abandonment::Short),
        How::Coded
        | How::NoWrapUp
        | How::EmptyWrapUp
        | How::TimedOut
        | How::FlowedOut
        | How::StillThere => None,
    };
    assert_eq!(kind, expected);
    let is_answered = [How::Coded, How::NoWrapUp, How::EmptyWrapUp, How::TimedOut];
    assert_eq!(leg.answer().is_some(), is_answered.contains(&visit.how));
    assert_eq!(
        leg.outcome == Outcome::Waiting,
        visit.how == How::StillThere
    );
}

proptest! {
    #[test]
    fn every_visit_becomes_one_leg_however_it_is_written(
        visits in any_visits(),
        floats in any::<bool>(),
        strangers in any::<bool>(),
        customer in any::<bool>(),
    ) {
        let dialect = Dialect { floats, strangers, customer };
        let odd = read(&dialect.record(&visits)).unwrap();
        prop_assert_eq!(&odd.rejected, &[]);
        prop_assert_eq!(odd.conversation.legs.len(), visits.len());
        for (number, (leg, visit)) in (1..).zip(odd.conversation.legs.iter().zip(&visits)) {
            prop_assert_eq!(leg.number, number);
            check(leg, visit);
        }
        prop_assert_eq!(&odd, &read(&PLAIN.record(&visits)).unwrap());
        let shown = format!("{odd:?}");
        prop_assert!(!shown.contains("CANARY") && !shown.contains("tel:"));
    }

    #[test]
    fn no_damage_panics(visits in any_visits(), at in any::<prop::sample::Index>(), with in ".{0,3}") {
        let record = PLAIN.record(&visits);
        let at = at.index(record.len());
        let damaged = format!("{}{with}{}", &record[..at], record.get(at + 1..).unwrap_or_default());
        let _ = read(&damaged);
    }
}

#[test]
fn a_record_is_dated_by_the_latest_moment_that_it_tells_of() {
    let record = |end: &str, emitted: i64, segment_end: i64| {
        format!(
            r#"{{"conversationId":"k","conversationStart":{}{end},"participants":[{{"purpose":"agent","sessions":[
            {{"metrics":[{{"name":"tConnected","value":1,"emitDate":{}}}],
            "segments":[{{"segmentType":"interact","segmentStart":{},"segmentEnd":{}}}]}}]}}]}}"#,
            at(0),
            at(emitted),
            at(1),
            at(segment_end)
        )
    };
    let end = format!(r#","conversationEnd":{}"#, at(60));
    for (record, expected) in [
        (record("", 9, 5), 9),
        (record("", 5, 9), 9),
        (record(&end, 5, 9), 60),
        (record(&end, 5, 90), 90),
    ] {
        let read = read(&record).unwrap();
        let dated = read.conversation.recorded_at.as_second() - 1_772_442_000;
        assert_eq!(dated, expected);
    }
}
