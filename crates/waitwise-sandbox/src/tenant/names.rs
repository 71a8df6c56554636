//! What things are called in a generated tenant.

use crate::centre::draw::Stream;

/// The queue whose conversations are simulated.
pub(super) const TARGET_QUEUE: &str = "Customer Service";

/// Queues that exist only as the owners of further rules.
pub(super) const OTHER_QUEUES: [&str; 3] = ["Back Office", "Dealer Line", "Night Desk"];

/// An active skill that the rule names and nobody calls for.
pub(super) const WITHOUT_CALLERS: &str = "Loyalty Programme";

/// A skill that is listed but not to be used.
pub(super) const INACTIVE: &str = "Fax Orders";

/// Codes of a skill that has several, with their relative shares of its calls.
pub(super) const CODES_OF_SKILL: [(&str, f64); 3] = [
    ("Resolved", 0.60),
    ("Follow-up agreed", 0.28),
    ("Passed on", 0.12),
];

/// Codes that say something other than what the call was about.
pub(super) const CODES_OF_NO_SKILL: [&str; 2] = ["Wrong number", "Silent call"];

const SKILLS: [&str; 14] = [
    "Billing",
    "Technical Support",
    "Sales",
    "Complaints",
    "Account Changes",
    "Shipping",
    "Returns",
    "Subscriptions",
    "Password Reset",
    "Appointments",
    "Warranty",
    "Fraud",
    "Moving House",
    "Payment Plans",
];

/// `n` different skill names, the one with most callers first.
pub(super) fn skills(n: usize, stream: &mut Stream) -> Vec<String> {
    let mut names = SKILLS.to_vec();
    (0..n)
        .map(|_| names.remove(stream.pick(0, names.len() - 1)).to_owned())
        .collect()
}

/// What comes behind a skill's name in a tenant with many skills.
const KINDS: [&str; 4] = ["", " Business", " Partners", " Abroad"];

/// The most skills that [`many`] can name.
pub(super) const MANY_MAX: u16 = 56;

const _: () = assert!(SKILLS.len() * KINDS.len() == MANY_MAX as usize);

/// `n` different skill names, [`MANY_MAX`] at most, the one with most callers first.
pub(super) fn many(n: u16) -> Vec<String> {
    let names = KINDS
        .iter()
        .flat_map(|kind| SKILLS.map(|skill| format!("{skill}{kind}")));
    names.take(usize::from(n)).collect()
}

/// What the `place`th code of a skill says, from 0.
pub(super) fn result(place: usize) -> String {
    match CODES_OF_SKILL.get(place) {
        Some((result, _)) => (*result).to_owned(),
        None => format!("Outcome {}", place + 1),
    }
}

/// The organisation.
pub(super) const ORGANISATION: &str = "Harbour Mutual";

/// Its divisions, everybody's home first.
pub(super) const DIVISIONS: [&str; 2] = ["Home", "Outsourced"];

const FIRST: [&str; 20] = [
    "Aoife", "Bram", "Carmen", "Dmitri", "Elif", "Femi", "Grace", "Hana", "Ivo", "Jana", "Kofi",
    "Lena", "Marek", "Nadia", "Oscar", "Priya", "Quentin", "Rosa", "Sven", "Tara",
];

const LAST: [&str; 21] = [
    "Adler", "Byrne", "Costa", "Dahl", "Egan", "Fischer", "Gallo", "Hughes", "Ito", "Jansen",
    "Kelly", "Lopez", "Murphy", "Novak", "Okafor", "Petit", "Quinn", "Rossi", "Silva", "Tran",
    "Ueda",
];

/// The name of the `n`th user, from 0: the first 420 differ, and so do those after them by a number.
pub(super) fn user(n: usize) -> String {
    // 20 and 21 have no common divisor, so the pairs only come again after 20 · 21.
    let name = format!("{} {}", FIRST[n % FIRST.len()], LAST[n % LAST.len()]);
    match n / (FIRST.len() * LAST.len()) {
        0 => name,
        round => format!("{name} {}", round + 1),
    }
}
