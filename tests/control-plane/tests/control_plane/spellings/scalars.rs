//! Ways to spell a scalar: those that are known to be tricky, and as many others as are wanted.

use watertight_oracle::Random;

/// Scalars that mean something else in YAML 1.2, in YAML 1.1, in Go or in JSON.
const TRICKY: &str = "\
    on off On OFF oN y Y n N yes NO Yes no yEs true True TRUE tRUE false False FALSE ~ null Null NULL nULL nil none \
    0644 0o17 0O17 0o8 08 09 010 00 0 -0 +0 0.0 -0.0 +1 -1 1_000 1__0 _1 1_ 0_7 0x1F 0X1f 0x 0xg 0x_1 0b1 0b 0b2 0B11 \
    -0x1F -0b1 +0x1 -0644 +0644 -0o17 0b-1 0b+1 1e3 1E3 1e+3 1e-3 1.e3 1.5e3 1e 1e400 -1e400 1e308 1e309 606e961602 123e4 \
    1e21 1e20 1e15 1e16 80.0 80. .5 -.5 +.5 5. . .. ... .e3 ._5 .5_0 1_.5 1._5 0x1p4 1p4 1.0 8080 65535 65536 443 8_080 0x1F90 \
    .inf .Inf .INF -.inf +.inf .iNf inf Infinity .nan .NaN .NAN .Nan nan NaN \
    9223372036854775807 9223372036854775808 -9223372036854775808 -9223372036854775809 18446744073709551615 \
    18446744073709551616 99999999999999999999999 0xFFFFFFFFFFFFFFFF 0x1FFFFFFFFFFFFFFFF 0777777777777777777777 \
    123456789012345678 1234567.0 0.1 0.30000000000000004 1e-7 1e-5 123456789.125 1e6 1e7 100000000000000000000 \
    12:30 1:2 190:20:30 12:30:45 190:20:30.15 12:60 -1:30 2001-12-14 2001-12-14t21:59:43.10-05:00 2026-1-1 \
    2026-11-22T00:00:00Z 2001-12-14T21:59:43 = << < > >= -- --- - -a ?a :a a:b a::b a# #a a#b @a `a %a !a &a *a |a \
    'a' 'on' '1' '' '~' 'it''s' \"\" \"on\" \"1\" \"\\n\" \"\\x41\" \"\\u00e9\" \"\\U0001F600\" \"\\e\" \"\\0\" \"\\/\" \"\\ud83d\\ude00\" \
    \"\\ud83d\" \"\\_\" \"\\N\" \"\\L\" \"\\P\" \"\\a\\b\\t\\v\\f\\r\" \"\\q\" \"\\x4\" \"\\ \" \"\\\"\" \"\\\\\" \
    !!str !!str~ !!null !!int !!float !!bool é ünï 日本 \u{1F600} \u{FEFF}a \u{85} \u{2028} \u{a0}a a\u{a0} {} [] {a} [a] {a:} \
    v1.2 1.2.3 10.0.0.1 10.0.0.0/8 fe80::1 :: ::1 a,b , ,a a] a} http https-80 latest a=b a<b 1a a1 e3 E3 x1F o17 +a -- +- -+1 \
    +_1 -_1 0_x1 0x1_F 0b1_1 0o1_7 _ __ 1,000 1e3_0 1_0e3 !,a !#a >#a |-#a &_?a &<a";

