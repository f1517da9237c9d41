//! Versions of Node.js that do not know the proxy variables: said instead of capturing nothing silently.

use std::{ffi::OsString, path::Path, process::Stdio, time::Duration};
use tokio::{process::Command, time::timeout};

/// Commands that are run by the `node` of the path.
const RUN_BY_NODE: [&str; 7] = ["npm", "npx", "yarn", "yarnpkg", "pnpm", "pnpx", "corepack"];
/// `node --version` takes a twentieth of this.
const PATIENCE: Duration = Duration::from_secs(2);

/// What to say before a command of Node.js that will not use the proxy; nothing about every other.
pub(super) async fn warning(command: &[OsString]) -> Option<String> {
    let program = command.first()?;
    let name = Path::new(program).file_stem()?.to_str()?;
    let node = match name {
        "node" | "nodejs" => program.clone(),
        name if RUN_BY_NODE.contains(&name) => "node".into(),
        _ => return None,
    };
    let version = Command::new(node).arg("--version").stdin(Stdio::null()).stderr(Stdio::null()).output();
    let version = timeout(PATIENCE, version).await.ok()?.ok()?;
    let version = Version::read(str::from_utf8(&version.stdout).ok()?)?;
    (!version.knows_proxy_variables()).then(|| {
        let Version { major, minor } = version;
        let own = if name.starts_with("node") { "" } else { &format!(" (the requests of {name} itself may be)") };
        format!(
            "Node.js {major}.{minor} ignores proxy variables: what its programs send is not captured{own}. \
             22.21, 24.5 and newer know them"
        )
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Version {
    major: u32,
    minor: u32,
}

impl Version {
    /// Reads `v22.21.0`.
    fn read(text: &str) -> Option<Self> {
        let mut numbers = text.trim().strip_prefix('v')?.split('.').map(str::parse);
        Some(Self { major: numbers.next()?.ok()?, minor: numbers.next()?.ok()? })
    }

    /// Whether `NODE_USE_ENV_PROXY=1` works for all of its clients: since 22.21 and 24.5.
    fn knows_proxy_variables(self) -> bool {
        match self.major {
            22 => self.minor >= 21,
            24 => self.minor >= 5,
            major => major > 24,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        for (text, knows) in
            [("v18.20.1", false), ("v20.19.0\n", false), ("v22.20.9", false), ("v22.21.0", true), ("v23.11.0", false)]
                .into_iter()
                .chain([("v24.4.1", false), ("v24.5.0", true), ("v25.0.0-nightly", true), ("v100.1.1", true)])
        {
            assert_eq!(Version::read(text).unwrap().knows_proxy_variables(), knows, "{text}");
        }
        for other in ["", "22.1.0", "v", "v22", "vx.y"] {
            assert_eq!(Version::read(other), None, "{other}");
        }
    }
}
