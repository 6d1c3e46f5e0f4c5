//! The story as a picture: what each load did over time, and the circuit's state as a band.

use std::path::Path;
use std::time::Duration;

use altlocks::State;
use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::circuit::{self, Change};
use crate::load::CALLERS;
use crate::record::{End, Record};
use crate::story::{Health, LENGTH, SCRIPT};
use crate::summary::{Side, Summary};
use crate::units;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Plane<'a> = ChartContext<'a, SVGBackend<'a>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

// Okabe and Ito's colours, which the colour-blind tell apart, with a violet and a dark red. None means two things.
const BLUE: RGBColor = RGBColor(0, 114, 178);
const GREEN: RGBColor = RGBColor(0, 158, 115);
const ORANGE: RGBColor = RGBColor(240, 180, 40);
const VERMILION: RGBColor = RGBColor(213, 94, 0);
const VIOLET: RGBColor = RGBColor(130, 100, 170);
const CRIMSON: RGBColor = RGBColor(150, 10, 55);
const INK: RGBColor = RGBColor(45, 45, 45);
const GREY: RGBColor = RGBColor(150, 150, 150);

/// What is kept free left and right of every plane, so that each moment is in one column.
const LEFT: i32 = 86;
const RIGHT: i32 = 24;
const WIDTH: i32 = 1090;
const SIZE: (u32, u32) = ((LEFT + WIDTH + RIGHT).cast_unsigned(), 990);
/// What a point of a curve stands for.
const STEP: Duration = Duration::from_millis(250);
const SMALL: u32 = 17;
/// How much higher than its curves a plane is.
const HEADROOM: f64 = 1.08;

/// Writes the picture.
pub(crate) fn draw(summary: &Summary, path: &Path) -> anyhow::Result<()> {
    let root = SVGBackend::new(path, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    // From top to bottom.
    let (heading, rest) = root.split_vertically(114);
    let (server, rest) = rest.split_vertically(31);
    let (circuit, rest) = rest.split_vertically(26);
    let (with, rest) = rest.split_vertically(280);
    let (without, waiting) = rest.split_vertically(280);

    draw_heading(&heading)?;
    draw_server(&server.margin(0, 5, 0, 0))?;
    draw_circuit(&circuit, &summary.changes)?;
    let rates = [Rates::of(&summary.with.record), Rates::of(&summary.without.record)];
    let highest = rates.iter().map(Rates::highest).fold(0.0, f64::max);
    let [with_rates, without_rates] = rates;
    draw_rates(&with, "With the breaker", &summary.with, with_rates, highest)?;
    draw_rates(&without, "Without", &summary.without, without_rates, highest)?;
    draw_waiting(&waiting, &summary.with.record, &summary.without.record)?;
    root.present()?;
    Ok(())
}

/// The title, when the circuit opens, and the legend.
fn draw_heading(area: &Area<'_>) -> anyhow::Result<()> {
    area.draw_text("The same outage with a circuit breaker and without", &text(27, HPos::Left), (LEFT, 28))?;
    let small = text(SMALL, HPos::Left);
    area.draw_text(&format!("The circuit opens after {}.", circuit::opens_after()), &small, (LEFT, 58))?;
    let mut x = LEFT;
    for (word, colour) in [("admitted calls", BLUE), ("failed calls", VERMILION), ("refused calls", VIOLET)] {
        area.draw(&Rectangle::new([(x, 90), (x + 22, 94)], colour.filled()))?;
        area.draw_text(word, &small, (x + 30, 92))?;
        x += 160;
    }
    for state in [State::Closed, State::Open, State::HalfOpen] {
        area.draw(&Rectangle::new([(x, 85), (x + 22, 99)], colour(state).filled()))?;
        area.draw_text(&format!("circuit {}", circuit::name(state)), &small, (x + 30, 92))?;
        x += 160;
    }
    Ok(())
}

fn draw_server(area: &Area<'_>) -> anyhow::Result<()> {
    let acts = SCRIPT.iter().map(|act| Stretch {
        from: act.from.as_secs_f64(),
        to: act.to.as_secs_f64(),
        name: act.health.name(),
        fill: shade(act.health),
        ink: INK,
    });
    draw_band(area, "server", acts)
}

fn draw_circuit(area: &Area<'_>, changes: &[Change]) -> anyhow::Result<()> {
    let (mut from, mut state) = (0.0, State::Closed);
    let end = (LENGTH.as_secs_f64(), State::Closed);
    let ends = changes.iter().map(|change| (change.at.min(LENGTH).as_secs_f64(), change.to));
    let states = ends.chain([end]).map(|(to, next)| {
        let stretch = Stretch { from, to, name: circuit::name(state), fill: colour(state), ink: WHITE };
        (from, state) = (to, next);
        stretch
    });
    draw_band(area, "circuit", states)
}

/// A part of a band.
struct Stretch {
    from: f64,
    to: f64,
    name: &'static str,
    fill: RGBColor,
    ink: RGBColor,
}

fn draw_band(area: &Area<'_>, title: &str, stretches: impl Iterator<Item = Stretch>) -> anyhow::Result<()> {
    let mut plane = plane(area, 1.0, 0)?;
    for Stretch { from, to, name, fill, ink } in stretches {
        plane.draw_series([Rectangle::new([(from, 0.0), (to, 1.0)], fill.filled())])?;
        let room = (to - from) / LENGTH.as_secs_f64() * f64::from(WIDTH);
        if room > 10.0 * f64::from(u32::try_from(name.len())?) {
            let middle = (f64::midpoint(from, to), 0.5);
            plane.draw_series([Text::new(name, middle, text(SMALL, HPos::Center).color(&ink))])?;
        }
    }
    let middle = i32::try_from(area.dim_in_pixel().1 / 2)?;
    area.draw_text(title, &text(SMALL, HPos::Right), (LEFT - 10, middle))?;
    Ok(())
}

/// Calls a second, over time.
struct Rates {
    admitted: Vec<(f64, f64)>,
    failed: Vec<(f64, f64)>,
    refused: Vec<(f64, f64)>,
}

impl Rates {
    fn of(record: &Record) -> Self {
        Self {
            admitted: record.admitted_rate(STEP, LENGTH),
            failed: record.rate(End::Failed, STEP, LENGTH),
            refused: record.rate(End::Refused, STEP, LENGTH),
        }
    }

    fn highest(&self) -> f64 {
        let all = [&self.admitted, &self.failed, &self.refused];
        all.into_iter().flatten().map(|&(_, rate)| rate).fold(0.0, f64::max)
    }
}

fn draw_rates(area: &Area<'_>, title: &str, side: &Side, rates: Rates, highest: f64) -> anyhow::Result<()> {
    let sent = side.sent_into_failing + side.sent_into_dead;
    let lost = units::seconds(side.record.lost());
    let detail = format!(
        "{sent} requests sent into the failing and dead server, {lost} of the callers' time lost in calls that failed"
    );
    let below = draw_title(area, title, &detail)?;
    let top = highest * HEADROOM;
    let mut plane = plane(&below, top, 0)?;
    draw_grid(&mut plane, "calls a second", top)?;
    for (series, colour, shade) in
        [(rates.refused, VIOLET, 0.25), (rates.admitted, BLUE, 0.12), (rates.failed, VERMILION, 0.35)]
    {
        draw_curve(&mut plane, series, colour, shade)?;
    }
    Ok(())
}

/// How many callers wait for an answer, over time.
fn draw_waiting(area: &Area<'_>, with: &Record, without: &Record) -> anyhow::Result<()> {
    let below = draw_title(area, "Waiting", &format!("how many of the {CALLERS} callers wait for an answer"))?;
    let top = f64::from(CALLERS) * HEADROOM;
    let mut plane = plane(&below, top, 46)?;
    draw_grid(&mut plane, "callers", top)?;
    draw_curve(&mut plane, without.waiting(STEP, LENGTH), GREY, 0.3)?;
    draw_curve(&mut plane, with.waiting(STEP, LENGTH), INK, 0.5)?;
    // Its own legend, where callers wait for nothing.
    for (height, word, colour) in [(0.80, "without the breaker", GREY), (0.64, "with the breaker", INK)] {
        let at = |x: f64, above: f64| (14.1 + x, top * (height + above));
        plane.draw_series([Rectangle::new([at(0.0, -0.03), at(0.34, 0.03)], colour.mix(0.6).filled())])?;
        plane.draw_series([Text::new(word, at(0.46, 0.0), text(SMALL, HPos::Left))])?;
    }
    Ok(())
}

/// A plane over the whole story, in the same columns as all others, with room below for what stands there.
fn plane<'a>(area: &Area<'a>, top: f64, below: u32) -> anyhow::Result<Plane<'a>> {
    let plane = ChartBuilder::on(area)
        .margin_left(10)
        .margin_right(RIGHT)
        .set_label_area_size(LabelAreaPosition::Left, LEFT - 10)
        .set_label_area_size(LabelAreaPosition::Bottom, below)
        .build_cartesian_2d(0.0..LENGTH.as_secs_f64(), 0.0..top)?;
    Ok(plane)
}

