use std::collections::BTreeMap;

use waitwise_app::analysis::SkillRow;
use waitwise_app::model::{ObjectId, Pull, SkillEvidence, SkillId, Weight, WeightChange, Write};
use waitwise_app::plan_file::{
    Basis, FrontPoint, Intent, Judged, Predicted, PredictedChange, PredictedLine, PredictedVariant,
    Step, Strategy,
};

use super::*;

fn figure(present: f64, difference: f64, half_width: f64) -> Predicted {
    Predicted {
        present,
        proposed: present + difference,
        difference,
        half_width,
    }
}

/// A skill of this name, or everybody.
fn predicted(skill: Option<&str>, difference: f64) -> PredictedLine {
    PredictedLine {
        queue: skill.map(|_| "q".to_owned()),
        skill: skill.map(str::to_owned),
        name: skill.unwrap_or("all").to_owned(),
        offered: 1234.4,
        mean_wait_secs: figure(60.0, difference, 2.5),
        p50_wait_secs: figure(40.0, difference, 2.5),
        p90_wait_secs: figure(160.0, 2.0 * difference, 4.5),
        abandoned_share: figure(0.061, difference / 1000.0, 0.0011),
        service_level: figure(0.552, -difference / 1000.0, 0.0022),
    }
}

fn prediction(skills: &[&str]) -> Prediction {
    let differences = [-7.0, 8.0, 1.5];
    let skills = skills.iter().zip(differences.into_iter().cycle());
    let mut lines: Vec<_> = skills
        .map(|(name, difference)| predicted(Some(name), difference))
        .collect();
    lines.push(predicted(None, -0.4));
    let sensitivity =
        ["less-load", "more-load", "one-agent-fewer"].map(|supposed| PredictedVariant {
            supposed: supposed.to_owned(),
            lines: vec![PredictedChange {
                queue: None,
                skill: None,
                difference_secs: -12.3,
                half_width_secs: 3.2,
            }],
        });
    Prediction {
        first_day: "2026-05-01".parse().unwrap(),
        days: 20,
        futures: 1200,
        seed: 77,
        target_secs: 20.0,
        basis: Basis {
            from: "2026-04-01".parse().unwrap(),
            to: "2026-04-30".parse().unwrap(),
            visits: 30_000,
            agents: 40,
            staffing_is_told: true,
        },
        backtest: Some(Judged {
            from: "2026-04-16".parse().unwrap(),
            to: "2026-04-30".parse().unwrap(),
            mean_wait_error: 0.083,
            coverage: 0.914,
        }),
        lines,
        sensitivity: sensitivity.into(),
    }
}

fn point(label: &str, skill: &str, mean: f64, worst: f64, keeps_guardrails: bool) -> FrontPoint {
    let values = [
        ("mean-wait", mean),
        ("worst-wait", worst),
        ("abandonment", 9.87),
    ];
    FrontPoint {
        label: label.to_owned(),
        head_starts_minutes: BTreeMap::from([(skill.to_owned(), 3.0)]),
        values: values.map(|(name, value)| (name.to_owned(), value)).into(),
        keeps_guardrails,
    }
}

fn search(skill: &str) -> Search {
    Search {
        objective: "worst-wait".to_owned(),
        unit: "s".to_owned(),
        present: 155.6,
        change: -5.74,
        half_width: Some(1.65),
        fresh_days: 896.0,
        simulated: 7_654_321,
        seed: 77,
        said: vec![
            "better: worst-wait goes down".to_owned(),
            format!("callers of {skill} pay for it"),
        ],
        front: vec![
            point("present", skill, 76.22, 143.48, true),
            point("proposed", skill, 76.19, 138.92, true),
            point("equal", skill, 76.22, 143.48, true),
            point("front", skill, 75.32, 141.91, false),
            point("front", skill, 75.45, 132.19, false),
        ],
    }
}

