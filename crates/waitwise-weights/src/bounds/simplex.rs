//! A small linear program solver: the two-phase simplex method on a dense table.
//!
//! Meant for tens of rows and up to a few thousand columns. Ties are broken by the lowest number, so the same program
//! gives the same bytes.

/// Numbers smaller than this are rounding errors; programs are given in units in which 1 is an ordinary number.
const TINY: f64 = 1e-9;
/// After so many pivots per row the steepest column gives way to the first one, which cannot go round in circles.
const STEEP_PIVOTS_PER_ROW: usize = 20;

/// Minimise `costs · x` over `x ≥ 0` under rows.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    costs: Vec<f64>,
    rows: Vec<Row>,
}

#[derive(Clone, Debug)]
struct Row {
    terms: Vec<(usize, f64)>,
    relation: Relation,
    limit: f64,
}

/// How a row's sum stands to its limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Relation {
    AtMost,
    Equal,
    AtLeast,
}

/// A solved program.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Optimum {
    pub(crate) x: Vec<f64>,
    pub(crate) value: f64,
    /// Per row: by how much the value rises for each unit that its limit does.
    pub(crate) prices: Vec<f64>,
}

/// Why there is no optimum.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum NoOptimum {
    Infeasible,
    Unbounded,
}

impl Program {
    pub(crate) fn minimise(costs: Vec<f64>) -> Program {
        Program {
            costs,
            rows: Vec::new(),
        }
    }

    /// Adds a row of (variable, factor) terms.
    pub(crate) fn row(&mut self, terms: Vec<(usize, f64)>, relation: Relation, limit: f64) {
        self.rows.push(Row {
            terms,
            relation,
            limit,
        });
    }

    pub(crate) fn solve(&self) -> Result<Optimum, NoOptimum> {
        let mut table = Table::new(self);
        let first_artificial = table.first_artificial;
        table.set_costs(|column| f64::from(u8::from(column >= first_artificial)));
        table.descend(table.n_columns)?;
        if table.value() > TINY {
            return Err(NoOptimum::Infeasible);
        }
        table.set_costs(|column| self.costs.get(column).copied().unwrap_or(0.0));
        table.descend(first_artificial)?;
        Ok(table.optimum(self.costs.len()))
    }
}

/// Rows as equalities with limits of at least 0, solved for one variable each.
struct Table {
    n_columns: usize,
    first_artificial: usize,
    /// Per row: its factors, then its limit.
    rows: Vec<Vec<f64>>,
    /// Per column what one unit of it adds to the cost; then the cost so far, negated.
    costs: Vec<f64>,
    /// Per row: the variable that it is solved for.
    basis: Vec<usize>,
    /// Per row: the column that began as its unit vector, and the sign that the row was multiplied by.
    unit: Vec<(usize, f64)>,
}

impl Table {
    fn new(program: &Program) -> Table {
        let n_own = program.costs.len();
        let is_slack = |row: &&Row| row.relation != Relation::Equal;
        let first_artificial = n_own + program.rows.iter().filter(is_slack).count();
        let n_artificial = program
            .rows
            .iter()
            .filter(|row| starts_artificial(row))
            .count();
        let n_columns = first_artificial + n_artificial;
        let mut table = Table {
            n_columns,
            first_artificial,
            rows: Vec::with_capacity(program.rows.len()),
            costs: Vec::new(),
            basis: Vec::with_capacity(program.rows.len()),
            unit: Vec::with_capacity(program.rows.len()),
        };
        let (mut slack, mut artificial) = (n_own, first_artificial);
        for row in &program.rows {
            let sign = if row.limit < 0.0 { -1.0 } else { 1.0 };
            let mut factors = vec![0.0; n_columns + 1];
            for (column, factor) in &row.terms {
                factors[*column] += sign * factor;
            }
            factors[n_columns] = sign * row.limit;
            match row.relation {
                Relation::Equal => {}
                Relation::AtMost => factors[slack] = sign,
                Relation::AtLeast => factors[slack] = -sign,
            }
            let unit = if starts_artificial(row) {
                factors[artificial] = 1.0;
                artificial += 1;
                artificial - 1
            } else {
                slack
            };
            slack += usize::from(row.relation != Relation::Equal);
            table.rows.push(factors);
            table.basis.push(unit);
            table.unit.push((unit, sign));
        }
        table
    }

    /// Puts costs in place, with those of the solved-for variables taken out.
    fn set_costs(&mut self, cost: impl Fn(usize) -> f64) {
        self.costs = (0..self.n_columns).map(&cost).chain([0.0]).collect();
        for (row, basic) in self.rows.iter().zip(&self.basis) {
            subtract(&mut self.costs, row, cost(*basic));
        }
    }

    fn value(&self) -> f64 {
        -self.costs[self.n_columns]
    }

    /// Pivots until no column below `end` lowers the cost.
    fn descend(&mut self, end: usize) -> Result<(), NoOptimum> {
        let mut pivots = 0;
        let steep_pivots = STEEP_PIVOTS_PER_ROW * (self.rows.len() + 1);
        while let Some(column) = self.entering(end, pivots < steep_pivots) {
            let row = self.leaving(column).ok_or(NoOptimum::Unbounded)?;
            self.pivot(row, column);
            pivots += 1;
        }
        Ok(())
    }

    fn entering(&self, end: usize, is_steepest: bool) -> Option<usize> {
        let mut lowering = (0..end).filter(|column| self.costs[*column] < -TINY);
        if is_steepest {
            lowering.reduce(|best, column| {
                if self.costs[column] < self.costs[best] {
                    column
                } else {
                    best
                }
            })
        } else {
            lowering.next()
        }
    }

