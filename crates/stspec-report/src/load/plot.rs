//! Lines over two axes as inline SVG, in the colours of the page around it.

use maud::{Markup, html};

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
    /// Marked values of the axis to the right.
    pub(super) marks: Vec<Mark>,
}

/// A vertical line with a label.
pub(super) struct Mark {
    /// Its value on the axis to the right.
    pub(super) at: f64,
    /// What is written beside it.
    pub(super) label: String,
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
pub(super) fn draw(plot: &Plot) -> Markup {
    let lines = || plot.lines.iter().enumerate().map(|(number, line)| (number % COLOURS, line));
    html! {
        figure {
            svg viewBox=(format_args!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-label=(plot.title) {
                "\n"
                (axes(plot))
                @for each in &plot.marks { (mark(plot, each)) }
                @for (colour, line) in lines() { (drawn_line(plot, line, colour)) }
            }
            "\n"
            figcaption {
                (plot.title)
                @for (colour, line) in lines() {
                    " " span class=(format_args!("key c{colour}")) { (line.name) }
                }
            }
        }
        "\n"
    }
}

fn mark(plot: &Plot, mark: &Mark) -> Markup {
    let x = right(plot, mark.at);
    let is_right_half = x > f64::midpoint(LEFT, RIGHT);
    let (anchor, label_x) = if is_right_half { ("end", x - 5.0) } else { ("start", x + 5.0) };
    html! {
        (segment("mark", Point { x, y: TOP }, Point { x, y: BOTTOM }))
        (text(Point { x: label_x, y: TOP + 11.0 }, anchor, &mark.label))
    }
}

/// A position in the units of the picture.
#[derive(Clone, Copy)]
struct Point {
    x: f64,
    y: f64,
}

fn segment(class: &str, from: Point, to: Point) -> Markup {
    html! {
        line class=(class) x1=(one_digit(from.x)) x2=(one_digit(to.x)) y1=(one_digit(from.y))
            y2=(one_digit(to.y)) {}
    }
}

fn text(at: Point, anchor: &str, label: &str) -> Markup {
    html! {
        text x=(one_digit(at.x)) y=(one_digit(at.y)) text-anchor=(anchor) { (label) }
        "\n"
    }
}

fn one_digit(number: f64) -> String {
    format!("{number:.1}")
}

fn right(plot: &Plot, value: f64) -> f64 {
    LEFT + plot.across.part(value) * (RIGHT - LEFT)
}

fn height(plot: &Plot, value: f64) -> f64 {
    BOTTOM - plot.up.part(value) * (BOTTOM - TOP)
}

fn axes(plot: &Plot) -> Markup {
    html! {
        @for (value, label) in &plot.up.ticks {
            @let y = height(plot, *value);
            (segment("grid", Point { x: LEFT, y }, Point { x: RIGHT, y }))
            (text(Point { x: LEFT - 6.0, y: y + 5.0 }, "end", label))
        }
        @for (value, label) in &plot.across.ticks {
            @let x = right(plot, *value);
            (segment("grid", Point { x, y: BOTTOM }, Point { x, y: BOTTOM + 4.0 }))
            (text(Point { x, y: BOTTOM + 20.0 }, "middle", label))
        }
    }
}

/// A line, broken where points are missing; a point between two gaps is a dot.
fn drawn_line(plot: &Plot, line: &Line, colour: usize) -> Markup {
    let class = format!("c{colour}");
    let position = |(x, y): &(f64, f64)| Point { x: right(plot, *x), y: height(plot, *y) };
    let runs = line.points.split(Option::is_none);
    let runs = runs.map(|run| run.iter().flatten().map(position).collect::<Vec<Point>>());
    let notes = line.points.iter().zip(&line.notes);
    let notes = notes.filter_map(|(point, note)| Some((position(point.as_ref()?), note)));
    html! {
        @for run in runs {
            @match run.as_slice() {
                [] => {},
                [dot] => { circle class=(class) cx=(one_digit(dot.x)) cy=(one_digit(dot.y)) r="2" {} "\n" },
                points => { polyline class=(class) points=(joined(points)) {} "\n" },
            }
        }
        @for (at, note) in notes {
            circle class=(class) cx=(one_digit(at.x)) cy=(one_digit(at.y)) r="4" { title { (note) } }
            "\n"
        }
    }
}

/// Points as the `points` of a polyline.
fn joined(points: &[Point]) -> String {
    let points: Vec<String> =
        points.iter().map(|point| format!("{:.1},{:.1}", point.x, point.y)).collect();
    points.join(" ")
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
        let svg = draw(&plot).into_string();
        assert!(svg.contains("points=\"78.0,232.0 286.0,12.0\""), "{svg}");
        assert_eq!((svg.matches("<polyline").count(), svg.matches("<circle").count()), (1, 1));
        assert!(svg.contains("a&lt;b"), "{svg}");
    }
}
