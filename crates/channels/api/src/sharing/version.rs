//! Versions as tags of images have them.

/// Major, minor and patch.
pub(super) type Version = (u32, u32, u32);

/// The repository of an image, and the version that its tag says: of `registry.k8s.io/ingress-nginx/controller:v1.14.0@sha256:…`
/// it is 1.14.0.
pub(super) fn of_image(image: &str) -> (&str, Option<Version>) {
    let image = image.split('@').next().unwrap_or_default();
    match image.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, of_tag(tag)),
        _ => (image, None),
    }
}

fn of_tag(tag: &str) -> Option<Version> {
    let tag = tag.strip_prefix('v').unwrap_or(tag);
    let numbers = tag.split(|letter: char| !letter.is_ascii_digit() && letter != '.').next()?;
    let mut parts = numbers.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??, parts.next()??))
}

#[cfg(test)]
mod tests {
    use super::of_image;

    #[test]
    fn a_tag_says_the_version_if_it_says_all_of_it() {
        for (image, expected) in [
            ("a/b:v1.14.0@sha256:0123", ("a/b", Some((1, 14, 0)))),
            ("host:5000/a/b:1.9.4-debian-12-r1", ("host:5000/a/b", Some((1, 9, 4)))),
            ("host:5000/a/b", ("host:5000/a/b", None)),
            ("a/b:latest", ("a/b", None)),
            ("a/b:v1.14", ("a/b", None)),
            ("a/b@sha256:0123", ("a/b", None)),
        ] {
            assert_eq!(of_image(image), expected, "{image}");
        }
    }
}
