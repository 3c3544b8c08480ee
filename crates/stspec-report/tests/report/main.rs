//! Whole renderings of one example run, as a newcomer would see them.

mod example;
mod json;
mod kinds;
mod secrets;
mod snapshot;
mod terminal;
