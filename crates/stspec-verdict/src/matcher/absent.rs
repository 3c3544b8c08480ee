//! `absent`: there is no value; an empty element is one.

use super::Subject;

pub(super) fn accepts(subject: &Subject<'_>) -> bool {
    subject.found.is_none()
}

pub(super) fn words() -> String {
    "absent".to_owned()
}

#[cfg(test)]
mod tests {
    use crate::Found;
    use crate::ResolvedMatcher::Absent;
    use crate::matcher::examples::{check, check_refused};
    use crate::observation::Node;

    #[test]
    fn accepts_nothing_but_nothing() {
        check(&Absent, None, true);
        check(&Absent, Some(&Found::Parent(&Node::default())), false);
        check_refused(&Absent, &["a"]);
    }

    #[test]
    fn an_empty_element_is_there() {
        check_refused(&Absent, &[""]);
    }
}
