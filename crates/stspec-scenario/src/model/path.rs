//! Where an expectation looks.

use std::fmt;

use crate::error::BadPath;
use crate::word::Word;

/// A place in an observation: `status`, `headers.X`, `error.X`, `result.X.Y` or `body.X`.
// INVARIANT: one or more non-empty segments, the first being the word of `root`; `status` stands
// alone and `headers` has exactly one segment after it, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path {
    root: Root,
    segments: Vec<String>,
}

/// The parts of an observation that expectations can look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Root {
    /// The HTTP status.
    Status,
    /// The response headers.
    Headers,
    /// The parsed error answer.
    Error,
    /// The parsed result of a successful answer.
    Result,
    /// The whole parsed body.
    Body,
}

impl Path {
    /// Reads a path such as `result.Credentials.Expiration`; header names lose their case.
    pub fn parse(text: &str) -> Result<Self, BadPath> {
        let mut segments: Vec<String> = text.split('.').map(str::to_owned).collect();
        if segments.iter().any(String::is_empty) && !text.is_empty() {
            return Err(BadPath::EmptySegment { text: text.to_owned() });
        }
        let Some(root) = segments.first().and_then(|first| Root::from_word(first)) else {
            return Err(BadPath::Root { text: text.to_owned() });
        };
        let fault = match (root, segments.len()) {
            (Root::Status, 2..) => Some("goes below `status`, which is a number"),
            (Root::Headers, 1) => Some("names no header; write `headers.content-type`"),
            (Root::Headers, 3..) => Some("goes below a header, which is text"),
            _ => None,
        };
        if let Some(fault) = fault {
            return Err(BadPath::Depth { text: text.to_owned(), fault });
        }
        if root == Root::Headers {
            for segment in &mut segments {
                segment.make_ascii_lowercase();
            }
        }
        Ok(Self { root, segments })
    }

    /// Which part of the observation the path starts in.
    #[must_use]
    pub fn root(&self) -> Root {
        self.root
    }

    /// All segments, the root's word first.
    #[must_use]
    pub fn segments(&self) -> &[String] {
        &self.segments
    }

    /// The segments below the root.
    #[must_use]
    pub fn below_root(&self) -> &[String] {
        self.segments.get(1..).unwrap_or_default()
    }
}

impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.segments.join("."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(Root, &[&str])>) {
        let path = Path::parse(text);
        match (&path, expected) {
            (Ok(path), Some((root, below))) => {
                assert_eq!(path.root(), root);
                assert_eq!(path.below_root(), below);
            }
            (Err(_), None) => {}
            _ => panic!("{text}: {path:?}"),
        }
    }

    #[test]
    fn paths_start_in_one_of_five_roots() {
        check("status", Some((Root::Status, &[])));
        check("error.code", Some((Root::Error, &["code"])));
        check(
            "result.Credentials.Expiration",
            Some((Root::Result, &["Credentials", "Expiration"])),
        );
        check("body", Some((Root::Body, &[])));
        check("error", Some((Root::Error, &[])));
        check("code", None);
        check("", None);
    }

    #[test]
    fn header_names_lose_their_case() {
        check("headers.Content-Type", Some((Root::Headers, &["content-type"])));
    }

    #[test]
    fn paths_that_lead_nowhere_are_refused() {
        check("status.code", None);
        check("headers", None);
        check("headers.a.b", None);
        check("result..Credentials", None);
        check("result.", None);
    }
}
