//! Builds the HTTP request of a call: the query protocol for STS and IAM, path style for S3.

use bytes::Bytes;
use http::Method;
use stspec_scenario::{Call, Service, WireOptions};

use crate::wire::encode;
use crate::wire::transport::WireRequest;

const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

/// A call with its parameters flattened, and the endpoint that serves it.
#[derive(Debug, Clone)]
pub(crate) struct Unsigned<'a> {
    pub(crate) call: Call,
    pub(crate) pairs: &'a [(String, String)],
    pub(crate) send: &'a WireOptions,
    /// Base URL without a slash at its end.
    pub(crate) endpoint: &'a str,
    /// Region that a new bucket is put into.
    pub(crate) region: &'a str,
}

/// The request, not signed yet.
///
/// Fails on a method that HTTP does not know, and on an S3 call without its bucket or key.
pub(crate) fn build(unsigned: &Unsigned<'_>) -> Result<WireRequest, String> {
    let mut request = match unsigned.call.service {
        Service::Sts => query_request(unsigned, "2011-06-15")?,
        Service::Iam => query_request(unsigned, "2010-05-08")?,
        Service::S3 => object_request(unsigned)?,
    };
    request.headers.extend(unsigned.send.headers.iter().cloned());
    Ok(request)
}

fn query_request(unsigned: &Unsigned<'_>, version: &str) -> Result<WireRequest, String> {
    let send = unsigned.send;
    let method = method(send, Method::POST)?;
    let mut pairs = Vec::new();
    push_unless_none(&mut pairs, "Action", send.action.as_ref(), unsigned.call.operation);
    push_unless_none(&mut pairs, "Version", send.version.as_ref(), version);
    pairs.extend(unsigned.pairs.iter().cloned());
    let form = send.body.clone().unwrap_or_else(|| encode::form(&pairs));
    let base = format!("{}{}", unsigned.endpoint, send.path.as_deref().unwrap_or("/"));
    let in_body = method != Method::GET && method != Method::HEAD;
    let url = if in_body || form.is_empty() { base } else { format!("{base}?{form}") };
    let body = if in_body { Bytes::from(form) } else { Bytes::new() };
    let content_type = match &send.content_type {
        Some(given) => given.as_deref(),
        None => in_body.then_some(FORM),
    };
    let service = unsigned.call.service;
    let (about, headers) = (String::new(), content_type_header(content_type));
    Ok(WireRequest { about, service, method, url, headers, body })
}

/// A `send:` override: none given, explicitly none, or another text.
fn push_unless_none(
    pairs: &mut Vec<(String, String)>,
    name: &str,
    given: Option<&Option<String>>,
    usual: &str,
) {
    match given {
        None => pairs.push((name.to_owned(), usual.to_owned())),
        Some(Some(text)) => pairs.push((name.to_owned(), text.clone())),
        Some(None) => {}
    }
}

fn method(send: &WireOptions, usual: Method) -> Result<Method, String> {
    match &send.method {
        None => Ok(usual),
        Some(text) => text.parse().map_err(|_| format!("`{text}` is no HTTP method")),
    }
}

fn content_type_header(content_type: Option<&str>) -> Vec<(String, String)> {
    content_type.map(|text| ("content-type".to_owned(), text.to_owned())).into_iter().collect()
}

/// Where an S3 operation lives.
struct Route {
    method: Method,
    /// `Bucket` and `Key` parameters that make the path.
    on: On,
    /// Query string, without `?`.
    query: &'static str,
    /// The parameter that is the body.
    body: Option<&'static str>,
}

enum On {
    Service,
    Bucket,
    Object,
}

/// Source: S3 API Reference, request syntax of each operation.
fn route(operation: &str) -> Option<Route> {
    let route = |method, on, query, body| Some(Route { method, on, query, body });
    match operation {
        "ListBuckets" => route(Method::GET, On::Service, "", None),
        "CreateBucket" => route(Method::PUT, On::Bucket, "", None),
        "HeadBucket" => route(Method::HEAD, On::Bucket, "", None),
        "DeleteBucket" => route(Method::DELETE, On::Bucket, "", None),
        "GetBucketPolicy" => route(Method::GET, On::Bucket, "policy=", None),
        "PutBucketPolicy" => route(Method::PUT, On::Bucket, "policy=", Some("Policy")),
        "DeleteBucketPolicy" => route(Method::DELETE, On::Bucket, "policy=", None),
        "ListObjectsV2" => route(Method::GET, On::Bucket, "list-type=2", None),
        "PutObject" => route(Method::PUT, On::Object, "", Some("Body")),
        "GetObject" => route(Method::GET, On::Object, "", None),
        "HeadObject" => route(Method::HEAD, On::Object, "", None),
        "DeleteObject" => route(Method::DELETE, On::Object, "", None),
        _ => None,
    }
}

