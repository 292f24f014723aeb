//! Is a document well-formed XML (XML 1.0, 2.1)? Document type declarations are refused: no application needs one.

/// Deepest nesting of elements.
const MAX_DEPTH: usize = 256;

/// Most attributes of one element.
const MAX_ATTRIBUTES: usize = 256;

/// Why a document is refused (RFC 4825, 11.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    NotUtf8,
    NotWellFormed,
}

impl Fault {
    /// Element of the error body.
    pub(super) fn element(self) -> &'static str {
        match self {
            Self::NotUtf8 => "not-utf-8",
            Self::NotWellFormed => "not-well-formed",
        }
    }
}

/// Checks a whole document.
pub(super) fn check(body: &[u8]) -> Result<(), Fault> {
    let text = std::str::from_utf8(body).map_err(|_| Fault::NotUtf8)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    document(text).ok_or(Fault::NotWellFormed)
}

fn document(text: &str) -> Option<()> {
    if text.contains(is_forbidden) {
        return None;
    }
    let mut rest = text;
    if let Some(declaration) = rest.strip_prefix("<?xml") {
        let (pseudo_attributes, after) = declaration.split_once("?>")?;
        let encoding = pseudo_attributes.to_ascii_lowercase();
        if encoding.contains("encoding")
            && !encoding.contains("utf-8")
            && !encoding.contains("us-ascii")
        {
            return None;
        }
        rest = after;
    }
    let mut open: Vec<&str> = Vec::new();
    let mut roots = 0_usize;
    while !rest.is_empty() {
        let Some(markup) = rest.strip_prefix('<') else {
            let (content, after) = rest.split_at_checked(rest.find('<').unwrap_or(rest.len()))?;
            if open.is_empty() && !content.trim_matches(is_blank).is_empty() {
                return None;
            }
            if content.contains("]]>") || !references_are_good(content) {
                return None;
            }
            rest = after;
            continue;
        };
        rest = after_markup(markup, &mut open, &mut roots)?;
        if roots > 1 || open.len() > MAX_DEPTH {
            return None;
        }
    }
    (roots == 1 && open.is_empty()).then_some(())
}

/// Reads one piece of markup behind its `<`, keeps account of open elements and roots, and gives what follows.
fn after_markup<'a>(
    markup: &'a str,
    open: &mut Vec<&'a str>,
    roots: &mut usize,
) -> Option<&'a str> {
    if let Some(comment) = markup.strip_prefix("!--") {
        return comment.split_once("--")?.1.strip_prefix('>');
    }
    if let Some(characters) = markup.strip_prefix("![CDATA[") {
        let (_, after) = characters.split_once("]]>")?;
        return (!open.is_empty()).then_some(after);
    }
    if let Some(instruction) = markup.strip_prefix('?') {
        let (target, after) = instruction.split_once("?>")?;
        let name = target.split(is_blank).next()?;
        return (is_name(name) && !name.eq_ignore_ascii_case("xml")).then_some(after);
    }
    if let Some(end) = markup.strip_prefix('/') {
        let (name, after) = end.split_once('>')?;
        return (open.pop()? == name.trim_end_matches(is_blank)).then_some(after);
    }
    let element = start_tag(markup)?;
    *roots = roots.saturating_add(usize::from(open.is_empty()));
    if !element.empty {
        open.push(element.name);
    }
    Some(element.after)
}

struct StartTag<'a> {
    name: &'a str,
    empty: bool,
    after: &'a str,
}

/// Reads a start tag behind its `<`.
fn start_tag(text: &str) -> Option<StartTag<'_>> {
    let end = text.find(|c| is_blank(c) || matches!(c, '>' | '/'))?;
    let (name, mut rest) = text.split_at_checked(end)?;
    if !is_name(name) {
        return None;
    }
    let mut attributes: Vec<&str> = Vec::new();
    loop {
        let trimmed = rest.trim_start_matches(is_blank);
        if let Some(after) = trimmed.strip_prefix('>') {
            return Some(StartTag {
                name,
                empty: false,
                after,
            });
        }
        if let Some(after) = trimmed.strip_prefix("/>") {
            return Some(StartTag {
                name,
                empty: true,
                after,
            });
        }
        if trimmed.len() == rest.len() {
            return None;
        }
        let (attribute, after) = trimmed.split_once('=')?;
        let attribute = attribute.trim_end_matches(is_blank);
        let after = after.trim_start_matches(is_blank);
        let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (value, after) = after.strip_prefix(quote)?.split_once(quote)?;
        let good = is_name(attribute) && !value.contains('<') && references_are_good(value);
        if !good || attributes.contains(&attribute) || attributes.len() >= MAX_ATTRIBUTES {
            return None;
        }
        attributes.push(attribute);
        rest = after;
    }
}

/// Whether every `&` begins a predefined entity or a character reference.
fn references_are_good(text: &str) -> bool {
    text.split('&').skip(1).all(|after| {
        let Some((name, _)) = after.split_once(';') else {
            return false;
        };
        let code = match (name.strip_prefix("#x"), name.strip_prefix('#')) {
            (Some(digits), _) => u32::from_str_radix(digits, 16).ok(),
            (None, Some(digits)) => digits.parse().ok(),
            (None, None) => {
                return matches!(name, "amp" | "lt" | "gt" | "apos" | "quot");
            }
        };
        let character = code.and_then(char::from_u32);
        character.is_some_and(|character| !is_forbidden(character))
    })
}

fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    let first = characters.next();
    first.is_some_and(|c| c.is_alphabetic() || matches!(c, '_' | ':'))
        && characters.all(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | '-' | '.' | '\u{b7}'))
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

/// Characters that XML 1.0 does not have.
fn is_forbidden(character: char) -> bool {
    (character < ' ' && !is_blank(character)) || matches!(character, '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_formed_documents() {
        for text in [
            "<a/>",
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a x='1' y=\"&lt;&#x41;\"><b>t &amp; u</b><!-- c --><?p i?></a>\n",
            "\u{feff}<cp:r xmlns:cp=\"urn:x\"><![CDATA[<&]]></cp:r >",
        ] {
            assert_eq!(check(text.as_bytes()), Ok(()), "{text}");
        }
    }

    #[test]
    fn broken_documents() {
        for text in [
            "",
            "text",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<a/>t",
            "<a x=1/>",
            "<a x='1' x='2'/>",
            "<a x='1'y='2'/>",
            "<a x='<'/>",
            "<a>&unknown;</a>",
            "<a>& </a>",
            "<a>&#0;</a>",
            "<a>]]></a>",
            "<a><!-- -- --></a>",
            "<!DOCTYPE a><a/>",
            "<?xml version='1.0' encoding='utf-16'?><a/>",
            "<a>\u{1}</a>",
            "<1/>",
            "</a>",
            "<",
        ] {
            assert_eq!(check(text.as_bytes()), Err(Fault::NotWellFormed), "{text}");
        }
        assert_eq!(check(b"<a>\xff</a>"), Err(Fault::NotUtf8));
    }

    #[test]
    fn depth_and_attributes_are_bounded() {
        let deep = format!("{}{}", "<a>".repeat(300), "</a>".repeat(300));
        assert_eq!(check(deep.as_bytes()), Err(Fault::NotWellFormed));
        let wide: String = (0..300).map(|n| format!(" a{n}=''")).collect();
        assert_eq!(
            check(format!("<a{wide}/>").as_bytes()),
            Err(Fault::NotWellFormed)
        );
    }
}
