//! What to record, on the command line: flags, presets, and the words for rules.

use crate::{
    capture::presets,
    cli::report::{Exit, Report},
};
use clap::Args;
use waylay_storage::model::RecordingRules;

/// What to record. Flags are added to the preset, or to what is recorded unless something else is said. They never change what
/// clients get.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
#[command(next_help_heading = "What to record")]
pub struct RuleArgs {
    /// Begin with these rules: default, everything, api, no-assets, errors.
    #[arg(long, value_name = "NAME")]
    pub preset: Option<String>,

    /// Only this method; may be repeated.
    #[arg(long, value_name = "METHOD")]
    pub method: Vec<String>,

    /// Only this status: 404, 5xx, or failed for requests without an answer; may be repeated.
    #[arg(long, value_name = "STATUS")]
    pub status: Vec<String>,

    /// Only this host: host, *.host for the names below it, or an IP address, each with or without :port; may be
    /// repeated.
    #[arg(long, value_name = "HOST")]
    pub host: Vec<String>,

    /// Only URLs that contain this text, or match it if it is /a regular expression/ (with i behind it to ignore
    /// case); may be repeated.
    #[arg(long, value_name = "TEXT")]
    pub contains: Vec<String>,

    /// No URLs that contain or match this; may be repeated.
    #[arg(long, value_name = "TEXT")]
    pub excludes: Vec<String>,

    /// Only responses whose media type contains this, such as json; none for those without a type; may be repeated.
    #[arg(long = "type", value_name = "TYPE")]
    pub content_type: Vec<String>,

    /// Do not store bodies of responses.
    #[arg(long)]
    pub no_responses: bool,

    /// Do not look at cookies.
    #[arg(long)]
    pub no_cookies: bool,

    /// Store the bodies of images, audio and video, too.
    #[arg(long)]
    pub media: bool,
}

impl RuleArgs {
    /// The rules they make; `None` if nothing was said.
    ///
    /// # Errors
    /// A [`Report`] for a preset that does not exist.
    pub fn rules(&self) -> Result<Option<RecordingRules>, Report> {
        if *self == Self::default() {
            return Ok(None);
        }
        let mut rules = match &self.preset {
            None => RecordingRules::default(),
            Some(name) => presets::named(name).ok_or_else(|| unknown(name))?.rules,
        };
        for (list, flags) in [
            (&mut rules.methods, &self.method),
            (&mut rules.status, &self.status),
            (&mut rules.hosts, &self.host),
            (&mut rules.url_contains, &self.contains),
            (&mut rules.url_excludes, &self.excludes),
            (&mut rules.content_types, &self.content_type),
        ] {
            list.extend(flags.iter().cloned());
        }
        rules.save_responses &= !self.no_responses;
        rules.capture_cookies &= !self.no_cookies;
        rules.media |= self.media;
        Ok(Some(rules))
    }
}

fn unknown(name: &str) -> Report {
    let names: Vec<_> = presets::all().iter().map(|preset| preset.name).collect();
    Report::new(Exit::USAGE, format!("there is no preset '{name}'")).advise(format!("There are {}.", names.join(", ")))
}

/// What is recorded, in a few words: `method GET; status 5xx; no responses`. Nothing for the usual rules.
pub fn words(rules: &RecordingRules) -> Option<String> {
    let lists = [
        ("method", &rules.methods),
        ("status", &rules.status),
        ("host", &rules.hosts),
        ("URL with", &rules.url_contains),
        ("URL without", &rules.url_excludes),
        ("type", &rules.content_types),
    ];
    let lists = lists.into_iter().filter(|(_, entries)| !entries.is_empty());
    let mut words: Vec<String> = lists.map(|(what, entries)| format!("{what} {}", entries.join(", "))).collect();
    let switches = [
        (!rules.save_responses, "no bodies of responses"),
        (!rules.capture_cookies, "no cookies"),
        (rules.media, "media too"),
    ];
    words.extend(switches.into_iter().filter(|(on, _)| *on).map(|(_, what)| what.to_owned()));
    (!words.is_empty()).then(|| words.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_added_to_the_preset() {
        let args = RuleArgs { preset: Some("errors".into()), status: vec!["304".into()], ..RuleArgs::default() };
        let rules = args.rules().unwrap().unwrap();
        assert_eq!(rules.status, ["4xx", "5xx", "failed", "304"]);
        assert_eq!(words(&rules).unwrap(), "status 4xx, 5xx, failed, 304");
        assert_eq!(RuleArgs::default().rules().unwrap(), None);
        let quiet = RuleArgs { no_responses: true, no_cookies: true, media: true, ..RuleArgs::default() };
        let quiet = quiet.rules().unwrap().unwrap();
        assert_eq!(words(&quiet).unwrap(), "no bodies of responses; no cookies; media too");
        assert_eq!(words(&RecordingRules::default()), None);
        let wrong = RuleArgs { preset: Some("error".into()), ..RuleArgs::default() };
        assert_eq!(wrong.rules().unwrap_err().exit(), Exit::USAGE);
    }
}
