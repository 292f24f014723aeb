//! The list grammar of RFC 9110, 11.3 and 11.4, read leniently; what deviates is noted.

use super::{Challenge, Param};

/// Challenges read from one message.
pub const MAX_CHALLENGES: usize = 16;

/// Parameters read from one challenge.
pub const MAX_PARAMS: usize = 64;

/// Challenges of one message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Challenges {
    /// Challenges in order over all fields.
    pub list: Vec<Challenge>,
    /// Kinds of deviation in order of appearance, each once.
    pub flaws: Vec<ChallengeFlaw>,
}

/// How a value deviates from the grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChallengeFlaw {
    /// A character where a token must begin.
    UnexpectedCharacter,
    /// A parameter before any scheme.
    ParamWithoutScheme,
    /// No comma between two parameters.
    MissingComma,
    /// A quoted-string without its end.
    UnterminatedQuote,
    /// An unquoted value with characters that a token must not have, or an empty one.
    BadToken,
    /// A parameter occurs twice in one challenge.
    DuplicateParam,
    /// More challenges than are read.
    TooManyChallenges,
    /// More parameters than are read.
    TooManyParams,
}

impl Challenges {
    /// The first Digest challenge.
    pub fn digest(&self) -> Option<&Challenge> {
        self.list.iter().find(|challenge| challenge.is_digest())
    }

    fn note(&mut self, flaw: ChallengeFlaw) {
        if !self.flaws.contains(&flaw) {
            self.flaws.push(flaw);
        }
    }
}

/// Challenges (or credentials) of all fields of one name, in order.
pub fn parse_challenges<'a>(values: impl IntoIterator<Item = &'a str>) -> Challenges {
    let mut challenges = Challenges::default();
    for value in values {
        parse_field(value, &mut challenges);
    }
    note_duplicates(&mut challenges);
    challenges
}

/// Parameters of a field that has no scheme, as `Authentication-Info` (RFC 7615).
pub fn parse_params(value: &str) -> (Vec<Param>, Vec<ChallengeFlaw>) {
    let mut challenges = Challenges {
        list: vec![Challenge::default()],
        flaws: Vec::new(),
    };
    let mut cursor = Cursor { rest: value };
    let mut comma = true;
    while let Some(token) = cursor.item(&mut challenges, &mut comma) {
        if cursor.equals() {
            take_param(&mut cursor, token, &mut challenges);
        } else {
            challenges.note(ChallengeFlaw::UnexpectedCharacter);
        }
    }
    note_duplicates(&mut challenges);
    let params = challenges
        .list
        .pop()
        .map(|challenge| challenge.params)
        .unwrap_or_default();
    (params, challenges.flaws)
}

fn note_duplicates(challenges: &mut Challenges) {
    if challenges
        .list
        .iter()
        .any(|challenge| !challenge.duplicate_params().is_empty())
    {
        challenges.note(ChallengeFlaw::DuplicateParam);
    }
}

fn parse_field(value: &str, challenges: &mut Challenges) {
    let mut cursor = Cursor { rest: value };
    let mut in_challenge = false;
    let mut comma = true;
    while let Some(token) = cursor.item(challenges, &mut comma) {
        if cursor.equals() {
            if in_challenge {
                take_param(&mut cursor, token, challenges);
            } else {
                challenges.note(ChallengeFlaw::ParamWithoutScheme);
                cursor.value();
            }
            continue;
        }
        if challenges.list.len() >= MAX_CHALLENGES {
            challenges.note(ChallengeFlaw::TooManyChallenges);
            return;
        }
        let token68 = cursor.token68().map(str::to_owned);
        // The first parameter follows its scheme without a comma.
        comma = token68.is_none();
        challenges.list.push(Challenge {
            scheme: token.to_owned(),
            token68,
            params: Vec::new(),
        });
        in_challenge = true;
    }
}

/// Reads the value of a parameter into the last challenge.
fn take_param(cursor: &mut Cursor<'_>, name: &str, challenges: &mut Challenges) {
    let (value, quoted, flaw) = cursor.value();
    if let Some(flaw) = flaw {
        challenges.note(flaw);
    }
    let Some(challenge) = challenges.list.last_mut() else {
        return;
    };
    if challenge.params.len() < MAX_PARAMS {
        challenge.params.push(Param {
            name: name.to_owned(),
            value,
            quoted,
        });
    } else {
        challenges.note(ChallengeFlaw::TooManyParams);
    }
}

struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    /// The next token after white space and commas; other characters are skipped and noted. `comma` tells whether a comma
    /// is not needed before it, and is reset.
    fn item(&mut self, challenges: &mut Challenges, comma: &mut bool) -> Option<&'a str> {
        loop {
            self.blank();
            let mut characters = self.rest.chars();
            let first = characters.next()?;
            if first == ',' {
                *comma = true;
                self.rest = characters.as_str();
            } else if is_token(first) {
                let token = self.take_while(is_token);
                let after = self.rest.trim_start_matches(is_blank);
                if !std::mem::replace(comma, false) && after.starts_with('=') {
                    challenges.note(ChallengeFlaw::MissingComma);
                }
                return Some(token);
            } else {
                challenges.note(ChallengeFlaw::UnexpectedCharacter);
                self.rest = characters.as_str();
            }
        }
    }

    /// Takes a `=` with the white space around it.
    fn equals(&mut self) -> bool {
        let Some(after) = self.rest.trim_start_matches(is_blank).strip_prefix('=') else {
            return false;
        };
        self.rest = after.trim_start_matches(is_blank);
        true
    }

    /// Takes what follows a scheme if it is token68 up to a comma or the end.
    fn token68(&mut self) -> Option<&'a str> {
        let text = self
            .rest
            .strip_prefix(is_blank)?
            .trim_start_matches(is_blank);
        let body =
            text.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "-._~+/".contains(c));
        let after = body.trim_start_matches('=');
        let following = after.trim_start_matches(is_blank);
        let token = text.strip_suffix(after)?;
        if body.len() == text.len() || !(following.is_empty() || following.starts_with(',')) {
            return None;
        }
        self.rest = after;
        Some(token)
    }

    /// Takes a value, whether it was quoted, and what is wrong with it.
    fn value(&mut self) -> (String, bool, Option<ChallengeFlaw>) {
        let Some(quoted) = self.rest.strip_prefix('"') else {
            let value = self.take_while(|c| c != ',' && !is_blank(c));
            let good = !value.is_empty() && value.chars().all(is_token);
            return (
                value.to_owned(),
                false,
                (!good).then_some(ChallengeFlaw::BadToken),
            );
        };
        let mut value = String::new();
        let mut characters = quoted.chars();
        while let Some(character) = characters.next() {
            match character {
                '"' => {
                    self.rest = characters.as_str();
                    return (value, true, None);
                }
                '\\' => value.extend(characters.next()),
                other => value.push(other),
            }
        }
        self.rest = "";
        (value, true, Some(ChallengeFlaw::UnterminatedQuote))
    }

    fn blank(&mut self) {
        self.rest = self.rest.trim_start_matches(is_blank);
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !wanted(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t')
}

/// `tchar` of RFC 9110, 5.6.2.
fn is_token(character: char) -> bool {
    character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(character)
}
