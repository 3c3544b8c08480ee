//! One exchange as it went over the wire, for `--trace`.

/// A request and what came back, neither normalised nor redacted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TracedExchange {
    /// The check that it was sent for, or `administration` and the like.
    pub about: String,
    /// When it was sent, in microseconds since the run began.
    pub at_us: u64,
    /// How long it took to the last byte, in microseconds.
    pub duration_us: u64,
    /// The HTTP method.
    pub method: String,
    /// The whole URL.
    pub url: String,
    /// Header names and values in the order in which they were sent, without those that HTTP adds.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// What came back, or why nothing did.
    pub answer: Result<TracedAnswer, String>,
}

/// An answer as it came over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TracedAnswer {
    /// The status code.
    pub status: u16,
    /// Header names in lower case, with their values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}
