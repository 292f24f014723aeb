//! The events of a case as a pcapng file with the keys to decrypt it.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::evidence::{
    Direction, Ending, EvidenceRole, Happening, OriginRequest, WireEvent,
};
use crate::wire::pcapng::{Conversation, Frame, Interface, Packet, block};
use crate::wire::tls::record::RECORD_HEADER;

use super::decisive::Decisive;

/// What the capture says about itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Title<'a> {
    /// The program, with its version.
    pub(super) program: &'a str,
    /// What the file is.
    pub(super) comment: &'a str,
    /// What is said of the decisive packet.
    pub(super) decisive: &'a str,
    /// Microseconds from 1970 to the beginning of the monotonic clock.
    pub(super) epoch_us: u64,
}

/// The capture of `events`.
pub(super) fn capture(
    events: &[WireEvent],
    decisive: Option<Decisive>,
    title: Title<'_>,
) -> Vec<u8> {
    let mut file = Vec::new();
    block::section_header(&mut file, title.program, title.comment);
    for role in EvidenceRole::ALL {
        let interface = Interface {
            name: role.name(),
            description: role.describe(),
        };
        block::interface(&mut file, interface);
    }
    let keys = key_log(events);
    if !keys.is_empty() {
        block::tls_secrets(&mut file, &keys);
    }
    let decisive_event = decisive.and_then(|decisive| events.get(decisive.event));
    let mut drafts = Drafts {
        decisive_serial: decisive_event.and_then(|event| match &event.what {
            Happening::Origin(request) => Some(request.serial),
            _ => None,
        }),
        ..Drafts::default()
    };
    for (index, event) in events.iter().enumerate() {
        drafts.add(event, decisive.filter(|decisive| decisive.event == index));
    }
    let octets = drafts.packets.iter().map(|draft| draft.frame.len() + 64);
    file.reserve(octets.sum());
    // What the origin received is told later than it happened.
    drafts.packets.sort_by_key(|draft| draft.at_us);
    for draft in &drafts.packets {
        let packet = Packet {
            interface: draft.interface,
            at_us: title.epoch_us.saturating_add(draft.at_us),
            outbound: draft.outbound,
            comment: draft.decisive.then_some(title.decisive),
            frame: &draft.frame,
        };
        block::packet(&mut file, packet);
    }
    file
}

fn key_log(events: &[WireEvent]) -> Vec<u8> {
    let mut lines = Vec::new();
    for event in events {
        if let Happening::KeyLog(line) = &event.what {
            lines.extend_from_slice(line.expose());
        }
    }
    lines
}

struct Draft {
    at_us: u64,
    interface: u32,
    outbound: bool,
    decisive: bool,
    frame: Vec<u8>,
}

#[derive(Default)]
struct Drafts {
    packets: Vec<Draft>,
    open: BTreeMap<u32, (EvidenceRole, Conversation)>,
    serials: BTreeSet<u64>,
    origins: u32,
    decisive_serial: Option<u64>,
}

impl Drafts {
    fn add(&mut self, event: &WireEvent, decisive: Option<Decisive>) {
        if let Happening::Origin(request) = &event.what {
            self.origin(request, event.at_us);
            return;
        }
        let Some(number) = event.connection else {
            return;
        };
        if let Happening::Opened { role, from, to } = &event.what {
            let ends = ((&*from.octets, from.port), (&*to.octets, to.port));
            let conversation = Conversation::new(ends.0, ends.1, number);
            self.open.insert(number, (*role, conversation));
        }
        let Some((role, conversation)) = self.open.get_mut(&number) else {
            return;
        };
        let mut at_octet = usize::MAX;
        let frames = match &event.what {
            Happening::Opened { .. } => conversation.open(),
            Happening::Octets(direction, octets) => {
                if decisive.is_some_and(|decisive| decisive.first_record) {
                    at_octet = first_record(octets);
                }
                conversation.data(*direction == Direction::Sent, octets)
            }
            Happening::Ended(direction, Ending::Fin) => {
                conversation.finish(*direction == Direction::Sent)
            }
            Happening::Ended(direction, Ending::Reset) => {
                conversation.reset(*direction == Direction::Sent)
            }
            _ => return,
        };
        let segment = conversation.segment_size();
        let last = match event.what {
            // The acknowledgement of a FIN is not what decided.
            Happening::Ended(..) => 0,
            _ => frames.len().saturating_sub(1),
        };
        let mark = decisive.map(|_| last.min(at_octet / segment));
        let at = (*role, event.at_us);
        self.put(frames, at, mark);
    }

    fn put(&mut self, frames: Vec<Frame>, (role, at_us): (EvidenceRole, u64), mark: Option<usize>) {
        let interface = EvidenceRole::ALL.iter().position(|known| *known == role);
        let interface = interface.and_then(|index| u32::try_from(index).ok());
        // What the origin sees comes to presec; all else goes out from it.
        let ours = role != EvidenceRole::Origin;
        for (index, frame) in frames.into_iter().enumerate() {
            self.packets.push(Draft {
                at_us,
                interface: interface.unwrap_or(0),
                outbound: frame.from_opener == ours,
                decisive: mark == Some(index),
                frame: frame.bytes,
            });
        }
    }

    /// A request at the origin as a connection of its own; looked at more than once, it is there once.
    fn origin(&mut self, request: &OriginRequest, told_at: u64) {
        if !self.serials.insert(request.serial) {
            return;
        }
        self.origins += 1;
        let from = (&*request.from.octets, request.from.port);
        let to = (&*request.to.octets, request.to.port);
        // Apart from the numbers of the connections of the case.
        let mut conversation = Conversation::new(from, to, u32::MAX - self.origins);
        let mut frames = conversation.open();
        frames.extend(conversation.data(true, &head(request)));
        let decided = self.decisive_serial == Some(request.serial);
        let mark = decided.then(|| frames.len().saturating_sub(1));
        frames.extend(conversation.finish(true));
        let at = (EvidenceRole::Origin, request.at_us.unwrap_or(told_at));
        self.put(frames, at, mark);
    }
}

/// A request head as the observer read it.
fn head(request: &OriginRequest) -> Vec<u8> {
    let one_line = |text: &str| text.replace(['\r', '\n'], " ");
    let mut head = format!("{} HTTP/1.1\r\n", one_line(&request.line));
    for (name, value) in &request.fields {
        head.push_str(&format!("{}: {}\r\n", one_line(name), one_line(value)));
    }
    head.push_str("\r\n");
    head.into_bytes()
}

/// The last octet of the first TLS record in `octets`.
fn first_record(octets: &[u8]) -> usize {
    match octets {
        [_, _, _, high, low, ..] => {
            RECORD_HEADER + usize::from(u16::from_be_bytes([*high, *low])) - 1
        }
        _ => usize::MAX,
    }
}
