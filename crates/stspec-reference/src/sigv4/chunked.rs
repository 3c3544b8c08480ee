//! `aws-chunked`: the encoding in which AWS's clients send the body of an S3 upload.
//!
//! `hex-size[;chunk-signature=…]CRLF data CRLF`, again and again, a chunk of size 0, then trailer
//! lines and an empty line.
//!
//! Source: S3 API Reference, "Signature calculations for the authorization header: transferring
//! payload in multiple chunks", and "… including trailing headers".

use bytes::{Bytes, BytesMut};
use subtle::ConstantTimeEq;

use super::key::{SigningKey, sha256_hex};

/// Longest line before a chunk or in the trailer, in bytes.
///
/// Source: ours. A size and a signature take about 100 bytes, a checksum trailer about as many.
pub(crate) const CHUNK_LINE_BYTES_MAX: usize = 1024;

/// Most chunks in one body.
///
/// Source: ours. SDKs send chunks of 64 KiB and more; this lets 64 bytes a chunk pass for a body of
/// 4 MiB.
pub(crate) const CHUNKS_MAX: usize = 65_536;

/// Most lines in a trailer.
///
/// Source: ours. S3 knows one checksum and one signature there.
pub(crate) const TRAILER_LINES_MAX: usize = 16;

/// The line at the end of a trailer that signs the others.
const TRAILER_SIGNATURE: &str = "x-amz-trailer-signature";

/// What is wrong with a body in chunks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ChunkError {
    /// The body ends before the chunk of size 0 and its trailer do.
    #[error("the chunked body ends early")]
    Truncated,
    /// Something other than a chunk or a trailer stands at this byte.
    #[error("the chunked body is malformed at byte {at}: expected {expected}")]
    MalformedSignature {
        /// Offset in the body.
        at: usize,
        /// What should have been there.
        expected: &'static str,
    },
    /// There is more of something than [`CHUNKS_MAX`] or [`TRAILER_LINES_MAX`] allow.
    #[error("the chunked body has more than {max} {what}")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How much is allowed.
        max: usize,
    },
    /// A chunk or the trailer carries no signature or a wrong one.
    #[error("the signature of {what} does not match")]
    Signature {
        /// `chunk 3`, counted from 1, or `the trailer`.
        what: String,
    },
}

/// A body without its chunks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decoded {
    /// The data of all chunks.
    pub(crate) data: Bytes,
    /// The lines of the trailer but for its signature: names in lower case, then values.
    pub(crate) trailer: Vec<(String, String)>,
}

/// Takes data and trailer out of a body in chunks; signatures are skipped.
///
/// A body of one chunk is lent, not copied.
pub(crate) fn decode_aws_chunked(body: &Bytes) -> Result<Decoded, ChunkError> {
    let Parsed { chunks, trailer } = parse(body)?;
    let data = match chunks.as_slice() {
        [only, _last] => body.slice_ref(only.data),
        chunks => {
            let length = chunks.iter().map(|chunk| chunk.data.len()).sum();
            let mut whole = BytesMut::with_capacity(length);
            for chunk in chunks {
                whole.extend_from_slice(chunk.data);
            }
            whole.freeze()
        }
    };
    let unsigned = trailer.iter().filter(|(name, _)| *name != TRAILER_SIGNATURE);
    let trailer =
        unsigned.map(|(name, value)| (name.to_ascii_lowercase(), (*value).to_owned())).collect();
    Ok(Decoded { data, trailer })
}

/// What all signatures of one body have in common.
pub(super) struct Chain<'a> {
    /// The key that signed the request.
    pub(super) key: &'a SigningKey,
    /// When, in basic format.
    pub(super) signed_at: String,
    /// The credential scope.
    pub(super) scope: &'a str,
}

/// Whether a signed trailer has to follow the chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trailer {
    None,
    Signed,
}

/// Checks each chunk's signature, which covers the one before it, from the request's own onwards.
pub(super) fn check_signatures(
    body: &[u8],
    chain: &Chain,
    seed: &str,
    trailer: Trailer,
) -> Result<(), ChunkError> {
    let parsed = parse(body)?;
    let nothing = sha256_hex(b"");
    let mut previous = seed.to_owned();
    for (index, chunk) in parsed.chunks.iter().enumerate() {
        let subject = format!("{nothing}\n{}", sha256_hex(chunk.data));
        let expected = chain.sign("AWS4-HMAC-SHA256-PAYLOAD", &previous, &subject);
        if !same(&expected, chunk.signature) {
            return Err(ChunkError::Signature { what: format!("chunk {}", index + 1) });
        }
        previous = expected;
    }
    match (trailer, parsed.trailer.as_slice()) {
        (Trailer::None, []) => Ok(()),
        (Trailer::None, _) => Err(wrong_trailer()),
        (Trailer::Signed, lines) => check_trailer(lines, chain, &previous),
    }
}

