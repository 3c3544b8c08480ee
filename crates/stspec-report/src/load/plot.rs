//! Lines over two axes as inline SVG, in the colours of the page around it.

use std::fmt::Write as _;

use crate::markup::escape;

/// Width and height of a plot in its own units; the page stretches it.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 260.0;

/// Where the lines are: room for the labels of the axes is left of it and below.
const LEFT: f64 = 78.0;
const RIGHT: f64 = WIDTH - 18.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = HEIGHT - 28.0;

/// How many colours lines have before they begin again.
const COLOURS: usize = 6;

/// Most steps of a linear axis.
const STEPS_MAX: u64 = 5;

/// A picture of lines.
pub(super) struct Plot {
    /// What it shows, for those who can't see it.
    pub(super) title: String,
    /// To the right.
    pub(super) across: Axis,
    /// Upwards.
    pub(super) up: Axis,
    /// The lines with their names.
    pub(super) lines: Vec<Line>,
    /// Places to the right that are marked, each with a label.
    pub(super) marks: Vec<(f64, String)>,
}

/// A line through points, in the units of the axes.
pub(super) struct Line {
    /// Its name in the legend.
    pub(super) name: String,
    /// Its points from left to right; where one is missing the line is broken.
    pub(super) points: Vec<Option<(f64, f64)>>,
    /// What each point says when one points at it; empty where nothing is drawn at points.
    pub(super) notes: Vec<String>,
}

/// From where to where an axis goes, and what is written beside it.
pub(super) struct Axis {
    low: f64,
    high: f64,
    ticks: Vec<(f64, String)>,
}

impl Axis {
    /// From 0 to so much or a little more.
    pub(super) fn linear(most: u64, words: impl Fn(u64) -> String) -> Self {
        let step = step(most.max(1));
        let steps = most.max(1).div_ceil(step);
        let tick = |number: u64| (real(number * step), words(number * step));
        Self { low: 0.0, high: real(steps * step), ticks: (0..=steps).map(tick).collect() }
    }

    /// From 0 to exactly so much.
    pub(super) fn linear_up_to(most: u64, words: impl Fn(u64) -> String) -> Self {
        let most = most.max(1);
        let step = step(most);
        let tick = |number: u64| (real(number * step), words(number * step));
        Self { low: 0.0, high: real(most), ticks: (0..=most / step).map(tick).collect() }
    }

    /// From a power of ten to another; points are given by [`log`].
    pub(super) fn logarithmic(shortest: u64, longest: u64, words: impl Fn(u64) -> String) -> Self {
        let first = shortest.max(1).ilog10();
        let last = (longest.max(1).ilog10() + 1).max(first + 1);
        let tick = |power: u32| (f64::from(power), words(10_u64.saturating_pow(power)));
        Self {
            low: f64::from(first),
            high: f64::from(last),
            ticks: (first..=last).map(tick).collect(),
        }
    }

    /// With ticks of its own.
    pub(super) fn of(low: f64, high: f64, ticks: Vec<(f64, String)>) -> Self {
        Self { low, high, ticks }
    }

    /// Where a value is between the ends, from 0 to 1.
    fn part(&self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }
}

/// A number of a plot; above 2³², which no axis of ours reaches, that.
pub(super) fn real(value: u64) -> f64 {
    f64::from(u32::try_from(value).unwrap_or(u32::MAX))
}

/// Where a value is on a logarithmic axis.
pub(super) fn log(value: u64) -> f64 {
    real(value.max(1)).log10()
}

/// The smallest of 1, 2, 5, 10 and so on of which so few reach so far.
fn step(most: u64) -> u64 {
    let mut power = 1_u64;
    loop {
        for step in [power, power.saturating_mul(2), power.saturating_mul(5)] {
            if most.div_ceil(step) <= STEPS_MAX {
                return step;
            }
        }
        power = power.saturating_mul(10);
    }
}

/// Draws a plot with its legend.
pub(super) fn draw(plot: &Plot) -> String {
    let title = escape(&plot.title);
    let mut svg = format!(
        "<figure>\n<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{title}\">\n"
    );
    axes(&mut svg, plot);
    for (x, label) in &plot.marks {
        let (x, label) = (right(plot, *x), escape(label));
        let anchor =
            if x > f64::midpoint(LEFT, RIGHT) { ("end", x - 5.0) } else { ("start", x + 5.0) };
        // Writing to a string never fails.
        let _ = writeln!(
            svg,
            "<line class=\"mark\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{TOP}\" y2=\"{BOTTOM}\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{}\">{label}</text>",
            anchor.1,
            TOP + 11.0,
            anchor.0
        );
    }
    for (number, line) in plot.lines.iter().enumerate() {
        lines(&mut svg, plot, line, number % COLOURS);
    }
    svg.push_str("</svg>\n<figcaption>");
    svg.push_str(&title);
    for (number, line) in plot.lines.iter().enumerate() {
        let name = escape(&line.name);
        let _ = write!(svg, " <span class=\"key c{}\">{name}</span>", number % COLOURS);
    }
    svg + "</figcaption>\n</figure>\n"
}

