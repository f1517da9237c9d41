//! The modules of the UI as two scripts, as a hundred small files compress badly and take as many requests: `app.js` is
//! what the first screen needs, `parts.js` all that is fetched when first wanted.
//!
//! Each module becomes a block, behind those that it imports; what they export are variables (`var`) of the script, so
//! that nothing stands where an import was. A name that is exported twice, imported by another name, or one that browsers
//! have too gets a number, and who imports it says so. What a module may say is the house style, one statement on one line:
//! `import { a, b as c } from "./x.js";`, `export` before a function, a class or a `const`, and `import("./x.js")`. What
//! cannot be joined like this (other forms, modules that import each other in a circle) is refused with file and line.
//! Lines stay lines, without the empty ones, and the map tells browsers where each is from.

use super::stripped::without_comments;
use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap, HashSet},
    fmt::Write,
};

/// Where the UI begins.
const START: &str = "js/main.js";

/// What `app.js` has besides modules: `late` fetches `parts.js` when a module of it is first wanted; should that fail,
/// the next one tries anew.
const LATE: &str = r#"let rest;
const late = (name) => (rest ??= import("/parts.js").catch((error) => { rest = undefined; throw error; })).then(({ modules }) => modules[name]);
"#;

/// Names that no export may take in the scripts: their own, and those of browsers that modules use.
const TAKEN: [&str; 18] = [
    "late",
    "rest",
    "modules",
    "window",
    "document",
    "location",
    "history",
    "navigator",
    "localStorage",
    "crypto",
    "performance",
    "fetch",
    "name",
    "top",
    "open",
    "close",
    "event",
    "origin",
];

/// A joined script.
#[derive(Default)]
pub(super) struct Joined {
    pub(super) script: String,
    /// A source map (ECMA-426) with the modules as they were written.
    pub(super) map: String,
    /// Why a module could not be joined: file, line, reason. The script then only throws this.
    pub(super) wrong: Option<String>,
}

/// A module, read.
struct Module {
    name: String,
    source: String,
    /// Its lines, without `export`, and empty where something is imported.
    lines: Vec<String>,
    imports: Vec<Import>,
    exports: Vec<Export>,
    late: Vec<String>,
}

/// What a line imports.
struct Import {
    at: usize,
    from: String,
    /// As they are exported, and as they are called here.
    names: Vec<(String, String)>,
}

/// What a line exports.
struct Export {
    at: usize,
    /// `function` and the like, as it stands before the name.
    kind: &'static str,
    name: String,
    /// The line with which it ends, if it is not a `const`.
    end: Option<usize>,
}

/// What exports are called in the scripts, by module and name.
type Names<'a> = HashMap<(&'a str, &'a str), String>;

/// Joins what the first screen needs, or else the rest. `source` reads a file of the UI by its name.
pub(super) fn join(source: &dyn Fn(&str) -> Option<Cow<'static, [u8]>>, first: bool) -> Joined {
    gather(source).map_or_else(refused, |(app, parts)| written(&app, &parts, first))
}

/// The modules of both scripts.
fn gather(source: &dyn Fn(&str) -> Option<Cow<'static, [u8]>>) -> Result<(Vec<Module>, Vec<Module>), String> {
    let mut modules = Vec::new();
    let mut known = HashSet::new();
    reach(START, source, &mut known, &mut Vec::new(), &mut modules)?;
    let app = modules.len();
    let mut at = 0;
    while at < modules.len() {
        for name in modules[at].late.clone() {
            if modules[..app].iter().any(|module| module.name == name) {
                return Err(format!("{name}:1: fetched late by {}, but there from the beginning", modules[at].name));
            }
            reach(&name, source, &mut known, &mut Vec::new(), &mut modules)?;
        }
        at += 1;
    }
    let parts = modules.split_off(app);
    Ok((modules, parts))
}

