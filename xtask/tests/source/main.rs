//! Facts about the source of every crate, read with a parser.
//!
//! Each file holds one analyser, its examples, and a test that runs it over the workspace. Start at
//! [`modules`], which reads a crate into a tree of modules.

mod circles;
mod fault_names;
mod floors;
mod modules;
mod references;
mod sizes;
mod words;
mod workspace;