fn right(plot: &Plot, value: f64) -> f64 {
    LEFT + plot.across.part(value) * (RIGHT - LEFT)
}

fn height(plot: &Plot, value: f64) -> f64 {
    BOTTOM - plot.up.part(value) * (BOTTOM - TOP)
}

fn axes(svg: &mut String, plot: &Plot) {
    for (value, label) in &plot.up.ticks {
        let (y, label) = (height(plot, *value), escape(label));
        let _ = writeln!(
            svg,
            "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>",
            LEFT - 6.0,
            y + 5.0
        );
    }
    for (value, label) in &plot.across.ticks {
        let (x, label) = (right(plot, *value), escape(label));
        let _ = writeln!(
            svg,
            "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{BOTTOM}\" y2=\"{:.1}\"/>\
             <text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{label}</text>",
            BOTTOM + 4.0,
            BOTTOM + 20.0
        );
    }
}

/// A line, broken where points are missing; a point between two gaps is a dot.
fn lines(svg: &mut String, plot: &Plot, line: &Line, colour: usize) {
    for run in line.points.split(Option::is_none) {
        let points: Vec<String> = run
            .iter()
            .flatten()
            .map(|(x, y)| format!("{:.1},{:.1}", right(plot, *x), height(plot, *y)))
            .collect();
        let dot = points.first().filter(|_| points.len() == 1).and_then(|dot| dot.split_once(','));
        let _ = match dot {
            Some((x, y)) => {
                writeln!(svg, "<circle class=\"c{colour}\" cx=\"{x}\" cy=\"{y}\" r=\"2\"/>")
            }
            None if points.is_empty() => Ok(()),
            None => {
                writeln!(svg, "<polyline class=\"c{colour}\" points=\"{}\"/>", points.join(" "))
            }
        };
    }
    for (point, note) in line.points.iter().zip(&line.notes) {
        let Some((x, y)) = point else { continue };
        let (x, y, note) = (right(plot, *x), height(plot, *y), escape(note));
        let _ = writeln!(
            svg,
            "<circle class=\"c{colour}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"><title>{note}</title></circle>"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(most: u64, expected: &[&str]) {
        let axis = Axis::linear(most, |value| value.to_string());
        let labels: Vec<&str> = axis.ticks.iter().map(|(_, label)| label.as_str()).collect();
        assert_eq!(labels, expected);
    }

    #[test]
    fn a_linear_axis_has_few_round_steps_and_holds_the_most() {
        check(0, &["0", "1"]);
        check(5, &["0", "1", "2", "3", "4", "5"]);
        check(6, &["0", "2", "4", "6"]);
        check(1_001, &["0", "500", "1000", "1500"]);
    }

    #[test]
    fn an_axis_may_end_between_two_steps() {
        let axis = Axis::linear_up_to(12, |value| value.to_string());
        let labels: Vec<&str> = axis.ticks.iter().map(|(_, label)| label.as_str()).collect();
        assert_eq!(labels, ["0", "5", "10"]);
        assert!((axis.part(12.0) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_logarithmic_axis_goes_from_power_to_power() {
        let axis = Axis::logarithmic(250, 9_000, |value| value.to_string());
        let labels: Vec<&str> = axis.ticks.iter().map(|(_, label)| label.as_str()).collect();
        assert_eq!(labels, ["100", "1000", "10000"]);
        assert!((axis.part(log(1_000)) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn a_line_is_broken_where_a_point_is_missing() {
        let line = Line {
            name: "a<b".into(),
            points: vec![Some((0.0, 0.0)), Some((1.0, 1.0)), None, Some((3.0, 0.0))],
            notes: Vec::new(),
        };
        let (across, up) = (Axis::linear(3, |_| String::new()), Axis::linear(1, |_| String::new()));
        let plot = Plot { title: "t".into(), across, up, lines: vec![line], marks: Vec::new() };
        let svg = draw(&plot);
        assert!(svg.contains("points=\"78.0,232.0 286.0,12.0\""), "{svg}");
        assert_eq!((svg.matches("<polyline").count(), svg.matches("<circle").count()), (1, 1));
        assert!(svg.contains("a&lt;b"), "{svg}");
    }
}
