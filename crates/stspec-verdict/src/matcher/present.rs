//! `present`: the value exists and is not empty.

use super::Subject;
use crate::Found;

pub(super) fn accepts(subject: &Subject<'_>) -> bool {
    match subject.found {
        Some(Found::Text(text)) => !text.is_empty(),
        Some(Found::Parent(_)) => true,
        None => false,
    }
}

pub(super) fn words() -> String {
    "there and not empty".to_owned()
}

#[cfg(test)]
mod tests {
    use crate::Found;
    use crate::ResolvedMatcher::Present;
    use crate::matcher::examples::{check, check_accepted, check_refused};
    use crate::observation::Node;

    #[test]
    fn accepts_text_and_elements_with_others_inside() {
        let parent = Node { children: vec![Node::default()], ..Node::default() };
        check_accepted(&Present, &["a", " "]);
        check(&Present, Some(&Found::Parent(&parent)), true);
    }

    #[test]
    fn an_empty_element_is_not_enough() {
        check_refused(&Present, &[""]);
        check(&Present, None, false);
    }
}
