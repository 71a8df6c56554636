//! Whole searches on small centres.

use waitwise_model::{Scale, Weight};
use waitwise_sim::Model;

use super::bench::Bench;
use super::finals::{Outcome, Rules, choose};
use super::fixtures::{ALONE, N, ONE_POOL, TARGET_SECS, UNLIKE, model, tuning};
use super::runner::Runner;
use super::*;
use crate::guardrail::Guardrail;
use crate::objective::Measure;
use crate::writable::Writable;

fn settings(objective: &str, threads: usize) -> Settings {
    Settings {
        objective: objective.parse().unwrap(),
        guardrails: Guardrails::default(),
        seed: 11,
        threads,
        budget: Some(4_000_000),
    }
}

fn unguarded(objective: &str) -> Settings {
    let mut guardrails = Guardrails::NONE;
    guardrails.set(Guardrail::HeadStartGap(10.0)).unwrap();
    Settings {
        guardrails,
        ..settings(objective, 2)
    }
}

fn weights(report: &Report) -> Vec<u8> {
    report.weights.values().map(|weight| weight.get()).collect()
}

fn run(model: &Model, skills: &[(&str, i64)], settings: &Settings) -> Report {
    search(&tuning(model, skills), settings, &mut |_| {})
}

fn says(report: &Report, words: &str) -> bool {
    report
        .sentences()
        .iter()
        .any(|sentence| sentence.contains(words))
}

#[test]
fn flexible_agents_are_kept_for_those_who_have_no_others() {
    let model = model(N);
    let report = run(
        &model,
        &[("sales", 50), ("help", 50)],
        &unguarded("mean-wait"),
    );
    assert_eq!(report.verdict, Verdict::Better, "{:#?}", report.sentences());
    let by_name = &report.head_starts_minutes;
    assert!(by_name[1].1 > by_name[0].1 + 0.5, "{by_name:?}");
    // All agents as one pool are a proved floor, and the search comes nearer to it.
    let pooled =
        |floor: &&Floor| floor.measure == Measure::MeanWait && floor.kind == FloorKind::Pooled;
    let pooled = report.floors.iter().find(pooled).unwrap();
    assert!(pooled.is_proved);
    let value = |measures| Measure::MeanWait.value(measures);
    assert!(
        pooled.value < value(&report.proposed) && value(&report.proposed) < value(&report.present)
    );
    assert!(says(&report, "no weights go below"));
    // What belongs beside it.
    let labels: Vec<&str> = report.front.iter().map(|point| point.label).collect();
    assert_eq!(labels[..3], ["present", "proposed", "equal"]);
    assert!(labels.len() > 4, "{labels:?}");
    let scenarios = &report.sensitivity;
    let names: Vec<&str> = scenarios
        .iter()
        .map(|scenario| scenario.name.as_str())
        .collect();
    // Help is the tightest, and its only agents are those who take all.
    assert_eq!(
        names,
        ["10% more load", "10% less load", "one agent fewer in all"]
    );
    assert!(scenarios[1].present < scenarios[0].present.min(scenarios[2].present));
}

#[test]
fn where_nothing_moves_the_worst_skill_the_others_are_helped() {
    let model = model(ALONE);
    let skills = [("claims", 50), ("sales", 50), ("help", 50), ("returns", 50)];
    let proposed = |objective: &str| {
        let report = run(&model, &skills, &unguarded(objective));
        assert_eq!(report.verdict, Verdict::Better, "{:#?}", report.sentences());
        let wait = Measure::WorstWait.value(&report.proposed);
        assert!((wait - Measure::WorstWait.value(&report.present)).abs() < 1e-6);
        report.mean_wait_change.value
    };
    let (by_worst, by_mean) = (proposed("worst-wait"), proposed("mean-wait"));
    assert!(by_worst < 0.5 * by_mean, "{by_worst} s and {by_mean} s");
}

#[test]
fn the_same_bytes_come_from_any_number_of_threads() {
    let model = model(N);
    let told = |threads| {
        let mut progress = Vec::new();
        let tuning = tuning(&model, &[("sales", 50), ("help", 70)]);
        let report = search(&tuning, &settings("worst-wait", threads), &mut |step| {
            progress.push(step)
        });
        assert!(
            progress
                .windows(2)
                .all(|pair| pair[0].simulated <= pair[1].simulated)
        );
        format!("{report:?} {progress:?}")
    };
    let one = told(1);
    assert_eq!(one, told(2));
    assert_eq!(one, told(8));
    assert!(!one.contains("NaN"));
}

