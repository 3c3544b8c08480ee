//! The few formulas that a comparison rests on.

/// Returns a count as a real number; above 2⁵³ the nearest that there is.
#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "statistics need real numbers, and a relative error of 2⁻⁵³ is nothing to them"
)]
pub(super) fn real(count: u64) -> f64 {
    count as f64
}

/// Returns a real number times a million as an integer, cut off where it fits none; 0 for none.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "`as` saturates, which is what is wanted"
)]
pub(super) fn per_million(value: f64) -> i64 {
    (value * 1e6).round() as i64
}

/// Returns the mean; nothing of nothing.
pub(super) fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / real(length(values)))
}

/// Returns the sum of squared distances from the mean.
pub(super) fn squares(values: &[f64]) -> f64 {
    let centre = mean(values).unwrap_or(0.0);
    values.iter().map(|value| (value - centre).powi(2)).sum()
}

pub(super) fn length<T>(values: &[T]) -> u64 {
    u64::try_from(values.len()).unwrap_or(u64::MAX)
}

/// Returns the probability that Student's t is not further from 0 than this, on either side.
///
/// Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4, which hold for
/// whole degrees of freedom.
pub(super) fn t_within(t: f64, degrees: u64) -> f64 {
    let angle = (t.abs() / real(degrees).sqrt()).atan();
    let (sine, cosine) = angle.sin_cos();
    let is_odd = degrees % 2 == 1;
    if degrees == 1 {
        return angle * std::f64::consts::FRAC_2_PI;
    }
    // Each term is the one before times cos² and the next two factors, of which the larger divides.
    let mut term = if is_odd { cosine } else { 1.0 };
    let mut sum = term;
    let mut factor = if is_odd { 2 } else { 1 };
    while factor + 2 < degrees {
        term *= cosine.powi(2) * real(factor) / real(factor + 1);
        sum += term;
        factor += 2;
    }
    if is_odd { (angle + sine * sum) * std::f64::consts::FRAC_2_PI } else { sine * sum }
}

/// Returns how far from 0 Student's t is in 5 of 100 cases.
pub(super) fn t_of_95_percent(degrees: u64) -> f64 {
    let (mut low, mut high) = (0.0, 13.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if t_within(middle, degrees) < 0.95 { low = middle } else { high = middle }
    }
    high
}

/// The probability with which chance may pass for a difference, for all metrics that decide together.
///
/// Source: issue 6, where a target compared with itself may differ in one of twenty tries.
const ALPHA: f64 = 0.05;

/// Returns which hypotheses are rejected, by their p-values, so that the probability of any mistake among them
/// is that of `ALPHA`: Holm's way.
pub(super) fn holm(p_values: &[f64]) -> Vec<bool> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|a, b| {
        let of = |position: &usize| p_values.get(*position).copied().unwrap_or(1.0);
        of(a).total_cmp(&of(b))
    });
    let mut rejected = vec![false; p_values.len()];
    for (rank, position) in order.into_iter().enumerate() {
        let left = length(p_values) - u64::try_from(rank).unwrap_or(0);
        let small = p_values.get(position).is_some_and(|p| *p <= ALPHA / real(left));
        let Some(slot) = rejected.get_mut(position).filter(|_| small) else { break };
        *slot = true;
    }
    rejected
}

/// Numbers that look random and are the same for the same seed, on every machine and in every version.
///
/// Source: Steele, Lea and Flood, Fast splittable pseudorandom number generators, OOPSLA 2014 (`SplitMix64`).
pub(super) struct Draw {
    state: u64,
}

impl Draw {
    pub(super) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    pub(super) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// One of the numbers below `bound`; 0 if there is none.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        // The upper half of the product is even over the bound, up to one in 2⁶⁴ / bound.
        let wide = u128::from(self.next()) * u128::try_from(bound).unwrap_or(0);
        usize::try_from(wide >> 64).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_t(degrees: u64, expected: f64) {
        let t = t_of_95_percent(degrees);
        assert!((t - expected).abs() < 0.001, "{degrees}: {t}");
    }

    #[test]
    fn students_t_is_that_of_the_tables() {
        check_t(1, 12.706);
        check_t(2, 4.303);
        check_t(3, 3.182);
        check_t(4, 2.776);
        check_t(5, 2.571);
        check_t(18, 2.101);
        check_t(19, 2.093);
        check_t(120, 1.980);
    }

    #[test]
    fn holm_asks_most_of_the_smallest() {
        assert_eq!(holm(&[0.04, 0.01, 0.03]), [false, true, false]);
        assert_eq!(holm(&[0.04, 0.01, 0.02]), [true, true, true]);
        assert_eq!(holm(&[0.02, 0.04, 0.03]), [false, false, false]);
        assert_eq!(holm(&[0.05]), [true]);
        assert!(holm(&[]).is_empty());
    }

    #[test]
    fn drawn_numbers_are_those_of_the_paper() {
        // First values for the seed 1234567, as the authors' own C code prints them.
        let mut draw = Draw::new(1_234_567);
        let drawn = [draw.next(), draw.next(), draw.next()];
        assert_eq!(
            drawn,
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
    }

    #[test]
    fn what_is_drawn_below_a_bound_stays_there_and_reaches_all() {
        let mut draw = Draw::new(1);
        let mut seen = [0_u32; 7];
        (0..7_000).for_each(|_| seen[draw.below(7)] += 1);
        assert!(seen.iter().all(|times| (800..1_200).contains(times)), "{seen:?}");
        assert_eq!(draw.below(0), 0);
    }
}