fn object_request(unsigned: &Unsigned<'_>) -> Result<WireRequest, String> {
    let operation = unsigned.call.operation;
    let route = route(operation).ok_or_else(|| format!("s3.{operation} has no route"))?;
    let value = |name: &str| {
        unsigned.pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    };
    let needed = |name: &str| {
        value(name).ok_or_else(|| format!("s3.{operation} needs the parameter `{name}`"))
    };
    let path = match route.on {
        On::Service => "/".to_owned(),
        On::Bucket => format!("/{}", encode::path(needed("Bucket")?)),
        On::Object => {
            format!("/{}/{}", encode::path(needed("Bucket")?), encode::path(needed("Key")?))
        }
    };
    let mut query = route.query.to_owned();
    for (name, parameter) in [("prefix", "Prefix"), ("max-keys", "MaxKeys")] {
        if let Some(text) = value(parameter) {
            for part in ["&", name, "=", &encode::component(text)] {
                query.push_str(part);
            }
        }
    }
    let path = unsigned.send.path.clone().unwrap_or(path);
    let separator = if query.is_empty() { "" } else { "?" };
    let body = match route.body {
        Some(parameter) => needed(parameter)?.to_owned(),
        None if operation == "CreateBucket" => location(unsigned.region),
        None => String::new(),
    };
    Ok(WireRequest {
        about: String::new(),
        service: unsigned.call.service,
        method: method(unsigned.send, route.method)?,
        url: format!("{}{path}{separator}{query}", unsigned.endpoint),
        headers: content_type_header(
            unsigned.send.content_type.as_ref().and_then(|given| given.as_deref()),
        ),
        body: body.into(),
    })
}

/// The body that puts a bucket into a region; us-east-1 is where one is put without.
///
/// Source: S3 API Reference, CreateBucket, `LocationConstraint`.
fn location(region: &str) -> String {
    if region == "us-east-1" {
        return String::new();
    }
    format!(
        "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
         <LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(call: &str, pairs: &[(&str, &str)], send: &WireOptions, expected: (&str, &str, &str)) {
        let pairs: Vec<(String, String)> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let call = Call::parse(call).unwrap();
        let request = build(&Unsigned {
            call,
            pairs: &pairs,
            send,
            endpoint: "http://t",
            region: "us-east-1",
        })
        .unwrap();
        let body = String::from_utf8(request.body.to_vec()).unwrap();
        assert_eq!((request.method.as_str(), request.url.as_str(), body.as_str()), expected);
    }

    #[test]
    fn query_calls_are_forms_with_action_and_version() {
        check(
            "sts.GetFederationToken",
            &[("Name", "a b&c/é")],
            &WireOptions::default(),
            (
                "POST",
                "http://t/",
                "Action=GetFederationToken&Version=2011-06-15&Name=a%20b%26c%2F%C3%A9",
            ),
        );
        check(
            "iam.ListUsers",
            &[],
            &WireOptions::default(),
            ("POST", "http://t/", "Action=ListUsers&Version=2010-05-08"),
        );
    }

    #[test]
    fn get_moves_the_form_into_the_query_string() {
        let send = WireOptions {
            method: Some("GET".into()),
            version: Some(None),
            ..WireOptions::default()
        };
        check(
            "sts.GetCallerIdentity",
            &[],
            &send,
            ("GET", "http://t/?Action=GetCallerIdentity", ""),
        );
    }

    #[test]
    fn action_may_be_another_or_none() {
        let send = WireOptions {
            action: Some(Some("Nope".into())),
            version: Some(None),
            ..WireOptions::default()
        };
        check("sts.GetCallerIdentity", &[], &send, ("POST", "http://t/", "Action=Nope"));
        let send =
            WireOptions { action: Some(None), version: Some(None), ..WireOptions::default() };
        check("sts.GetCallerIdentity", &[], &send, ("POST", "http://t/", ""));
    }

    #[test]
    fn a_body_of_its_own_is_sent_as_it_stands() {
        let send = WireOptions {
            body: Some("Action=GetCallerIdentity&&a=b+c".into()),
            ..WireOptions::default()
        };
        let body = "Action=GetCallerIdentity&&a=b+c";
        check("sts.GetFederationToken", &[("Name", "x")], &send, ("POST", "http://t/", body));
    }

    #[test]
    fn objects_live_below_their_bucket() {
        check(
            "s3.PutObject",
            &[("Bucket", "b"), ("Key", "a b/c"), ("Body", "text")],
            &WireOptions::default(),
            ("PUT", "http://t/b/a%20b/c", "text"),
        );
        check(
            "s3.ListObjectsV2",
            &[("Bucket", "b")],
            &WireOptions::default(),
            ("GET", "http://t/b?list-type=2", ""),
        );
        check(
            "s3.PutBucketPolicy",
            &[("Bucket", "b"), ("Policy", "{}")],
            &WireOptions::default(),
            ("PUT", "http://t/b?policy=", "{}"),
        );
    }

    #[test]
    fn a_missing_bucket_is_named() {
        let call = Call::parse("s3.GetObject").unwrap();
        let send = WireOptions::default();
        let unsigned =
            Unsigned { call, pairs: &[], send: &send, endpoint: "http://t", region: "us-east-1" };
        assert_eq!(build(&unsigned).unwrap_err(), "s3.GetObject needs the parameter `Bucket`");
    }
}
