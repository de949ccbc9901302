//! A map as a picture: `watertight map -o svg`. One file that needs nothing else, and is read on light and dark pages.

use crate::page::counted;
use crate::picture::{Frame, Label, Layout, Level, Picture, Rect, Says, Setting, Tone};
use crate::xml::xml_text;
use maud::{Markup, PreEscaped, html};
use watertight_model::ConnectivityMap;

/// How the picture looks. It has a ground of its own, so that the page around it may have any colour.
const STYLE: &str = "\
.wt-map{font-family:ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;\
--ground:#fff;--ink:#1c2330;--soft:#5b6474;--line:#7a8494;--rim:#c3cad5;--group:#f5f7fa;--inner:#eaeef4;--box:#fff;--red:#c3202f}
@media screen and (prefers-color-scheme:dark){.wt-map{\
--ground:#14181f;--ink:#e4e8ef;--soft:#a3adbc;--line:#8c97a8;--rim:#414b5a;--group:#1b212a;--inner:#242c37;--box:#14181f;--red:#ff6b74}}
.wt-map .ground{fill:var(--ground)}.wt-map .d0{fill:var(--group);stroke:var(--rim)}.wt-map .d1{fill:var(--inner);stroke:var(--rim)}\
.wt-map .box{fill:var(--box);stroke:var(--line)}.wt-map path{fill:none;stroke:var(--line);stroke-width:1.3}\
.wt-map .red path{stroke:var(--red);stroke-width:2.2}.wt-map .carried path{stroke-dasharray:5 3}.wt-map text{fill:var(--ink);font-size:11px}\
.wt-map .soft{fill:var(--soft)}.wt-map .warn{fill:var(--red);font-weight:bold}.wt-map .title{font-size:12px;font-weight:bold}\
.wt-map .heading{font-size:14px;font-weight:bold}.wt-map .head{fill:var(--line)}.wt-map .red-head{fill:var(--red)}";

/// How round the corners of an arrow are.
const ROUND: i32 = 5;

/// The map as a document of SVG.
#[must_use]
pub fn map_svg(map: &ConnectivityMap, setting: Setting<'_>) -> String {
    let mut text = picture(map, setting).into_string();
    text.push('\n');
    text
}

/// The picture, to stand alone or within a page.
pub(crate) fn picture(map: &ConnectivityMap, setting: Setting<'_>) -> Markup {
    let picture = Picture::of(map, setting);
    let layout = Layout::of(&picture, setting);
    let Layout { width, height, frames, routes, labels } = &layout;
    let red = |index: usize| picture.arrows.get(index).is_some_and(|arrow| picture.is_red(arrow, setting));
    // What crosses the boundary is drawn last, over all else.
    let mut order: Vec<usize> = (0..routes.len()).collect();
    order.sort_by_key(|&index| red(index));
    html! {
        svg xmlns="http://www.w3.org/2000/svg" class="wt-map" role="img" width=(width) height=(height)
            viewBox=(format!("0 0 {width} {height}")) {
            title { "Who can open a connection to whom" }
            desc { (description(&picture, setting, red)) }
            style { (PreEscaped(STYLE)) }
            defs {
                (head("wt-head", "head"))
                (head("wt-red-head", "red-head"))
            }
            "\n"
            rect class="ground" width=(width) height=(height) rx="6" {}
            @for frame in frames { "\n" (frame_svg(frame, &picture)) }
            @for index in order {
                @if let (Some(route), Some(arrow)) = (routes.get(index), picture.arrows.get(index)) {
                    "\n"
                    g class=[class(red(index), &arrow.says)] {
                        title { (xml_text(&arrow_text(&picture, arrow))) }
                        path d=(path(&route.points)) marker-end=(marker(red(index)))
                            marker-start=[arrow.both.then(|| marker(red(index)))] {}
                    }
                }
            }
            @for label in labels { "\n" (label_svg(label)) }
            "\n"
        }
    }
}

fn class(red: bool, says: &Says) -> Option<&'static str> {
    match (red, says) {
        (false, Says::Open(_)) => None,
        (true, Says::Open(_)) => Some("red"),
        (false, Says::Carried(_)) => Some("carried"),
        (true, Says::Carried(_)) => Some("red carried"),
    }
}

fn marker(red: bool) -> &'static str {
    if red { "url(#wt-red-head)" } else { "url(#wt-head)" }
}

