use std::collections::BTreeSet;

use super::*;
use crate::centre::Outcome;

const NOW: TimeMs = 1_772_420_123_456;

#[test]
fn the_same_specification_gives_the_same_tenant() {
    let [one, same, other] = [4, 4, 5].map(|seed| Tenant::generate(&TenantSpec::new(seed, NOW)));
    assert_eq!(format!("{one:?}"), format!("{same:?}"));
    assert_ne!(one.queue_id, other.queue_id);
    assert_ne!(one.client_secret, other.client_secret);
    assert_ne!(one.centre.conversations(), other.centre.conversations());
}

#[test]
fn every_tenant_has_what_the_tutorials_client_can_read() {
    for seed in 0..12 {
        let tenant = Tenant::generate(&TenantSpec::new(seed, NOW));
        assert!((3..=8).contains(&n_with_callers(&tenant)), "seed {seed}");
        assert!(tenant.skills.len() <= 20 && tenant.rules.len() <= 20);
        let ids: BTreeSet<&str> = tenant
            .skills
            .iter()
            .map(|s| &*s.id)
            .chain(tenant.codes.iter().map(|c| &*c.id))
            .collect();
        assert_eq!(
            ids.len(),
            tenant.skills.len() + tenant.codes.len(),
            "ids are distinct"
        );
        let per_skill = codes_per_skill(&tenant);
        assert_eq!(
            per_skill.values().any(|n| *n > 1),
            seed % 6 == 5,
            "seed {seed}: {per_skill:?}"
        );
        let of_none = tenant
            .codes
            .iter()
            .filter(|code| code.skill.is_none())
            .count();
        assert!((1..=2).contains(&of_none));
    }
}

#[test]
fn the_rule_names_all_skills_with_callers_but_one_and_one_without() {
    for seed in 0..6 {
        let tenant = Tenant::generate(&TenantSpec::new(seed, NOW));
        let rule = target_rule(&tenant);
        let named: BTreeSet<&str> = rule["skills"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| s["id"].as_str().unwrap())
            .collect();
        let n_with_callers = n_with_callers(&tenant);
        let missing = tenant.skills[..n_with_callers]
            .iter()
            .filter(|skill| !named.contains(&*skill.id))
            .count();
        assert_eq!(missing, 1);
        assert!(
            named.contains(&*tenant.skills[n_with_callers].id),
            "the skill without callers is in the rule"
        );
        assert_eq!(
            tenant.skills[n_with_callers + 1].state,
            SkillState::Inactive
        );
        assert!(
            !named.contains(&*tenant.skills[n_with_callers + 1].id),
            "the inactive skill is not"
        );
        assert!(
            rule["skills"]
                .as_array()
                .unwrap()
                .iter()
                .all(|skill| skill["weight"] == NEUTRAL_WEIGHT)
        );
    }
}

