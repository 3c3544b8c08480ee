//! The started server over real sockets, asked by AWS's own signer.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod client;

mod authentication;
mod control;
mod explaining;
mod faults;
mod minting;
mod objects;
mod regions;
mod revision;
mod robustness;
mod roles;
mod seed;
mod session_faults;
mod sessions;
mod steadiness;
mod wire;