#[test]
fn where_weights_only_redistribute_it_says_so_and_who_pays() {
    let model = model(ONE_POOL);
    // Equal weights give all the same wait already.
    let even = run(
        &model,
        &[("sales", 50), ("help", 50)],
        &settings("worst-wait", 2),
    );
    assert_eq!(even.verdict, Verdict::NoEvidence);
    assert_eq!(weights(&even), [50, 50]);
    assert!(says(
        &even,
        "weights can only redistribute among sales, help"
    ));
    assert!(even.sentences()[0].ends_with("keep the present weights"));
    // Sales is ahead by two minutes: 27.7 s against 67.1 s.
    let uneven = run(
        &model,
        &[("sales", 70), ("help", 50)],
        &unguarded("worst-wait"),
    );
    assert_eq!(uneven.verdict, Verdict::Better);
    assert!(
        says(&uneven, "here it is paid for by callers of sales"),
        "{:#?}",
        uneven.sentences()
    );
    let (low, high) = uneven.mean_wait_change.interval(0.999);
    assert!(
        low < 0.0 && high > 0.0,
        "the mean of all stays: {:?}",
        uneven.mean_wait_change
    );
    let worst = Measure::WorstWait.value(&uneven.proposed);
    assert!((worst - 49.57).abs() < 3.0, "{worst}");
}

#[test]
fn guardrails_hold_back_what_would_harm() {
    let model = model(ONE_POOL);
    let guarded = run(
        &model,
        &[("sales", 70), ("help", 50)],
        &settings("worst-wait", 2),
    );
    // Sales may wait a tenth more at p90, not three quarters more.
    let breaches = guarded
        .guardrails
        .breaches(&guarded.present, &guarded.proposed, &[]);
    assert!(breaches.len() <= 1, "{breaches:?}");
    let free = run(
        &model,
        &[("sales", 70), ("help", 50)],
        &unguarded("worst-wait"),
    );
    assert!(
        free.change.value < 2.0 * guarded.change.value,
        "{:?}",
        guarded.change
    );
    let mut nothing = Guardrails::default();
    nothing.set(Guardrail::P90Rise(0.0)).unwrap();
    nothing.set(Guardrail::ServiceLevelFall(0.0)).unwrap();
    let kept = Settings {
        guardrails: nothing,
        ..settings("worst-wait", 2)
    };
    let kept = run(&model, &[("sales", 70), ("help", 50)], &kept);
    assert_eq!(kept.verdict, Verdict::NoEvidence);
    assert_eq!(weights(&kept), [50, 70], "as they were: help, sales");
}

#[test]
fn skills_that_share_nobody_are_left_alone() {
    let apart = N.replacen("skills = [\"sales\", \"help\"]", "skills = [\"help\"]", 1);
    let model = model(&apart.replacen("per_hour = 90", "per_hour = 80", 1));
    let report = run(
        &model,
        &[("sales", 20), ("help", 80)],
        &settings("worst-wait", 2),
    );
    assert_eq!(report.verdict, Verdict::NoEvidence);
    assert_eq!(weights(&report), [80, 20]);
    assert!(says(&report, "weights make no difference to sales"));
}

#[test]
fn only_what_can_be_written_is_proposed() {
    let model = model(N);
    let skills = tuning(&model, &[("sales", 50), ("help", 50)])
        .skills()
        .to_vec();
    let writable = Writable::whole_minutes(Scale::DEFAULT);
    let steps: Vec<Weight> = writable.steps().iter().map(|step| step.weight).collect();
    let tuning = Tuning::new(&model, skills, writable, TARGET_SECS).unwrap();
    let report = search(&tuning, &unguarded("mean-wait"), &mut |_| {});
    assert_eq!(report.verdict, Verdict::Better, "{:#?}", report.sentences());
    assert!(
        report.weights.values().all(|weight| steps.contains(weight)),
        "{:?}",
        report.weights
    );
    let whole = |minutes: f64| (minutes - minutes.round()).abs() < 1e-9;
    assert!(
        report
            .head_starts_minutes
            .iter()
            .all(|(now, then)| whole(*now) && whole(*then))
    );
}

