//! The members of a result.

use jiff::Timestamp;

/// The members of a result, in the order in which they are written.
pub(crate) type Members = Vec<Member>;

/// One member of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    /// The name of its element.
    pub(crate) name: &'static str,
    /// Its value.
    pub(crate) value: Value,
}

impl Member {
    /// A member with this value.
    pub(crate) fn new(name: &'static str, value: impl Into<Value>) -> Self {
        Self { name, value: value.into() }
    }

    /// A member that is a structure.
    pub(crate) fn group(name: &'static str, members: Members) -> Self {
        Self { name, value: Value::Group(members) }
    }
}

/// The value of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// Text.
    Text(String),
    /// A whole number.
    Number(i64),
    /// A point in time: ISO 8601 in XML, seconds since 1970 in JSON.
    Time(Timestamp),
    /// Members of its own.
    Group(Members),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<Timestamp> for Value {
    fn from(time: Timestamp) -> Self {
        Self::Time(time)
    }
}
