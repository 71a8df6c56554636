//! Laws that durations follow, and how they are drawn.

use crate::error::{Problem, at_least_zero, between, positive, share};
use crate::random::{Stream, unit};
use crate::ziggurat::{self, Tables};

/// The smallest spread that a law may have: below, drawing from it loses all its digits, and may never end.
pub(crate) const CV_MIN: f64 = 1e-6;

/// The law of a duration: of service, after-call work or patience.
#[derive(Clone, Debug, PartialEq)]
pub enum Law {
    /// Memoryless.
    Exponential {
        /// The mean, above 0.
        mean_secs: f64,
    },
    /// Always the same.
    Deterministic {
        /// How long, at least 0.
        secs: f64,
    },
    /// The logarithm is normal.
    Lognormal {
        /// The mean, above 0.
        mean_secs: f64,
        /// Standard deviation divided by mean, above 0.
        cv: f64,
    },
    /// Erlang's law with 1/cv² phases where that is a whole number.
    Gamma {
        /// The mean, above 0.
        mean_secs: f64,
        /// Standard deviation divided by mean, above 0.
        cv: f64,
    },
    /// Survival exp(−(t/scale)^shape).
    Weibull {
        /// The scale, above 0.
        scale_secs: f64,
        /// Under 1 many short values and a long tail, above 0.
        shape: f64,
    },
    /// One of several exponential laws, chosen anew each time.
    Hyperexponential {
        /// Each law's share and mean; the shares add up to 1.
        parts: Vec<Part>,
    },
    /// One of the values seen, each equally likely.
    Empirical {
        /// At least one, each at least 0.
        values_secs: Vec<f64>,
    },
    /// A hazard that is constant on pieces; after the last one begins it stays.
    PiecewiseHazard {
        /// In order, the first from 0.
        pieces: Vec<Hazard>,
    },
}

/// One exponential law of several.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// How often it is chosen, 0..=1.
    pub share: f64,
    /// Its mean, above 0.
    pub mean_secs: f64,
}

/// A hazard from some age on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hazard {
    /// The age.
    pub from_secs: f64,
    /// How many of those still there end in an hour, at least 0. Where the last piece has 0, some never end.
    pub per_hour: f64,
}

/// How long callers wait before they give up.
#[derive(Clone, Debug, PartialEq)]
pub struct Patience {
    /// The law of those who give up some time.
    pub law: Law,
    /// Share of callers who never do, 0..=1.
    pub never_share: f64,
}

impl Law {
    /// Returns the mean; infinite where some never end.
    pub fn mean_secs(&self) -> f64 {
        match self {
            Law::Exponential { mean_secs }
            | Law::Lognormal { mean_secs, .. }
            | Law::Gamma { mean_secs, .. } => *mean_secs,
            Law::Deterministic { secs } => *secs,
            Law::Weibull { scale_secs, shape } => scale_secs * libm::tgamma(1.0 + 1.0 / shape),
            Law::Hyperexponential { parts } => {
                parts.iter().map(|part| part.share * part.mean_secs).sum()
            }
            Law::Empirical { values_secs } => {
                values_secs.iter().sum::<f64>() / values_secs.len() as f64
            }
            Law::PiecewiseHazard { pieces } => hazard_mean(pieces),
        }
    }

    /// Returns `c` if this law is that of `c` times a duration of law `base`, with `c` above 0.
    pub(crate) fn multiple_of(&self, base: &Law) -> Option<f64> {
        let alike = match (self, base) {
            (Law::Exponential { .. }, Law::Exponential { .. }) => true,
            (Law::Deterministic { .. }, Law::Deterministic { .. }) => true,
            (Law::Lognormal { cv, .. }, Law::Lognormal { cv: other, .. })
            | (Law::Gamma { cv, .. }, Law::Gamma { cv: other, .. }) => same(*cv, *other),
            (Law::Weibull { shape, .. }, Law::Weibull { shape: other, .. }) => same(*shape, *other),
            (one, other) => return (one == other).then_some(1.0),
        };
        let ratio = self.mean_secs() / base.mean_secs();
        (alike && ratio.is_finite() && ratio > 0.0).then_some(ratio)
    }