#[test]
fn staff_that_is_short_whatever_the_weights_is_named() {
    let busy = N.replacen("per_hour = 90", "per_hour = 110", 1);
    let patience = "mean_secs = 180 }\npatience = { law = \"exponential\", mean_secs = 120 }";
    let busy = busy.replace("mean_secs = 180 }", patience);
    let model = model(&busy);
    let report = run(
        &model,
        &[("sales", 50), ("help", 50)],
        &settings("abandonment", 2),
    );
    assert!(
        says(
            &report,
            "short of staff whatever the weights: help (load is 1.10"
        ),
        "{:#?}",
        report.sentences()
    );
    let fluid = report
        .floors
        .iter()
        .find(|floor| floor.kind == FloorKind::Fluid)
        .unwrap();
    // 0.5 of 9.5 erlangs cannot be done.
    assert!(
        fluid.is_proved && (fluid.value - 100.0 * 0.5 / 9.5).abs() < 1e-6,
        "{fluid:?}"
    );
    assert!(Measure::Abandonment.value(&report.present) > fluid.value);
}

#[test]
fn finalists_are_told_apart_as_often_as_is_said() {
    let model = model(N);
    let tuning = tuning(&model, &[("sales", 50), ("help", 50)]);
    let settings = unguarded("mean-wait");
    // Seconds of mean wait lie between them: by far the best is the third.
    let minutes = [
        vec![5.0, 5.0],
        vec![8.0, 5.0],
        vec![1.0, 6.0],
        vec![5.0, 5.5],
    ];
    let mut right = 0;
    for seed in 0..40 {
        let runner = Runner::new(tuning.model(), seed, 2);
        let mut bench = Bench::new(&tuning, &settings.objective, &settings.guardrails, runner);
        let rules = Rules {
            known: 1,
            first_day: 0,
            days: 2,
            budget: u64::MAX,
            indifference: 0.1,
        };
        let outcome = choose(&mut bench, &minutes, rules);
        right += u32::from(outcome.place == 2);
        assert!(outcome.choice.confidence <= 1.0 && outcome.choice.finalists == 4);
    }
    // At 95% each, fewer than 33 of 40 right happen once in a thousand times.
    assert!(right >= 33, "{right}");
}

/// Chooses among head starts by the worst wait with all guardrails, `known` of which are known to keep them.
fn chosen_of(model: &Model, minutes: &[Vec<f64>], known: usize, indifference: f64) -> Outcome {
    let tuning = tuning(model, &[("sales", 50), ("help", 50)]);
    let settings = settings("worst-wait", 2);
    let runner = Runner::new(tuning.model(), 5, 2);
    let mut bench = Bench::new(&tuning, &settings.objective, &settings.guardrails, runner);
    let rules = Rules {
        known,
        first_day: 0,
        days: 40,
        budget: u64::MAX,
        indifference,
    };
    choose(&mut bench, minutes, rules)
}

#[test]
fn who_is_better_and_breaks_a_guardrail_is_held_back_unless_known_to_keep_them() {
    let model = model(N);
    // With a long head start for help the worst wait falls, and those of sales wait too long.
    let minutes = [vec![5.0, 5.0], vec![5.0, 9.0]];
    let outcome = chosen_of(&model, &minutes, 1, 0.1);
    assert_eq!((outcome.place, outcome.is_held_back), (0, true));
    let outcome = chosen_of(&model, &minutes, 2, 0.1);
    assert_eq!((outcome.place, outcome.is_held_back), (1, false));
    let outcome = chosen_of(&model, &minutes[..1], 1, 0.1);
    assert_eq!((outcome.place, outcome.is_held_back), (0, false));
}

#[test]
fn where_a_guardrail_is_in_the_way_it_goes_downhill_once_more() {
    let model = model(N);
    let tuning = tuning(&model, &[("sales", 50), ("help", 50)]);
    let goes_twice = |seed: u64, settings: Settings| {
        let mut phases = Vec::new();
        let settings = Settings { seed, ..settings };
        let report = search(&tuning, &settings, &mut |step| phases.push(step.phase));
        assert_ne!(report.verdict, Verdict::BreaksGuardrail, "seed {seed}");
        let finals = phases.iter().position(|phase| *phase == Phase::Finals);
        phases[finals.unwrap()..].contains(&Phase::Descent)
    };
    let n_guarded = (0..6).filter(|seed| goes_twice(*seed, settings("worst-wait", 2)));
    let n_unguarded = (0..6).filter(|seed| goes_twice(*seed, unguarded("worst-wait")));
    assert_eq!((n_guarded.count() > 0, n_unguarded.count()), (true, 0));
}

