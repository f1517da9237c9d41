//! The root on disk: `waylay-ca.key` and `waylay-ca.pem`, replaced so that a crash leaves the old pair or the new one.
//!
//! Two files cannot be renamed as one, so a replacement is done in this order, under a lock that other processes respect:
//!
//! 1. `waylay-ca.pem.new` is written and flushed,
//! 2. `waylay-ca.key.new` is written and flushed,
//! 3. `waylay-ca.key.new` is renamed to `waylay-ca.key`: from here on the new pair counts,
//! 4. `waylay-ca.pem.new` is renamed to `waylay-ca.pem`.
//!
//! Whoever opens the folder next finds out how far that came ([`settle`]): if the key belongs to the waiting certificate,
//! step 4 is made up for; otherwise what is waiting is thrown away.

use std::path::Path;

use rcgen::KeyPair;

use crate::certificate::Certificate;
use crate::error::CaError;
use crate::platform::{Access, Folder};
use crate::root::Root;

const KEY: &str = "waylay-ca.key";
const CERTIFICATE: &str = "waylay-ca.pem";
const NEW_KEY: &str = "waylay-ca.key.new";
const NEW_CERTIFICATE: &str = "waylay-ca.pem.new";

/// The root in this folder; a new one if there is none.
pub(crate) fn load_or_create(dir: &Path, now: i64) -> Result<Root, CaError> {
    let folder = Folder::open_or_create(dir)?;
    let _lock = folder.lock()?;
    settle(&folder)?;
    match (read_key(&folder)?, read_certificate(&folder, CERTIFICATE)?) {
        (None, None) => {
            let root = Root::generate(now)?;
            replace(&folder, &root)?;
            tracing::info!(name = root.certificate.name(), "made a certificate authority");
            Ok(root)
        }
        (Some(key), Some(certificate)) if Root::matches(&certificate, &key) => Ok(Root { certificate, key }),
        (Some(_), Some(_)) => Err(CaError::Mismatch { dir: dir.to_owned() }),
        (None, Some(_)) => Err(CaError::Incomplete { path: folder.path(KEY) }),
        (Some(_), None) => Err(CaError::Incomplete { path: folder.path(CERTIFICATE) }),
    }
}

/// The certificate alone.
pub(crate) fn load_certificate(dir: &Path) -> Result<Certificate, CaError> {
    let missing = || CaError::Missing { dir: dir.to_owned() };
    let folder = Folder::open(dir)?.ok_or_else(missing)?;
    read_certificate(&folder, CERTIFICATE)?.ok_or_else(missing)
}

/// Puts a new root into this folder, whatever is there.
pub(crate) fn rotate(dir: &Path, now: i64) -> Result<Certificate, CaError> {
    let folder = Folder::open_or_create(dir)?;
    let _lock = folder.lock()?;
    // An unreadable key is no reason to refuse its replacement.
    if let Err(error) = settle(&folder) {
        tracing::debug!(%error, "leftovers of an earlier replacement are thrown away");
    }
    let root = Root::generate(now)?;
    replace(&folder, &root)?;
    tracing::info!(name = root.certificate.name(), "made a new certificate authority");
    Ok(root.certificate)
}

/// Ends a replacement that was cut short. Called with the lock held.
fn settle(folder: &Folder) -> Result<(), CaError> {
    if !folder.contains(NEW_KEY)? && folder.contains(NEW_CERTIFICATE)? {
        // Cut short within step 1 the certificate is garbled, or the key is still the old one.
        let waiting = read_certificate(folder, NEW_CERTIFICATE).ok().flatten();
        let key = read_key(folder)?;
        if waiting.zip(key).is_some_and(|(certificate, key)| Root::matches(&certificate, &key)) {
            folder.rename(NEW_CERTIFICATE, CERTIFICATE)?;
            return folder.sync();
        }
    }
    folder.remove(NEW_KEY)?;
    folder.remove(NEW_CERTIFICATE)
}

