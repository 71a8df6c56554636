use super::*;

const SMALL: &str = r#"
format = "waitwise-model/1"

[routing]
order = "head-start"

[[classes]]
name = "sales"
arrivals = { per_hour = 120 }
service = { law = "exponential", mean_secs = 180 }
patience = { law = "weibull", shape = 1.2, mean_secs = 300, never_share = 0.1 }
head_start_secs = 60

[[classes]]
name = "help"
arrivals = { rates = [{ from_secs = 0, per_hour = 10 }, { from_secs = 3600, per_hour = 20 }] }
service = { law = "gamma", mean_secs = 240, shape = 4 }

[[groups]]
name = "all"
skills = ["sales", "help"]
agents = 9
speed = { help = 1.5 }
"#;

fn said(text: &str) -> String {
    from_toml(text).unwrap_err().to_string()
}

#[test]
fn a_file_becomes_a_model_and_a_policy() {
    let described = from_toml(SMALL).unwrap();
    let spec = described.model.spec();
    assert_eq!(spec.classes[0].skills, ["sales"]);
    assert_eq!(spec.targets_secs, [20.0]);
    assert_eq!(
        spec.classes[1].service,
        crate::Law::Gamma {
            mean_secs: 240.0,
            cv: 0.5
        }
    );
    let patience = spec.classes[0].patience.as_ref().unwrap();
    assert!((patience.law.mean_secs() - 300.0).abs() < 1e-9);
    let head_start_secs = described.policy.standings()[0].head_start_secs;
    assert!((head_start_secs - 60.0).abs() < 1e-12);
}

#[test]
fn json_and_toml_say_the_same() {
    let table: toml::Table = SMALL.parse().unwrap();
    let json = serde_json::to_string(&table).unwrap();
    let (one, other) = (from_toml(SMALL).unwrap(), from_json(&json).unwrap());
    assert_eq!(one.model.spec(), other.model.spec());
    assert_eq!(one.policy, other.policy);
}

#[test]
fn an_error_names_the_field() {
    for (from, to, expected) in [
        (
            "mean_secs = 180",
            "mean_secs = -3",
            "classes[0].service.mean_secs must be above 0, got -3",
        ),
        (
            "mean_secs = 180",
            "mean_secs = inf",
            "classes[0].service.mean_secs must be above 0, got inf",
        ),
        (
            "mean_secs = 180",
            "cv = 1",
            "classes[0].service.mean_secs is missing: this law needs it",
        ),
        (
            "mean_secs = 180",
            "mean_secs = 180, cv = 1",
            "classes[0].service.cv means nothing with this law",
        ),
        (
            "mean_secs = 180",
            "mean_secs = \"x\"",
            "classes[0].service.mean_secs cannot be read: invalid type: string \"x\", expected f64",
        ),
        (
            "mean_secs = 180",
            "men_secs = 180",
            "classes[0].service.men_secs cannot be read: unknown field `men_secs`, expected one of `law`, `mean_secs`",
        ),
        (
            "\"exponential\"",
            "\"erlang\"",
            "classes[0].service.law cannot be read: unknown variant `erlang`",
        ),
        (
            "never_share = 0.1",
            "never_share = 1.5",
            "classes[0].patience.never_share must be from 0 to 1, got 1.5",
        ),
        (
            "waitwise-model/1",
            "waitwise-model/2",
            "format must be `waitwise-model/1`, got `waitwise-model/2`",
        ),
        (
            "from_secs = 3600",
            "from_secs = 0",
            "classes[1].arrivals.rates[1].from_secs must be after 0 and before the cycle's end, 86400, got 0",
        ),
        (
            "\"help\"]",
            "\"hlep\"]",
            "classes[1].skills must all be in one group; none has `help`",
        ),
        (
            "head_start_secs",
            "priority",
            "classes[0].priority counts with routing.order = \"priority\" only, got \"head-start\"",
        ),
        (
            "{ help = 1.5 }",
            "{ hepl = 1.5 }",
            "groups[0].speed must be known, got `hepl`",
        ),
        (
            "{ help = 1.5 }",
            "{ help = 0 }",
            "groups[0].speed.help must be above 0, got 0",
        ),
        (
            "agents = 9",
            "agents = -9",
            "groups[0].agents cannot be read: invalid value: integer `-9`, expected u32",
        ),
        (
            "agents = 9",
            "",
            "groups[0] must have one of agents, staffing and shifts",
        ),
        (
            "agents = 9",
            "agents = 0",
            "classes[0].skills must all be in a group with agents; no agent has `sales`",
        ),
        (
            "name = \"help\"",
            "name = \"sales\"",
            "classes[1].name must be unique, got `sales` again",
        ),
        (
            "shape = 1.2",
            "shape = 0.001",
            "classes[0].patience.shape must be from 0.05 to 1000, got 0.001",
        ),
        (
            "[routing]",
            "busyness_cv = 1e-300\n[routing]",
            "busyness_cv must be 0, or from 0.000001 to 10, got 0.000",
        ),
        (
            "per_hour = 120",
            "per_hour = 1e9",
            "classes[0].arrivals.rates must bring none, or 0.001 to 1,000,000,000 a cycle, got",
        ),
        (
            "per_hour = 120",
            "per_hour = 1e-9",
            "classes[0].arrivals.rates must bring none, or 0.001 to 1,000,000,000 a cycle, got",
        ),
        ("agents = 9", "agents = ", "line 22: "),
    ] {
        assert!(SMALL.contains(from), "{from}");
        let found = said(&SMALL.replacen(from, to, 1));
        assert!(found.starts_with(expected), "{to}: {found}");
    }
}

#[test]
fn what_is_no_json_is_said_with_its_place() {
    let error = from_json("{\n\"format\" 1}").unwrap_err();
    assert_eq!(error.to_string(), "line 2, column 10: this is no JSON");
    let error = from_json("{\"format\": 1}").unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("format cannot be read: invalid type: integer `1`")
    );
}

#[test]
fn arrivals_are_given_in_one_way() {
    let both = SMALL.replacen("per_hour = 120", "per_hour = 120, at_secs = []", 1);
    assert_eq!(
        said(&both),
        "classes[0].arrivals must have one of per_hour, rates and at_secs"
    );
    let trace = SMALL.replacen(
        "per_hour = 120",
        "at_secs = [1, 1, 0.5], patience_secs = [1, inf, 2]",
        1,
    );
    assert_eq!(
        said(&trace),
        "classes[0].arrivals.at_secs[2] must not be before the arrival before it, got 0.5"
    );
}
