//! Which service a request is for: one port serves all three.

use std::net::IpAddr;

use http::Method;
use http::header::CONTENT_TYPE;
use tokio::time::Instant;

use crate::call::Call;
use crate::model::service::Service;
use crate::parts::Parts;
use crate::parts::routing::Routing;
use crate::state::State;
use crate::sts::StsRequest;
use crate::throttle::Buckets;
use crate::wire::answer::Answer;
use crate::wire::request::{Params, Request};
use crate::{control, iam, s3, sts};

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
        let route = route(&call, &self.parts.routing);
        if let Some(throttled) = self.throttled(&call, &route) {
            return throttled;
        }
        let Parts { access, sts, iam, s3, .. } = &self.parts;
        match route {
            Route::Sts(request) => sts::answer(&call, access, sts, &request),
            Route::Iam(params) => iam::answer(&call, access, iam, &params),
            Route::S3 => s3::answer(&call, access, s3),
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

fn route(call: &Call<'_>, rules: &Routing) -> Route {
    let request = call.request;
    let for_s3 = call.scope_service() == Some("s3");
    let unsigned = matches!(call.presented, Ok(None));
    match (&request.method, (rules.path)(call)) {
        (&Method::POST, _)
            if (rules.is_form)(request.header(CONTENT_TYPE))
                && !(for_s3 && request.path != "/") =>
        {
            query(call, form_params(request, rules), rules)
        }
        (&Method::GET, "/") => {
            let params = (rules.params)(request.query.as_bytes());
            match params.get("Action") {
                None if for_s3 => Route::S3,
                _ => query(call, params, rules),
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

fn is_preflight(request: &Request) -> bool {
    request.header("origin").is_some() && request.header("access-control-request-method").is_some()
}

/// Parameters of a query string and of the body behind it.
fn form_params(request: &Request, rules: &Routing) -> Params {
    if request.query.is_empty() {
        return (rules.params)(&request.body);
    }
    (rules.params)(&[request.query.as_bytes(), b"&", &request.body].concat())
}

/// Tells the query services apart: by version, then by action, then by what was signed for.
fn query(call: &Call<'_>, params: Params, rules: &Routing) -> Route {
    let Some(action) = (rules.action)(&params) else {
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
