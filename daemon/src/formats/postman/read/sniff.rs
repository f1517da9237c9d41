//! Which file of Postman's a file is, by its outermost members.

use super::{Place, Refused};
use crate::formats::postman_environment::text::decoded;
use serde::{
    Deserialize,
    de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::Value;
use std::fmt;

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A collection, of any version.
    Collection,
    /// An environment or globals.
    Environment,
    /// A data dump in one file.
    Dump,
    /// `archive.json`: the index of a data dump in several files.
    Index,
}

/// Which file of Postman's this is; `None` if it is none. One that is broken further in is one all the same.
pub fn sniff(bytes: &[u8]) -> Option<Kind> {
    kind(&decoded(bytes).ok()?)
}

/// [`sniff`] for text.
pub(super) fn kind(text: &str) -> Option<Kind> {
    if !text.trim_start().starts_with('{') {
        return None;
    }
    let mut top = Vec::new();
    let mut json = serde_json::Deserializer::from_str(text);
    // What was seen before it broke tells enough.
    let _ = json.deserialize_any(Members(&mut top));
    of(&top)
}

fn of(top: &[(String, Shape)]) -> Option<Kind> {
    let member = |name: &str| top.iter().find(|(key, _)| key == name).map(|(_, shape)| shape);
    let is_array = |name: &str| matches!(member(name), Some(Shape::Array));
    if let Some(Shape::Object(inner)) = member("collection")
        && member("info").is_none()
        && member("item").is_none()
    {
        let is_index = inner.iter().all(|(_, shape)| matches!(shape, Shape::True));
        return if is_index { Some(Kind::Index) } else { of(inner).filter(|kind| *kind == Kind::Collection) };
    }
    if let Some(Shape::Object(inner)) = member("environment") {
        let is_index = inner.iter().all(|(_, shape)| matches!(shape, Shape::True));
        return if is_index { Some(Kind::Index) } else { of(inner).filter(|kind| *kind == Kind::Environment) };
    }
    if is_array("collections") && (member("version").is_some() || is_array("environments")) {
        return Some(Kind::Dump);
    }
    let is_v2 = member("item").is_some()
        || matches!(member("info"), Some(Shape::Object(info)) if info.iter().any(|(key, _)| key == "schema"));
    let is_v1 = is_array("requests") && !is_array("values");
    if is_v2 || is_v1 {
        return Some(Kind::Collection);
    }
    is_array("values").then_some(Kind::Environment)
}

/// Why a file of none of these kinds is refused.
pub(super) fn refusal(file: &Value) -> Refused {
    let place = &Place::ROOT;
    match file {
        Value::Object(members) if members.get("log").is_some() => {
            Refused::at(place, "This is a HAR file, not a file of Postman.", "Import it as a session.")
        }
        Value::Object(members) if members.contains_key("openapi") || members.contains_key("swagger") => Refused::at(
            place,
            "This is an API description, not a file of Postman.",
            "Only collections can be imported.",
        ),
        Value::Object(_) => {
            let message =
                "This is no file of Postman: it has neither \"info\" and \"item\" nor \"requests\" nor \"values\".";
            Refused::at(place, message, "Export a collection or an environment from Postman.")
        }
        _ => {
            let message = "This is no file of Postman: it should be an object.";
            Refused::at(place, message, "Export a collection or an environment from Postman.")
        }
    }
}

/// What a member is. Of objects, the names and shapes of their members are known, one level deep.
enum Shape {
    Object(Vec<(String, Shape)>),
    Array,
    True,
    Other,
}

/// More members of one object are not looked at.
const MAX_MEMBERS: usize = 64;

/// The members of the outermost object, as far as they can be read.
struct Members<'m>(&'m mut Vec<(String, Shape)>);

impl<'de> Visitor<'de> for Members<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            let shape = map.next_value::<Inner>()?.0;
            if self.0.len() < MAX_MEMBERS {
                self.0.push((key, shape));
            }
        }
        Ok(())
    }
}

/// A member, looked into.
struct Inner(Shape);

/// A member of a member.
struct Leaf(Shape);

macro_rules! shape {
    ($name:ident, |$map:ident| $object:block) => {
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                struct Look;
                impl<'de> Visitor<'de> for Look {
                    type Value = Shape;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("any value")
                    }

                    fn visit_map<A: MapAccess<'de>>(self, mut $map: A) -> Result<Shape, A::Error> $object

                    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Shape, A::Error> {
                        while seq.next_element::<IgnoredAny>()?.is_some() {}
                        Ok(Shape::Array)
                    }

                    fn visit_bool<E>(self, value: bool) -> Result<Shape, E> {
                        Ok(if value { Shape::True } else { Shape::Other })
                    }

                    fn visit_str<E>(self, _: &str) -> Result<Shape, E> {
                        Ok(Shape::Other)
                    }

                    fn visit_i64<E>(self, _: i64) -> Result<Shape, E> {
                        Ok(Shape::Other)
                    }

                    fn visit_u64<E>(self, _: u64) -> Result<Shape, E> {
                        Ok(Shape::Other)
                    }

                    fn visit_f64<E>(self, _: f64) -> Result<Shape, E> {
                        Ok(Shape::Other)
                    }

                    fn visit_unit<E>(self) -> Result<Shape, E> {
                        Ok(Shape::Other)
                    }
                }
                from.deserialize_any(Look).map(Self)
            }
        }
    };
}

shape!(Leaf, |map| {
    while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(Shape::Object(Vec::new()))
});

shape!(Inner, |map| {
    let mut members = Vec::new();
    while let Some(key) = map.next_key::<String>()? {
        let shape = map.next_value::<Leaf>()?.0;
        if members.len() < MAX_MEMBERS {
            members.push((key, shape));
        }
    }
    Ok(Shape::Object(members))
});
