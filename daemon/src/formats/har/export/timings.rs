//! The phases of an exchange as HAR divides them.

use crate::formats::json::Json;
use std::io::{self, Write};
use waylay_storage::model::Timings;

/// Microseconds each; `None` where it is not known or was never reached. `ssl` lies within `connect`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Phases {
    blocked: Option<i64>,
    dns: Option<i64>,
    connect: Option<i64>,
    ssl: Option<i64>,
    send: Option<i64>,
    wait: Option<i64>,
    receive: Option<i64>,
}

impl Phases {
    /// What a request spent in being sent is part of `wait`: it is not measured apart.
    pub(super) fn of(t: &Timings) -> Self {
        let connect = match (t.connect_us, t.tls_us) {
            (None, None) => None,
            (tcp, tls) => Some(tcp.unwrap_or(0) + tls.unwrap_or(0)),
        };
        let dialled = t.dns_us.unwrap_or(0) + connect.unwrap_or(0);
        // It ended in the phase that it never left.
        let after = |from: i64, to: Option<i64>| to.or(t.end_us).map(|to| (to - from).max(0));
        Self {
            blocked: t.ready_us.or(t.end_us).map(|ready| (ready - dialled).max(0)),
            dns: t.dns_us,
            connect,
            ssl: t.tls_us,
            send: t.ready_us.map(|_| 0),
            wait: t.ready_us.and_then(|ready| after(ready, t.head_us)),
            receive: t.ready_us.and(t.head_us).and_then(|head| after(head, None)),
        }
    }

    /// All of it: what is known, `ssl` not counted twice.
    pub(super) fn total(&self) -> i64 {
        let phases = [self.blocked, self.dns, self.connect, self.send, self.wait, self.receive];
        phases.into_iter().flatten().sum()
    }

    pub(super) fn write(&self, json: &mut Json<impl Write>) -> io::Result<()> {
        json.key("timings")?;
        json.begin('{')?;
        json.milliseconds("blocked", self.blocked)?;
        json.milliseconds("dns", self.dns)?;
        json.milliseconds("connect", self.connect)?;
        json.milliseconds("ssl", self.ssl)?;
        json.milliseconds("send", self.send)?;
        json.milliseconds("wait", self.wait)?;
        json.milliseconds("receive", self.receive)?;
        json.end('}')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(ready_us: Option<i64>, head_us: Option<i64>, end_us: Option<i64>, dial: Option<(i64, i64, i64)>) -> Phases {
        let [dns_us, connect_us, tls_us] =
            dial.map_or([None; 3], |(dns, connect, tls)| [Some(dns), Some(connect), Some(tls)]);
        Phases::of(&Timings { ready_us, head_us, end_us, dns_us, connect_us, tls_us })
    }

    #[test]
    fn the_phases_add_up() {
        let first = of(Some(100), Some(300), Some(350), Some((10, 20, 30)));
        assert_eq!((first.blocked, first.connect, first.ssl), (Some(40), Some(50), Some(30)));
        assert_eq!((first.send, first.wait, first.receive, first.total()), (Some(0), Some(200), Some(50), 350));
        let reused = of(Some(5), Some(300), Some(350), None);
        assert_eq!((reused.blocked, reused.dns, reused.connect, reused.total()), (Some(5), None, None, 350));
        let refused = of(None, None, Some(70), Some((10, 20, 0)));
        assert_eq!((refused.blocked, refused.send, refused.wait, refused.total()), (Some(40), None, None, 70));
        let silent = of(Some(5), None, Some(70), None);
        assert_eq!((silent.wait, silent.receive, silent.total()), (Some(65), None, 70));
        assert_eq!(of(None, None, None, None), Phases::default(), "under way");
        assert_eq!(of(Some(10), Some(5), Some(1), Some((50, 50, 50))).total(), 150, "a clock that jumped");
    }
}
