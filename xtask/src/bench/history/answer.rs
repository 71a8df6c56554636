//! Answers to the question, and whether two of them agree.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};

/// The columns of every answer.
const HEADER: &str =
    "queue,skill,wrap_up,count,mean_wait_ms,p50_wait_ms,p90_wait_ms,p99_wait_ms,abandon_share";

/// Figures by queue, skill and wrap-up code.
#[derive(Debug, PartialEq)]
pub(crate) struct Answer {
    groups: BTreeMap<[String; 3], Figures>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Figures {
    count: u64,
    mean: f64,
    percentiles: [f64; 3],
    abandon_share: f64,
}

impl Answer {
    /// Reads an answer as csv; ids need no quotes, and an empty one may have them.
    ///
    /// # Errors
    ///
    /// Fails if it has other columns, or something that is no number in the place of one.
    pub(crate) fn read(csv: &str) -> Result<Answer> {
        let mut lines = csv.lines();
        let header = lines.next().unwrap_or_default().replace('"', "");
        ensure!(header == HEADER, "an answer has the columns `{header}`");
        let mut groups = BTreeMap::new();
        for line in lines {
            let (key, figures) = group(line).with_context(|| format!("cannot read `{line}`"))?;
            let known = groups.insert(key, figures);
            ensure!(known.is_none(), "`{line}` is the second one of its group");
        }
        Ok(Answer { groups })
    }

    /// Returns how many groups there are.
    pub(crate) fn n_groups(&self) -> usize {
        self.groups.len()
    }

    /// Checks that another answer has the same groups, counts, means and shares, and percentiles that differ by no more
    /// than `tolerance`, as a share of the value. Returns the largest such difference.
    ///
    /// # Errors
    ///
    /// Fails if not, and says where.
    pub(crate) fn agree(&self, other: &Answer, tolerance: f64) -> Result<f64> {
        let alone = |a: &Answer, b: &Answer| {
            let mut keys = a.groups.keys();
            keys.find(|key| !b.groups.contains_key(*key)).cloned()
        };
        let missing = alone(self, other);
        ensure!(missing.is_none(), "the group {missing:?} is missing");
        let extra = alone(other, self);
        ensure!(extra.is_none(), "the group {extra:?} is not expected");
        let mut worst = 0.0;
        for (key, expected) in &self.groups {
            let found = other.groups[key];
            let same = expected.count == found.count
                && difference(expected.mean, found.mean) <= SAME
                && difference(expected.abandon_share, found.abandon_share) <= SAME;
            ensure!(same, "the group {key:?} has {found:?}, not {expected:?}");
            for (expected, found) in expected.percentiles.into_iter().zip(found.percentiles) {
                let apart = difference(expected, found);
                ensure!(
                    apart <= tolerance,
                    "a percentile of the group {key:?} is {found}, not {expected}"
                );
                worst = f64::max(worst, apart);
            }
        }
        Ok(worst)
    }
}

/// Numbers that differ by no more have only been added up in another order.
const SAME: f64 = 1e-9;

fn difference(expected: f64, found: f64) -> f64 {
    let apart = (expected - found).abs();
    if apart > 0.0 {
        apart / expected.abs()
    } else {
        0.0
    }
}

fn group(line: &str) -> Result<([String; 3], Figures)> {
    let fields: Vec<&str> = line
        .split(',')
        .map(|field| field.trim_matches('"'))
        .collect();
    let [queue, skill, wrap_up, count, numbers @ ..] = &fields[..] else {
        anyhow::bail!("there are too few columns");
    };
    let numbers: Vec<f64> = numbers
        .iter()
        .map(|number| number.parse())
        .collect::<Result<_, _>>()?;
    ensure!(
        numbers.iter().all(|number| number.is_finite()),
        "a number is none"
    );
    let [mean, p50, p90, p99, abandon_share] = numbers[..] else {
        anyhow::bail!("there are not nine columns");
    };
    let figures = Figures {
        count: count.parse()?,
        mean,
        percentiles: [p50, p90, p99],
        abandon_share,
    };
    Ok(([queue, skill, wrap_up].map(|id| (*id).to_owned()), figures))
}

#[cfg(test)]
mod tests {
    use super::{Answer, HEADER};

    fn answer(lines: &[&str]) -> Answer {
        Answer::read(&format!("{HEADER}\n{}\n", lines.join("\n"))).unwrap()
    }

    #[test]
    fn answers_agree_within_the_tolerance_and_no_further() {
        let expected = answer(&["q,s,w,4,10.0,8,20,30.5,0.25", "q,s,,1,0,0,0,0,1"]);
        assert_eq!(expected.n_groups(), 2);
        let check = |lines: &[&str]| expected.agree(&answer(lines), 0.001);
        let quoted = check(&[
            "\"q\",s,\"\",1,0.0,0,0,0,1.0",
            "q,s,w,4,10.000000000001,8,20,30.5,0.25",
        ]);
        assert_eq!(quoted.unwrap().to_bits(), 0.0_f64.to_bits());
        let near = check(&["q,s,,1,0,0,0,0,1", "q,s,w,4,10,8.004,20,30.5,0.25"]).unwrap();
        assert!((near - 0.0005).abs() < 1e-12, "{near}");
        for lines in [
            &["q,s,w,4,10,8,20,30.5,0.25"][..],
            &[
                "q,s,w,4,10,8,20,30.5,0.25",
                "q,s,,1,0,0,0,0,1",
                "q,t,,1,0,0,0,0,1",
            ],
            &["q,s,w,5,10,8,20,30.5,0.25", "q,s,,1,0,0,0,0,1"],
            &["q,s,w,4,10.001,8,20,30.5,0.25", "q,s,,1,0,0,0,0,1"],
            &["q,s,w,4,10,8,20,30.6,0.25", "q,s,,1,0,0,0,0,1"],
            &["q,s,w,4,10,8,20,30.5,0.2", "q,s,,1,0,0,0,0,1"],
            &["q,s,w,4,10,8,20,30.5,0.25", "q,s,,1,0,1,0,0,1"],
        ] {
            assert!(check(lines).is_err(), "{lines:?}");
        }
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        for csv in [
            "",
            "queue,count\nq,1\n",
            &format!("{HEADER}\nq,s,w,x,1,1,1,1,1\n"),
            &format!("{HEADER}\nq,s,w,1,nan,1,1,1,1\n"),
        ] {
            assert!(Answer::read(csv).is_err(), "{csv}");
        }
        let twice = format!("{HEADER}\nq,s,w,1,1,1,1,1,1\nq,s,w,1,1,1,1,1,1\n");
        assert!(Answer::read(&twice).is_err());
    }
}
