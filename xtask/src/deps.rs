//! Which crate may use which, and what must never enter the tree.
//!
//! The table is the architecture's map in the form that a machine can hold us to.

use std::collections::BTreeSet;

use anyhow::Result;

use crate::cargo::{self, Package};
use crate::report::{conclude, count};

/// Every crate of the workspace with the workspace's crates it may use outside of its tests.
///
/// `waitwise-testkit` is in nobody's row: it may only be a dev-dependency, and those are free.
const MAY_USE: &[(&str, &[&str])] = &[
    ("waitwise-model", &[]),
    ("waitwise-wire", &["waitwise-model"]),
    ("waitwise-history", &["waitwise-model"]),
    ("waitwise-sim", &["waitwise-model"]),
    ("waitwise-twin", &["waitwise-model", "waitwise-sim"]),
    ("waitwise-weights", &["waitwise-model", "waitwise-sim"]),
    ("waitwise-plan", &["waitwise-model"]),
    ("waitwise-client", &["waitwise-model", "waitwise-wire"]),
    ("waitwise-store", &["waitwise-model", "waitwise-plan"]),
    (
        "waitwise-apply",
        &[
            "waitwise-model",
            "waitwise-plan",
            "waitwise-store",
            "waitwise-client",
        ],
    ),
    (
        "waitwise-sandbox",
        &["waitwise-model", "waitwise-wire", "waitwise-history"],
    ),
    (
        "waitwise-app",
        &[
            "waitwise-model",
            "waitwise-wire",
            "waitwise-history",
            "waitwise-weights",
            "waitwise-plan",
            "waitwise-client",
            "waitwise-store",
            "waitwise-apply",
            "waitwise-sandbox",
            "waitwise-sim",
            "waitwise-twin",
        ],
    ),
    ("waitwise", &["waitwise-app", "waitwise-sandbox"]),
    (
        "waitwise-testkit",
        &[
            "waitwise-model",
            "waitwise-wire",
            "waitwise-client",
            "waitwise-sandbox",
        ],
    ),
    ("xtask", &[]),
];

/// Crates whose results depend on their input alone: no network, no runtime, no database.
const PURE: &[&str] = &[
    "waitwise-model",
    "waitwise-wire",
    "waitwise-history",
    "waitwise-sim",
    "waitwise-twin",
    "waitwise-weights",
    "waitwise-plan",
];
const IMPURE_PACKAGES: &[&str] = &["tokio", "reqwest", "axum", "sqlx"];

/// Packages that must not be in the tree, with what to do when one turns up.
const HEAVY: &[(&str, &str)] = &[
    (
        "aws-lc-sys",
        "compiles a C and assembly library; choose ring and switch off default features",
    ),
    (
        "openssl-sys",
        "ties the binary to a system library; choose rustls with ring",
    ),
    (
        "sqlx-macros",
        "compiles SQLite a second time; switch off sqlx's `macros`, `derive` and `migrate`",
    ),
    ("chrono", "is a second date library; jiff is ours"),
    (
        "arrow-array",
        "doubles the cost of Parquet; use its column readers and writers",
    ),
];

/// Heavy packages that somebody brings whom we want, with who: ours stays out of them all the same.
const BROUGHT: &[(&str, &str)] = &[
    // For conversions that we do not use; no feature switches it off.
    ("chrono", "parquet"),
];

pub(crate) fn run() -> Result<()> {
    let packages = cargo::workspace_packages()?;
    let mut findings = edge_findings(&packages, MAY_USE);
    findings.extend(purity_findings(&packages));
    let tree = built_packages()?;
    findings.extend(heavy_findings(&tree)?);
    let summary = format!(
        "{} keep to their edges; {} in the tree, none of them heavy",
        count(packages.len(), "crate"),
        count(tree.len(), "package"),
    );
    conclude(&findings, &summary)
}

fn edge_findings(packages: &[Package], may_use: &[(&str, &[&str])]) -> Vec<String> {
    let mut findings = Vec::new();
    for package in packages {
        let row = may_use.iter().find(|(name, _)| *name == package.name);
        let Some((_, allowed)) = row else {
            findings.push(format!(
                "{} has no row in the table of edges: add one to MAY_USE in xtask/src/deps.rs and to the map of the crates",
                package.name
            ));
            continue;
        };
        let in_workspace = |name: &str| packages.iter().any(|other| other.name == name);
        for used in used_outside_tests(package).filter(|used| in_workspace(used)) {
            if !allowed.contains(&used) {
                findings.push(forbidden_edge(&package.name, used));
            }
        }
    }
    for (name, _) in may_use {
        if !packages.iter().any(|package| package.name == *name) {
            findings.push(format!(
                "{name} is in the table of edges and not in the workspace: remove its row from MAY_USE in xtask/src/deps.rs"
            ));
        }
    }
    findings
}

fn forbidden_edge(from: &str, to: &str) -> String {
    let cure = if to == "waitwise-testkit" {
        "make it a dev-dependency"
    } else {
        "move the code to a crate that may, or change the table and the map of the crates with a reason"
    };
    format!("{from} -> {to}: this edge is not allowed: {cure}")
}

fn purity_findings(packages: &[Package]) -> Vec<String> {
    let mut findings = Vec::new();
    for package in packages {
        if !PURE.contains(&package.name.as_str()) {
            continue;
        }
        for used in used_outside_tests(package).filter(|used| IMPURE_PACKAGES.contains(used)) {
            findings.push(format!(
                "{} -> {used}: a pure crate must not use it: let an effects crate do this part and pass the result in",
                package.name
            ));
        }
    }
    findings
}

