//! What goes over a connection: requests and their parameters, answers, XML.

pub(crate) mod answer;
pub(crate) mod request;
pub(crate) mod xml;