    /// # Errors
    /// A number is out of its range; the problem names the field as the model file does.
    pub(crate) fn check(&self) -> Result<(), Problem> {
        match self {
            Law::Exponential { mean_secs } => positive("mean_secs", *mean_secs),
            Law::Deterministic { secs } => at_least_zero("secs", *secs),
            Law::Lognormal { mean_secs, cv } | Law::Gamma { mean_secs, cv } => {
                positive("mean_secs", *mean_secs)?;
                between("cv", *cv, CV_MIN, 100.0)
            }
            Law::Weibull { scale_secs, shape } => {
                positive("scale_secs", *scale_secs)?;
                check_shape(*shape)
            }
            Law::Hyperexponential { parts } => check_parts(parts),
            Law::Empirical { values_secs } => check_values(values_secs),
            Law::PiecewiseHazard { pieces } => check_pieces(pieces),
        }
    }
}

/// Beyond these a power of a number no longer says anything.
pub(crate) fn check_shape(shape: f64) -> Result<(), Problem> {
    between("shape", shape, 0.05, 1_000.0)
}

fn same(one: f64, other: f64) -> bool {
    one.to_bits() == other.to_bits()
}

fn hazard_mean(pieces: &[Hazard]) -> f64 {
    let mut survival = 1.0;
    let mut mean = 0.0;
    for (place, piece) in pieces.iter().enumerate() {
        let per_sec = piece.per_hour / 3_600.0;
        let length = pieces
            .get(place + 1)
            .map_or(f64::INFINITY, |next| next.from_secs - piece.from_secs);
        if per_sec > 0.0 {
            let left = libm::exp(-per_sec * length);
            mean += survival * (1.0 - left) / per_sec;
            survival *= left;
        } else if survival > 0.0 {
            mean += survival * length;
        }
    }
    mean
}

fn check_parts(parts: &[Part]) -> Result<(), Problem> {
    if parts.is_empty() {
        return Err(Problem::at("parts", "must have at least one entry"));
    }
    for (place, part) in parts.iter().enumerate() {
        let of = |problem: Problem| problem.inside(&format!("parts[{place}]"));
        share("share", part.share).map_err(of)?;
        positive("mean_secs", part.mean_secs).map_err(of)?;
    }
    let total: f64 = parts.iter().map(|part| part.share).sum();
    if (total - 1.0).abs() > 1e-9 {
        let said = format!("must have shares that add up to 1, got {total}");
        return Err(Problem::at("parts", said));
    }
    Ok(())
}

fn check_values(values: &[f64]) -> Result<(), Problem> {
    if values.is_empty() {
        return Err(Problem::at("values_secs", "must have at least one value"));
    }
    for (place, value) in values.iter().enumerate() {
        at_least_zero(&format!("values_secs[{place}]"), *value)?;
    }
    Ok(())
}

fn check_pieces(pieces: &[Hazard]) -> Result<(), Problem> {
    match pieces.first() {
        None => return Err(Problem::at("pieces", "must have at least one entry")),
        Some(first) if first.from_secs != 0.0 => {
            let said = format!("must be 0, got {}", first.from_secs);
            return Err(Problem::at("pieces[0].from_secs", said));
        }
        Some(_) => {}
    }
    for (place, piece) in pieces.iter().enumerate() {
        let of = |problem: Problem| problem.inside(&format!("pieces[{place}]"));
        at_least_zero("from_secs", piece.from_secs).map_err(of)?;
        at_least_zero("per_hour", piece.per_hour).map_err(of)?;
        let before = place.checked_sub(1).map(|before| pieces[before].from_secs);
        if before.is_some_and(|before| before >= piece.from_secs) {
            let said = format!("must be after the piece before it, got {}", piece.from_secs);
            return Err(of(Problem::at("from_secs", said)));
        }
    }
    Ok(())
}

