//! The reference STS, IAM and S3 server that stspec checks by default.

mod answer;
mod caller;
mod request;
