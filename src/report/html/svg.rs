//! A ladder as inline SVG. Measures are CSS pixels; colours come from the page's style.

use maud::{Markup, PreEscaped, html};

use crate::report::ladder::{Ladder, Lane, Line, Look, Rung};

/// From a border to the first lane.
const MARGIN: usize = 46;
/// From one lane to the next.
const GAP: usize = 288;
/// From one message to the next.
const PITCH: usize = 28;
/// Above the first message, where the lanes have their names.
const TOP: usize = 26;

/// The arrow head that all ladders share.
pub(super) fn definitions() -> Markup {
    PreEscaped(
        "<svg width=\"0\" height=\"0\" aria-hidden=\"true\" focusable=\"false\" class=\"defs\"><defs>\
         <marker id=\"ah\" viewBox=\"0 0 8 8\" refX=\"7.5\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" \
         markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path d=\"M0 .5 8 4 0 7.5z\" fill=\"context-stroke\"/></marker>\
         </defs></svg>"
            .to_owned(),
    )
}

/// The ladder, in a frame that scrolls sideways where it is wider than the page.
pub(super) fn draw(ladder: &Ladder, target: &str) -> Markup {
    let lines: usize = ladder.rungs.iter().map(|rung| rung.lines.len()).sum();
    let width = MARGIN * 2 + GAP * ladder.lanes.len().saturating_sub(1);
    let bottom = TOP + PITCH * lines + 8;
    let label = description(ladder, target);
    let firsts = ladder.rungs.iter().scan(0, |row, rung| {
        let first = *row;
        *row += rung.lines.len();
        Some(first)
    });
    html! {
        div .scroll .l tabindex="0" role="group" aria-label="Ladder diagram" {
            svg role="img" aria-label=(label) width=(width) height=(bottom + 4)
                viewBox=(format!("0 0 {width} {}", bottom + 4)) {
                @for lane in &ladder.lanes {
                    @let x = place(ladder, *lane);
                    path .r d=(format!("M{x} {}V{bottom}", TOP - 6)) {}
                    text .n x=(x) y="14" { (name(*lane, target)) }
                }
                @for (rung, first) in ladder.rungs.iter().zip(firsts) {
                    (draw_rung(ladder, rung, first, width))
                }
            }
        }
    }
}

/// What someone who does not see the picture is told; the list of steps says the rest.
fn description(ladder: &Ladder, target: &str) -> String {
    let lanes: Vec<&str> = ladder
        .lanes
        .iter()
        .map(|lane| name(*lane, target))
        .collect();
    let decided = ladder
        .rungs
        .iter()
        .find(|rung| rung.decisive)
        .map_or_else(String::new, |rung| {
            format!("; step {} decides", rung.step + 1)
        });
    format!(
        "The {} steps listed beside it, as messages between {}{decided}",
        ladder.rungs.len(),
        lanes.join(", ")
    )
}

fn name(lane: Lane, target: &str) -> &str {
    match lane {
        Lane::Ue => "UE",
        Lane::Target => target,
        Lane::Origin => "Origin",
    }
}

fn place(ladder: &Ladder, lane: Lane) -> usize {
    let index = ladder.lanes.iter().position(|one| *one == lane);
    MARGIN + GAP * index.unwrap_or(0)
}

fn draw_rung(ladder: &Ladder, rung: &Rung, first: usize, width: usize) -> Markup {
    let top = TOP + PITCH * first;
    html! {
        @if rung.decisive {
            rect .dz x="1" y=(top + 1) width=(width - 2) height=(PITCH * rung.lines.len() + 1) rx="4" {}
        }
        text .i x="6" y=(top + PITCH - 8) { (rung.step + 1) }
        @for (index, line) in rung.lines.iter().enumerate() {
            (draw_line(ladder, line, top + PITCH * (index + 1) - 4))
        }
    }
}

fn draw_line(ladder: &Ladder, line: &Line, y: usize) -> Markup {
    match line {
        Line::Message {
            from,
            to,
            look,
            label,
        } => {
            let (start, end) = (place(ladder, *from), place(ladder, *to));
            let middle = usize::midpoint(start, end);
            let class = match look {
                Look::Arrived => "q",
                Look::Answered => "a",
                Look::Refused => "f",
                Look::Missing => "x",
            };
            html! {
                text x=(middle) y=(y - 6) { (fit(label, GAP - 14)) }
                @if *look == Look::Missing {
                    path .x d=(format!("M{start} {y}H{middle}m-4-3 8 6m0-6-8 6")) {}
                } @else {
                    path class=(class) d=(format!("M{start} {y}H{end}")) {}
                }
            }
        }
        Line::Note { at, label } => {
            let x = place(ladder, *at);
            let last = ladder.lanes.last() == Some(at);
            html! {
                circle cx=(x) cy=(y - 8) r="3" {}
                text class=(if last { "e" } else { "s" }) x=(if last { x - 8 } else { x + 8 }) y=(y - 5) { (fit(label, GAP - 20)) }
            }
        }
    }
}

/// As much of `text` as fits into `room` pixels of the ladder's font, by the width that letters of its kind usually have.
fn fit(text: &str, room: usize) -> String {
    let width = |c: char| match c {
        'A'..='Z' | '_' | '@' | '%' | 'm' | 'w' => 78,
        'i' | 'l' | 'j' | 't' | 'f' | 'r' | '.' | ',' | ':' | ';' | '\'' | '|' | ' ' | '('
        | ')' => 38,
        c if c.is_ascii() => 63,
        _ => 110,
    };
    let mut used = 0;
    let mut out = String::new();
    for c in text.chars() {
        used += width(c);
        if used > room * 10 {
            while used + 110 > room * 10 {
                match out.pop() {
                    Some(last) => used -= width(last),
                    None => break,
                }
            }
            out.push('…');
            return out;
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_cut_to_their_room_and_say_so() {
        assert_eq!(fit("short", 200), "short");
        let cut = fit(&"W".repeat(100), 100);
        assert!(cut.ends_with('…') && cut.chars().count() < 15, "{cut}");
        assert_eq!(fit("ab", 0), "…");
    }
}
