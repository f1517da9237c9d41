//! A file from the Internet, by the path that every request takes.

use super::unwritable;
use crate::{
    agent::{SendError, Watch, fetch},
    api::{
        Shared,
        error::{ApiError, shown},
    },
    content::{Codings, decode},
    data_dir,
};
use axum::http::StatusCode;
use std::{fs::File, io::Write, sync::Arc};
use waylay_storage::model::{Head, Part};

/// What is at a URL, as a file without a name; and what it is called there.
pub(super) async fn fetched(shared: &Shared, url: String) -> Result<(File, String), ApiError> {
    fetch::check(&url).map_err(|error| refused(&error))?;
    let name = name_of(&url);
    let watch = Watch::default();
    // Whoever asked and leaves wants it no more.
    let cancel = watch.cancel.clone().drop_guard();
    let agent = Arc::clone(shared.engine.agent());
    let ended = agent.asker.tasks.spawn(Arc::clone(&agent).fetch(url, watch)).await;
    let outcome = ended.map_err(|e| ApiError::internal(format!("the fetch broke off: {e}")))??;
    cancel.disarm();
    if let Some(error) = &outcome.error {
        return Err(refused(error));
    }
    let last = outcome.hops.last().ok_or_else(|| ApiError::internal("a fetch without an exchange"))?;
    if !last.status.is_some_and(|status| (200..300).contains(&status)) {
        let status = last.status.map_or_else(|| "nothing".to_owned(), |status| status.to_string());
        return Err(unfetched(format!("the answer is {status}")).hint("open the URL in a browser to see why"));
    }
    let (id, folder) = (last.id, shared.engine.settings().data_dir.clone());
    let file = shared
        .readers
        .with(move |reader| -> Result<File, ApiError> {
            let (exchange, _) = reader.exchange(id)?.ok_or_else(|| ApiError::no_exchange(&id.to_string()))?;
            let body = reader.body(id, Part::Response)?.ok_or_else(|| ApiError::no_exchange(&id.to_string()))?;
            if body.stored != body.size {
                return Err(unfetched("the file could not be kept whole".to_owned()).hint("see GET /api/v1/status"));
            }
            let head = Head::parse(&exchange.response_head);
            let codings = Codings::parse(head.values("content-encoding").map(|value| &value[..]));
            let codings = codings.map_err(|e| unfetched(e.to_string()))?;
            let decoded = decode(body, &codings, fetch::LARGEST);
            if let Some(error) = decoded.error {
                return Err(unfetched(error.to_string()));
            }
            if decoded.truncated {
                return Err(unfetched(format!("the file is larger than {} MiB", fetch::LARGEST >> 20)));
            }
            let mut file = data_dir::create_nameless(&folder).map_err(unwritable)?;
            file.write_all(&decoded.bytes).map_err(unwritable)?;
            Ok(file)
        })
        .await?;
    Ok((file, name))
}

/// The last part of the path, or the host.
fn name_of(url: &str) -> String {
    let Ok(url) = url.parse::<::url::Url>() else { return "import".to_owned() };
    let last = url.path_segments().and_then(|mut segments| segments.rfind(|segment| !segment.is_empty()));
    let name = percent_encoding::percent_decode_str(last.or(url.host_str()).unwrap_or("import")).decode_utf8_lossy();
    name.chars().filter(|c| !c.is_control()).take(50).collect()
}

fn refused(error: &SendError) -> ApiError {
    let (status, code) = match &error.stage[..] {
        "policy" => (StatusCode::BAD_REQUEST, "bad_url"),
        _ => (StatusCode::BAD_GATEWAY, "not_fetched"),
    };
    ApiError::new(status, code, error.message.clone()).hint(error.hint.clone())
}

fn unfetched(why: String) -> ApiError {
    ApiError::new(StatusCode::BAD_GATEWAY, "not_fetched", format!("the file cannot be had: {}", shown(&why)))
}
