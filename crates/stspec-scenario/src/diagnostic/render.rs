//! Diagnostics as text for a terminal, with an excerpt of the file.

use std::collections::BTreeMap;
use std::fmt;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode, SourceSpan,
};

use super::{Diagnostic, Severity};

/// Whether the text carries colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// The same bytes everywhere.
    Never,
    /// With ANSI escapes.
    Always,
}

/// The width to which messages and help are wrapped, in columns.
///
/// Source: ours; fixed, so that the text does not depend on the terminal.
const WIDTH: usize = 100;

/// The diagnostics in order, each with its code, its place, an excerpt and its help.
///
/// `sources` has the text of each file by name; without it, there is no excerpt.
#[must_use]
pub fn render(
    diagnostics: &[Diagnostic],
    sources: &BTreeMap<String, String>,
    colour: Colour,
) -> String {
    let theme = match colour {
        Colour::Never => GraphicalTheme::unicode_nocolor(),
        Colour::Always => GraphicalTheme::unicode(),
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_links(false)
        .with_width(WIDTH)
        .without_syntax_highlighting();
    let mut rendered = String::new();
    for diagnostic in diagnostics {
        let source = sources
            .get(&diagnostic.file)
            .map(|text| NamedSource::new(&diagnostic.file, text.clone()));
        let excerpt = Excerpt { diagnostic, source };
        if handler.render_report(&mut rendered, &excerpt).is_err() {
            // Only an excerpt outside of its text gets here; the place alone is still of use.
            rendered.push_str(&excerpt.to_string());
        }
        rendered.push('\n');
    }
    rendered
}

/// A diagnostic as miette wants it.
#[derive(Debug)]
struct Excerpt<'a> {
    diagnostic: &'a Diagnostic,
    source: Option<NamedSource<String>>,
}

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Diagnostic { code, message, file, line, column, .. } = self.diagnostic;
        match self.source {
            Some(_) => formatter.write_str(message),
            None => write!(formatter, "{file}:{line}:{column}: {code}: {message}"),
        }
    }
}

impl std::error::Error for Excerpt<'_> {}

impl miette::Diagnostic for Excerpt<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.diagnostic.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.diagnostic.severity() {
            Severity::Warning => miette::Severity::Warning,
            Severity::Error => miette::Severity::Error,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let help = self.diagnostic.help.as_ref()?;
        Some(Box::new(help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        let source: &dyn SourceCode = self.source.as_ref()?;
        Some(source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = self.diagnostic.span;
        let label =
            LabeledSpan::new_primary_with_span(None, SourceSpan::from((span.offset, span.length)));
        Some(Box::new(std::iter::once(label)))
    }
}