/// Scalars with a space or a line break in them.
const SPACED: &[&str] = &[
    "!!str 1",
    "!!str on",
    "!!str ~",
    "!!str",
    "!!str ''",
    "!!int 1",
    "!!int '1'",
    "!!int \"80\"",
    "!!int on",
    "!!int 080",
    "!!int 0x50",
    "!!int 80.0",
    "!!float 1",
    "!!float 80",
    "!!float '80'",
    "!!float 1.5",
    "!!bool on",
    "!!bool 'yes'",
    "!!bool 1",
    "!!null ''",
    "!!null a",
    "!!binary aGk=",
    "!!timestamp 2001-12-14",
    "! 1",
    "! on",
    "!x 1",
    "!x a",
    "!<tag:yaml.org,2002:str> 1",
    "!<tag:yaml.org,2002:int> '1'",
    "&a on",
    "&a 1",
    "&a",
    "&<& a",
    "a b",
    "a  b",
    "a #b",
    "a # b",
    "on # off",
    "1 # one",
    "1 2",
    "- 1",
    "a: b",
    "a :b",
    "? a",
    "\"a\\\n        b\"",
    "\"a\n        b\"",
    "\"a\n\n        b\"",
    "'a\n        b'",
    "a\n        b",
    "a\n\n        b",
    "1\n        2",
    "|\n        on",
    "|-\n        on",
    "|+\n        on\n\n",
    ">\n        on\n        off",
    ">-\n        1",
    ">+\n        1\n\n",
    "|\n        a\n          b\n        c",
    ">\n        a\n          b\n        c",
    ">\n        a\n\n        b",
    "|2\n          a",
    "|9\n        a",
    "|\n\n        a",
    "|-\n        a\n\n        # b",
    ">-\n        a\tb ",
    "|-",
    ">",
    "\"a\tb\"",
    "'a\tb'",
    "a\tb",
    "\t1",
    "1\t",
    "\"a \n        \n         b\"",
];

/// Every scalar of the lists.
pub(super) fn listed() -> Vec<String> {
    TRICKY.split(' ').chain(SPACED.iter().copied()).map(str::to_owned).collect()
}

/// A scalar that nobody thought of.
pub(super) fn random(random: &mut Random) -> String {
    match random.below(10) {
        0..=3 => characters(random, NUMERIC, 7),
        4 | 5 => characters(random, WORDY, 5),
        6 => format!("\"{}\"", double_quoted(random)),
        7 => format!("'{}'", characters(random, TEXT, 8)),
        8 => block(random),
        _ => characters(random, TEXT, 8),
    }
}

const NUMERIC: &[&str] = &[
    "0", "1", "2", "7", "8", "9", "0", "1", "_", ".", "e", "E", "+", "-", "x", "o", "b", "F", ":", "0x",
    "0b", "e1",
];

const WORDY: &[&str] =
    &["y", "Y", "n", "N", "o", "O", "f", "F", "s", "e", "t", "r", "u", "~", "l", "on", "no", "true", "null"];

const TEXT: &[&str] = &[
    "a",
    "b",
    "Z",
    "0",
    "9",
    "-",
    "_",
    ".",
    "/",
    "=",
    "<",
    ">",
    "~",
    "!",
    "&",
    "*",
    "%",
    "@",
    "`",
    "|",
    ":",
    "?",
    "#",
    ",",
    "$",
    "(",
    ")",
    ";",
    "^",
    "+",
    "é",
    "日",
    "\u{1F600}",
    "\u{a0}",
    " ",
];

fn characters(random: &mut Random, alphabet: &[&'static str], longest: usize) -> String {
    let length = 1 + random.below(longest);
    (0..length).filter_map(|_| random.pick(alphabet).copied()).collect()
}

fn double_quoted(random: &mut Random) -> String {
    let escapes = [
        "\\n",
        "\\t",
        "\\\\",
        "\\\"",
        "\\x41",
        "\\x7f",
        "\\u00e9",
        "\\u65e5",
        "\\U0001F600",
        "\\0",
        "\\e",
        "\\ ",
        "\\_",
        "\\N",
        "\\/",
        "\\r",
    ];
    let part = |random: &mut Random| match random.chance(40) {
        true => random.one_of(escapes).to_owned(),
        false => characters(random, TEXT, 2),
    };
    (0..1 + random.below(4)).map(|_| part(random)).collect()
}

/// A block scalar of some lines, at an indentation that is deep enough everywhere.
fn block(random: &mut Random) -> String {
    let mut text = random.one_of(["|", "|-", "|+", ">", ">-", ">+"]).to_owned();
    for _ in 0..1 + random.below(4) {
        text.push('\n');
        let line = random.one_of([
            "",
            "on",
            "1",
            "a b",
            "  deeper",
            "a: b",
            "# no comment",
            "é",
            "trailing ",
            "\tx",
        ]);
        if !line.is_empty() {
            text.push_str("        ");
            text.push_str(line);
        }
    }
    text
}