/// Adds a module behind those that it imports. `path` leads to it.
fn reach(
    name: &str,
    source: &dyn Fn(&str) -> Option<Cow<'static, [u8]>>,
    known: &mut HashSet<String>,
    path: &mut Vec<String>,
    modules: &mut Vec<Module>,
) -> Result<(), String> {
    if path.iter().any(|before| before == name) {
        return Err(format!("{name}:1: imported in a circle: {}", path.join(", ")));
    }
    if !known.insert(name.to_owned()) {
        return Ok(());
    }
    let missing = || format!("{name}:1: no such module, imported by {}", path.last().map_or("nobody", String::as_str));
    let module = read(name, &source(name).ok_or_else(missing)?)?;
    path.push(name.to_owned());
    for import in &module.imports {
        // A circle ends at a module that is known, but not yet done.
        if path.contains(&import.from) || !known.contains(&import.from) {
            reach(&import.from, source, known, path, modules)?;
        }
    }
    path.pop();
    modules.push(module);
    Ok(())
}

/// Reads a module line by line.
fn read(name: &str, source: &[u8]) -> Result<Module, String> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).map_err(|_| format!("{name}:1: not UTF-8"));
    let (mut imports, mut late, mut lines) = (Vec::new(), Vec::new(), Vec::new());
    let mut exports: Vec<Export> = Vec::new();
    let whole = text(source)?;
    for (at, (line, written)) in text(&without_comments(source))?.lines().zip(whole.lines()).enumerate() {
        let wrong = |what: &str| format!("{name}:{}: {what}: {line}", at + 1);
        let mut line = if let Some(rest) = line.strip_prefix("import ") {
            let (names, from) = imported(rest).ok_or_else(|| wrong("an import that cannot be joined"))?;
            let from = beside(name, from).ok_or_else(|| wrong("no module of the UI"))?;
            imports.push(Import { at, from, names });
            String::new()
        } else if let Some(rest) = line.strip_prefix("export ") {
            let (kind, called) = exported(rest).ok_or_else(|| wrong("an export that cannot be joined"))?;
            let end = (kind != "const" && rest.ends_with('}')).then_some(at);
            exports.push(Export { at, kind, name: called.to_owned(), end });
            rest.to_owned()
        } else {
            line.to_owned()
        };
        if let Some(open) = exports.last_mut().filter(|e| written == "}" && e.kind != "const" && e.end.is_none()) {
            open.end = Some(at);
        }
        while let Some((before, rest)) = line.split_once("import(") {
            let spec = rest.strip_prefix('"').and_then(|rest| rest.split_once("\")"));
            let (from, rest) = spec.ok_or_else(|| wrong("an import that cannot be joined"))?;
            let from = beside(name, from).ok_or_else(|| wrong("no module of the UI"))?;
            line = format!("{before}late(\"{from}\"){rest}");
            late.push(from);
        }
        // Within a function, `async` says so, or the line is indented.
        let waits = line.contains("await ") && !line.contains("async ") && !written.starts_with(' ');
        if waits || line.contains("import.meta") {
            return Err(wrong("only a module by itself can say this"));
        }
        lines.push(line);
    }
    Ok(Module { name: name.to_owned(), source: whole, lines, imports, exports, late })
}

/// The names (there, here) and the place of `{ a, b as c } from "place";`.
fn imported(rest: &str) -> Option<(Vec<(String, String)>, &str)> {
    let (names, rest) = rest.strip_prefix('{')?.split_once('}')?;
    let from = rest.strip_prefix(" from \"")?.strip_suffix("\";")?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_$, ".contains(&b);
    let pair = |name: &str| {
        let (there, here) = name.split_once(" as ").unwrap_or((name, name));
        (there.to_owned(), here.to_owned())
    };
    (names.bytes().all(plain) && !from.contains('"')).then(|| (names.trim().split(", ").map(pair).collect(), from))
}

/// The kind and the name of a declaration. What `let` declares could change behind the back of those who import it.
fn exported(rest: &str) -> Option<(&'static str, &str)> {
    let kinds = ["async function", "function", "const", "class"];
    let (kind, rest) = kinds.iter().find_map(|kind| Some((*kind, rest.strip_prefix(kind)?.strip_prefix(' ')?)))?;
    let end = rest.bytes().position(|b| !(b.is_ascii_alphanumeric() || b == b'_' || b == b'$')).unwrap_or(rest.len());
    (end > 0).then(|| (kind, &rest[..end]))
}

/// The name of what `from` is called in the module `name`.
fn beside(name: &str, from: &str) -> Option<String> {
    let mut folders: Vec<&str> = name.split('/').collect();
    folders.pop();
    let relative = from.starts_with("./") || from.starts_with("../");
    for part in from.split('/').filter(|part| *part != ".") {
        if part == ".." {
            folders.pop()?;
        } else {
            folders.push(part);
        }
    }
    relative.then(|| folders.join("/"))
}

