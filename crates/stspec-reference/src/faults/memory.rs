//! What a mistake remembers: bounded, shared by the edits of one entry, gone with the server.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Most values that one mistake remembers.
const REMEMBERED_MAX: usize = 10_000;

/// Values by text, shared by all clones.
#[derive(Debug)]
pub(super) struct Memory<T>(Arc<Mutex<HashMap<String, T>>>);

impl<T> Clone for Memory<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: Clone> Memory<T> {
    /// A memory of nothing.
    pub(super) fn new() -> Self {
        Self(Arc::default())
    }

    /// Remembers a value, in place of an earlier one; nothing once the memory is full.
    pub(super) fn insert(&self, key: String, value: T) {
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if values.len() < REMEMBERED_MAX {
            values.insert(key, value);
        }
    }

    /// What is remembered under this key.
    pub(super) fn get(&self, key: &str) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }
}
