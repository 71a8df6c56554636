//! A tenant with one rule that is easy to read, a journal, and what is asked of them in every test.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;

use waitwise_apply::{Applied, Applier, ApplyError, Progress, Target};
use waitwise_client::WriteClient;
use waitwise_model::{Clock, Pull, SkillId, Weight, Weights, Window};
use waitwise_plan::{Intent, Plan, Step, Strategy};
use waitwise_sandbox::SandboxOptions;
use waitwise_store::{ChangeId, ChangeState, Store};
use waitwise_testkit::Rig;
use waitwise_wire::json::Members;
use waitwise_wire::routing_rule::{observe, write};

/// What the rule says at first. `QUEUE` stands for the queue's id.
pub(crate) const RULE: &str = r#"{ "name":"R\u00e9gle", "id":"r1", "version" : 7, "queueId":"QUEUE", "big":123456789012345678901234567890, "skills":[ {"weight":50.0, "id":"a","x":{"n":1E400}}, {"id":"b","weight":7} , {"id":"c"}], "tail":[ null, -0 ] }"#;

pub(crate) struct Bench {
    pub(crate) rig: Rig,
    pub(crate) store: Store,
    pub(crate) client: WriteClient,
    pub(crate) progress: Mutex<Vec<Progress>>,
}

impl Bench {
    pub(crate) async fn new() -> Bench {
        let rig = Rig::with(SandboxOptions {
            history_days: 1,
            requests_per_minute: 1_000_000,
            ..SandboxOptions::default()
        })
        .await;
        let bench = Bench {
            store: Store::open(&rig.dir().join("journal.db")).await.unwrap(),
            client: rig.write(),
            rig,
            progress: Mutex::default(),
        };
        bench.set_skills(&[
            ("a", "active"),
            ("b", "active"),
            ("c", "active"),
            ("d", "active"),
        ]);
        bench.set_rules(&[RULE]);
        bench
    }

    pub(crate) fn journal(&self) -> PathBuf {
        self.rig.dir().join("journal.db")
    }

