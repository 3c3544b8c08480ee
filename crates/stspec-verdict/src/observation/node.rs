//! One element of a parsed body.

/// An element of an XML body, or the value of a JSON member.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Node {
    /// Its name without a prefix; elements of JSON arrays are called `member`, as in the query
    /// protocol, and a JSON object with several members has an empty name.
    pub name: String,
    /// Its XML namespace.
    pub namespace: Option<String>,
    /// Its text, letter for letter; between the children of a parent, blanks at the ends are dropped.
    pub text: String,
    /// The elements inside it, in order.
    pub children: Vec<Node>,
}

impl Node {
    /// Returns the first child of that name.
    #[must_use]
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// Returns the child of that name at a position among its namesakes, counted from 1.
    #[must_use]
    pub fn nth(&self, name: &str, position: usize) -> Option<&Self> {
        self.children.iter().filter(|child| child.name == name).nth(position.checked_sub(1)?)
    }

    /// Returns the node at the end of a chain of names and positions.
    pub(crate) fn descend(&self, segments: &[String]) -> Option<&Self> {
        let Some((name, rest)) = segments.split_first() else { return Some(self) };
        let position = rest.first().and_then(|segment| segment.parse::<usize>().ok());
        match (position, rest.split_first()) {
            (Some(position), Some((_, rest))) => self.nth(name, position)?.descend(rest),
            _ => self.child(name)?.descend(rest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(name: &str, text: &str) -> Node {
        Node { name: name.into(), text: text.into(), ..Node::default() }
    }

    fn users() -> Node {
        let member = |name: &str| Node {
            name: "member".into(),
            children: vec![leaf("UserName", name)],
            ..Node::default()
        };
        Node { children: vec![member("ada"), leaf("other", ""), member("bob")], ..Node::default() }
    }

    #[track_caller]
    fn check(path: &str, expected: Option<&str>) {
        let segments: Vec<String> = path.split('.').map(str::to_owned).collect();
        assert_eq!(users().descend(&segments).map(|node| node.text.as_str()), expected);
    }

    #[test]
    fn a_position_counts_namesakes_from_one() {
        check("member.1.UserName", Some("ada"));
        check("member.2.UserName", Some("bob"));
    }

    #[test]
    fn without_a_position_it_is_the_first() {
        check("member.UserName", Some("ada"));
    }

    #[test]
    fn a_position_outside_of_the_list_finds_nothing() {
        check("member.0.UserName", None);
        check("member.3.UserName", None);
    }

    #[test]
    fn names_are_case_sensitive() {
        check("member.1.username", None);
    }
}
