//! `Range` headers with one range of bytes.

use std::ops::Range;

/// What a `Range` header asks of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Requested {
    /// All of it; also where the header is of a kind that is to be ignored.
    Whole,
    /// These bytes, of which there is at least one.
    Part(Range<usize>),
    /// Bytes that are not there.
    Nothing,
}

/// Reads a `Range` header for a body of this many bytes.
///
/// Source: RFC 9110, section 14.1.2; S3 answers more than one range with the whole body.
pub(super) fn read(header: &str, size: usize) -> Requested {
    let Some((first, last)) = header.strip_prefix("bytes=").and_then(|spec| spec.split_once('-'))
    else {
        return Requested::Whole;
    };
    let range = match (first.parse::<usize>(), last.parse::<usize>()) {
        (Ok(first), Ok(last)) if first > last => return Requested::Whole,
        (Ok(first), Ok(last)) => first..last.saturating_add(1).min(size),
        (Ok(first), Err(_)) if last.is_empty() => first..size,
        (Err(_), Ok(suffix)) if first.is_empty() => size.saturating_sub(suffix)..size,
        _ => return Requested::Whole,
    };
    if range.is_empty() { Requested::Nothing } else { Requested::Part(range) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(header: &str, expected: &Requested) {
        assert_eq!(read(header, 10), *expected, "{header}");
    }

    #[test]
    fn one_range_selects_bytes() {
        check("bytes=0-0", &Requested::Part(0..1));
        check("bytes=2-4", &Requested::Part(2..5));
        check("bytes=2-", &Requested::Part(2..10));
        check("bytes=2-99", &Requested::Part(2..10));
        check("bytes=-3", &Requested::Part(7..10));
        check("bytes=-99", &Requested::Part(0..10));
        check("bytes=0-18446744073709551615", &Requested::Part(0..10));
    }

    #[test]
    fn bytes_beyond_the_end_are_not_there() {
        check("bytes=10-", &Requested::Nothing);
        check("bytes=10-12", &Requested::Nothing);
        check("bytes=-0", &Requested::Nothing);
    }

    #[test]
    fn what_is_not_one_range_is_ignored() {
        for header in ["bytes=", "bytes=4-2", "bytes=0-1,3-4", "lines=0-1", "bytes=a-b", "bytes=-"]
        {
            check(header, &Requested::Whole);
        }
    }
}
