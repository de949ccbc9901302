//! The verdict of one boundary in a line that stands alone, which every format begins with.

use crate::page::counted;
use watertight_model::{Boundary, Verdict, When};

/// The profile that goes without saying.
const DEFAULT_PROFILE: &str = "conservative";

/// The parts of the line, so that each format can set them off in its own way.
pub(crate) struct Headline {
    /// `breached on network`. Under a profile other than the default it says so: what is proved there is another thing.
    pub(crate) verdict: String,
    /// `staging → production`.
    pub(crate) boundary: String,
    /// `5 ways across from 2 causes (3 now, 2 possible)`; empty for `isolated`.
    pub(crate) why: String,
}

impl Headline {
    /// That of a boundary.
    pub(crate) fn of(boundary: &Boundary, profile: &str) -> Self {
        let Boundary { from, to, verdict, channels, .. } = boundary;
        let deciding = channels.iter().filter(|channel| channel.verdict == *verdict);
        let names: Vec<&str> = deciding.map(|channel| channel.channel.name()).collect();
        let under =
            if profile == DEFAULT_PROFILE { String::new() } else { format!(" under the profile {profile}") };
        Self {
            verdict: format!("{verdict} on {}{under}", names.join(", ")),
            boundary: format!("{from} → {to}"),
            why: why(boundary),
        }
    }

    /// All of it: `breached on network: staging → production, 5 ways across from 2 causes (3 now, 2 possible)`.
    pub(crate) fn line(&self) -> String {
        let Self { verdict, boundary, why } = self;
        let why = if why.is_empty() { String::new() } else { format!(", {why}") };
        format!("{verdict}: {boundary}{why}")
    }
}

fn why(boundary: &Boundary) -> String {
    let channels = || boundary.channels.iter();
    match boundary.verdict {
        Verdict::Isolated => String::new(),
        Verdict::Unknown => {
            counted(channels().map(|channel| channel.blind_spots.len()).sum(), "blind spot", "blind spots")
        }
        Verdict::Breached => {
            let breaches = || channels().flat_map(|channel| &channel.breaches);
            let count = |when| {
                breaches().filter(|breach| breach.when == when).map(|breach| breach.count).sum::<usize>()
            };
            let (now, possible) = (count(When::Now), count(When::Possible));
            let ways = counted(now + possible, "way across", "ways across");
            let causes = counted(boundary.causes().len(), "cause", "causes");
            let when = match (now, possible) {
                (_, 0) => "now".to_owned(),
                (0, _) => "possible".to_owned(),
                _ => format!("{now} now, {possible} possible"),
            };
            format!("{ways} from {causes} ({when})")
        }
    }
}
