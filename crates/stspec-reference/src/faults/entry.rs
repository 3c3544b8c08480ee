//! One deliberate mistake: its name, its sentence and its edit.

use crate::parts::Parts;

/// One deliberate mistake.
pub(super) struct Entry {
    /// The name, as rules and the command line write it.
    pub(super) name: &'static str,
    /// What is wrong under it, in one sentence.
    pub(super) says: &'static str,
    /// How the parts of an honest server are edited.
    pub(super) edit: fn(&mut Parts),
}

/// The entries of one file: name, sentence, edit.
macro_rules! entries {
    ($($name:literal, $says:literal, $edit:expr;)+) => {
        /// The mistakes of this file.
        pub(in crate::faults) const ENTRIES: &[crate::faults::entry::Entry] =
            &[$(crate::faults::entry::Entry { name: $name, says: $says, edit: $edit }),+];
    };
}

pub(super) use entries;
