//! Finds the values in an observation that paths of the rule language refer to.

use std::borrow::Cow;

use stspec_scenario::{Path, Root};

use crate::observation::{Node, Observation};

/// The value at a path.
#[derive(Debug, Clone, PartialEq)]
pub enum Found<'a> {
    /// Text, possibly empty.
    Text(Cow<'a, str>),
    /// An element with others inside it.
    Parent(&'a Node),
}

impl Found<'_> {
    /// Returns the text; an element with others inside it has none.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Parent(_) => None,
        }
    }

    /// Describes the value for a report.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Text(text) => format!("`{text}`"),
            Self::Parent(node) => {
                let names: Vec<&str> = node.children.iter().map(|c| c.name.as_str()).collect();
                format!("an element with {}", names.join(", "))
            }
        }
    }
}

pub(super) fn find<'a>(observation: &'a Observation, path: &Path) -> Option<Found<'a>> {
    let below = path.below_root();
    match path.root() {
        Root::Status => Some(text(observation.status.to_string())),
        Root::Headers => headers(observation, below),
        Root::Error => error(observation, below),
        Root::Result => result(observation.body.root()?)?.descend(below).map(found),
        Root::Body => body(observation, below),
    }
}

/// Returns a member of the error as text, by its name in the rule language.
pub(crate) fn error_member<'a>(observation: &'a Observation, member: &str) -> Option<Cow<'a, str>> {
    match error(observation, &[member.to_owned()])? {
        Found::Text(text) => Some(text),
        Found::Parent(_) => None,
    }
}

fn text<'a>(text: impl Into<Cow<'a, str>>) -> Found<'a> {
    Found::Text(text.into())
}

fn found(node: &Node) -> Found<'_> {
    if node.children.is_empty() { text(node.text.as_str()) } else { Found::Parent(node) }
}

fn headers<'a>(observation: &'a Observation, path: &[String]) -> Option<Found<'a>> {
    let [name] = path else { return None };
    let values: Vec<&str> = observation
        .headers
        .iter()
        .filter(|(each, _)| each.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
        .collect();
    match values.as_slice() {
        [] => None,
        [value] => Some(text(*value)),
        _ => Some(text(values.join(", "))),
    }
}

fn error<'a>(observation: &'a Observation, path: &[String]) -> Option<Found<'a>> {
    let root = observation.body.root()?;
    let error = error_element(root)?;
    let Some((name, rest)) = path.split_first() else { return Some(found(error)) };
    if name == "code"
        && let Some(node) = error.child("__type")
    {
        return Some(text(node.text.rsplit('#').next().unwrap_or_default()));
    }
    let node = match name.as_str() {
        "code" => error.child("Code"),
        "message" => error.child("Message").or_else(|| error.child("message")),
        "type" => error.child("Type"),
        "request_id" => request_id(root),
        _ => error.child(name),
    };
    node?.descend(rest).map(found)
}

/// Returns the element that holds the error's members: inside the envelope of the query protocol, the
/// root itself for S3 and for JSON protocols that put the code into `__type`.
fn error_element(root: &Node) -> Option<&Node> {
    match root.name.as_str() {
        "Error" => Some(root),
        "" if root.child("__type").is_some() => Some(root),
        "ErrorResponse" | "" => root.child("Error"),
        _ => None,
    }
}

/// Returns the element that contains the members of a result.
fn result(root: &Node) -> Option<&Node> {
    if error_element(root).is_some() {
        return None;
    }
    match root.name.strip_suffix("Response") {
        Some(operation) => root.child(&format!("{operation}Result")),
        None => Some(root),
    }
}

fn request_id(root: &Node) -> Option<&Node> {
    root.child("RequestId").or_else(|| root.child("ResponseMetadata")?.child("RequestId"))
}

