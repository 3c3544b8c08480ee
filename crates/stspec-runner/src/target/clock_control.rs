//! Moves the clock of a target that lets itself be moved: the capability `clock.set`.

use std::net::IpAddr;
use std::sync::atomic::{AtomicI64, Ordering};

use http::Method;
use serde_json::{Value, json};
use stspec_scenario::{Capability, Endpoints, Presence, Service, Target, TargetKind};

use crate::wire::transport::{Transport, WireRequest};

/// Where a target has its clock, below the endpoint of STS.
pub const PATH: &str = "/_stspec/clock";

/// The only member of what is said and heard there: how far the clock was moved.
const MEMBER: &str = "offset_seconds";

/// Whether a run asks a target for the control path of its clock, with one GET before anything else.
///
/// It does so on this machine only, never on AWS, and where all services share one clock.
#[must_use]
pub fn probes_clock_control(target: &Target, endpoints: &Endpoints) -> bool {
    let services = [endpoints.iam.as_ref(), endpoints.s3.as_ref()];
    let shared = services.into_iter().flatten().all(|url| *url == endpoints.sts);
    let wanted =
        target.kind != TargetKind::Aws && target.presence(Capability::ClockSet) != Presence::Absent;
    wanted && shared && is_on_this_machine(&endpoints.sts)
}

/// The clock of a target on this machine.
#[derive(Debug)]
pub(crate) struct ClockControl {
    url: String,
    /// How far the clock was moved already when it was found, perhaps by a run that was killed.
    found_seconds: i64,
    moved_seconds: AtomicI64,
}

impl ClockControl {
    /// Looks for the control path, once: it is there where it answers with the offset and nothing else.
    pub(crate) async fn find(
        target: &Target,
        endpoints: &Endpoints,
        transport: &Transport,
    ) -> Option<Self> {
        if !probes_clock_control(target, endpoints) {
            return None;
        }
        let url = format!("{}{PATH}", endpoints.sts.trim_end_matches('/'));
        let answer = ask(&url, None, transport).await.ok()?;
        let found_seconds = offset_in(&answer)?;
        Some(Self { url, found_seconds, moved_seconds: AtomicI64::new(found_seconds) })
    }

    /// How far the clock is moved at the moment.
    pub(crate) fn moved_seconds(&self) -> i64 {
        self.moved_seconds.load(Ordering::Relaxed)
    }

    /// Lets time pass; fails in words where the target did not follow.
    pub(crate) async fn advance(&self, seconds: u32, transport: &Transport) -> Result<(), String> {
        self.set(self.moved_seconds().saturating_add(seconds.into()), transport).await
    }

    /// Puts the clock back to where it was found.
    pub(crate) async fn put_back(&self, transport: &Transport) -> Result<(), String> {
        if self.moved_seconds() == self.found_seconds {
            return Ok(());
        }
        self.set(self.found_seconds, transport).await
    }

    async fn set(&self, seconds: i64, transport: &Transport) -> Result<(), String> {
        // Noted first: where the answer is lost, the clock may have been moved nevertheless.
        self.moved_seconds.store(seconds, Ordering::Relaxed);
        let answer = ask(&self.url, Some(seconds), transport).await?;
        match offset_in(&answer) {
            Some(offset) if offset == seconds => Ok(()),
            _ => Err(format!("{PATH} answered {answer}")),
        }
    }
}

/// Reads the clock's offset, or sets it; the body of a success.
async fn ask(url: &str, seconds: Option<i64>, transport: &Transport) -> Result<Value, String> {
    let (method, body) = match seconds {
        None => (Method::GET, String::new()),
        Some(seconds) => (Method::PUT, json!({ MEMBER: seconds }).to_string()),
    };
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    let url = url.to_owned();
    let (about, service) = ("clock".to_owned(), Service::Sts);
    let request =
        WireRequest { about, service, method, url, headers, body: body.into_bytes().into() };
    let (status, _, body) = transport.exchange(transport.permit().await, &request).await?;
    match serde_json::from_slice(&body) {
        Ok(answer) if status == 200 => Ok(answer),
        _ => Err(format!("{PATH} answered {status}")),
    }
}

fn offset_in(answer: &Value) -> Option<i64> {
    let members = answer.as_object().filter(|members| members.len() == 1)?;
    members.get(MEMBER)?.as_i64()
}

fn is_on_this_machine(url: &str) -> bool {
    let host = url.parse::<http::Uri>().ok();
    let host = host.as_ref().and_then(http::Uri::host).unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_offset_and_nothing_else_is_a_clock() {
        assert_eq!(offset_in(&json!({"offset_seconds": -5})), Some(-5));
        for other in [
            json!({}),
            json!({"offset_seconds": "5"}),
            json!({"offset_seconds": 1.5}),
            json!({"offset_seconds": 5, "more": 1}),
            json!([5]),
            json!(null),
        ] {
            assert_eq!(offset_in(&other), None, "{other}");
        }
    }

    #[test]
    fn only_this_machine_is_asked() {
        for url in ["http://127.0.0.1:1", "http://127.9.9.9", "http://[::1]:80", "http://localhost"]
        {
            assert!(is_on_this_machine(url), "{url}");
        }
        for url in ["http://10.0.0.1", "https://sts.amazonaws.com", "http://localhost.evil", "x"] {
            assert!(!is_on_this_machine(url), "{url}");
        }
    }
}
