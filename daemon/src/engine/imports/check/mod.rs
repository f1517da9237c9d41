//! Any file, recognised and read; nothing of it is kept.
//!
//! - `zip`: the files in an archive

mod zip;

use super::{
    inventory::Inventory,
    requests::request_name,
    summary::{Counts, Kind, PartSummary, Refused, Summary},
};
use crate::{
    collection::Collection,
    formats::{
        curl,
        har::{self, ImportError, import::survey},
        postman::{self, SideFiles, read::MAX_FILE},
        postman_environment::PostmanEnvironment,
        recognise::{Form, form},
    },
    platform::At,
    request::Draft,
};
use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

/// Most notes that are told.
const NOTES: usize = 200;

/// What was read.
#[derive(Debug)]
pub struct Checked {
    /// What is in it.
    pub summary: Summary,
    /// Its parts, as the summary has them.
    pub(super) contents: Vec<Content>,
}

/// One thing that can be kept.
#[derive(Debug)]
pub(super) enum Content {
    Har { file: File, name: String },
    Collection(Box<Collection>),
    Variables { environment: PostmanEnvironment, name: String },
    Requests { drafts: Vec<Draft>, name: String },
}

/// Why nothing of a file can be taken.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// It is none of the files that are understood, or a broken one.
    #[error("{message}")]
    File {
        /// What is wrong, and where in words.
        message: String,
        /// Where, as a JSON path.
        json_path: Option<String>,
        /// What to do about it.
        hint: String,
    },
    /// It is a HAR file, and no good one.
    #[error(transparent)]
    Har(#[from] ImportError),
    /// It could not be read.
    #[error("the file cannot be read: {0}")]
    Io(#[from] io::Error),
}

impl Checked {
    /// The requests in it that come from commands of curl, for those who want to open them.
    pub fn drafts(&self) -> Vec<&Draft> {
        let drafts = self.contents.iter().flat_map(|content| match content {
            Content::Requests { drafts, .. } => &drafts[..],
            _ => &[],
        });
        drafts.collect()
    }
}

/// Reads a file called `name`. What has to be put on a disk meanwhile goes into the folder `scratch`, without a name.
/// `progress` is told how many bytes of a HAR file have been read, and says whether to go on.
///
/// # Errors
/// [`Refusal`], if there is nothing in it that could be kept.
pub fn check(
    file: &File,
    name: &str,
    scratch: &Path,
    mut progress: impl FnMut(u64) -> bool,
) -> Result<Checked, Refusal> {
    let mut found = Found {
        scratch,
        progress: &mut progress,
        all: Inventory::default(),
        summary: Summary::default(),
        contents: Vec::new(),
    };
    match form(file)? {
        Form::Har => found.har(file.try_clone()?, name)?,
        Form::Zip => found.zip(file, name)?,
        Form::Gzip => return Err(refusal("The file is compressed by gzip.", "Unpack it first.")),
        Form::Empty => return Err(refusal("The file is empty.", "")),
        Form::Json => {
            let bytes = whole(file)?;
            if is_late_har(&bytes) {
                found.har(file.try_clone()?, name)?
            } else {
                found.json(&bytes, name, &SideFiles::default())?
            }
        }
        Form::Text => found.text(&whole(file)?, name)?,
    }
    Ok(found.checked(name))
}

/// What has been found so far.
struct Found<'a> {
    scratch: &'a Path,
    progress: &'a mut dyn FnMut(u64) -> bool,
    all: Inventory,
    summary: Summary,
    contents: Vec<Content>,
}

