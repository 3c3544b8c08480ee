//! The checksums that clients send with a body, in a header or behind its last chunk.
//!
//! Source: S3 User Guide, "Checking object integrity for data uploads in Amazon S3". Codes and texts
//! are those that users of `versitygw` recorded from S3 in 2025 and 2026; each has its issue.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crc::{CRC_32_ISCSI, CRC_32_ISO_HDLC, CRC_64_NVME, Crc};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use super::error::S3Error;
use crate::wire::request::Request;

/// What the names of headers and trailers with a checksum begin with.
const PREFIX: &str = "x-amz-checksum-";

/// Names that begin like a checksum's and speak about checksums instead.
const NO_CHECKSUMS: &[&str] = &["algorithm", "mode", "type"];

const CRC32: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);
const CRC32C: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);
const CRC64NVME: Crc<u64> = Crc::<u64>::new(&CRC_64_NVME);

/// How a checksum is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha1,
    Sha256,
}

/// A checksum as a client sent it.
struct Sent {
    algorithm: Algorithm,
    /// `x-amz-checksum-crc32`
    name: String,
    value: String,
    /// `header`, or `trailing header`.
    place: &'static str,
}

/// Holds a body against the checksum that was sent with it, where there is one.
pub(super) fn check(
    request: &Request,
    body: &[u8],
    trailer: &[(String, String)],
) -> Result<(), S3Error> {
    let sent = sent(request, trailer)?;
    check_announced_algorithm(request, sent.as_ref())?;
    let Some(Sent { algorithm, name, value, place }) = sent else { return Ok(()) };
    let computed = algorithm.digest(body);
    let claimed = STANDARD.decode(value).ok().filter(|claimed| claimed.len() == computed.len());
    // Recorded: versitygw#1692 for trailers; the header's text is inferred from it.
    let invalid = || invalid_request(format!("Value for {name} {place} is invalid."));
    if claimed.ok_or_else(invalid)? == computed {
        return Ok(());
    }
    // Recorded: aws-sdk-ruby#3322 for CRC32, versitygw#1173 for the others.
    let algorithm = algorithm.name();
    let message = format!("The {algorithm} you specified did not match the calculated checksum.");
    Err(S3Error::new(400, "BadDigest", message))
}

/// The one checksum of a request.
fn sent(request: &Request, trailer: &[(String, String)]) -> Result<Option<Sent>, S3Error> {
    check_trailer(request, trailer)?;
    let headers = request.headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str(), value, "header")
    });
    let trailers =
        trailer.iter().map(|(name, value)| (name.as_str(), value.clone(), "trailing header"));
    let mut checksums = headers.chain(trailers).filter(|(name, ..)| algorithm_name(name).is_some());
    let first = checksums.next();
    match (&first, checksums.next()) {
        // Recorded: versitygw#1186 for two headers, versitygw#1657 for a header and a trailer.
        (_, Some((_, _, "header"))) => {
            let message = "Expecting a single x-amz-checksum- header. Multiple checksum Types are \
                           not allowed.";
            return Err(invalid_request(message));
        }
        (_, Some(_)) => return Err(invalid_request("Expecting a single x-amz-checksum- header")),
        (_, None) => {}
    }
    let Some((name, value, place)) = first else { return Ok(None) };
    let algorithm = algorithm_name(name).and_then(Algorithm::named).ok_or_else(|| {
        let message = "A header you provided implies functionality that is not implemented";
        S3Error::new(501, "NotImplemented", message).with("Header", name)
    })?;
    Ok(Some(Sent { algorithm, name: name.to_owned(), value, place }))
}

/// The trailer has to be what `x-amz-trailer` announces, no more and no less.
///
/// Recorded: versitygw#1600, versitygw#1691 and Arsenal#2596; neither is fine, versitygw#1632.
fn check_trailer(request: &Request, trailer: &[(String, String)]) -> Result<(), S3Error> {
    let announced = request.header("x-amz-trailer").unwrap_or_default().to_ascii_lowercase();
    let mut announced: Vec<&str> =
        announced.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    let mut sent: Vec<&str> = trailer.iter().map(|(name, _)| name.as_str()).collect();
    announced.sort_unstable();
    sent.sort_unstable();
    if announced == sent {
        return Ok(());
    }
    let message = "The request contained trailing data that was not well-formed or did not \
                   conform to our published schema.";
    Err(S3Error::new(400, "MalformedTrailerError", message))
}