fn check_trailer(lines: &[(&str, &str)], chain: &Chain, previous: &str) -> Result<(), ChunkError> {
    let Some(((TRAILER_SIGNATURE, signature), lines)) = lines.split_last() else {
        return Err(wrong_trailer());
    };
    let mut lines = lines.to_vec();
    lines.sort_unstable();
    let covered: String =
        lines.iter().flat_map(|(name, value)| [*name, ":", *value, "\n"]).collect();
    let subject = sha256_hex(covered.as_bytes());
    let expected = chain.sign("AWS4-HMAC-SHA256-TRAILER", previous, &subject);
    if same(&expected, Some(signature)) { Ok(()) } else { Err(wrong_trailer()) }
}

fn wrong_trailer() -> ChunkError {
    ChunkError::Signature { what: "the trailer".to_owned() }
}

fn same(expected: &str, presented: Option<&str>) -> bool {
    presented.is_some_and(|presented| expected.as_bytes().ct_eq(presented.as_bytes()).into())
}

impl Chain<'_> {
    fn sign(&self, algorithm: &str, previous: &str, subject: &str) -> String {
        let Self { key, signed_at, scope } = self;
        key.sign(format!("{algorithm}\n{signed_at}\n{scope}\n{previous}\n{subject}").as_bytes())
    }
}

/// A body taken apart.
// INVARIANT: the last chunk, and no other, is empty.
struct Parsed<'a> {
    chunks: Vec<Chunk<'a>>,
    trailer: Vec<(&'a str, &'a str)>,
}

struct Chunk<'a> {
    data: &'a [u8],
    signature: Option<&'a str>,
}

fn parse(body: &[u8]) -> Result<Parsed<'_>, ChunkError> {
    let mut cursor = Cursor { rest: body, at: 0 };
    let mut chunks = Vec::new();
    loop {
        if chunks.len() == CHUNKS_MAX {
            return Err(ChunkError::TooMany { what: "chunks", max: CHUNKS_MAX });
        }
        let (size, signature) = cursor.chunk_header()?;
        let data = cursor.take(size)?;
        chunks.push(Chunk { data, signature });
        if size == 0 {
            break;
        }
        cursor.line_end()?;
    }
    let mut trailer = Vec::new();
    loop {
        let at = cursor.at;
        let line = cursor.line()?;
        if line.is_empty() {
            break;
        }
        if trailer.len() == TRAILER_LINES_MAX {
            return Err(ChunkError::TooMany { what: "trailer lines", max: TRAILER_LINES_MAX });
        }
        let (name, value) = line.split_once(':').ok_or(ChunkError::MalformedSignature {
            at,
            expected: "`name:value` or an empty line",
        })?;
        trailer.push((name.trim(), value.trim()));
    }
    match cursor.rest {
        [] => Ok(Parsed { chunks, trailer }),
        _ => Err(ChunkError::MalformedSignature { at: cursor.at, expected: "the end of the body" }),
    }
}

