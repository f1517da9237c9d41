//! Accepting only while there is room.
//!
//! hudsucker's accept loop has no bound, and after an error goes straight on to the next one. But it does nothing unless
//! it is polled.

use super::clients::Clients;
use crate::platform;
use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
    time::Duration,
};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// Pause after descriptors ran out in spite of all.
const EXHAUSTED: Duration = Duration::from_millis(50);
/// Units of tokio's budget used up before each look at the listener, of the 128 a task has: one look then accepts few
/// connections, and cannot run far beyond the bound.
const BUDGET_SPENT: usize = 112;

/// Drives `accepting`, which accepts the connections of one port, only while there is room for them.
pub async fn pace<F: Future>(accepting: F, clients: &Clients, stopping: &CancellationToken) -> F::Output {
    let mut accepting = pin!(accepting);
    loop {
        // What is to end accepts nobody any more, and must get to see that.
        while clients.is_full() && !stopping.is_cancelled() {
            let freed = clients.freed();
            if clients.is_full() {
                clients.want_room();
                stopping.run_until_cancelled(freed).await;
            }
        }
        let (mut looked, mut barren) = (false, false);
        let output = poll_fn(|cx| {
            // Every time it is woken it is asked anew whether it may look.
            if looked && !stopping.is_cancelled() && (clients.is_full() || barren) {
                return Poll::Ready(None);
            }
            for _ in 0..BUDGET_SPENT {
                // Not ready only where the budget has been spent already.
                let _ = pin!(tokio::task::coop::consume_budget()).poll(cx);
            }
            let ever = clients.ever();
            let output = accepting.as_mut().poll(cx);
            (barren, looked) = (looked && clients.ever() == ever, true);
            output.map(Some)
        });
        match output.await {
            Some(output) => return output,
            None if barren && platform::descriptors_used_up() => {
                tracing::warn!("no descriptors are left for more connections");
                clients.want_room();
                stopping.run_until_cancelled(sleep(EXHAUSTED)).await;
            }
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proxy::limits::Bounds;
    use std::sync::{Arc, Mutex};
    use tokio::sync::Semaphore;

    #[tokio::test]
    async fn nobody_is_accepted_while_it_is_full() {
        let clients = Clients::new(Bounds { head: Duration::from_secs(30), clients: 20 });
        let (waiting, inside) = (Arc::new(Semaphore::new(1000)), Arc::new(Mutex::new(Vec::new())));
        let accepting = {
            let (clients, waiting, inside) = (clients.clone(), Arc::clone(&waiting), Arc::clone(&inside));
            async move {
                loop {
                    waiting.acquire().await.unwrap().forget();
                    inside.lock().unwrap().push(clients.accepted());
                }
            }
        };
        let stopping = CancellationToken::new();
        let pacing = {
            let (clients, stopping) = (clients.clone(), stopping.clone());
            tokio::spawn(async move { pace::<_>(accepting, &clients, &stopping).await })
        };
        clients.room_wanted().await;
        let (first, most) = (clients.count(), 20 + 128 - BUDGET_SPENT);
        assert!((20..=most).contains(&first), "{first}");
        inside.lock().unwrap().clear();
        clients.room_wanted().await;
        assert!((20..=most).contains(&clients.count()), "others took their places: {}", clients.count());
        pacing.abort();
    }
}