/// A law made ready for drawing.
#[derive(Clone, Debug)]
pub(crate) enum Sampler {
    Exponential(f64),
    Constant(f64),
    Lognormal {
        mu: f64,
        sigma: f64,
    },
    Gamma(Gamma),
    Weibull {
        scale: f64,
        power: f64,
    },
    /// Each part with the end of its stretch in 0..1.
    Mixed(Vec<(f64, Part)>),
    Empirical(Vec<f64>),
    Hazard(Vec<Stretch>),
    /// The law, and the share that never ends.
    Sometimes(Box<Sampler>, f64),
    /// Uniform in 0..1: what a number means is worked out later.
    Unit,
}

/// Marsaglia and Tsang's method (2000).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gamma {
    scale: f64,
    d: f64,
    c: f64,
    /// 1/shape where the shape is under 1: such a number is a power of a uniform one times one of shape + 1.
    boost: Option<f64>,
}

/// One piece of a hazard: the hazard summed up before it, its age and rate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stretch {
    before: f64,
    from: f64,
    per_sec: f64,
}

impl Sampler {
    pub(crate) fn of(law: &Law) -> Sampler {
        match law {
            Law::Exponential { mean_secs } => Sampler::Exponential(*mean_secs),
            Law::Deterministic { secs } => Sampler::Constant(*secs),
            Law::Lognormal { mean_secs, cv } => {
                let variance = libm::log1p(cv * cv);
                Sampler::Lognormal {
                    mu: libm::log(*mean_secs) - variance / 2.0,
                    sigma: variance.sqrt(),
                }
            }
            Law::Gamma { mean_secs, cv } => Sampler::Gamma(Gamma::new(*mean_secs, *cv)),
            Law::Weibull { scale_secs, shape } => Sampler::Weibull {
                scale: *scale_secs,
                power: 1.0 / shape,
            },
            Law::Hyperexponential { parts } => Sampler::Mixed(with_ends(parts)),
            Law::Empirical { values_secs } => Sampler::Empirical(values_secs.clone()),
            Law::PiecewiseHazard { pieces } => Sampler::Hazard(stretches(pieces)),
        }
    }

    pub(crate) fn of_patience(patience: &Patience) -> Sampler {
        let law = Sampler::of(&patience.law);
        if patience.never_share > 0.0 {
            Sampler::Sometimes(Box::new(law), patience.never_share)
        } else {
            law
        }
    }

    /// Draws `out.len()` numbers.
    pub(crate) fn fill(&self, stream: &mut Stream, out: &mut [f64]) {
        // The common laws have a loop of their own, so that nothing is decided anew for each number.
        match self {
            Sampler::Exponential(mean) => {
                let tables = Tables::exponential();
                for x in out {
                    *x = mean * ziggurat::exponential(tables, stream);
                }
            }
            Sampler::Lognormal { mu, sigma } => {
                let tables = Tables::normal();
                for x in out {
                    *x = libm::exp(mu + sigma * ziggurat::normal(tables, stream));
                }
            }
            Sampler::Constant(secs) => out.fill(*secs),
            Sampler::Gamma(_)
            | Sampler::Weibull { .. }
            | Sampler::Mixed(_)
            | Sampler::Empirical(_)
            | Sampler::Hazard(_)
            | Sampler::Sometimes(..)
            | Sampler::Unit => {
                for x in out {
                    *x = self.draw(stream);
                }
            }
        }
    }

    pub(crate) fn draw(&self, stream: &mut Stream) -> f64 {
        let mut exponential = || ziggurat::exponential(Tables::exponential(), stream);
        match self {
            Sampler::Exponential(mean) => mean * exponential(),
            Sampler::Constant(secs) => *secs,
            Sampler::Lognormal { mu, sigma } => {
                libm::exp(mu + sigma * ziggurat::normal(Tables::normal(), stream))
            }
            Sampler::Gamma(gamma) => gamma.draw(stream),
            Sampler::Weibull { scale, power } => scale * libm::pow(exponential(), *power),
            Sampler::Mixed(parts) => {
                let at = stream.unit();
                let part = parts.iter().find(|(end, _)| at < *end);
                let mean = part
                    .or(parts.last())
                    .map_or(0.0, |(_, part)| part.mean_secs);
                mean * ziggurat::exponential(Tables::exponential(), stream)
            }
            Sampler::Empirical(values) => values[pick(stream.word(), values.len())],
            Sampler::Hazard(stretches) => {
                let spent = exponential();
                let place = stretches.partition_point(|stretch| stretch.before <= spent);
                let stretch = stretches[place.saturating_sub(1)];
                if stretch.per_sec > 0.0 {
                    stretch.from + (spent - stretch.before) / stretch.per_sec
                } else {
                    f64::INFINITY
                }
            }
            Sampler::Sometimes(law, never_share) => {
                let never = stream.unit() < *never_share;
                let secs = law.draw(stream);
                if never { f64::INFINITY } else { secs }
            }
            Sampler::Unit => stream.unit(),
        }
    }
}

