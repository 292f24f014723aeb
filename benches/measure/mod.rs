//! CPU time of one thread, and two ways of doing the same measured beside each other.
//!
//! A busy machine stretches wall time by any factor, but hardly the CPU time a thread uses, and not the ratio of two
//! that take turns. So that is what is reported; nothing here fails because a machine is slow.

use std::error::Error;
use std::fs;
use std::time::Duration;

/// What a bench ends with: nothing, or why it could not measure.
pub(crate) type Measured<T> = Result<T, Box<dyn Error>>;

/// The CPU time this thread has used, user and system, from the scheduler's account (Linux).
///
/// # Errors
/// The system keeps no such account.
fn cpu() -> Measured<Duration> {
    // The account is brought up to date when the thread gives way, else only at the next tick.
    std::thread::yield_now();
    let account = fs::read_to_string("/proc/thread-self/schedstat")?;
    let used = account.split_whitespace().next().unwrap_or_default();
    Ok(Duration::from_nanos(used.parse()?))
}

/// Medians of two ways of doing the same.
pub(crate) struct Compared {
    /// CPU time of ours, once.
    pub(crate) ours: Duration,
    /// CPU time of the peer, once.
    pub(crate) peer: Duration,
    /// Ours divided by the peer's, round by round.
    pub(crate) ratio: f64,
}

/// Lets both take turns, after one round that does not count; each says what CPU it took once.
///
/// # Errors
/// The first error of either.
pub(crate) fn compare(
    rounds: usize,
    mut ours: impl FnMut() -> Measured<Duration>,
    mut peer: impl FnMut() -> Measured<Duration>,
) -> Measured<Compared> {
    let mut pairs = Vec::new();
    for round in 0..=rounds {
        let pair = (ours()?, peer()?);
        if round > 0 {
            pairs.push(pair);
        }
    }
    Ok(Compared {
        ours: median(pairs.iter().map(|(ours, _)| *ours).collect()),
        peer: median(pairs.iter().map(|(_, peer)| *peer).collect()),
        ratio: median_ratio(&pairs),
    })
}

/// The CPU time this thread takes to do something once, when it is done so many times.
///
/// # Errors
/// The first error of the work.
pub(crate) fn once(times: u32, mut work: impl FnMut() -> Measured<()>) -> Measured<Duration> {
    let began = cpu()?;
    for _ in 0..times {
        work()?;
    }
    Ok(cpu()?.saturating_sub(began) / times.max(1))
}

fn median(mut values: Vec<Duration>) -> Duration {
    values.sort();
    values.get(values.len() / 2).copied().unwrap_or_default()
}

fn median_ratio(pairs: &[(Duration, Duration)]) -> f64 {
    let mut ratios: Vec<f64> = pairs
        .iter()
        .map(|(ours, peer)| ours.as_secs_f64() / peer.as_secs_f64())
        .collect();
    ratios.sort_by(f64::total_cmp);
    ratios.get(ratios.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Milliseconds with three digits behind the point.
pub(crate) fn milliseconds(duration: Duration) -> String {
    format!("{:.3} ms", duration.as_secs_f64() * 1000.0)
}