fn evidence(name: &str) -> SkillEvidence {
    SkillEvidence {
        skill: SkillId::new("a"),
        name: name.to_owned(),
        codes: Vec::new(),
        conversations: 5301.0,
        mean_wait_secs: 63.5,
        waiting_hours: 93.5,
        waiting_share: 1.0,
    }
}

const PULL: Pull = Pull {
    pages: 1,
    entities: 1,
    unique: 1,
    claimed: None,
};

fn window() -> Window {
    Window::days_before("2026-05-01T00:00:00Z".parse().unwrap(), 30).unwrap()
}

/// A plan whose every text is `name`.
fn plan(name: &str, prediction: Option<Prediction>, search: Option<Search>) -> Plan {
    let weight = Weight::try_from(64).unwrap();
    let change = WeightChange {
        skill: SkillId::new("a"),
        before: Some("50.0".to_owned()),
        after: weight,
        pointer: "/skills/0/weight".to_owned(),
    };
    let write = Write {
        object: ObjectId::new(name),
        forward: "{}".to_owned(),
        inverse: "{}".to_owned(),
        changes: vec![change],
        comparable_after: "{}".to_owned(),
    };
    let observed = waitwise_app::model::Observed {
        object: ObjectId::new(name),
        document: "{}".to_owned(),
        comparable: "{}".to_owned(),
    };
    let intent = Intent {
        created_at: "2026-05-01T00:00:00Z".parse().unwrap(),
        tenant: name.to_owned(),
        queue: QueueId::new(name),
        lever: "routing-rule".to_owned(),
        priority_table: None,
        strategy: Strategy {
            name: name.to_owned(),
            settings: BTreeMap::new(),
        },
        window: window(),
        pull: PULL,
        weights: [(SkillId::new("a"), weight)].into(),
        held_back: [(SkillId::new("a"), Weight::try_from(99).unwrap())].into(),
        max_step: None,
        evidence: vec![evidence(name)],
        unmapped: Vec::new(),
        prediction,
        search,
        warnings: vec![name.to_owned()],
    };
    Plan::seal(intent, vec![Step::new(&observed, write)])
}

fn analysis(name: &str) -> Analysis {
    Analysis {
        tenant: name.to_owned(),
        queue: QueueId::new(name),
        window: window(),
        pull: PULL,
        skills: vec![SkillRow {
            evidence: evidence(name),
            present: Some("50".to_owned()),
            is_thin: false,
        }],
        codes: Vec::new(),
        unmapped: Vec::new(),
        unseen: Vec::new(),
        rejected: Vec::new(),
        visits: Vec::new(),
        warnings: vec![name.to_owned()],
    }
}

fn whole(name: &str) -> String {
    let prediction = prediction(&[name, "Sales", "Returns"]);
    let plan = plan(name, Some(prediction), Some(search(name)));
    Prospect::of(&plan).page()
}

/// What stands between the tags of each element of this kind.
fn inside<'a>(page: &'a str, open: &str, close: &str) -> Vec<&'a str> {
    let parts = page.split(open).skip(1);
    parts
        .map(|part| part.split(close).next().unwrap())
        .collect()
}

