//! The only place that touches files: what `-f` names becomes named bytes.
#![expect(
    clippy::disallowed_methods,
    reason = "the command line is where files are read, and this is its one file for it"
)]

use crate::failure::Failure;
use crate::lines::Lines;
use crate::paths;
use globset::GlobBuilder;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use watertight_base::Source;
use watertight_ingest::Form;

/// The most bytes of one file or stream: more than any cluster's dump, and less than what endangers a machine.
pub(crate) const BYTES_MAX: u64 = 1 << 30;
/// The most files and folders below one `-f`.
const ENTRIES_MAX: usize = 1_000_000;
/// How many bytes of a stream are looked at to see that it is no text.
const SNIFF: usize = 64 * 1024;
/// What standard input is called.
pub(crate) const STDIN: &str = "-";

/// What `-f` names, as people are told of it.
pub(crate) fn display_name(filename: &str) -> String {
    if filename == STDIN { "standard input".to_owned() } else { format!("`{filename}`") }
}

/// The folder from which relative names are read; empty if the system does not say, and then they stay as they are.
pub(crate) fn working_directory() -> String {
    std::env::current_dir().map(|folder| folder.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Whether something is at a path, whatever it is.
pub(crate) fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Where a path leads through all links, also where its end is not there yet.
pub(crate) fn real(path: &Path) -> PathBuf {
    let whole = Path::new(&working_directory()).join(path);
    let mut missing = Vec::new();
    let mut at = whole.as_path();
    loop {
        if let Ok(there) = fs::canonicalize(at) {
            return missing.into_iter().rev().fold(there, |path, name| path.join(name));
        }
        match (at.parent(), at.file_name()) {
            (Some(parent), Some(name)) => {
                missing.push(name);
                at = parent;
            }
            _ => return paths::plain(&whole),
        }
    }
}

/// Reads everything that `filenames` name: files, folders with all manifests below them, globs, `-`. Sorted by name,
/// each file once, so that the order of the arguments never shows.
///
/// # Errors
/// A path is missing or cannot be read, a glob or a folder yields nothing, or a file is larger than `bytes_max`.
pub(crate) fn read(
    filenames: &[String],
    stdin: &mut dyn Read,
    bytes_max: u64,
) -> Result<Vec<Source>, Failure> {
    Ok(read_with_rest(filenames, stdin, bytes_max)?.0)
}

/// What is in folders besides manifests, and may hold or make some.
#[derive(Debug, Default)]
pub(crate) struct Rest {
    /// Templates of manifests, and compressed ones.
    pub(crate) other_forms: BTreeSet<PathBuf>,
    /// All else.
    unread: BTreeSet<PathBuf>,
}

impl Rest {
    fn add(&mut self, path: PathBuf) {
        match Form::of(&path.to_string_lossy()) {
            Form::Template | Form::Compressed => drop(self.other_forms.insert(path)),
            Form::Unread => drop(self.unread.insert(path)),
            Form::Unnamed if says_what_it_is(&path) => drop(self.unread.insert(path)),
            Form::Unnamed | Form::Manifest | Form::Other => {}
        }
    }

    /// The names of what is not read; with those of templates and of what is compressed, where these are not read either.
    pub(crate) fn names(&self, other_forms: bool) -> Vec<String> {
        let other_forms = self.other_forms.iter().filter(|_| other_forms);
        let names = self.unread.iter().chain(other_forms);
        names.map(|path| path.to_string_lossy().into_owned()).collect()
    }

    /// Templates and what is compressed, as inputs: they are not understood, and do not count as safe.
    ///
    /// # Errors
    /// One of them cannot be read.
    pub(crate) fn sources(&self, bytes_max: u64) -> Result<Vec<Source>, Failure> {
        let source = |path: &PathBuf| {
            Ok(Source { name: path.to_string_lossy().into_owned(), bytes: read_file(path, bytes_max)? })
        };
        self.other_forms.iter().map(source).collect()
    }
}

/// Whether the beginning of a file without an ending is that of an object.
fn says_what_it_is(path: &Path) -> bool {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(SNIFF as u64).read_to_end(&mut bytes));
    let text = String::from_utf8_lossy(&bytes);
    let has = |key: &str| text.lines().any(|line| line.trim_start_matches("- ").starts_with(key));
    // A kustomization of this name is read.
    read.is_ok() && !is_manifest(path) && has("apiVersion:") && has("kind:")
}

/// As [`read`], with what is in folders besides.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_with_rest(
    filenames: &[String],
    stdin: &mut dyn Read,
    bytes_max: u64,
) -> Result<(Vec<Source>, Rest), Failure> {
    let mut rest = Rest::default();
    // By canonical path, so that a file that is reached twice is read once, under the first of its names.
    let mut files: BTreeMap<PathBuf, PathBuf> = BTreeMap::new();
    let mut sources = Vec::new();
    let mut wants_stdin = false;
    for filename in filenames {
        if filename == STDIN {
            wants_stdin = true;
            continue;
        }
        for path in find(filename, &mut rest)? {
            let canonical = fs::canonicalize(&path).map_err(|error| unreadable(&path, &error))?;
            let name = files.entry(canonical).or_insert_with(|| path.clone());
            if path < *name {
                *name = path;
            }
        }
    }
    if wants_stdin {
        let bytes = read_stream(stdin, "standard input", bytes_max)?;
        sources.push(Source { name: STDIN.to_owned(), bytes });
    }
    for path in files.values() {
        sources
            .push(Source { name: path.to_string_lossy().into_owned(), bytes: read_file(path, bytes_max)? });
    }
    sources.sort_by(|a, b| a.name.cmp(&b.name));
    let is_read = |path: &PathBuf| fs::canonicalize(path).is_ok_and(|path| files.contains_key(&path));
    rest.other_forms.retain(|path| !is_read(path));
    rest.unread.retain(|path| !is_read(path));
    Ok((sources, rest))
}

