//! Whole renderings of one example run, as a newcomer would see them.

mod example;
mod json;
mod kinds;
mod load;
mod load_example;
mod secrets;
mod snapshot;
mod terminal;
