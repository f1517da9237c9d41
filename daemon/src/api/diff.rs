//! `/diff`: two exchanges compared, and what does not count.

use super::{
    Shared,
    deletions::blocking,
    error::ApiError,
    exchanges::resolve,
    input::{Params, Payload, within},
    sessions::no_session,
};
use crate::{
    compare::{BadRule, NOISE, rules::LONGEST_RULE, rules::MOST_RULES},
    replay::{
        pair::{Compared, PairError, pair},
        rules::{Kept, setting},
    },
};
use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use waylay_storage::{
    Reader,
    model::{ExchangeId, SessionId},
};

/// Longest id, bytes.
const WORD: usize = 100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DiffParams {
    /// What was.
    a: String,
    /// What is.
    b: String,
    /// More that does not count: rules, a line each.
    ignore: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct Diff {
    a: ExchangeId,
    b: ExchangeId,
    #[serde(flatten)]
    compared: Compared,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleParams {
    /// Those of a session; without it, of all.
    session: Option<i64>,
}

/// What does not count.
#[derive(Serialize)]
pub(crate) struct RulesShown {
    #[serde(flatten)]
    kept: Kept,
    /// The names that are noise where nobody says otherwise.
    usual_noise: &'static [&'static str],
}

pub(crate) async fn diff(
    State(shared): State<Shared>,
    Params(DiffParams { a, b, ignore }): Params<DiffParams>,
) -> Result<Json<Diff>, ApiError> {
    within("id", &a, WORD)?;
    within("id", &b, WORD)?;
    let ignore = ignore.unwrap_or_default();
    within("list of rules", &ignore, MOST_RULES * LONGEST_RULE)?;
    let ignore: Vec<String> = ignore.lines().filter(|rule| !rule.trim().is_empty()).map(str::to_owned).collect();
    let compare = move |reader: &Reader| {
        let (a, b) = (resolve(reader, &a)?, resolve(reader, &b)?);
        let compared = pair(reader, a, b, &ignore)?;
        Ok::<_, ApiError>(Diff { a, b, compared })
    };
    shared.readers.with(compare).await.map(Json)
}

pub(crate) async fn rules(
    State(shared): State<Shared>,
    Params(RuleParams { session }): Params<RuleParams>,
) -> Result<Json<RulesShown>, ApiError> {
    let session = session.map(SessionId);
    let kept = shared.readers.with(move |reader| {
        known(reader, session)?;
        Ok::<_, ApiError>(Kept::read(reader, session)?)
    });
    Ok(Json(RulesShown { kept: kept.await?, usual_noise: NOISE }))
}

pub(crate) async fn set_rules(
    State(shared): State<Shared>,
    Params(RuleParams { session }): Params<RuleParams>,
    Payload(kept): Payload<Kept>,
) -> Result<Json<RulesShown>, ApiError> {
    kept.check()?;
    let session = session.map(SessionId);
    shared.readers.with(move |reader| known(reader, session)).await?;
    let value = serde_json::to_value(&kept).map_err(|e| ApiError::internal(format!("rules: {e}")))?;
    blocking(&shared, move |store| store.set_setting(&setting(session), &value)).await?;
    Ok(Json(RulesShown { kept, usual_noise: NOISE }))
}

fn known(reader: &Reader, session: Option<SessionId>) -> Result<(), ApiError> {
    match session {
        Some(id) if reader.session(id)?.is_none() => Err(no_session(&id.to_string())),
        _ => Ok(()),
    }
}

impl From<BadRule> for ApiError {
    fn from(error: BadRule) -> Self {
        let hint = "rules are status, body, header:NAME, trailer:NAME and JSON paths such as $.items[*].price";
        Self::bad_request(error.to_string()).hint(hint)
    }
}

impl From<PairError> for ApiError {
    fn from(error: PairError) -> Self {
        match error {
            PairError::Rule(error) => error.into(),
            PairError::Store(error) => error.into(),
        }
    }
}