/// What all exports are called.
fn names<'a>(app: &'a [Module], parts: &'a [Module]) -> Names<'a> {
    let mut names = Names::new();
    let mut taken: HashSet<String> = TAKEN.map(str::to_owned).into();
    // Who imports it by another name may have one of its own that is called the same.
    for (there, here) in app.iter().chain(parts).flat_map(|module| &module.imports).flat_map(|import| &import.names) {
        if there != here {
            taken.insert(there.clone());
        }
    }
    for module in app.iter().chain(parts) {
        for Export { name, .. } in &module.exports {
            let other = (2..).map(|n| format!("{name}${n}"));
            let free = std::iter::once(name.clone()).chain(other).find(|name| taken.insert(name.clone()));
            names.insert((&module.name, name), free.unwrap_or_default());
        }
    }
    names
}

/// One of the scripts, and its map.
fn written(app: &[Module], parts: &[Module], first: bool) -> Joined {
    let names = names(app, parts);
    let own = if first { app } else { parts };
    // What the second script uses of the first one.
    let lent: BTreeSet<&str> = parts
        .iter()
        .flat_map(|module| &module.imports)
        .flat_map(|import| import.names.iter().map(|(name, _)| (&*import.from, &**name)))
        .filter(|(from, _)| app.iter().any(|module| module.name == *from))
        .filter_map(|(from, name)| names.get(&(from, name)).map(String::as_str))
        .chain(["late"])
        .collect();
    let lent = lent.into_iter().collect::<Vec<_>>().join(", ");
    // Writing to a text does not fail.
    let mut script = if first { LATE.to_owned() } else { format!("import {{ {lent} }} from \"/app.js\";\n") };
    let mut places = ";".repeat(script.lines().count());
    let mut last = (0, 0);
    for (number, module) in own.iter().enumerate() {
        script.push_str("{\n");
        places.push(';');
        for (at, line) in module.joined(&names).iter().enumerate().filter(|(_, line)| !line.is_empty()) {
            script.push_str(line);
            script.push('\n');
            places.push('A');
            quantity(&mut places, number - last.0);
            signed(&mut places, at, last.1);
            places.push_str("A;");
            last = (number, at);
        }
        script.push_str("}\n");
        places.push(';');
    }
    if first {
        let _ = writeln!(script, "export {{ {lent} }};");
    } else {
        let wanted = |module: &&Module| app.iter().chain(parts).any(|other| other.late.contains(&module.name));
        script.push_str("export const modules = {\n");
        for module in parts.iter().filter(wanted) {
            let given = module.exports.iter().map(|export| pair(&export.name, &names[&(&*module.name, &*export.name)]));
            let _ = writeln!(script, "\"{}\": {{ {} }},", module.name, given.collect::<Vec<_>>().join(", "));
        }
        script.push_str("};\n");
    }
    let file = if first { "app.js" } else { "parts.js" };
    let _ = writeln!(script, "//# sourceMappingURL={file}.map");
    let sources: Vec<&str> = own.iter().map(|module| module.source.as_str()).collect();
    let map = serde_json::json!({
        "version": 3, "file": file, "sources": own.iter().map(|module| &module.name).collect::<Vec<_>>(),
        "sourcesContent": sources, "names": [], "mappings": places,
    });
    Joined { script, map: map.to_string(), wrong: None }
}

/// A member of an object by the name it has there, and the variable it is in.
fn pair(name: &str, variable: &str) -> String {
    if name == variable { name.to_owned() } else { format!("{name}: {variable}") }
}

impl Module {
    /// Its lines as they stand in its block: what it exports is put into variables of the script.
    fn joined(&self, names: &Names<'_>) -> Vec<String> {
        let mut lines = self.lines.clone();
        for import in &self.imports {
            let called = |(there, here): &(String, String)| {
                let variable = names.get(&(&*import.from, &**there)).map_or(&**there, String::as_str);
                (variable != here).then(|| format!("const {here} = {variable};"))
            };
            lines[import.at] = import.names.iter().filter_map(called).collect::<Vec<_>>().join(" ");
        }
        for Export { at, kind, name, end } in &self.exports {
            let variable = &names[&(&*self.name, &**name)];
            if variable != name {
                lines.push(format!("var {variable} = {name};"));
                continue;
            }
            let rest = &lines[*at][kind.len() + 1 + name.len()..];
            lines[*at] = match *kind {
                "const" => format!("var {name}{rest}"),
                kind => format!("var {name} = {kind}{rest}"),
            };
            if let Some(end) = end {
                lines[*end].push(';');
            }
        }
        lines
    }
}

