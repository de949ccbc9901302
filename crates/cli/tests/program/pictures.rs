//! `map -o svg`: a picture of both examples, from the command line to the places of its text.

use crate::common::{Folder, HOLE, ISOLATED, Outcome, example, program, repository_file, run};
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

/// A line of text in a picture: its left edge, its baseline, its size, and what it says.
#[derive(Debug)]
struct Line {
    x: f64,
    y: f64,
    size: f64,
    text: String,
}

impl Line {
    /// Its edges: left, top, right, bottom. In a font of one width a letter is about 0.6 of its size wide.
    fn edges(&self) -> (f64, f64, f64, f64) {
        let width = self.size * 0.602 * f64::from(u32::try_from(self.text.chars().count()).unwrap());
        (self.x, self.y - self.size * 0.9, self.x + width, self.y + self.size * 0.15)
    }

    fn overlaps(&self, other: &Self) -> bool {
        let (one, other) = (self.edges(), other.edges());
        one.0 < other.2 && other.0 < one.2 && one.1 < other.3 && other.1 < one.3
    }
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = start.try_get_attribute(name).unwrap()?;
    Some(attribute.normalized_value(XmlVersion::Explicit1_0).unwrap().into_owned())
}

/// The text of a picture, and the classes of its arrows. The reader refuses what is not well-formed.
fn read(svg: &str) -> (Vec<Line>, Vec<String>) {
    let mut reader = Reader::from_str(svg);
    let (mut lines, mut arrows, mut within) = (Vec::<Line>::new(), Vec::new(), Vec::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => {
                let class = attribute(&start, "class");
                match start.name().as_ref() {
                    "text" => {
                        let number = |name| attribute(&start, name).unwrap().parse().unwrap();
                        let size = match class.as_deref() {
                            Some("heading") => 14.0,
                            Some("title") => 12.0,
                            _ => 11.0,
                        };
                        lines.push(Line { x: number("x"), y: number("y"), size, text: String::new() });
                    }
                    "g" => arrows.push(class.unwrap_or_default()),
                    _ => {}
                }
                within.push(start.name().as_ref().to_owned());
            }
            Event::End(_) => {
                within.pop();
            }
            Event::Text(text) if within.last().is_some_and(|name| name == "text") => {
                lines.last_mut().unwrap().text += &text.xml_content(XmlVersion::Explicit1_0);
            }
            Event::Eof => return (lines, arrows),
            _ => {}
        }
    }
}

