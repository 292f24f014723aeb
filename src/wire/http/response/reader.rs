//! The incremental reader.

use super::chunked::Step;
use super::head::{Framing, framing, head_end, parse_head, wants_keep_alive};
use super::observation::{Flaw, Interim, Limits, Malformed, Progress, Response, Unreadable};

/// Interim responses read before one final response.
const MAX_INTERIM: usize = 16;

/// Reads one response from octets in any portions; the result does not depend on the portions.
///
/// The one exception is [`Response::surplus`], which holds what came in the portion that ended the message. After
/// [`Progress::Complete`] or [`Progress::Malformed`] the reader is used up and answers [`Flaw::AfterEnd`].
#[derive(Debug)]
pub struct ResponseReader {
    limits: Limits,
    method: String,
    /// Octets before the current head.
    offset: u64,
    interim: Vec<Interim>,
    state: State,
}

#[derive(Debug)]
enum State {
    Head {
        buffer: Vec<u8>,
        scanned: usize,
    },
    Body {
        response: Box<Response>,
        framing: Framing,
        at: u64,
    },
    Finished,
}

impl ResponseReader {
    /// A reader for the response to a request of that method.
    pub fn new(limits: Limits, request_method: impl Into<String>) -> Self {
        Self {
            limits,
            method: request_method.into(),
            offset: 0,
            interim: Vec::new(),
            state: State::Head {
                buffer: Vec::new(),
                scanned: 0,
            },
        }
    }

    /// Takes the next octets of the connection.
    pub fn feed(&mut self, bytes: &[u8]) -> Progress {
        match std::mem::replace(&mut self.state, State::Finished) {
            State::Head { buffer, scanned } => self.feed_head(buffer, scanned, bytes),
            State::Body {
                response,
                framing,
                at,
            } => self.feed_body(response, framing, at, bytes),
            State::Finished => self.malformed(Flaw::AfterEnd, self.offset, None),
        }
    }

    /// Takes the end of the connection.
    pub fn finish_eof(&mut self) -> Progress {
        match std::mem::replace(&mut self.state, State::Finished) {
            State::Head { buffer, .. } => {
                let at = self.offset.saturating_add(length(&buffer));
                let what = if at == 0 {
                    Flaw::NoResponse
                } else {
                    Flaw::UnexpectedEof
                };
                self.malformed(what, at, None)
            }
            State::Body {
                response,
                framing: Framing::UntilClose,
                ..
            } => Progress::Complete(response),
            State::Body { response, at, .. } => {
                self.malformed(Flaw::UnexpectedEof, at, Some(response))
            }
            State::Finished => self.malformed(Flaw::AfterEnd, self.offset, None),
        }
    }

    fn malformed(&mut self, what: Flaw, at: u64, mut partial: Option<Box<Response>>) -> Progress {
        let mut interim = std::mem::take(&mut self.interim);
        if let Some(response) = &mut partial {
            response.keep_alive = false;
            response.interim.append(&mut interim);
        }
        Progress::Malformed(Box::new(Unreadable {
            malformed: Malformed { what, at },
            interim,
            partial,
        }))
    }

    fn feed_head(&mut self, mut buffer: Vec<u8>, mut scanned: usize, bytes: &[u8]) -> Progress {
        buffer.extend_from_slice(bytes);
        loop {
            let start = buffer
                .iter()
                .take_while(|byte| matches!(byte, b'\r' | b'\n'))
                .count();
            let first = buffer.get(start..).unwrap_or_default();
            let mismatch = first
                .iter()
                .zip(b"HTTP/")
                .position(|(octet, wanted)| octet != wanted);
            if mismatch.is_some_and(|index| start + index < self.limits.head_bytes) {
                return self.malformed(
                    Flaw::NotHttp,
                    self.offset.saturating_add(count(start)),
                    None,
                );
            }
            let end = match head_end(&buffer, start, scanned) {
                Some(end) if end <= self.limits.head_bytes => end,
                None if buffer.len() <= self.limits.head_bytes => {
                    scanned = buffer.len();
                    self.state = State::Head { buffer, scanned };
                    return Progress::Incomplete;
                }
                Some(_) | None => {
                    let at = self.offset.saturating_add(count(self.limits.head_bytes));
                    return self.malformed(Flaw::HeadTooLarge, at, None);
                }
            };
            let after = buffer.split_off(end);
            match parse_head(&buffer, self.offset, &self.limits) {
                Err((what, partial)) => return self.malformed(what, self.offset, partial),
                Ok(response) if is_interim(response.status) => {
                    self.offset = self.offset.saturating_add(count(end));
                    self.interim.push(Interim {
                        status: response.status,
                        headers: response.headers,
                    });
                    if self.interim.len() > MAX_INTERIM {
                        return self.malformed(Flaw::TooManyInterim, self.offset, None);
                    }
                    (buffer, scanned) = (after, 0);
                }
                Ok(response) => return self.begin_body(response, count(end), &after),
            }
        }
    }

