//! A parsed body as maps, lists and text, the way a snapshot shows it.

use std::collections::BTreeMap;

use super::volatile::{self, Context};
use crate::observation::Node;

/// A normalised element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tree {
    /// An element without others inside.
    Text(String),
    /// Elements of one name in order, such as the `member`s of a list.
    List(Vec<Tree>),
    /// Elements by name, sorted, because no order is documented (`RSP-ORDER`).
    Map(Vec<(String, Tree)>),
}

/// Lists of all that an account has of a kind: their content depends on other users of the account.
///
/// Source: API references of IAM and S3, answers of `ListUsers`, `ListRoles`, `ListPolicies` and
/// `ListBuckets`.
const INVENTORIES: [&str; 4] = ["Buckets", "Policies", "Roles", "Users"];

/// The members of a bucket listing that depend on its objects, which others may write at the same time.
///
/// Source: S3 API Reference, `ListObjectsV2`, response elements.
const OF_LISTING: (&str, [&str; 5]) = (
    "ListBucketResult",
    ["CommonPrefixes", "Contents", "IsTruncated", "KeyCount", "NextContinuationToken"],
);

/// Turns an element into its normal form.
pub(super) fn build(node: &Node, context: &Context<'_>) -> Tree {
    if node.children.is_empty() {
        return Tree::Text(volatile::value(&node.name, &node.text, context));
    }
    if INVENTORIES.contains(&node.name.as_str()) {
        return Tree::Text(format!("<{}>", node.name.to_lowercase()));
    }
    let mut by_name: BTreeMap<&str, Vec<Tree>> = BTreeMap::new();
    for child in node.children.iter().filter(|child| !is_of_listing(node, child)) {
        by_name.entry(&child.name).or_default().push(build(child, context));
    }
    if node.children.iter().any(|child| is_of_listing(node, child) && child.name == "Contents") {
        by_name.insert("Contents", vec![Tree::Text("<objects>".to_owned())]);
    }
    if by_name.len() == 1
        && let Some(members) = by_name.remove("member")
    {
        return Tree::List(members);
    }
    let member = |(name, mut trees): (&str, Vec<Tree>)| match (trees.pop(), trees.is_empty()) {
        (Some(only), true) => (name.to_owned(), only),
        (last, _) => (name.to_owned(), Tree::List(trees.into_iter().chain(last).collect())),
    };
    Tree::Map(by_name.into_iter().map(member).collect())
}

fn is_of_listing(parent: &Node, child: &Node) -> bool {
    let (root, names) = OF_LISTING;
    parent.name == root && names.contains(&child.name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Observation;

    #[track_caller]
    fn check(body: &str, expected: &Tree) {
        let observation = Observation::new(200, [], body.as_bytes(), 0);
        let root = observation.body.root().expect("a tree");
        let context = Context { date: None, duration_seconds: None, values: &[] };
        assert_eq!(build(root, &context), *expected);
    }

    fn leaf(text: &str) -> Tree {
        Tree::Text(text.into())
    }

    fn map(members: &[(&str, Tree)]) -> Tree {
        Tree::Map(members.iter().map(|(name, tree)| ((*name).to_owned(), tree.clone())).collect())
    }

    #[test]
    fn names_are_sorted_because_no_order_is_documented() {
        let expected = map(&[("B", leaf("2")), ("C", leaf("1"))]);
        check("<A><C>1</C><B>2</B></A>", &expected);
        check("<A><B>2</B><C>1</C></A>", &expected);
    }

    #[test]
    fn members_become_a_list_in_their_order_even_if_there_is_one() {
        let list = |names: &[&str]| Tree::List(names.iter().map(|name| leaf(name)).collect());
        check(
            "<A><L><member>b</member><member>a</member></L></A>",
            &map(&[("L", list(&["b", "a"]))]),
        );
        check("<A><L><member>b</member></L></A>", &map(&[("L", list(&["b"]))]));
        check(r#"{"A": {"L": ["b"]}}"#, &map(&[("L", list(&["b"]))]));
    }

    #[test]
    fn a_name_that_comes_back_becomes_a_list_beside_the_others() {
        let keys = Tree::List(vec![leaf("2"), leaf("1")]);
        let expected = map(&[("Contents", keys), ("Name", leaf("b"))]);
        check("<A><Contents>2</Contents><Name>b</Name><Contents>1</Contents></A>", &expected);
    }

    #[test]
    fn a_member_beside_other_names_is_a_name_like_any() {
        let expected = map(&[("B", leaf("1")), ("member", leaf("2"))]);
        check("<A><member>2</member><B>1</B></A>", &expected);
    }

    #[test]
    fn an_empty_element_is_empty_text() {
        check("<A><B/></A>", &map(&[("B", leaf(""))]));
        check("<A/>", &leaf(""));
    }

    #[test]
    fn an_inventory_is_shown_by_its_kind_and_an_empty_one_as_such() {
        let users = "<R><Users><member><UserName>ada</UserName></member></Users><Roles/></R>";
        check(users, &map(&[("Roles", leaf("")), ("Users", leaf("<users>"))]));
    }

    #[test]
    fn the_listing_of_a_bucket_shows_whether_there_are_objects_and_not_which() {
        let listing =
            |objects: &str| format!("<ListBucketResult><Name>b</Name>{objects}</ListBucketResult>");
        let some = "<KeyCount>1</KeyCount><IsTruncated>true</IsTruncated>\
                    <Contents><Key>a</Key></Contents><Contents><Key>b</Key></Contents>";
        check(&listing(some), &map(&[("Contents", leaf("<objects>")), ("Name", leaf("b"))]));
        check(&listing("<KeyCount>0</KeyCount>"), &map(&[("Name", leaf("b"))]));
    }
}
