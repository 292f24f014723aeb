//! Status line and header fields, and what they say about the body.

use super::chunked::ChunkedDecoder;
use super::observation::{Flaw, Limits, Malformed, Response};
use crate::wire::http::clean::{Keep, clean, clean_keeping};

/// How the end of the body is found (RFC 9112, 6.3).
#[derive(Debug)]
pub(super) enum Framing {
    /// No body, whatever the fields say.
    Nothing,
    /// So many octets are still to come.
    Length(u64),
    /// Chunked coding.
    Chunked(Box<ChunkedDecoder>),
    /// Everything until the connection ends.
    UntilClose,
}

/// A head that parsed, or the deviation and what was read before it.
pub(super) type HeadResult = Result<Response, (Flaw, Option<Box<Response>>)>;

/// Where the head that starts at `start` ends, if it does; `scanned` octets are known to hold no end.
pub(super) fn head_end(buffer: &[u8], start: usize, scanned: usize) -> Option<usize> {
    // An end straddles at most the last three octets scanned before.
    let from = scanned.saturating_sub(3).max(start);
    let tail = buffer.get(from..)?;
    let line_ends = tail
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'\n')
        .map(|(index, _)| from + index);
    for index in line_ends {
        match buffer.get(index + 1..) {
            Some([b'\n', ..]) => return Some(index + 2),
            Some([b'\r', b'\n', ..]) => return Some(index + 3),
            _ => {}
        }
    }
    None
}

/// Parses a whole head; `at` is the offset of its first octet.
pub(super) fn parse_head(head: &[u8], at: u64, limits: &Limits) -> HeadResult {
    let mut fields = vec![httparse::EMPTY_HEADER; limits.headers];
    let mut parsed = httparse::Response::new(&mut fields);
    let outcome = httparse::ParserConfig::default()
        .allow_obsolete_multiline_headers_in_responses(true)
        .allow_spaces_after_header_name_in_responses(true)
        .parse_response(&mut parsed, head);
    let mut response = Response {
        version: if parsed.version == Some(0) {
            "HTTP/1.0"
        } else {
            "HTTP/1.1"
        }
        .to_owned(),
        status: parsed.code.unwrap_or_default(),
        reason: clean(reason(head), usize::MAX),
        head: head.to_vec(),
        ..Response::default()
    };
    response
        .flaws
        .extend(line_flaws(head).map(|(what, offset)| Malformed {
            what,
            at: at + offset,
        }));
    let flaw = match outcome {
        Ok(httparse::Status::Complete(_)) => {
            response.headers = parsed.headers.iter().map(clean_field).collect();
            if (100..=599).contains(&response.status) {
                return Ok(response);
            }
            Flaw::BadStatusCode
        }
        Ok(httparse::Status::Partial) => Flaw::BadHeader,
        Err(httparse::Error::TooManyHeaders) => Flaw::TooManyHeaders,
        Err(httparse::Error::HeaderName | httparse::Error::HeaderValue) => Flaw::BadHeader,
        Err(httparse::Error::NewLine | httparse::Error::Status)
        | Err(httparse::Error::Token | httparse::Error::Version) => Flaw::BadStatusLine,
    };
    Err((flaw, parsed.code.map(|_| Box::new(response))))
}

/// Cleans one field for those who read it; folded lines become one.
pub(super) fn clean_field(field: &httparse::Header<'_>) -> (String, String) {
    let mut value = Vec::with_capacity(field.value.len());
    for (index, line) in field.value.split(|byte| *byte == b'\n').enumerate() {
        if index > 0 {
            value.push(b' ');
        }
        value.extend_from_slice(line.trim_ascii());
    }
    (
        clean(field.name.as_bytes(), usize::MAX),
        clean_keeping(&value, usize::MAX, Keep::Tab),
    )
}

/// The reason phrase; `httparse` drops one that is not ASCII.
fn reason(head: &[u8]) -> &[u8] {
    let line = head
        .trim_ascii_start()
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    line.splitn(3, |byte| *byte == b' ')
        .nth(2)
        .unwrap_or_default()
        .trim_ascii()
}

