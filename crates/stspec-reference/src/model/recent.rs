//! What was looked up lately, kept within a bound.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

/// Values by the text that they were made from, shared by all connections.
///
/// Bounded: when the younger generation is full it becomes the older one, which is dropped. A value
/// that is still in use moves up again, so the busy ones stay. A value follows from its text alone,
/// so none is ever out of date.
pub(crate) struct Recent<V> {
    generation_max: usize,
    generations: RwLock<Generations<V>>,
}

struct Generations<V> {
    young: HashMap<Box<str>, V>,
    old: HashMap<Box<str>, V>,
}

impl<V: Clone> Recent<V> {
    /// Keeps two generations of this many values.
    pub(crate) fn new(generation_max: usize) -> Self {
        let generations = Generations { young: HashMap::new(), old: HashMap::new() };
        Self { generation_max, generations: RwLock::new(generations) }
    }

    /// The value of this text, kept or made now; what can't be made is not kept.
    pub(crate) fn get_or_make<E>(
        &self,
        text: &str,
        make: impl FnOnce(&str) -> Result<V, E>,
    ) -> Result<V, E> {
        let old = {
            let generations = self.generations.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(value) = generations.young.get(text) {
                return Ok(value.clone());
            }
            generations.old.get(text).cloned()
        };
        let value = match old {
            Some(value) => value,
            None => make(text)?,
        };
        let mut generations = self.generations.write().unwrap_or_else(PoisonError::into_inner);
        if generations.young.len() >= self.generation_max {
            generations.old = std::mem::take(&mut generations.young);
        }
        generations.young.insert(text.into(), value.clone());
        Ok(value)
    }

    /// How many values are kept.
    #[cfg(test)]
    fn len(&self) -> usize {
        let generations = self.generations.read().unwrap_or_else(PoisonError::into_inner);
        generations.young.len() + generations.old.len()
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    #[test]
    fn a_value_is_made_once_while_it_is_used() {
        let recent = Recent::new(4);
        let mut made = 0;
        for number in 0..100 {
            let busy: Result<usize, Infallible> = recent.get_or_make("busy", |text| {
                made += 1;
                Ok(text.len())
            });
            assert_eq!(busy, Ok(4));
            let text = number.to_string();
            assert_eq!(recent.get_or_make(&text, str::parse), Ok(number));
            assert!(recent.len() <= 8);
        }
        assert_eq!(made, 1);
    }

    #[test]
    fn what_cannot_be_made_is_tried_again() {
        let recent = Recent::new(1);
        assert_eq!(recent.get_or_make("a", |_| Err("no")), Err("no"));
        assert_eq!(recent.get_or_make("a", |_| Ok::<_, &str>(1)), Ok(1));
        assert_eq!(recent.len(), 1);
    }
}