fn of_example(name: &str, more: &[&str]) -> Outcome {
    let folder = example(name);
    let output = program(&folder, &[&["map", "-f", ".", "-o", "svg"], more].concat()).output().unwrap();
    Outcome {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

const BOUNDARY: [&str; 4] = ["--from", "staging", "--to", "production"];

#[test]
fn no_text_of_an_example_lies_on_another() {
    for name in ["shop-leaky", "shop-watertight"] {
        for more in [&[][..], &BOUNDARY] {
            let outcome = of_example(name, more);
            assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
            let (lines, _) = read(&outcome.stdout);
            assert!(lines.len() > 40, "{name}: {}", lines.len());
            for (index, line) in lines.iter().enumerate() {
                assert!(!line.text.is_empty());
                let on_it = lines[index + 1..].iter().find(|other| line.overlaps(other));
                assert!(on_it.is_none(), "{name}: {line:?} and {on_it:?}");
            }
        }
    }
}

#[test]
fn only_the_leaky_example_has_red_arrows_and_only_where_a_boundary_is_named() {
    let red = |name: &str, more: &[&str]| {
        let arrows = read(&of_example(name, more).stdout).1.into_iter();
        arrows.filter(|class| class.split(' ').any(|class| class == "red")).count()
    };
    assert!(red("shop-leaky", &BOUNDARY) > 0);
    assert_eq!(red("shop-leaky", &[]), 0);
    assert_eq!(red("shop-watertight", &BOUNDARY), 0);
}

/// Both publish an Ingress, which staging may take as everybody may. Only in one do the nodes hand staging on.
#[test]
fn what_objects_carry_on_is_dashed_and_listed_and_red_unless_it_is_published() {
    for (name, red) in [("shop-leaky", 1), ("shop-watertight", 0)] {
        let (lines, arrows) = read(&of_example(name, &BOUNDARY).stdout);
        assert_eq!(arrows.iter().filter(|class| *class == "red carried").count(), red, "{name}");
        assert!(arrows.iter().filter(|class| *class == "carried").count() > 3, "{name}");
        let below: Vec<&str> = lines.iter().rev().take(3).map(|line| line.text.as_str()).collect();
        assert_eq!(
            below,
            [
                "3: TCP 30080 via Service production/warehouse",
                "2: TCP 80 via Service production/shop",
                "1: TCP 80 via Ingress production/partners"
            ]
        );
    }
}

/// The manifests of each case on a rule's page.
fn cases() -> Vec<Vec<(String, String)>> {
    let index = repository_file("rules/README.md");
    let links = index.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    let names = links.map(|(page, _)| page).filter(|page| page.ends_with(".md"));
    let pages = names.map(|page| repository_file(&format!("rules/{page}")));
    let of_page = |page: String| {
        let (_, examples) = page.split_once("\n## Examples\n")?;
        let cases = examples.split("\n### ").skip(1).map(|case| {
            let blocks = case.split("\n```").filter_map(|block| block.split_once('\n'));
            let manifests = blocks.filter(|(kind, _)| ["yaml", "json"].contains(kind)).enumerate();
            manifests.map(|(number, (kind, text))| (format!("{number}.{kind}"), text.to_owned())).collect()
        });
        Some(cases.collect::<Vec<Vec<_>>>())
    };
    pages.filter_map(of_page).flatten().collect()
}

#[test]
fn where_a_boundary_is_isolated_no_arrow_is_red() {
    let (mut isolated, mut red) = (0, 0);
    for case in cases() {
        let files: Vec<(&str, &[u8])> =
            case.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
        let folder = Folder::with(&files);
        let svg = run(&folder, &[&["map", "-f", ".", "-o", "svg"], &BOUNDARY[..]].concat()).stdout;
        let crosses = read(&svg).1.iter().any(|class| class.starts_with("red"));
        let verdict = run(&folder, &[&["prove", "-f", "."], &BOUNDARY[..]].concat()).code;
        assert!(verdict != 0 || !crosses, "{case:#?}");
        isolated += usize::from(verdict == 0);
        red += usize::from(crosses);
    }
    assert!(isolated > 20 && red > 20, "{isolated} isolated, {red} with red arrows");
}

#[test]
fn a_picture_is_the_same_every_time() {
    assert_eq!(of_example("shop-leaky", &BOUNDARY), of_example("shop-leaky", &BOUNDARY));
}

#[test]
fn environments_that_are_not_named_are_those_of_the_usual_names() {
    let titles = |files: &[(&str, &[u8])], more: &[&str]| {
        let outcome = run(&Folder::with(files), &[&["map", "-f", ".", "-o", "svg"], more].concat());
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        let lines = read(&outcome.stdout).0.into_iter().filter(|line| line.size == 12.0);
        lines.map(|line| line.text).filter(|title| title.starts_with("environment ")).collect::<Vec<_>>()
    };
    let files: [(&str, &[u8]); 2] = [("a.yaml", ISOLATED.as_bytes()), ("hole.yaml", HOLE.as_bytes())];
    let usual = titles(&files, &[]);
    assert_eq!(usual, ["environment staging", "environment production"]);
    let named = titles(&files, &["--from", "a", "--to", "b", "--env", "a=production", "--env", "b=staging"]);
    assert_eq!(named, ["environment a", "environment b"]);
}

#[test]
fn a_boundary_is_for_a_picture_and_has_two_ends() {
    let error = |more: &[&str]| {
        let outcome =
            run(&Folder::with(&[("a.yaml", ISOLATED.as_bytes())]), &[&["map", "-f", "."], more].concat());
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{more:?}");
        outcome.stderr.lines().next().unwrap().to_owned()
    };
    assert_eq!(error(&BOUNDARY), "error: `--from` and `--to` are for a picture");
    let same = ["-o", "svg", "--from", "staging", "--to", "staging"];
    assert_eq!(error(&same), "error: `--from` and `--to` are both `staging`");
    let empty = ["-o", "svg", "--from", "staging", "--to", "shop"];
    assert!(error(&empty).starts_with("error: the environment `shop` is empty"));
    assert!(error(&["-o", "svg", "--from", "staging"]).starts_with("error: "));
}
