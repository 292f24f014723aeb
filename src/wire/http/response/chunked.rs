//! The chunked transfer coding, decoded with bounds (RFC 9112, 7.1).

use super::head::clean_field;
use super::observation::{Flaw, Limits};

/// Longest chunk size line, extensions included.
const LINE_BYTES: usize = 4096;

/// What the decoder did with its input.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// All input is used, the body goes on.
    More,
    /// The body has ended after so many octets of the input.
    End(usize),
    /// The bound of the body is reached and more was announced.
    Full,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Size,
    Data(u64),
    DataEnd,
    Trailers,
}

/// Decoder of one chunked body.
#[derive(Debug)]
pub(super) struct ChunkedDecoder {
    state: State,
    line: Vec<u8>,
    framing_left: usize,
    limits: Limits,
    /// Trailer fields, complete when the body has ended.
    pub(super) trailers: Vec<(String, String)>,
    /// A line ended with LF alone.
    pub(super) bare_lf: bool,
}

impl ChunkedDecoder {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            state: State::Size,
            line: Vec::new(),
            // A body of one-octet chunks has about six octets of framing each.
            framing_left: limits
                .body_bytes
                .saturating_mul(8)
                .saturating_add(limits.head_bytes),
            limits: *limits,
            trailers: Vec::new(),
            bare_lf: false,
        }
    }

    /// Decodes `input` into `body`; an error carries the number of octets used before it.
    pub(super) fn decode(
        &mut self,
        input: &[u8],
        body: &mut Vec<u8>,
    ) -> Result<Step, (Flaw, usize)> {
        let mut rest = input;
        loop {
            if let State::Data(left) = self.state {
                let room = self.limits.body_bytes.saturating_sub(body.len());
                if room == 0 {
                    return Ok(Step::Full);
                }
                let take = usize::try_from(left)
                    .unwrap_or(usize::MAX)
                    .min(room)
                    .min(rest.len());
                let (data, after) = rest.split_at_checked(take).unwrap_or((rest, &[]));
                body.extend_from_slice(data);
                rest = after;
                let left = left.saturating_sub(u64::try_from(take).unwrap_or(u64::MAX));
                self.state = if left == 0 {
                    State::DataEnd
                } else {
                    State::Data(left)
                };
                if left > 0 && take < room {
                    return Ok(Step::More);
                }
                continue;
            }
            let Some((byte, after)) = rest.split_first() else {
                return Ok(Step::More);
            };
            let used = input.len() - rest.len();
            rest = after;
            if self.framing(*byte).map_err(|flaw| (flaw, used))? {
                return Ok(Step::End(used + 1));
            }
        }
    }

    /// Takes one octet of framing; true when it ends the body.
    fn framing(&mut self, byte: u8) -> Result<bool, Flaw> {
        self.framing_left = self
            .framing_left
            .checked_sub(1)
            .ok_or(Flaw::TooMuchChunkFraming)?;
        self.line.push(byte);
        match self.state {
            State::Size => {
                if byte == b'\n' {
                    let size = chunk_size(&self.line)?;
                    self.note_line_end();
                    self.line.clear();
                    self.state = if size == 0 {
                        State::Trailers
                    } else {
                        State::Data(size)
                    };
                } else if self.line.len() > LINE_BYTES {
                    return Err(Flaw::ChunkLineTooLong);
                }
            }
            State::DataEnd => match self.line.as_slice() {
                [b'\r'] => {}
                [b'\n'] | [b'\r', b'\n'] => {
                    self.note_line_end();
                    self.line.clear();
                    self.state = State::Size;
                }
                _ => return Err(Flaw::BadChunkEnd),
            },
            State::Trailers => return self.trailer(byte),
            // Data is taken in `decode`.
            State::Data(_) => {}
        }
        Ok(false)
    }

    fn trailer(&mut self, byte: u8) -> Result<bool, Flaw> {
        if self.line.len() > self.limits.head_bytes {
            return Err(Flaw::TrailersTooLarge);
        }
        let ended = matches!(self.line.as_slice(), [b'\n'] | [b'\r', b'\n'])
            || self.line.ends_with(b"\n\n")
            || self.line.ends_with(b"\n\r\n");
        if byte == b'\n' {
            self.note_line_end();
        }
        if !ended {
            return Ok(false);
        }
        let mut fields = vec![httparse::EMPTY_HEADER; self.limits.headers];
        match httparse::parse_headers(&self.line, &mut fields) {
            Ok(httparse::Status::Complete((_, fields))) => {
                self.trailers = fields.iter().map(clean_field).collect();
                Ok(true)
            }
            Ok(httparse::Status::Partial) => Err(Flaw::BadTrailer),
            Err(httparse::Error::TooManyHeaders) => Err(Flaw::TrailersTooLarge),
            Err(_) => Err(Flaw::BadTrailer),
        }
    }

    fn note_line_end(&mut self) {
        self.bare_lf |= !self.line.ends_with(b"\r\n");
    }
}

/// Size of the chunk that this line announces; extensions are read over.
fn chunk_size(line: &[u8]) -> Result<u64, Flaw> {
    let size = line
        .split(|byte| *byte == b';')
        .next()
        .unwrap_or_default()
        .trim_ascii_end();
    let text = std::str::from_utf8(size).map_err(|_| Flaw::BadChunkSize)?;
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(Flaw::BadChunkSize);
    }
    u64::from_str_radix(text, 16).map_err(|_| Flaw::BadChunkSize)
}
