//! A server that answers like an STS and does nothing else: `fixed [MILLISECONDS]`, the delay of each answer.
//!
//! It lets a load create its user and then answers GetCallerIdentity with the same bytes each time, so that the load
//! generator is measured, and not the server. One thread, HTTP/1.1.

use std::convert::Infallible;
use std::error::Error;
use std::net::Ipv4Addr;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;

/// Blanks that make the answer as large as one with credentials.
const PADDING: usize = 800;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    announce(&format!("http://{}", listener.local_addr()?));
    let identity = Bytes::from(identity());
    let delay = std::env::args().nth(1).map_or(Ok(0), |text| text.parse())?;
    let delay = Duration::from_millis(delay);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let identity = identity.clone();
        let service = service_fn(move |request| answer(request, identity.clone(), delay));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), service);
        tokio::spawn(connection);
    }
}

async fn answer(
    request: Request<Incoming>,
    identity: Bytes,
    delay: Duration,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let body = request.into_body().collect().await.map(http_body_util::Collected::to_bytes);
    let body = body.unwrap_or_default();
    let text = std::str::from_utf8(&body).unwrap_or_default();
    let action = text.strip_prefix("Action=").and_then(|rest| rest.split('&').next());
    let answer = match action {
        Some("GetCallerIdentity") => identity,
        Some("CreateAccessKey") => Bytes::from_static(KEY.as_bytes()),
        Some("CreateUser") => Bytes::from_static(USER.as_bytes()),
        _ => Bytes::from_static(b"<AnyResponse><AnyResult/></AnyResponse>"),
    };
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let mut response = Response::new(Full::new(answer));
    let xml = http::HeaderValue::from_static("text/xml");
    response.headers_mut().insert(http::header::CONTENT_TYPE, xml);
    Ok(response)
}

const KEY: &str = "<CreateAccessKeyResponse><CreateAccessKeyResult><AccessKey>\
    <AccessKeyId>AKIAFIXEDFIXEDFIXED1</AccessKeyId>\
    <SecretAccessKey>fixed/secret/fixed/secret/fixed/secret/1</SecretAccessKey>\
    </AccessKey></CreateAccessKeyResult></CreateAccessKeyResponse>";

const USER: &str = "<CreateUserResponse><CreateUserResult><User>\
    <UserName>fixed</UserName><Arn>arn:aws:iam::123456789012:user/fixed</Arn>\
    </User></CreateUserResult></CreateUserResponse>";

fn identity() -> String {
    format!(
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
         <GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/fixed</Arn>\
         <UserId>AIDAFIXED</UserId><Account>123456789012</Account></GetCallerIdentityResult>\
         <ResponseMetadata><RequestId>r</RequestId><Pad>{}</Pad></ResponseMetadata>\
         </GetCallerIdentityResponse>",
        "x".repeat(PADDING)
    )
}

#[expect(clippy::print_stdout, reason = "the line that says where it listens")]
fn announce(endpoint: &str) {
    println!("{}", serde_json::json!({ "endpoint": endpoint }));
}
