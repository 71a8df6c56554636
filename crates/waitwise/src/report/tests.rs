use super::*;

fn effect(without: f64, difference: f64, half_width: f64) -> EffectLine {
    EffectLine {
        offered: 4321,
        without_wait_secs: without,
        with_wait_secs: without + difference,
        difference_secs: difference,
        half_width_secs: half_width,
        is_evidence: difference.abs() > half_width,
        n_days: 30,
        without_abandon_share: 0.061,
        with_abandon_share: 0.052,
    }
}

fn told(name: &str, predicted: f64, half_width: f64, happened: f64) -> ToldLine {
    ToldLine {
        name: name.to_owned(),
        weights: "searched",
        predicted,
        half_width,
        happened,
    }
}

#[test]
fn what_was_predicted_stands_beside_what_happened() {
    let page = render(&report(3));
    assert!(page.contains("1 of 2 changes lie within its intervals."));
    assert!(page.contains("142.9"), "the tutorial's worst skill");
    let untold = Report {
        rivals: Vec::new(),
        told: Vec::new(),
        ..report(3)
    };
    let page = render(&untold);
    assert!(!page.contains("What the twin had said") && !page.contains("Searched weights"));
}

fn report(n_skills: u8) -> Report {
    let skill = |idx: u8| SkillLine {
        name: format!("Skill {idx}"),
        conversations: 1000.0,
        mean_wait_secs: 40.0,
        waiting_hours: f64::from(idx),
        waiting_share: 1.0 / f64::from(n_skills),
        weight_before: Some("50".to_owned()),
        weight_after: Some(100 - idx),
        effect: effect(50.0, f64::from(idx) - 5.0, 2.0),
    };
    Report {
        title: "The demo's report".to_owned(),
        seed: 7,
        queue: "Support".to_owned(),
        window: ("2026-05-01".to_owned(), "2026-05-31".to_owned()),
        verdict: vec![
            "Waits became shorter.".to_owned(),
            "For one skill they became longer.".to_owned(),
        ],
        skills: (0..n_skills).map(skill).collect(),
        all: effect(60.0, -6.0, 1.0),
        rivals: vec![RivalLine {
            name: "worst skill".to_owned(),
            unchanged: 98.3,
            tutorial: 142.9,
            searched: 87.1,
        }],
        told: vec![
            told("Skill 0", 3.0, 2.0, 4.9),
            told("Skill 1", -9.5, 2.0, -4.0),
        ],
        codes: vec![CodeLine {
            code: "Refund".to_owned(),
            skill: "Skill 0".to_owned(),
            conversations: 10.0,
            mean_wait_secs: 20.0,
            waiting_hours: 0.1,
            waiting_share: 0.01,
        }],
        unmapped: vec![UnmappedLine {
            code: "Wrong number".to_owned(),
            conversations: 10.0,
            mean_wait_secs: 20.0,
            waiting_share: 0.01,
            reason: "not in the mapping".to_owned(),
        }],
        warnings: vec!["skill `Skill 0` has few interactions".to_owned()],
        steps: vec![Step {
            title: "Rolled back".to_owned(),
            detail: "The rule is what it was.".to_owned(),
        }],
        measured: "Measured in the sandbox, once without and once with the change.".to_owned(),
    }
}

#[test]
fn everything_told_is_on_the_page_and_the_same_report_gives_the_same_bytes() {
    let page = render(&report(3));
    for text in [
        "The demo&#39;s report",
        "Support",
        "2026-05-01",
        "Waits became shorter.",
        "For one skill they became longer.",
        "Skill 2",
        "Refund",
        "Wrong number",
        "not in the mapping",
        "few interactions",
        "Rolled back",
        "once without and once with",
        "seed 7, never a live tenant",
        "−7.0 to −5.0",
        "6.1%",
    ] {
        let text = text.replace("&#39;", "'");
        assert!(page.contains(&text), "{text}");
    }
    assert_eq!(page, render(&report(3)));
}

#[test]
fn texts_cannot_become_markup() {
    const EVIL: &str = "<script>alert(\"x\")</script>&";
    let mut report = report(1);
    let evil = || EVIL.to_owned();
    (report.title, report.queue, report.measured, report.window) =
        (evil(), evil(), evil(), (evil(), evil()));
    (report.verdict, report.warnings) = (vec![evil()], vec![evil()]);
    report.steps = vec![Step {
        title: evil(),
        detail: evil(),
    }];
    report.skills[0].name = EVIL.repeat(3);
    report.skills[0].weight_before = Some(evil());
    (report.codes[0].code, report.codes[0].skill) = (evil(), evil());
    (report.unmapped[0].code, report.unmapped[0].reason) = (evil(), evil());
    let page = render(&report);
    assert!(!page.contains("<script"));
    assert!(page.matches("&lt;script&gt;").count() >= 15);
}