/// The part of a body that is still to be read.
struct Cursor<'a> {
    rest: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    /// Reads a chunk's size and, where there is one, its signature.
    fn chunk_header(&mut self) -> Result<(usize, Option<&'a str>), ChunkError> {
        let malformed = ChunkError::MalformedSignature { at: self.at, expected: "a chunk size" };
        let line = self.line()?;
        let (size, extension) = match line.split_once(';') {
            Some((size, extension)) => (size, Some(extension)),
            None => (line, None),
        };
        let is_hex = !size.is_empty() && size.bytes().all(|byte| byte.is_ascii_hexdigit());
        let size = usize::from_str_radix(size, 16).ok().filter(|_| is_hex).ok_or(malformed)?;
        Ok((size, extension.and_then(|extension| extension.strip_prefix("chunk-signature="))))
    }

    /// Reads up to the next line end, which is not part of the line.
    fn line(&mut self) -> Result<&'a str, ChunkError> {
        let at = self.at;
        let too_long =
            ChunkError::MalformedSignature { at, expected: "a line of at most 1024 bytes" };
        let window = self.rest.get(..CHUNK_LINE_BYTES_MAX + 2).unwrap_or(self.rest);
        let Some(length) = window.windows(2).position(|pair| pair == b"\r\n") else {
            let cut = window.len() == self.rest.len();
            return Err(if cut { ChunkError::Truncated } else { too_long });
        };
        let line = self.take(length)?;
        self.line_end()?;
        str::from_utf8(line).map_err(|_| ChunkError::MalformedSignature { at, expected: "text" })
    }

    fn line_end(&mut self) -> Result<(), ChunkError> {
        let at = self.at;
        match self.take(2)? {
            b"\r\n" => Ok(()),
            _ => Err(ChunkError::MalformedSignature { at, expected: "a line end" }),
        }
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], ChunkError> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(ChunkError::Truncated)?;
        self.rest = rest;
        self.at += count;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, expected: Result<&str, ChunkError>) {
        let body = Bytes::copy_from_slice(body.as_bytes());
        let decoded = decode_aws_chunked(&body).map(|decoded| decoded.data);
        assert_eq!(decoded, expected.map(|data| Bytes::copy_from_slice(data.as_bytes())));
    }

    fn malformed(at: usize, expected: &'static str) -> Result<&'static str, ChunkError> {
        Err(ChunkError::MalformedSignature { at, expected })
    }

    #[test]
    fn a_trailer_is_handed_over_without_its_signature() {
        let body = b"0\r\nX-Amz-Checksum-Crc32: AAAAAA== \r\nx-amz-trailer-signature:00\r\n\r\n";
        let decoded = decode_aws_chunked(&Bytes::from_static(body)).unwrap();
        let trailer = [("x-amz-checksum-crc32".to_owned(), "AAAAAA==".to_owned())];
        assert_eq!(decoded.trailer, trailer);
    }

    #[test]
    fn chunks_are_joined_without_what_is_around_them() {
        check("5\r\nhello\r\n0\r\n\r\n", Ok("hello"));
        check("5\r\nhello\r\n1\r\n!\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", Ok("hello!"));
        check(
            "A;chunk-signature=00\r\n0123456789\r\n0;chunk-signature=00\r\n\r\n",
            Ok("0123456789"),
        );
        check("0\r\n\r\n", Ok(""));
        check("4\r\n\r\n\r\n\r\n0\r\n\r\n", Ok("\r\n\r\n"));
    }

    #[test]
    fn a_body_that_is_cut_anywhere_is_refused() {
        let whole = "5;chunk-signature=00\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n";
        for length in 0..whole.len() {
            check(&whole[..length], Err(ChunkError::Truncated));
        }
        check(whole, Ok("hello"));
    }

    #[test]
    fn malformed_bodies_are_refused_with_the_place() {
        check("hello\r\n", malformed(0, "a chunk size"));
        check("\r\n", malformed(0, "a chunk size"));
        check("+5\r\nhello\r\n0\r\n\r\n", malformed(0, "a chunk size"));
        check("-1\r\n", malformed(0, "a chunk size"));
        check("fffffffffffffffff\r\n", malformed(0, "a chunk size"));
        check("ffffffffffffffff\r\n", Err(ChunkError::Truncated));
        check("4\r\nhello\r\n0\r\n\r\n", malformed(7, "a line end"));
        check("0\r\nno colon\r\n\r\n", malformed(3, "`name:value` or an empty line"));
        check("0\r\n\r\nmore", malformed(5, "the end of the body"));
    }

    #[test]
    fn limits_hold_on_both_sides() {
        let lines = |count: usize| format!("0\r\n{}\r\n", "a:b\r\n".repeat(count));
        check(&lines(TRAILER_LINES_MAX), Ok(""));
        let max = TRAILER_LINES_MAX;
        check(&lines(max + 1), Err(ChunkError::TooMany { what: "trailer lines", max }));

        let chunks = |count: usize| format!("{}0\r\n\r\n", "1\r\nx\r\n".repeat(count));
        check(&chunks(CHUNKS_MAX - 1), Ok(&"x".repeat(CHUNKS_MAX - 1)));
        let max = CHUNKS_MAX;
        check(&chunks(max), Err(ChunkError::TooMany { what: "chunks", max }));

        let line = |length: usize| format!("0;{}\r\n\r\n", "x".repeat(length - 2));
        check(&line(CHUNK_LINE_BYTES_MAX), Ok(""));
        check(&line(CHUNK_LINE_BYTES_MAX + 1), malformed(0, "a line of at most 1024 bytes"));
    }
}
