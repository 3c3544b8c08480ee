//! The file that a Locust master wants: it declares the class of users that workers of stspec play.

use stspec_scenario::{LoadShape, Name, Profile};

use crate::error::LocustError;

/// The file with placeholders for what differs.
const TEMPLATE: &str = include_str!("locustfile.py");

/// Returns the file, in Python, with which a master commands workers that play this profile.
///
/// ```text
/// stspec load smoke --emit-locustfile > locustfile.py
/// locust -f locustfile.py --master --headless -u 10 -r 10 -t 10s --expect-workers 2
/// ```
pub fn locustfile(profile: &Profile) -> Result<String, LocustError> {
    if !matches!(profile.shape, LoadShape::Users(_)) {
        return Err(LocustError::NotCommandable { profile: profile.name.clone() });
    }
    let class = class_name(&profile.name);
    Ok(TEMPLATE.replace("PROFILE_CLASS", &class).replace("PROFILE_NAME", profile.name.as_str()))
}

/// The name of the class of users that play a profile: `mint-and-use` → `MintAndUseUser`.
pub(crate) fn class_name(name: &Name) -> String {
    let words = name.as_str().split('-').map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    });
    let class: String = words.chain(["User".to_owned()]).collect();
    // No class of Python begins with a digit.
    if class.starts_with(|letter: char| letter.is_ascii_digit()) {
        format!("Profile{class}")
    } else {
        class
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, class: &str) {
        assert_eq!(class_name(&Name::parse(name).unwrap()), class);
    }

    #[test]
    fn a_class_is_named_after_its_profile() {
        check("smoke", "SmokeUser");
        check("mint-and-use", "MintAndUseUser");
        check("none", "NoneUser");
        check("2-users", "Profile2UsersUser");
    }

    #[test]
    fn no_placeholder_stays() {
        assert!(TEMPLATE.contains("class PROFILE_CLASS(User)"));
        assert!(TEMPLATE.contains("PROFILE_NAME"));
        assert_eq!(
            TEMPLATE.matches("PROFILE_").count(),
            TEMPLATE.matches("PROFILE_CLASS").count() + TEMPLATE.matches("PROFILE_NAME").count()
        );
    }
}
