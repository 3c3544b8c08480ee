//! What generated a load: the machine, and the processor time that it took.

/// How the generator itself fared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GeneratorRecord {
    /// The machine.
    pub machine: Machine,
    /// The version of stspec.
    pub version: String,
    /// Processor time, where the system tells.
    pub cpu: Option<CpuShare>,
    /// Most memory that the process held, in bytes, where the system tells.
    pub memory_bytes_max: Option<u64>,
}

/// Processor time of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CpuShare {
    /// What the generator used, in microseconds over all cores.
    pub generator_us: u64,
    /// What the embedded reference used within the same process, in microseconds.
    pub reference_us: u64,
    /// What all processes of the machine used together, in microseconds, where the system tells.
    pub machine_us: Option<u64>,
    /// In which time, in microseconds.
    pub wall_us: u64,
}

/// What a machine is, as far as its speed depends on it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Machine {
    /// The operating system.
    pub os: String,
    /// The architecture.
    pub architecture: String,
    /// The processor's model, where the system tells.
    pub processor: Option<String>,
    /// How many cores the process may use.
    pub cores: u32,
    /// Its memory in bytes, where the system tells.
    pub memory_bytes: Option<u64>,
}