/// What an SDK says it computed has to be what it sent.
///
/// Recorded: versitygw#1598 and versitygw#1593.
fn check_announced_algorithm(request: &Request, sent: Option<&Sent>) -> Result<(), S3Error> {
    match (request.header("x-amz-sdk-checksum-algorithm"), sent) {
        (None, _) => Ok(()),
        (Some(name), Some(sent)) if name.eq_ignore_ascii_case(sent.algorithm.name()) => Ok(()),
        (Some(_), Some(_)) => {
            Err(invalid_request("Value for x-amz-sdk-checksum-algorithm header is invalid."))
        }
        (Some(_), None) => Err(invalid_request(
            "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or \
             x-amz-trailer headers were found.",
        )),
    }
}

/// `crc32` of `x-amz-checksum-crc32`; nothing for a name that is no checksum's.
fn algorithm_name(name: &str) -> Option<&str> {
    name.strip_prefix(PREFIX).filter(|name| !NO_CHECKSUMS.contains(name))
}

fn invalid_request(message: impl Into<String>) -> S3Error {
    S3Error::new(400, "InvalidRequest", message)
}

impl Algorithm {
    fn named(name: &str) -> Option<Self> {
        let all = [Self::Crc32, Self::Crc32c, Self::Crc64Nvme, Self::Sha1, Self::Sha256];
        all.into_iter().find(|algorithm| algorithm.name().eq_ignore_ascii_case(name))
    }

    fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    /// The checksum of a body, most significant byte first.
    fn digest(self, body: &[u8]) -> Vec<u8> {
        match self {
            Self::Crc32 => CRC32.checksum(body).to_be_bytes().to_vec(),
            Self::Crc32c => CRC32C.checksum(body).to_be_bytes().to_vec(),
            Self::Crc64Nvme => CRC64NVME.checksum(body).to_be_bytes().to_vec(),
            Self::Sha1 => Sha1::digest(body).to_vec(),
            Self::Sha256 => Sha256::digest(body).to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, HeaderName, HeaderValue, Method};

    use super::*;

    /// The checksums of `hello`, computed with Python: `zlib`, `hashlib`, and two CRCs bit by bit.
    const OF_HELLO: [(&str, &str); 5] = [
        ("x-amz-checksum-crc32", "NhCmhg=="),
        ("x-amz-checksum-crc32c", "mnG7TA=="),
        ("x-amz-checksum-crc64nvme", "M3eFcAZSQlc="),
        ("x-amz-checksum-sha1", "qvTGHdzF6KLavt4PO0gs2a6pQ00="),
        ("x-amz-checksum-sha256", "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="),
    ];

    fn ask(
        headers: &[(&str, &str)],
        trailer: &[(&str, &str)],
        body: &[u8],
    ) -> Result<(), (u16, &'static str, String)> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            map.append(name, HeaderValue::from_str(value).unwrap());
        }
        let request = Request {
            method: Method::PUT,
            path: "/bucket/key".to_owned(),
            query: String::new(),
            headers: map,
            body: Bytes::new(),
        };
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let trailer: Vec<_> = trailer.iter().map(owned).collect();
        check(&request, body, &trailer).map_err(|error| (error.status, error.code, error.message))
    }

    #[track_caller]
    fn check_refused(
        headers: &[(&str, &str)],
        trailer: &[(&str, &str)],
        code: &str,
        message: &str,
    ) {
        let refused = ask(headers, trailer, b"hello").expect_err("it is accepted");
        assert_eq!((refused.0, refused.1, &*refused.2), (400, code, message));
    }