/// A difference as a source map writes it.
fn signed(places: &mut String, to: usize, from: usize) {
    let sign = usize::from(to < from);
    base64(places, to.abs_diff(from) << 1 | sign);
}

/// One that is not below zero.
fn quantity(places: &mut String, count: usize) {
    base64(places, count << 1);
}

/// Five bits a letter, the lowest first; the sixth says that more follow.
fn base64(places: &mut String, mut value: usize) {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    loop {
        let more = usize::from(value > 31) << 5;
        places.push(char::from(LETTERS[value & 31 | more]));
        value >>= 5;
        if more == 0 {
            return;
        }
    }
}

/// A script that says what is wrong.
fn refused(wrong: String) -> Joined {
    let script = format!("throw new SyntaxError({});\n", serde_json::Value::from(wrong.as_str()));
    Joined { script, wrong: Some(wrong), ..Joined::default() }
}

#[cfg(test)]
impl Joined {
    /// The names of the modules in it, as the map has them.
    pub(super) fn sources(&self) -> Vec<String> {
        let map: serde_json::Value = serde_json::from_str(&self.map).expect("a map");
        serde_json::from_value(map["sources"].clone()).expect("names")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Joins modules that are told as name and text.
    fn joined(files: &'static [(&'static str, &'static str)], first: bool) -> Joined {
        let source =
            |name: &str| files.iter().find(|(one, _)| *one == name).map(|(_, text)| Cow::Borrowed(text.as_bytes()));
        join(&source, first)
    }

    #[test]
    fn a_module_becomes_a_block_and_what_it_exports_variables_of_the_script() {
        let files = &[
            (
                START,
                "// Start.\nimport { a, b as c } from \"./x/a.js\";\n\n/** @type {import(\"./t.js\").T} */\nconst d = 1;\n  void import(\"./x/late.js\");\nc(a, d);\nfunction b() {}\n",
            ),
            (
                "js/x/a.js",
                "export const a = 1;\nexport async function b() {\n  if (a) {\n  }\n}\nexport class C extends D {\n}\nexport function f() {}\nfunction own() {\n}\n",
            ),
            (
                "js/x/late.js",
                "import { a } from \"./a.js\";\nimport { n, C as K } from \"../n.js\";\nexport const late = a + n;\nexport class L {}\n",
            ),
            ("js/n.js", "export const n = 2;\nexport const C = 3;\n"),
        ];
        let [app, parts] = [true, false].map(|first| joined(files, first));
        assert_eq!(
            app.script,
            format!(
                "{LATE}{{\nvar a = 1;\nasync function b() {{\nif (a) {{\n}}\n}}\nclass C extends D {{\n}}\nvar f = function() {{}};\nfunction own() {{\n}}\nvar b$2 = b;\nvar C$2 = C;\n}}\n\
                 {{\nconst c = b$2;\nconst d = 1;\nvoid late(\"js/x/late.js\");\nc(a, d);\nfunction b() {{}}\n}}\n\
                 export {{ a, late }};\n//# sourceMappingURL=app.js.map\n"
            )
        );
        assert_eq!(
            parts.script,
            "import { a, late } from \"/app.js\";\n{\nvar n = 2;\nconst C = 3;\nvar C$3 = C;\n}\n\
             {\nconst K = C$3;\nconst late = a + n;\nvar L = class {};\nvar late$2 = late;\n}\n\
             export const modules = {\n\"js/x/late.js\": { late: late$2, L },\n};\n//# sourceMappingURL=parts.js.map\n"
        );
        assert_eq!([app, parts].map(|one| one.sources()), [["js/x/a.js", START], ["js/n.js", "js/x/late.js"]]);
    }

    #[test]
    fn what_cannot_be_joined_is_refused_with_file_and_line() {
        for (script, wrong) in [
            ("\nimport x from \"./x.js\";", "js/main.js:2: an import that cannot be joined"),
            ("import * as x from \"./x.js\";", "js/main.js:1: an import that cannot be joined"),
            ("import {", "js/main.js:1: an import that cannot be joined"),
            ("import { x } from './x.js';", "js/main.js:1: an import that cannot be joined"),
            ("import { x } from \"x\";", "js/main.js:1: no module of the UI"),
            ("import { x } from \"../../x.js\";", "js/main.js:1: no module of the UI"),
            ("import { x } from \"./x.js\";", "js/x.js:1: no such module, imported by js/main.js"),
            ("let a;\nexport default a;", "js/main.js:2: an export that cannot be joined"),
            ("export let a = 1;", "js/main.js:1: an export that cannot be joined"),
            ("export * from \"./x.js\";", "js/main.js:1: an export that cannot be joined"),
            ("export const { a } = b;", "js/main.js:1: an export that cannot be joined"),
            ("a(import(where));", "js/main.js:1: an import that cannot be joined"),
            ("a(import.meta.url);", "js/main.js:1: only a module by itself can say this"),
            (
                "async function a() {\n  await b();\n}\nconst c = await a();",
                "js/main.js:4: only a module by itself can say this",
            ),
        ] {
            let source = |name: &str| (name == START).then(|| Cow::Owned(script.as_bytes().to_vec()));
            let joined = join(&source, true);
            assert!(joined.wrong.as_ref().is_some_and(|w| w.starts_with(wrong)), "{script:?}: {:?}", joined.wrong);
            assert!(joined.script.starts_with("throw new SyntaxError(\"js/"), "{}", joined.script);
        }
    }

    #[test]
    fn modules_that_import_each_other_are_refused() {
        let circle = joined(
            &[
                (START, "import { a } from \"./a.js\";"),
                ("js/a.js", "import { b } from \"./b.js\";\nexport const a = b;"),
                ("js/b.js", "import { a } from \"./a.js\";\nexport const b = a;"),
            ],
            true,
        );
        assert_eq!(circle.wrong.unwrap(), "js/a.js:1: imported in a circle: js/main.js, js/a.js, js/b.js");
    }

    /// As a browser reads the map (ECMA-426, 5.3): per line one place, each told as the difference to the one before.
    #[test]
    fn the_map_leads_from_every_line_to_where_it_was_written() {
        let files = &[
            (START, "// One.\nimport { a } from \"./a.js\";\na();\n"),
            ("js/a.js", "/** Two. */\nexport function a() {\nthrow 1;\n}\n"),
        ];
        let app = joined(files, true);
        let map: serde_json::Value = serde_json::from_str(&app.map).unwrap();
        let (mut file, mut row) = (0, 0);
        let mut found = Vec::new();
        for (place, line) in map["mappings"].as_str().unwrap().split(';').zip(app.script.lines()) {
            let [column, file_step, row_step, in_row] = numbers(place)[..] else {
                assert!(place.is_empty(), "{place}");
                continue;
            };
            (file, row) = (file + file_step, row + row_step);
            assert_eq!((column, in_row), (0, 0));
            let name = map["sources"][usize::try_from(file).unwrap()].as_str().unwrap();
            found.push(format!("{name}:{}: {line}", row + 1));
        }
        assert_eq!(
            found,
            ["js/a.js:2: var a = function() {", "js/a.js:3: throw 1;", "js/a.js:4: };", "js/main.js:3: a();",]
        );
        assert_eq!(map["sourcesContent"][1], files[0].1);
    }

    #[test]
    fn quantities_are_written_as_the_maps_of_others_write_them() {
        for (value, written) in [(0, "A"), (2, "C"), (3, "D"), (30, "e"), (32, "gB"), (1024, "ggB"), (2000, "w+B")] {
            let mut places = String::new();
            base64(&mut places, value);
            assert_eq!(places, written, "{value}");
        }
    }

    /// The numbers of a place in a map.
    fn numbers(place: &str) -> Vec<i64> {
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let (mut found, mut value, mut shift) = (Vec::new(), 0_i64, 0);
        for letter in place.chars() {
            let digit = i64::try_from(letters.find(letter).unwrap()).unwrap();
            value |= (digit & 31) << shift;
            shift += 5;
            if digit & 32 == 0 {
                found.push(if value & 1 == 1 { -(value >> 1) } else { value >> 1 });
                (value, shift) = (0, 0);
            }
        }
        found
    }
}
