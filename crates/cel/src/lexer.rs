//! Text into tokens.

use super::parser::Refused;

/// What an expression is made of.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Token {
    Name(String),
    Text(String),
    Bytes,
    Int(u64),
    Uint(u64),
    Double(f64),
    /// An operator or a bracket.
    Sign(&'static str),
}

/// Signs, the longer ones first.
const SIGNS: [&str; 25] = [
    "==", "!=", "<=", ">=", "&&", "||", "<", ">", "[", "]", "{", "}", "(", ")", ".", ",", "-", "!", "?", ":",
    "+", "*", "/", "%", "=",
];

/// The tokens of an expression.
pub(crate) fn tokens(text: &str) -> Result<Vec<Token>, Refused> {
    let mut rest = text;
    let mut tokens = Vec::new();
    while let Some(first) = rest.chars().next() {
        if matches!(first, ' ' | '\t' | '\r' | '\n' | '\u{c}') {
            rest = &rest[1..];
        } else if rest.starts_with("//") {
            rest = rest.find('\n').map_or("", |end| &rest[end..]);
        } else if let Some((token, after)) = quoted(rest)? {
            tokens.push(token);
            rest = after;
        } else if first.is_ascii_alphabetic() || first == '_' {
            let (name, after) = split(rest, |c| c.is_ascii_alphanumeric() || c == '_');
            tokens.push(Token::Name(name.to_owned()));
            rest = after;
        } else if first.is_ascii_digit()
            || (first == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit()))
        {
            let (token, after) = number(rest)?;
            tokens.push(token);
            rest = after;
        } else {
            let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign)).filter(|sign| **sign != "=");
            let sign = sign.ok_or_else(|| Refused::new(format!("`{first}` means nothing here")))?;
            tokens.push(Token::Sign(sign));
            rest = &rest[sign.len()..];
        }
    }
    Ok(tokens)
}

fn split(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !belongs(c)).unwrap_or(text.len()))
}

fn number(text: &str) -> Result<(Token, &str), Refused> {
    let too_big = || Refused::new("a number is too big".to_owned());
    let unsigned = |after: &str| after.starts_with(['u', 'U']);
    if let Some(hex) = text.strip_prefix("0x") {
        let (digits, after) = split(hex, |c| c.is_ascii_hexdigit());
        let value = u64::from_str_radix(digits, 16).map_err(|_| too_big())?;
        return Ok(if unsigned(after) {
            (Token::Uint(value), &after[1..])
        } else {
            (Token::Int(value), after)
        });
    }
    let (_, mut after) = split(text, |c| c.is_ascii_digit());
    let mut is_double = false;
    if let Some(fraction) =
        after.strip_prefix('.').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    {
        (is_double, after) = (true, split(fraction, |c| c.is_ascii_digit()).1);
    }
    if let Some(exponent) = after.strip_prefix(['e', 'E']) {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if digits.starts_with(|c: char| c.is_ascii_digit()) {
            (is_double, after) = (true, split(digits, |c| c.is_ascii_digit()).1);
        }
    }
    let written = &text[..text.len() - after.len()];
    if is_double {
        let value: f64 = written.parse().map_err(|_| too_big())?;
        return if value.is_finite() { Ok((Token::Double(value), after)) } else { Err(too_big()) };
    }
    let value: u64 = written.parse().map_err(|_| too_big())?;
    Ok(if unsigned(after) { (Token::Uint(value), &after[1..]) } else { (Token::Int(value), after) })
}

/// A text or bytes in quotes at the beginning, if there is one, and what is behind it.
fn quoted(text: &str) -> Result<Option<(Token, &str)>, Refused> {
    let prefix = text.bytes().take(3).position(|byte| matches!(byte, b'"' | b'\''));
    let Some(prefix) = prefix.and_then(|end| text.get(..end)) else { return Ok(None) };
    let (raw, bytes) = match prefix.to_ascii_lowercase().as_str() {
        "" => (false, false),
        "r" => (true, false),
        "b" => (false, true),
        "br" => (true, true),
        _ => return Ok(None),
    };
    let opened = &text[prefix.len()..];
    let Some(quote) = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| opened.starts_with(quote)) else {
        return Ok(None);
    };
    let mut rest = &opened[quote.len()..];
    let mut value = String::new();
    loop {
        if let Some(after) = rest.strip_prefix(quote) {
            return Ok(Some((if bytes { Token::Bytes } else { Token::Text(value) }, after)));
        }
        let Some(first) = rest.chars().next() else {
            return Err(Refused::new("a text has no end".to_owned()));
        };
        if first == '\\' && !raw {
            let (escaped, after) = escape(rest, bytes)?;
            value.push(escaped);
            rest = after;
        } else if quote.len() == 1 && matches!(first, '\n' | '\r') {
            return Err(Refused::new("a text has no end in its line".to_owned()));
        } else {
            value.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
}

/// What a backslash and what follows it stand for.
fn escape(text: &str, bytes: bool) -> Result<(char, &str), Refused> {
    let unknown = || Refused::new("a backslash is followed by what means nothing".to_owned());
    let rest = text.get(1..).unwrap_or_default();
    let kind = rest.chars().next().ok_or_else(unknown)?;
    let numbered = |digits: usize, skip: usize, radix: u32| {
        let written = rest
            .get(skip..skip + digits)
            .filter(|written| written.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let value =
            written.and_then(|written| u32::from_str_radix(written, radix).ok()).ok_or_else(unknown)?;
        Ok((char::from_u32(value).ok_or_else(unknown)?, &rest[skip + digits..]))
    };
    let plain = match kind {
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        '"' | '\'' | '\\' | '?' | '`' => kind,
        'x' | 'X' => return numbered(2, 1, 16),
        'u' if !bytes => return numbered(4, 1, 16),
        'U' if !bytes => return numbered(8, 1, 16),
        '0'..='3' => return numbered(3, 0, 8),
        _ => return Err(unknown()),
    };
    Ok((plain, &rest[1..]))
}
