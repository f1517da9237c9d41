//! Sets of recording rules that have a name.

use serde::Serialize;
use waylay_storage::model::RecordingRules;

/// Rules with a name.
#[derive(Clone, Debug, Serialize)]
pub struct Preset {
    /// A word for programs and the command line.
    pub name: &'static str,
    /// What it does: a few words.
    pub title: &'static str,
    /// The rules.
    pub rules: RecordingRules,
}

/// What pages load besides their content, by the end of the path.
const ASSETS: &str = r"/^[^?#]*\.(css|m?js|map|png|jpe?g|gif|webp|avif|svg|ico|bmp|woff2?|ttf|otf|eot)([?#]|$)/i";

/// All there are, the usual one first.
pub fn all() -> Vec<Preset> {
    let list = |entries: &[&str]| entries.iter().map(|entry| (*entry).to_owned()).collect::<Vec<_>>();
    let usual = RecordingRules::default;
    vec![
        Preset { name: "default", title: "Everything but the bodies of images, audio and video", rules: usual() },
        Preset { name: "everything", title: "Everything, media too", rules: RecordingRules { media: true, ..usual() } },
        Preset {
            name: "api",
            title: "Calls of APIs: JSON, XML, gRPC, event streams",
            rules: RecordingRules {
                content_types: list(&[
                    "json",
                    "application/xml",
                    "text/xml",
                    "soap+xml",
                    "grpc",
                    "protobuf",
                    "event-stream",
                    "none",
                ]),
                ..usual()
            },
        },
        Preset {
            name: "no-assets",
            title: "No style sheets, scripts, images and fonts",
            rules: RecordingRules { url_excludes: list(&[ASSETS]), ..usual() },
        },
        Preset {
            name: "errors",
            title: "What went wrong: 4xx, 5xx, and requests without an answer",
            rules: RecordingRules { status: list(&["4xx", "5xx", "failed"]), ..usual() },
        },
    ]
}

/// The preset of that name.
pub fn named(name: &str) -> Option<Preset> {
    all().into_iter().find(|preset| preset.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::policy::{Asked, Policy};
    use waylay_storage::model::{Kind, Scheme};

    #[test]
    fn every_preset_can_be_used() {
        for preset in all() {
            Policy::new(&preset.rules).unwrap_or_else(|e| panic!("{}: {e}", preset.name));
            assert_eq!(named(preset.name).unwrap().rules, preset.rules);
        }
        assert_eq!(all()[0].rules, RecordingRules::default());
    }

    #[test]
    fn assets_are_told_by_the_end_of_the_path() {
        let policy = Policy::new(&named("no-assets").unwrap().rules).unwrap();
        for (path, wanted) in [
            ("/app.js", false),
            ("/a/b/style.CSS?v=3", false),
            ("/font.woff2", false),
            ("/module.mjs", false),
            ("/data.json", true),
            ("/javascript", true),
            ("/search?file=a.css", true),
            ("/", true),
        ] {
            let asked =
                Asked { kind: Kind::Http, method: "GET", scheme: Scheme::Https, host: "a.test", port: 443, path };
            assert_eq!(policy.wants_request(&asked), wanted, "{path}");
        }
    }
}
