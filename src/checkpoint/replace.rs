//! A file replaced as a whole: written beside, brought to the disk, renamed.
//!
//! Enters: a path, and a function that writes. Leaves: the new file in the old one's place, with its permissions; after a
//! failure the old one, untouched, and nothing else. Only a process that is killed meanwhile leaves something behind, a
//! file `.phonograd-*.tmp` that nobody reads, and that a later save in that folder removes.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::{failed, refused};
use crate::error::Result;

/// What names of unfinished files begin and end with.
const UNFINISHED: (&str, &str) = (".phonograd-", ".tmp");

/// An unfinished file to which nobody has written for so long is nobody's.
const ABANDONED: Duration = Duration::from_secs(600);

/// Tells apart files that threads of one process write at a time.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// Replaces the file at a path, or what a link there points to, by what `write` writes.
pub fn replace(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> Result<()> {
    if cfg!(target_endian = "big") {
        return Err(refused("save", path, "and files are little-endian while this machine is not"));
    }
    let io = |e: io::Error| failed("save", path, &e);
    let target = match fs::symlink_metadata(path) {
        Ok(there) if there.is_symlink() => fs::canonicalize(path).map_err(io)?,
        _ => path.to_path_buf(),
    };
    let old = match fs::metadata(&target) {
        Ok(there) if there.is_file() => Some(there.permissions()),
        Ok(_) => return Err(refused("save", path, "for it is no regular file")),
        Err(e) if e.kind() == ErrorKind::NotFound => None,
        Err(e) => return Err(io(e)),
    };
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_path_buf(),
        _ => PathBuf::from("."),
    };
    let (beside, mut file) = create(&folder).map_err(io)?;
    let finish = || {
        write(&mut file)?;
        if let Some(permissions) = old {
            file.set_permissions(permissions)?;
        }
        file.sync_all()?;
        fs::rename(&beside, &target)
    };
    if let Err(e) = finish() {
        // What went wrong first is what is told.
        let _ = fs::remove_file(&beside);
        return Err(io(e));
    }
    sync_folder(&folder).map_err(io)?;
    sweep(&folder);
    Ok(())
}

/// Removes what processes that were killed left in a folder; if that fails, the next save tries again.
fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let unfinished = name.to_str().is_some_and(|n| n.starts_with(UNFINISHED.0) && n.ends_with(UNFINISHED.1));
        let age = || entry.metadata().ok()?.modified().ok()?.elapsed().ok();
        if unfinished && age().is_some_and(|age| age > ABANDONED) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// A new file in a folder, under a name that no other has.
fn create(folder: &Path) -> io::Result<(PathBuf, File)> {
    loop {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!("{}{}-{number}{}", UNFINISHED.0, std::process::id(), UNFINISHED.1));
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
            made => return made.map(|file| (path, file)),
        }
    }
}

/// Brings the rename to the disk; some file systems have no way to ask for it.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        Err(e) if matches!(e.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => Ok(()),
        done => done,
    }
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}
