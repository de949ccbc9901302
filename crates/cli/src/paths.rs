//! Paths as text: how one leads to another.

use std::path::{Component, Path, PathBuf};

/// A path without `.` and, as far as it goes, without `..`.
pub(crate) fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if plain.file_name().is_some() => drop(plain.pop()),
            other => plain.push(other),
        }
    }
    plain
}

/// The way from a folder to a path, with `/` between its parts.
pub(crate) fn relative(folder: &Path, path: &Path) -> String {
    let common = folder.components().zip(path.components()).take_while(|(one, other)| one == other).count();
    let up = folder.components().skip(common).map(|_| "..".to_owned());
    let down = path.components().skip(common).map(|part| part.as_os_str().to_string_lossy().into_owned());
    let parts: Vec<String> = up.chain(down).collect();
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

/// Whether a path is relative and goes up, if it does, only at its start.
pub(crate) fn is_relative(path: &str) -> bool {
    let mut down = false;
    !path.contains("://")
        && Path::new(path).components().all(|component| match component {
            Component::Normal(_) => {
                down = true;
                true
            }
            Component::CurDir => true,
            Component::ParentDir => !down,
            Component::RootDir | Component::Prefix(_) => false,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_from_one_folder_to_another() {
        let from = |folder: &str, path: &str| relative(&plain(Path::new(folder)), &plain(Path::new(path)));
        assert_eq!(from("/home/shop", "/home/shop/k8s/staging"), "k8s/staging");
        assert_eq!(from("/home/shop/fleet", "/home/shop/./k8s"), "../k8s");
        assert_eq!(from("/home/shop/a/..", "/home/shop/k8s"), "k8s");
        assert_eq!(from("/a", "/a"), ".");
    }

    #[test]
    fn what_goes_up_goes_up_first() {
        for path in ["a/b", "../../a", "./a", "."] {
            assert!(is_relative(path), "{path}");
        }
        for path in ["/etc", "a/../../b", "https://example.com/a"] {
            assert!(!is_relative(path), "{path}");
        }
    }
}
