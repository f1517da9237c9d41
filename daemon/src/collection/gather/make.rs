//! The requests, folders and examples of a plan.

use super::{
    AuthChoice, GatherError, Options,
    call::Call,
    plan::{Branch, Plan, Planned},
};
use crate::{
    collection::{Folder, Item, Saved, captured, endpoints::segments, endpoints::template::is_variable},
    request::{
        Draft, auth,
        draft::{Auth, Field},
        variables::has_reference,
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use waylay_storage::{Reader, model::Exchange};

/// Makes all of it.
///
/// # Errors
/// [`GatherError`].
pub fn items(reader: &Reader, plan: &Plan, options: &Options) -> Result<Vec<Item>, GatherError> {
    inside(reader, plan, options, &plan.tree)
}

fn inside(reader: &Reader, plan: &Plan, options: &Options, branches: &[Branch]) -> Result<Vec<Item>, GatherError> {
    let make = |branch: &Branch| match branch {
        Branch::Folder(name, inner) => {
            let items = inside(reader, plan, options, inner)?;
            Ok(Item::Folder(Folder { name: name.clone(), items, ..Folder::default() }))
        }
        Branch::Request(at) => request(reader, plan, options, &plan.requests[*at]).map(Item::Request),
    };
    branches.iter().map(make).collect()
}

fn request(reader: &Reader, plan: &Plan, options: &Options, planned: &Planned) -> Result<Saved, GatherError> {
    let first = &plan.calls.all[planned.calls[0]];
    let exchange = whole(reader, first)?;
    let mut request = kept(plan, options, captured::draft(reader, &exchange)?, &exchange, first);
    let template = &plan.endpoints[planned.endpoint].template;
    if options.merge {
        with_path_variables(&mut request, &first.path, template);
    }
    let mut saved = Saved { name: planned.name.clone(), request, from: Some(first.id.to_string()), ..Saved::default() };
    let several = planned.examples.len() > 1 && template.split('/').any(is_variable);
    for at in &planned.examples {
        let call = &plan.calls.all[*at];
        let exchange = whole(reader, call)?;
        let asked = kept(plan, options, captured::draft(reader, &exchange)?, &exchange, call);
        let Some(mut example) = captured::example(reader, &exchange, &asked)? else { continue };
        if several {
            example.name = format!("{} {}", example.name, call.path.chars().take(200).collect::<String>());
        }
        saved.examples.push(example);
    }
    Ok(saved)
}

fn whole(reader: &Reader, call: &Call) -> Result<Exchange, GatherError> {
    let (exchange, _) = reader.exchange(call.id)?.ok_or(GatherError::Gone(call.id))?;
    Ok(exchange)
}

/// A captured request with the variables that were chosen.
fn kept(plan: &Plan, options: &Options, mut draft: Draft, exchange: &Exchange, call: &Call) -> Draft {
    match options.auth {
        AuthChoice::Keep => as_field(&mut draft, exchange),
        AuthChoice::Helper => as_auth(&mut draft),
        AuthChoice::Variable => {
            as_auth(&mut draft);
            plan.names.hide(&mut draft);
        }
    }
    if let Some(base) = plan.names.reference("baseUrl", &call.origin)
        && let Some(rest) = draft.url.strip_prefix(&call.origin)
    {
        draft.url = format!("{base}{rest}");
    }
    draft
}

/// Says who asks by auth, also where the letters of the field's name are others than those that are sent for it.
fn as_auth(draft: &mut Draft) {
    let is_field = |field: &Field| field.key.eq_ignore_ascii_case("authorization");
    let mut fields = draft.headers.iter().filter(|field| is_field(field));
    let (Some(field), None) = (fields.next(), fields.next()) else { return };
    let said = match field.value.split_once(' ').filter(|_| field.bytes.is_none() && draft.auth.is_inherited()) {
        Some(("Bearer", token)) if !token.is_empty() => Auth::Bearer { token: token.to_owned() },
        Some(("Basic", rest)) => {
            let decoded = STANDARD.decode(rest).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            // What looks like a variable stays in Base64, where it is none.
            let decoded = decoded.filter(|text| !has_reference(text));
            let Some((username, password)) = decoded.as_deref().and_then(|text| text.split_once(':')) else { return };
            Auth::Basic { username: username.to_owned(), password: password.to_owned() }
        }
        _ => return,
    };
    // What cannot be said in another way stays as it is.
    if auth::field(&said).is_ok_and(|made| made.is_some_and(|made| made.value == field.value)) {
        draft.headers.retain(|field| !is_field(field));
        draft.auth = said;
    }
}

/// Says who asks by the field that was captured, where that stood.
fn as_field(draft: &mut Draft, exchange: &Exchange) {
    let Ok(Some(field)) = auth::field(&draft.auth) else { return };
    let head = waylay_storage::model::Head::parse(&exchange.request_head);
    let before = head.fields.iter().take_while(|field| !field.name.eq_ignore_ascii_case(b"authorization"));
    let before =
        before.filter(|one| draft.headers.iter().any(|kept| one.name.eq_ignore_ascii_case(kept.key.as_bytes())));
    let at = before.count().min(draft.headers.len());
    draft.headers.insert(at, field);
    draft.auth = Auth::Inherit;
}

/// Writes the variables of the template into the URL, with what this call has in their places.
pub fn with_path_variables(draft: &mut Draft, path: &str, template: &str) {
    let (url, query) = draft.url.split_once('?').map_or((draft.url.as_str(), None), |(url, query)| (url, Some(query)));
    let Some(base) = url.strip_suffix(path) else { return };
    let pairs: Vec<(&str, &str)> = segments(template).zip(segments(path)).collect();
    let variables: Vec<_> = pairs.iter().filter(|(name, _)| is_variable(name)).collect();
    // What would be encoded anew stays as it is.
    let plain = |value: &str| value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b));
    let clash = pairs.iter().any(|(name, value)| !is_variable(name) && name != value || value.starts_with(':'));
    if variables.is_empty() || clash || !variables.iter().all(|(_, value)| plain(value)) {
        return;
    }
    draft.path_variables = variables.iter().map(|(name, value)| Field::new(&name[1..], *value)).collect();
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    draft.url = format!("{base}{template}{query}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_is_said_by_auth_whatever_the_letters_of_the_field() {
        let basic = Auth::Basic { username: "u".into(), password: "p:w".into() };
        for (fields, auth, left) in [
            (vec![("authorization", "Bearer t")], Auth::Bearer { token: "t".into() }, 0),
            (vec![("AUTHORIZATION", "Basic dTpwOnc=")], basic, 0),
            (vec![("authorization", "bearer t")], Auth::Inherit, 1),
            (vec![("authorization", "Basic dTpwOnc")], Auth::Inherit, 1),
            (vec![("authorization", "Digest x")], Auth::Inherit, 1),
            (vec![("authorization", "Basic e3t1fX06cA==")], Auth::Inherit, 1),
            (vec![("authorization", "Bearer a"), ("Authorization", "Bearer b")], Auth::Inherit, 2),
        ] {
            let headers = fields.iter().map(|(key, value)| Field::new(*key, *value)).collect();
            let mut draft = Draft { headers, ..Draft::default() };
            as_auth(&mut draft);
            assert_eq!((&draft.auth, draft.headers.len()), (&auth, left), "{fields:?}");
        }
    }

    #[test]
    fn variables_of_the_path_are_written_only_where_the_same_is_sent() {
        let written = |url: &str, path: &str, template: &str| {
            let mut draft = Draft { url: url.into(), ..Draft::default() };
            with_path_variables(&mut draft, path, template);
            (draft.url, draft.path_variables.into_iter().map(|v| (v.key, v.value)).collect::<Vec<_>>())
        };
        let own = |url: &str| (url.to_owned(), Vec::new());
        let seven = vec![("id".to_owned(), "7".to_owned())];
        assert_eq!(written("{{b}}/u/7?x=1", "/u/7", "/u/:id"), ("{{b}}/u/:id?x=1".to_owned(), seven));
        assert_eq!(written("http://h/u/a%20b", "/u/a%20b", "/u/:id"), own("http://h/u/a%20b"));
        assert_eq!(written("http://h/:x/7", "/:x/7", "/:x/:id"), own("http://h/:x/7"));
        assert_eq!(written("http://h/u/7", "/other/7", "/other/:id"), own("http://h/u/7"));
        assert_eq!(written("http://h/u", "/u", "/u"), own("http://h/u"));
    }
}
