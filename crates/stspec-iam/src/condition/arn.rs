//! ARN patterns of conditions, compared segment by segment.

use crate::{
    context::Context,
    pattern::{Case, Unit},
    template::{Piece, Template, Version, Wildcards, read_pieces},
};

/// Segments of an ARN; colons of the last one are its own.
const SEGMENTS: usize = 6;

/// A pattern for ARNs whose wildcards stay within their segment.
#[derive(Debug)]
pub(super) enum ArnPattern {
    /// A lone `*`, which matches any ARN (inferred: AWS describes patterns of six segments only).
    Any,
    Segments(Vec<Template>),
}

impl ArnPattern {
    pub(super) fn read(text: &str, version: Version) -> ArnPattern {
        if text == "*" {
            return ArnPattern::Any;
        }
        let mut segments = Vec::with_capacity(SEGMENTS);
        let mut segment = Vec::new();
        for piece in read_pieces(text, version, Wildcards::Live) {
            let is_colon = matches!(piece, Piece::Unit(Unit::Char(':')));
            if is_colon && segments.len() < SEGMENTS - 1 {
                segments.push(Template::new(std::mem::take(&mut segment)));
            } else {
                segment.push(piece);
            }
        }
        segments.push(Template::new(segment));
        ArnPattern::Segments(segments)
    }

    /// Whether the value is an ARN that matches; a pattern with fewer segments matches none.
    pub(super) fn matches(&self, value: &str, context: &Context) -> bool {
        let parts = || value.splitn(SEGMENTS, ':');
        if parts().count() != SEGMENTS || parts().next() != Some("arn") {
            return false;
        }
        match self {
            ArnPattern::Any => true,
            ArnPattern::Segments(segments) => {
                segments.len() == SEGMENTS
                    && segments
                        .iter()
                        .zip(parts())
                        .all(|(segment, part)| segment.matches(part, Case::Exact, context))
            }
        }
    }
}