/// Whether every manifest below a folder is one of the sources.
pub(crate) fn holds_no_more(folder: &str, sources: &[Source]) -> bool {
    let known: BTreeSet<PathBuf> = sources.iter().map(|source| real(Path::new(&source.name))).collect();
    find(folder, &mut Rest::default()).is_ok_and(|files| files.iter().all(|file| known.contains(&real(file))))
}

/// The contents of one file, or of the standard input.
///
/// # Errors
/// The file is not there, cannot be read, or is larger than `bytes_max`.
pub(crate) fn bytes(filename: &str, stdin: &mut dyn Read, bytes_max: u64) -> Result<Vec<u8>, Failure> {
    if filename == STDIN {
        return read_stream(stdin, "standard input", bytes_max);
    }
    match fs::metadata(filename) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(Failure::new(format!("there is no file {}", display_name(filename)))
                .help("check the path, or pass `-` to read standard input"))
        }
        _ => read_file(Path::new(filename), bytes_max),
    }
}

/// The lines of a file, or of the standard input.
///
/// # Errors
/// The file is not there, or cannot be opened.
pub(crate) fn lines(filename: &str) -> Result<Lines, Failure> {
    let name = display_name(filename);
    if filename == STDIN {
        return Ok(Lines::new(name, None));
    }
    match File::open(filename) {
        Ok(file) => Ok(Lines::new(name, Some(file))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(Failure::new(format!("there is no file {name}"))
                .help("check the path, or pass `-` to read standard input"))
        }
        Err(error) => Err(unreadable(Path::new(filename), &error)),
    }
}

/// Checks that a path is there and, whatever links it goes through, stays in a folder.
///
/// # Errors
/// It is not there, or leads out of the folder.
pub(crate) fn stays_in(folder: &Path, path: &Path) -> Result<(), Failure> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let root = fs::canonicalize(folder).map_err(|error| unreadable(folder, &error))?;
    let name = path.display();
    match fs::canonicalize(path) {
        Ok(place) if place.starts_with(&root) => Ok(()),
        Ok(place) => Err(Failure::new(format!(
            "`{name}` leads out of the folder of the intent, to `{}`",
            place.display()
        ))
        .help("keep what is compiled beside the intent, and not behind a link")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(Failure::new(format!("there is no file or folder `{name}`"))
                .help("check the path: it is from the folder of the intent"))
        }
        Err(error) => Err(unreadable(path, &error)),
    }
}