/// A place in `0..n`, each equally likely to within 2⁻⁵³ · n.
fn pick(word: u64, n: usize) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the number is in 0..n"
    )]
    let place = (unit(word) * n as f64) as usize;
    std::cmp::min(place, n - 1)
}

fn with_ends(parts: &[Part]) -> Vec<(f64, Part)> {
    let mut end = 0.0;
    let ended = parts.iter().map(|part| {
        end += part.share;
        (end, *part)
    });
    ended.collect()
}

fn stretches(pieces: &[Hazard]) -> Vec<Stretch> {
    let mut before = 0.0;
    let mut stretches: Vec<Stretch> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        if let Some(last) = stretches.last() {
            before += last.per_sec * (piece.from_secs - last.from);
        }
        stretches.push(Stretch {
            before,
            from: piece.from_secs,
            per_sec: piece.per_hour / 3_600.0,
        });
    }
    stretches
}

impl Gamma {
    pub(crate) fn new(mean: f64, cv: f64) -> Gamma {
        let shape = 1.0 / (cv * cv);
        let boosted = if shape < 1.0 { shape + 1.0 } else { shape };
        let d = boosted - 1.0 / 3.0;
        Gamma {
            scale: mean / shape,
            d,
            c: 1.0 / (9.0 * d).sqrt(),
            boost: (shape < 1.0).then_some(1.0 / shape),
        }
    }

    pub(crate) fn draw(&self, stream: &mut Stream) -> f64 {
        let factor = match self.boost {
            Some(power) => libm::pow(stream.positive_unit(), power),
            None => 1.0,
        };
        let tables = Tables::normal();
        loop {
            let x = ziggurat::normal(tables, stream);
            let root = 1.0 + self.c * x;
            if root <= 0.0 {
                continue;
            }
            let v = root * root * root;
            let limit = 0.5 * x * x + self.d - self.d * v + self.d * libm::log(v);
            if libm::log(stream.positive_unit()) < limit {
                return factor * self.d * v * self.scale;
            }
        }
    }
}

/// Numbers of one law from one stream, drawn in blocks: inside a block nothing but the next number is computed.
#[derive(Clone, Debug)]
pub(crate) struct Draws<'a> {
    sampler: &'a Sampler,
    stream: Stream,
    block: Box<[f64; BLOCK]>,
    next: usize,
}

/// 512 bytes: the blocks of a few dozen classes fit the first-level cache together.
const BLOCK: usize = 64;

