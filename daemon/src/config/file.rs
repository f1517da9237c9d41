//! `config.toml`: read with positions, written with its comments and order kept.

use super::{ConfigError, Key, Value, key};
use crate::data_dir::replace_private;
use std::{
    io,
    ops::Range,
    path::{Path, PathBuf},
};
use toml_edit::{Document, DocumentMut, Item, Table, TableLike, TomlError};

/// What a file says.
#[derive(Debug, Default)]
pub(super) struct Contents {
    values: Vec<(&'static Key, Value, usize)>,
    pub(super) warnings: Vec<String>,
}

impl Contents {
    /// A setting's value and line.
    pub(super) fn value(&self, key: &Key) -> Option<(&Value, usize)> {
        self.values.iter().find(|(k, ..)| k.name == key.name).map(|(_, value, line)| (value, *line))
    }
}

/// Reads a file; one that is not there says nothing.
pub(super) fn read(path: &Path) -> Result<Contents, ConfigError> {
    let Some(text) = text(path)? else { return Ok(Contents::default()) };
    let document = Document::parse(text.as_str()).map_err(|error| syntax(path, &text, &error))?;
    let place = Place { path, text: &text };
    let mut contents = Contents::default();
    for (name, item) in document.iter() {
        match item.as_table_like() {
            Some(table) => place.read_table(name, table, &mut contents)?,
            None => {
                match key::ALL.iter().find_map(|key| key.name.split_once('.').map(|(t, _)| t).filter(|t| *t == name)) {
                    Some(table) => return Err(place.refuse(item.span(), table, "it must be a table".into())),
                    None => place.warn(item.span(), name, &mut contents),
                }
            }
        }
    }
    Ok(contents)
}

/// Sets one value, or takes it out of the file if there is none, and leaves everything else as it stands.
///
/// # Errors
/// [`ConfigError`] if the file cannot be read, parsed or written.
pub fn set(path: &Path, key: &Key, value: Option<&Value>) -> Result<(), ConfigError> {
    let path = &real_path(path);
    let text = text(path)?.unwrap_or_default();
    let mut document: DocumentMut = text.parse().map_err(|error| syntax(path, &text, &error))?;
    let (table, name) = key.name.split_once('.').unwrap_or(("", key.name));
    let entry = document.entry(table).or_insert_with(|| Item::Table(Table::new()));
    let line = 1;
    let reason = || "it must be a table".to_owned();
    let entry = entry.as_table_like_mut().ok_or_else(|| ConfigError::File {
        path: path.clone(),
        line,
        key: key.name,
        reason: reason(),
    })?;
    match (value, entry.get_mut(name)) {
        (Some(value), Some(old)) => replace_value(old, value.item()),
        (Some(value), None) => drop(entry.insert(name, value.item())),
        (None, _) => drop(entry.remove(name)),
    }
    if entry.is_empty() {
        document.remove(table);
    }
    let io = |source| ConfigError::Io { path: path.clone(), source };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(io)?;
    }
    replace_private(path, document.to_string().as_bytes()).map_err(io)
}

/// Puts a new value in an old one's place, with the white space and comment around it.
fn replace_value(old: &mut Item, new: Item) {
    let decor = old.as_value().map(|value| value.decor().clone());
    *old = new;
    if let (Some(decor), Some(value)) = (decor, old.as_value_mut()) {
        *value.decor_mut() = decor;
    }
}

/// The file itself where the path is a link to it, as it is for those who keep their settings elsewhere.
fn real_path(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn text(path: &Path) -> Result<Option<String>, ConfigError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(ConfigError::Io { path: path.to_owned(), source }),
    }
}

fn syntax(path: &Path, text: &str, error: &TomlError) -> ConfigError {
    let line = line(text, error.span());
    let reason = error.message().lines().collect::<Vec<_>>().join(", ");
    ConfigError::Syntax { path: path.to_owned(), line, reason }
}

/// Line, from 1, of where a span begins.
fn line(text: &str, span: Option<Range<usize>>) -> usize {
    let start = span.map_or(0, |span| span.start.min(text.len()));
    1 + text.as_bytes()[..start].iter().filter(|byte| **byte == b'\n').count()
}

struct Place<'a> {
    path: &'a Path,
    text: &'a str,
}

impl Place<'_> {
    fn read_table(&self, name: &str, table: &dyn TableLike, contents: &mut Contents) -> Result<(), ConfigError> {
        let folder = self.path.parent().unwrap_or(Path::new(""));
        for (entry, item) in table.iter() {
            let full = format!("{name}.{entry}");
            let span = table.get_key_value(entry).and_then(|(key, item)| key.span().or_else(|| item.span()));
            let Some(key) = Key::named(&full) else {
                self.warn(span, &full, contents);
                continue;
            };
            match key.kind.read_item(item, folder) {
                Ok(value) => contents.values.push((key, value, line(self.text, span))),
                Err(reason) => return Err(self.refuse(span, key.name, reason)),
            }
        }
        Ok(())
    }

    fn refuse(&self, span: Option<Range<usize>>, key: &'static str, reason: String) -> ConfigError {
        ConfigError::File { path: self.path.to_owned(), line: line(self.text, span), key, reason }
    }

    fn warn(&self, span: Option<Range<usize>>, name: &str, contents: &mut Contents) {
        let nearest = Key::nearest(name).map(|key| format!("; did you mean {}?", key.name)).unwrap_or_default();
        let place = format!("{}:{}", self.path.display(), line(self.text, span));
        contents.warnings.push(format!("{place}: unknown setting {name} is ignored{nearest}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setting_keeps_comments_and_order() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("folder/config.toml");
        set(&path, &key::UI_PORT, Some(&Value::Port(1))).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "[ui]\nport = 1\n");

        std::fs::write(&path, "# top\n[ui]\n# why\nport = 1 # here\n\n[other]\nx = 1\n").unwrap();
        set(&path, &key::UI_PORT, Some(&Value::Port(2))).unwrap();
        set(&path, &key::UPSTREAM_INSECURE_HOSTS, Some(&Value::Hosts(vec!["a".into(), "b".into()]))).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("# top\n[ui]\n# why\nport = 2 # here\n\n[other]\nx = 1\n"), "{text}");
        assert!(text.contains("[upstream]\ninsecure_hosts = [\"a\", \"b\"]"), "{text}");

        set(&path, &key::UPSTREAM_INSECURE_HOSTS, None).unwrap();
        assert!(!std::fs::read_to_string(&path).unwrap().contains("upstream"));
    }

    #[cfg(unix)]
    #[test]
    fn a_linked_file_stays_a_link() {
        let dir = tempfile::tempdir().unwrap();
        let (real, link) = (dir.path().join("real.toml"), dir.path().join("config.toml"));
        std::fs::write(&real, "").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        set(&link, &key::UI_PORT, Some(&Value::Port(7))).unwrap();
        assert!(link.symlink_metadata().unwrap().is_symlink());
        assert!(std::fs::read_to_string(&real).unwrap().contains("port = 7"));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text: String) {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("config.toml");
            std::fs::write(&path, text).unwrap();
            let _ = read(&path);
        }
    }
}
