//! Figures of all cases: as a file, and two sets of them side by side.

use std::fmt;
use std::str::FromStr;

use anyhow::Context as _;

/// A change of more than this share is one that somebody has to look at, better or worse.
const TOLERANCE: f64 = 0.05;

/// Instructions a call, by case.
#[derive(Default, PartialEq, Debug)]
pub(crate) struct Figures {
    /// What compiled them: another compiler may do better or worse.
    pub(crate) compiler: String,
    pub(crate) of: Vec<(String, f64)>,
}

/// One case, then and now; where there is no figure, the case is new or gone.
#[derive(PartialEq, Debug)]
pub(crate) struct Change<'a> {
    case: &'a str,
    recorded: Option<f64>,
    counted: Option<f64>,
}

impl Figures {
    fn get(&self, case: &str) -> Option<f64> {
        self.of.iter().find(|(name, _)| name == case).map(|(_, figure)| *figure)
    }

    /// Case by case, in the order of what was counted; then those that are gone.
    pub(crate) fn compare<'a>(&'a self, counted: &'a Self) -> Vec<Change<'a>> {
        let now =
            counted.of.iter().map(|(case, figure)| Change { case, recorded: self.get(case), counted: Some(*figure) });
        let gone = self.of.iter().filter(|(case, _)| counted.get(case).is_none());
        now.chain(gone.map(|(case, figure)| Change { case, recorded: Some(*figure), counted: None })).collect()
    }
}

impl Change<'_> {
    fn share(&self) -> Option<f64> {
        Some(self.counted? / self.recorded? - 1.0)
    }

    pub(crate) fn is_beyond(&self) -> bool {
        let (Some(recorded), Some(counted)) = (self.recorded, self.counted) else { return true };
        (counted - recorded).abs() > TOLERANCE * recorded
    }

    /// What is wrong, with both figures.
    pub(crate) fn verdict(&self) -> String {
        let Self { case, recorded, counted } = self;
        match (recorded, counted) {
            (Some(recorded), Some(counted)) => {
                let way = if counted > recorded { "more than" } else { "less than" };
                format!(
                    "{case}: {counted:.1} instructions a call, {way} the {recorded:.1} recorded by over {:.0} %; if that is \
                     meant, record it anew",
                    TOLERANCE * 100.0
                )
            }
            (None, _) => format!("{case}: not recorded"),
            (_, None) => format!("{case}: recorded, but there is no such case"),
        }
    }
}

impl fmt::Display for Change<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let figure = |figure: Option<f64>| figure.map_or("–".to_owned(), |figure| format!("{figure:.1}"));
        let share = self.share().map_or(String::new(), |share| format!("{:+.1} %", share * 100.0));
        write!(f, "{:<46}{:>10}{:>10}{share:>9}", self.case, figure(self.recorded), figure(self.counted))
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "compiler: {}", self.compiler)?;
        self.of.iter().try_for_each(|(case, figure)| writeln!(f, "{case}: {figure:.1}"))
    }
}

impl FromStr for Figures {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let mut figures = Self::default();
        for line in text.lines() {
            let (key, value) = line.rsplit_once(": ").with_context(|| format!("no `key: value`: {line}"))?;
            if key == "compiler" {
                value.clone_into(&mut figures.compiler);
            } else {
                let figure = value.parse().with_context(|| format!("no number: {line}"))?;
                figures.of.push((key.to_owned(), figure));
            }
        }
        Ok(figures)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(of: &[(&str, f64)]) -> Figures {
        let of = of.iter().map(|(case, figure)| ((*case).to_owned(), *figure)).collect();
        Figures { compiler: "rustc 1.95.0".to_owned(), of }
    }

    #[test]
    fn what_is_written_is_read() {
        let figures = figures(&[("refusal: annotated", 80.5), ("guard", 44.0)]);
        assert_eq!(figures.to_string().parse::<Figures>().expect("figures"), figures);
        assert!("refusal 80".parse::<Figures>().is_err());
        assert!("refusal: many".parse::<Figures>().is_err());
    }

    #[test]
    fn more_than_five_per_cent_either_way_is_beyond() {
        let recorded = figures(&[("a", 100.0), ("b", 100.0), ("c", 100.0), ("d", 100.0)]);
        let counted = figures(&[("a", 105.0), ("b", 95.0), ("c", 105.1), ("d", 94.9)]);
        let changes = recorded.compare(&counted);
        let beyond: Vec<_> = changes.iter().filter(|change| change.is_beyond()).map(|change| change.case).collect();
        assert_eq!(beyond, ["c", "d"]);
    }

    #[test]
    fn a_verdict_has_both_figures() {
        let (recorded, counted) = (figures(&[("refusal", 80.0)]), figures(&[("refusal", 90.0)]));
        let verdict = recorded.compare(&counted)[0].verdict();
        assert!(verdict.contains("90.0 instructions a call, more than the 80.0 recorded"), "{verdict}");
    }

    #[test]
    fn a_case_that_is_new_or_gone_is_beyond() {
        let (recorded, counted) = (figures(&[("gone", 1.0)]), figures(&[("new", 1.0)]));
        let changes = recorded.compare(&counted);
        assert!(changes.len() == 2 && changes.iter().all(Change::is_beyond));
    }
}
