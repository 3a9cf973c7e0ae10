//! Output that appears whole or not at all.
//!
//! A file is written under a hidden name beside its destination, synced to disk and renamed when it
//! is whole. What an interrupted run leaves behind is recognisable by its name and is removed by the
//! next run to the same destination, if the run that made it is no longer there: a live one holds a
//! lock on its file, which the system lets go of whatever way the process ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::error::{MediaError, Result};

/// What stands between the destination's name and the unique part of a hidden name.
const MARK: &str = ".auricle-";
/// How a hidden name ends.
const END: &str = ".part";
/// Longest destination name that a hidden name repeats; longer ones are cut and told by a digest.
const LONGEST_NAME_BYTES: usize = 200;
/// Tries for a name nobody has.
const TRIES: u32 = 64;

/// A file that is being written; dropped without [`commit`](Self::commit) it is removed.
#[derive(Debug)]
pub struct PendingOutput {
    destination: PathBuf,
    path: PathBuf,
    /// Open for the lock and for syncing.
    file: File,
    force: bool,
    committed: bool,
}

impl PendingOutput {
    /// Makes the hidden file for `destination`.
    ///
    /// # Errors
    /// [`MediaError::Usage`]: the destination exists and `force` is not set, is one of `inputs` by
    /// whatever name or link, is a folder, has too long a name, or its folder is missing. [`MediaError::Io`]: the folder
    /// cannot be written to.
    pub fn create(destination: &Path, inputs: &[&Path], force: bool) -> Result<Self> {
        let usage = |message: String| MediaError::Usage(format!("{}: {message}", destination.display()));
        let Some(name) = destination.file_name() else {
            return Err(usage("is not a file name; say which file to write".into()));
        };
        if destination.is_dir() {
            return Err(usage("is a folder; say which file in it to write".into()));
        }
        // The file system itself knows how long a name may be; where it is to be put in place is too late to ask.
        if destination.symlink_metadata().is_err_and(|error| error.kind() == ErrorKind::InvalidFilename) {
            let bytes = name.as_encoded_bytes().len();
            return Err(usage(format!(
                "is too long a name for the file system here ({bytes} bytes, where 255 are usual); choose a shorter \
                 name for the output"
            )));
        }
        let folder = folder_of(destination);
        if !folder.is_dir() {
            return Err(usage(format!("the folder {} does not exist; make it first", folder.display())));
        }
        for input in inputs {
            if is_same_file(destination, input) {
                return Err(usage(format!(
                    "is the same file as the input {}; inputs are never overwritten, choose another name",
                    input.display()
                )));
            }
        }
        if !force && destination.symlink_metadata().is_ok() {
            return Err(usage("exists already; give --force to replace it, or choose another name".into()));
        }
        let prefix = prefix(&name.to_string_lossy());
        remove_stale(folder, &prefix);
        let (path, file) = create_hidden(folder, &prefix).map_err(|source| MediaError::Io {
            path: folder.to_owned(),
            doing: "cannot create a file in this folder",
            source,
        })?;
        Ok(Self { destination: destination.to_owned(), path, file, force, committed: false })
    }

    /// Where to write: an empty file that exists.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where it will be.
    pub fn destination(&self) -> &Path {
        &self.destination
    }

    /// Syncs the file to disk, puts it in place under its own name and syncs the folder.
    ///
    /// # Errors
    /// The disk refuses; or a file of that name appeared meanwhile and `force` is not set. The
    /// destination is then as it was.
    pub fn commit(mut self) -> Result<()> {
        let io = |doing: &'static str, path: &Path| {
            let path = path.to_owned();
            move |source| MediaError::Io { path, doing, source }
        };
        // A writer may have replaced the file rather than filled it: what the name leads to is synced.
        let written = File::open(&self.path).map_err(io("cannot open", &self.path))?;
        written.sync_all().map_err(io("cannot sync to disk", &self.destination))?;
        self.put_in_place().map_err(|source| {
            if source.kind() == ErrorKind::AlreadyExists {
                let name = self.destination.display();
                return MediaError::Usage(format!(
                    "{name}: appeared while it was being made; give --force to replace it"
                ));
            }
            MediaError::Io { path: self.destination.clone(), doing: "cannot put in place", source }
        })?;
        self.committed = true;
        sync_folder(folder_of(&self.destination)).map_err(io("cannot sync to disk", &self.destination))
    }

    fn put_in_place(&self) -> std::io::Result<()> {
        if self.force {
            return std::fs::rename(&self.path, &self.destination);
        }
        // A link is made only where there is nothing, in one step; a rename would replace.
        match std::fs::hard_link(&self.path, &self.destination) {
            Ok(()) => std::fs::remove_file(&self.path),
            Err(e) if e.kind() == ErrorKind::AlreadyExists => Err(e),
            // Some file systems (exFAT, network shares) have no links.
            Err(_) if self.destination.symlink_metadata().is_ok() => Err(ErrorKind::AlreadyExists.into()),
            Err(_) => std::fs::rename(&self.path, &self.destination),
        }
    }
}