fn head(id: &str, class: &str) -> Markup {
    html! {
        marker id=(id) viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8"
            markerUnits="userSpaceOnUse" orient="auto-start-reverse" {
            // The style of the arrow is not for its head.
            path class=(class) d="M0 0L8 4L0 8z" style="stroke:none" {}
        }
    }
}

/// What the picture says, for those who cannot see it.
fn description(picture: &Picture, setting: Setting<'_>, red: impl Fn(usize) -> bool) -> String {
    let boxes = picture.tree.nodes.iter().filter(|node| node.of.is_some()).count();
    let mut text = format!(
        "{} and {} between them or the groups that they are in.",
        counted(boxes, "box", "boxes"),
        counted(picture.arrows.len(), "arrow", "arrows")
    );
    if let Some((from, to)) = setting.boundary {
        let crossing: Vec<String> = picture
            .arrows
            .iter()
            .enumerate()
            .filter(|&(index, _)| red(index))
            .map(|(_, arrow)| arrow_text(picture, arrow))
            .collect();
        text += &match crossing.is_empty() {
            true => format!(" None leads from {from} to {to}."),
            false => format!(" From {from} to {to}: {}.", crossing.join("; ")),
        };
    }
    xml_text(&text)
}

/// `Deployment/api → namespace production: TCP 8080`.
fn arrow_text(picture: &Picture, arrow: &crate::picture::Arrow) -> String {
    let name = |node: usize| picture.tree.nodes.get(node).map(|node| node.full.as_str()).unwrap_or_default();
    let each = match picture.level {
        Level::Peers => "",
        Level::Namespaces | Level::Sides => "some of ",
    };
    let sign = if arrow.both { "↔" } else { "→" };
    let says = match &arrow.says {
        Says::Open(ports) => ports.to_string(),
        Says::Carried(ways) => {
            let ways = ways.0.iter().filter_map(|&way| picture.ways.get(way));
            ways.map(ToString::to_string).collect::<Vec<_>>().join(", ")
        }
    };
    format!("{each}{} {sign} {each}{}: {says}", name(arrow.from), name(arrow.to))
}

fn frame_svg(frame: &Frame, picture: &Picture) -> Markup {
    let Rect { x, y, width, height } = frame.rect;
    let node = picture.tree.nodes.get(frame.node);
    let class = match node {
        Some(node) if node.of.is_some() => "box",
        Some(node) if node.depth > 0 => "d1",
        _ => "d0",
    };
    let full = node.map(|node| node.full.as_str()).unwrap_or_default();
    html! {
        rect class=(class) x=(x) y=(y) width=(width) height=(height) rx="4" { title { (xml_text(full)) } }
    }
}

fn label_svg(label: &Label) -> Markup {
    let Label { rect, text, full, tone } = label;
    let class = match tone {
        Tone::Heading => Some("heading"),
        Tone::Title => Some("title"),
        Tone::Legend | Tone::Note | Tone::Ports => Some("soft"),
        Tone::LegendRed | Tone::PortsRed => Some("warn"),
        Tone::Name => None,
    };
    html! {
        text class=[class] x=(rect.x) y=(rect.y + tone.size()) {
            @if text != full { title { (xml_text(full)) } }
            (text)
        }
    }
}

/// The way of an arrow, with round corners.
fn path(points: &[(i32, i32)]) -> String {
    let mut out = String::new();
    for (index, &(x, y)) in points.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| points.get(before));
        match (before, points.get(index + 1)) {
            (None, _) => out += &format!("M{x} {y}"),
            (_, None) => out += &format!("L{x} {y}"),
            (Some(&before), Some(&after)) => {
                let (from, to) = (towards((x, y), before), towards((x, y), after));
                out += &format!("L{} {}Q{x} {y} {} {}", from.0, from.1, to.0, to.1);
            }
        }
    }
    out
}