fn heavy_findings(tree: &BTreeSet<Built>) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for (built, advice) in heavy_in(tree) {
        let parents = unexpected(built, parents_of(built)?);
        if !parents.is_empty() {
            let (parents, name) = (parents.join(", "), &built.name);
            findings.push(format!(
                "{parents} -> {name}: this package must not be in the tree: it {advice}"
            ));
        }
    }
    Ok(findings)
}

/// Returns those users of a heavy package that are not known to bring it.
fn unexpected(built: &Built, mut parents: Vec<String>) -> Vec<String> {
    parents.retain(|parent| !BROUGHT.contains(&(built.name.as_str(), parent.as_str())));
    parents
}

fn heavy_in(tree: &BTreeSet<Built>) -> Vec<(&Built, &'static str)> {
    let judged = tree.iter().filter_map(|built| {
        let (_, advice) = HEAVY.iter().find(|(name, _)| *name == built.name)?;
        Some((built, *advice))
    });
    judged.collect()
}

fn used_outside_tests(package: &Package) -> impl Iterator<Item = &str> {
    let dependencies = package.dependencies.iter();
    dependencies
        .filter(|dependency| !dependency.is_dev())
        .map(|dependency| dependency.name.as_str())
}

/// A package that cargo builds.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Built {
    name: String,
    version: String,
}

/// Returns all packages that are built on some target, for the product or its tests.
///
/// Asks `cargo tree`: the graph of `cargo metadata` also has optional packages that no feature switches on.
fn built_packages() -> Result<BTreeSet<Built>> {
    Ok(built_in(&tree_lines(&[])?))
}

/// Returns the names of the packages that use `built` directly.
fn parents_of(built: &Built) -> Result<Vec<String>> {
    let spec = format!("{}@{}", built.name, built.version);
    let lines = tree_lines(&["--invert", &spec, "--depth", "1"])?;
    let users = built_in(&lines).into_iter().filter(|user| user != built);
    Ok(users.map(|user| user.name).collect())
}

fn tree_lines(more: &[&str]) -> Result<String> {
    let mut args = vec!["tree", "--workspace", "--target", "all"];
    args.extend(["--prefix", "none", "--format", "{p}"]);
    args.extend(more);
    cargo::answer(&args)
}

/// Reads lines such as `serde v1.0.0 (proc-macro)`.
fn built_in(lines: &str) -> BTreeSet<Built> {
    let packages = lines.lines().filter_map(|line| {
        let (name, rest) = line.split_once(" v")?;
        Some(Built {
            name: name.to_owned(),
            version: rest.split(' ').next()?.to_owned(),
        })
    });
    packages.collect()
}

#[cfg(test)]
mod tests {
    use super::{built_in, edge_findings, heavy_in, purity_findings, unexpected};
    use crate::cargo::Package;
    use crate::cargo::fixtures::package;

    const TABLE: &[(&str, &[&str])] = &[("low", &[]), ("high", &["low"])];

    fn check_edges(packages: &[Package], expected: &[&str]) {
        let findings = edge_findings(packages, TABLE);
        assert_eq!(findings.len(), expected.len(), "{findings:#?}");
        for (finding, start) in findings.iter().zip(expected) {
            assert!(finding.starts_with(start), "{finding}");
        }
    }

    #[test]
    fn an_edge_of_the_table_passes_and_its_reverse_does_not() {
        let low = || package("low", &[("serde", "")]);
        check_edges(&[low(), package("high", &[("low", "")])], &[]);
        let upward = package("low", &[("high", "")]);
        check_edges(&[upward, package("high", &[])], &["low -> high: "]);
    }

    #[test]
    fn build_dependencies_count_and_dev_dependencies_are_free() {
        let high = || package("high", &[]);
        check_edges(&[package("low", &[("high", "dev")]), high()], &[]);
        check_edges(
            &[package("low", &[("high", "build")]), high()],
            &["low -> high: "],
        );
    }

    #[test]
    fn crates_and_rows_must_correspond() {
        check_edges(
            &[package("low", &[]), package("new", &[])],
            &["new has no row", "high is in the table"],
        );
    }

    #[test]
    fn the_testkit_is_for_tests() {
        let packages = [
            package("low", &[("waitwise-testkit", "")]),
            package("high", &[]),
            package("waitwise-testkit", &[]),
        ];
        let findings = edge_findings(&packages, TABLE);
        assert!(
            findings[0].ends_with("make it a dev-dependency"),
            "{findings:#?}"
        );
    }

    #[test]
    fn a_pure_crate_has_no_runtime_outside_of_its_tests() {
        let plan = package("waitwise-plan", &[("tokio", ""), ("axum", "dev")]);
        let store = package("waitwise-store", &[("tokio", ""), ("sqlx", "")]);
        let findings = purity_findings(&[plan, store]);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert!(findings[0].starts_with("waitwise-plan -> tokio: "));
    }

    #[test]
    fn a_heavy_package_is_found_by_its_whole_name() {
        let clean = built_in("serde v1.0.0 (proc-macro)\n\nchrono-tz v1.0.0 (*)\n");
        assert_eq!(clean.len(), 2);
        assert!(heavy_in(&clean).is_empty());
        let heavy = built_in("serde v1.0.0\nopenssl-sys v0.9.1\n");
        assert_eq!(heavy_in(&heavy)[0].0.version, "0.9.1");
    }

    #[test]
    fn what_is_known_to_bring_a_heavy_package_may_and_nobody_else() {
        let chrono = built_in("chrono v0.4.45\n").pop_first().unwrap();
        let parents = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let none: Vec<String> = Vec::new();
        assert_eq!(unexpected(&chrono, parents(&["parquet"])), none);
        let both = parents(&["parquet", "waitwise-app"]);
        assert_eq!(unexpected(&chrono, both), ["waitwise-app"]);
    }
}