#[test]
fn the_page_asks_the_network_for_nothing() {
    let page = render(&report(25));
    for request in [
        "http://", "https://", "src=", "href=", "@import", "<link", "<script", "<iframe",
    ] {
        assert!(!page.contains(request), "{request}");
    }
    assert_eq!(
        page.matches("url(").count(),
        page.matches("url(#hatch)").count()
    );
    assert_eq!(page.matches("id=\"hatch\"").count(), 1);
}

#[test]
fn each_skill_has_its_rows_whether_there_is_one_or_twenty_five() {
    for n_skills in [0, 1, 25] {
        let untold = Report {
            told: Vec::new(),
            rivals: Vec::new(),
            ..report(n_skills)
        };
        let page = render(&untold);
        let bars = page.matches("class=\"bar with\"").count();
        assert_eq!(
            bars,
            usize::from(n_skills) + 1,
            "one pair per skill and one for all callers"
        );
        assert_eq!(
            page.matches("class=\"after\"").count(),
            usize::from(n_skills)
        );
        assert_eq!(page.matches("role=\"img\"").count(), 4);
        assert_eq!(page.matches("<desc id=").count(), 4);
        assert_eq!(page.matches("<table>").count(), 5);
    }
}

#[test]
fn the_bottleneck_comes_first() {
    let page = render(&report(25));
    let place = |text| page.find(text).unwrap();
    assert!(place("<p class=\"value\">Skill 24<") < place("Skill 3<"));
    assert!(place("<tspan class=\"name\">Skill 24<") < place("<tspan class=\"name\">Skill 3<"));
}

#[test]
fn numbers_that_are_none_are_unknown_and_never_drawn() {
    for value in [f64::NAN, f64::INFINITY, f64::MAX, -1.0, 0.0] {
        let mut report = report(2);
        report.all = EffectLine {
            half_width_secs: value,
            difference_secs: value,
            ..effect(value, value, value)
        };
        let skill = &mut report.skills[0];
        (
            skill.conversations,
            skill.mean_wait_secs,
            skill.waiting_hours,
            skill.waiting_share,
        ) = (value, value, value, value);
        skill.effect = effect(value, value, value);
        let page = render(&report);
        let drawn = page
            .split("<svg ")
            .skip(1)
            .filter_map(|rest| rest.split("</svg>").next());
        for place in drawn.flat_map(|svg| {
            svg.split(['x', 'y', ' '])
                .filter(|part| part.contains("=\""))
        }) {
            assert!(
                !place.contains("NaN") && !place.contains("inf\"") && !place.contains("inf%"),
                "{value}: {place}"
            );
        }
    }
}

#[test]
fn a_weight_before_that_is_no_weight_is_said_but_not_drawn() {
    for (before, rings) in [("50", 1), ("5E1", 1), ("0", 0), ("101", 0), ("high", 0)] {
        let mut report = report(1);
        report.skills[0].weight_before = Some(before.to_owned());
        let page = render(&report);
        assert!(page.contains(&format!("{before} → 100")), "{before}");
        assert_eq!(
            page.matches("<circle class=\"before\"").count(),
            rings,
            "{before}"
        );
    }
}

#[test]
fn empty_sections_are_left_out() {
    let mut report = report(1);
    report.warnings.clear();
    report.unmapped.clear();
    report.codes.clear();
    let page = render(&report);
    for heading in ["Warnings", "Left out", "By wrap-up code"] {
        assert!(!page.contains(&format!(">{heading}")), "{heading}");
    }
}

#[test]
fn codes_beyond_the_first_dozen_are_counted() {
    let mut report = report(1);
    report.codes = (0..15_u8)
        .map(|idx| CodeLine {
            code: format!("code {idx}."),
            waiting_hours: f64::from(idx),
            ..report.codes[0].clone()
        })
        .collect();
    let page = render(&report);
    assert!(page.contains("and 3 more wrap-up codes"));
    assert!(page.contains("code 3.") && !page.contains("code 2."));
}