/// Every element ends, and inside the one that it began in.
fn check_nested(page: &str) {
    const WITHOUT_END: [&str; 3] = ["!doctype", "meta", "br"];
    let mut open = Vec::new();
    for tag in inside(page, "<", ">") {
        let name = tag.split_whitespace().next().unwrap().to_lowercase();
        match name.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop().as_deref(), Some(name), "</{name}>"),
            None if WITHOUT_END.contains(&name.as_str()) => (),
            None => open.push(name),
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn every_section_is_there_and_the_same_plan_gives_the_same_bytes() {
    let page = whole("Billing");
    let headings = inside(&page, "<h2>", "</h2>");
    assert_eq!(
        headings,
        [
            "What would become of waits",
            "What other weights would do",
            "What would be written",
            "What the search says",
            "Warnings",
        ]
    );
    assert_eq!(page, whole("Billing"));
    check_nested(&page);
    for text in [
        "2026-04-01T00:00:00Z to 2026-05-01T00:00:00Z",
        "Better: worst-wait goes down.",
        "Callers of Billing pay for it.",
        "The prediction for the 20 days from 2026-05-01:",
        "All callers: no evidence of a change (0 s ±2).",
        "Billing callers wait 7 s less, ±2.",
        "Sales callers wait 8 s more, ±2.",
        "No evidence of a change for Returns.",
        "8.3%",
        "2026-04-16 to 2026-04-30; 91.4% of the figures",
        "1,200 futures, each under both sets of weights; seed 77",
        "−5.74 ± 1.65 s",
        "on 896 simulated days",
        "7,654,321 interactions; seed 77",
        "Answered within 20\u{a0}s (%)",
        "held back from 99",
    ] {
        assert!(page.contains(text), "{text}");
    }
}

#[test]
fn charts_have_their_numbers_beneath() {
    let page = whole("Billing");
    let [waits, front, ..] = inside(&page, "<section>", "</section>")[..] else {
        panic!("sections are missing");
    };
    assert_eq!(page.matches("role=\"img\"").count(), 2);
    assert_eq!(page.matches("<desc id=").count(), 2);
    let (chart, tables) = waits.split_once("</svg></div>").unwrap();
    for (drawn, in_table) in [
        (
            "▼ 7.0\u{a0}s shorter (± 2.5\u{a0}s)",
            "60.0 → 53.0<br>−7.0 ± 2.5",
        ),
        (
            "▲ 8.0\u{a0}s longer (± 2.5\u{a0}s)",
            "60.0 → 68.0<br>+8.0 ± 2.5",
        ),
        (
            "no evidence of a difference (+1.5 ± 2.5\u{a0}s)",
            "60.0 → 61.5<br><span class=\"quiet\">(+1.5 ± 2.5)",
        ),
    ] {
        assert!(chart.contains(drawn), "{drawn} is not in {chart}");
        assert!(tables.contains(in_table), "{in_table} is not in {tables}");
    }
    assert_eq!(chart.matches("class=\"after\"").count(), 1);
    assert_eq!(chart.matches("class=\"after worse\"").count(), 1);
    assert_eq!(chart.matches("class=\"before\"").count(), 2);
    for shares in ["6.1 → 5.4<br>−0.7 ± 0.1", "55.2 → 55.9<br>+0.7 ± 0.2"] {
        assert!(tables.contains(shares), "{shares} is not in {tables}");
    }
    assert_eq!(tables.matches("−12.3 ± 3.2").count(), 3);

    let tooltips = inside(front, "%\" y=\"", "</title>");
    let tooltips: Vec<_> = tooltips
        .iter()
        .filter_map(|spot| spot.split_once("<title>"))
        .map(|(_, told)| told)
        .collect();
    assert_eq!(
        tooltips,
        [
            "2: mean wait 75.45 s, longest 132.19 s",
            "1: mean wait 75.32 s, longest 141.91 s",
            "proposed: mean wait 76.19 s, longest 138.92 s",
            "present, equal: mean wait 76.22 s, longest 143.48 s",
        ]
    );
    let plot = inside(front, "role=\"img\"", "</div>")[0];
    assert_eq!(plot.matches("spot triangle hollow").count(), 2);
    assert_eq!(plot.matches("\"spot diamond\"").count(), 1);
    assert_eq!(plot.matches("\"spot circle\"").count(), 1);
    let rows = inside(front, "<tr>", "</tr>");
    let row = rows.iter().find(|row| row.contains(">2</th>")).unwrap();
    for cell in [">75.45<", ">132.19<", ">9.87<", ">–<", ">broken<"] {
        assert!(row.contains(cell), "{cell} is not in {row}");
    }
    assert!(front.contains("Billing</th><td class=\"number\">3.0<"));
}

#[test]
fn the_page_asks_the_network_for_nothing_and_names_cannot_become_markup() {
    const EVIL: &str = "<b><script src=\"https://x\">&";
    let pages = [
        whole(EVIL),
        Prospect::of_nothing(&analysis(EVIL), EVIL, Some(&search(EVIL)), EVIL).page(),
    ];
    // Title, queue, tenant, strategy, verdict, chart, three tables, write, weights, search, warning; without a plan neither
    // chart nor write, and only the front's tables.
    for (page, times) in pages.iter().zip([13, 9]) {
        assert_eq!(page.matches("&lt;b&gt;&lt;script").count(), times);
        check_nested(page);
        for request in [
            "<b>", "<script", "href=", "@import", "<link", "<iframe", "http://",
        ] {
            assert!(!page.contains(request), "{request}");
        }
        assert!(page.contains("default-src 'none'"));
        assert_eq!(
            page.matches("url(").count(),
            page.matches("url(#hatch)").count()
        );
    }
}

#[test]
fn a_search_that_found_nothing_is_shown_alone() {
    let (analysis, search) = (analysis("Billing"), search("Billing"));
    let prospect = Prospect::of_nothing(&analysis, "search", Some(&search), "Nothing is better.");
    assert!(prospect.looks_ahead());
    let page = prospect.page();
    let headings = inside(&page, "<h2>", "</h2>");
    assert_eq!(
        headings,
        [
            "What other weights would do",
            "What stays as it is",
            "What the search says",
            "Warnings",
        ]
    );
    let verdict = inside(&page, "aria-label=\"Verdict\">", "</section>")[0];
    let place = |told: &str| verdict.find(told).unwrap();
    assert!(place("Better: worst-wait goes down.") < place("Nothing is better."));
    assert!(page.contains("Billing</th><td class=\"number\">5,301</td>"));
}

#[test]
fn without_prediction_and_search_the_page_says_why() {
    let plan = plan("Billing", None, None);
    let analysis = analysis("Billing");
    for (prospect, why, heading) in [
        (
            Prospect::of(&plan),
            "What this would do to waits is not predicted.",
            "What would be written",
        ),
        (
            Prospect::of_nothing(&analysis, "keep", None, "They stay."),
            "They stay.",
            "What stays as it is",
        ),
    ] {
        assert!(!prospect.looks_ahead());
        let page = prospect.page();
        assert!(page.contains(&format!("<p class=\"lead\">{why}</p>")));
        assert_eq!(inside(&page, "<h2>", "</h2>"), [heading, "Warnings"]);
        assert!(!page.contains("role=\"img\"") && !page.contains("class=\"tiles\""));
        check_nested(&page);
    }
}

#[test]
fn many_skills_do_not_fill_the_verdict() {
    let names: Vec<String> = (0..30).map(|idx| format!("Skill {idx}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let plan = plan("Billing", Some(prediction(&names)), None);
    let page = Prospect::of(&plan).page();
    let verdict = inside(&page, "aria-label=\"Verdict\">", "</section>")[0];
    assert!(verdict.contains("For 13 more skills waits change as well."));
    assert_eq!(verdict.matches("<p").count(), 10);
}

#[test]
fn odd_numbers_are_drawn_as_something_finite() {
    for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300] {
        let mut prediction = prediction(&["Billing", "Sales"]);
        prediction.lines[0].mean_wait_secs = figure(odd, odd, odd);
        prediction.lines[1].mean_wait_secs.half_width = odd;
        let mut search = search("Billing");
        search.front[0].values.insert("mean-wait".to_owned(), odd);
        search.front[3].values.clear();
        let plan = plan("Billing", Some(prediction), Some(search));
        let page = Prospect::of(&plan).page();
        let charts = inside(&page, "<svg ", "</svg>").join("");
        for word in ["NaN", "inf%", "inf\"", "=\"-"] {
            let found = charts
                .replace(" dx=\"-", "")
                .replace(" dy=\"-", "")
                .replace("viewBox=\"-", "");
            assert!(!found.contains(word), "{odd} gives {word}");
        }
        check_nested(&page);
    }
}
