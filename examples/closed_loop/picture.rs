//! The rate against the capacity, over time.

use std::path::{Path, PathBuf};

use plotters::prelude::*;

use crate::simulation::{SAMPLES, Scenario, Story};

const COLOURS: [RGBColor; 2] = [RGBColor(0xd9, 0x5f, 0x02), RGBColor(0x1b, 0x5e, 0x9e)];

/// Draws a scenario and the rates of some policies in it; returns the file.
pub(crate) fn draw(folder: &Path, scenario: Scenario, stories: &[(&str, Story); 2]) -> anyhow::Result<PathBuf> {
    let file = folder.join(scenario.name.replace([',', '%'], "").replace(' ', "-") + ".svg");
    let root = SVGBackend::new(&file, (1000, 420)).into_drawing_area();
    root.fill(&WHITE)?;
    let seconds = f64::from(scenario.seconds);
    let mut chart = ChartBuilder::on(&root)
        .caption(scenario.name, ("sans-serif", 20))
        .margin(12)
        .x_label_area_size(36)
        .y_label_area_size(48)
        .build_cartesian_2d(0.0..seconds, 0.0..105.0)?;
    chart.configure_mesh().disable_x_mesh().max_light_lines(0).x_desc("seconds").y_desc("calls per second").draw()?;
    let times = || (0..scenario.seconds * SAMPLES).map(|sample| f64::from(sample) / f64::from(SAMPLES));
    let capacity = times().map(|at| (at, (scenario.capacity)(at)));
    let grey = RGBColor(0x55, 0x60, 0x6a);
    chart
        .draw_series(AreaSeries::new(capacity, 0.0, grey.mix(0.18)))?
        .label("what the server can serve")
        .legend(move |(x, y)| Rectangle::new([(x, y - 5), (x + 18, y + 5)], grey.mix(0.3).filled()));
    for ((name, story), colour) in stories.iter().zip(COLOURS) {
        let rates = times().zip(story.rates.iter().copied());
        chart
            .draw_series(LineSeries::new(rates, colour.stroke_width(2)))?
            .label(format!("{name}: U = {:.2}", story.merit()))
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .background_style(WHITE.mix(0.85))
        .border_style(grey.mix(0.4))
        .draw()?;
    root.present()?;
    drop(chart);
    drop(root);
    Ok(file)
}