/// What is in the manifests below a folder, by their paths from there with `/` between the parts; nothing if the folder is
/// not there.
///
/// # Errors
/// Something in it cannot be read.
pub(crate) fn texts_below(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
    match fs::metadata(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Ok(metadata) if !metadata.is_dir() => {
            return Err(Failure::new(format!("`{}` is no folder", folder.display())));
        }
        _ => {}
    }
    let mut texts = BTreeMap::new();
    for path in Walk::default().folder(folder, &|path| is_manifest(path), &mut |_| {})? {
        let below = path.strip_prefix(folder).unwrap_or(&path);
        let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
        texts.insert(parts.join("/"), read_file(&path, BYTES_MAX)?);
    }
    Ok(texts)
}

/// The files that one `-f` names.
fn find(filename: &str, rest: &mut Rest) -> Result<Vec<PathBuf>, Failure> {
    let path = Path::new(filename);
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => {
            let files =
                Walk::default().folder(path, &|path| is_manifest(path), &mut |path| rest.add(path))?;
            if files.is_empty() {
                return Err(Failure::new(format!("the folder `{filename}` holds no manifest"))
                    .help("manifests end in `.yaml`, `.yml` or `.json`"));
            }
            Ok(files)
        }
        Ok(_) => Ok(vec![path.to_owned()]),
        Err(error) if error.kind() == io::ErrorKind::NotFound && is_glob(filename) => glob(filename, rest),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(Failure::new(format!("there is no file or folder `{filename}`"))
                .help("check the path, or pass `-` to read standard input"))
        }
        Err(error) => Err(unreadable(path, &error)),
    }
}

fn is_glob(filename: &str) -> bool {
    filename.contains(['*', '?', '[', '{'])
}

/// Whether a file in a folder is taken for a manifest, by its name.
fn is_manifest(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let manifest = ["yaml", "yml", "json"].iter().any(|known| extension.eq_ignore_ascii_case(known));
    manifest || path.file_name().is_some_and(|name| name == "Kustomization")
}

/// The files that a glob matches, and the manifests below the folders that it matches.
fn glob(pattern: &str, rest: &mut Rest) -> Result<Vec<PathBuf>, Failure> {
    let matcher = GlobBuilder::new(pattern)
        .literal_separator(true)
        .build()
        .map_err(|error| Failure::new(format!("`{pattern}` is no glob")).because(&error))?
        .compile_matcher();
    let fixed: PathBuf = Path::new(pattern)
        .components()
        .take_while(|component| !is_glob(&component.as_os_str().to_string_lossy()))
        .collect();
    let root = if fixed.as_os_str().is_empty() { Path::new(".") } else { fixed.as_path() };
    // A pattern that ends in a star says nothing on the sort of file; one like `*.tpl` does, and is taken at its word.
    let any_sort = pattern.ends_with(['*', '/']);
    // Without a fixed part the walk starts at `.`, which the pattern does not have.
    let shown = |path: &Path| {
        let path = if fixed.as_os_str().is_empty() { path.strip_prefix(".").unwrap_or(path) } else { path };
        path.to_owned()
    };
    let is_below = |path: &Path| path.ancestors().skip(1).any(|folder| matcher.is_match(folder));
    let matches = |path: &Path| {
        let path = shown(path);
        let whole = matcher.is_match(&path) && (!any_sort || is_manifest(&path));
        whole || (is_below(&path) && is_manifest(&path))
    };
    let mut add = |path: PathBuf| {
        let path = shown(&path);
        if matcher.is_match(&path) || is_below(&path) {
            rest.add(path);
        }
    };
    let files = match fs::metadata(root) {
        Ok(metadata) if metadata.is_dir() => Walk::default().folder(root, &matches, &mut add)?,
        _ => Vec::new(),
    };
    if files.is_empty() {
        return Err(Failure::new(format!("the glob `{pattern}` matches no file"))
            .help("`*` stays within one folder, `**` goes below"));
    }
    Ok(files.into_iter().map(|path| path.strip_prefix(".").map(Path::to_owned).unwrap_or(path)).collect())
}

