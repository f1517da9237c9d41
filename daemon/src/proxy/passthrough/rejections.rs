//! Who accepts our certificate, who rejects it, and what follows from that. Time is passed in.

use super::Client;
use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Rejections after which something follows.
pub const TIMES: usize = 3;
/// Within this time.
pub const WINDOW: Duration = Duration::from_secs(600);
/// Clients remembered; another then takes the place of one of them.
const CLIENTS: usize = 256;
/// Hosts remembered for each that it has rejected us for, or accepted; the oldest then gives way.
const HOSTS: usize = 64;

/// What a rejection means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The first of a burst.
    First,
    /// One more of them.
    More,
    /// The client accepts our certificate elsewhere, and has rejected it for this host [`TIMES`] times. Said once in a burst.
    Pins,
    /// The client has rejected our certificate [`TIMES`] times and accepted it nowhere. Said once until it accepts.
    Distrusts,
}

/// A client that most likely does not trust our CA.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distrust {
    /// Its address.
    pub address: IpAddr,
    /// The host it has rejected us for.
    pub host: String,
    /// Port of that host.
    pub port: u16,
    /// When that was noticed, microseconds since the Unix epoch.
    pub since_us: i64,
}

/// What clients have done in this run.
#[derive(Default)]
pub struct Rejections(Mutex<HashMap<Client, Known>>);

/// What one client has done.
#[derive(Default)]
struct Known {
    /// What it has accepted our certificate for, and when it last did; the latest at the end.
    accepted: VecDeque<(String, u16, Instant)>,
    bursts: VecDeque<Burst>,
    distrust: Option<Distrust>,
}

/// Rejections of one host without a pause of [`WINDOW`] and without an acceptance in between.
struct Burst {
    host: String,
    port: u16,
    /// The last [`TIMES`].
    times: VecDeque<Instant>,
    told_pins: bool,
}

impl Rejections {
    /// The client has accepted our certificate for a host, at `now`.
    pub fn accepted(&self, client: &Client, host: &str, port: u16, now: Instant) {
        let mut clients = self.lock();
        let known = known(&mut clients, client);
        known.distrust = None;
        if !known.bursts.is_empty() {
            known.bursts.retain(|b| !b.is_of(host, port));
        }
        if let Some(at) = known.accepted.iter().position(|(h, p, _)| *p == port && h == host) {
            known.accepted.remove(at);
        } else if known.accepted.len() == HOSTS {
            known.accepted.pop_front();
        }
        known.accepted.push_back((host.to_owned(), port, now));
    }

    /// Whether the client has accepted our certificate for a host at `then` or later.
    pub fn has_accepted_since(&self, client: &Client, host: &str, port: u16, then: Instant) -> bool {
        let clients = self.lock();
        let mut accepted = clients.get(client).into_iter().flat_map(|known| &known.accepted);
        accepted.any(|(h, p, at)| *p == port && h == host && *at >= then)
    }

    /// The client has rejected our certificate for a host, at `now` (and `now_us` by the wall clock).
    pub fn rejected(&self, client: &Client, host: &str, port: u16, now: Instant, now_us: i64) -> Verdict {
        let mut clients = self.lock();
        let known = known(&mut clients, client);
        known.bursts.retain(|b| b.times.back().is_some_and(|last| now.duration_since(*last) < WINDOW));
        let elsewhere = known.accepted.iter().any(|(h, ..)| h != host);
        let Some(burst) = known.bursts.iter_mut().find(|b| b.is_of(host, port)) else {
            if known.bursts.len() == HOSTS {
                known.bursts.pop_front();
            }
            let times = VecDeque::from([now]);
            known.bursts.push_back(Burst { host: host.to_owned(), port, times, told_pins: false });
            return Verdict::First;
        };
        burst.times.push_back(now);
        if burst.times.len() > TIMES {
            burst.times.pop_front();
        }
        let recent = burst.times.iter().filter(|t| now.duration_since(**t) < WINDOW).count();
        if recent < TIMES {
            return Verdict::More;
        }
        if elsewhere {
            return if std::mem::replace(&mut burst.told_pins, true) { Verdict::More } else { Verdict::Pins };
        }
        // One that has accepted only this very host trusts us, but it cannot be said that it trusts us elsewhere.
        if !known.accepted.is_empty() || known.distrust.is_some() {
            return Verdict::More;
        }
        known.distrust = Some(Distrust { address: client.address, host: host.to_owned(), port, since_us: now_us });
        Verdict::Distrusts
    }

    /// Clients that most likely do not trust our CA, the last noticed first.
    pub fn distrustful(&self) -> Vec<Distrust> {
        let mut all: Vec<_> = self.lock().values().filter_map(|known| known.distrust.clone()).collect();
        all.sort_by_key(|d| std::cmp::Reverse(d.since_us));
        all
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Client, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Burst {
    fn is_of(&self, host: &str, port: u16) -> bool {
        self.port == port && self.host == host
    }
}

fn known<'a>(clients: &'a mut HashMap<Client, Known>, client: &Client) -> &'a mut Known {
    if !clients.contains_key(client) && clients.len() >= CLIENTS {
        // What is forgotten can be earned again: it takes one request, or three rejections.
        let victim = clients.keys().next().cloned();
        victim.and_then(|victim| clients.remove(&victim));
    }
    clients.entry(client.clone()).or_default()
}