    fn begin_body(&mut self, mut response: Response, head: u64, rest: &[u8]) -> Progress {
        let framing = match framing(&mut response, &self.method, self.offset, &self.limits) {
            Ok(framing) => framing,
            Err(what) => return self.malformed(what, self.offset, Some(Box::new(response))),
        };
        response.keep_alive = wants_keep_alive(&response)
            && !matches!(framing, Framing::UntilClose)
            && response.status != 101
            && !response.has_flaw(Flaw::ContentLengthAndTransferEncoding)
            && !response.has_flaw(Flaw::TransferEncodingInOldVersion);
        response.interim = std::mem::take(&mut self.interim);
        let at = self.offset.saturating_add(head);
        self.feed_body(Box::new(response), framing, at, rest)
    }

    fn feed_body(
        &mut self,
        mut response: Box<Response>,
        framing: Framing,
        at: u64,
        bytes: &[u8],
    ) -> Progress {
        let room = self.limits.body_bytes.saturating_sub(response.body.len());
        let after = at.saturating_add(length(bytes));
        let framing = match framing {
            Framing::Nothing => return complete(response, bytes),
            Framing::Length(left) => {
                let take = usize::try_from(left).unwrap_or(usize::MAX).min(room);
                let (data, rest) = bytes.split_at_checked(take).unwrap_or((bytes, &[]));
                response.body.extend_from_slice(data);
                let left = left.saturating_sub(length(data));
                if left == 0 {
                    return complete(response, rest);
                }
                if data.len() == room {
                    return truncated(response);
                }
                Framing::Length(left)
            }
            Framing::UntilClose => {
                let (data, rest) = bytes.split_at_checked(room).unwrap_or((bytes, &[]));
                response.body.extend_from_slice(data);
                if !rest.is_empty() {
                    return truncated(response);
                }
                Framing::UntilClose
            }
            Framing::Chunked(mut decoder) => {
                let step = decoder.decode(bytes, &mut response.body);
                if decoder.bare_lf && !response.has_flaw(Flaw::BareLf) {
                    response.flaws.push(Malformed {
                        what: Flaw::BareLf,
                        at: self.offset,
                    });
                }
                match step {
                    Ok(Step::More) => Framing::Chunked(decoder),
                    Ok(Step::Full) => return truncated(response),
                    Ok(Step::End(used)) => {
                        response.trailers = decoder.trailers;
                        return complete(response, bytes.get(used..).unwrap_or_default());
                    }
                    Err((what, used)) => {
                        return self.malformed(
                            what,
                            at.saturating_add(count(used)),
                            Some(response),
                        );
                    }
                }
            }
        };
        self.state = State::Body {
            response,
            framing,
            at: after,
        };
        Progress::Incomplete
    }
}

/// 101 ends HTTP on this connection and is therefore final.
fn is_interim(status: u16) -> bool {
    (100..200).contains(&status) && status != 101
}

fn complete(mut response: Box<Response>, surplus: &[u8]) -> Progress {
    response.surplus = surplus.to_vec();
    Progress::Complete(response)
}

fn truncated(mut response: Box<Response>) -> Progress {
    response.truncated = true;
    response.keep_alive = false;
    Progress::Complete(response)
}

fn length(bytes: &[u8]) -> u64 {
    count(bytes.len())
}

fn count(octets: usize) -> u64 {
    u64::try_from(octets).unwrap_or(u64::MAX)
}