/// A walk through one folder. Each folder is entered once, so links that lead back end nowhere.
#[derive(Default)]
struct Walk {
    entered: BTreeSet<PathBuf>,
    entries: usize,
}

impl Walk {
    /// The regular files below `root` that are wanted, folder by folder in the order of their names. The others are `rest`.
    fn folder(
        &mut self,
        root: &Path,
        wanted: &dyn Fn(&Path) -> bool,
        rest: &mut dyn FnMut(PathBuf),
    ) -> Result<Vec<PathBuf>, Failure> {
        let mut files = Vec::new();
        // A stack and no recursion: folders may be nested deeper than the program's own stack is.
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            let canonical = fs::canonicalize(&folder).map_err(|error| unreadable(&folder, &error))?;
            if !self.entered.insert(canonical) {
                continue;
            }
            let mut below = Vec::new();
            for path in self.list(&folder)? {
                match fs::metadata(&path) {
                    Ok(metadata) if metadata.is_dir() => below.push(path),
                    Ok(metadata) if metadata.is_file() && wanted(&path) => files.push(path),
                    Ok(metadata) if metadata.is_file() => rest(path),
                    // A pipe that is called like a manifest could hold one, and waiting for it could take for ever.
                    Ok(_) if wanted(&path) => {
                        return Err(Failure::new(format!("`{}` is no regular file", path.display()))
                            .help("remove it, or name it with a `-f` of its own"));
                    }
                    Ok(_) => {}
                    // A link that leads nowhere, or to itself, is only a loss if a manifest was meant.
                    Err(_) if !wanted(&path) => {}
                    Err(error) => return Err(unreadable(&path, &error)),
                }
            }
            folders.extend(below.into_iter().rev());
        }
        Ok(files)
    }

    /// What is in a folder, sorted by name. Hidden files count, as with kubectl: an object in one is applied like any
    /// other. Only git's own folder is no place for manifests.
    fn list(&mut self, folder: &Path) -> Result<Vec<PathBuf>, Failure> {
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder).map_err(|error| unreadable(folder, &error))? {
            let entry = entry.map_err(|error| unreadable(folder, &error))?;
            self.entries += 1;
            if self.entries > ENTRIES_MAX {
                return Err(Failure::new(format!(
                    "more than {ENTRIES_MAX} files are below `{}`",
                    folder.display()
                ))
                .help("name the folders that hold manifests"));
            }
            if entry.file_name() != ".git" {
                paths.push(entry.path());
            }
        }
        paths.sort();
        Ok(paths)
    }
}

fn read_file(path: &Path, bytes_max: u64) -> Result<Vec<u8>, Failure> {
    let failed = |error: io::Error| unreadable(path, &error);
    let mut file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    let name = format!("`{}`", path.display());
    if !metadata.is_file() {
        return read_stream(&mut file, &name, bytes_max);
    }
    if metadata.len() > bytes_max {
        return Err(too_large(&name, bytes_max));
    }
    let length = usize::try_from(metadata.len()).unwrap_or_default();
    let mut bytes = side_by_side(&mut file, length).unwrap_or_else(|| Vec::with_capacity(length));
    // The file may grow while it is read.
    file.take(bytes_max + 1 - bytes.len() as u64).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > bytes_max { Err(too_large(&name, bytes_max)) } else { Ok(bytes) }
}

/// The length from which on a file is read on all cores, which are faster together at copying it.
#[cfg(unix)]
const LONG: usize = 16 << 20;

