//! Rows as lines of csv and of JSON, under the names that their columns have in files of facts.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde::Serialize;
use waitwise_model::Coded;

use super::columns::Column;
use crate::row::{Row, ending_word};

/// Returns the first line of csv: the columns' names.
pub fn csv_header() -> String {
    let names: Vec<_> = Column::ALL.iter().map(|column| column.name()).collect();
    names.join(",") + "\n"
}

/// Writes a row as a line of csv. Skills are separated by semicolons, instants written as in RFC 3339, absent values empty.
pub fn csv(row: &Row<'_>, into: &mut String) {
    let Shape {
        conversation_key,
        leg,
        queue_id,
        media_type,
        skills,
        offered_at,
        conversation_start,
        conversation_end,
        decided_at,
        outcome,
        wait_ms,
        wrap_up_code,
        reserved_code,
        agent_key,
        talk_ms,
        hold_ms,
        acw_ms,
        handle_ms,
        is_offered,
        is_transferred,
        missed_alerts,
        priority,
        routing_used,
        recorded_at,
    } = Shape::of(row);
    let mut line = Line { into, n_fields: 0 };
    line.text(&conversation_key);
    line.number(Some(leg));
    line.text(queue_id);
    line.text(media_type);
    line.text(&skills.join(";"));
    line.number(offered_at);
    line.number(conversation_start);
    line.number(conversation_end);
    line.number(decided_at);
    line.text(outcome);
    line.number(wait_ms);
    line.text(wrap_up_code.unwrap_or_default());
    line.text(reserved_code.unwrap_or_default());
    line.text(agent_key.unwrap_or_default());
    line.number(talk_ms);
    line.number(hold_ms);
    line.number(acw_ms);
    line.number(handle_ms);
    line.number(Some(is_offered));
    line.number(Some(is_transferred));
    line.number(Some(missed_alerts));
    line.number(priority);
    line.text(routing_used.unwrap_or_default());
    line.number(recorded_at);
    line.into.push('\n');
}

/// Writes a row as a line of JSON, without what is absent.
pub fn json(row: &Row<'_>, into: &mut String) {
    // Texts and numbers: writing them as JSON cannot fail.
    into.push_str(&serde_json::to_string(&Shape::of(row)).unwrap_or_default());
    into.push('\n');
}

struct Line<'a> {
    into: &'a mut String,
    n_fields: usize,
}

impl Line<'_> {
    fn begin(&mut self) {
        if self.n_fields > 0 {
            self.into.push(',');
        }
        self.n_fields += 1;
    }

    /// A text with a comma, a quote or a line's end is quoted.
    fn text(&mut self, text: &str) {
        self.begin();
        if text.contains([',', '"', '\n', '\r']) {
            // Writing to a String cannot fail.
            let _ = write!(self.into, "\"{}\"", text.replace('"', "\"\""));
        } else {
            self.into.push_str(text);
        }
    }

    fn number(&mut self, number: Option<impl std::fmt::Display>) {
        self.begin();
        if let Some(number) = number {
            let _ = write!(self.into, "{number}");
        }
    }
}

#[derive(Serialize)]
struct Shape<'a> {
    conversation_key: String,
    leg: u32,
    queue_id: &'a str,
    media_type: &'a str,
    skills: &'a [&'a str],
    offered_at: Option<Timestamp>,
    conversation_start: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation_end: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_at: Option<Timestamp>,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    wait_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wrap_up_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reserved_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    talk_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hold_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acw_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    handle_ms: Option<u64>,
    is_offered: bool,
    is_transferred: bool,
    missed_alerts: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    routing_used: Option<&'a str>,
    recorded_at: Option<Timestamp>,
}

impl<'a> Shape<'a> {
    fn of(row: &Row<'a>) -> Shape<'a> {
        let visit = &row.visit;
        // Facts hold no moment outside of the calendar.
        let instant = |at: i64| Timestamp::from_millisecond(at).ok();
        let (wrap_up_code, reserved_code) = match visit.coding {
            Coded::Code(code) => (Some(code), None),
            Coded::Reserved(text) => (None, Some(text)),
            Coded::Nothing => (None, None),
        };
        Shape {
            conversation_key: row.key.to_string(),
            leg: visit.number,
            queue_id: visit.queue,
            media_type: visit.media,
            skills: visit.skills,
            offered_at: instant(visit.entered_at_ms),
            conversation_start: instant(visit.started_at_ms),
            conversation_end: visit.ended_at_ms.and_then(instant),
            decided_at: row.decided_at_ms.and_then(instant),
            outcome: ending_word(visit.ending),
            wait_ms: visit.wait_ms,
            wrap_up_code,
            reserved_code,
            agent_key: visit.agent,
            talk_ms: visit.talk_ms,
            hold_ms: visit.hold_ms,
            acw_ms: visit.after_call_ms,
            handle_ms: visit.handle_ms,
            is_offered: visit.is_offered,
            is_transferred: visit.is_transferred,
            missed_alerts: visit.missed_alerts,
            priority: visit.priority,
            routing_used: visit.routing,
            recorded_at: instant(row.recorded_at_ms),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{answered, conversation, leg, table};

    #[test]
    fn a_row_is_a_line() {
        let mut record = conversation("abc", 60, true);
        record.legs = vec![leg(1, 3, answered(60, Some("say \"so\", then")))];
        record.legs[0]
            .skills
            .push(waitwise_model::SkillId::new("s2"));
        let mut table = table(&[record]);
        let (mut csv_text, mut json_text) = (csv_header(), String::new());
        for part in table.parts() {
            part.for_each(|row| {
                csv(row, &mut csv_text);
                json(row, &mut json_text);
            });
        }
        let lines: Vec<_> = csv_text.lines().collect();
        assert_eq!(
            lines,
            [
                "conversation_key,leg,queue_id,media_type,skills,offered_at,conversation_start,conversation_end,decided_at,outcome,wait_ms,wrap_up_code,reserved_code,agent_key,talk_ms,hold_ms,acw_ms,handle_ms,is_offered,is_transferred,missed_alerts,priority,routing_used,recorded_at",
                "ba7816bf8f01cfea414140de5dae2223,1,q1,voice,s1;s2,2026-03-02T00:00:03Z,2026-03-02T00:00:00Z,2026-03-02T00:02:40Z,2026-03-02T00:01:00Z,answered,60000,\"say \"\"so\"\", then\",,bb82030dbc2bcaba32a90bf2e207a84a,60000,,10000,70000,true,false,0,,Standard,2026-03-02T00:02:40Z"
            ]
        );
        let value: serde_json::Value = serde_json::from_str(&json_text).unwrap();
        assert_eq!(value["skills"], serde_json::json!(["s1", "s2"]));
        assert_eq!(value.get("hold_ms"), None);
    }
}
