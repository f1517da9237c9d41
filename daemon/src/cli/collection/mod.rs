//! `waylay collection`: requests that are kept. What shows them reads the store, with and without a daemon; what changes
//! them asks the daemon, or does it itself where none runs.
//!
//! - `list`, `show`: what there is
//! - `save`: captured exchanges to collections
//! - `change`: collections and items: made, renamed, moved, copied, deleted

mod change;
mod list;
mod save;
mod show;

use super::{
    Context,
    export::postman,
    report::{Exit, Report},
    send::{self, SendArgs},
};
use crate::collection::{
    gather::{AuthChoice, Folders},
    stored,
};
use clap::{Args, Subcommand, ValueEnum};
use waylay_storage::{Reader, model::CollectionSummary};

/// What can be done with collections.
#[derive(Debug, Subcommand)]
pub enum CollectionCommand {
    /// List collections by name.
    #[command(visible_alias = "ls")]
    List,
    /// Show what is in a collection, or one item of it.
    Show(ShowArgs),
    /// Find requests, folders and examples of all collections by name, method or URL.
    Search(SearchArgs),
    /// Save captured exchanges to a new collection, or to one that is there.
    Save(SaveArgs),
    /// Make an empty collection.
    New(NewArgs),
    /// Give a collection, or an item, another name.
    Rename(RenameArgs),
    /// Move items: elsewhere in their collection, or into another one.
    Move(MoveArgs),
    /// Copy a collection, or an item.
    Duplicate(NamedArgs),
    /// Delete a collection, or items.
    Rm(RmArgs),
    /// Write a collection to a file, a folder or a zip archive for Postman.
    Export(ExportArgs),
    /// Send a request of a collection, as `waylay send --item` does.
    Send(Box<SendItemArgs>),
}

/// Arguments of `waylay collection show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The collection: its number or its name.
    #[arg(value_name = "COLLECTION", required_unless_present = "item")]
    pub name: Option<String>,

    /// One item, with what matters around it.
    #[arg(long, value_name = "ID", conflicts_with = "name")]
    pub item: Option<i64>,
}

/// Arguments of `waylay collection export`.
#[derive(Debug, Args)]
#[command(after_help = postman::ABOUT)]
pub struct ExportArgs {
    /// The collection: its number or its name.
    #[arg(value_name = "COLLECTION")]
    pub name: String,

    /// Where it goes, and how.
    #[command(flatten)]
    pub to: postman::To,
}

/// Arguments of `waylay collection search`.
#[derive(Debug, Args)]
pub struct SearchArgs {
    /// What to look for.
    pub text: String,

    /// How many at most.
    #[arg(short = 'n', long, default_value_t = 100)]
    pub limit: usize,
}

/// Arguments of `waylay collection save`.
#[derive(Debug, Args)]
#[command(
    after_help = "Pictures, sound, video, fonts and preflights of CORS are left out unless asked for. With --merge, \
requests of one endpoint that are made alike become one, with an example for each answer that differs."
)]
pub struct SaveArgs {
    /// Exchanges that match; all of them without a filter.
    pub filter: Vec<String>,

    /// Those of a session alone.
    #[arg(long, value_name = "N")]
    pub session: Option<i64>,

    /// The collection, by its number or its name; a new one if there is none of that name.
    #[arg(long, value_name = "COLLECTION", required_unless_present = "dry_run")]
    pub to: Option<String>,

    /// A folder of it, by its number.
    #[arg(long, value_name = "ID")]
    pub into: Option<i64>,

    /// Which folders there are; without any, requests stand in the order in which they were captured.
    #[arg(long, value_enum, value_name = "WHICH", default_value_t = FolderChoice::None)]
    pub folders: FolderChoice,

    /// One request for those of the same endpoint that are made alike.
    #[arg(long)]
    pub merge: bool,

    /// Keep no answers as examples.
    #[arg(long)]
    pub no_examples: bool,

    /// Take preflights, too.
    #[arg(long)]
    pub preflights: bool,

    /// Take requests that were answered with media, too.
    #[arg(long)]
    pub media: bool,

    /// What becomes of who asks: fields stay, become auth, or auth with variables in place of secrets.
    #[arg(long, value_enum, value_name = "HOW", default_value_t = WhoAsks::Keep)]
    pub auth: WhoAsks,

    /// Make scheme and host a variable.
    #[arg(long)]
    pub base_url: bool,

    /// A path with variables, such as /users/:id or api.example.com/users/:id; may be repeated.
    #[arg(long = "template", value_name = "PATH")]
    pub templates: Vec<String>,

    /// Show what would be made, and make nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// Which folders there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FolderChoice {
    /// None.
    None,
    /// One for each host.
    Domain,
    /// One for each endpoint.
    Endpoint,
    /// One for each host, and in these one for each endpoint.
    DomainEndpoint,
}

/// What becomes of who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum WhoAsks {
    /// Fields stay as they were captured.
    Keep,
    /// Basic and Bearer become auth of the request.
    Helper,
    /// Likewise, with variables in place of secrets.
    Variable,
}

/// Arguments of `waylay collection new`.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// Its name.
    pub name: String,
}

/// Arguments of `waylay collection rename`.
#[derive(Debug, Args)]
#[command(override_usage = "waylay collection rename [OPTIONS] <COLLECTION|--item <ID>> <NEW>")]
pub struct RenameArgs {
    /// The collection, by its number or its name, and what it is called from now on; of an item its new name alone.
    #[arg(value_name = "COLLECTION NEW", required = true, num_args = 1..=2)]
    pub words: Vec<String>,