impl<'a> Draws<'a> {
    pub(crate) fn new(sampler: &'a Sampler, stream: Stream) -> Draws<'a> {
        Draws {
            sampler,
            stream,
            block: Box::new([0.0; BLOCK]),
            next: BLOCK,
        }
    }

    #[inline]
    pub(crate) fn next(&mut self) -> f64 {
        if self.next >= BLOCK {
            self.refill();
        }
        let drawn = self.block[self.next];
        self.next += 1;
        drawn
    }

    #[cold]
    fn refill(&mut self) {
        self.sampler.fill(&mut self.stream, &mut *self.block);
        self.next = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Purpose;

    fn laws() -> Vec<Law> {
        let part = |share, mean_secs| Part { share, mean_secs };
        let hazard = |from_secs, per_hour| Hazard {
            from_secs,
            per_hour,
        };
        vec![
            Law::Exponential { mean_secs: 30.0 },
            Law::Deterministic { secs: 7.0 },
            Law::Lognormal {
                mean_secs: 300.0,
                cv: 0.8,
            },
            Law::Gamma {
                mean_secs: 60.0,
                cv: 0.5,
            },
            Law::Gamma {
                mean_secs: 60.0,
                cv: 1.6,
            },
            Law::Weibull {
                scale_secs: 100.0,
                shape: 2.0,
            },
            Law::Hyperexponential {
                parts: vec![part(0.9, 20.0), part(0.1, 200.0)],
            },
            Law::Empirical {
                values_secs: vec![1.0, 2.0, 6.0],
            },
            Law::PiecewiseHazard {
                pieces: vec![hazard(0.0, 360.0), hazard(5.0, 0.0), hazard(10.0, 36.0)],
            },
        ]
    }

    /// The mean of a million draws lies within 4.5 standard errors; the law's spread is taken from the draws.
    #[test]
    fn means_are_those_of_the_laws() {
        for (key, law) in (0..).zip(laws()) {
            let sampler = Sampler::of(&law);
            let mut stream = Stream::new(3, Purpose::Service, &[key]);
            let mut drawn = vec![0.0; 1_000_000];
            sampler.fill(&mut stream, &mut drawn);
            let n = drawn.len() as f64;
            let mean = drawn.iter().sum::<f64>() / n;
            let variance = drawn.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
            let z = (mean - law.mean_secs()) / (variance / n).sqrt();
            let off = if variance < 1e-12 {
                mean - law.mean_secs()
            } else {
                z
            };
            assert!(off.abs() < 4.5, "{law:?}: {mean} is {off} off");
        }
    }

    #[test]
    fn spreads_are_those_of_the_laws() {
        for (law, cv) in [
            (laws()[2].clone(), 0.8),
            (laws()[3].clone(), 0.5),
            (laws()[4].clone(), 1.6),
        ] {
            let mut stream = Stream::new(5, Purpose::Service, &[]);
            let sampler = Sampler::of(&law);
            let drawn: Vec<f64> = (0..1_000_000).map(|_| sampler.draw(&mut stream)).collect();
            let mean = drawn.iter().sum::<f64>() / 1e6;
            let variance = drawn.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 1e6;
            let found = variance.sqrt() / mean;
            assert!((found / cv - 1.0).abs() < 0.02, "{law:?}: {found}");
        }
    }

    #[test]
    fn some_never_give_up() {
        let patience = Patience {
            law: Law::Exponential { mean_secs: 9.0 },
            never_share: 0.25,
        };
        let sampler = Sampler::of_patience(&patience);
        let mut stream = Stream::new(1, Purpose::Patience, &[]);
        let never = (0..100_000).filter(|_| sampler.draw(&mut stream).is_infinite());
        let never = never.count();
        assert!((24_300..25_700).contains(&never), "{never}");
    }

    #[test]
    fn a_law_is_a_multiple_of_one_of_its_shape_only() {
        let laws = laws();
        let longer = Law::Lognormal {
            mean_secs: 150.0,
            cv: 0.8,
        };
        assert_eq!(longer.multiple_of(&laws[2]), Some(0.5));
        assert_eq!(laws[3].multiple_of(&laws[4]), None);
        assert_eq!(laws[7].multiple_of(&laws[7]), Some(1.0));
        assert_eq!(laws[0].multiple_of(&laws[1]), None);
    }

    #[test]
    fn a_number_out_of_range_is_named() {
        let said = |law: Law| law.check().unwrap_err().to_string();
        assert_eq!(
            said(Law::Exponential { mean_secs: -3.0 }),
            "mean_secs must be above 0, got -3"
        );
        assert_eq!(
            said(Law::Empirical {
                values_secs: vec![1.0, f64::NAN]
            }),
            "values_secs[1] must be at least 0, got NaN"
        );
        let pieces = vec![
            Hazard {
                from_secs: 0.0,
                per_hour: 1.0,
            };
            2
        ];
        assert_eq!(
            said(Law::PiecewiseHazard { pieces }),
            "pieces[1].from_secs must be after the piece before it, got 0"
        );
        for law in laws() {
            assert_eq!(law.check(), Ok(()));
        }
    }
}
