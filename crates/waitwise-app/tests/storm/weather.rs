//! A seeded mix of troubles for one run.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "most kinds have nothing of their own to decide here"
)]

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use rand_core::{Rng as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;
use waitwise_sandbox::{
    Edit, EditedPart, Fault, FaultRule, FurtherPages, RetryAfter, Staleness, When,
};

use crate::kind::Kind;

/// The troubles of one run, in the order in which they are switched on.
pub(crate) struct Weather(pub(crate) Vec<(Kind, FaultRule)>);

impl Weather {
    /// One to three troubles that follow from the seed.
    pub(crate) fn of(seed: u64, place: &Place) -> Weather {
        let mut draws = Draws(Xoshiro256PlusPlus::seed_from_u64(seed));
        let n = draws.within(1..=3);
        let mut kinds: Vec<Kind> = (0..n).map(|_| *draws.one_of(&Kind::ALL)).collect();
        kinds.dedup();
        let rule = |kind: Kind| (kind, draws.rule(kind, place));
        Weather(kinds.into_iter().map(rule).collect())
    }

    /// Whether an answer will be late, so that the client's real time-out should be short.
    pub(crate) fn is_slow(&self) -> bool {
        self.0.iter().any(|(kind, _)| *kind == Kind::Late)
    }

    /// Whether the second writer may have set a weight to what it is, or to what is planned, which nobody can see.
    pub(crate) fn may_go_unseen(&self) -> bool {
        self.edits()
            .any(|edit| matches!(edit, EditedPart::Weight { .. }))
    }

    /// What the second writer sets.
    pub(crate) fn edits(&self) -> impl Iterator<Item = &EditedPart> {
        self.0.iter().filter_map(|(_, rule)| match &rule.fault {
            Fault::Edit(edit) => Some(&edit.set),
            _ => None,
        })
    }
}

/// Where the storm is.
pub(crate) struct Place {
    /// The rule's skills, for the second writer.
    pub(crate) skills: Vec<String>,
    /// How many requests one reading of the rules is.
    pub(crate) rule_pages: u32,
}

struct Draws(Xoshiro256PlusPlus);

impl Draws {
    fn within(&mut self, range: RangeInclusive<u32>) -> u32 {
        let n = u64::from(range.end() - range.start()) + 1;
        range.start() + u32::try_from(self.0.next_u64() % n).unwrap()
    }

    fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        let last = u32::try_from(all.len() - 1).unwrap();
        &all[self.within(0..=last) as usize]
    }

    fn rule(&mut self, kind: Kind, place: &Place) -> FaultRule {
        let fault = self.fault(kind, &place.skills);
        let plain = FaultRule::always(self.route(kind), fault);
        let seed = self.0.next_u64();
        match kind {
            // The moment between plan and apply is the second reading of the rules.
            Kind::EditBeforeApply => FaultRule {
                times: Some(1),
                after: place.rule_pages,
                ..plain
            },
            // Each costs a real time-out.
            Kind::Late => FaultRule {
                times: Some(self.within(1..=2)),
                after: self.within(0..=6),
                ..plain
            },
            _ => FaultRule {
                times: *self.one_of(&[Some(1), Some(1), Some(2), Some(4), None]),
                rate: *self.one_of(&[None, None, Some(0.3), Some(0.7)]),
                after: *self.one_of(&[0, 0, 0, 1, 2, 5]),
                seed,
                ..plain
            },
        }
    }

    fn route(&mut self, kind: Kind) -> &'static str {
        match kind {
            Kind::ShortToken => "token",
            Kind::Stale | Kind::EditBeforeWrite | Kind::EditAfterWrite => "put_rule",
            Kind::EditBeforeApply => "rules",
            Kind::RepeatedToken | Kind::EndlessPages | Kind::Duplicates => {
                self.one_of::<&str>(&["*", "summary", "skills", "rules"])
            }
            _ => self.one_of::<&str>(&[
                "*", "token", "summary", "skills", "rules", "put_rule", "put_rule",
            ]),
        }
    }

    fn fault(&mut self, kind: Kind, skills: &[String]) -> Fault {
        let text = |text: &str| RetryAfter::Text(text.to_owned());
        match kind {
            Kind::TooManySeconds => Fault::TooMany(text(&self.within(1..=90).to_string())),
            Kind::TooManyDate => Fault::TooMany(RetryAfter::DateIn(self.within(1..=90).into())),
            Kind::TooManyVague => {
                let vague = [RetryAfter::Absent, RetryAfter::DateIn(-60)];
                let odd = ["-5", "0", "soon", ""].map(text);
                Fault::TooMany(self.one_of(&[vague.as_slice(), &odd].concat()).clone())
            }
            Kind::TooManyHours => {
                let hours = [text("7200"), RetryAfter::DateIn(7200)];
                Fault::TooMany(self.one_of(&hours).clone())
            }
            Kind::ServerError => {
                let retry_after = self.one_of(&[None, None, Some("20")]);
                let header = |value: &str| ("retry-after".to_owned(), value.to_owned());
                Fault::Status {
                    status: *self.one_of(&[500, 502, 503, 504]),
                    headers: retry_after
                        .map(header)
                        .into_iter()
                        .collect::<BTreeMap<_, _>>(),
                    body: self.one_of(&[None, Some("<b>oops</b>".to_owned())]).clone(),
                }
            }
            Kind::ServerErrorAfter => Fault::StatusAfter(*self.one_of(&[500, 503, 504])),
            Kind::Late => Fault::Latency(60_000),
            Kind::ResetBefore => Fault::ResetBefore,
            Kind::ResetAfter => Fault::ResetAfter,
            Kind::ResetInBody => Fault::ResetInBody(self.within(0..=40) as usize),
            Kind::Truncated => Fault::Truncate(self.within(0..=40) as usize),
            Kind::NotJson => {
                let bodies = ["", "<html>busy</html>", "{\"entities\": [", "null and void"];
                Fault::Body((*self.one_of(&bodies)).to_owned())
            }
            Kind::Stale => Fault::StaleRules(*self.one_of(&[
                Staleness::Reads(1),
                Staleness::Reads(4),
                Staleness::Reads(100),
                Staleness::Seconds(5),
                Staleness::Seconds(300),
            ])),
            Kind::ShortToken => Fault::TokenLife(*self.one_of(&[0, 1, 30])),
            Kind::ExpiredTokens => Fault::ExpireTokens,
            Kind::RepeatedToken => Fault::RepeatPageToken,
            Kind::EndlessPages => {
                let further = [FurtherPages::Empty, FurtherPages::Same];
                Fault::EndlessPages(*self.one_of(&further))
            }
            Kind::Duplicates => Fault::DuplicateEntity,
            Kind::EditBeforeApply | Kind::EditBeforeWrite => self.edit(When::Before, skills),
            Kind::EditAfterWrite => self.edit(When::After, skills),
            Kind::ClockJump => Fault::ClockJump(*self.one_of(&[-90_000, -60, 60, 90_000])),
        }
    }

    fn edit(&mut self, when: When, skills: &[String]) -> Fault {
        let weight = EditedPart::Weight {
            skill: self.one_of(skills).clone(),
            weight: u8::try_from(self.within(1..=100)).unwrap(),
        };
        let member = EditedPart::Member {
            name: "name".to_owned(),
            value: "\"theirs\"".to_owned(),
        };
        let set = self.one_of(&[weight, member]).clone();
        Fault::Edit(Edit { when, set })
    }
}
