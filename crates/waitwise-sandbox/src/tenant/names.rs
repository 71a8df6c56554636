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
pub(super) fn skills(n: usize, stream: &mut Stream) -> Vec<&'static str> {
    let mut names = SKILLS.to_vec();
    (0..n)
        .map(|_| names.remove(stream.pick(0, names.len() - 1)))
        .collect()
}