/// The four steps. Called with the lock held.
fn replace(folder: &Folder, root: &Root) -> Result<(), CaError> {
    folder.remove(NEW_KEY)?;
    folder.remove(NEW_CERTIFICATE)?;
    folder.write_new(NEW_CERTIFICATE, root.certificate.pem().as_bytes(), Access::Public)?;
    folder.write_new(NEW_KEY, root.key.serialize_pem().as_bytes(), Access::Private)?;
    folder.sync()?;
    folder.rename(NEW_KEY, KEY)?;
    folder.sync()?;
    folder.rename(NEW_CERTIFICATE, CERTIFICATE)?;
    folder.sync()
}

fn read_key(folder: &Folder) -> Result<Option<KeyPair>, CaError> {
    let Some(bytes) = folder.read(KEY, Access::Private)? else { return Ok(None) };
    let bad = |why: &str| CaError::BadKey { path: folder.path(KEY), why: why.to_owned() };
    let text = String::from_utf8(bytes).map_err(|_| bad("it is not text in PEM form"))?;
    // The parser's own words could quote the file.
    KeyPair::from_pem(&text).map(Some).map_err(|_| bad("it is not a private key in PEM form"))
}

fn read_certificate(folder: &Folder, name: &str) -> Result<Option<Certificate>, CaError> {
    let Some(bytes) = folder.read(name, Access::Public)? else { return Ok(None) };
    Certificate::from_pem(&bytes).map(Some).map_err(|why| CaError::BadCertificate { path: folder.path(name), why })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const NOW: i64 = 1_800_000_000;

    struct Store {
        _temporary: tempfile::TempDir,
        dir: std::path::PathBuf,
    }

    /// A folder with a root in it.
    fn store() -> (Store, Certificate) {
        let temporary = tempfile::tempdir().unwrap();
        let dir = temporary.path().join("ca");
        let certificate = load_or_create(&dir, NOW).unwrap().certificate;
        (Store { _temporary: temporary, dir }, certificate)
    }

    impl Store {
        fn load(&self) -> Result<Certificate, CaError> {
            load_or_create(&self.dir, NOW).map(|root| root.certificate)
        }

        fn write(&self, name: &str, access: Access, bytes: &[u8]) {
            Folder::open(&self.dir).unwrap().unwrap().write_new(name, bytes, access).unwrap();
        }

        fn remove(&self, name: &str) {
            fs::remove_file(self.dir.join(name)).unwrap();
        }

        fn leftovers(&self) -> bool {
            self.dir.join(NEW_KEY).exists() || self.dir.join(NEW_CERTIFICATE).exists()
        }
    }

    #[test]
    fn the_same_root_is_found_again() {
        let (store, first) = store();
        assert_eq!(store.load().unwrap(), first);
        assert_eq!(load_certificate(&store.dir).unwrap(), first);
        assert!(!store.leftovers());
    }

    #[test]
    fn rotation_leaves_a_new_pair_that_fits() {
        let (store, first) = store();
        let second = rotate(&store.dir, NOW).unwrap();
        assert_ne!(first, second);
        assert_eq!(store.load().unwrap(), second);
        assert!(!store.leftovers());
    }

    /// Cuts a rotation short after each of its steps, and in the middle of both writes.
    #[test]
    fn a_rotation_cut_short_anywhere_leaves_one_whole_pair() {
        let new = Root::generate(NOW).unwrap();
        let (pem, key) = (new.certificate.pem(), new.key.serialize_pem());
        for step in 0..=6 {
            let (store, old) = store();
            if step >= 1 {
                let written = if step == 1 { &pem[..pem.len() / 2] } else { &pem };
                store.write(NEW_CERTIFICATE, Access::Public, written.as_bytes());
            }
            if step >= 3 {
                let written = if step == 3 { &key[..key.len() / 2] } else { &key };
                store.write(NEW_KEY, Access::Private, written.as_bytes());
            }
            if step >= 5 {
                fs::rename(store.dir.join(NEW_KEY), store.dir.join(KEY)).unwrap();
            }
            if step >= 6 {
                fs::rename(store.dir.join(NEW_CERTIFICATE), store.dir.join(CERTIFICATE)).unwrap();
            }
            let wanted = if step >= 5 { &new.certificate } else { &old };
            assert_eq!(&store.load().unwrap(), wanted, "cut short after step {step}");
            assert!(!store.leftovers(), "cut short after step {step}");
        }
    }

    /// The same for the first root, where nothing is there to fall back to.
    #[test]
    fn a_creation_cut_short_is_made_up_for_or_begun_anew() {
        let new = Root::generate(NOW).unwrap();
        let (pem, key) = (new.certificate.pem(), new.key.serialize_pem());
        for committed in [false, true] {
            let (store, _) = store();
            store.remove(KEY);
            store.remove(CERTIFICATE);
            store.write(NEW_CERTIFICATE, Access::Public, pem.as_bytes());
            store.write(if committed { KEY } else { NEW_KEY }, Access::Private, key.as_bytes());
            let loaded = store.load().unwrap();
            assert_eq!(loaded == new.certificate, committed);
            assert_eq!(store.load().unwrap(), loaded);
            assert!(!store.leftovers());
        }
    }

    #[test]
    fn half_a_pair_is_refused_rather_than_replaced() {
        for gone in [KEY, CERTIFICATE] {
            let (store, _) = store();
            store.remove(gone);
            let Err(CaError::Incomplete { path }) = store.load() else { panic!("{gone} was not missed") };
            assert!(path.ends_with(gone));
            let other = if gone == KEY { CERTIFICATE } else { KEY };
            assert!(store.dir.join(other).exists(), "{other} was touched");
            rotate(&store.dir, NOW).unwrap();
            store.load().unwrap();
        }
    }

    #[test]
    fn a_key_of_another_certificate_is_refused() {
        let ((store, _), (other, _)) = (store(), self::store());
        fs::copy(other.dir.join(KEY), store.dir.join(KEY)).unwrap();
        assert!(matches!(store.load(), Err(CaError::Mismatch { .. })));
        rotate(&store.dir, NOW).unwrap();
        store.load().unwrap();
    }

    #[test]
    fn garbled_files_are_refused_and_rotation_mends_them() {
        let garbage: [&[u8]; 4] = [
            b"",
            b"\xff\xfe not text",
            b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
            b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ];
        for bytes in garbage {
            let (store, _) = store();
            fs::write(store.dir.join(KEY), bytes).unwrap();
            assert!(matches!(store.load(), Err(CaError::BadKey { .. })));
            rotate(&store.dir, NOW).unwrap();
            fs::write(store.dir.join(CERTIFICATE), bytes).unwrap();
            assert!(matches!(store.load(), Err(CaError::BadCertificate { .. })));
            assert!(matches!(load_certificate(&store.dir), Err(CaError::BadCertificate { .. })));
            rotate(&store.dir, NOW).unwrap();
            store.load().unwrap();
        }
    }

    #[test]
    fn no_message_quotes_the_key() {
        let (store, _) = store();
        let key = fs::read_to_string(store.dir.join(KEY)).unwrap();
        fs::write(store.dir.join(KEY), key.replace("-----END", "-----XEND")).unwrap();
        let error = load_or_create(&store.dir, NOW).err().unwrap();
        let body = key.lines().nth(1).unwrap();
        assert!(!format!("{error} {error:?} {}", error.hint()).contains(body));
    }

    #[test]
    fn a_folder_without_a_certificate_is_said_to_be_empty() {
        let temporary = tempfile::tempdir().unwrap();
        assert!(matches!(load_certificate(&temporary.path().join("none")), Err(CaError::Missing { .. })));
        assert!(!temporary.path().join("none").exists(), "reading creates nothing");
    }
}
