//! Folders in which a book is in danger: network file systems and folders that a program syncs.

use std::path::{Path, PathBuf};

/// A reason to warn before a book is made or opened in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FolderWarning {
    /// A network file system, by its name; a book is refused there, since file locks are not
    /// reliable and two computers would damage it.
    Network(String),
    /// A program copies this folder elsewhere while the book is open; copies may be torn.
    Synced(&'static str),
}

/// What is dangerous about the folder that holds `path`; empty when nothing is known to be.
pub fn inspect_folder(path: &Path) -> Vec<FolderWarning> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    inspect(&folder, &mounts, |marker| marker.exists())
}

/// File systems whose locks another computer does not see, or sees too late.
const NETWORK: &[&str] = &[
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "afs",
    "9p",
    "ncpfs",
    "glusterfs",
    "ceph",
    "lustre",
    "fuse.sshfs",
    "fuse.rclone",
    "fuse.s3fs",
    "fuse.glusterfs",
    "fuse.davfs",
    "davfs",
    "davfs2",
];

/// Names of the folders that sync programs keep, as part of a path.
const SYNCED_NAMES: &[(&str, &str)] = &[
    ("dropbox", "Dropbox"),
    ("onedrive", "OneDrive"),
    ("google drive", "Google Drive"),
    ("googledrive", "Google Drive"),
    ("icloud", "iCloud Drive"),
    ("mobile documents", "iCloud Drive"),
    ("nextcloud", "Nextcloud"),
    ("owncloud", "ownCloud"),
    ("nutstore", "Nutstore"),
    ("坚果云", "Nutstore"),
    ("baidusyncdisk", "Baidu Netdisk"),
    ("百度", "Baidu Netdisk"),
    ("wpsdrive", "WPS Drive"),
    ("wps云盘", "WPS Drive"),
];

/// Files that sync programs leave in their folder.
const SYNCED_MARKERS: &[(&str, &str)] = &[
    (".dropbox", "Dropbox"),
    (".stfolder", "Syncthing"),
    (".sync", "Resilio Sync"),
    (".owncloudsync.log", "ownCloud"),
    (".nextcloudsync.log", "Nextcloud"),
    (".nutstore", "Nutstore"),
];

fn inspect(folder: &Path, mounts: &str, exists: impl Fn(&Path) -> bool) -> Vec<FolderWarning> {
    let mut warnings = Vec::new();
    if let Some(kind) = file_system(folder, mounts)
        && NETWORK.contains(&kind)
    {
        warnings.push(FolderWarning::Network(kind.to_owned()));
    }
    let by_name = folder.components().find_map(|part| {
        let part = part.as_os_str().to_string_lossy().to_lowercase();
        SYNCED_NAMES.iter().find(|(name, _)| part.starts_with(name)).map(|(_, program)| *program)
    });
    let by_marker = || {
        folder.ancestors().find_map(|dir| {
            let found = SYNCED_MARKERS.iter().find(|(marker, _)| exists(&dir.join(marker)));
            found.map(|(_, program)| *program)
        })
    };
    if let Some(program) = by_name.or_else(by_marker) {
        warnings.push(FolderWarning::Synced(program));
    }
    warnings
}

/// The type of the file system that holds `folder`: the longest mount point above it.
///
/// Source: proc(5), `/proc/[pid]/mountinfo`; the fifth field is the mount point, the type follows
/// a lone hyphen.
fn file_system<'m>(folder: &Path, mounts: &'m str) -> Option<&'m str> {
    let mut best: Option<(usize, &str)> = None;
    for line in mounts.lines() {
        let Some((head, tail)) = line.split_once(" - ") else { continue };
        let Some(point) = head.split(' ').nth(4) else { continue };
        let Some(kind) = tail.split(' ').next() else { continue };
        let point = PathBuf::from(unescape(point));
        let depth = point.components().count();
        // A later mount on the same point hides the earlier one.
        if folder.starts_with(&point) && best.is_none_or(|(deepest, _)| depth >= deepest) {
            best = Some((depth, kind));
        }
    }
    best.map(|(_, kind)| kind)
}

/// mountinfo writes space, tab, line feed and backslash in octal.
fn unescape(text: &str) -> String {
    text.replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:40 / /home/anna/Shop\\040share rw shared:9 - cifs //nas/shop rw
31 22 0:41 / /mnt/nas rw - nfs4 nas:/ rw
32 31 0:42 / /mnt/nas/local rw - xfs /dev/sdb1 rw
";

    #[track_caller]
    fn check(folder: &str, expected: &[FolderWarning]) {
        let found =
            inspect(Path::new(folder), MOUNTS, |marker| marker == Path::new("/data/.stfolder"));
        assert_eq!(found, expected, "{folder}");
    }

    #[test]
    fn a_folder_on_a_network_is_told_from_a_local_one() {
        check("/home/anna/books", &[]);
        check("/home/anna/Shop share/2026", &[FolderWarning::Network("cifs".into())]);
        check("/mnt/nas/books", &[FolderWarning::Network("nfs4".into())]);
        check("/mnt/nas/local/books", &[]);
    }

    #[test]
    fn a_synced_folder_is_told_by_its_name_or_its_marker() {
        check("/home/anna/OneDrive - Shop/books", &[FolderWarning::Synced("OneDrive")]);
        check("/home/anna/我的坚果云", &[]);
        check("/home/anna/坚果云/账", &[FolderWarning::Synced("Nutstore")]);
        check("/data/books", &[FolderWarning::Synced("Syncthing")]);
    }
}