    pub(crate) fn set_skills(&self, skills: &[(&str, &str)]) {
        let skill = |(id, state): &(&str, &str)| {
            format!(r#"{{"id":"{id}","name":"Skill {id}","state":"{state}"}}"#)
        };
        self.rig
            .sandbox
            .set_skills(skills.iter().map(skill).collect())
            .unwrap();
    }

    pub(crate) fn set_rules(&self, rules: &[&str]) {
        let queue = self.rig.queue();
        let rules = rules
            .iter()
            .map(|rule| rule.replace("QUEUE", queue.as_str()));
        self.rig.sandbox.set_rules(rules.collect()).unwrap();
    }

    /// Somebody else's change of the first rule.
    pub(crate) fn edit(&self, from: &str, to: &str) {
        let rule = self.rule();
        assert!(rule.contains(from), "{from} in {rule}");
        self.set_rules(&[&rule.replacen(from, to, 1)]);
    }

    /// The first rule as the host stores it.
    pub(crate) fn rule(&self) -> String {
        self.rig.sandbox.rules()[0].clone()
    }

    /// Plans to write `weights` into the first rule.
    pub(crate) fn plan(&self, weights: &[(&str, i64)]) -> Plan {
        let weights: Weights = weights
            .iter()
            .map(|(skill, value)| (SkillId::new(*skill), Weight::try_from(*value).unwrap()))
            .collect();
        let observed = observe(&self.rule()).unwrap();
        let steps = write(&observed, &weights).unwrap();
        let steps = steps
            .into_iter()
            .map(|write| Step::new(&observed, write))
            .collect();
        Plan::seal(self.intent(weights), steps)
    }

    fn intent(&self, weights: Weights) -> Intent {
        Intent {
            created_at: self.rig.clock.now(),
            tenant: self.client.read().base_url().to_string(),
            queue: self.rig.queue(),
            lever: "routing-rule".to_owned(),
            priority_table: None,
            strategy: Strategy {
                name: "by-hand".to_owned(),
                settings: BTreeMap::new(),
            },
            window: Window::days_before(self.rig.clock.now(), 7).unwrap(),
            pull: Pull {
                pages: 1,
                entities: 1,
                unique: 1,
                claimed: None,
            },
            weights,
            held_back: Weights::new(),
            max_step: None,
            evidence: Vec::new(),
            unmapped: Vec::new(),
            prediction: None,
            search: None,
            warnings: Vec::new(),
        }
    }

    pub(crate) async fn apply(&self, plan: &Plan, change: &str) -> Result<Applied, ApplyError> {
        self.apply_and(plan, change, |_| ()).await
    }

    /// Applies a plan while something else happens.
    pub(crate) async fn apply_and(
        &self,
        plan: &Plan,
        change: &str,
        meanwhile: impl Fn(&Progress) + Send + Sync,
    ) -> Result<Applied, ApplyError> {
        let report = self.reporter(meanwhile);
        self.applier(&report)
            .apply(plan, ChangeId::new(change), None)
            .await
    }

    /// Undoes the change `of` as the change "back".
    pub(crate) async fn roll_back(&self, of: &str, force: bool) -> Result<Applied, ApplyError> {
        self.roll_back_as("back", Target::Change(ChangeId::new(of)), force)
            .await
    }

    pub(crate) async fn roll_back_as(
        &self,
        change: &str,
        target: Target,
        force: bool,
    ) -> Result<Applied, ApplyError> {
        let report = self.reporter(|_| ());
        self.applier(&report)
            .roll_back(target, ChangeId::new(change), force)
            .await
    }

    pub(crate) fn reporter(
        &self,
        meanwhile: impl Fn(&Progress) + Send + Sync,
    ) -> impl Fn(Progress) + Send + Sync {
        move |progress| {
            self.progress.lock().unwrap().push(progress.clone());
            meanwhile(&progress);
        }
    }

    pub(crate) fn applier<'a>(
        &'a self,
        report: &'a (dyn Fn(Progress) + Send + Sync),
    ) -> Applier<'a> {
        Applier {
            client: &self.client,
            store: &self.store,
            clock: &*self.rig.clock,
            report,
        }
    }

    /// What the journal says: the state, and the events as "0 intent".
    pub(crate) async fn journalled(&self, change: &str) -> (ChangeState, Vec<String>) {
        let change = self
            .store
            .change(&ChangeId::new(change))
            .await
            .unwrap()
            .unwrap();
        let event =
            |event: &waitwise_store::Event| format!("{} {}", event.step, event.event.name());
        (change.state, change.events.iter().map(event).collect())
    }

    /// The last event's text in the journal.
    pub(crate) async fn last_reason(&self, change: &str) -> String {
        let change = self
            .store
            .change(&ChangeId::new(change))
            .await
            .unwrap()
            .unwrap();
        format!("{:?}", change.events.last().unwrap().event)
    }

    /// The pauses so far in seconds, those of the client included.
    pub(crate) fn naps_secs(&self) -> Vec<f64> {
        self.rig
            .clock
            .take_naps()
            .iter()
            .map(std::time::Duration::as_secs_f64)
            .collect()
    }

    /// Asserts that the rule is its first self but for what the host counts up, with these texts replaced.
    pub(crate) fn assert_rule(&self, replaced: &[(&str, &str)]) {
        let mut expected = RULE.replace("QUEUE", self.rig.queue().as_str());
        for (from, to) in replaced {
            assert!(expected.contains(from), "{from} in {expected}");
            expected = expected.replacen(from, to, 1);
        }
        assert_eq!(kept(&self.rule()), kept(&expected));
    }
}

/// The rule's members in order, token for token, without those that the sandbox writes itself.
pub(crate) fn kept(rule: &str) -> Vec<String> {
    let members = Members::of(rule).unwrap().0;
    let members = members
        .into_iter()
        .filter(|(key, _)| key != "version" && key != "dateModified");
    members
        .map(|(key, value)| format!("{key}: {}", value.get()))
        .collect()
}

pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", chain(source)),
        None => error.to_string(),
    }
}