/// A file that only exists while an output is being made; removed when dropped, or like the output's
/// own hidden file by the next run.
#[derive(Debug)]
pub(crate) struct HiddenFile {
    path: PathBuf,
    /// Open for the lock.
    file: File,
}

impl HiddenFile {
    /// Makes an empty one beside `output`, which may be a [`PendingOutput`]'s path.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub(crate) fn beside(output: &Path) -> Result<Self> {
        let name = output.file_name().unwrap_or_default().to_string_lossy();
        let of_pending = name.rfind(MARK).filter(|_| name.starts_with('.') && name.ends_with(END));
        let prefix = of_pending.map_or_else(|| prefix(&name), |mark| name[..mark + MARK.len()].to_owned());
        let folder = folder_of(output);
        let (path, file) = create_hidden(folder, &prefix).map_err(|source| MediaError::Io {
            path: folder.to_owned(),
            doing: "cannot create a file in this folder",
            source,
        })?;
        Ok(Self { path, file })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for HiddenFile {
    fn drop(&mut self) {
        // As for the output's own.
        let _ = std::fs::remove_file(&self.path);
        let _ = self.file.unlock();
    }
}

impl Drop for PendingOutput {
    fn drop(&mut self) {
        if !self.committed {
            // Nothing more can be done about a file that cannot be removed; the next run tries again.
            let _ = std::fs::remove_file(&self.path);
        }
        let _ = self.file.unlock();
    }
}

/// The folder a file is in.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// The beginning of every hidden name of a destination.
fn prefix(name: &str) -> String {
    if name.len() <= LONGEST_NAME_BYTES {
        return format!(".{name}{MARK}");
    }
    let cut = (0..=LONGEST_NAME_BYTES - 20).rev().find(|i| name.is_char_boundary(*i)).unwrap_or(0);
    format!(".{}~{:016x}{MARK}", &name[..cut], fnv_1a(name))
}

/// FNV-1a, 64 bits: names that differ after the cut stay apart.
fn fnv_1a(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3))
}

/// Makes and locks a file with a name nobody has.
fn create_hidden(folder: &Path, prefix: &str) -> std::io::Result<(PathBuf, File)> {
    let clock = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.subsec_nanos());
    for attempt in 0..TRIES {
        let unique = format!("{prefix}{:x}-{:x}{END}", std::process::id(), clock.wrapping_add(attempt));
        let path = folder.join(unique);
        match OpenOptions::new().read(true).write(true).create_new(true).open(&path) {
            Ok(file) => {
                // Where the file system knows no locks, stale files are left alone (see below).
                let _ = file.try_lock();
                return Ok((path, file));
            }
            Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
            Err(e) => return Err(e),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

/// Removes the hidden files of earlier runs to the same destination that nobody holds any more.
fn remove_stale(folder: &Path, prefix: &str) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let unique = name.strip_prefix(prefix).and_then(|rest| rest.strip_suffix(END));
        if !unique.is_some_and(|u| u.split('-').count() == 2 && u.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')) {
            continue;
        }
        if !entry.file_type().is_ok_and(|t| t.is_file()) {
            continue;
        }
        let Ok(file) = File::open(entry.path()) else {
            continue;
        };
        match file.try_lock() {
            // Its maker is gone. Should it be removed by another run meanwhile, so much the better.
            Ok(()) => drop(std::fs::remove_file(entry.path())),
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => {}
        }
    }
}

/// Whether two names lead to one file: through links of either kind, `..` and so on.
pub(crate) fn is_same_file(a: &Path, b: &Path) -> bool {
    #[cfg(unix)]
    if let (Ok(a), Ok(b)) = (a.metadata(), b.metadata()) {
        use std::os::unix::fs::MetadataExt;
        return a.dev() == b.dev() && a.ino() == b.ino();
    }
    let canonical = |path: &Path| match path.canonicalize() {
        Ok(path) => Some(path),
        Err(_) => Some(folder_of(path).canonicalize().ok()?.join(path.file_name()?)),
    };
    matches!((canonical(a), canonical(b)), (Some(a), Some(b)) if a == b)
}

