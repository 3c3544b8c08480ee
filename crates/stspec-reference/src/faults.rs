//! The deliberate mistakes that a reference server can be told to make.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use crate::parts::Parts;

/// A set of faults; empty for an honest server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults(BTreeSet<Fault>);

impl Faults {
    /// No faults at all.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Whether the server makes this mistake.
    #[must_use]
    pub fn has(&self, fault: Fault) -> bool {
        self.0.contains(&fault)
    }

    /// The faults, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = Fault> {
        self.0.iter().copied()
    }
}

/// A name that no fault has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown fault `{name}`; the nearest is `{nearest}`, and `stspec list faults` shows all")]
pub struct UnknownFault {
    /// The name that was asked for.
    pub name: String,
    /// The most similar name there is.
    pub nearest: &'static str,
}

impl FromIterator<Fault> for Faults {
    fn from_iter<I: IntoIterator<Item = Fault>>(faults: I) -> Self {
        Self(faults.into_iter().collect())
    }
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self::from_iter([fault])
    }
}

impl Fault {
    /// What is wrong under this fault, in one sentence.
    ///
    /// # Panics
    ///
    /// If the fault has no entry, which a test of this file excludes.
    #[must_use]
    pub fn says(self) -> &'static str {
        let mut entries = ENTRIES.iter().copied().flatten();
        entries.find(|entry| entry.name == self.name()).expect("every fault has an entry").says
    }

    /// Whether the fault answers without looking at the request, as a stub would.
    #[must_use]
    pub fn is_null(self) -> bool {
        self.name().starts_with("null-")
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(name: &str) -> Result<Self, UnknownFault> {
        if let Some(fault) = Self::ALL.iter().find(|fault| fault.name() == name) {
            return Ok(*fault);
        }
        let distance = |fault: &&Fault| strsim::damerau_levenshtein(name, fault.name());
        let nearest = Self::ALL.iter().min_by_key(distance).map_or("", |fault| fault.name());
        Err(UnknownFault { name: name.to_owned(), nearest })
    }
}

macro_rules! faults {
    ($($variant:ident, $name:literal;)+) => {
        /// One deliberate mistake, made at the place where the rule is enforced.
        ///
        /// A fault changes what it says and nothing else.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Fault {
            $(#[doc = $name] $variant,)+
        }

        impl Fault {
            /// Every fault, sorted by name.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name in kebab-case, as rules and the command line write it.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
    };
}

mod table;

mod authentication;
mod bucket_policies;
mod context_keys;
mod credentials;
mod denials;
mod duration;
mod edit;
mod entry;
mod forms;
mod get_caller_identity;
mod get_federation_token;
mod iam;
mod memory;
mod null_servers;
mod other_operations;
mod packed_size;
mod policies;
mod remembering;
mod session_parameters;
mod sts_answers;
mod sts_requests;
mod violations;

pub use self::table::Fault;

use entry::Entry;

/// The entries of every file, in the order of the floors that they edit.
const ENTRIES: &[&[Entry]] = &[
    authentication::ENTRIES,
    bucket_policies::ENTRIES,
    context_keys::ENTRIES,
    credentials::ENTRIES,
    denials::ENTRIES,
    duration::ENTRIES,
    forms::ENTRIES,
    get_caller_identity::ENTRIES,
    get_federation_token::ENTRIES,
    iam::ENTRIES,
    null_servers::ENTRIES,
    other_operations::ENTRIES,
    packed_size::ENTRIES,
    policies::issuer_policy::ENTRIES,
    policies::minting::ENTRIES,
    policies::resource_policy::ENTRIES,
    policies::session_policy::ENTRIES,
    policies::tagging::ENTRIES,
    remembering::ENTRIES,
    session_parameters::ENTRIES,
    sts_answers::ENTRIES,
    sts_requests::ENTRIES,
    violations::ENTRIES,
];

/// Edits the parts of a server so that it makes these mistakes.
pub(crate) fn install(faults: &Faults, parts: &mut Parts) {
    for entry in ENTRIES.iter().copied().flatten() {
        if faults.iter().any(|fault| fault.name() == entry.name) {
            (entry.edit)(parts);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_sorted_and_their_names_unique() {
        let names: Vec<&str> = Fault::ALL.iter().map(|fault| fault.name()).collect();
        assert!(names.is_sorted_by(|a, b| a < b), "{names:?}");
        assert!(Fault::ALL.is_sorted(), "the order of the enum is the order of the names");
    }

    #[test]
    fn a_name_is_its_variant_in_kebab_case() {
        for fault in Fault::ALL {
            let pascal: String = fault
                .name()
                .split('-')
                .flat_map(|word| {
                    let (first, rest) = word.split_at(1);
                    [first.to_uppercase(), rest.to_owned()]
                })
                .collect();
            assert_eq!(format!("{fault:?}"), pascal);
        }
    }

    #[test]
    fn every_fault_says_one_sentence_of_its_own() {
        let sentences: BTreeSet<&str> = Fault::ALL.iter().map(|fault| fault.says()).collect();
        assert_eq!(sentences.len(), Fault::ALL.len());
        for says in sentences {
            assert!(says.ends_with('.') && says.len() > 20, "{says}");
            assert!(says.starts_with(char::is_uppercase), "{says}");
        }
    }

    #[test]
    fn every_fault_has_one_entry_and_every_entry_a_fault() {
        let mut entries: Vec<&str> =
            ENTRIES.iter().copied().flatten().map(|entry| entry.name).collect();
        entries.sort_unstable();
        let names: Vec<&str> = Fault::ALL.iter().map(|fault| fault.name()).collect();
        assert_eq!(entries, names);
    }

    #[test]
    fn every_name_parses_back() {
        for fault in Fault::ALL {
            assert_eq!(fault.name().parse(), Ok(*fault));
        }
    }

    #[test]
    fn a_misspelt_name_is_answered_with_the_nearest() {
        let error = "duration-minimum-ignord".parse::<Fault>().unwrap_err();
        assert!(error.to_string().contains("`duration-minimum-ignored`"), "{error}");
    }

    #[test]
    fn exactly_the_null_servers_are_null() {
        assert!(Fault::NullEcho.is_null());
        assert!(!Fault::UnsignedAccepted.is_null());
        assert_eq!(Fault::ALL.iter().filter(|fault| fault.is_null()).count(), 10);
    }
}
