//! The list of hosts whose tunnels are relayed unread, in memory. Changes hold for connections that begin after them.

use super::{Client, rejections::Rejections};
use crate::config::{Host, HostPattern};
use std::{
    collections::HashSet,
    sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};
use waylay_storage::model;
pub use waylay_storage::model::PassthroughOrigin as Origin;

/// Entries made automatically at once; more would say that the rule is wrong about somebody.
const AUTOMATIC: usize = 64;

/// One entry.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Which hosts.
    pub pattern: HostPattern,
    /// Who put it there.
    pub origin: Origin,
    /// When, microseconds since the Unix epoch.
    pub added_us: i64,
    /// Why, where nobody asked for it.
    pub automatic: Option<Automatic>,
}

/// What an entry that nobody asked for came from.
#[derive(Clone, Debug)]
pub struct Automatic {
    /// The client it holds for.
    pub client: Client,
    /// How many times it had rejected our certificate.
    pub rejections: usize,
    /// How it did so the last time: `unknown_ca`, `closed after the handshake`.
    pub how: String,
}

/// The list, and what else decides what gets onto it.
#[derive(Default)]
pub struct Passthrough {
    state: RwLock<State>,
    automatic: bool,
    /// Who rejects our certificate.
    pub rejections: Rejections,
}

#[derive(Default)]
struct State {
    listed: Vec<Listed>,
    /// Removed in this run: these do not come back by themselves.
    removed: HashSet<HostPattern>,
}

impl Passthrough {
    /// A list that begins with these entries, and gets others by itself if it is `automatic`.
    pub fn new(listed: Vec<Listed>, automatic: bool) -> Self {
        Self { state: RwLock::new(State { listed, ..State::default() }), automatic, ..Self::default() }
    }

    /// Whether hosts get onto it by themselves.
    pub fn is_automatic(&self) -> bool {
        self.automatic
    }

    /// All entries, in the order in which they were added.
    pub fn list(&self) -> Vec<Listed> {
        self.read().listed.clone()
    }

    /// Why a tunnel to this target is relayed unread, if that is known before the client has said a word.
    pub fn by_target(&self, host: &str, port: u16) -> Option<model::Passthrough> {
        self.find(&[host], port, None).map(|pattern| pattern.because(None))
    }

    /// The same once the client has sent its TLS hello.
    pub fn by_hello(&self, host: &str, port: u16, sni: Option<&str>, client: &Client) -> Option<model::Passthrough> {
        let hosts = [host, sni.unwrap_or(host)];
        self.find(&hosts, port, Some(client)).map(|listed| listed.because(sni))
    }

    fn find(&self, hosts: &[&str], port: u16, client: Option<&Client>) -> Option<Listed> {
        let state = self.read();
        if state.listed.is_empty() {
            return None;
        }
        let hosts: Vec<Host> = hosts.iter().filter_map(|host| Host::read(host)).collect();
        let meant = |listed: &&Listed| {
            let theirs = listed.automatic.as_ref().is_none_or(|a| Some(&a.client) == client);
            theirs && hosts.iter().any(|host| listed.pattern.matches(host, port))
        };
        state.listed.iter().find(meant).cloned()
    }

    /// Adds what the user asks for, at `now_us`. It takes the place of whatever the list has of this pattern.
    pub fn add(&self, pattern: HostPattern, now_us: i64) -> Listed {
        let listed = Listed { pattern, origin: Origin::User, added_us: now_us, automatic: None };
        let mut state = self.write();
        state.listed.retain(|l| l.pattern != listed.pattern);
        state.listed.push(listed.clone());
        listed
    }

