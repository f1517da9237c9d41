//! A disk of its own for a data folder, small enough to be filled. It takes the right to mount, which root has.

use crate::daemon::Place;
use std::{
    fs::{self, File},
    io::{self, Read},
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Command, Output},
};

/// A disk that has stopped: who writes to it waits. Dropping this lets it go on; that must come before the end of the
/// daemon is waited for.
pub struct Frozen(PathBuf);

/// A file system mounted on the data folder of a place. Dropping it unmounts it; the daemon must have ended.
pub struct Disk {
    place: Place,
}

impl Disk {
    /// Mounts a tmpfs of `mebibytes` on the place's data folder. `None` where mounting is not possible, which is said on
    /// standard output: the test that wanted it cannot run then.
    pub fn mount(place: &Place, mebibytes: u64) -> Option<Self> {
        fs::create_dir(place.data()).expect("a folder");
        let options = format!("size={mebibytes}m");
        let mounted = run(Command::new("mount").args(["-t", "tmpfs", "-o", &options, "waylay-test"]).arg(place.data()));
        Self::mounted(place, mounted)
    }

    /// Mounts a file system of 1 GiB that can be [frozen](Self::freeze). `None` as for [`mount`](Self::mount).
    pub fn mount_freezable(place: &Place) -> Option<Self> {
        fs::create_dir(place.data()).expect("a folder");
        let image = place.data().with_extension("image");
        File::create(&image).and_then(|file| file.set_len(1 << 30)).expect("a sparse file");
        let made = run(Command::new("mkfs.ext4").arg("-q").arg(&image));
        let mounted = made.and_then(|_| run(Command::new("mount").args(["-o", "loop"]).arg(&image).arg(place.data())));
        Self::mounted(place, mounted)
    }

    #[allow(clippy::print_stdout)]
    fn mounted(place: &Place, result: Result<Output, String>) -> Option<Self> {
        match result {
            Ok(_) => {
                fs::set_permissions(place.data(), fs::Permissions::from_mode(0o700)).expect("a folder of our own");
                Some(Self { place: place.clone() })
            }
            Err(why) => {
                println!("SKIPPED: no disk can be mounted for this test: {why}");
                None
            }
        }
    }

    /// Stops the disk.
    pub fn freeze(&self) -> Frozen {
        run(Command::new("fsfreeze").arg("-f").arg(self.place.data())).expect("a disk that can be frozen");
        Frozen(self.place.data())
    }

    /// Fills it up but for `mebibytes`; with 0 to the last byte. On the way there it is never emptier than before and after.
    pub fn leave_free(&self, mebibytes: u64) {
        let mut filler = File::options().create(true).append(true).open(self.filler()).expect("a file");
        let found = rustix::fs::statvfs(self.place.data()).expect("a file system");
        let (free, filled) = (found.f_bavail * found.f_frsize, filler.metadata().expect("an open file").len());
        let wanted = (free + filled).saturating_sub(mebibytes << 20);
        if wanted < filled {
            return filler.set_len(wanted).expect("a shorter file");
        }
        // More than there is, where all of it is wanted: the others write as well.
        let more = if mebibytes == 0 { free * 2 } else { wanted - filled };
        let written = io::copy(&mut io::repeat(0).take(more), &mut filler);
        assert!(mebibytes == 0 || written.is_ok(), "{written:?}");
    }

    /// Takes away what filled it up, and makes it so large that nothing else does.
    pub fn clear(&self) {
        fs::remove_file(self.filler()).expect("it was filled");
        run(Command::new("mount").args(["-o", "remount,size=1g"]).arg(self.place.data())).expect("a larger disk");
    }

    fn filler(&self) -> PathBuf {
        self.place.data().join("filler")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: somebody may still look at a file.
        let _ = run(Command::new("umount").arg("-l").arg(self.place.data()));
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        let _ = run(Command::new("fsfreeze").arg("-u").arg(&self.0));
    }
}

fn run(command: &mut Command) -> Result<Output, String> {
    let output = command.output().map_err(|e| e.to_string())?;
    match output.status.success() {
        true => Ok(output),
        false => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
    }
}