    #[test]
    fn a_checksum_of_every_kind_holds_for_its_body_alone() {
        for sent in OF_HELLO {
            assert_eq!(ask(&[sent], &[], b"hello"), Ok(()), "{sent:?}");
            assert_eq!(ask(&[("x-amz-trailer", sent.0)], &[sent], b"hello"), Ok(()), "{sent:?}");
            for body in [&b"jello"[..], b"hello ", b"hell", b""] {
                let (status, code, _) = ask(&[sent], &[], body).expect_err("another body");
                assert_eq!((status, code), (400, "BadDigest"));
                let announced = [("x-amz-trailer", sent.0)];
                let (status, code, _) = ask(&announced, &[sent], body).expect_err("another body");
                assert_eq!((status, code), (400, "BadDigest"));
            }
        }
        let wrong = "The CRC32 you specified did not match the calculated checksum.";
        check_refused(&[("x-amz-checksum-crc32", "AAAAAA==")], &[], "BadDigest", wrong);
    }

    #[test]
    fn a_value_that_is_no_checksum_is_invalid() {
        let name = "x-amz-checksum-crc32";
        for value in ["", "NhCmhg", "NhCmhh==", "NhCm", "qvTGHdzF6KLavt4PO0gs2a6pQ00=", "%"] {
            let message = "Value for x-amz-checksum-crc32 header is invalid.";
            check_refused(&[(name, value)], &[], "InvalidRequest", message);
            let message = "Value for x-amz-checksum-crc32 trailing header is invalid.";
            check_refused(&[("x-amz-trailer", name)], &[(name, value)], "InvalidRequest", message);
        }
    }

    #[test]
    fn there_is_one_checksum_at_most() {
        let [crc32, crc32c, ..] = OF_HELLO;
        let message =
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.";
        check_refused(&[crc32, crc32c], &[], "InvalidRequest", message);
        check_refused(&[crc32, crc32], &[], "InvalidRequest", message);
        let message = "Expecting a single x-amz-checksum- header";
        check_refused(&[crc32, ("x-amz-trailer", crc32c.0)], &[crc32c], "InvalidRequest", message);
    }

    #[test]
    fn a_trailer_is_what_was_announced() {
        let [crc32, crc32c, ..] = OF_HELLO;
        let announced = ("x-amz-trailer", "X-Amz-Checksum-Crc32");
        assert_eq!(ask(&[announced], &[crc32], b"hello"), Ok(()));
        assert_eq!(ask(&[], &[], b"hello"), Ok(()));
        let message = "The request contained trailing data that was not well-formed or did not \
                       conform to our published schema.";
        for (headers, trailer) in [
            (&[announced][..], &[][..]),
            (&[announced], &[crc32c]),
            (&[announced], &[crc32, crc32c]),
            (&[], &[crc32]),
        ] {
            check_refused(headers, trailer, "MalformedTrailerError", message);
        }
    }

    #[test]
    fn the_algorithm_that_an_sdk_names_is_the_one_it_used() {
        let [crc32, ..] = OF_HELLO;
        let name = "x-amz-sdk-checksum-algorithm";
        assert_eq!(ask(&[(name, "crc32"), crc32], &[], b"hello"), Ok(()));
        let trailing = [(name, "CRC32"), ("x-amz-trailer", crc32.0)];
        assert_eq!(ask(&trailing, &[crc32], b"hello"), Ok(()));
        let message = "Value for x-amz-sdk-checksum-algorithm header is invalid.";
        check_refused(&[(name, "SHA256"), crc32], &[], "InvalidRequest", message);
        let (_, code, message) = ask(&[(name, "CRC32")], &[], b"hello").expect_err("no checksum");
        assert_eq!(code, "InvalidRequest");
        assert!(message.contains("no corresponding x-amz-checksum-*"), "{message}");
    }

    #[test]
    fn a_checksum_of_another_kind_is_not_taken_on_trust() {
        let (status, code, _) =
            ask(&[("x-amz-checksum-xxhash3", "AAAA")], &[], b"hello").expect_err("unknown");
        assert_eq!((status, code), (501, "NotImplemented"));
        for word in ["algorithm", "mode", "type"] {
            let name = format!("x-amz-checksum-{word}");
            assert_eq!(ask(&[(&name, "CRC32")], &[], b"hello"), Ok(()));
        }
    }
}
