//! What a request gets from the folders and the collection around it.

use super::{Collection, Node, Variable};
use crate::request::{Auth, Draft, Settings};
use serde::Serialize;

/// Where something is said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The folder or request; `None` for the collection.
    pub id: Option<i64>,
    /// Its name.
    pub name: String,
}

/// A variable and where it is from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InScope {
    /// Its name.
    pub key: String,
    /// Its value.
    pub value: String,
    /// Whether the value is not to be shown.
    pub secret: bool,
    /// Where it is said.
    pub from: Place,
}

/// What holds for a request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Around {
    /// The enabled variables; of each name one, that of the innermost place.
    pub variables: Vec<InScope>,
    /// Who asks, where the request inherits that.
    pub auth: Option<(Auth, Place)>,
    /// How it is sent, where it does not say so itself.
    pub settings: Settings,
}

impl Around {
    /// What holds for what is in a collection.
    pub fn collection(collection: &Collection) -> Self {
        let mut around = Self::default();
        let place = Place { id: None, name: collection.name.clone() };
        around.enter(&place, &collection.auth, &collection.variables, &collection.settings);
        around
    }

    /// What holds for what is in a folder too, or for a request itself: its own auth and settings are its draft's.
    pub fn inside(&self, id: i64, node: &Node) -> Self {
        let mut around = self.clone();
        let place = Place { id: Some(id), name: node.name().to_owned() };
        match node {
            Node::Folder(folder) => around.enter(&place, &folder.auth, &folder.variables, &folder.settings),
            Node::Request(saved) => around.enter(&place, &Auth::Inherit, &saved.variables, &Settings::default()),
            Node::Example(_) => {}
        }
        around
    }

    fn enter(&mut self, place: &Place, auth: &Auth, variables: &[Variable], settings: &Settings) {
        if !auth.is_inherited() {
            self.auth = Some((auth.clone(), place.clone()));
        }
        for Variable { key, value, secret, .. } in variables.iter().filter(|variable| !variable.disabled) {
            self.variables.retain(|known| known.key != *key);
            let from = place.clone();
            self.variables.push(InScope { key: key.clone(), value: value.clone(), secret: *secret, from });
        }
        self.settings = settings.clone().over(std::mem::take(&mut self.settings));
    }

    /// A request with what it inherits.
    pub fn apply(&self, mut draft: Draft) -> Draft {
        if let (Auth::Inherit, Some((auth, _))) = (&draft.auth, &self.auth) {
            draft.auth = auth.clone();
        }
        draft.settings = draft.settings.over(self.settings.clone());
        draft
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collection::{Folder, Saved};

    fn variable(key: &str, value: &str) -> Variable {
        Variable { key: key.into(), value: value.into(), ..Variable::default() }
    }

    #[test]
    fn the_innermost_place_decides() {
        let basic = Auth::Basic { username: "u".into(), password: String::new() };
        let collection = Collection {
            name: "C".into(),
            auth: basic.clone(),
            variables: vec![variable("a", "C"), variable("b", "C")],
            settings: Settings { max_redirects: Some(1), no_cache: Some(true), ..Settings::default() },
            ..Collection::default()
        };
        let mut off = variable("a", "off");
        off.disabled = true;
        let folder = Node::Folder(Folder {
            name: "F".into(),
            variables: vec![variable("b", "F"), off],
            settings: Settings { max_redirects: Some(2), ..Settings::default() },
            ..Folder::default()
        });
        let quiet = Node::Folder(Folder { name: "Q".into(), auth: Auth::None, ..Folder::default() });
        let saved = Node::Request(Saved { variables: vec![variable("c", "R")], ..Saved::default() });
        let around = Around::collection(&collection).inside(1, &folder);
        let inner = around.inside(2, &saved);
        let values: Vec<_> = inner.variables.iter().map(|v| (v.key.as_str(), v.value.as_str(), v.from.id)).collect();
        assert_eq!(values, [("a", "C", None), ("b", "F", Some(1)), ("c", "R", Some(2))]);
        let own = Settings { no_cache: Some(false), ..Settings::default() };
        let sent = inner.apply(Draft { settings: own, ..Draft::default() });
        assert_eq!(sent.auth, basic);
        assert_eq!((sent.settings.max_redirects, sent.settings.no_cache), (Some(2), Some(false)));
        assert_eq!(around.inside(3, &quiet).apply(Draft::default()).auth, Auth::None, "no auth is said, too");
        let bearer = Auth::Bearer { token: "t".into() };
        assert_eq!(inner.apply(Draft { auth: bearer.clone(), ..Draft::default() }).auth, bearer);
    }
}