/// The axes and the lines behind the curves.
fn draw_grid(plane: &mut Plane<'_>, unit: &str, top: f64) -> anyhow::Result<()> {
    plane
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GREY.mix(0.25))
        .axis_style(GREY)
        .y_labels(6)
        .x_labels(18)
        .x_label_formatter(&|seconds| format!("{seconds:.0}"))
        .y_label_formatter(&|count| format!("{count:.0}"))
        .y_desc(unit)
        .x_desc("seconds")
        .label_style(text(SMALL, HPos::Center))
        .draw()?;
    for act in &SCRIPT[1..] {
        let at = act.from.as_secs_f64();
        plane.draw_series([PathElement::new([(at, 0.0), (at, top)], GREY.mix(0.6))])?;
    }
    Ok(())
}

/// Writes the title at the top of an area, and returns what is below.
fn draw_title<'a>(area: &Area<'a>, title: &str, detail: &str) -> anyhow::Result<Area<'a>> {
    let (line, below) = area.split_vertically(36);
    let bold = ("sans-serif", 19, FontStyle::Bold).into_font().color(&INK).pos(Pos::new(HPos::Left, VPos::Center));
    line.draw_text(title, &bold, (LEFT, 22))?;
    line.draw_text(detail, &text(SMALL, HPos::Left), (LEFT + 170, 22))?;
    Ok(below)
}

fn draw_curve(plane: &mut Plane<'_>, points: Vec<(f64, f64)>, colour: RGBColor, shade: f64) -> anyhow::Result<()> {
    plane.draw_series(AreaSeries::new(points, 0.0, colour.mix(shade)).border_style(colour.stroke_width(2)))?;
    Ok(())
}

fn text(pixels: u32, side: HPos) -> TextStyle<'static> {
    ("sans-serif", pixels).into_font().color(&INK).pos(Pos::new(side, VPos::Center))
}

const fn colour(state: State) -> RGBColor {
    match state {
        State::Closed => GREEN,
        State::HalfOpen => ORANGE,
        State::Open => CRIMSON,
    }
}

const fn shade(health: Health) -> RGBColor {
    match health {
        Health::Healthy | Health::Back => RGBColor(214, 237, 228),
        Health::Slow => RGBColor(250, 236, 205),
        Health::Failing => RGBColor(247, 216, 196),
        Health::Dead => RGBColor(214, 214, 214),
    }
}
