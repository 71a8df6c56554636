//! Cargo, started and asked.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

/// Returns the cargo that started us, with the environment that a person's own `cargo` would have.
///
/// `cargo run` describes this package in variables. Build scripts of `ring` and others watch those very names, so
/// passing them on would rebuild half the tree whenever `cargo test` and `cargo xtask test` are used in turn.
pub(crate) fn command() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in env::vars_os() {
        let described = name.to_str().is_some_and(|name| {
            name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
        });
        if described {
            cargo.env_remove(name);
        }
    }
    cargo
}

/// Returns the folder of the workspace that the current directory lies in.
pub(crate) fn workspace_root() -> Result<PathBuf> {
    let manifest = answer(&["locate-project", "--workspace", "--message-format", "plain"])?;
    let root = PathBuf::from(manifest.trim_end())
        .parent()
        .map(PathBuf::from);
    root.context("cannot find the folder of the workspace's Cargo.toml")
}

/// Returns the folder that cargo builds into.
pub(crate) fn target_folder() -> Result<PathBuf> {
    #[derive(Deserialize)]
    struct Metadata {
        target_directory: PathBuf,
    }
    let answer = answer(&["metadata", "--format-version", "1", "--no-deps"])?;
    let metadata: Metadata =
        serde_json::from_str(&answer).context("cannot read cargo's metadata")?;
    Ok(metadata.target_directory)
}

/// Builds the product with debug assertions, by which the sandbox checks requests and answers itself, and returns the program.
///
/// # Errors
///
/// Fails if it does not build.
pub(crate) fn debug_build() -> Result<PathBuf> {
    let status = command()
        .args(["build", "--quiet", "--package", "waitwise"])
        .status();
    let status = status.context("cannot start `cargo build`")?;
    ensure!(status.success(), "`cargo build` ended with {status}");
    Ok(target_folder()?.join("debug/waitwise"))
}

/// Returns every package of the tree, in all targets and with all kinds of dependencies.
pub(crate) fn all_packages() -> Result<Vec<Package>> {
    packages(&["metadata", "--format-version", "1"])
}

/// Returns the packages that the workspace itself consists of.
pub(crate) fn workspace_packages() -> Result<Vec<Package>> {
    packages(&["metadata", "--format-version", "1", "--no-deps"])
}

/// Returns what `cargo ARGS` prints on stdout.
///
/// # Errors
///
/// Fails if cargo cannot be started, does not succeed (its stderr has been shown by then), or prints no UTF-8.
pub(crate) fn answer(args: &[&str]) -> Result<String> {
    let said = format!("cargo {}", args.join(" "));
    let output = command()
        .args(args)
        .stderr(std::process::Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start `{said}`"))?;
    if !output.status.success() {
        bail!("`{said}` ended with {}", output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("cannot read the answer of `{said}`"))
}

fn packages(args: &[&str]) -> Result<Vec<Package>> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
    }
    let metadata: Metadata =
        serde_json::from_str(&answer(args)?).context("cannot read cargo's metadata")?;
    Ok(metadata.packages)
}

/// One package as `cargo metadata` describes it.
#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    /// The SPDX expression of the manifest, or `None` if it has none.
    pub(crate) license: Option<String>,
    pub(crate) dependencies: Vec<Dependency>,
}

/// One line of a package's dependency tables.
#[derive(Debug, Deserialize)]
pub(crate) struct Dependency {
    /// The package's own name, also where the manifest renames it.
    pub(crate) name: String,
    /// `None` for a normal dependency, else `dev` or `build`.
    kind: Option<String>,
}

impl Dependency {
    /// Whether only tests, examples and benchmarks see it.
    pub(crate) fn is_dev(&self) -> bool {
        self.kind.as_deref() == Some("dev")
    }
}

#[cfg(test)]
pub(crate) mod fixtures {
    use super::{Dependency, Package};

    /// Returns a package with the given `(name, kind)` dependencies; kind `""` is a normal one.
    pub(crate) fn package(name: &str, dependencies: &[(&str, &str)]) -> Package {
        Package {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            license: None,
            dependencies: dependencies
                .iter()
                .map(|&(name, kind)| Dependency {
                    name: name.to_owned(),
                    kind: (!kind.is_empty()).then(|| kind.to_owned()),
                })
                .collect(),
        }
    }
}
