//! What records tell about people: invented, and recognisable, so that it can be looked for where it must not be.

/// Stands in each customer's name, attributes and notes, and nowhere else.
pub const CANARY: &str = "Canary";

/// A customer's telephone number, in a range that Ireland keeps for drama.
pub(crate) fn ani(number: usize) -> String {
    format!("tel:+35320910{:04}", number % 10_000)
}

/// A customer's name.
pub(crate) fn name(number: usize) -> String {
    format!("{CANARY} Customer {number}")
}

/// What an agent wrote.
pub(crate) fn note(number: usize) -> String {
    format!("{CANARY} note: called about invoice {number}")
}

/// What the flow remembered about the customer.
pub(crate) fn attributes(number: usize) -> [(&'static str, String); 2] {
    [
        ("customer.account", format!("{CANARY}-{number}")),
        ("customer.mail", format!("{CANARY}.{number}@example.org")),
    ]
}
