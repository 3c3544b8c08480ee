//! The IAM query service: from parameters to a typed call, from the call to an answer.
//!
//! Start at [`operation::OPERATIONS`], the table of what it knows.

mod access_keys;
mod answer;
mod call;
mod error;
mod managed_policies;
mod operation;
mod page;
mod roles;
mod shape;
mod shapes;
mod user_policies;
mod users;

use jiff::Timestamp;

use crate::model::caller::Caller;
use crate::state::directory::{Directory, DirectoryError, Ids, Tags};
use crate::wire::answer::Answer;
use crate::wire::request::Params;
use crate::wire::xml::Writer;

pub(crate) use answer::{Rules, answer, forbidden, throttled};
pub(crate) use call::{IamCall, parse};
pub(crate) use error::{IamError, refuse};

/// The only version of the API.
pub(crate) const VERSION: &str = "2010-05-08";

/// The XML namespace of answers.
pub(crate) const NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";

/// What an operation needs beside its call.
pub(crate) struct IamContext<'a> {
    /// The account.
    pub(crate) directory: &'a mut Directory,
    /// Where new ids and secrets come from.
    pub(crate) ids: &'a mut dyn Ids,
    /// The time of the request.
    pub(crate) now: Timestamp,
    /// The id of the request, a UUID.
    pub(crate) request_id: &'a str,
}

/// Whether IAM has an operation of this name.
pub(crate) fn has_operation(name: &str) -> bool {
    operation::find(name).is_some()
}

/// Does what an authorised call asks for.
pub(crate) fn execute(call: &IamCall<'_>, mut context: IamContext<'_>) -> Answer {
    let operation = call.operation();
    let mut xml = Writer::new();
    xml.open_in(operation.response, NAMESPACE);
    if let Some(result) = operation.result {
        xml.open(result);
    }
    if let Err(refusal) = (operation.handler)(call, &mut context, &mut xml) {
        return refuse(&IamError::from(refusal), context.request_id);
    }
    if let Some(result) = operation.result {
        xml.close(result);
    }
    xml.open("ResponseMetadata").leaf("RequestId", context.request_id).close("ResponseMetadata");
    xml.close(operation.response);
    Answer::with_body(200, "text/xml", xml.finish()).header("x-amzn-requestid", context.request_id)
}

/// Does what the root user asks for, without an answer: how a seed comes to be an account.
pub(crate) fn apply(params: &Params, mut context: IamContext<'_>) -> Result<(), IamError> {
    let call = parse(params, &Caller::Root)?;
    Ok((call.operation().handler)(&call, &mut context, &mut Writer::new())?)
}

/// What a handler returns: nothing, since it writes its result as it goes.
type Handled = Result<(), DirectoryError>;

/// A moment as IAM prints it: whole seconds, UTC.
fn date(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A policy document as IAM prints it: percent-encoded to the letter of RFC 3986.
fn document(text: &str) -> String {
    const KEPT: percent_encoding::AsciiSet =
        percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    percent_encoding::utf8_percent_encode(text, &KEPT).to_string()
}

/// Writes tags as a list, where there are any.
fn write_tags(xml: &mut Writer, tags: &Tags) {
    if tags.iter().next().is_none() {
        return;
    }
    xml.open("Tags");
    for (key, value) in tags.iter() {
        xml.open("member").leaf("Key", key).leaf("Value", value).close("member");
    }
    xml.close("Tags");
}

/// Writes the boundary of a user or a role, where there is one.
fn write_boundary(xml: &mut Writer, arn: Option<&str>) {
    if let Some(arn) = arn {
        xml.open("PermissionsBoundary")
            .leaf("PermissionsBoundaryType", "Policy")
            .leaf("PermissionsBoundaryArn", arn)
            .close("PermissionsBoundary");
    }
}

#[cfg(test)]
mod test_support;
