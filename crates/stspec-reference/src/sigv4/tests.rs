//! What the verifier accepts and refuses, shown with requests that AWS's own signer signed.

mod documented;
mod examples;
mod properties;
mod signer;
mod suite;