    /// An item instead.
    #[arg(long, value_name = "ID")]
    pub item: Option<i64>,
}

/// Arguments of `waylay collection move`.
#[derive(Debug, Args)]
pub struct MoveArgs {
    /// The items, by their numbers.
    #[arg(value_name = "ID", required = true)]
    pub items: Vec<i64>,

    /// The collection they go to, by its number or its name.
    #[arg(long, value_name = "COLLECTION")]
    pub to: String,

    /// The folder of it they go into, or the request examples go to, by its number; the top without it.
    #[arg(long, value_name = "ID")]
    pub into: Option<i64>,

    /// Before which of those there, counted from 0; behind all without it.
    #[arg(long, value_name = "N")]
    pub position: Option<usize>,
}

/// A collection or an item on the command line.
#[derive(Debug, Args)]
pub struct NamedArgs {
    /// The collection: its number or its name.
    #[arg(value_name = "COLLECTION", required_unless_present = "item")]
    pub name: Option<String>,

    /// An item instead.
    #[arg(long, value_name = "ID", conflicts_with = "name")]
    pub item: Option<i64>,
}

/// Arguments of `waylay collection rm`.
#[derive(Debug, Args)]
#[command(after_help = "For 30 seconds, `waylay rm --undo N` brings back what was deleted; then it is purged.")]
pub struct RmArgs {
    /// The collection: its number or its name.
    #[arg(value_name = "COLLECTION", required_unless_present = "items")]
    pub name: Option<String>,

    /// Items instead, with what is in them; may be repeated.
    #[arg(long = "item", value_name = "ID", conflicts_with = "name")]
    pub items: Vec<i64>,
}

/// Arguments of `waylay collection send`.
#[derive(Debug, Args)]
pub struct SendItemArgs {
    /// The request, by its number.
    #[arg(value_name = "ID")]
    pub id: i64,

    /// Take the environment of this name or number; `none` for none. Without it, the one in use.
    #[arg(long = "env", value_name = "NAME")]
    pub environment: Option<String>,

    /// A variable for this request alone; @FILE and env:NAME hold its value.
    #[arg(long = "var", value_name = "NAME=VALUE")]
    pub variables: Vec<String>,

    /// Write the head of the answer before its body.
    #[arg(short, long)]
    pub include: bool,

    /// Exit with 1, and write nothing, where the status is 400 or more.
    #[arg(short, long)]
    pub fail: bool,

    /// Send it as your own although a web page wrote it.
    #[arg(long)]
    pub as_mine: bool,
}

pub(super) fn collection(context: &Context, command: CollectionCommand) -> Result<Exit, Report> {
    match command {
        CollectionCommand::List => list::list(context),
        CollectionCommand::Show(args) => show::show(context, &args),
        CollectionCommand::Search(args) => list::search(context, &args),
        CollectionCommand::Save(args) => save::save(context, &args),
        CollectionCommand::New(args) => change::new(context, &args.name),
        CollectionCommand::Rename(args) => change::rename(context, &args),
        CollectionCommand::Move(args) => change::relocate(context, &args),
        CollectionCommand::Duplicate(args) => change::duplicate(context, &args),
        CollectionCommand::Rm(args) => change::rm(context, &args),
        CollectionCommand::Export(args) => {
            let reader = reader(context)?;
            let collection = stored::whole(&reader, find(&reader, &args.name)?.id)?;
            postman::write(context, &reader, collection, &args.to)
        }
        CollectionCommand::Send(args) => {
            let SendItemArgs { id, environment, variables, include, fail, as_mine } = *args;
            let args =
                SendArgs { item: Some(id), environment, variables, include, fail, as_mine, ..SendArgs::default() };
            send::send(context, args)
        }
    }
}

fn reader(context: &Context) -> Result<Reader, Report> {
    context.data.check()?;
    Ok(Reader::open(context.data.path())?)
}

/// The collection that is meant, if there is one: by its number, or its name.
pub(super) fn look(reader: &Reader, name: &str) -> Result<Option<CollectionSummary>, Report> {
    let mut all = reader.collections()?;
    if let Ok(id) = name.parse::<i64>()
        && let Some(at) = all.iter().position(|found| found.id == id)
    {
        return Ok(Some(all.swap_remove(at)));
    }
    let mut found: Vec<_> = all.into_iter().filter(|found| found.name == name).collect();
    if found.len() > 1 {
        let ids: Vec<_> = found.iter().map(|found| found.id.to_string()).collect();
        return Err(Report::new(Exit::USAGE, format!("several collections are called '{name}'"))
            .advise(format!("Name one by its number: {}.", ids.join(", "))));
    }
    Ok(found.pop())
}

/// The collection that is meant.
pub(super) fn find(reader: &Reader, name: &str) -> Result<CollectionSummary, Report> {
    look(reader, name)?.ok_or_else(|| {
        Report::new(Exit::NOT_FOUND, format!("there is no collection '{name}'"))
            .advise("`waylay collection list` shows them; `waylay collection save` makes one of what was captured.")
    })
}

impl From<FolderChoice> for Folders {
    fn from(choice: FolderChoice) -> Self {
        match choice {
            FolderChoice::None => Self::None,
            FolderChoice::Domain => Self::Domain,
            FolderChoice::Endpoint => Self::Endpoint,
            FolderChoice::DomainEndpoint => Self::DomainEndpoint,
        }
    }
}

impl From<WhoAsks> for AuthChoice {
    fn from(choice: WhoAsks) -> Self {
        match choice {
            WhoAsks::Keep => Self::Keep,
            WhoAsks::Helper => Self::Helper,
            WhoAsks::Variable => Self::Variable,
        }
    }
}
