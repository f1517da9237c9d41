//! The files that the variables of a captured command name, in the data folder.

use super::{environment::Proxy, pkcs12};
use crate::{
    cli::report::Report,
    data_dir::{DataDir, replace_private},
};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use std::{
    ffi::OsString,
    fmt::Write,
    path::{Path, PathBuf},
};
use waylay_ca::Certificate;

/// Files for the programs of one proxy port.
#[derive(Debug)]
pub struct Files {
    /// Our CA alone, PEM.
    pub certificate: PathBuf,
    /// The system's roots and our CA, PEM.
    pub bundle: PathBuf,
    /// The user's own settings of wget, and below them ours.
    pub wgetrc: PathBuf,
    /// The same roots for Java, PKCS#12 without a password.
    pub java: PathBuf,
}

impl Files {
    /// Writes them.
    ///
    /// # Errors
    /// A [`Report`] if the authority's certificate cannot be read or a file cannot be written.
    pub fn write(
        data: &DataDir,
        proxy: &Proxy,
        environment: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, Report> {
        let certificate = Certificate::load(&data.ca())?;
        let bundle = certificate.bundle();
        let folder = data.run();
        data.create_folder(&folder)?;
        let files = Self {
            certificate: folder.join("ca.pem"),
            bundle: folder.join("bundle.pem"),
            // Every run has a port of its own.
            wgetrc: folder.join(format!("wgetrc-{}", proxy.address.port())),
            java: folder.join("truststore.p12"),
        };
        let roots: Vec<CertificateDer<'_>> = CertificateDer::pem_slice_iter(bundle.as_bytes()).flatten().collect();
        let write = |path: &Path, contents: &[u8]| {
            replace_private(path, contents)
                .map_err(|error| Report::io(format!("cannot write {}", path.display()), error))
        };
        write(&files.certificate, certificate.pem().as_bytes())?;
        write(&files.java, &pkcs12::trust_store(&roots))?;
        write(&files.wgetrc, &wgetrc(own_wgetrc(environment), &files.bundle, proxy))?;
        write(&files.bundle, bundle.as_bytes())?;
        Ok(files)
    }

    /// Removes what was for this proxy port alone.
    pub fn remove_own(&self) {
        if let Err(error) = std::fs::remove_file(&self.wgetrc) {
            tracing::debug!(%error, "a file of the run stays behind");
        }
    }
}

/// `WGETRC` replaces the user's file, which must go on holding.
fn own_wgetrc(environment: impl Fn(&str) -> Option<OsString>) -> Vec<u8> {
    let home = || environment("HOME").map(|home| Path::new(&home).join(".wgetrc"));
    let path = environment("WGETRC").map(PathBuf::from).or_else(home);
    path.and_then(|path| std::fs::read(path).ok()).unwrap_or_default()
}

fn wgetrc(mut own: Vec<u8>, bundle: &Path, proxy: &Proxy) -> Vec<u8> {
    let mut lines = format!("\nca_certificate = {}\nuse_proxy = on\n", bundle.display());
    for setting in ["http_proxy", "https_proxy"] {
        // Writing to a String cannot fail.
        let _ = writeln!(lines, "{setting} = {}", proxy.url());
    }
    if !proxy.keep_no_proxy {
        lines.push_str("no_proxy =\n");
    }
    own.extend_from_slice(lines.as_bytes());
    own
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_users_own_settings_of_wget_hold_but_for_ours() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join(".wgetrc"), "tries = 3\nuse_proxy = off").unwrap();
        let own = own_wgetrc(|name| (name == "HOME").then(|| home.path().into()));
        let proxy = Proxy { address: "127.0.0.1:9".parse().unwrap(), keep_no_proxy: false };
        let text = String::from_utf8(wgetrc(own, Path::new("/b"), &proxy)).unwrap();
        assert!(text.starts_with("tries = 3\nuse_proxy = off\nca_certificate = /b\nuse_proxy = on\n"), "{text}");
        assert!(text.ends_with("no_proxy =\n"));
        assert_eq!(own_wgetrc(|_| None), b"");
    }
}
