//! Capturing at a steady rate, and what of the processor it takes.

use crate::traffic;
use std::{
    fs, hint,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};
use waylay_storage::{
    NewSession, Store,
    model::{RecordingRules, Source},
};

/// Exchanges per second.
const RATE: u64 = 1_000;

pub(crate) struct Cost {
    pub(crate) rate: f64,
    /// Microseconds of CPU in the writer's thread.
    pub(crate) cpu_per_exchange: f64,
    /// Likewise in the index's.
    pub(crate) index_per_exchange: f64,
}

/// Captures while `beside` runs.
pub(crate) fn run(store: &Arc<Store>, from: i64, beside: impl FnOnce()) -> Cost {
    let rules = RecordingRules::default();
    let new = NewSession { name: "load".into(), source: Source::Proxy, command: None, rules };
    let session = store.open_session(new).unwrap().id;
    let over = Arc::new(AtomicBool::new(false));
    let (ended, captured) = (Arc::clone(&over), Arc::clone(store));
    let before = [cpu("waylay-writer"), cpu("waylay-index")];
    let began = Instant::now();
    let pusher = thread::spawn(move || {
        let mut pushed: u64 = 0;
        while !ended.load(Ordering::Relaxed) {
            let due = (began.elapsed().as_secs_f64() * RATE as f64) as u64;
            while pushed < due {
                traffic::push(&captured, session, from as u64 + pushed);
                pushed += 1;
            }
            thread::sleep(Duration::from_millis(2));
        }
        pushed
    });
    beside();
    over.store(true, Ordering::Relaxed);
    let pushed = pusher.join().unwrap();
    store.flush().unwrap();
    let elapsed = began.elapsed().as_secs_f64();
    let [writer, index] = [cpu("waylay-writer") - before[0], cpu("waylay-index") - before[1]];
    let each = |cpu: Duration| cpu.as_secs_f64() * 1e6 / pushed as f64;
    Cost { rate: pushed as f64 / elapsed, cpu_per_exchange: each(writer), index_per_exchange: each(index) }
}

/// Takes a processor, and nothing else of the machine.
pub(crate) fn count_for(time: Duration) {
    let (until, mut number) = (Instant::now() + time, 0);
    while Instant::now() < until {
        for _ in 0..100_000 {
            number = hint::black_box(traffic::chance(number));
        }
    }
}

/// Takes a processor and the caches: copies more than they hold, to and fro.
pub(crate) fn copy_for(time: Duration) {
    let until = Instant::now() + time;
    let (mut one, mut other) = (vec![1_u8; 64 << 20], vec![2_u8; 64 << 20]);
    while Instant::now() < until {
        one.copy_from_slice(hint::black_box(&other));
        other.copy_from_slice(hint::black_box(&one));
    }
}

/// What the threads of this name have had of the processor, as the kernel's scheduler counts it.
pub(crate) fn cpu(name: &str) -> Duration {
    let mut sum = 0;
    for task in fs::read_dir("/proc/self/task").into_iter().flatten().flatten() {
        let read = |file: &str| fs::read_to_string(task.path().join(file)).unwrap_or_default();
        if read("comm").trim() == &name[..name.len().min(15)] {
            sum += read("schedstat").split(' ').next().and_then(|ns| ns.parse::<u64>().ok()).unwrap_or(0);
        }
    }
    Duration::from_nanos(sum)
}
