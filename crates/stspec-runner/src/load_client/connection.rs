//! HTTP/1.1 connections of one user, one to each endpoint, opened when they are needed.

use std::error::Error;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Request, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::client::legacy::connect::HttpConnector;
use tokio::time::timeout;
use tower_service::Service;

use crate::options::DEADLINE_DEFAULT;
use crate::wire::transport::{BODY_BYTES_MAX, chain};

/// Where a user connects to.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    /// Scheme, host and port.
    pub(crate) base: Uri,
    connector: Connector,
}

/// What opens a connection, with TLS where the URL asks for it.
#[cfg(feature = "tls")]
type Connector = hyper_rustls::HttpsConnector<HttpConnector>;

/// What opens a connection; this build has no TLS.
#[cfg(not(feature = "tls"))]
type Connector = HttpConnector;

/// A user's connections, by the number of their endpoint.
#[derive(Debug)]
pub(crate) struct Connections {
    open: Vec<Option<SendRequest<Full<Bytes>>>>,
}

impl Endpoint {
    /// An endpoint by its scheme and authority; one connector serves all users.
    pub(crate) fn new(base: Uri) -> Result<Self, String> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Ok(Self { base, connector: secured(connector)? })
    }
}

#[cfg(feature = "tls")]
fn secured(mut connector: HttpConnector) -> Result<Connector, String> {
    connector.enforce_http(false);
    let builder = hyper_rustls::HttpsConnectorBuilder::new()
        .with_native_roots()
        .map_err(|error| format!("no root certificates: {error}"))?;
    Ok(builder.https_or_http().enable_http1().wrap_connector(connector))
}

#[cfg(not(feature = "tls"))]
#[expect(clippy::unnecessary_wraps, reason = "with TLS there may be no root certificates")]
fn secured(connector: HttpConnector) -> Result<Connector, String> {
    Ok(connector)
}

impl Connections {
    pub(crate) fn new(endpoints: usize) -> Self {
        Self { open: std::iter::repeat_with(|| None).take(endpoints).collect() }
    }

    /// Opens a connection to each endpoint that there is none to; what fails is tried again when it is needed.
    pub(crate) async fn open(&mut self, endpoints: &[Endpoint]) {
        for (place, endpoint) in self.open.iter_mut().zip(endpoints) {
            if place.is_none() {
                let connected = timeout(DEADLINE_DEFAULT, connect(endpoint)).await;
                *place = connected.ok().and_then(Result::ok);
            }
        }
    }

    /// Sends a request over the user's connection and reads the whole answer, within the deadline.
    ///
    /// A connection that the other side closed while it was idle is opened again; a request that was on its
    /// way is never sent twice.
    pub(crate) async fn send(
        &mut self,
        number: usize,
        endpoint: &Endpoint,
        request: Request<Full<Bytes>>,
    ) -> Result<(u16, HeaderMap, Bytes), String> {
        let Some(place) = self.open.get_mut(number) else {
            return Err("the call has no endpoint".to_owned());
        };
        let mut sender = place.take();
        let exchanged = timeout(DEADLINE_DEFAULT, exchange(&mut sender, endpoint, request)).await;
        match exchanged {
            Ok(Ok(answer)) => {
                *place = sender;
                Ok(answer)
            }
            Ok(Err(reason)) => Err(reason),
            Err(_) => Err(format!("no whole answer within {DEADLINE_DEFAULT:?}")),
        }
    }
}

async fn exchange(
    place: &mut Option<SendRequest<Full<Bytes>>>,
    endpoint: &Endpoint,
    mut request: Request<Full<Bytes>>,
) -> Result<(u16, HeaderMap, Bytes), String> {
    for is_last in [false, true] {
        let fresh = place.is_none();
        let sender = match place {
            Some(sender) => sender,
            None => place.insert(connect(endpoint).await?),
        };
        if sender.ready().await.is_err() && !fresh {
            *place = None;
            continue;
        }
        match sender.try_send_request(request).await {
            Ok(response) => return read(response).await,
            Err(mut error) => match error.take_message() {
                Some(unsent) if !is_last && !fresh => {
                    request = unsent;
                    *place = None;
                }
                _ => return Err(chain(error.error())),
            },
        }
    }
    Err("the connection was closed before anything was sent".to_owned())
}

async fn connect(endpoint: &Endpoint) -> Result<SendRequest<Full<Bytes>>, String> {
    let mut connector = endpoint.connector.clone();
    let stream = connector.call(endpoint.base.clone()).await.map_err(reason)?;
    let (sender, connection) = http1::handshake(stream).await.map_err(|error| chain(&error))?;
    // It ends by itself when the sender is dropped; its errors reach the request that is on its way.
    tokio::spawn(connection);
    Ok(sender)
}

fn reason(error: impl Into<Box<dyn Error + Send + Sync>>) -> String {
    let error = error.into();
    let error: &(dyn Error + 'static) = &*error;
    chain(error)
}

async fn read(response: http::Response<Incoming>) -> Result<(u16, HeaderMap, Bytes), String> {
    let (head, mut body) = response.into_parts();
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| chain(&error))?;
        let Ok(data) = frame.into_data() else { continue };
        if first.len() + rest.len() + data.len() > BODY_BYTES_MAX {
            return Err(format!("the answer's body is larger than {BODY_BYTES_MAX} bytes"));
        }
        if first.is_empty() {
            first = data;
        } else {
            rest.extend_from_slice(&data);
        }
    }
    if !rest.is_empty() {
        let mut whole = BytesMut::from(first);
        whole.extend_from_slice(&rest);
        first = whole.freeze();
    }
    Ok((head.status.as_u16(), head.headers, first))
}
