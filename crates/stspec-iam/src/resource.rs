//! The `Resource` and `NotResource` elements.

use crate::{
    context::Context,
    error::{GrammarError, MalformedPolicy},
    json::{Json, JsonPath},
    pattern::{Case, Span, Unit},
    sense::Sense,
    template::{Piece, Template, Version, Wildcards, read_pieces},
};

/// The resources that a statement applies to.
#[derive(Debug)]
pub(crate) struct Resources {
    sense: Sense,
    patterns: Vec<Template>,
}

impl Resources {
    pub(crate) fn read(
        json: &Json,
        sense: Sense,
        version: Version,
        path: &JsonPath,
    ) -> Result<Resources, MalformedPolicy> {
        let names = json.strings(path)?;
        if names.is_empty() {
            return Err(path.error(GrammarError::ResourceMissing, "the list is empty"));
        }
        if let Some(name) = names.iter().find(|name| **name != "*" && !name.starts_with("arn:")) {
            return Err(path.syntax(format_args!("`{name}` is neither `*` nor an ARN")));
        }
        let patterns = names.into_iter().map(|name| compile(name, version)).collect();
        Ok(Resources { sense, patterns })
    }

    /// Whether a pattern contains a variable.
    pub(crate) fn need_context(&self) -> bool {
        self.patterns.iter().any(|pattern| matches!(pattern, Template::Open(_)))
    }

    /// Whether the resource is covered. A pattern whose variable has no value matches nothing; that
    /// `NotResource` then covers the resource is inferred.
    pub(crate) fn cover(&self, resource: &str, context: &Context) -> bool {
        let listed =
            self.patterns.iter().any(|pattern| pattern.matches(resource, Case::Exact, context));
        self.sense.holds(listed)
    }
}

/// Colons of an ARN before its resource part.
const COLONS_BEFORE_RESOURCE: usize = 5;

/// Before the resource part of an ARN, wildcards stay within their segment, except for a `*` that
/// ends its segment: it may extend beyond the colon (IAM User Guide, JSON policy elements,
/// Resource). Variables are expanded in the resource part only, elsewhere they are literal text.
fn compile(text: &str, version: Version) -> Template {
    let mut colons = 0_usize;
    let mut compiled = Vec::with_capacity(text.len());
    let mut pieces = read_pieces(text, version, Wildcards::Live).into_iter().peekable();
    while let Some(piece) = pieces.next() {
        if colons >= COLONS_BEFORE_RESOURCE {
            compiled.push(piece);
            continue;
        }
        match piece {
            Piece::Variable(variable) => {
                compiled.extend(variable.source.chars().map(Unit::Char).map(Piece::Unit));
            }
            Piece::Unit(Unit::Run(_)) => {
                let ends = matches!(pieces.peek(), None | Some(Piece::Unit(Unit::Char(':'))));
                let span = if ends { Span::Anything } else { Span::Segment };
                compiled.push(Piece::Unit(Unit::Run(span)));
            }
            Piece::Unit(Unit::One(_)) => compiled.push(Piece::Unit(Unit::One(Span::Segment))),
            Piece::Unit(Unit::Char(character)) => {
                colons = colons.saturating_add(usize::from(character == ':'));
                compiled.push(piece);
            }
        }
    }
    Template::new(compiled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, resource: &str, expected: bool) {
        let template = compile(pattern, Version::V2012);
        let covers = template.matches(resource, Case::Exact, &Context::new());
        assert_eq!(covers, expected, "{pattern} ~ {resource}");
    }

    #[test]
    fn a_lone_star_means_every_resource() {
        check("*", "arn:aws:s3:::bucket/key", true);
        check("*", "*", true);
    }

    #[test]
    fn arns_compare_with_case() {
        check("arn:aws:s3:::Bucket", "arn:aws:s3:::bucket", false);
        check("arn:aws:s3:::bucket", "arn:aws:s3:::bucket", true);
    }

    #[test]
    fn a_star_at_the_end_of_a_segment_runs_beyond_the_colon() {
        check("arn:aws:sqs:*", "arn:aws:sqs:eu-west-1:123456789012:queue", true);
        check("arn:aws:sqs:*:queue", "arn:aws:sqs:eu-west-1:123456789012:queue", true);
        check("arn:aws:sqs:us-*:queue", "arn:aws:sqs:eu-west-1:123456789012:queue", false);
    }

    #[test]
    fn a_star_inside_a_segment_stays_in_it() {
        check("arn:aws:sqs:eu-*-1:1:q", "arn:aws:sqs:eu-west-1:1:q", true);
        check("arn:aws:sqs:e*1:1:q", "arn:aws:sqs:eu:1:1:q", false);
        check("arn:aws:sqs:eu?west:1:q", "arn:aws:sqs:eu:west:1:q", false);
    }

    #[test]
    fn wildcards_of_the_resource_part_cross_colons_and_slashes() {
        check("arn:aws:s3:::bucket/a*z", "arn:aws:s3:::bucket/a:b/c:z", true);
        check("arn:aws:s3:::bucket/a?z", "arn:aws:s3:::bucket/a:z", true);
        check("arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket", false);
    }
}