/// The point a little way from a corner, but no further than halfway.
fn towards((x, y): (i32, i32), (to_x, to_y): (i32, i32)) -> (i32, i32) {
    let step = |from: i32, to: i32| from + ((to - from) / 2).clamp(-ROUND, ROUND);
    (step(x, to_x), step(y, to_y))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use proptest::prelude::*;
    use quick_xml::events::Event;
    use quick_xml::{Reader, XmlVersion};
    use watertight_model::{EnvironmentReport, NamespaceChoice, Peer};

    /// The names of the elements, and all text, by a reader that refuses what is not well-formed.
    fn parse(xml: &str) -> (Vec<String>, String) {
        let mut reader = Reader::from_str(xml);
        let (mut names, mut shown, mut depth) = (Vec::new(), String::new(), 0);
        loop {
            match reader.read_event().expect("well-formed") {
                Event::Start(start) => {
                    depth += 1;
                    names.push(start.name().as_ref().to_owned());
                    start.attributes().for_each(|attribute| {
                        attribute.expect("well-formed");
                    });
                }
                Event::End(_) => depth -= 1,
                Event::Text(text) => shown += &text.xml_content(XmlVersion::Explicit1_0),
                Event::GeneralRef(reference) => {
                    shown += match reference.as_ref() {
                        "lt" => "<",
                        "gt" => ">",
                        "amp" => "&",
                        "quot" => "\"",
                        other => panic!("{other}"),
                    };
                }
                Event::Eof => break,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(depth, 0);
        (names, shown)
    }

    fn environments(name: &str) -> [EnvironmentReport; 2] {
        let environment = |name: &str, namespace: &str| EnvironmentReport {
            name: name.to_owned(),
            namespaces: vec![NamespaceChoice { name: namespace.to_owned(), why: String::new() }],
            principals: Vec::new(),
        };
        [environment(name, "staging"), environment("production", "production")]
    }

    #[test]
    fn what_crosses_is_red_and_said_in_words() {
        let environments = environments("staging");
        let boundary = Some(("staging", "production"));
        let svg = map_svg(
            &fixtures::map(),
            Setting { environments: &environments, boundary, ..Setting::default() },
        );
        let (names, shown) = parse(&svg);
        assert_eq!(names.iter().filter(|name| *name == "desc").count(), 1);
        assert_eq!(svg.matches("<g class=\"red\">").count(), 1);
        assert_eq!(svg.matches("<g class=\"carried\">").count(), 1);
        assert!(shown.contains(": TCP 30432 via Service production/db"), "{shown}");
        assert!(
            shown.contains(
                "From staging to production: environment staging → environment production: TCP 5432."
            ),
            "{shown}"
        );
        let reverse = Some(("production", "staging"));
        let svg = map_svg(
            &fixtures::map(),
            Setting { environments: &environments, boundary: reverse, ..Setting::default() },
        );
        assert_eq!(svg.matches("<g class=\"red\">").count(), 0);
        assert!(parse(&svg).1.contains("None leads from production to staging."));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn any_name_is_text_and_nothing_else(name in "(.|[<>&\"'\u{0}\u{b}\u{fffe}\n]|</style>|--|]]>){0,30}") {
            let mut map = fixtures::map();
            map.edges[0].from = Peer::Node { name: "plain".to_owned() };
            map.paths[0].via.name = "plain".to_owned();
            let environments = [environments("plain"), environments(&name)];
            let setting = |which: usize| {
                let boundary = Some((environments[which][0].name.as_str(), "production"));
                Setting { environments: &environments[which], boundary, ..Setting::default() }
            };
            let count = |names: Vec<String>| names.into_iter().filter(|name| name != "title").collect::<Vec<_>>();
            let (expected, _) = parse(&map_svg(&map, setting(0)));
            map.edges[0].from = Peer::Node { name: name.clone() };
            map.paths[0].via.name.clone_from(&name);
            let (names, shown) = parse(&map_svg(&map, setting(1)));
            // A long name is cut, and stands whole in a `title`; a long legend has more lines.
            prop_assert!(count(names).len().abs_diff(count(expected).len()) < 6);
            prop_assert!(shown.contains(&xml_text(&name)));
        }
    }
}
