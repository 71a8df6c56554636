//! Conversation records, written by hand.

use jiff::{SignedDuration, Timestamp};

/// A contact that waits ten seconds and is answered.
#[derive(Clone, Debug)]
pub(crate) struct Contact {
    id: String,
    queue: String,
    code: &'static str,
    starts: Timestamp,
    ended_after: i64,
}

impl Contact {
    pub(crate) fn new(id: &str, queue: &str) -> Contact {
        Contact {
            id: id.to_owned(),
            queue: queue.to_owned(),
            code: "c1",
            starts: "2026-03-02T09:00:00Z".parse().unwrap(),
            ended_after: 60,
        }
    }

    pub(crate) fn coded(self, code: &'static str) -> Contact {
        Contact { code, ..self }
    }

    pub(crate) fn ended_after(self, ended_after: i64) -> Contact {
        Contact {
            ended_after,
            ..self
        }
    }

    pub(crate) fn on(self, day: &str) -> Contact {
        let starts = format!("{day}T09:00:00Z").parse().unwrap();
        Contact { starts, ..self }
    }

    pub(crate) fn record(&self) -> String {
        let at = |secs: i64| self.starts + SignedDuration::from_secs(secs);
        let (start, answered, end) = (at(0), at(10), at(self.ended_after));
        let (id, queue, code) = (&self.id, &self.queue, self.code);
        format!(
            r#"{{"conversationId":"{id}","conversationStart":"{start}","conversationEnd":"{end}","participants":[{{"purpose":"acd","sessions":[{{"mediaType":"voice","metrics":[{{"name":"nOffered","value":1,"emitDate":"{start}"}}],"segments":[{{"segmentType":"interact","segmentStart":"{start}","segmentEnd":"{answered}","queueId":"{queue}"}}]}}]}},{{"purpose":"agent","userId":"u1","sessions":[{{"mediaType":"voice","metrics":[{{"name":"tAnswered","value":10000,"emitDate":"{answered}"}}],"segments":[{{"segmentType":"interact","segmentStart":"{answered}","segmentEnd":"{end}","queueId":"{queue}"}},{{"segmentType":"wrapup","segmentStart":"{end}","segmentEnd":"{end}","wrapUpCode":"{code}"}}]}}]}}]}}"#
        )
    }
}

/// Returns an exported record as it was before the conversation ended: without its last participant, and without end.
pub(crate) fn unfinished(record: &str) -> String {
    let mut value: serde_json::Value = serde_json::from_str(record).unwrap();
    value.as_object_mut().unwrap().remove("conversationEnd");
    value["participants"].as_array_mut().unwrap().pop();
    value.to_string()
}
