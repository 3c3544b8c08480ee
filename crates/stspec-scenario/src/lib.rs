//! The language of stspec: rules, accounts and targets as typed values.
//!
//! Text goes in, typed values and diagnostics come out; nothing here knows HTTP or a clock.

mod model;
