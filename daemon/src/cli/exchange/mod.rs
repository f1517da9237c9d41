//! Commands on captured exchanges. All but `rm` and `resend` read the store themselves, with and without a daemon.
//!
//! - `list`, `tail`: newest ones, and those that come; `follow`: which are new or have changed
//! - `show`: all about one; `sections`: its text; `masked`: secrets in header fields; `messages`: what was said in it
//! - `body`: its bytes
//! - `rm`: deletes them
//! - `resend`: sends it again; `changes`: what is changed about the request

mod body;
mod changes;
#[cfg(test)]
mod fixture;
mod follow;
mod list;
mod masked;
mod messages;
mod resend;
mod rm;
mod sections;
mod show;
mod tail;

pub use body::BodyArgs;
pub(super) use body::body;
pub use changes::HeaderChange;
pub use list::LsArgs;
pub(super) use list::ls;
pub(super) use masked::masked;
pub use resend::ResendArgs;
pub(super) use resend::resend;
pub use rm::RmArgs;
pub(super) use rm::{explain, rm, told};
pub use show::ShowArgs;
pub(super) use show::show;
pub use tail::TailArgs;
pub(super) use tail::tail;

use super::{
    Context,
    report::{Exit, Report},
};
use waylay_storage::{
    Filter, ListQuery, Reader, StoreError,
    model::{ExchangeId, SessionId, Summary},
};

/// What a list is limited to.
const NEWEST: usize = 50;

pub(super) fn reader(context: &Context) -> Result<Reader, Report> {
    context.data.check()?;
    Ok(Reader::open(context.data.path())?)
}

/// Reads the words of a filter as one filter.
pub(super) fn filter(words: &[String]) -> Result<Filter, Report> {
    let text = words.join(" ");
    Filter::parse(&text).map_err(|error| {
        let (offset, length) = (error.offset, error.length);
        Report::from(error).pointing(&text, offset, length)
    })
}

/// The exchange that is meant by what someone typed.
pub(super) fn resolve(reader: &Reader, text: &str) -> Result<ExchangeId, Report> {
    match reader.resolve(text) {
        Ok(Some(id)) => Ok(id),
        Ok(None) if text == "@last" => Err(Report::new(Exit::NOT_FOUND, "nothing has been captured yet")
            .advise("Try `waylay run -- curl https://example.com`.")),
        Ok(None) | Err(StoreError::BadId(_)) => Err(unknown(reader, text)?),
        Err(error) => Err(error.into()),
    }
}

/// There is no such exchange; the nearest one is offered.
fn unknown(reader: &Reader, text: &str) -> Result<Report, Report> {
    let report = Report::new(Exit::NOT_FOUND, format!("there is no exchange '{text}'"));
    let session = text.split('.').next().and_then(|session| session.parse::<SessionId>().ok());
    let newest_of = |filter: &str| -> Result<Option<Summary>, Report> {
        let query = ListQuery { filter: Filter::parse(filter)?, limit: 1, ..ListQuery::default() };
        Ok(reader.list(&query)?.items.pop())
    };
    if let Some(session) = session
        && let Some(newest) = newest_of(&format!("session:{session}"))?
    {
        return Ok(report.advise(format!("The newest of session {session} is {}.", newest.id)));
    }
    Ok(match newest_of("")? {
        Some(newest) => report.advise(format!("The newest is {0}: type {0} or @last, or see `waylay ls`.", newest.id)),
        None => report.advise("Nothing has been captured yet."),
    })
}

#[cfg(test)]
mod tests {
    use super::{fixture::Fixture, *};

    #[test]
    fn an_id_that_does_not_exist_is_answered_with_the_nearest() {
        let fixture = Fixture::new();
        let advice = |text: &str| {
            let report = resolve(&fixture.reader, text).unwrap_err();
            assert_eq!(report.exit(), Exit::NOT_FOUND);
            let mut line = Vec::new();
            report.write(false, &mut line).unwrap();
            String::from_utf8(line).unwrap()
        };
        assert!(advice("@last").contains("nothing has been captured yet"));
        assert!(advice("1.1").contains("Nothing has been captured yet"));
        fixture.done(3, 200);
        let session = fixture.session.id;
        assert_eq!(resolve(&fixture.reader, "@last").unwrap().number, 3);
        assert!(advice(&format!("{session}.9")).contains(&format!("The newest of session {session} is {session}.3")));
        assert!(advice("99.1").contains(&format!("The newest is {session}.3")));
        assert!(advice("last").contains("@last"));
    }
}