/// Makes a rename in a folder last; only Unix lets a folder be opened.
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    if cfg!(unix) {
        match File::open(folder)?.sync_all() {
            // Some network file systems cannot sync a folder.
            Err(e) if e.kind() != ErrorKind::InvalidInput => return Err(e),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn it_appears_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let destination = folder.path().join("out film é.mkv");
        let pending = PendingOutput::create(&destination, &[], false).unwrap();
        std::fs::write(pending.path(), b"half").unwrap();
        assert!(!destination.exists());
        drop(pending);
        assert_eq!(names(folder.path()), Vec::<String>::new());

        let pending = PendingOutput::create(&destination, &[], false).unwrap();
        std::fs::write(pending.path(), b"whole").unwrap();
        pending.commit().unwrap();
        assert_eq!(std::fs::read(&destination).unwrap(), b"whole");
        assert_eq!(names(folder.path()), ["out film é.mkv"]);
    }

    #[test]
    fn an_existing_output_needs_force() {
        let folder = tempfile::tempdir().unwrap();
        let destination = folder.path().join("out.wav");
        std::fs::write(&destination, b"old").unwrap();
        let message = PendingOutput::create(&destination, &[], false).unwrap_err().to_string();
        assert!(message.contains("--force"), "{message}");
        let pending = PendingOutput::create(&destination, &[], true).unwrap();
        std::fs::write(pending.path(), b"new").unwrap();
        assert_eq!(std::fs::read(&destination).unwrap(), b"old");
        pending.commit().unwrap();
        assert_eq!(std::fs::read(&destination).unwrap(), b"new");
    }

    #[test]
    fn one_that_appears_meanwhile_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let destination = folder.path().join("out.wav");
        let pending = PendingOutput::create(&destination, &[], false).unwrap();
        std::fs::write(&destination, b"theirs").unwrap();
        assert!(pending.commit().is_err());
        assert_eq!(std::fs::read(&destination).unwrap(), b"theirs");
        assert_eq!(names(folder.path()), ["out.wav"]);
    }

    #[cfg(unix)]
    #[test]
    fn an_input_is_never_the_output_by_any_name() {
        let folder = tempfile::tempdir().unwrap();
        let input = folder.path().join("in.wav");
        std::fs::write(&input, b"sound").unwrap();
        let soft = folder.path().join("soft.wav");
        std::os::unix::fs::symlink(&input, &soft).unwrap();
        let hard = folder.path().join("hard.wav");
        std::fs::hard_link(&input, &hard).unwrap();
        let around = folder.path().join("..").join(folder.path().file_name().unwrap()).join("in.wav");
        for name in [&input, &soft, &hard, &around] {
            let message = PendingOutput::create(name, &[&input], true).unwrap_err().to_string();
            assert!(message.contains("same file as the input"), "{message}");
        }
        assert_eq!(std::fs::read(&input).unwrap(), b"sound");
    }

    #[test]
    fn missing_folders_and_folders_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("no").join("out.wav");
        assert!(PendingOutput::create(&missing, &[], false).unwrap_err().to_string().contains("does not exist"));
        assert!(PendingOutput::create(folder.path(), &[], true).unwrap_err().to_string().contains("is a folder"));
    }

    #[test]
    fn leftovers_of_dead_runs_go_and_those_of_live_ones_stay() {
        let folder = tempfile::tempdir().unwrap();
        let destination = folder.path().join("out.mp4");
        let dead = folder.path().join(".out.mp4.auricle-1f-2a.part");
        let other = folder.path().join(".out.mp4.mov.auricle-1f-2a.part");
        let foreign = folder.path().join(".out.mp4.auricle-notes.part");
        for path in [&dead, &other, &foreign] {
            std::fs::write(path, b"x").unwrap();
        }
        let live = PendingOutput::create(&destination, &[], false).unwrap();
        assert!(!dead.exists() && other.exists() && foreign.exists());
        let second = PendingOutput::create(&destination, &[], false).unwrap();
        assert!(live.path().exists() && second.path().exists());
        assert_ne!(live.path(), second.path());
    }

    #[test]
    fn what_goes_with_an_output_is_known_as_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let destination = folder.path().join("out.auricle-x.mkv");
        let pending = PendingOutput::create(&destination, &[], false).unwrap();
        let cover = HiddenFile::beside(pending.path()).unwrap();
        let left = cover.path().to_owned();
        let _second = PendingOutput::create(&destination, &[], false).unwrap();
        assert!(left.exists(), "in use");
        drop(cover);
        assert!(!left.exists(), "done with");
        // As a killed run leaves it: no one holds it.
        std::fs::write(&left, b"picture").unwrap();
        let _third = PendingOutput::create(&destination, &[], false).unwrap();
        assert!(!left.exists() && pending.path().exists());
    }

    #[test]
    fn a_name_of_full_length_still_has_a_hidden_one() {
        let folder = tempfile::tempdir().unwrap();
        let destination = folder.path().join(format!("{}.wav", "ü".repeat(125)));
        let pending = PendingOutput::create(&destination, &[], false).unwrap();
        std::fs::write(pending.path(), b"x").unwrap();
        pending.commit().unwrap();
        assert!(destination.exists());
    }
}