#[test]
fn rules_are_json_with_odd_spellings() {
    let tenant = Tenant::generate(&TenantSpec {
        archived_rules: 30,
        archived_skills: 30,
        ..TenantSpec::new(1, NOW)
    });
    let rules: Vec<serde_json::Value> = tenant
        .rules
        .iter()
        .map(|rule| serde_json::from_str(rule).unwrap())
        .collect();
    let ids: BTreeSet<&str> = rules
        .iter()
        .map(|rule| rule["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), rules.len());
    assert_eq!(
        rules
            .iter()
            .filter(|rule| rule["queueId"] == *tenant.queue_id)
            .count(),
        1
    );
    assert!(
        rules
            .iter()
            .position(|rule| rule["queueId"] == *tenant.queue_id)
            .unwrap()
            >= 30
    );
    let target = tenant
        .rules
        .iter()
        .find(|rule| rule.contains(&tenant.queue_id))
        .unwrap();
    for spelling in [
        "1234567890123456789012345",
        "1.10",
        "1E2",
        "\\u00e9",
        "null",
        "[]",
    ] {
        assert!(target.contains(spelling), "{spelling}");
    }
    assert!(target.find("\"skills\"") < target.find("\"queueId\""));
    assert!(tenant.skills.len() > 30);
}

#[test]
fn codes_are_used_by_their_skills_and_a_few_calls_get_stray_ones() {
    let tenant = Tenant::generate(&TenantSpec::new(5, NOW));
    let answered = tenant
        .centre
        .conversations()
        .iter()
        .filter(|c| c.outcome == Outcome::Answered);
    let (mut n_answered, mut n_stray) = (0.0, 0.0);
    let mut used = BTreeMap::<u16, u32>::new();
    for conversation in answered {
        let Some(code) = conversation.code else {
            continue;
        };
        *used.entry(code).or_default() += 1;
        n_answered += 1.0;
        match tenant.codes[usize::from(code)].skill {
            Some(skill) => assert_eq!(skill, usize::from(conversation.skill)),
            None => n_stray += 1.0,
        }
    }
    assert_eq!(used.len(), tenant.codes.len(), "each code is in use");
    assert!(
        (0.035..0.045).contains(&(n_stray / n_answered)),
        "{}",
        n_stray / n_answered
    );
    let skill_of = |code: &u16| tenant.codes[usize::from(*code)].skill;
    let of_first: Vec<u32> = used
        .iter()
        .filter(|(code, _)| skill_of(code) == Some(0))
        .map(|(_, n)| *n)
        .collect();
    assert!(
        of_first.len() > 1 && of_first.is_sorted_by(|more, less| *more > less * 3 / 2),
        "{of_first:?}"
    );
}

#[test]
fn the_mapping_names_codes_of_skills_only_and_normalises() {
    let mut tenant = Tenant::generate(&TenantSpec {
        history_days: 0,
        ..TenantSpec::new(2, NOW)
    });
    tenant.skills[0].name = "Big  Äpfel Desk".to_owned();
    let mapping = tenant.wrapup_to_skill();
    assert_eq!(
        mapping.len(),
        tenant
            .codes
            .iter()
            .filter(|code| code.skill.is_some())
            .count()
    );
    assert_eq!(mapping[&tenant.codes[0].id], "bigäpfeldesk");
}

#[test]
fn head_starts_follow_weights_and_default_to_the_middle() {
    let tenant = Tenant::generate(&TenantSpec {
        history_days: 0,
        ..TenantSpec::new(2, NOW)
    });
    let head_starts = tenant.head_starts(&BTreeMap::from([(tenant.skills[1].id.clone(), 100)]));
    assert_eq!(head_starts.len(), tenant.skills.len());
    assert!((head_starts[0] - 5.0).abs() < 1e-9 && (head_starts[1] - 10.0).abs() < 1e-9);
}

#[test]
fn recorded_calls_become_a_tenant_that_stands_still() {
    let conversation = crate::centre::Conversation {
        start: NOW - 9_000,
        skill: 1,
        code: Some(1),
        outcome: Outcome::Answered,
        wait_ms: 5,
        handle_ms: 7,
    };
    let date = jiff::civil::date(2014, 1, 2).at(0, 0, 0, 0);
    let calls = CallHistory {
        names: vec!["30172".into(), "30175".into()],
        conversations: vec![conversation],
        first: date,
        last: date,
        shift_ms: 0,
        skipped: 0,
        skipped_rows: Vec::new(),
        dropped: 0,
    };
    let mut tenant = Tenant::from_calls(3, NOW, calls);
    tenant.centre.advance_to(NOW + 40 * 86_400_000);
    assert_eq!(tenant.centre.conversations(), [conversation]);
    assert_eq!(
        (tenant.centre.offered(), tenant.centre.now()),
        (1, NOW + 40 * 86_400_000)
    );
    assert_eq!(target_rule(&tenant)["skills"].as_array().unwrap().len(), 2);
    let mapped: Vec<String> = tenant
        .codes
        .iter()
        .map(|code| tenant.wrapup_to_skill()[&code.id].clone())
        .collect();
    assert_eq!(mapped, ["30172", "30175"]);
}

fn n_with_callers(tenant: &Tenant) -> usize {
    tenant
        .centre
        .conversations()
        .iter()
        .map(|conversation| conversation.skill)
        .collect::<BTreeSet<_>>()
        .len()
}

fn codes_per_skill(tenant: &Tenant) -> BTreeMap<usize, usize> {
    let mut per_skill = BTreeMap::new();
    tenant
        .codes
        .iter()
        .filter_map(|code| code.skill)
        .for_each(|skill| *per_skill.entry(skill).or_default() += 1);
    per_skill
}

fn target_rule(tenant: &Tenant) -> serde_json::Value {
    let rules = tenant
        .rules
        .iter()
        .map(|rule| serde_json::from_str::<serde_json::Value>(rule).unwrap());
    rules
        .into_iter()
        .find(|rule| rule["queueId"] == *tenant.queue_id)
        .unwrap()
}

#[test]
fn the_people_are_the_centres_agents_and_some_serve_both_queues() {
    for seed in 0..6 {
        let tenant = Tenant::generate(&TenantSpec::new(seed, NOW));
        let Organisation { users, queues, .. } = &tenant.organisation;
        assert_eq!(queues[0].id, tenant.queue_id);
        assert!(users.len() > 10, "seed {seed}: {}", users.len());
        for distinct in [
            users.iter().map(|user| &user.id).collect::<BTreeSet<_>>(),
            users.iter().map(|user| &user.name).collect(),
        ] {
            assert_eq!(distinct.len(), users.len(), "seed {seed}");
        }
        let callers = n_with_callers(&tenant);
        for user in users {
            assert!(!user.skills.is_empty() && !user.queues.is_empty());
            let known = |(skill, proficiency): &(usize, f64)| {
                *skill < callers && (0.0..=5.0).contains(proficiency)
            };
            assert!(user.skills.iter().all(known), "{user:?}");
        }
        let shared = users.iter().filter(|user| user.queues.len() == 2).count();
        assert!((2..users.len()).contains(&shared), "seed {seed}");
        assert_eq!(users.len(), usize::from(tenant.centre.n_agents()));
        let own: BTreeSet<usize> = codes_in_other_queue(&tenant);
        let listed: BTreeSet<usize> = queues[1].codes.iter().copied().collect();
        assert!(own.is_subset(&listed) && listed.len() < tenant.codes.len());
    }
}

fn codes_in_other_queue(tenant: &Tenant) -> BTreeSet<usize> {
    let visits = tenant.centre.contacts().iter();
    let visits = visits.flat_map(|contact| &contact.visits);
    let other = visits.filter(|visit| visit.queue == crate::centre::Queue::Other);
    let codes = other.filter_map(|visit| visit.service?.coding.code());
    codes.map(usize::from).collect()
}

#[test]
fn a_tenant_can_be_made_as_large_as_asked_for() {
    let size = Size {
        skills: 25,
        codes: 60,
    };
    let tenant = Tenant::generate(&TenantSpec {
        history_days: 1,
        size: Some(size),
        ..TenantSpec::new(1, NOW)
    });
    assert_eq!(tenant.codes.len(), 60);
    let coded: BTreeSet<_> = tenant.codes.iter().filter_map(|code| code.skill).collect();
    assert_eq!(coded, (0..25).collect());
    let names: BTreeSet<_> = tenant.skills.iter().map(|skill| &skill.name).collect();
    assert_eq!(names.len(), tenant.skills.len());
    for (skills, codes, is_possible) in [
        (2, 4, true),
        (1, 9, false),
        (25, 26, false),
        (25, 202, true),
        (25, 203, false),
        (57, 100, false),
    ] {
        let size = Size { skills, codes };
        assert_eq!(size.is_possible(), is_possible, "{size:?}");
    }
}

#[test]
fn a_tenant_has_as_many_callers_as_asked_for_and_agents_for_them() {
    for (calls_a_day, agents) in [(300, 8..30), (4_000, 90..200)] {
        let tenant = Tenant::generate(&TenantSpec {
            history_days: 14,
            calls_a_day: Some(calls_a_day),
            ..TenantSpec::new(2, NOW)
        });
        // Five working days of which Monday is the busiest, and Saturday with a third as many.
        let a_day = tenant.centre.conversations().len() as f64 / (2.0 * 5.3);
        let ratio = a_day / f64::from(calls_a_day);
        assert!((0.85..1.15).contains(&ratio), "{a_day} of {calls_a_day}");
        let n_agents = tenant.centre.n_agents();
        assert!(agents.contains(&n_agents), "{n_agents} for {calls_a_day}");
    }
}
