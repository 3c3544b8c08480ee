//! Which service a request is for: one port serves all three.

use std::net::IpAddr;

use http::Method;
use http::header::CONTENT_TYPE;
use tokio::time::Instant;

use crate::call::Call;
use crate::faults::{Fault, Faults};
use crate::model::service::Service;
use crate::parts::Parts;
use crate::state::State;
use crate::sts::StsRequest;
use crate::throttle::Buckets;
use crate::wire::answer::Answer;
use crate::wire::request::{Params, Request};
use crate::{control, iam, s3, sts};

mod misread;

/// What answers every request of a server.
pub(crate) struct Router {
    /// The services and their rules.
    pub(crate) parts: Parts,
    /// How many requests are answered; all of them without.
    pub(crate) throttle: Option<Buckets>,
    /// Whether clients on this machine may move the clock.
    pub(crate) clock_control: bool,
}

impl Router {
    /// Answers a request, whatever it is.
    pub(crate) fn answer(&self, state: &State, request: &Request, peer: IpAddr) -> Answer {
        if self.clock_control
            && let Some(controlled) = control::answer(&state.clock, request, peer)
        {
            return controlled;
        }
        let call = Call::new(state, request, peer);
        let route = route(&call);
        if let Some(throttled) = self.throttled(&call, &route) {
            return throttled;
        }
        let Parts { access, sts } = &self.parts;
        match route {
            Route::Sts(request) => sts::answer(&call, access, sts, &request),
            Route::Iam(params) => iam::answer(&call, access, &params),
            Route::S3 => s3::answer(&call, access),
        }
    }

    /// The answer to a request that is one too many, whoever sent it; `None` within the limit.
    fn throttled(&self, call: &Call<'_>, route: &Route) -> Option<Answer> {
        let buckets = self.throttle.as_ref()?;
        let service = match route {
            Route::Sts(_) => Service::Sts,
            Route::Iam(_) => Service::Iam,
            Route::S3 => Service::S3,
        };
        if buckets.take(service, Instant::now()) {
            return None;
        }
        Some(match service {
            Service::Sts => sts::throttled(call, &self.parts.sts),
            Service::Iam => iam::throttled(call),
            Service::S3 => s3::throttled(call),
        })
    }
}

/// Where a request goes. What is for no service in particular goes to STS.
#[derive(Debug)]
enum Route {
    Sts(StsRequest),
    Iam(Params),
    S3,
}

/// The content type of query requests in a body; a charset may follow.
const FORM: &str = "application/x-www-form-urlencoded";

fn route(call: &Call<'_>) -> Route {
    let request = call.request;
    let for_s3 = call.scope_service() == Some("s3");
    let unsigned = matches!(call.presented, Ok(None));
    let faults = &call.state.faults;
    let path =
        if faults.has(Fault::PathsAllAlike) && !for_s3 && !unsigned { "/" } else { &request.path };
    match (&request.method, path) {
        (&Method::POST, _) if is_form(request, faults) && !(for_s3 && request.path != "/") => {
            query(call, form_params(request, faults))
        }
        (&Method::GET, "/") => {
            let params = misread::form(request.query.as_bytes(), faults);
            match params.get("Action") {
                None if for_s3 => Route::S3,
                _ => query(call, params),
            }
        }
        _ if for_s3 => Route::S3,
        (&Method::OPTIONS, _) if is_preflight(request) => Route::Sts(StsRequest::Preflight),
        (&Method::POST, "/") => Route::Sts(StsRequest::NoAction),
        (_, "/") => Route::Sts(StsRequest::UnknownOperation),
        _ if unsigned => Route::S3,
        _ => Route::Sts(StsRequest::UnknownOperation),
    }
}

/// Source: `docs/evidence/get-federation-token.md`, WIRE-CT and WIRE-NOCT: without this type the
/// body isn't read.
fn is_form(request: &Request, faults: &Faults) -> bool {
    let content_type = match request.header(CONTENT_TYPE) {
        None if faults.has(Fault::BodyReadWithoutContentType) => FORM,
        content_type => content_type.unwrap_or_default(),
    };
    if faults.has(Fault::ContentTypePlainRefused) && !content_type.contains(';') {
        return false;
    }
    let kind = content_type.split(';').next().unwrap_or_default();
    kind.trim().eq_ignore_ascii_case(FORM)
}

fn is_preflight(request: &Request) -> bool {
    request.header("origin").is_some() && request.header("access-control-request-method").is_some()
}

/// Parameters of a query string and of the body behind it.
fn form_params(request: &Request, faults: &Faults) -> Params {
    if request.query.is_empty() {
        return misread::form(&request.body, faults);
    }
    misread::form(&[request.query.as_bytes(), b"&", &request.body].concat(), faults)
}

/// Tells the query services apart: by version, then by action, then by what was signed for.
fn query(call: &Call<'_>, params: Params) -> Route {
    let Some(action) = misread::action(&params, &call.state.faults) else {
        return Route::Sts(StsRequest::NoAction);
    };
    let for_iam = match params.get("Version") {
        Some(sts::VERSION) => false,
        Some(iam::VERSION) => true,
        _ if sts::has_operation(action) => false,
        _ if iam::has_operation(action) => true,
        _ => call.scope_service() == Some("iam"),
    };
    if for_iam { Route::Iam(params) } else { Route::Sts(StsRequest::Call(params)) }
}