/// Deviations in the line structure, each kind once, with the offset in the head.
fn line_flaws(head: &[u8]) -> impl Iterator<Item = (Flaw, u64)> + use<> {
    let mut found: Vec<(Flaw, u64)> = Vec::new();
    let mut offset = 0_u64;
    let mut note = |what: Flaw, at: u64| {
        if !found.iter().any(|(known, _)| *known == what) {
            found.push((what, at));
        }
    };
    let mut status_line_seen = false;
    for line in head.split_inclusive(|byte| *byte == b'\n') {
        let content = line.trim_ascii_end();
        if line.ends_with(b"\n") && !line.ends_with(b"\r\n") {
            note(Flaw::BareLf, offset);
        }
        if content.is_empty() && !status_line_seen {
            note(Flaw::LeadingEmptyLine, offset);
        }
        if status_line_seen && !content.is_empty() && starts_blank(line) {
            note(Flaw::ObsFold, offset);
        } else if status_line_seen && name_ends_blank(content) {
            note(Flaw::SpaceBeforeColon, offset);
        }
        status_line_seen |= !content.is_empty();
        offset = offset.saturating_add(u64::try_from(line.len()).unwrap_or(u64::MAX));
    }
    found.into_iter()
}

fn starts_blank(line: &[u8]) -> bool {
    matches!(line.first(), Some(b' ' | b'\t'))
}

fn name_ends_blank(line: &[u8]) -> bool {
    let mut parts = line.splitn(2, |byte| *byte == b':');
    let name = parts.next().unwrap_or_default();
    parts.next().is_some() && matches!(name.last(), Some(b' ' | b'\t'))
}

/// Decides the framing of the body; deviations that do not stop the read go into `response.flaws` at `at`.
pub(super) fn framing(
    response: &mut Response,
    method: &str,
    at: u64,
    limits: &Limits,
) -> Result<Framing, Flaw> {
    let lengths = tokens(response, "Content-Length");
    let codings = tokens(response, "Transfer-Encoding");
    let mut note = |what: Flaw| response.flaws.push(Malformed { what, at });
    let status = response.status;
    if (status == 204 || status < 200) && (!codings.is_empty() || !lengths.is_empty()) {
        note(Flaw::LengthWithoutBody);
    }
    let tunnel = method == "CONNECT" && (200..300).contains(&status);
    if method == "HEAD" || matches!(status, 100..=199 | 204 | 304) || tunnel {
        return Ok(Framing::Nothing);
    }
    if !codings.is_empty() {
        if !lengths.is_empty() {
            note(Flaw::ContentLengthAndTransferEncoding);
        }
        if response.version == "HTTP/1.0" {
            note(Flaw::TransferEncodingInOldVersion);
        }
        if codings.len() != 1
            || !codings
                .iter()
                .all(|coding| coding.eq_ignore_ascii_case("chunked"))
        {
            note(Flaw::UnknownTransferCoding);
        }
        let chunked = codings
            .last()
            .is_some_and(|coding| coding.eq_ignore_ascii_case("chunked"));
        return Ok(if chunked {
            Framing::Chunked(Box::new(ChunkedDecoder::new(limits)))
        } else {
            Framing::UntilClose
        });
    }
    let Some(first) = lengths.first() else {
        return Ok(Framing::UntilClose);
    };
    if lengths.len() > 1 {
        note(Flaw::RepeatedContentLength);
    }
    let length = octets(first).ok_or(Flaw::BadContentLength)?;
    for other in &lengths {
        if octets(other).ok_or(Flaw::BadContentLength)? != length {
            return Err(Flaw::ConflictingContentLength);
        }
    }
    Ok(Framing::Length(length))
}

/// Whether the fields allow another request on the connection.
pub(super) fn wants_keep_alive(response: &Response) -> bool {
    let options = tokens(response, "Connection");
    let has = |wanted: &str| {
        options
            .iter()
            .any(|option| option.eq_ignore_ascii_case(wanted))
    };
    !has("close") && (response.version == "HTTP/1.1" || has("keep-alive"))
}

/// Elements of a comma-separated field, empty ones of a field with others dropped.
fn tokens(response: &Response, name: &str) -> Vec<String> {
    let split: Vec<String> = response
        .headers_named(name)
        .flat_map(|value| value.split(','))
        .map(|token| token.trim().to_owned())
        .collect();
    let filled: Vec<String> = split
        .iter()
        .filter(|token| !token.is_empty())
        .cloned()
        .collect();
    if filled.is_empty() { split } else { filled }
}

fn octets(text: &str) -> Option<u64> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().ok()
    } else {
        None
    }
}
