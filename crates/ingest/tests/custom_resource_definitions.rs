//! CustomResourceDefinitions.

mod support;

use support::{Read, read};
use watertight_model::{BlindScope, Channel, CustomResource, CustomResourceVersion};

/// The CustomResourceDefinition `widgets.example.com` with these names and these further fields of its spec.
fn definition(names: &str, spec: &str) -> Read {
    read(&format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n\
         metadata: {{name: widgets.example.com}}\n\
         spec: {{group: example.com, names: {{{names}}}, {spec}}}\n"
    ))
}

/// The one CustomResourceDefinition, of which nothing stays unseen.
#[track_caller]
fn only(read: &Read) -> &CustomResource {
    assert_eq!(read.blind_spots(), []);
    assert_eq!(read.snapshot().custom_resources.len(), 1, "{:?}", read.diagnostics());
    &read.snapshot().custom_resources[0]
}

/// Severity and rule, and the text that is underlined, of each diagnostic.
fn underlined(read: &Read) -> Vec<(String, String)> {
    read.diagnostics().into_iter().map(|[rule, _, text, _, _]| (rule, text)).collect()
}

/// The rule is reported at this text, and the object is not there: only the channel `api` misses it.
#[track_caller]
fn assert_unclear(read: &Read, rule: &str, text: &str) {
    assert_eq!(underlined(read), [(format!("error {rule}"), text.to_owned())]);
    let spots = &read.snapshot().blind_spots;
    let told: Vec<_> = spots.iter().map(|spot| (spot.rule, spot.scope.clone(), spot.hides)).collect();
    assert_eq!(told, [(rule, BlindScope::Everything, [Channel::Api].as_slice())]);
    assert_eq!(read.snapshot().custom_resources, []);
}

const WIDGET: &str = "plural: widgets, kind: Widget";
const VERSIONS: &str = "scope: Namespaced, versions: [{name: v1, served: true, storage: true}]";

#[test]
fn a_custom_resource_is_known_by_its_names() {
    let read = definition(
        &format!("{WIDGET}, singular: gadget, shortNames: [w, wd], listKind: WidgetList, categories: [all]"),
        "scope: Cluster, conversion: {strategy: None}, versions: [\
         {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {}}, subresources: {status: {}}}, \
         {name: v1beta1, served: true, storage: false, subresources: {scale: {specReplicasPath: .a}}}, \
         {name: v1alpha1, served: false, storage: false}]",
    );
    read.assert_clean();
    let resource = only(&read);
    assert_eq!(resource.origin.object.to_string(), "CustomResourceDefinition widgets.example.com");
    let names = [&resource.group, &resource.kind, &resource.plural, &resource.singular];
    assert_eq!(names, ["example.com", "Widget", "widgets", "gadget"]);
    assert_eq!(resource.short_names, ["w", "wd"]);
    assert!(!resource.namespaced);
    let version = |name: &str, status, scale| CustomResourceVersion { name: name.to_owned(), status, scale };
    assert_eq!(resource.versions, [version("v1", true, false), version("v1beta1", false, true)]);
    let read = definition(WIDGET, VERSIONS);
    read.assert_clean();
    assert_eq!((only(&read).singular.as_str(), only(&read).namespaced), ("widget", true));
}

#[test]
fn a_custom_resource_without_what_names_it_is_unclear() {
    let widget = "{plural: widgets, kind: Widget}";
    let of = |spec: &str| {
        read(&format!(
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n\
             metadata: {{name: widgets.example.com}}\nspec: {spec}\n"
        ))
    };
    for spec in [
        format!("{{names: {widget}, {VERSIONS}}}"),
        format!("{{group: example.com, {VERSIONS}}}"),
        format!("{{group: example.com, names: {widget}, versions: [{{name: v1}}]}}"),
    ] {
        assert_unclear(&of(&spec), "missing-field", &spec);
    }
    let spec = format!("{{group: example.com, names: {widget}, scope: Namespaced, versions: []}}");
    assert_unclear(&of(&spec), "missing-field", "[]");
    let spec =
        format!("{{group: example.com, names: {widget}, scope: namespaced, versions: [{{name: v1}}]}}");
    assert_unclear(&of(&spec), "invalid-value", "namespaced");
}

#[test]
fn a_custom_resource_is_named_by_its_plural_and_group() {
    for (names, spec, rule, text) in [
        ("plural: gadgets, kind: Widget", VERSIONS, "invalid-name", "widgets.example.com"),
        ("plural: widgets, kind: My_Widget", VERSIONS, "invalid-name", "My_Widget"),
        (
            WIDGET,
            "scope: Cluster, versions: [{name: v1, served: true}]",
            "invalid-value",
            "[{name: v1, served: true}]",
        ),
    ] {
        let read = definition(names, spec);
        assert_eq!(underlined(&read), [(format!("error {rule}"), text.to_owned())]);
        assert_eq!(read.snapshot().custom_resources.len(), 1);
    }
}

#[test]
fn a_prefix_is_no_name_of_a_custom_resource() {
    let text = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n\
                metadata: {name: widgets.example.com, generateName: widgets}\n\
                spec: {group: example.com, names: {plural: widgets, kind: Widget}, scope: Cluster, \
                versions: [{name: v1, served: true, storage: true}]}\n";
    assert_eq!(underlined(&read(text)), [("error invalid-name".to_owned(), "widgets".to_owned())]);
}

#[test]
fn an_older_version_means_the_same() {
    let text = "apiVersion: apiextensions.k8s.io/v1beta1\nkind: CustomResourceDefinition\n\
                metadata: {name: widgets.example.com}\n\
                spec: {group: example.com, names: {plural: widgets, kind: Widget}, scope: Cluster, \
                versions: [{name: v1, served: true, storage: true}]}\n";
    assert_eq!(read(text).rules(), ["unknown-api-version"]);
    assert_eq!(only(&read(text)).plural, "widgets");
}

#[test]
fn another_type_is_unclear_and_an_unknown_field_is_dropped() {
    assert_unclear(&definition(WIDGET, "scope: Namespaced, versions: v1"), "wrong-type", "v1");
    let read = definition(WIDGET, &format!("{VERSIONS}, version: v1"));
    assert_eq!(underlined(&read), [("warning unknown-field".to_owned(), "version".to_owned())]);
    assert_eq!(only(&read).versions.len(), 1);
}

#[test]
fn given_twice_alike_it_is_one() {
    let text = |comment: &str| {
        format!(
            "# {comment}\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n\
             metadata: {{name: widgets.example.com}}\n\
             spec: {{group: example.com, names: {{{WIDGET}}}, {VERSIONS}}}\n"
        )
    };
    let read = read(&[text("here"), text("further down")].join("---\n"));
    assert_eq!(read.rules(), ["duplicate-object"]);
    assert_eq!(only(&read).plural, "widgets");
}