impl Found<'_> {
    fn har(&mut self, file: File, name: &str) -> Result<(), Refusal> {
        let survey = survey::survey(&file, &mut *self.progress)?;
        let counts = Counts { exchanges: survey.exchanges, ..Counts::default() };
        self.all.counts += counts;
        self.all.hosts.extend(survey.hosts);
        let secrets = survey.secrets.into_iter().map(|(place, name)| super::summary::SecretPlace { place, name });
        self.all.secrets.extend(secrets);
        let refused = survey
            .refused
            .into_iter()
            .map(|har::Refused { index, reason }| Refused { place: format!("entry {index}"), reason });
        self.summary.refused.extend(refused);
        self.part(Kind::Har, name, counts, Content::Har { file, name: name.to_owned() });
        Ok(())
    }

    fn json(&mut self, bytes: &[u8], name: &str, files: &SideFiles) -> Result<(), Refusal> {
        let read = postman::read_with(bytes, files).map_err(|e| Refusal::File {
            message: e.message,
            json_path: Some(e.json_path),
            hint: e.hint,
        })?;
        self.notes(read.notes);
        for collection in read.collections {
            let counts = self.counted(|all| all.collection(&collection));
            let called = collection.name.clone();
            self.part(Kind::Collection, &called, counts, Content::Collection(Box::new(collection)));
        }
        for environment in read.environments {
            let called = if environment.name.is_empty() { name } else { &environment.name }.to_owned();
            let counts = self.counted(|all| all.environment(&environment, &called));
            let kind = if environment.globals { Kind::Globals } else { Kind::Environment };
            self.part(kind, &called, counts, Content::Variables { environment, name: name.to_owned() });
        }
        Ok(())
    }

    fn text(&mut self, bytes: &[u8], name: &str) -> Result<(), Refusal> {
        const UNKNOWN: &str = "The file is none of those that can be imported.";
        const HINT: &str = "HAR, collections, environments and data dumps of Postman, commands of curl, and zip archives of \
                            these can be.";
        let read = match curl::read_file(bytes) {
            Err(curl::CurlError::NoCommand) => return Err(refusal(UNKNOWN, HINT)),
            read => read.map_err(|e| refusal(&e.to_string(), "Correct the command, or leave it out."))?,
        };
        self.notes(read.notes);
        let refused = read
            .refused
            .into_iter()
            .map(|refused| Refused { place: format!("line {}", refused.line), reason: refused.reason });
        self.summary.refused.extend(refused);
        let drafts: Vec<_> = read.requests.into_iter().map(|request| request.draft).collect();
        let counts = self.counted(|all| drafts.iter().for_each(|draft| all.request(&request_name(draft), draft)));
        self.part(Kind::Curl, name, counts, Content::Requests { drafts, name: name.to_owned() });
        Ok(())
    }

    fn counted(&mut self, count: impl FnOnce(&mut Inventory)) -> Counts {
        let before = std::mem::take(&mut self.all.counts);
        count(&mut self.all);
        let counts = std::mem::replace(&mut self.all.counts, before);
        self.all.counts += counts;
        counts
    }

    fn part(&mut self, kind: Kind, name: &str, counts: Counts, content: Content) {
        self.summary.parts.push(PartSummary { kind, name: name.chars().take(300).collect(), counts });
        self.contents.push(content);
    }

    fn notes(&mut self, notes: Vec<String>) {
        let room = NOTES.saturating_sub(self.summary.notes.len());
        self.summary.notes.extend(notes.into_iter().take(room));
    }

    fn checked(self, name: &str) -> Checked {
        let Self { all, mut summary, contents, .. } = self;
        let (kind, name) = match &summary.parts[..] {
            [one] => (one.kind, one.name.clone()),
            _ => (Kind::Several, name.to_owned()),
        };
        (summary.kind, summary.name, summary.counts) = (kind, name, all.counts);
        summary.hosts = all.hosts.into_iter().collect();
        summary.scripts = all.scripts;
        summary.secrets = all.secrets.into_iter().collect();
        Checked { summary, contents }
    }
}

/// A HAR whose first bytes do not say that it is one.
fn is_late_har(bytes: &[u8]) -> bool {
    let has = |text: &[u8]| memchr::memmem::find(bytes, text).is_some();
    postman::sniff(bytes).is_none() && has(b"\"log\"") && has(b"\"entries\"")
}

/// The whole of a file that is no HAR.
fn whole(file: &File) -> Result<Vec<u8>, Refusal> {
    let most = MAX_FILE as u64;
    let mut bytes = Vec::new();
    At { file, position: 0 }.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        let message = format!("The file is larger than {} MiB, which only HAR files may be.", most >> 20);
        return Err(refusal(&message, "Export less into one file."));
    }
    Ok(bytes)
}

fn refusal(message: &str, hint: &str) -> Refusal {
    Refusal::File { message: message.to_owned(), json_path: None, hint: hint.to_owned() }
}
