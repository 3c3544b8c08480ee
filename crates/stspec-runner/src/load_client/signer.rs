//! Signature Version 4 with a signing key that is derived once a day.
//!
//! The same signatures as the `aws-sigv4` crate's, which a test holds this to, for requests of one plain
//! shape: signed in headers, with the whole body. Everything else goes the crate's way.

use std::time::{SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use stspec_scenario::Service;

use crate::credentials::Credentials;

type HmacSha256 = Hmac<Sha256>;

/// A principal's credentials with the keys that were derived from them.
#[derive(Debug)]
pub(crate) struct Signing {
    pub(crate) credentials: Credentials,
    keys: Vec<DayKey>,
}

/// A key for one service and one day, and what goes with it.
struct DayKey {
    service: Service,
    day: u64,
    mac: HmacSha256,
    /// `DAY/REGION/SERVICE/aws4_request`.
    scope: String,
}

/// The time of a request as signatures spell it: `20261121T200000Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SignedTime {
    seconds: u64,
    text: [u8; 16],
}

impl SignedTime {
    /// A moment, to the second; before 1970 it is the beginning of 1970.
    pub(crate) fn of(now: SystemTime) -> Self {
        let seconds = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let timestamp = i64::try_from(seconds).ok().and_then(|s| Timestamp::from_second(s).ok());
        let written = timestamp.unwrap_or_default().strftime("%Y%m%dT%H%M%SZ").to_string();
        let mut text = [b'0'; 16];
        text.iter_mut().zip(written.bytes()).for_each(|(place, byte)| *place = byte);
        Self { seconds, text }
    }

    /// The same moment, if `now` is in the same second; otherwise that of `now`.
    pub(crate) fn refreshed(self, now: SystemTime) -> Self {
        let seconds = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        if seconds == self.seconds { self } else { Self::of(now) }
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.text).unwrap_or_default()
    }

    fn day(&self) -> &str {
        self.as_str().get(..8).unwrap_or_default()
    }

    fn day_number(self) -> u64 {
        self.seconds / 86_400
    }
}

impl Signing {
    pub(crate) fn new(credentials: Credentials) -> Self {
        Self { credentials, keys: Vec::new() }
    }

    /// The value of the `Authorization` header for a canonical request.
    ///
    /// Source: IAM User Guide, "Create a signed AWS API request".
    pub(crate) fn authorization(
        &mut self,
        canonical_request: &[u8],
        signed_headers: &str,
        service: Service,
        region: &str,
        time: SignedTime,
    ) -> String {
        let hash = Sha256::digest(canonical_request);
        let position = self.key(service, region, time);
        let Self { credentials, keys } = self;
        let key = keys.get(position).expect("a key that was just derived is there");
        let mut mac = key.mac.clone();
        for part in ["AWS4-HMAC-SHA256\n", time.as_str(), "\n", &key.scope, "\n"] {
            mac.update(part.as_bytes());
        }
        mac.update(&hexadecimal(&hash));
        let signature = hexadecimal(&mac.finalize().into_bytes());
        let id = &credentials.access_key_id;
        let mut value =
            String::with_capacity(128 + id.len() + key.scope.len() + signed_headers.len());
        for part in [
            "AWS4-HMAC-SHA256 Credential=",
            id,
            "/",
            &key.scope,
            ", SignedHeaders=",
            signed_headers,
            ", Signature=",
            std::str::from_utf8(&signature).unwrap_or_default(),
        ] {
            value.push_str(part);
        }
        value
    }

    fn key(&mut self, service: Service, region: &str, time: SignedTime) -> usize {
        let day = time.day_number();
        let known = self.keys.iter().position(|key| key.service == service && key.day == day);
        known.unwrap_or_else(|| {
            self.keys.retain(|key| key.service != service);
            self.keys.push(self.derive(service, region, time));
            self.keys.len() - 1
        })
    }

    fn derive(&self, service: Service, region: &str, time: SignedTime) -> DayKey {
        let secret = format!("AWS4{}", self.credentials.secret_access_key.expose());
        let mut key = keyed(secret.as_bytes(), time.day().as_bytes());
        for part in [region, service.to_string().as_str(), "aws4_request"] {
            key = keyed(&key, part.as_bytes());
        }
        let scope = format!("{}/{region}/{service}/aws4_request", time.day());
        DayKey { service, day: time.day_number(), mac: mac(&key), scope }
    }
}

impl std::fmt::Debug for DayKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("DayKey").field("scope", &self.scope).finish_non_exhaustive()
    }
}

fn mac(key: &[u8]) -> HmacSha256 {
    HmacSha256::new_from_slice(key).expect("HMAC takes keys of any length")
}

fn keyed(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = mac(key);
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

/// A digest of 32 bytes in hexadecimal digits.
pub(super) fn hexadecimal(digest: &[u8]) -> [u8; 64] {
    const DIGITS: [u8; 16] = *b"0123456789abcdef";
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or(b'0');
    let mut text = [b'0'; 64];
    for (pair, byte) in text.chunks_exact_mut(2).zip(digest) {
        if let [high, low] = pair {
            (*high, *low) = (digit(byte >> 4), digit(byte & 15));
        }
    }
    text
}
