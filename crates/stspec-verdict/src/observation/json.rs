//! Reads a JSON body into the same nodes as XML, so that one path serves both.

use serde_json::{Map, Value};

use super::limits::{DEPTH_MAX, NODES_MAX};
use super::malformed::MalformedBody;
use super::node::Node;

/// Parses an object. `{"XResponse": {…}}` becomes a root called `XResponse`; an object with several
/// members, or with one that is not an object, becomes a root without a name.
pub(super) fn parse(text: &str) -> Result<Node, MalformedBody> {
    let detail = |detail: String| MalformedBody::Json { detail };
    let object: Map<String, Value> =
        serde_json::from_str(text).map_err(|error| detail(error.to_string()))?;
    let mut room = NODES_MAX;
    let only = if object.len() == 1 { object.iter().next() } else { None };
    match only {
        Some((name, value @ Value::Object(_))) => Ok(fill(name, value, 1, &mut room)?),
        _ => fill("", &Value::Object(object), 1, &mut room),
    }
}

/// Turns a value into a node; `room` is how many more nodes may be made.
fn fill(name: &str, value: &Value, depth: usize, room: &mut usize) -> Result<Node, MalformedBody> {
    if depth > DEPTH_MAX {
        return Err(MalformedBody::TooDeep);
    }
    *room = room.checked_sub(1).ok_or(MalformedBody::TooMany)?;
    let mut node = Node { name: name.to_owned(), ..Node::default() };
    match value {
        Value::Object(members) => {
            // `null` says that a member is not there, which XML says by leaving it out.
            for (name, value) in members.iter().filter(|(_, value)| !value.is_null()) {
                node.children.push(fill(name, value, depth + 1, room)?);
            }
        }
        Value::Array(elements) => {
            for element in elements {
                node.children.push(fill("member", element, depth + 1, room)?);
            }
        }
        Value::String(text) => node.text.clone_from(text),
        Value::Number(number) => node.text = number.to_string(),
        Value::Bool(flag) => node.text = flag.to_string(),
        Value::Null => {}
    }
    Ok(node)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, path: &str, expected: Option<&str>) {
        let segments: Vec<String> = path.split('.').map(str::to_owned).collect();
        let root = parse(text).expect("well-formed");
        assert_eq!(root.descend(&segments).map(|node| node.text.as_str()), expected);
    }

    #[test]
    fn scalars_become_text() {
        check(r#"{"R": {"A": "x", "B": 12, "C": true}}"#, "A", Some("x"));
        check(r#"{"R": {"A": "x", "B": 12, "C": true}}"#, "B", Some("12"));
        check(r#"{"R": {"A": "x", "B": 12, "C": true}}"#, "C", Some("true"));
    }

    #[test]
    fn elements_of_an_array_are_called_member() {
        check(r#"{"R": {"Users": [{"N": "a"}, {"N": "b"}]}}"#, "Users.member.2.N", Some("b"));
    }

    #[test]
    fn a_null_member_is_absent() {
        check(r#"{"R": {"A": null}}"#, "A", None);
    }

    #[test]
    fn an_object_with_several_members_is_a_root_without_a_name() {
        check(r#"{"Error": {"Code": "X"}, "RequestId": "7"}"#, "Error.Code", Some("X"));
        check(r#"{"__type": "X"}"#, "__type", Some("X"));
    }

    #[test]
    fn what_is_no_json_object_is_refused() {
        let refused = |text: &str| parse(text).expect_err("malformed").to_string();
        assert!(refused(r#"{"A": "#).contains("line 1"));
        assert!(refused(r#"{"A": 1} tail"#).contains("trailing"));
    }

    #[test]
    fn nesting_is_followed_to_the_limit_and_no_further() {
        let nested = |depth: usize| "{\"a\":".repeat(depth) + "1" + &"}".repeat(depth);
        // The outermost object lends its name to the root, the scalar is a level of its own.
        assert!(parse(&nested(DEPTH_MAX)).is_ok());
        assert_eq!(parse(&nested(DEPTH_MAX + 1)), Err(MalformedBody::TooDeep));
        assert!(parse(&nested(100_000)).is_err(), "the parser's own limit holds");
    }
}
