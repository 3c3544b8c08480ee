//! A server on the reference's stack that answers the same bytes to everything: `bare BYTES`.
//!
//! It reads each request as the reference does and does nothing else, so that the difference is the cost of
//! verifying, deciding and sealing.

use std::convert::Infallible;
use std::error::Error;
use std::net::Ipv4Addr;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let size = std::env::args().nth(1).ok_or("usage: bare BYTES")?.parse()?;
    let body = Bytes::from(vec![b'x'; size]);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    announce(&format!("http://{}", listener.local_addr()?));
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let body = body.clone();
        let service = service_fn(move |request| answer(request, body.clone()));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .auto_date_header(false)
            .serve_connection(TokioIo::new(stream), service);
        tokio::spawn(connection);
    }
}

async fn answer(
    request: Request<Incoming>,
    body: Bytes,
) -> Result<Response<Full<Bytes>>, Infallible> {
    // A client that disconnects in the middle of its body gets no answer anyway.
    let _ = request.into_body().collect().await;
    let answer = Response::builder()
        .header("content-type", "text/xml")
        .header("x-amzn-requestid", "00000000-0000-4000-8000-000000000000")
        .header("date", "Sat, 21 Nov 2026 22:00:00 GMT")
        .body(Full::new(body));
    Ok(answer.expect("the headers are well-formed"))
}

#[expect(clippy::print_stdout, reason = "the line that says where it listens")]
fn announce(endpoint: &str) {
    println!("{}", serde_json::json!({ "endpoint": endpoint }));
}
