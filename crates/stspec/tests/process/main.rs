//! stspec as processes: what its commands say, write and end with, and what they leave behind.
//!
//! All of it is one program, so that a test finds [`client`] to ask with, [`folders`] to run in,
//! [`emulator`] to run against and [`wiretap`] to listen with.

mod client;
mod emulator;
mod folders;
mod wiretap;

mod aws;
mod catalog;
mod cli;
mod doctor;
mod load_ending;
mod load_reports;
mod many;
mod matrix;
mod reports;
mod sdk;
mod secrets;
mod serve;
mod sweep;
mod unsteady;