fn body<'a>(observation: &'a Observation, path: &[String]) -> Option<Found<'a>> {
    let [name] = path else { return None };
    if name == "text" {
        return Some(text(observation.body.text.as_str()));
    }
    let root = observation.body.root()?;
    match name.as_str() {
        "root" => Some(text(root.name.as_str())),
        "namespace" => root.namespace.as_deref().map(text),
        "request_id" => request_id(root).map(found),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRANTED: &str = r#"<GetFederationTokenResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetFederationTokenResult>
    <FederatedUser><Arn>arn:aws:sts::1:federated-user/a&amp;b</Arn></FederatedUser>
    <PackedPolicySize>0</PackedPolicySize>
    <Note/>
  </GetFederationTokenResult>
  <ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata>
</GetFederationTokenResponse>"#;

    const REFUSED: &str = "<ErrorResponse xmlns=\"urn:x\"><Error><Type>Sender</Type>\
        <Code>AccessDenied</Code><Message>No. </Message></Error><RequestId>r-2</RequestId>\
        </ErrorResponse>";

    const REFUSED_S3: &str = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message>\
        <Resource>/b/k</Resource><RequestId>r-3</RequestId></Error>";

    const LISTED_S3: &str = "<ListBucketResult><Name>b</Name><Contents><Key>k1</Key></Contents>\
        <Contents><Key>k2</Key></Contents></ListBucketResult>";

    #[track_caller]
    fn check(body: &str, path: &str, expected: Option<&str>) {
        let headers = [("Via", "a"), ("X-Amzn-RequestId", "r-1"), ("Via", "b")];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let observation = Observation::new(200, headers, body.as_bytes(), 0);
        let path = Path::parse(path).expect("a path");
        let found = find(&observation, &path).map(|found| match found {
            Found::Text(text) => text.into_owned(),
            Found::Parent(_) => found.words(),
        });
        assert_eq!(found.as_deref(), expected);
    }

    #[test]
    fn status_is_text_like_everything_else() {
        check("", "status", Some("200"));
    }

    #[test]
    fn headers_are_found_in_any_case_and_namesakes_are_joined() {
        check("", "headers.x-amzn-requestid", Some("r-1"));
        check("", "headers.X-Amzn-RequestId", Some("r-1"));
        check("", "headers.via", Some("a, b"));
        check("", "headers.date", None);
    }

    #[test]
    fn a_result_starts_below_the_operations_own_element() {
        check(GRANTED, "result.FederatedUser.Arn", Some("arn:aws:sts::1:federated-user/a&b"));
        check(GRANTED, "result.PackedPolicySize", Some("0"));
        check(GRANTED, "result.Note", Some(""));
        check(GRANTED, "result.Missing", None);
        check(GRANTED, "result.FederatedUser", Some("an element with Arn"));
    }

    #[test]
    fn a_result_of_another_operation_is_none() {
        check("<AResponse><BResult><C>1</C></BResult></AResponse>", "result.C", None);
    }

    #[test]
    fn a_result_of_s3_starts_below_the_root() {
        check(LISTED_S3, "result.Name", Some("b"));
        check(LISTED_S3, "result.Contents.2.Key", Some("k2"));
    }

    #[test]
    fn an_error_has_no_result_and_a_result_no_error() {
        check(REFUSED, "result", None);
        check(REFUSED_S3, "result.Code", None);
        check(GRANTED, "error.code", None);
        check(GRANTED, "error", None);
    }

    #[test]
    fn errors_are_found_in_the_envelope_of_the_query_protocol() {
        check(REFUSED, "error.code", Some("AccessDenied"));
        check(REFUSED, "error.message", Some("No. "));
        check(REFUSED, "error.type", Some("Sender"));
        check(REFUSED, "error.request_id", Some("r-2"));
    }

    #[test]
    fn errors_are_found_in_the_envelope_of_s3() {
        check(REFUSED_S3, "error.code", Some("AccessDenied"));
        check(REFUSED_S3, "error.type", None);
        check(REFUSED_S3, "error.Resource", Some("/b/k"));
        check(REFUSED_S3, "error.request_id", Some("r-3"));
    }

    #[test]
    fn errors_are_found_in_json() {
        let query =
            r#"{"Error": {"Code": "X", "Message": "m", "Type": "Sender"}, "RequestId": "r"}"#;
        check(query, "error.code", Some("X"));
        check(query, "error.request_id", Some("r"));
        check(r#"{"Error": {"Code": "X"}}"#, "error.code", Some("X"));
        let typed = r#"{"__type": "com.amazonaws#X", "message": "m"}"#;
        check(typed, "error.code", Some("X"));
        check(typed, "error.message", Some("m"));
    }

    #[test]
    fn a_json_result_is_found_by_the_same_path_as_an_xml_one() {
        let json =
            r#"{"AResponse": {"AResult": {"B": 5}, "ResponseMetadata": {"RequestId": "r"}}}"#;
        check(json, "result.B", Some("5"));
        check(json, "body.request_id", Some("r"));
        check(json, "body.root", Some("AResponse"));
        check(json, "body.namespace", None);
    }

    #[test]
    fn the_body_tells_its_root_namespace_and_request_id() {
        check(GRANTED, "body.root", Some("GetFederationTokenResponse"));
        check(GRANTED, "body.namespace", Some("https://sts.amazonaws.com/doc/2011-06-15/"));
        check(GRANTED, "body.request_id", Some("r-1"));
        check("plain", "body.text", Some("plain"));
        check("plain", "body.root", None);
        check("", "body.text", Some(""));
    }
}
