//! What the generator runs on, and how much of it the run took. Only Linux reports it.

use std::fs;

use stspec_measure::{CpuShare, Machine};

/// How many microseconds one tick of the kernel's accounting is.
///
/// Source: proc(5): times are in clock ticks, of which Linux shows 100 a second on every architecture.
const TICK_US: u64 = 10_000;

/// Shortest time that shares of the processor are told of, in microseconds: one in which a tick more or less is 2 %
/// of a core.
const WALL_US_MIN: u64 = 50 * TICK_US;

/// The beginning of the names of threads that belong to the embedded reference.
pub const REFERENCE_THREAD: &str = "reference";

/// Processor time used so far, in microseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CpuTimes {
    process: Option<u64>,
    reference: u64,
    machine: Option<u64>,
}

impl CpuTimes {
    /// What was used up to this moment.
    #[must_use]
    pub fn now() -> Self {
        let process = fs::read_to_string("/proc/self/stat").ok();
        let machine = fs::read_to_string("/proc/stat").ok();
        Self {
            process: process.as_deref().and_then(stat).map(|(_, time_us)| time_us),
            reference: of_threads(REFERENCE_THREAD),
            machine: machine.as_deref().and_then(busy_us),
        }
    }

    /// What was used since then, of a time on the clock; `None` if the system does not report it, or if the
    /// time is so short that the ticks of its clock are too coarse.
    #[must_use]
    pub fn since(self, before: Self, wall_us: u64) -> Option<CpuShare> {
        if wall_us < WALL_US_MIN {
            return None;
        }
        let process_us = self.process?.saturating_sub(before.process?);
        let reference_us = self.reference.saturating_sub(before.reference);
        let machine_us = match (self.machine, before.machine) {
            (Some(now), Some(before)) => Some(now.saturating_sub(before)),
            _ => None,
        };
        let generator_us = process_us.saturating_sub(reference_us);
        Some(CpuShare { generator_us, reference_us, machine_us, wall_us })
    }
}

/// What the machine is.
#[must_use]
pub fn machine() -> Machine {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let information = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    Machine {
        os: std::env::consts::OS.to_owned(),
        architecture: std::env::consts::ARCH.to_owned(),
        processor: field(&information, "model name").map(str::to_owned),
        cores: u32::try_from(cores).unwrap_or(u32::MAX),
        memory_bytes: field(&memory, "MemTotal").and_then(kibibytes),
    }
}

/// Most memory that the process held so far, in bytes.
pub(crate) fn memory_bytes_max() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    field(&status, "VmHWM").and_then(kibibytes)
}

/// The memory that the process holds, in bytes.
#[must_use]
pub fn memory_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    field(&status, "VmRSS").and_then(kibibytes)
}

fn of_threads(name: &str) -> u64 {
    let Ok(threads) = fs::read_dir("/proc/self/task") else { return 0 };
    let times = threads.flatten().filter_map(|thread| {
        let text = fs::read_to_string(thread.path().join("stat")).ok()?;
        let (own, time_us) = stat(&text)?;
        own.starts_with(name).then_some(time_us)
    });
    times.sum()
}

/// Name and processor time in microseconds from a `stat` file of a process or thread.
fn stat(text: &str) -> Option<(&str, u64)> {
    // The name is in parentheses and may hold any character.
    let (before, after) = text.rsplit_once(')')?;
    let (_, name) = before.split_once('(')?;
    let mut fields = after.split_ascii_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some((name, (user + system) * TICK_US))
}

/// The time that all cores together were not idle, from `/proc/stat`.
fn busy_us(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("cpu "))?;
    let ticks: Vec<u64> = line.split_ascii_whitespace().map_while(|t| t.parse().ok()).collect();
    let [user, nice, system, _idle, _waiting, interrupts, soft, stolen, ..] = ticks.as_slice()
    else {
        return None;
    };
    Some((user + nice + system + interrupts + soft + stolen) * TICK_US)
}

/// The value of a line `name : value`.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then_some(value.trim())
    })
}

fn kibibytes(text: &str) -> Option<u64> {
    text.strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1_024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_thread_may_hold_anything() {
        let text = "7 (a) b (c)) S 1 1 1 0 -1 4194560 1 0 0 0 250 50 0 0 20 0 1 0 1 1 1";
        assert_eq!(stat(text), Some(("a) b (c)", 3_000_000)));
        assert_eq!(stat("7 (a) S 1"), None);
        assert_eq!(stat(""), None);
    }

    #[test]
    fn idle_time_is_not_busy() {
        let text = "cpu  10 20 30 40000 5000 6 7 8 0 0\ncpu0 1 1 1 1 1 1 1 1\n";
        assert_eq!(busy_us(text), Some(81 * TICK_US));
        assert_eq!(busy_us("cpu  1 2 3"), None);
    }

    #[test]
    fn sizes_are_read_in_bytes() {
        assert_eq!(field("MemTotal:   2 kB\n", "MemTotal").and_then(kibibytes), Some(2_048));
        assert_eq!(field("MemTotal: 2 kB", "Mem"), None);
        assert_eq!(kibibytes("2 MB"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn linux_tells_what_was_used() {
        let before = CpuTimes::now();
        let mut sum = 0_u64;
        while CpuTimes::now().process <= before.process {
            sum = (0..100_000).fold(sum, |sum: u64, each| sum.wrapping_mul(31).wrapping_add(each));
        }
        let now = CpuTimes::now();
        assert_eq!(now.since(before, WALL_US_MIN - 1), None, "ticks are too coarse for that");
        let share = now.since(before, WALL_US_MIN).expect("Linux tells");
        assert!(share.generator_us >= TICK_US && sum != 1, "{share:?}");
        assert!(memory_bytes_max().is_some() && machine().memory_bytes.is_some());
    }
}
