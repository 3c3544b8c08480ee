//! Which part of a load one generator makes when several make it together.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Most generators that share a load.
///
/// Source: ours; as many as reports are merged.
pub const SHARES_MAX: u32 = 1_000;

/// One of so many equal parts of a load.
///
/// Users, starts and turns are numbered from 0 as they are in the whole load; a share has every `of`th of
/// them from number `index` on. So all shares together have each of them once, whatever the
/// shape does.
// INVARIANT: `index` is below `of`, which is from 1 to `SHARES_MAX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    index: u32,
    of: u32,
}

/// A text that names no share.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "`{text}` names no shard: write its number, counted from 0, and how many there are, as in \
     `0/4` to `3/4`; at most {SHARES_MAX}"
)]
pub struct BadShare {
    text: String,
}

impl Share {
    /// The whole load.
    pub const WHOLE: Self = Self { index: 0, of: 1 };

    /// Returns the number of this share, counted from 0.
    #[must_use]
    pub fn index(self) -> u32 {
        self.index
    }

    /// Returns how many shares there are.
    #[must_use]
    pub fn of(self) -> u32 {
        self.of
    }

    /// Returns how many of so many this share has.
    ///
    /// ```
    /// use stspec_measure::Share;
    /// let shares: [Share; 3] = ["0/3".parse()?, "1/3".parse()?, "2/3".parse()?];
    /// assert_eq!(shares.map(|share| share.part(10)), [4, 3, 3]);
    /// # Ok::<(), stspec_measure::BadShare>(())
    /// ```
    #[must_use]
    pub fn part(self, whole: u64) -> u64 {
        whole.saturating_sub(u64::from(self.index)).div_ceil(u64::from(self.of))
    }

    /// Returns the number that one of this share's, counted from 0, has in the whole load.
    #[must_use]
    pub fn number(self, own: u64) -> u64 {
        own.saturating_mul(u64::from(self.of)).saturating_add(u64::from(self.index))
    }
}

impl Default for Share {
    fn default() -> Self {
        Self::WHOLE
    }
}

impl FromStr for Share {
    type Err = BadShare;

    fn from_str(text: &str) -> Result<Self, BadShare> {
        let parts = text.split_once('/');
        let parts = parts.and_then(|(index, of)| Some((index.parse().ok()?, of.parse().ok()?)));
        parts
            .filter(|(index, of): &(u32, u32)| index < of && *of <= SHARES_MAX)
            .map(|(index, of)| Self { index, of })
            .ok_or_else(|| BadShare { text: text.to_owned() })
    }
}

impl fmt::Display for Share {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.index, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(of: u32) -> impl Iterator<Item = Share> {
        (0..of).map(move |index| Share { index, of })
    }

    #[test]
    fn the_parts_add_up_to_the_whole() {
        for (whole, of) in [(0, 3), (1, 3), (10, 1), (10, 3), (400, 7), (u64::MAX, 1_000)] {
            assert_eq!(shares(of).map(|share| share.part(whole)).sum::<u64>(), whole, "{of}");
        }
    }

    #[test]
    fn each_of_the_whole_is_in_one_share() {
        let own = |share: Share| (0..share.part(20)).map(move |own| share.number(own));
        let mut numbers: Vec<u64> = shares(3).flat_map(own).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (0..20).collect::<Vec<u64>>());
    }

    #[test]
    fn shards_are_numbered_from_0() {
        assert_eq!("3/4".parse(), Ok(Share { index: 3, of: 4 }));
        assert_eq!("0/1".parse(), Ok(Share::WHOLE));
        assert_eq!(
            "999/1000".parse::<Share>().map(|share| share.to_string()),
            Ok("999/1000".into())
        );
        for text in ["4/4", "0/0", "1", "/", "a/b", "-1/2", "0/1001", "1/2/3", ""] {
            let error = text.parse::<Share>().expect_err("no shard");
            assert!(error.to_string().contains("as in `0/4` to `3/4`"), "{text}: {error}");
        }
    }
}
