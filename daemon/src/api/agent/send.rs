//! `/agent/send`: requests that pages hand over. Each goes the way of all, within what the user has allowed the page.

use super::{
    super::{
        Shared,
        error::{ApiError, shown},
        guard::visit::Visit,
        input::{Payload, Segment},
        send::{
            FIELDS, bounded,
            stream::{Telling, stream},
        },
    },
    upload,
};
use crate::{
    agent::{Lent, Order},
    engine::Pairing,
    request::{Draft, draft::Body},
};
use axum::{
    Extension,
    extract::{Request, State},
    http::{StatusCode, header},
    response::Response,
};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};

/// How files that come with a request are named: as none of the user's can be, should the user send it again.
const LENT: &str = ".page:";

/// What a page asks for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    request: Draft,
    /// Values for this request.
    #[serde(default)]
    variables: BTreeMap<String, String>,
    /// Whether the bytes of the answer are wanted.
    #[serde(default = "yes")]
    body: bool,
    /// Whether content codings are undone.
    #[serde(default = "yes")]
    decode: bool,
}

fn yes() -> bool {
    true
}

pub(crate) async fn send(
    State(shared): State<Shared>,
    Extension(visit): Extension<Visit>,
    request: Request,
) -> Result<Response, ApiError> {
    let pairing = visit.pairing()?.clone();
    let turn = pairing.turn().ok_or_else(|| {
        let message = "this page has too many requests under way";
        ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "busy", message).hint("wait until some are over, or cancel them")
    })?;
    let is_multipart = request.headers().get(header::CONTENT_TYPE).and_then(|v| upload::boundary(v.as_bytes()));
    let (asked, files, room) = match is_multipart {
        Some(boundary) => {
            let received = pairing.gone().run_until_cancelled(upload::receive(&shared, request, &boundary)).await;
            let received = received.ok_or_else(|| ApiError::forbidden("this page is not paired any more"))??;
            (received.asked, received.files, Some(received.room))
        }
        None => (Payload::read_within(request, upload::LONGEST).await?.0, HashMap::new(), None),
    };
    let (body, decode) = (asked.body, asked.decode);
    let order = order(&pairing, asked, files)?;
    shared.engine.pairings().used(&pairing);
    Ok(stream(shared, order, Telling { body, decode, page: Some(pairing), turns: (Some(turn), room) }))
}

/// `POST /agent/sends/{id}/cancel`
pub(crate) async fn cancel(Extension(visit): Extension<Visit>, Segment(id): Segment) -> Result<StatusCode, ApiError> {
    let pairing = visit.pairing()?;
    if id.parse().is_ok_and(|id| pairing.cancel(id)) {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(ApiError::not_found(format!("this page has no send {} under way", shown(&id))).hint("it may be over"))
}

fn order(pairing: &Pairing, asked: Asked, files: HashMap<String, Lent>) -> Result<Order, ApiError> {
    let Asked { mut request, variables, .. } = asked;
    bounded(&request)?;
    if variables.len() > FIELDS {
        return Err(ApiError::bad_request(format!("there are {} variables; {FIELDS} are allowed", variables.len())));
    }
    lend(&mut request.body);
    let files = files.into_iter().map(|(name, file)| (format!("{LENT}{name}"), file)).collect();
    Ok(Order::of_page(request, variables, pairing.guest(files)))
}

/// Names the files of a body as those that came with it.
fn lend(body: &mut Body) {
    let lent = |src: &mut String| *src = format!("{LENT}{src}");
    match body {
        Body::File { src } if !src.is_empty() => lent(src),
        Body::Formdata { formdata } => {
            formdata.iter_mut().flat_map(|part| part.src.iter_mut().flatten()).for_each(lent)
        }
        _ => {}
    }
}