/// Reads a long file in parts, and leaves it at its end; `None` if it is not that long (any more).
#[cfg(unix)]
fn side_by_side(file: &mut File, length: usize) -> Option<Vec<u8>> {
    use rayon::iter::{IndexedParallelIterator, ParallelIterator};
    use rayon::slice::ParallelSliceMut;
    use std::io::{Seek, SeekFrom};
    use std::os::unix::fs::FileExt;
    if length < LONG {
        return None;
    }
    let mut bytes = vec![0; length];
    let part = length.div_ceil(rayon::current_num_threads());
    let shared = &*file;
    let read = |(number, chunk): (usize, &mut [u8])| shared.read_exact_at(chunk, (number * part) as u64);
    bytes.par_chunks_mut(part).enumerate().try_for_each(read).ok()?;
    file.seek(SeekFrom::Start(length as u64)).ok()?;
    Some(bytes)
}

#[cfg(not(unix))]
fn side_by_side(_: &mut File, _: usize) -> Option<Vec<u8>> {
    None
}

/// Reads what has no known end: standard input, a pipe, a device.
fn read_stream(stream: &mut dyn Read, name: &str, bytes_max: u64) -> Result<Vec<u8>, Failure> {
    let failed = |error: io::Error| Failure::new(format!("{name} could not be read")).because(&error);
    let mut bytes = Vec::new();
    stream.take(SNIFF as u64).read_to_end(&mut bytes).map_err(failed)?;
    // No YAML or JSON holds a zero byte; without this look, `/dev/zero` would be read up to the limit.
    if bytes.contains(&0) {
        return Err(Failure::new(format!("{name} is no text")).help("give YAML or JSON in UTF-8"));
    }
    stream
        .take(bytes_max + 1 - (bytes.len() as u64).min(bytes_max))
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > bytes_max { Err(too_large(name, bytes_max)) } else { Ok(bytes) }
}

fn too_large(name: &str, bytes_max: u64) -> Failure {
    Failure::new(format!("{name} holds more than {} MiB", bytes_max >> 20))
        .help("split it into several files")
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(format!("`{}` could not be read", path.display())).because(error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use tempfile::TempDir;

    fn folder(files: &[(&str, usize)]) -> TempDir {
        let folder = TempDir::new().unwrap();
        for (name, size) in files {
            File::create(folder.path().join(name)).unwrap().write_all(&vec![b'x'; *size]).unwrap();
        }
        folder
    }

    fn names(filename: &str, bytes_max: u64) -> Result<Vec<usize>, String> {
        let sources = read(&[filename.to_owned()], &mut io::empty(), bytes_max);
        sources
            .map(|sources| sources.iter().map(|source| source.bytes.len()).collect())
            .map_err(|failure| failure.message)
    }

    #[test]
    fn a_file_may_be_as_large_as_the_limit_and_no_larger() {
        let folder = folder(&[("a.yaml", 1 << 20), ("b.yaml", (1 << 20) + 1)]);
        let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        assert_eq!(names(&path("a.yaml"), 1 << 20), Ok(vec![1 << 20]));
        let message = format!("`{}` holds more than 1 MiB", path("b.yaml"));
        assert_eq!(names(&path("b.yaml"), 1 << 20), Err(message));
    }

    #[test]
    fn an_endless_stream_ends_at_the_limit() {
        let read_from = |stream: &mut dyn Read| read(&["-".to_owned()], stream, 1 << 20);
        let failure = read_from(&mut io::repeat(b'x')).unwrap_err();
        assert_eq!(failure.message, "standard input holds more than 1 MiB");
        let exact = read_from(&mut io::repeat(b'x').take(1 << 20)).unwrap();
        assert_eq!(exact[0].bytes.len(), 1 << 20);
        let failure = read_from(&mut io::repeat(b'x').take((1 << 20) + 1)).unwrap_err();
        assert_eq!(failure.message, "standard input holds more than 1 MiB");
        assert_eq!(read_from(&mut io::repeat(0)).unwrap_err().message, "standard input is no text");
    }

    #[test]
    fn a_stream_that_fails_says_why() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("the line went dead"))
            }
        }
        let failure = read(&["-".to_owned()], &mut Broken, 9).unwrap_err();
        assert_eq!(failure.message, "standard input could not be read");
        assert_eq!(failure.causes, ["the line went dead"]);
    }
}
