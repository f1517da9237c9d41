//! What a process uses, as Linux tells it under `/proc` (proc(5)).

use std::{
    collections::HashMap,
    fmt, fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// Counts the CPU time of a process: user and system, all threads, in nanoseconds as the scheduler counts them.
pub struct Cpu {
    pid: u32,
    threads: HashMap<String, u64>,
    used: u64,
}

impl Cpu {
    /// Counts from now on.
    pub fn new(pid: u32) -> Self {
        let mut cpu = Self { pid, threads: HashMap::new(), used: 0 };
        cpu.used();
        cpu.used = 0;
        cpu
    }

    /// Used since the count began. What a thread used between the last look and its end is not in it.
    pub fn used(&mut self) -> Duration {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.pid)).expect("a process on Linux");
        let now: HashMap<String, u64> = tasks.flatten().filter_map(|t| of_thread(&t.path())).collect();
        for (thread, used) in &now {
            self.used += used - self.threads.get(thread).copied().unwrap_or(0).min(*used);
        }
        self.threads = now;
        Duration::from_nanos(self.used)
    }
}

/// The id of a thread and its time on a CPU; `None` if it has just ended.
fn of_thread(task: &Path) -> Option<(String, u64)> {
    let text = fs::read_to_string(task.join("schedstat")).ok()?;
    let used = text.split(' ').next()?.parse().ok()?;
    Some((task.file_name()?.to_str()?.to_owned(), used))
}

/// What a process occupies.
#[derive(Clone, Copy, Debug)]
pub struct Occupied {
    /// Resident memory in KiB.
    pub resident: u64,
    /// Of it, what is not mapped from files, such as the program itself, in KiB.
    pub own: u64,
    /// The most there ever was, in KiB.
    pub peak: u64,
    /// Open descriptors.
    pub descriptors: usize,
    /// Those of them that are sockets.
    pub sockets: usize,
    /// Threads.
    pub threads: u64,
}

impl Occupied {
    /// As it is now; `None` if the process is gone.
    pub fn by(pid: u32) -> Option<Self> {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let field = |name: &str| {
            let line = status.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix(':'))?;
            line.split_whitespace().next()?.parse().ok()
        };
        let open: Vec<_> = fs::read_dir(format!("/proc/{pid}/fd")).ok()?.flatten().collect();
        let is_socket = |to: PathBuf| to.as_os_str().as_encoded_bytes().starts_with(b"socket:");
        Some(Self {
            resident: field("VmRSS")?,
            own: field("RssAnon")?,
            peak: field("VmHWM")?,
            descriptors: open.len(),
            sockets: open.iter().filter(|fd| fs::read_link(fd.path()).is_ok_and(is_socket)).count(),
            threads: field("Threads")?,
        })
    }
}

impl fmt::Display for Occupied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { resident, peak, descriptors, threads, .. } = self;
        let mib = |kib: &u64| *kib as f64 / 1024.;
        write!(f, "{:>6.1} MiB (most {:.1}), {descriptors:>4} descriptors, {threads} threads", mib(resident), mib(peak))
    }
}
