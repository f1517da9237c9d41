//! Waiting for what must happen, with a deadline that names what did not.

use std::{
    future::Future,
    time::{Duration, Instant},
};

/// How long anything may take before a test gives up: generous, because the machine may be busy.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// Pause between two looks.
const STEP: Duration = Duration::from_millis(10);

/// Looks again and again until `probe` finds something; panics with `what` at the deadline.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut probe: impl FnMut() -> F) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = probe().await {
            return found;
        }
        assert!(begun.elapsed() < DEADLINE, "after {DEADLINE:?}, still waiting for {what}");
        tokio::time::sleep(STEP).await;
    }
}

/// [`until`] outside of a runtime. Answers `None` at the deadline.
pub fn blocking<T>(deadline: Duration, mut probe: impl FnMut() -> Option<T>) -> Option<T> {
    let begun = Instant::now();
    loop {
        match probe() {
            Some(found) => return Some(found),
            None if begun.elapsed() >= deadline => return None,
            None => std::thread::sleep(STEP),
        }
    }
}

/// Bounds a future; panics with `what` at the deadline.
pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(DEADLINE, future).await {
        Ok(value) => value,
        Err(_) => panic!("after {DEADLINE:?}, still waiting for {what}"),
    }
}