    /// Adds what a client forces on us; `false` if that is switched off, has been undone before, or has become too much.
    pub fn add_automatic(&self, pattern: HostPattern, why: Automatic, now_us: i64) -> bool {
        let mut state = self.write();
        let so_far = state.listed.iter().filter(|l| l.origin == Origin::Automatic).count();
        if !self.automatic || so_far >= AUTOMATIC || state.removed.contains(&pattern) {
            return false;
        }
        let listed = Listed { pattern, origin: Origin::Automatic, added_us: now_us, automatic: Some(why) };
        state.listed.push(listed);
        true
    }

    /// Removes a pattern, whoever put it there; `false` if it is not on the list.
    pub fn remove(&self, pattern: &HostPattern) -> bool {
        let mut state = self.write();
        let before = state.listed.len();
        state.listed.retain(|l| l.pattern != *pattern);
        let found = state.listed.len() < before;
        if found {
            state.removed.insert(pattern.clone());
        }
        found
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listed {
    fn because(&self, sni: Option<&str>) -> model::Passthrough {
        model::Passthrough { pattern: self.pattern.to_string(), origin: self.origin, sni: sni.map(str::to_owned) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(hello: u64) -> Client {
        Client { run: None, address: [127, 0, 0, 1].into(), hello }
    }

    fn pattern(text: &str) -> HostPattern {
        text.parse().unwrap()
    }

    fn automatic(hello: u64) -> Automatic {
        Automatic { client: client(hello), rejections: 3, how: "unknown_ca".into() }
    }

    #[test]
    fn either_the_target_or_the_server_name_is_enough() {
        let list = Passthrough::default();
        list.add(pattern("bank.test"), 1);
        assert_eq!(list.by_target("bank.test", 443).unwrap().pattern, "bank.test");
        assert!(list.by_target("192.0.2.1", 443).is_none());
        let by_name = list.by_hello("192.0.2.1", 443, Some("BANK.test"), &client(1)).unwrap();
        assert_eq!((by_name.origin, by_name.sni.as_deref()), (Origin::User, Some("BANK.test")));
        assert!(list.by_hello("192.0.2.1", 443, Some("shop.test"), &client(1)).is_none());
        assert!(list.by_hello("192.0.2.1", 443, None, &client(1)).is_none());
    }

    #[test]
    fn what_a_client_forces_on_us_holds_for_it_alone_and_does_not_come_back() {
        let list = Passthrough::new(Vec::new(), true);
        assert!(list.add_automatic(pattern("bank.test:443"), automatic(1), 1));
        assert!(list.by_hello("bank.test", 443, None, &client(1)).is_some());
        assert!(list.by_hello("bank.test", 443, None, &client(2)).is_none(), "another client");
        assert!(list.by_target("bank.test", 443).is_none(), "nobody knows who it is yet");
        assert!(list.remove(&pattern("bank.test:443")));
        assert!(!list.remove(&pattern("bank.test:443")));
        assert!(list.by_hello("bank.test", 443, None, &client(1)).is_none());
        assert!(!list.add_automatic(pattern("bank.test:443"), automatic(1), 2), "not by itself");
        list.add(pattern("bank.test:443"), 3);
        assert!(list.by_target("bank.test", 443).is_some(), "but by the user");
        assert!(!Passthrough::new(Vec::new(), false).add_automatic(pattern("a.test"), automatic(1), 1), "switched off");
    }

    #[test]
    fn what_the_user_adds_takes_the_place_of_what_was_there() {
        let list = Passthrough::new(Vec::new(), true);
        list.add_automatic(pattern("a.test:443"), automatic(1), 1);
        list.add(pattern("a.test:443"), 2);
        list.add(pattern("a.test:443"), 3);
        let all = list.list();
        assert_eq!((all.len(), all[0].origin, all[0].added_us), (1, Origin::User, 3));
    }

    #[test]
    fn automatic_entries_have_a_bound() {
        let list = Passthrough::new(Vec::new(), true);
        let added =
            (0..200).filter(|n| list.add_automatic(pattern(&format!("h{n}.test:443")), automatic(1), 1)).count();
        assert_eq!(added, AUTOMATIC);
    }
}
