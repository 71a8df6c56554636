//! Whether we may ship what we build on: every package's licence against a list of those we accept.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail, ensure};

use crate::cargo::{self, Package};
use crate::report::{conclude, count};

/// Licences that an Apache-2.0 product may include without obligations beyond naming them.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Packages without a licence in their manifest, with where their licence is to be found.
const UNDECLARED: &[(&str, &str)] = &[];

pub(crate) fn run() -> Result<()> {
    let packages = cargo::all_packages()?;
    let findings = findings(&packages, UNDECLARED);
    let expressions: BTreeSet<_> = packages
        .iter()
        .filter_map(|p| p.license.as_deref())
        .collect();
    let summary = format!(
        "{} under {}, all acceptable",
        count(packages.len(), "package"),
        count(expressions.len(), "licence expression"),
    );
    conclude(&findings, &summary)
}

fn findings(packages: &[Package], undeclared: &[(&str, &str)]) -> Vec<String> {
    packages
        .iter()
        .filter_map(|package| {
            let problem = problem(package, undeclared)?;
            Some(format!("{} {}: {problem}", package.name, package.version))
        })
        .collect()
}

fn problem(package: &Package, undeclared: &[(&str, &str)]) -> Option<String> {
    let Some(expression) = &package.license else {
        let known = undeclared.iter().any(|(name, _)| *name == package.name);
        return (!known).then(|| {
            "names no licence: find it, and list the package with the place in xtask/src/licences.rs".to_owned()
        });
    };
    match is_acceptable(expression) {
        Ok(true) => None,
        Ok(false) => Some(format!(
            "`{expression}` is not acceptable: use another package, or add the licence to xtask/src/licences.rs after reading it"
        )),
        Err(error) => Some(format!("cannot read `{expression}`: {error:#}")),
    }
}

/// Returns whether the SPDX expression can be satisfied with allowed licences alone.
///
/// `WITH` binds tightest, then `AND`, then `OR`; a slash, as old manifests have it, means `OR`.
///
/// # Errors
///
/// Fails on an expression that is not well formed.
fn is_acceptable(expression: &str) -> Result<bool> {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let mut parser = Parser {
        tokens: spaced.split_whitespace().collect(),
        next_idx: 0,
    };
    let acceptable = parser.either()?;
    match parser.peek() {
        None => Ok(acceptable),
        Some(token) => bail!("`{token}` is not expected"),
    }
}

struct Parser<'a> {
    tokens: Vec<&'a str>,
    next_idx: usize,
}

impl<'a> Parser<'a> {
    fn either(&mut self) -> Result<bool> {
        let mut acceptable = self.all()?;
        while self.take("OR") {
            acceptable |= self.all()?;
        }
        Ok(acceptable)
    }

    fn all(&mut self) -> Result<bool> {
        let mut acceptable = self.one()?;
        while self.take("AND") {
            acceptable &= self.one()?;
        }
        Ok(acceptable)
    }

    fn one(&mut self) -> Result<bool> {
        if self.take("(") {
            let acceptable = self.either()?;
            ensure!(self.take(")"), "a parenthesis is not closed");
            return Ok(acceptable);
        }
        let licence = self.word()?;
        if self.take("WITH") {
            let exception = self.word()?;
            return Ok(ALLOWED.contains(&format!("{licence} WITH {exception}").as_str()));
        }
        Ok(ALLOWED.contains(&licence))
    }

    fn word(&mut self) -> Result<&'a str> {
        let token = self.peek().context("a licence is missing at the end")?;
        let is_word = !["OR", "AND", "WITH", "(", ")"].contains(&token);
        ensure!(is_word, "a licence is missing before `{token}`");
        self.next_idx += 1;
        Ok(token)
    }

    fn take(&mut self, expected: &str) -> bool {
        let found = self.peek() == Some(expected);
        if found {
            self.next_idx += 1;
        }
        found
    }

    fn peek(&self) -> Option<&'a str> {
        self.tokens.get(self.next_idx).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::{findings, is_acceptable};
    use crate::cargo::fixtures::package;

    #[test]
    fn expressions_are_judged_by_their_best_choice() {
        let cases = [
            ("MIT", true),
            ("GPL-3.0-only", false),
            ("GPL-3.0-only OR MIT", true),
            ("GPL-3.0-only/MIT", true),
            ("MIT AND GPL-3.0-only", false),
            ("MIT AND BSD-3-Clause", true),
            ("(MIT OR GPL-3.0-only) AND Unicode-3.0", true),
            ("MIT AND (GPL-3.0-only OR AGPL-3.0-only)", false),
            ("((MIT))", true),
            ("Apache-2.0 WITH LLVM-exception", true),
            ("GPL-2.0-only WITH Classpath-exception-2.0", false),
            ("Apache-2.0 WITH Unknown-exception AND MIT", false),
        ];
        for (expression, expected) in cases {
            assert_eq!(is_acceptable(expression).unwrap(), expected, "{expression}");
        }
    }

    #[test]
    fn and_binds_tighter_than_or() {
        assert!(is_acceptable("MIT OR GPL-3.0-only AND AGPL-3.0-only").unwrap());
        assert!(!is_acceptable("(MIT OR GPL-3.0-only) AND AGPL-3.0-only").unwrap());
    }

    #[test]
    fn what_is_no_expression_is_an_error() {
        for expression in [
            "", "MIT OR", "AND MIT", "(MIT", "MIT)", "MIT ISC", "MIT WITH",
        ] {
            assert!(is_acceptable(expression).is_err(), "{expression:?}");
        }
    }

    #[test]
    fn a_package_without_a_licence_needs_an_entry() {
        let packages = [package("silent", &[])];
        assert_eq!(
            findings(&packages, &[("silent", "its README says MIT")]).len(),
            0
        );
        assert!(findings(&packages, &[])[0].starts_with("silent 1.0.0: names no licence"));
    }

    #[test]
    fn a_refused_licence_names_package_and_expression() {
        let mut shared = package("shared", &[]);
        shared.license = Some("AGPL-3.0-only".to_owned());
        let findings = findings(&[shared], &[]);
        assert!(
            findings[0].starts_with("shared 1.0.0: `AGPL-3.0-only`"),
            "{findings:?}"
        );
    }
}