    /// The row that stops the column first; of several the one whose variable has the lowest number.
    fn leaving(&self, column: usize) -> Option<usize> {
        let mut best: Option<(f64, usize)> = None;
        for (idx, row) in self.rows.iter().enumerate() {
            // An artificial variable that has reached 0 leaves by any factor, lest it rise again.
            let is_stuck = self.basis[idx] >= self.first_artificial
                && row[self.n_columns].abs() <= TINY
                && column < self.first_artificial
                && row[column] < -TINY;
            if row[column] <= TINY && !is_stuck {
                continue;
            }
            let ratio = if is_stuck {
                0.0
            } else {
                row[self.n_columns] / row[column]
            };
            let is_better = best.is_none_or(|(least, at)| {
                ratio < least - TINY || (ratio < least + TINY && self.basis[idx] < self.basis[at])
            });
            if is_better {
                best = Some((ratio, idx));
            }
        }
        best.map(|(_, idx)| idx)
    }

    fn pivot(&mut self, row: usize, column: usize) {
        let factor = self.rows[row][column];
        for value in &mut self.rows[row] {
            *value /= factor;
        }
        let pivot_row = self.rows[row].clone();
        for (idx, other) in self.rows.iter_mut().enumerate() {
            if idx != row && other[column].abs() > 0.0 {
                let factor = other[column];
                subtract(other, &pivot_row, factor);
            }
        }
        let factor = self.costs[column];
        subtract(&mut self.costs, &pivot_row, factor);
        self.basis[row] = column;
    }

    fn optimum(&self, n_own: usize) -> Optimum {
        let mut x = vec![0.0; n_own];
        for (row, basic) in self.rows.iter().zip(&self.basis) {
            if let Some(value) = x.get_mut(*basic) {
                *value = row[self.n_columns];
            }
        }
        let price = |(unit, sign): &(usize, f64)| -sign * self.costs[*unit];
        Optimum {
            x,
            value: self.value(),
            prices: self.unit.iter().map(price).collect(),
        }
    }
}

/// Whether a row's own slack cannot be its first solved-for variable.
fn starts_artificial(row: &Row) -> bool {
    match row.relation {
        Relation::Equal => true,
        Relation::AtMost => row.limit < 0.0,
        Relation::AtLeast => row.limit >= 0.0,
    }
}

fn subtract(from: &mut [f64], row: &[f64], factor: f64) {
    for (value, other) in from.iter_mut().zip(row) {
        *value -= factor * other;
    }
}

#[cfg(test)]
mod tests {
    use super::Relation::{AtLeast, AtMost, Equal};
    use super::*;

    fn close(found: f64, expected: f64) -> bool {
        (found - expected).abs() < 1e-7
    }

    #[test]
    fn a_textbook_program_has_its_optimum_and_prices() {
        // Maximise 3x + 5y: Dantzig's example, 36 at (2, 6).
        let mut program = Program::minimise(vec![-3.0, -5.0]);
        program.row(vec![(0, 1.0)], AtMost, 4.0);
        program.row(vec![(1, 2.0)], AtMost, 12.0);
        program.row(vec![(0, 3.0), (1, 2.0)], AtMost, 18.0);
        let found = program.solve().unwrap();
        assert!(close(found.value, -36.0) && close(found.x[0], 2.0) && close(found.x[1], 6.0));
        let prices = [0.0, -1.5, -1.0];
        assert!(
            found
                .prices
                .iter()
                .zip(prices)
                .all(|(found, price)| close(*found, price))
        );
    }

    #[test]
    fn rows_of_every_kind_hold_and_are_priced() {
        let mut program = Program::minimise(vec![2.0, 3.0, 1.0]);
        program.row(vec![(0, 1.0), (1, 1.0), (2, 1.0)], Equal, 10.0);
        program.row(vec![(0, 1.0), (2, -1.0)], AtLeast, 2.0);
        program.row(vec![(2, -1.0)], AtMost, -3.0);
        let found = program.solve().unwrap();
        // x2 at most 4 by the second row, at least 3 by the third: x0 = 6, x2 = 4.
        assert!(close(found.value, 16.0), "{found:?}");
        let dual: f64 = [10.0, 2.0, -3.0]
            .iter()
            .zip(&found.prices)
            .map(|(b, y)| b * y)
            .sum();
        assert!(close(dual, found.value), "{found:?}");
    }

    #[test]
    fn what_cannot_be_solved_is_said() {
        let mut program = Program::minimise(vec![1.0]);
        program.row(vec![(0, 1.0)], AtLeast, 2.0);
        program.row(vec![(0, 1.0)], AtMost, 1.0);
        assert_eq!(program.solve(), Err(NoOptimum::Infeasible));
        let mut program = Program::minimise(vec![-1.0, 0.0]);
        program.row(vec![(1, 1.0)], AtMost, 1.0);
        assert_eq!(program.solve(), Err(NoOptimum::Unbounded));
    }

    #[test]
    fn a_program_known_to_go_round_in_circles_ends() {
        // Beale 1955: the steepest column with lowest-row ties cycles for ever.
        let mut program = Program::minimise(vec![-0.75, 150.0, -0.02, 6.0]);
        program.row(
            vec![(0, 0.25), (1, -60.0), (2, -0.04), (3, 9.0)],
            AtMost,
            0.0,
        );
        program.row(
            vec![(0, 0.5), (1, -90.0), (2, -0.02), (3, 3.0)],
            AtMost,
            0.0,
        );
        program.row(vec![(2, 1.0)], AtMost, 1.0);
        assert!(close(program.solve().unwrap().value, -0.05));
    }
}
