//! `waitwise simulate`: model files in, intervals out.

use std::path::{Path, PathBuf};
use std::process::Output;

use jsonschema::Validator;
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

struct Place(TempDir);

impl Place {
    fn new() -> Place {
        Place(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    async fn simulate(&self, model: &Path, flags: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_waitwise"));
        command.args(["simulate", "--model"]).arg(model);
        command
            .args(flags.split_whitespace())
            .current_dir(self.0.path());
        command.output().await.unwrap()
    }
}

/// The example of the page on model files.
fn documented() -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/model-file.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, rest) = page.split_once("```toml\n").unwrap();
    rest.split("```").next().unwrap().to_owned()
}

pub(crate) async fn schema(of: &str) -> Validator {
    let mut command = Command::new(env!("CARGO_BIN_EXE_waitwise"));
    let output = command.args(["schema", of]).output().await.unwrap();
    assert!(output.status.success());
    jsonschema::validator_for(&serde_json::from_slice(&output.stdout).unwrap()).unwrap()
}

fn json(output: &Output) -> Value {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test]
async fn the_documented_example_is_answered_in_the_documented_shape() {
    let place = Place::new();
    let model = place.file("centre.toml", &documented());
    let as_json: Value = toml::from_str(&documented()).unwrap();
    assert!(schema("model").await.is_valid(&as_json));
    let flags = "--customers 2000 --replications 5 --output json";
    let answer = json(&place.simulate(&model, flags).await);
    assert!(schema("simulation").await.is_valid(&answer));
    assert_eq!(answer["format"], "waitwise-simulation/1");
    assert_eq!(answer["overall"]["counts"]["offered"], 10_000);
    let sales = &answer["classes"][0];
    assert_eq!(sales["name"], "sales");
    let (low, high) = (
        &sales["mean_wait_secs"]["low"],
        &sales["mean_wait_secs"]["high"],
    );
    assert!(low.as_f64().unwrap() < high.as_f64().unwrap());
    let whole = place.file("centre.json", &as_json.to_string());
    let same = place.simulate(&whole, flags).await;
    assert_eq!(json(&same), answer);
}

#[tokio::test]
async fn any_number_of_threads_gives_the_same_bytes() {
    let place = Place::new();
    let model = place.file("centre.toml", &documented());
    let on = |threads: u16| {
        let flags =
            format!("--hours 20 --replications 9 --seed 7 --output json --threads {threads}");
        let (place, model) = (&place, &model);
        async move { place.simulate(model, &flags).await.stdout }
    };
    let one = on(1).await;
    assert!(!one.is_empty());
    assert!(one == on(2).await && one == on(8).await);
    let other = place.simulate(&model, "--hours 20 --replications 9 --seed 8 --output json");
    assert!(one != other.await.stdout);
}

#[tokio::test]
async fn a_single_replication_has_intervals_from_batches() {
    let place = Place::new();
    let model = place.file("centre.toml", &documented());
    let flags = "--customers 9000 --replications 1 --warmup 500 --output json";
    let answer = json(&place.simulate(&model, flags).await);
    assert_eq!(
        (&answer["replications"], &answer["parts"]),
        (&1.into(), &30.into())
    );
    assert_eq!(answer["overall"]["offered"]["value"], 9_000.0);
    assert!(answer["overall"]["mean_wait_secs"]["low"].is_f64());
}

#[tokio::test]
async fn days_are_measured_whole() {
    let place = Place::new();
    let text = documented() + "\n[calendar]\nday_secs = 7200\n";
    let model = place.file("day.toml", &text);
    let answer = json(
        &place
            .simulate(&model, "--replications 30 --output json")
            .await,
    );
    assert_eq!(answer["hours"], 60.0);
    let refused = place.simulate(&model, "--hours 5").await;
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(
        said.contains(
            "error: a centre that closes each day is measured by whole days\nhint: --replications"
        ),
        "{said}"
    );
}

#[tokio::test]
async fn what_cannot_be_used_is_said_by_its_field() {
    let place = Place::new();
    let broken = documented().replacen("mean_secs = 240", "mean_secs = -3", 1);
    let model = place.file("broken.toml", &broken);
    let output = place.simulate(&model, "").await;
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("because: classes[0].service.mean_secs must be above 0, got -3\n"),
        "{said}"
    );
    assert!(said.contains("hint: "), "{said}");
    let gone = place.simulate(Path::new("gone.toml"), "").await;
    assert_eq!(gone.status.code(), Some(2));
    assert!(
        String::from_utf8(gone.stderr)
            .unwrap()
            .contains("cannot use the model gone.toml")
    );
}