#[cfg(test)]
mod tests {
    use super::{Verdict::*, *};

    fn client(hello: u64) -> Client {
        Client { run: None, address: IpAddr::from([127, 0, 0, 1]), hello }
    }

    /// `+a` accepts host a, `-a` rejects it, `.` lets eleven minutes pass; what the rejections mean.
    fn story(steps: &str) -> Vec<Verdict> {
        let (rejections, mut now) = (Rejections::default(), Instant::now());
        let mut verdicts = Vec::new();
        for step in steps.split_whitespace() {
            match step.split_at(1) {
                ("+", host) => rejections.accepted(&client(1), host, 443, now),
                ("-", host) => verdicts.push(rejections.rejected(&client(1), host, 443, now, 1)),
                _ => now += WINDOW + Duration::from_secs(60),
            }
            now += Duration::from_secs(1);
        }
        verdicts
    }

    #[test]
    fn a_client_that_accepts_elsewhere_pins_and_one_that_accepts_nowhere_distrusts() {
        for (steps, verdicts) in [
            ("+b -a -a -a -a", vec![First, More, Pins, More]),
            ("-a -a -a -a", vec![First, More, Distrusts, More]),
            // Evidence that comes late still counts.
            ("-a -a -a +b -a", vec![First, More, Distrusts, Pins]),
            ("-a -a +b -a", vec![First, More, Pins]),
            // An acceptance of the same host says that it does not pin that host, and nothing of others.
            ("+a -a -a -a -a", vec![First, More, More, More]),
            ("+b -a -a +a -a -a -a", vec![First, More, First, More, Pins]),
            ("+b -a -a . -a -a -a", vec![First, More, First, More, Pins]),
            // A distrustful client is told of once, however many hosts it rejects.
            ("-a -a -a -b -b -b", vec![First, More, Distrusts, First, More, More]),
            ("+c -a -b -a -b -a -b", vec![First, First, More, More, Pins, Pins]),
        ] {
            assert_eq!(story(steps), verdicts, "{steps}");
        }
    }

    #[test]
    fn slow_rejections_are_no_burst_of_three() {
        let (rejections, mut now) = (Rejections::default(), Instant::now());
        rejections.accepted(&client(1), "b", 443, now);
        for _ in 0..10 {
            let verdict = rejections.rejected(&client(1), "a", 443, now, 1);
            assert!(matches!(verdict, First | More), "{verdict:?}");
            now += WINDOW / 2 + Duration::from_secs(1);
        }
    }

    #[test]
    fn clients_and_ports_are_told_apart() {
        let (rejections, now) = (Rejections::default(), Instant::now());
        rejections.accepted(&client(1), "b", 443, now);
        for _ in 0..2 {
            rejections.rejected(&client(1), "a", 443, now, 1);
        }
        assert_eq!(rejections.rejected(&client(2), "a", 443, now, 1), First);
        assert_eq!(rejections.rejected(&client(1), "a", 8443, now, 1), First);
        assert_eq!(rejections.rejected(&client(1), "a", 443, now, 1), Pins);
        for _ in 0..3 {
            rejections.rejected(&client(2), "a", 443, now, 7);
        }
        let distrust = Distrust { address: [127, 0, 0, 1].into(), host: "a".into(), port: 443, since_us: 7 };
        assert_eq!(rejections.distrustful(), [distrust]);
        rejections.accepted(&client(2), "b", 443, now);
        assert_eq!(rejections.distrustful(), []);
    }

    #[test]
    fn what_is_remembered_has_a_bound() {
        let (rejections, now) = (Rejections::default(), Instant::now());
        for n in 0..2000u64 {
            rejections.rejected(&client(n), "a", 443, now, 1);
            rejections.rejected(&client(0), &n.to_string(), 443, now, 1);
            rejections.accepted(&client(0), &n.to_string(), 443, now);
        }
        let clients = rejections.lock();
        let bounded = |k: &Known| k.bursts.len() <= HOSTS && k.accepted.len() <= HOSTS;
        assert!(clients.len() <= CLIENTS && clients.values().all(bounded));
    }

    #[test]
    fn acceptances_are_remembered_with_their_time() {
        let (rejections, now) = (Rejections::default(), Instant::now());
        let second = Duration::from_secs(1);
        rejections.accepted(&client(1), "a", 443, now);
        let since = |host, port, then| rejections.has_accepted_since(&client(1), host, port, then);
        assert!(since("a", 443, now) && !since("a", 443, now + second));
        assert!(!since("a", 8443, now) && !since("b", 443, now));
        rejections.accepted(&client(1), "a", 443, now + second);
        assert!(since("a", 443, now + second));
        assert!(!rejections.has_accepted_since(&client(2), "a", 443, now));
    }
}