#[test]
fn of_those_who_are_as_good_the_one_is_chosen_by_whom_all_wait_less() {
    let model = model(UNLIKE);
    let minutes = [vec![5.0, 5.0], vec![5.5, 5.0]];
    let both = tuning(&model, &[("sales", 50), ("help", 50)]);
    let waits = Comparison::new(&both, &minutes, 200, 9, 2);
    let by = |measure: Measure, place: usize| measure.value(waits.measures(place));
    let longer = by(Measure::WorstWait, 1) - by(Measure::WorstWait, 0);
    assert!(
        longer > 0.0 && by(Measure::MeanWait, 1) < by(Measure::MeanWait, 0),
        "{longer}"
    );
    // So much longer matters, or it does not.
    assert_eq!(chosen_of(&model, &minutes, 2, 10.0 * longer).place, 1);
    assert_eq!(chosen_of(&model, &minutes, 2, 0.1 * longer).place, 0);
}

#[test]
fn floors_are_those_of_theory_and_say_whether_they_are_proved() {
    let model_n = model(N);
    let report = run(
        &model_n,
        &[("sales", 50), ("help", 50)],
        &settings("worst-wait", 2),
    );
    let of = |report: &Report, kind: FloorKind, measure: Measure| {
        let mut floors = report.floors.iter();
        floors
            .find(|floor| floor.kind == kind && floor.measure == measure)
            .cloned()
            .unwrap()
    };
    let station = |erlangs: f64, agents: u32| {
        let station = crate::bounds::erlang::Station {
            per_sec: erlangs / 180.0,
            handle_secs: 180.0,
            agents,
            patience_secs: None,
        };
        station.steady().mean_wait_secs
    };
    // All ten agents take all 8.5 erlangs; help alone has five for 4.5, sales ten for 4.
    let pooled = of(&report, FloorKind::Pooled, Measure::MeanWait);
    assert!(
        pooled.is_proved && (pooled.value / station(8.5, 10) - 1.0).abs() < 0.2,
        "{pooled:?}"
    );
    let alone = of(&report, FloorKind::Alone, Measure::WorstWait);
    let worst = f64::max(station(4.5, 5), station(4.0, 10));
    assert!(
        alone.is_proved && (alone.value / worst - 1.0).abs() < 0.25,
        "{alone:?} {worst}"
    );
    assert!(Measure::WorstWait.value(&report.proposed) > alone.value);
    // Agents who come and go, or callers who give up, make it something to compare with.
    let shifts = N.replacen(
        "agents = 5",
        "shifts = [{ agents = 5, stretches_secs = [[0, 86400]] }]",
        1,
    );
    let model_shifts = model(&shifts);
    let report = run(
        &model_shifts,
        &[("sales", 50), ("help", 50)],
        &settings("worst-wait", 2),
    );
    assert!(
        report.floors.iter().all(|floor| !floor.is_proved),
        "{:?}",
        report.floors
    );
    assert!(says(&report, "to compare with, not a proved bound"));
}

#[test]
fn others_who_share_agents_are_guarded_too() {
    let model = model(N);
    // Only help is tuned; sales is somebody else's.
    let free = run(&model, &[("help", 1)], &unguarded("mean-wait"));
    assert_eq!(free.verdict, Verdict::Better, "{:#?}", free.sentences());
    assert_eq!(free.names, ["help", "sales"]);
    let paid = free.skills[1].unwrap().mean_wait_secs;
    assert!(paid.interval(CONFIDENCE).0 > 0.0, "sales pays: {paid:?}");
    let guarded = run(&model, &[("help", 1)], &settings("mean-wait", 2));
    assert!(
        guarded.change.value > 0.7 * free.change.value,
        "{:?} {:?}",
        guarded.change,
        free.change
    );
}

#[test]
fn a_centre_in_which_nobody_calls_is_no_trouble() {
    let quiet = N
        .replace("per_hour = 80", "per_hour = 0")
        .replace("per_hour = 90", "per_hour = 0");
    let model = model(&quiet);
    let report = run(
        &model,
        &[("sales", 50), ("help", 60)],
        &settings("worst-wait", 2),
    );
    assert_eq!(report.verdict, Verdict::NoEvidence);
    assert_eq!(report.skills, [None, None]);
    assert!(!format!("{report:?}").contains("NaN"), "{report:?}");
}
